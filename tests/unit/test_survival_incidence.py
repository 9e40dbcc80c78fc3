"""Cumulative incidence and Gray's test on tables small enough to check by hand, and where they have no answer."""

import math

import numpy as np
import pytest

from timeline.survival import InvalidInput, NotEstimable, RiskTable, cumulative_incidence, grays_test, kaplan_meier

# Ten patients: day 1 one event, day 2 one competing and one censored, day 3 one event; six censored on day 5.
SMALL = RiskTable([1, 2, 2, 3, 5], [1, 2, 0, 1, 0], [1, 1, 1, 1, 6])


def test_incidence_grows_by_the_hazard_of_those_still_free_of_every_cause() -> None:
    curve = cumulative_incidence(SMALL)
    third = 1 / 10 + (9 / 10 * 8 / 9) * 1 / 7
    assert curve.time.tolist() == [1, 2, 3, 5]
    assert curve.incidence == pytest.approx([1 / 10, 1 / 10, third, third], rel=1e-12)
    assert curve.events.tolist() == [1, 0, 1, 0]
    assert curve.competing.tolist() == [0, 1, 0, 0]
    assert cumulative_incidence(SMALL, cause=2).incidence[-1] == pytest.approx(9 / 10 * 1 / 9, rel=1e-12)


def test_the_standard_error_is_the_sum_of_the_delta_method() -> None:
    growth = (8 / 10) / 7  # what F gains on day 3, after each of the days before
    day_1 = growth**2 * 1 / (10 * 9) + 1 * 9 / 10**3 - 2 * growth * 1 / 10**2
    day_2 = growth**2 * 1 / (9 * 8)
    day_3 = (8 / 10) ** 2 * 1 * 6 / 7**3
    assert cumulative_incidence(SMALL).standard_error[-1] == pytest.approx(math.sqrt(day_1 + day_2 + day_3), rel=1e-12)


def test_the_incidences_of_all_causes_and_survival_add_up_to_1() -> None:
    table = RiskTable([1, 2, 2, 4, 4, 4, 6, 9], [1, 2, 3, 1, 2, 0, 3, 0], [3, 2, 4, 1, 5, 2, 3, 6])
    survival = kaplan_meier(table.any_cause()).survival
    incidences = sum(cumulative_incidence(table, cause).incidence for cause in (1, 2, 3))
    assert survival + incidences == pytest.approx(np.ones(5), rel=1e-12)


def test_without_competing_causes_incidence_is_what_survival_leaves() -> None:
    table = SMALL.any_cause()
    incidence, survival = cumulative_incidence(table), kaplan_meier(table)
    assert incidence.incidence == pytest.approx(1 - survival.survival, rel=1e-12)
    assert incidence.standard_error == pytest.approx(survival.standard_error, rel=1e-12)


def test_incidence_at_a_day_includes_what_happened_on_it() -> None:
    curve = cumulative_incidence(SMALL)
    on, after = curve.at(2), curve.at(2.5)
    assert (on.at_risk, on.events, on.competing, on.censored) == (9, 1, 1, 1)
    assert (after.at_risk, after.incidence) == (7, on.incidence)
    assert on.lower is not None
    assert on.upper is not None
    assert on.lower < 1 / 10 < on.upper


def test_before_the_first_day_incidence_is_0_without_limits() -> None:
    at = cumulative_incidence(SMALL).at(0)
    assert (at.incidence, at.lower, at.upper, at.at_risk, at.events) == (0.0, None, None, 10, 0)


def test_incidence_is_not_claimed_after_the_last_patient_unless_nobody_was_left_to_censor() -> None:
    assert cumulative_incidence(SMALL).at(5.5).incidence is None
    everyone = RiskTable([1, 2], [1, 2], [1, 3])
    assert cumulative_incidence(everyone).at(100).incidence == pytest.approx(1 / 4, rel=1e-12)


