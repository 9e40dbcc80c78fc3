"""Regressions: which rows they are made of, and what becomes of those whose covariates are not known."""

import pytest

from tests.study.support import run
from timeline.log import Log
from timeline.study.results import RegressionResult
from timeline.survival import Factor, Numeric, RegressionRows, cox_regression, fine_gray


def fitted(log: Log, text: str) -> RegressionResult:
    [result] = run(log, text).analyses
    assert isinstance(result, RegressionResult), result
    return result


def test_a_covariate_that_changes_is_false_until_and_on_its_day_and_true_after(larger: Log) -> None:
    found = fitted(larger, "cox os in all_patients on (any surgery) as it happens")
    # p1 (0, 100] (100, 400]; p2 (0, 50]; p3 (0, 30] (30, 500]; p4 (0, 300]; p5 (0, 60] (60, 600]; p6 (0, 350];
    # p7 (0, 20] (20, 200]; p8 (0, 250]
    by_hand = cox_regression(
        RegressionRows(
            [100, 400, 50, 30, 500, 300, 60, 600, 350, 20, 200, 250],
            [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1],
            [Factor("surgery", ("no", "yes"), [0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0])],
            entry=[0, 100, 0, 0, 30, 0, 0, 60, 0, 0, 20, 0],
        )
    )
    [effect], [expected] = found.effects, by_hand.coefficients
    assert effect.coefficient == pytest.approx(expected.coefficient, abs=1e-12)
    assert effect.standard_error == pytest.approx(expected.standard_error, abs=1e-12)
    assert (found.n, found.events, effect.n) == (8, 5, 4)  # patients, not their intervals; four were operated on
    assert found.changing == ("any surgery",)


def test_two_changes_on_one_day_cut_the_time_once(larger: Log) -> None:
    both = "(any surgery) as it happens, (any recurrence) as it happens"
    found = fitted(larger, f"cox os in all_patients on {both}")
    # p5 has both on day 60; p3 on days 30 and 200; p1 and p7 surgery on 100 and 20; p4 and p8 recurrence on 150 and 90.
    by_hand = cox_regression(
        RegressionRows(
            [100, 400, 50, 30, 200, 500, 150, 300, 60, 600, 350, 20, 200, 90, 250],
            [0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1],
            [
                Factor("surgery", ("no", "yes"), [0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
                Factor("recurrence", ("no", "yes"), [0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1]),
            ],
            entry=[0, 100, 0, 0, 30, 200, 0, 150, 0, 60, 0, 0, 20, 0, 90],
        )
    )
    assert [item.coefficient for item in found.effects] == pytest.approx(
        [item.coefficient for item in by_hand.coefficients], abs=1e-9
    )
    assert [item.n for item in found.effects] == [4, 4]


@pytest.mark.parametrize("model", ["cox", "fine_gray"])
def test_a_model_is_of_those_for_whom_a_condition_is_true(model: str, larger: Log) -> None:
    found = fitted(larger, f'{model} os in all_patients where registration.arm = "B" on registration.weight "weight"')
    # p4, p6 and p7 are in arm B, and so is p5, who has no weight.
    rows = RegressionRows([300, 350, 200], [1, 0, 1], [Numeric("weight", [90, 75, 65])])
    by_hand = cox_regression(rows) if model == "cox" else fine_gray(rows, 1)
    assert (found.n, found.where) == (3, 'registration.arm = "B"')
    assert found.effects[0].coefficient == pytest.approx(by_hand.coefficients[0].coefficient, abs=1e-9)
    assert [out.patients for out in found.left_out] == [("p5",)]


def test_who_lacks_a_covariate_is_left_out_by_name(larger: Log) -> None:
    found = fitted(larger, 'cox os in all_patients on registration.weight "weight"')
    assert [(out.reason, out.patients) for out in found.left_out] == [("weight is unknown", ("p5",))]
    by_hand = cox_regression(
        RegressionRows(
            [400, 50, 500, 300, 350, 200, 250], [1, 1, 0, 1, 0, 1, 1], [Numeric("weight", [60, 70, 80, 90, 75, 65, 68])]
        )
    )
    assert found.n == 7
    assert found.effects[0].coefficient == pytest.approx(by_hand.coefficients[0].coefficient, abs=1e-9)
    assert found.effects[0].unit == "kg"


@pytest.mark.parametrize(
    ("against", "level", "reference"), [("", "male", "female"), (" against male", "female", "male")]
)
def test_the_reference_is_the_first_declared_level_or_the_one_that_is_named(
    larger: Log, against: str, level: str, reference: str
) -> None:
    [effect] = fitted(larger, f"cox os in all_patients on registration.sex{against}").effects
    assert (effect.level, effect.reference) == (level, reference)


def test_a_condition_is_compared_with_not_being_met(larger: Log) -> None:
    [effect] = fitted(larger, "cox os in all_patients on registration.sex = male").effects
    assert (effect.level, effect.reference) == ("registration.sex = male", "not (registration.sex = male)")


def test_strata_have_baselines_of_their_own(larger: Log) -> None:
    text = 'cox os in all_patients on registration.weight "weight" stratified by registration.sex'
    by_hand = cox_regression(
        RegressionRows(
            [400, 50, 500, 300, 350, 200, 250],
            [1, 1, 0, 1, 0, 1, 1],
            [Numeric("weight", [60, 70, 80, 90, 75, 65, 68])],
            stratum=["female", "female", "male", "male", "male", "female", "male"],
        )
    )
    found = fitted(larger, text)
    assert found.effects[0].coefficient == pytest.approx(by_hand.coefficients[0].coefficient, abs=1e-9)
    assert found.strata == ("registration.sex",)


def test_fine_gray_keeps_other_events_apart(larger: Log) -> None:
    text = """endpoint relapse
    from       registration
    until      recurrence
    competing  death
    last seen  follow_up
fine_gray relapse in all_patients on registration.sex
"""
    found = fitted(larger, text)
    # p1, p2 and p7 died without recurrence, p6 was last seen on day 350
    by_hand = fine_gray(
        RegressionRows(
            [400, 50, 200, 150, 60, 350, 200, 90],
            [2, 2, 1, 1, 1, 0, 2, 1],
            [Factor("sex", ("female", "male"), [0, 0, 1, 1, 0, 1, 0, 1])],
        )
    )
    assert found.effects[0].coefficient == pytest.approx(by_hand.coefficients[0].coefficient, abs=1e-9)
    assert found.model == "fine_gray"
    assert found.events == 4


def test_a_landmark_model_reads_what_had_happened_by_then_in_those_still_at_risk(larger: Log) -> None:
    text = 'cox os in all_patients on (any surgery) "operated on" landmark 80 days'
    found = fitted(larger, text)
    # p2 died on day 50; by day 80 only p3, p5 and p7 were operated on
    assert [(out.reason, out.patients) for out in found.left_out] == [("not at risk after the landmark", ("p2",))]
    assert found.n == 7
    assert found.effects[0].n == 3
