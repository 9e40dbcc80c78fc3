"""Every kind of result has a section, with its figure; each is built here by hand."""

from dataclasses import replace
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

from tests.report.conftest import Run
from timeline.report.html.analyses import Setting, section
from timeline.report.html.flow import layout
from timeline.report.html.markup import unbroken
from timeline.report.html.parts import Grid
from timeline.report.html.runtime import image
from timeline.report.html.tables import table
from timeline.report.redaction import redact
from timeline.report.shown import HIDDEN
from timeline.study.results import (
    AnalysisResult,
    AttritionStep,
    CohortResult,
    Effect,
    Passage,
    RegressionResult,
    StatesAt,
    StatesCurve,
    StatesGroup,
    StatesResult,
    StudyResult,
)

SETTING = Setting("a study (reconstructed data)")
EFFECTS = (
    Effect("arm", "B", "A", "", 30, 0.5, 0.25, 1.0, -0.69, 0.35, 0.05),
    Effect("age", None, None, "years", 60, 1.02, 0.99, float("inf"), 0.02, 0.01, 0.2),
)
REGRESSION = RegressionResult(
    "cox",
    "os",
    "Overall survival",
    "trial",
    ("sex",),
    None,
    60,
    40,
    EFFECTS,
    ("arm",),
    (),
    0.6,
    (),
    (),
    title="Table 3",
)
AT = StatesAt(365.25, (0.75, 0.25), (40, 0), (0.62, 0.16), (0.84, 0.37))
SHARES = np.array([[1, 0.9, 0.7], [0, 0.1, 0.3]])
CURVE = StatesCurve(np.array([0, 100, 400]), SHARES, SHARES, SHARES, np.array([[60, 60, 40], [0, 0, 0]]))
GROUP = StatesGroup("all", 60, (AT,), (Passage("alive", "dead", 20),), CURVE)
STATES = StatesResult("os", "Overall survival", "trial", None, ("alive", "dead"), (GROUP,), ())


@pytest.mark.parametrize("kind", get_args(AnalysisResult))
def test_every_kind_of_result_has_its_section(kind: type) -> None:
    assert section.dispatch(kind) is not section.dispatch(object)


def test_a_model_is_a_forest_plot_and_a_table() -> None:
    made = section(REGRESSION, SETTING)
    assert made.title == "Table 3: Overall survival in trial: Cox's model"
    assert "arm: B against A: 0.50 (0.25 to 1.00)" in made.headline
    assert made.grids[0].rows[1] == ("age, per years more", "60", "1.02", "0.99 to infinite", "0.2000")
    assert "Stratified by sex." in made.notes
    assert image(made.figures[0].still).startswith("<svg")


def test_a_pointer_reads_the_states_with_their_limits() -> None:
    live, still = section(STATES, SETTING).figures[0].live, section(STATES, SETTING).figures[0].still
    (read,) = [rows for rows in live["datasets"].values() if rows[0].get("day_")]
    # On day 100 (3.29 months) 90 % are alive, with 60 at risk, and 10 % dead
    assert read[1]["day_"] == "3.29 (day 100)"
    assert (read[1]["t0_"], read[1]["t1_"]) == ("90.0 % (90.0 to 90.0), 60 at risk", "10.0 % (10.0 to 10.0)")
    assert not [rows for rows in still["datasets"].values() if rows[0].get("day_")]


def test_states_are_stacked_shares() -> None:
    made = section(STATES, SETTING)
    assert "at 1 year 75.0 % alive, 25.0 % dead" in made.headline
    assert made.grids[0].rows[0] == ("1 year", "alive", "75.0 %", "62.0 % to 84.0 %", "40")
    assert made.grids[1].rows == (("alive", "dead", "20"),)
    assert image(made.figures[0].still).startswith("<svg")


def test_each_group_has_its_stacked_shares_and_its_rows() -> None:
    groups = (replace(GROUP, label="young"), replace(GROUP, label="old"))
    made = section(replace(STATES, by="age group", groups=groups, where="sex = male"), SETTING)
    assert made.title == "Overall survival in trial where sex = male by age group: states over time"
    assert [figure.caption.split(":")[0] for figure in made.figures] == ["young", "old"]
    assert [row[:3] for row in made.grids[0].rows][::2] == [("young", "1 year", "alive"), ("old", "1 year", "alive")]