def test_a_cause_that_nobody_had_has_an_incidence_of_0() -> None:
    curve = cumulative_incidence(SMALL, cause=7)
    assert curve.incidence.tolist() == curve.standard_error.tolist() == [0, 0, 0, 0]
    assert np.isnan(curve.lower).all()
    assert curve.at(3).competing == 3


def test_everyone_with_the_event_on_day_0_has_an_incidence_of_1() -> None:
    curve = cumulative_incidence(RiskTable([0], [1], [5]))
    assert (curve.incidence.tolist(), curve.standard_error.tolist()) == ([1], [0])
    assert (curve.at(0).incidence, curve.at(0).lower, curve.at(0).upper) == (1.0, None, None)


def test_arguments_without_meaning_are_refused() -> None:
    with pytest.raises(InvalidInput, match="cause: expected a number of at least 1, received 0"):
        cumulative_incidence(SMALL, cause=0)
    with pytest.raises(InvalidInput, match=r"confidence: expected a number between 0 and 1, received 1\.5"):
        cumulative_incidence(SMALL, confidence=1.5)
    with pytest.raises(InvalidInput, match="day: expected a time of at least 0, received -1"):
        cumulative_incidence(SMALL).at(-1)
    with pytest.raises(InvalidInput, match="cause: expected a number of at least 1, received 0"):
        grays_test({"a": SMALL, "b": SMALL}, cause=0)
    with pytest.raises(InvalidInput, match="groups: expected at least two to compare, received 1"):
        grays_test({"a": SMALL})


OTHER = RiskTable([1, 2, 4, 5], [2, 1, 1, 0], [2, 2, 1, 5])


def test_grays_observed_and_expected_events_add_up_alike() -> None:
    test = grays_test({"a": SMALL, "b": OTHER})
    assert [group.observed for group in test.groups] == [2, 3]
    assert sum(group.expected for group in test.groups) == pytest.approx(2 + 3, rel=1e-12)
    # Day 1 has 10 of 20 at risk in each group; on day 2 those who had the other event count on.
    day_1, free_a, free_b = 1 * 10 / 20, 9 / (9 / 10) * (9 / 10), 8 / (8 / 10)
    day_2 = 2 * free_a / (free_a + free_b)
    early = {
        "a": RiskTable([1, 2, 9], [1, 2, 0], [1, 1, 8]),
        "b": RiskTable([1, 2, 9], [2, 1, 0], [2, 2, 6]),
    }
    assert grays_test(early).groups[0].expected == pytest.approx(day_1 + day_2, rel=1e-12)


def test_grays_test_does_not_depend_on_the_order_of_the_groups() -> None:
    third = RiskTable([2, 3, 6], [1, 2, 0], [1, 2, 4])
    one = grays_test({"a": SMALL, "b": OTHER, "c": third})
    two = grays_test({"c": third, "b": OTHER, "a": SMALL})
    assert one.statistic == pytest.approx(two.statistic, rel=1e-9)


def test_without_events_of_the_cause_grays_test_is_not_estimable() -> None:
    with pytest.raises(NotEstimable, match="no patient had the event"):
        grays_test({"a": SMALL, "b": OTHER}, cause=3)


def test_a_group_without_events_of_the_cause_can_still_be_compared() -> None:
    test = grays_test({"a": SMALL, "none": RiskTable([4], [2], [10])})
    assert test.groups[1].observed == 0
    assert 0 < test.p_value < 1


def test_a_pooled_incidence_of_exactly_1_is_not_divided_by() -> None:
    # All 10 of "a" have the event on day 1, which makes 10/20; five of the 10 of "b" on day 2 make it 10/20 + 5/10 = 1.
    tables = {"a": RiskTable([1], [1], [10]), "b": RiskTable([2, 3, 4], [1, 1, 0], [5, 1, 4])}
    with pytest.raises(NotEstimable, match="pooled incidence is exactly 1"):
        grays_test(tables)
