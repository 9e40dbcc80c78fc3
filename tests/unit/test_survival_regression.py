"""Cox regression on rows: what can be solved by hand, and every input that has no answer."""

import math

import numpy as np
import pytest

from timeline.survival import (
    CoxRegression,
    Factor,
    InvalidInput,
    NotEstimable,
    Numeric,
    RegressionRows,
    RiskTable,
    cox,
    cox_regression,
    proportional_hazards_test,
)

TIME, OUTCOME = [1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 1, 0]
ARM = Factor("arm", ["a", "b"], [0, 1, 0, 1, 1, 0])


def fit(
    *covariates: Numeric | Factor, time: list[int] = TIME, outcome: list[int] = OUTCOME, **columns: list[int]
) -> CoxRegression:
    return cox_regression(RegressionRows(time, outcome, covariates, **columns))


def test_the_ratio_of_a_factor_solves_the_score_equation() -> None:
    # With hazard ratio r of b over a, the events see b in 3 of 3 + 3, 3 of 2 + 3, 2 of 2 + 2, and 1 of 1 + 1.
    found = fit(ARM)
    r = found.coefficients[0].ratio
    shares = [3 * r / (3 + 3 * r), 3 * r / (2 + 3 * r), 2 * r / (2 + 2 * r), r / (1 + r)]
    assert sum(shares) == pytest.approx(2, rel=1e-9)
    error = 1 / math.sqrt(sum(share * (1 - share) for share in shares))
    assert found.coefficients[0].standard_error == pytest.approx(error, rel=1e-9)
    assert found.coefficients[0].upper == pytest.approx(r * math.exp(1.959963984540054 * error), rel=1e-9)
    at_one = -sum(math.log(n) for n in (6, 5, 4, 2))
    assert found.log_likelihood_at_one == pytest.approx(at_one, rel=1e-12)
    assert (found.coefficients[0].level, found.coefficients[0].reference) == ("b", "a")


def test_concordance_counts_pairs_of_an_event_and_who_outlives_it() -> None:
    # With the hazard of b the greater (b has 2 events, and later ones) or the smaller, of 5 + 4 + 3 + 1 pairs those of
    # one arm are tied: day 1 (a): 2 of a remain; day 2 (b): 2 of b; day 3 (a): 1 of a; day 5 (b): none.
    found = fit(ARM)
    pairs = found.concordance
    assert pairs is not None
    assert pairs.concordant + pairs.discordant + pairs.tied == 5 + 4 + 3 + 1
    assert pairs.tied == 2 + 2 + 1
    b_is_worse = found.coefficients[0].coefficient > 0
    events_of_b_before_a, events_of_a_before_b = 2 + 1, 3 + 2
    better, worse = sorted(
        [(events_of_b_before_a, b_is_worse), (events_of_a_before_b, not b_is_worse)], key=lambda p: p[1]
    )
    assert (pairs.concordant, pairs.discordant) == (worse[0], better[0])
    assert pairs.value == pytest.approx((pairs.concordant + pairs.tied / 2) / 13, rel=1e-12)


def test_a_numeric_ratio_is_for_one_unit_and_scales_with_it() -> None:
    days, weeks = (fit(Numeric("wait", [x / unit for x in (7, 21, 14, 35, 28, 70)])) for unit in (1, 7))
    assert weeks.coefficients[0].coefficient == pytest.approx(7 * days.coefficients[0].coefficient, rel=1e-9)
    assert weeks.score.statistic == pytest.approx(days.score.statistic, rel=1e-9)


def test_the_reference_level_is_the_first_and_can_be_named() -> None:
    labels = ["low", "high", "low", "high", "high", "low"]
    one, two = (fit(Factor.of("grade", labels, reference)).coefficients[0] for reference in (None, "low"))
    assert (one.reference, one.level) == ("high", "low")
    assert (two.reference, two.level) == ("low", "high")
    assert one.ratio == pytest.approx(1 / two.ratio, rel=1e-9)


def test_a_factor_alone_is_the_hazard_ratio_between_tables() -> None:
    tables = {"a": RiskTable([1, 3, 6], [1, 1, 0], [2, 1, 4]), "b": RiskTable([2, 4, 5], [1, 0, 1], [1, 3, 2])}
    between = cox(tables)
    rows = RegressionRows(
        [1, 3, 6, 2, 4, 5],
        [1, 1, 0, 1, 0, 1],
        [Factor("arm", ["a", "b"], [0] * 3 + [1] * 3)],
        count=[2, 1, 4, 1, 3, 2],
    )
    found = cox_regression(rows)
    assert found.coefficients[0].ratio == between.ratios[0].ratio
    assert found.covariates[0].test.statistic == pytest.approx(between.wald.statistic, rel=1e-12)


