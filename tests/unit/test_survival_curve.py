"""Kaplan-Meier on tables small enough to check by hand."""

import math

import numpy as np
import pytest

from timeline.survival import InvalidInput, Quantile, RiskTable, kaplan_meier, median_follow_up

# Ten patients, an event on days 1, 2 and 4, one censored on day 2 and one on day 3, five censored on day 6.
SMALL = RiskTable([1, 2, 2, 3, 4, 6], [1, 1, 0, 0, 1, 0], [1, 1, 1, 1, 1, 5])


def test_each_step_multiplies_survival_by_the_share_that_stays() -> None:
    curve = kaplan_meier(SMALL)
    assert curve.time.tolist() == [1, 2, 3, 4, 6]
    assert curve.at_risk.tolist() == [10, 9, 7, 6, 5]
    assert curve.survival == pytest.approx([9 / 10, 8 / 10, 8 / 10, 8 / 10 * 5 / 6, 8 / 10 * 5 / 6], rel=1e-12)
    greenwood = 1 / (10 * 9) + 1 / (9 * 8) + 1 / (6 * 5)
    assert curve.standard_error[-1] == pytest.approx(8 / 10 * 5 / 6 * math.sqrt(greenwood), rel=1e-12)


def test_events_on_a_day_count_before_that_days_censorings() -> None:
    # Two patients on day 2: the one with the event had two at risk, whichever row comes first.
    curve = kaplan_meier(RiskTable([2, 2], [0, 1], [1, 1]))
    assert curve.survival.tolist() == pytest.approx([1 / 2], rel=1e-12)


def test_survival_at_a_day_includes_the_events_of_that_day() -> None:
    curve = kaplan_meier(SMALL)
    before, on, after = curve.at(3.9), curve.at(4), curve.at(4.1)
    assert before.survival == pytest.approx(8 / 10, rel=1e-12)
    assert (before.at_risk, before.events, before.censored) == (6, 2, 2)
    assert on.survival == pytest.approx(8 / 10 * 5 / 6, rel=1e-12)
    assert (on.at_risk, on.events, on.censored) == (6, 3, 2)
    assert (after.survival, after.at_risk) == (on.survival, 5)


def test_limits_are_on_the_log_log_scale_and_widen_with_confidence() -> None:
    at = kaplan_meier(SMALL, confidence=0.90).at(1)
    scale = 1.6448536269514722 * math.sqrt(1 / (10 * 9)) / math.log(0.9)
    assert at.lower == pytest.approx(math.exp(-math.exp(math.log(-math.log(0.9)) - scale)), rel=1e-9)
    assert at.upper == pytest.approx(math.exp(-math.exp(math.log(-math.log(0.9)) + scale)), rel=1e-9)
    wider = kaplan_meier(SMALL, confidence=0.95).at(1)
    assert at.lower is not None
    assert at.upper is not None
    assert wider.lower is not None
    assert wider.upper is not None
    assert wider.lower < at.lower < at.upper < wider.upper


def test_survival_is_not_claimed_after_the_last_patients_time() -> None:
    at = kaplan_meier(SMALL).at(6.5)
    assert (at.survival, at.lower, at.upper) == (None, None, None)
    assert (at.at_risk, at.events, at.censored) == (0, 3, 7)


def test_survival_stays_0_once_everyone_had_the_event() -> None:
    at = kaplan_meier(RiskTable([3, 5], [1, 1], [1, 1])).at(100)
    assert (at.survival, at.lower, at.upper) == (0.0, None, None)


def test_the_median_is_the_first_day_on_which_survival_is_at_most_one_half() -> None:
    curve = kaplan_meier(RiskTable([1, 2, 3, 4], [1, 1, 0, 1], [1, 1, 1, 1]))
    assert curve.median().time == 2  # 3/4 · 2/3 = 1/2
    assert curve.median(plateau="midpoint").time == (2 + 4) / 2


def test_a_plateau_at_one_half_that_lasts_to_the_end_has_its_midpoint_at_the_last_patient() -> None:
    curve = kaplan_meier(RiskTable([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 1, 1]))
    assert curve.median(plateau="midpoint").time == (2 + 4) / 2