COHORT = CohortResult(
    "trial",
    "The trial",
    100,
    (
        AttritionStep("of age", 90, 10, 3),
        AttritionStep("withdrew", 84, 6, 0, excluding=True),
        AttritionStep("treated", 80, 4, 0),
    ),
    80,
)


def test_attrition_is_a_flow_of_who_stayed_and_who_left() -> None:
    made = section(COHORT, SETTING)
    boxes, arrows = layout(COHORT)
    assert [box.lines for box in boxes] == [
        ("Patients in the log", "n = 100"),
        ("not “of age”", "n = 10", "of these unknown: 3"),
        ("of age", "n = 90"),  # 100 - 10
        ("“withdrew”", "n = 6"),
        ("not “withdrew”", "n = 84"),  # 90 - 6
        ("not “treated”", "n = 4"),
        ("The trial", "n = 80"),  # 84 - 4
    ]
    assert len(arrows) == 2 * 3  # down, and aside, at each step
    assert image(made.figures[0].still).startswith("<svg")
    assert "withdrew: 84 remain" in made.figures[0].alt


def test_a_flow_begins_with_that_of_the_cohort_it_is_made_from() -> None:
    base = CohortResult("operated", "Operated on", 50, (AttritionStep("surgery", 40, 10, 0),), 40)
    steps = (AttritionStep("from operated", 40, 10, 0), AttritionStep("every margin R0", 36, 4, 0))
    boxes, _ = layout(CohortResult("radical", "Radical", 50, steps, 36), (base,))
    told = ["Patients in the log: 50", "not “surgery”: 10", "Operated on: 40"]
    told += ["not “every margin R0”: 4", "Radical: 36"]
    assert [box.told for box in boxes] == [f"{said} patients" for said in told]


def test_boxes_of_a_flow_stand_below_each_other_without_touching() -> None:
    boxes, _ = layout(COHORT)
    for reach in {box.reach for box in boxes}:
        column = [box for box in boxes if box.reach == reach]
        assert all(above.top + above.height < below.top for above, below in pairwise(column))


def test_a_number_that_is_hidden_is_hidden_in_the_flow_too() -> None:
    steps = (AttritionStep("of age", HIDDEN, HIDDEN, 0), *COHORT.steps[1:])
    boxes, _ = layout(replace(COHORT, steps=steps))
    assert [box.lines[-1] for box in boxes[1:3]] == ["n = hidden", "n = hidden"]
    assert not any(str(HIDDEN) in line for box in boxes for line in (*box.lines, box.told))


def hidden(result: AnalysisResult, run: Run) -> AnalysisResult:
    (found,) = redact(StudyResult("", (), run.result.provenance, (), (result,), ()), 5).analyses
    return found


def test_a_model_with_few_patients_on_one_side_shows_no_ratio(m1: Run) -> None:
    few = replace(REGRESSION, effects=(replace(EFFECTS[0], n=57),))  # 60 - 57 = 3 patients without it
    found = hidden(few, m1)
    assert isinstance(found, RegressionResult)
    assert found.effects == ()


def test_a_model_does_not_say_how_many_have_a_covariate(m1: Run) -> None:
    found = hidden(REGRESSION, m1)
    assert isinstance(found, RegressionResult)
    assert [effect.n for effect in found.effects] == [HIDDEN, HIDDEN]
    assert (found.n, found.events) == (60, 40)


def test_states_are_withheld(m1: Run) -> None:
    assert "withheld" in section(hidden(STATES, m1), SETTING).headline


def test_a_number_is_never_torn_from_its_unit() -> None:
    made = table(Grid("Median", ("group", "median"), (("A 5", "2.98 y to 12 mo"), ("B", "59.5 %"))), "t")
    for said in ("2.98\N{NO-BREAK SPACE}y to 12\N{NO-BREAK SPACE}mo", "59.5\N{NO-BREAK SPACE}%", "A 5"):
        assert said in made
    assert (
        unbroken("at 2 years, 95 % limits, 3 moths")
        == "at 2\N{NO-BREAK SPACE}years, 95\N{NO-BREAK SPACE}% limits, 3 moths"
    )


def test_a_short_table_stays_whole_on_paper() -> None:
    rows = tuple((str(number), "") for number in range(25))
    assert 'class="table kept"' in table(Grid("", ("a", "b"), rows[:24]), "t")
    assert 'class="table"' in table(Grid("", ("a", "b"), rows), "t")
