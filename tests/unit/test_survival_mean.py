"""The restricted mean on curves whose area can be added up by hand."""

import math

import pytest

from timeline.survival import InvalidInput, NotEstimable, RiskTable, restricted_mean

# Four patients: survival is 3/4 from day 2, 1/2 from day 3; two censored on day 6.
SMALL = RiskTable([2, 3, 6], [1, 1, 0], [1, 1, 2])


def test_the_mean_is_the_area_under_the_curve() -> None:
    mean = restricted_mean(SMALL, 5)
    assert mean.mean == pytest.approx(2 * 1 + 1 * 3 / 4 + 2 * 1 / 2, rel=1e-12)
    variance = (1 * 3 / 4 + 2 * 1 / 2) ** 2 / (4 * 3) + (2 * 1 / 2) ** 2 / (3 * 2)
    assert mean.standard_error == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert mean.upper - mean.mean == pytest.approx(1.959963984540054 * math.sqrt(variance), rel=1e-9)
    assert mean.mean - mean.lower == pytest.approx(mean.upper - mean.mean, rel=1e-9)


def test_an_event_on_the_horizon_takes_no_time_away() -> None:
    assert restricted_mean(SMALL, 3).mean == pytest.approx(2 + 1 * 3 / 4, rel=1e-12)
    assert restricted_mean(SMALL, 2).standard_error == 0


def test_within_a_horizon_before_the_first_event_nobody_loses_time() -> None:
    mean = restricted_mean(SMALL, 1.5)
    assert (mean.mean, mean.standard_error) == (1.5, 0)


def test_once_everyone_had_the_event_any_horizon_gives_the_mean_time() -> None:
    mean = restricted_mean(RiskTable([2, 4, 9], [1, 1, 1], [1, 1, 1]), 1000)
    assert mean.mean == pytest.approx((2 + 4 + 9) / 3, rel=1e-12)
    # Without censoring the variance is that of a plain mean, with n in place of n - 1.
    assert mean.standard_error**2 == pytest.approx((3**2 + 1**2 + 4**2) / 3 / 3, rel=1e-12)


def test_everyone_with_the_event_on_day_0_has_no_time() -> None:
    mean = restricted_mean(RiskTable([0], [1], [3]), 10)
    assert (mean.mean, mean.standard_error) == (0, 0)


def test_without_events_nobody_loses_time() -> None:
    mean = restricted_mean(RiskTable([7], [0], [3]), 7)
    assert (mean.mean, mean.standard_error) == (7, 0)


def test_a_horizon_that_nobody_reached_is_not_estimable() -> None:
    with pytest.raises(NotEstimable, match=r"within 6\.5 days is not known: nobody was followed beyond day 6"):
        restricted_mean(SMALL, 6.5)


@pytest.mark.parametrize("horizon", [0, -3, math.nan, math.inf])
def test_a_horizon_without_meaning_is_refused(horizon: float) -> None:
    with pytest.raises(InvalidInput, match="horizon: expected a time above 0"):
        restricted_mean(SMALL, horizon)