def test_a_covariate_that_changes_counts_from_the_day_after() -> None:
    # One patient responds on day 3, on which another has the event: it is at risk there without the response.
    rows = RegressionRows(
        time=[3, 3, 8, 6, 9, 7],
        outcome=[1, 0, 1, 1, 0, 1],
        entry=[0, 0, 3, 0, 0, 0],
        covariates=[Numeric("response", [0, 0, 1, 0, 0, 1])],
    )
    found = cox_regression(rows)
    r = found.coefficients[0].ratio
    # Day 3: 1 of 5 with it; day 6: 2 of 4; day 7: 2 of 3; day 8: 1 of 2.
    shares = [r / (4 + r), 2 * r / (2 + 2 * r), 2 * r / (1 + 2 * r), r / (1 + r)]
    assert sum(shares) == pytest.approx(2, rel=1e-9)


def test_levels_that_no_row_has_are_left_out() -> None:
    found = fit(Factor("arm", ["a", "unused", "b"], [0, 2, 0, 2, 2, 0]))
    assert [c.level for c in found.coefficients] == ["b"]


def test_an_event_on_day_0_is_an_event() -> None:
    assert fit(ARM, time=[0, 2, 3, 4, 5, 6]).events == 4
    assert fit(ARM, time=[0, 2, 3, 4, 5, 6]).score.statistic == pytest.approx(fit(ARM).score.statistic, rel=1e-12)


@pytest.mark.parametrize(
    ("covariate", "message"),
    [
        (
            Factor("arm", ["a", "b"], [0, 0, 0, 1, 0, 1]),
            "no patient with arm = b had the event, so that its hazard ratio",
        ),
        (Factor("arm", ["a", "b"], [1, 1, 1, 0, 1, 0]), "no patient with arm = a, the reference, had the event"),
        (Numeric("dose", [9, 8, 7, 1, 6, 2]), "the hazard ratio of dose would be infinite: .* it separates"),
        (Numeric("dose", [-9, -8, -7, -1, -6, -2]), "the hazard ratio of dose would be 0: .* it separates"),
        (Numeric("dose", [3, 3, 3, 3, 3, 3]), "dose does not vary among the patients at risk at any event"),
    ],
)
def test_a_covariate_without_a_finite_ratio_is_said_to_have_none(covariate: Numeric | Factor, message: str) -> None:
    with pytest.raises(NotEstimable, match=message):
        fit(covariate)


def test_separation_is_seen_beside_other_covariates_and_in_a_crowd() -> None:
    crowd = [1, 1, 1, 1000, 1, 100_000]
    with pytest.raises(NotEstimable, match="the hazard ratio of dose would be infinite"):
        fit(Numeric("dose", [9, 8, 7, 1, 6, 2]), Numeric("age", [50, 40, 70, 60, 45, 55]), count=crowd)


def test_covariates_that_follow_from_each_other_are_named() -> None:
    with pytest.raises(NotEstimable, match="days and weeks follow from each other"):
        fit(Numeric("days", [7, 21, 14, 35, 28, 70]), Numeric("weeks", [1, 3, 2, 5, 4, 10]))


def test_a_covariate_that_varies_only_before_the_first_event_says_nothing() -> None:
    with pytest.raises(NotEstimable, match="dose does not vary among the patients at risk"):
        fit(Numeric("dose", [5, 1, 1, 1, 1, 1]), time=[1, 2, 3, 4, 5, 6], outcome=[0, 1, 1, 0, 1, 0])


@pytest.mark.parametrize(
    ("time", "outcome"),
    [(TIME, [0] * 6), ([0] * 6, [0] * 6)],
    ids=["all censored", "all censored on day 0"],
)
def test_without_events_there_are_no_ratios(time: list[int], outcome: list[int]) -> None:
    with pytest.raises(NotEstimable, match="no patient had the event"):
        fit(ARM, time=time, outcome=outcome)


def test_one_patient_has_no_one_to_be_compared_with() -> None:
    with pytest.raises(NotEstimable, match="age does not vary"):
        cox_regression(RegressionRows([4], [1], [Numeric("age", [61])]))


