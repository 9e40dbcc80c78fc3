"""No text lies on another or beyond the edge, whatever the number of groups, their names and the number of patients."""

from datetime import date

import pytest
from matplotlib.figure import Figure

from dsl.catalog import Catalog
from tests.figures.support import (
    NAMES,
    beyond_the_edge,
    comparison,
    estimate,
    incidence,
    overlaps,
    states,
    swimmer,
)
from timeline.errors import StudyError
from timeline.report.figures import attrition, forest, patient
from timeline.report.figures import incidence as incidence_figure
from timeline.report.figures import states as states_figure
from timeline.report.figures import survival as survival_figure
from timeline.report.figures import swimmer as swimmer_figure
from timeline.report.figures.sheet import Page
from timeline.study.results import AttritionStep, CohortResult, Effect, RegressionResult

PAGE = Page(
    "A title that is long enough to need more than one line on a figure of the usual width, as titles are", ("M1",)
)


def assert_readable(figure: Figure) -> None:
    assert overlaps(figure) == []
    assert beyond_the_edge(figure) == []


def test_the_measure_finds_texts_that_overlap_and_texts_beyond_the_edge() -> None:
    figure = Figure()
    figure.text(0.5, 0.5, "one")
    figure.text(0.51, 0.5, "other")
    figure.text(0.99, 0.9, "beyond")
    assert overlaps(figure) == [("one", "other")]
    assert beyond_the_edge(figure) == ["beyond"]


@pytest.mark.parametrize("n", [10, 100_000])
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("groups", [2, 3, 4, 5])
def test_curves_of_several_groups_are_readable(groups: int, names: str, n: int) -> None:
    assert_readable(survival_figure.draw(comparison(groups, n, NAMES[names]), PAGE))


@pytest.mark.parametrize("width", [85, 120, 400])
@pytest.mark.parametrize("n", [1, 10, 100_000])
def test_one_curve_is_readable_at_any_width(n: int, width: float) -> None:
    assert_readable(survival_figure.draw(estimate(n), Page("Overall survival", (), width)))


@pytest.mark.parametrize("last", [1, 2, 91, 200, 1100, 40_000])
def test_curves_are_readable_however_long_patients_are_followed(last: int) -> None:
    assert_readable(survival_figure.draw(comparison(3, 500, NAMES["short"], last), PAGE))


@pytest.mark.parametrize("n", [10, 100_000])
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("groups", [1, 2, 5])
def test_incidence_is_readable(groups: int, names: str, n: int) -> None:
    assert_readable(incidence_figure.draw(incidence(groups, n, NAMES[names], causes=3), PAGE))


@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("by", [None, "radical"])
def test_states_are_readable(names: str, count: int, by: str | None) -> None:
    assert_readable(states_figure.draw(states(NAMES[names][:count], n=100_000, by=by), PAGE))


@pytest.mark.parametrize("n", [1, 10, 120, 5000])
@pytest.mark.parametrize("phases", [(), NAMES["long"][:3]], ids=["plain", "phases"])
def test_swimmer_plots_are_readable(n: int, phases: tuple[str, ...]) -> None:
    assert_readable(swimmer_figure.draw(swimmer(n, phases, ongoing=True), PAGE))


@pytest.mark.parametrize("names", NAMES)
def test_forest_plots_are_readable(names: str) -> None:
    assert_readable(forest.draw(comparison(5, 100, NAMES[names]), PAGE))


@pytest.mark.parametrize(
    ("lower", "upper"), [(0.9, 1.1), (0.0001, 0.02), (1.5, 1e6), (0.001, 900.0)], ids=["narrow", "low", "high", "wide"]
)
def test_forest_plots_of_a_model_are_readable(lower: float, upper: float) -> None:
    middle = (lower * upper) ** 0.5
    stage, number = "stage at diagnosis", ("mg/m2", 100, middle, lower, upper, 0.0, 1.0, 0.00001)
    levels = [Effect(stage, level, "I", "", 123_456, middle, lower, upper, 0.0, 1.0, 0.5) for level in ("II", "III")]
    effects = (*levels, Effect(NAMES["long"][0], None, None, *number))
    model = RegressionResult("cox", "os", "Overall survival", "all", (), None, 9, 8, effects, (), (), None, (), ())
    assert_readable(forest.draw(model, PAGE))


@pytest.mark.parametrize("names", NAMES)
def test_the_flow_of_attrition_is_readable(names: str) -> None:
    steps = tuple(AttritionStep(name, 1000, 123_456, 12, excluding=k == 1) for k, name in enumerate(NAMES[names]))
    whole = CohortResult("trial", NAMES[names][0], 500_000, steps, 1000)
    narrower = CohortResult("part", "Part", 500_000, (AttritionStep("from trial", 1000, 499_000, 0), *steps), 7)
    assert_readable(attrition.draw(narrower, [whole, narrower], PAGE))


@pytest.mark.parametrize("years", [0, 1, 3, 60])
def test_a_patient_is_readable(years: int) -> None:
    events = [
        {
            "event": name,
            "event_id": f"e{k}",
            "start": date(1950 + years * (k % 7) // 7, 1 + k % 12, 1 + k % 28),
            "end": None,
        }
        for k, name in enumerate(
            ("surgery", "follow_up", "an_event_type_with_a_name_of_many_words_and_more_words") * 50
        )
    ]
    assert_readable(patient.draw(events, Catalog(), PAGE))


def test_a_figure_that_would_be_too_narrow_says_what_it_needs() -> None:
    with pytest.raises(StudyError, match="40 mm") as refused:
        survival_figure.draw(estimate(), Page(width=40))
    assert "from 85 to 1000 mm" in refused.value.hint
