"""What a figure shows is what the results hold: numbers at risk, steps, phases, ratios, shares, who is left out."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.figures.support import NAMES, comparison, estimate, incidence, states, survived, swimmer
from timeline.errors import StudyError
from timeline.report.figures import attrition, forest
from timeline.report.figures import incidence as incidence_figure
from timeline.report.figures import states as states_figure
from timeline.report.figures import survival as survival_figure
from timeline.report.figures import swimmer as swimmer_figure
from timeline.report.figures.files import write
from timeline.report.figures.scale import time_axis
from timeline.report.figures.sheet import Page
from timeline.report.shown import HIDDEN
from timeline.study.results import (
    AttritionStep,
    CohortResult,
    Effect,
    EstimateResult,
    LeftOut,
    RegressionResult,
)
from timeline.survival import RiskTable

YEAR = 365.25


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def in_svg(figure: Figure, path: Path) -> dict[str, str]:
    """The texts that have a name, by their names, as the SVG holds them."""
    write(figure, path, "A title", "where it comes from")
    found = re.findall(r'<g id="([a-z-]+\d+-\d+)">\s*<!-- (.*?) -->', path.read_text(encoding="utf-8"))
    return dict(found)


def test_the_numbers_below_the_axis_are_the_estimates_at_its_ticks(tmp_path: Path) -> None:
    result = comparison(3, 400, NAMES["short"])
    shown = in_svg(survival_figure.draw(result, Page()), tmp_path / "curves.svg")
    # 3000 days are 8.2 years: ticks at 0, 1, … 8 years
    for number, group in enumerate(result.groups):
        for tick in range(9):
            at = group.curve.at(tick * YEAR)
            assert int(shown[f"at-risk-{number}-{tick}"]) == at.at_risk
            assert int(shown[f"events-{number}-{tick}"]) == at.events
            assert int(shown[f"censored-{number}-{tick}"]) == at.censored
    assert len(shown) == 3 * 3 * 9


def test_a_patient_who_leaves_on_the_day_of_a_tick_is_at_risk_on_it_and_counted_as_left(tmp_path: Path) -> None:
    result = EstimateResult("os", "OS", "all", survived("all", RiskTable([10, 20, 30], [1, 0, 1], [1, 1, 1])), ())
    shown = in_svg(survival_figure.draw(result, Page()), tmp_path / "curve.svg")
    # 30 days: ticks every 5 days; the second is day 10, the fourth day 20
    assert [shown[f"at-risk-0-{tick}"] for tick in (2, 3, 4, 5)] == ["3", "2", "2", "1"]
    assert [shown[f"events-0-{tick}"] for tick in (1, 2, 6)] == ["0", "1", "2"]
    assert [shown[f"censored-0-{tick}"] for tick in (3, 4)] == ["0", "1"]


def test_the_curve_has_the_steps_of_the_estimate() -> None:
    result = estimate(40)
    assert result.group is not None
    curve = result.group.curve
    (axes,) = survival_figure.draw(result, Page()).axes
    drawn = max(axes.lines, key=lambda line: len(line.get_xdata()))
    days = np.asarray(drawn.get_xdata()) * YEAR
    assert days.tolist() == pytest.approx([0, *curve.time.tolist()])
    assert np.asarray(drawn.get_ydata()).tolist() == pytest.approx([1, *curve.survival.tolist()])


def test_censored_patients_have_their_ticks_on_the_curve() -> None:
    table = RiskTable([100, 400, 700, 1000], [1, 0, 1, 0], [1, 1, 1, 1])
    (axes,) = survival_figure.draw(EstimateResult("os", "OS", "all", survived("all", table), ()), Page()).axes
    (marks,) = [line for line in axes.lines if line.get_marker() == "|"]
    # One of four dies on day 100, one of two on day 700: 3/4 on day 400, 3/8 on day 1000
    assert (np.asarray(marks.get_xdata()) * YEAR).tolist() == pytest.approx([400, 1000])
    assert np.asarray(marks.get_ydata()).tolist() == pytest.approx([3 / 4, 3 / 8])


def test_too_many_censored_patients_are_not_marked_and_it_says_so() -> None:
    figure = survival_figure.draw(comparison(2, 50_000, NAMES["short"]), Page())
    assert not [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert "censored patients, too many to be marked" in " ".join(texts(figure))


def test_medians_tests_and_ratios_stand_in_the_figure() -> None:
    result = comparison(2, 200, NAMES["short"])
    shown = texts(survival_figure.draw(result, Page()))
    median = result.groups[0].median
    years = [f"{day / YEAR:.2f}" for day in (median.time, median.lower, median.upper) if day is not None]
    assert f"{years[0]} ({years[1]}–{years[2]})" in shown
    assert "0.71 (0.56–>1000)" in shown
    assert "Log-rank test: χ² = 11.68 on 1 df, p = 0.0006" in shown


def test_names_too_long_for_the_rows_are_told_once_and_numbered() -> None:
    shown = texts(survival_figure.draw(comparison(2, 50, NAMES["long"]), Page()))
    assert shown.count("(1)") == shown.count("(2)") == 3  # at risk, events, censored
    assert [text for text in shown if text.startswith("(1) Short-course")]


def test_who_is_left_out_and_what_is_acknowledged_stands_below() -> None:
    whole = comparison(2, 50, NAMES["short"])
    left, known = (LeftOut("no origin", ("P1", "P2")),), (("immortal_time", "as published"),)
    result = replace(whole, left_out=left, acknowledged=known)
    said = " ".join(texts(survival_figure.draw(result, Page())))
    assert "Left out: 2, no origin." in said
    assert "Acknowledged: immortal time, as published." in said


def test_nobody_with_a_time_is_an_error_that_says_whose() -> None:
    with pytest.raises(StudyError, match="No member of trial has a time for os"):
        survival_figure.draw(EstimateResult("os", "OS", "trial", None, ()), Page())


def test_time_is_in_days_months_or_years_by_its_length() -> None:
    assert time_axis(60).unit == "days"
    assert time_axis(61).unit == "months"  # two months are 60.9 days
    assert time_axis(730).unit == "months"
    assert time_axis(731).unit == "years"  # two years are 730.5 days
    assert time_axis(3 * YEAR, most=4).ticks == (0, 1, 2, 3)
    # 200 days before are 6.6 months, 730 days 24.0: every third month from -6 to 21
    assert time_axis(730, most=11, first=-200).ticks == (-6, -3, 0, 3, 6, 9, 12, 15, 18, 21)


def test_the_numbers_below_an_incidence_are_those_of_each_cause(tmp_path: Path) -> None:
    result = incidence(1, 300, ("all",))
    shown = in_svg(incidence_figure.draw(result, Page()), tmp_path / "incidence.svg")
    recurrence, death = result.groups[0].causes
    for tick in range(9):
        assert int(shown[f"at-risk-0-{tick}"]) == recurrence.curve.at(tick * YEAR).at_risk
        assert int(shown[f"recurrence-0-{tick}"]) == recurrence.curve.at(tick * YEAR).events
        assert int(shown[f"death-without-recurrence-0-{tick}"]) == death.curve.at(tick * YEAR).events


def test_times_without_a_column_stand_below() -> None:
    result = incidence(1, 300, ("all",), causes=3)
    causes = [cause.curve.at(365.25) for cause in result.groups[0].causes]
    wide = " ".join(texts(incidence_figure.draw(result, Page(width=300))))
    narrow = " ".join(texts(incidence_figure.draw(result, Page(width=100))))
    for drawn in (wide, narrow):
        assert all(f"{100 * (at.incidence or 0):.1f} (" in drawn for at in causes)
    assert "% at 2 years:" in narrow
    assert "% at 2 years:" not in wide


def test_groups_have_a_plot_for_each_cause_with_its_test() -> None:
    figure = incidence_figure.draw(incidence(3, 100, NAMES["short"]), Page())
    assert len(figure.axes) == 2
    assert texts(figure).count("Gray’s test: χ² = 4.20 on 2 df, p = 0.0400") == 2


def test_groups_show_their_incidence_at_the_times_asked_for() -> None:
    result = incidence(3, 100, NAMES["short"])
    said = " ".join(texts(incidence_figure.draw(result, Page(width=300))))
    assert said.count("% at 2 years") == 2  # one key a cause
    for group in result.groups:
        for cause in group.causes:
            assert all(f"{100 * (at.incidence or 0):.1f} (" in said for at in cause.incidence)


def test_each_group_has_its_stacked_states() -> None:
    figure = states_figure.draw(states(("alive", "dead"), n=600, by="radical"), Page())
    said = texts(figure)
    assert len(figure.axes) == 2
    assert {"radical (n = 600)", "not radical (n = 600)", "Under observation, not radical"} <= set(said)


def test_stacked_states_sum_to_everyone_and_count_who_is_in_each(tmp_path: Path) -> None:
    result = states(("alive", "with recurrence", "dead"), n=600)
    figure = states_figure.draw(result, Page())
    edges = [np.asarray(line.get_ydata()) for line in figure.axes[0].lines]
    assert edges[-1].tolist() == pytest.approx([1.0] * len(result.groups[0].curve.time))
    assert (edges[1] - edges[0]).tolist() == pytest.approx(result.groups[0].curve.shares[1].tolist())
    shown = in_svg(figure, tmp_path / "states.svg")
    # Days are 0, 30, 60 …: just before 365.25, the end of the first year, those on day 390 are counted
    assert int(shown["under-observation-1-1"]) == result.groups[0].curve.at_risk[1, 390 // 30]


def test_a_state_that_nobody_leaves_has_no_row_of_zeros() -> None:
    whole = states(("alive", "with recurrence", "dead"))
    at_risk = whole.groups[0].curve.at_risk.copy()
    at_risk[2] = 0
    group = whole.groups[0]
    whole = replace(whole, groups=(replace(group, curve=replace(group.curve, at_risk=at_risk)),))
    shown = texts(states_figure.draw(whole, Page()))
    assert [shown.count(state) for state in whole.states] == [2, 2, 1]  # in the key, and below the plot


def test_a_model_has_a_heading_for_a_factor_and_a_row_for_any_other_covariate() -> None:
    numbers = (100, 0.5, 0.3, 0.8, -0.7, 0.2, 0.01)
    effects = (
        Effect("stage", "II", "I", "", *numbers),
        Effect("stage", "III", "I", "", *numbers),
        Effect("age", None, None, "year", *numbers),
        Effect("radical", None, None, "", *numbers),
    )
    model = RegressionResult("cox", "os", "OS", "all", (), None, 9, 8, effects, ("radical",), (), None, (), ())
    shown = texts(forest.draw(model, Page()))
    rows = ["stage", "II against I", "III against I", "age, a year more", "radical, as it happens"]
    assert [text for text in shown if text in rows] == rows


def test_lanes_have_the_phases_and_the_events_of_their_patients() -> None:
    result = swimmer(10, ("treatment", "free"), ongoing=True)
    (axes,) = swimmer_figure.draw(result, Page()).axes
    bars = sorted((bar.get_y(), bar.get_x(), bar.get_width()) for bar in axes.patches)
    starts = [phase.start_day for row in result.rows for phase in row.phases]
    lengths = [phase.end_day - phase.start_day for row in result.rows for phase in row.phases]
    assert [x for _, x, _ in bars] == pytest.approx(starts)  # 20 days: the axis is in days
    assert [width for _, _, width in bars] == pytest.approx(lengths)
    marks = {line.get_marker(): line for line in axes.lines}
    assert list(marks["o"].get_xdata()) == [row.events[0].start_day for row in result.rows]
    assert list(marks[">"].get_xdata()) == [20 - k for k in range(10)]  # observation goes on at the end of each lane


@pytest.mark.parametrize("ongoing", [False, None])
def test_no_arrow_where_observation_does_not_go_on(ongoing: bool | None) -> None:
    figure = swimmer_figure.draw(swimmer(5, ("treatment",), ongoing), Page())
    assert [line for line in figure.axes[0].lines if line.get_marker() == ">"] == []
    assert "still observed" not in texts(figure)


def test_a_swimmer_plot_of_5000_draws_120_and_says_what_it_leaves_out() -> None:
    rows = swimmer(5000).rows
    drawn = swimmer_figure.spread(rows, swimmer_figure.MOST_LANES)
    assert (drawn[0], drawn[-1], len(drawn)) == (rows[0], rows[-1], 120)
    figure = swimmer_figure.draw(swimmer(5000), Page())
    said = " ".join(texts(figure))
    assert "120 of 5000 patients, evenly spaced from the longest history to the shortest; 4880 are left out." in said
    assert "Patients (n = 120)" in said
    assert len(figure.axes[0].patches) == 120


def test_a_swimmer_plot_of_as_many_as_there_is_room_for_leaves_nobody_out() -> None:
    figure = swimmer_figure.draw(swimmer(120), Page())
    assert len(figure.axes[0].patches) == 120
    assert "left out" not in " ".join(texts(figure))


def test_a_swimmer_plot_carries_no_patients_id() -> None:
    assert not [text for text in texts(swimmer_figure.draw(swimmer(20), Page())) if re.fullmatch(r"P\d+", text)]


def test_the_flow_of_a_cohort_has_that_of_the_cohort_it_is_made_from_before_its_own() -> None:
    first = CohortResult("trial", "Trial", 100, (AttritionStep("adult", 90, 10, 3),), 90)
    part = CohortResult(
        "part",
        "Part",
        100,
        (AttritionStep("from trial", 90, 10, 0), AttritionStep("died", 70, 20, 0, excluding=True)),
        70,
    )
    flow = attrition.stages(part, [first, part])
    assert [(stage.label, stage.n) for stage in flow] == [("Trial", 90), ("Part", 70)]
    shown = texts(attrition.draw(part, [first, part], Page()))
    assert [text for text in shown if text.startswith("n = ")] == ["n = 100", "n = 90", "n = 70"]
    # 10 fell, for 3 of them it is unknown: 10 - 3 = 7 are known not to be adult
    assert {"• not “adult” (n = 7)", "• “adult” unknown (n = 3)", "• “died” (n = 20)"} <= set(shown)


def test_a_forest_plot_shows_each_ratio_at_its_place_and_names_the_reference() -> None:
    figure = forest.draw(comparison(3, 50, NAMES["short"]), Page())
    squares = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    assert [float(np.asarray(line.get_xdata())[0]) for line in squares] == [0.71, 0.71]
    assert "A (reference)" in texts(figure)
    assert figure.axes[0].get_xscale() == "log"


def test_limits_beyond_the_scale_of_a_forest_plot_end_in_an_arrow() -> None:
    figure = forest.draw(comparison(2, 50, NAMES["short"]), Page())  # its upper limit is 1234.5
    assert [line.get_marker() for line in figure.axes[0].lines if line.get_marker() in ("<", ">")] == [">"]


def test_counts_that_must_not_be_told_are_in_no_figure() -> None:
    steps = (AttritionStep("registered", 90, 10, 4), AttritionStep("operated on", HIDDEN, HIDDEN, 0))
    drawn = texts(attrition.draw(CohortResult("trial", "Trial", 100, steps, HIDDEN), (), Page()))
    # 10 fell, of these 4 unknown: 6; of the second step neither number may be shown
    assert "• not “registered” (n = 6)" in drawn
    assert "• not “operated on” (n = hidden)" in drawn
    assert "Excluded (n = hidden)" in drawn
    assert not [text for text in drawn if "-1" in text]


def test_a_curve_that_must_not_be_shown_is_an_error_that_says_why() -> None:
    result = estimate(40)
    assert result.group is not None
    curve = replace(result.group.curve, survival=np.full_like(result.group.curve.survival, np.nan))
    hidden = replace(result, group=replace(result.group, curve=curve))
    with pytest.raises(StudyError, match="The curves of os in all cannot be shown"):
        survival_figure.draw(hidden, Page(suppressed=True))