def test_all_events_on_one_day_still_have_a_ratio_where_others_stay() -> None:
    found = fit(ARM, time=[3, 3, 3, 9, 3, 9])
    assert math.isfinite(found.coefficients[0].ratio)
    with pytest.raises(NotEstimable, match="all events fall on one day"):
        proportional_hazards_test(RegressionRows([3, 3, 3, 9, 3, 9], OUTCOME, [ARM]), found)


def test_everyone_with_the_event_on_one_day_leaves_a_ratio_and_no_pair() -> None:
    found = fit(Factor("arm", ["a", "b"], [0, 0, 1, 1, 0, 1]), time=[3] * 6, outcome=[1] * 6)
    assert found.coefficients[0].ratio == pytest.approx(1, abs=1e-12)
    assert found.concordance is None


def test_a_fit_that_takes_too_many_steps_is_said_not_to_converge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timeline.survival.newton.STEPS", 1)
    with pytest.raises(NotEstimable, match="the fit did not converge in 1 steps"):
        fit(ARM)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"count": [1, 1, 0, 1, 1, 1]}, "count: expected numbers of at least 1, received 0 in row 2"),
        ({"time": [1, 2, -3, 4, 5, 6]}, "time: expected numbers of at least 0, received -3 in row 2"),
        ({"entry": [0, 2, 0, 0, 0, 0]}, "entry: expected entries before the time, received 2 with time 2 in row 1"),
        ({"count": [1, 1]}, "rows: expected arrays of equal length, received 6 of time, 6 of outcome, 2 of count"),
        ({"outcome": [1, 2, 0, 2, 1, 0]}, "outcome: expected no competing causes.* received 2 patients"),
    ],
)
def test_rows_without_meaning_are_refused(columns: dict[str, list[int]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        fit(ARM, **columns)


def test_missing_values_are_refused_with_their_number_and_the_first_row() -> None:
    with pytest.raises(
        InvalidInput, match="age: expected a value in every row, received 2 missing, the first in row 1"
    ):
        Numeric("age", [50, math.nan, 61, math.inf])
    with pytest.raises(
        InvalidInput, match="arm: expected a value in every row, received 1 missing, the first in row 2"
    ):
        Factor.of("arm", ["a", "b", None])
    with pytest.raises(
        InvalidInput, match="arm: expected a value in every row, received 1 missing, the first in row 0"
    ):
        Factor("arm", ["a", "b"], [-1, 0, 1])


def test_missing_strata_and_words_for_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"stratum: expected a value in every row, .* the first in row 4"):
        fit(ARM, stratum=["x", "y", "x", "y", None, "x"])  # type: ignore[list-item]
    with pytest.raises(InvalidInput, match=r"stratum: expected a value in every row, .* the first in row 5"):
        fit(ARM, stratum=[1, 2, 1, 2, 1, math.nan])  # type: ignore[list-item]
    with pytest.raises(InvalidInput, match="age: expected numbers, received could not convert string"):
        Numeric("age", ["old", "young"])  # type: ignore[list-item]


def test_factors_need_two_levels_and_a_reference_that_is_there() -> None:
    with pytest.raises(InvalidInput, match="arm: expected at least two levels, received a"):
        Factor.of("arm", ["a", "a"])
    with pytest.raises(InvalidInput, match="reference of arm: expected one of 'a', 'b', received 'c'"):
        Factor.of("arm", ["a", "b"], "c")
    with pytest.raises(InvalidInput, match="arm: expected patients of the reference level 'none', received none"):
        Factor("arm", ["none", "a", "b"], [1, 2])


def test_covariates_need_names_of_their_own_and_at_least_one() -> None:
    with pytest.raises(InvalidInput, match="covariates: expected at least one, each with its own name, received none"):
        fit()
    with pytest.raises(InvalidInput, match="each with its own name, received arm, arm"):
        fit(ARM, ARM)


def test_the_proportionality_test_refuses_what_it_cannot_transform() -> None:
    rows = RegressionRows([0, 2, 3, 4, 5, 6], OUTCOME, [ARM])
    with pytest.raises(InvalidInput, match='transform: expected "km", "identity" or "rank" with an event on day 0'):
        proportional_hazards_test(rows, cox_regression(rows), "log")
    with pytest.raises(InvalidInput, match="transform: expected"):
        proportional_hazards_test(rows, cox_regression(rows), "square")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="fit: expected the regression of these rows"):
        proportional_hazards_test(rows, fit(Numeric("age", np.array([50, 40, 70, 60, 45, 55]))))