def test_one_half_is_recognised_where_floating_point_misses_it() -> None:
    # 18 of 36 events, one a day: a product of 18 ratios that is 18/36 exactly.
    curve = kaplan_meier(RiskTable([*range(1, 19), 30], [1] * 18 + [0], [1] * 18 + [18]))
    assert curve.median().time == 18
    assert curve.median(plateau="midpoint").time == (18 + 30) / 2


def test_a_quantile_is_not_reached_rather_than_infinite() -> None:
    curve = kaplan_meier(SMALL)
    assert curve.median() == Quantile(0.5, None, curve.median().lower, None, 0.95)
    assert curve.quantile(0.2).time == 2  # survival is 8/10 = 1 - 0.2 from day 2


def test_without_events_survival_is_1_and_has_no_limits() -> None:
    curve = kaplan_meier(RiskTable([4, 7], [0, 0], [2, 3]))
    assert curve.survival.tolist() == [1, 1]
    assert np.isnan(curve.lower).all()
    assert np.isnan(curve.upper).all()
    assert curve.standard_error.tolist() == [0, 0]
    assert curve.median() == Quantile(0.5, None, None, None, 0.95)


def test_everyone_with_the_event_on_day_0_leaves_no_survival() -> None:
    curve = kaplan_meier(RiskTable([0], [1], [4]))
    assert curve.time.tolist() == [0]
    assert curve.survival.tolist() == [0]
    assert curve.at(0).survival == 0
    assert curve.median() == Quantile(0.5, 0.0, None, None, 0.95)


def test_some_events_on_day_0_are_a_step_at_day_0() -> None:
    curve = kaplan_meier(RiskTable([0, 3, 5], [1, 1, 0], [1, 1, 2]))
    assert curve.survival == pytest.approx([3 / 4, 2 / 4, 2 / 4], rel=1e-12)


def test_one_patient_has_a_curve() -> None:
    curve = kaplan_meier(RiskTable([9], [1], [1]))
    assert (curve.n, curve.at(8).survival, curve.at(9).survival) == (1, 1.0, 0.0)


def test_median_follow_up_takes_censoring_as_the_event() -> None:
    # Reversed, 10 patients: on day 2 one of 9 is "lost", on day 3 one of 7, on day 6 all 5 of the last.
    assert median_follow_up(SMALL).time == 6
    # 4 at risk on day 2, of whom 1 is censored and 1 dies: the death counts as at risk, so 3/4, then 1/2 on day 5.
    tied = RiskTable([2, 2, 5, 7], [0, 1, 0, 0], [1, 1, 1, 1])
    assert median_follow_up(tied).time == 5  # 3/4 · 1/2 = 3/8


def test_competing_causes_are_refused_with_the_choices_named() -> None:
    table = RiskTable([1, 2, 3], [1, 2, 3], [1, 4, 1])
    with pytest.raises(
        InvalidInput, match=r"\.cause_specific\(\) or \.any_cause\(\).* received 5 patients with outcome 2, 3"
    ):
        kaplan_meier(table)
    assert kaplan_meier(table.any_cause()).survival.tolist() == pytest.approx([5 / 6, 1 / 6, 0])


def test_arguments_without_meaning_are_refused() -> None:
    with pytest.raises(InvalidInput, match="confidence: expected a number between 0 and 1, received 95"):
        kaplan_meier(SMALL, confidence=95)
    with pytest.raises(InvalidInput, match="probability: expected a number between 0 and 1, received 1"):
        kaplan_meier(SMALL).quantile(1)
    with pytest.raises(InvalidInput, match="day: expected a time of at least 0, received nan"):
        kaplan_meier(SMALL).at(math.nan)
    with pytest.raises(InvalidInput, match='plateau: expected "start" or "midpoint", received \'middle\''):
        kaplan_meier(SMALL).median(plateau="middle")  # type: ignore[arg-type]


def test_an_estimate_leaves_numpys_error_handling_as_it_was() -> None:
    before = np.geterr()
    kaplan_meier(RiskTable([1, 2], [1, 1], [1, 1]))
    assert np.geterr() == before
