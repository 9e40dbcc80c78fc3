"""Curves of groups in the report, the numbers below them, and the ratios of their hazards."""

from dataclasses import replace
from typing import Any

import pytest

from tests.figures.support import NAMES, comparison, survived
from tests.report.conftest import Run
from timeline.report.html.analyses import Setting, section
from timeline.report.html.runtime import image
from timeline.report.redaction import redact
from timeline.study.results import EstimateResult
from timeline.survival import RiskTable

SETTING = Setting("a study (reconstructed data)")


def drawn(chart: dict[str, Any], mark: str) -> list[list[dict[str, Any]]]:
    """The rows of each layer of a chart that draws this mark."""
    return [chart["datasets"][layer["data"]["name"]] for layer in chart["layer"] if layer["mark"]["type"] == mark]


def test_below_a_curve_stand_those_at_risk_with_the_event_and_censored() -> None:
    # Of four, one has the event on day 400, one is censored on day 800, one has the event and one is censored on 1,461.
    group = survived("all", RiskTable.from_patients([400, 800, 1461, 1461], [1, 0, 1, 0]))
    made = section(EstimateResult("os", "OS", "all", group, ()), SETTING)
    heading, called, numbers = drawn(made.figures[0].live, "text")
    assert heading[0]["t_"] == "Patients at risk, and those who left so far"
    assert called[0]["t_"].split("\n") == ["At risk", "Events", "Censored"]
    # In years: 365.25, 730.5, 1095.75 and 1,461 days, on which the last two are at risk, and have left.
    told = {row["x"]: tuple(map(int, row["t_"].split("\n"))) for row in numbers}
    assert told == {0: (4, 0, 0), 1: (4, 0, 0), 2: (3, 1, 0), 3: (2, 1, 1), 4: (2, 2, 2)}
    assert image(made.figures[0].still).count("Censored") == 1


def test_each_group_of_a_comparison_has_its_numbers_below_the_curves() -> None:
    result = comparison(3, 50, NAMES["short"])
    texts = drawn(section(result, SETTING).figures[0].live, "text")[1:]
    for group, name, called, numbers in zip(result.groups, texts[::3], texts[1::3], texts[2::3], strict=True):
        assert name[0]["t_"] == group.label
        assert called[0]["t_"] == "At risk\nEvents\nCensored"
        last = group.curve.at(365.25 * numbers[-1]["x"])
        assert numbers[-1]["t_"] == f"{last.at_risk}\n{last.events}\n{last.censored}"


def test_who_left_when_is_not_told_where_small_numbers_are_hidden(m1: Run) -> None:
    result = redact(m1.result, 5)
    (first, *_) = [item for item in result.analyses if isinstance(item, EstimateResult)]
    made = section(first, replace(SETTING, suppressed=5))
    heading, numbers = drawn(made.figures[0].live, "text")
    assert heading[0]["t_"] == "Numbers at risk"
    assert not any("\n" in row["t_"] for row in numbers)
    assert "events and censored" not in made.figures[0].caption


def test_a_dotted_line_leads_from_one_half_down_to_each_median() -> None:
    result = comparison(2, 200, NAMES["short"])
    first, second = [group.median.time for group in result.groups]
    assert first is not None
    assert second is not None
    guides = drawn(section(result, SETTING).figures[0].live, "rule")[0]
    across, *down = [(row["x"], row["x2"], row["y"], row["y2"]) for row in guides]
    years = [pytest.approx(day / 365.25, rel=1e-5) for day in (first, second)]
    assert across == (0, years[first < second], 0.5, 0.5)  # to the later one
    assert down == [(year, year, 0, 0.5) for year in years]


def test_without_a_median_no_line_is_dotted() -> None:
    group = survived("all", RiskTable.from_patients([400, 800], [0, 0]))
    chart = section(EstimateResult("os", "OS", "all", group, ()), SETTING).figures[0].still
    assert drawn(chart, "rule") == []


def test_the_hazard_ratios_of_a_comparison_are_a_forest_plot_too() -> None:
    result = comparison(3, 50, NAMES["short"])
    assert result.hazards is not None
    made = section(result, SETTING)
    _, forest = made.figures
    ((one,), *marks) = [*drawn(forest.live, "rule"), *drawn(forest.live, "point")]
    assert one == {"x": 1}
    for rows in marks:
        assert [(row["name_"], row["x"]) for row in rows] == [
            (ratio.label, pytest.approx(ratio.ratio, rel=1e-5)) for ratio in result.hazards.ratios
        ]
    scale = next(layer["encoding"]["y"]["scale"] for layer in forest.live["layer"] if "y" in layer["encoding"])
    assert scale["domain"] == ["A (reference)", "B", "C"]
    assert "Hazard ratios (Cox) against A: B 0.7" in made.headline
    assert forest.alt.startswith("Forest plot.")
    assert image(forest.still).startswith("<svg")


def test_one_hazard_ratio_is_a_forest_plot_as_it_is_on_paper() -> None:
    result = comparison(2, 50, NAMES["short"])
    made = section(result, SETTING)
    assert "Hazard ratio (Cox) of B against A: " in made.headline
    assert len(made.figures) == 2


def test_a_long_name_goes_on_in_further_lines_and_loses_nothing() -> None:
    result = comparison(3, 50, NAMES["long"])
    curves, forest = section(result, SETTING).figures
    scale = next(layer["encoding"]["y"]["scale"] for layer in forest.live["layer"] if "y" in layer["encoding"])
    names = [f"{NAMES['long'][0]} (reference)", *NAMES["long"][1:3]]
    assert [" ".join(said.split("\n")) for said in scale["domain"]] == names
    assert max(len(line) for said in scale["domain"] for line in said.split("\n")) <= 28
    below = [rows[0]["t_"].replace("\n", " ") for rows in drawn(curves.live, "text")]
    assert set(NAMES["long"][:3]) <= set(below)


def test_a_comparison_without_hazard_ratios_has_no_forest_plot() -> None:
    made = section(replace(comparison(2, 50, NAMES["short"]), hazards=None), SETTING)
    assert len(made.figures) == 1


def test_a_band_reaches_the_day_from_which_there_are_no_limits() -> None:
    # One of three on each of three days: S is 2/3, 1/3, and 0 on day 900, where there are no limits any more.
    table = RiskTable([300, 600, 900], [1, 1, 1], [1, 1, 1])
    result = EstimateResult("os", "OS", "all", survived("all", table), (), groups=(survived("all", table),))
    chart = section(result, SETTING).figures[0].live
    rows = drawn(chart, "area")[0]
    drop, before = [row for row in rows if row["x"] == 2.46407][:2][::-1]  # 900 / 365.25
    assert (before["s"], drop["s"], drop["l"]) == (0.333333, 0, None)
    assert before["l"] == rows[2]["l"] is not None
