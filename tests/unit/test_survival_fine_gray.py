"""The Fine-Gray model: risk sets that keep those with a competing event, and the inputs that it refuses."""

import math

import pytest

from timeline.survival import Factor, InvalidInput, NotEstimable, Numeric, RegressionRows, cox_regression, fine_gray

ARM = Factor("arm", ["a", "b"], [0, 1, 0, 1, 1, 0])


def test_who_had_a_competing_event_stays_at_risk() -> None:
    # Events on days 1 (a), 3 (a) and 5 (b), a competing one on day 2 (b); nobody is censored before day 6.
    found = fine_gray(RegressionRows([1, 2, 3, 6, 5, 6], [1, 2, 1, 0, 1, 0], [ARM]))
    r = found.coefficients[0].ratio
    # b of all at risk: day 1, 3 of 6; day 3, 3 of 5, the one of day 2 among them; day 5, 3 of 4.
    shares = [3 * r / (3 + 3 * r), 3 * r / (2 + 3 * r), 3 * r / (1 + 3 * r)]
    assert sum(shares) == pytest.approx(1, rel=1e-9)
    assert (found.n, found.events, found.competing, found.censored) == (6, 3, 1, 2)


def test_who_had_a_competing_event_counts_by_the_share_still_uncensored() -> None:
    # As above, with one of a censored on day 4, on which 4 are at risk, and one on day 7: G is 1 - 1/4 before day 5.
    arm = Factor("arm", ["a", "b"], [0, 1, 0, 1, 1, 0, 0])
    r = fine_gray(RegressionRows([1, 2, 3, 6, 5, 4, 7], [1, 2, 1, 0, 1, 0, 0], [arm])).coefficients[0].ratio
    day_5 = 2 + (1 - 1 / 4)  # of b: two at risk, and the one of day 2
    shares = [3 * r / (4 + 3 * r), 3 * r / (3 + 3 * r), day_5 * r / (1 + day_5 * r)]
    assert sum(shares) == pytest.approx(1, rel=1e-9)


def test_without_competing_causes_and_censoring_it_is_the_cox_model_with_breslows_ties() -> None:
    rows = RegressionRows([1, 2, 3, 4, 5, 6], [1] * 6, [Numeric("age", [50, 61, 47, 70, 58, 66])])
    subdistribution, hazard = fine_gray(rows), cox_regression(rows)
    assert subdistribution.coefficients[0].coefficient == pytest.approx(hazard.coefficients[0].coefficient, rel=1e-9)
    assert subdistribution.log_likelihood == pytest.approx(hazard.log_likelihood, rel=1e-12)


def test_a_covariate_against_the_event_may_go_with_the_competing_cause() -> None:
    time, outcome = [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 1, 2, 0, 1, 2, 0]
    x = Numeric("x", [5, 1, 4, 2, 3, 2, 3, 1])
    one, two = (fine_gray(RegressionRows(time, outcome, [x]), cause) for cause in (1, 2))
    assert (one.events, one.competing, two.events, two.competing) == (3, 3, 3, 3)
    assert one.coefficients[0].coefficient > 0 > two.coefficients[0].coefficient


def test_limits_are_those_of_the_robust_standard_error() -> None:
    found = fine_gray(RegressionRows([1, 2, 3, 6, 5, 6], [1, 2, 1, 0, 1, 0], [ARM]), confidence=0.9)
    one = found.coefficients[0]
    assert one.standard_error == pytest.approx(math.sqrt(found.covariance[0, 0]), rel=1e-12)
    assert one.upper == pytest.approx(math.exp(one.coefficient + 1.6448536269514722 * one.standard_error), rel=1e-9)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"entry": [0, 0, 0, 2, 0, 0]}, "entry: .*Fine-Gray model does not allow delayed entry, received 1 patients"),
        (
            {"stratum": [0, 0, 0, 1, 0, 0]},
            "stratum: expected one stratum: the Fine-Gray model is fitted without strata",
        ),
    ],
)
def test_delayed_entry_and_strata_are_refused(columns: dict[str, list[int]], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        fine_gray(RegressionRows([1, 2, 3, 6, 5, 4], [1, 2, 1, 0, 1, 0], [ARM], **columns))


def test_what_is_not_estimable_is_said_to_be_so() -> None:
    with pytest.raises(NotEstimable, match="no patient had the event"):
        fine_gray(RegressionRows([1, 2, 3, 6, 5, 4], [1, 2, 1, 0, 1, 0], [ARM]), cause=3)
    with pytest.raises(NotEstimable, match="no patient with arm = b had the event"):
        fine_gray(RegressionRows([1, 2, 3, 6, 5, 4], [1, 2, 1, 0, 2, 0], [ARM]))
    with pytest.raises(NotEstimable, match="dose does not vary"):
        fine_gray(RegressionRows([1, 2], [1, 2], [Numeric("dose", [3, 3])]))
    with pytest.raises(NotEstimable, match="where all of them have the event on one day"):
        fine_gray(RegressionRows([7] * 6, [1] * 6, [ARM]))  # every residual is 0, and so is the robust variance
    with pytest.raises(InvalidInput, match="cause: expected a number of at least 1, received 0"):
        fine_gray(RegressionRows([1, 2], [1, 2], [Numeric("dose", [3, 4])]), cause=0)
