"""Delayed entry: who has not entered is not at risk; and conditional survival, which is entry at one day for all."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.survival import (
    InvalidInput,
    NotEstimable,
    RiskTable,
    contrast_restricted_means,
    cox,
    cumulative_incidence,
    grays_test,
    kaplan_meier,
    log_rank,
    restricted_mean,
)

# Day 2: an event of three at risk. Day 3: one enters. Day 4: an event of three. Day 5: one enters. Day 6: two leave.
LATE = RiskTable([2, 4, 6, 6, 7], [1, 1, 0, 1, 0], [1, 1, 1, 1, 1], entry=[0, 0, 0, 3, 5])


def test_who_enters_later_is_at_risk_from_the_day_after() -> None:
    assert [LATE.at_risk(day) for day in (0, 2, 3, 4, 5, 6, 7, 8)] == [3, 3, 2, 3, 2, 3, 1, 0]
    assert (LATE.n, LATE.delayed) == (5, 2)
    steps = LATE.steps()
    assert steps.time.tolist() == [2, 4, 6, 7]
    assert steps.at_risk.tolist() == [3, 3, 3, 1]


def test_survival_is_the_product_over_those_at_risk() -> None:
    curve = kaplan_meier(LATE)
    assert curve.survival == pytest.approx([2 / 3, 2 / 3 * 2 / 3, (2 / 3) ** 3, (2 / 3) ** 3], rel=1e-12)
    assert (curve.n, curve.at(5).at_risk) == (5, 2)


def test_entry_on_day_0_is_no_delay_and_sees_the_events_of_day_0() -> None:
    assert kaplan_meier(RiskTable([0, 3], [1, 0], [1, 1], entry=[0, 0])).survival.tolist() == [1 / 2, 1 / 2]


def test_a_curve_that_comes_down_to_0_before_others_enter_stays_there() -> None:
    curve = kaplan_meier(RiskTable([1, 5, 6], [1, 1, 0], [1, 1, 1], entry=[0, 3, 3]))
    assert curve.survival.tolist() == [0, 0, 0]
    assert np.isnan(curve.lower).all()


def test_the_number_at_risk_table_has_entries_and_all_reasons() -> None:
    numbers = LATE.numbers([0, 4, 6])
    assert (numbers.day, numbers.at_risk) == ((0, 4, 6), (3, 3, 3))
    assert (numbers.events, numbers.competing, numbers.censored) == ((0, 2, 3), (0, 0, 0), (0, 0, 1))
    with pytest.raises(InvalidInput, match="day: expected a time of at least 0, received -1"):
        LATE.numbers([-1])


def test_an_entry_that_is_not_before_the_time_is_refused() -> None:
    with pytest.raises(
        InvalidInput, match=r"RiskTable\.entry: expected entries before the time, received 3 with time 3"
    ):
        RiskTable([5, 3], [1, 1], [1, 1], entry=[0, 3])
    with pytest.raises(InvalidInput, match=r"RiskTable\.entry: expected numbers of at least 0, received -1 in row 1"):
        RiskTable([5, 3], [1, 1], [1, 1], entry=[0, -1])
    with pytest.raises(InvalidInput, match="arrays of equal length, received 2 times, 2 outcomes, 2 counts, 1 entries"):
        RiskTable([5, 3], [1, 1], [1, 1], entry=[0])


def test_grays_test_does_not_allow_delayed_entry_and_says_so() -> None:
    with pytest.raises(
        InvalidInput, match=r"tables\['late'\]: .* Gray's test does not allow delayed entry.* 2 patients"
    ):
        grays_test({"now": RiskTable([1], [1], [1]), "late": LATE})


def test_the_log_rank_test_compares_those_who_have_entered() -> None:
    other = RiskTable([3, 6], [1, 0], [1, 2])
    test = log_rank({"late": LATE, "other": other})
    # At risk of "late" of all: day 2, 3 of 6; day 3, 2 of 5; day 4, 3 of 5; day 6, 3 of 5.
    assert test.groups[0].expected == pytest.approx(3 / 6 + 2 / 5 + 3 / 5 + 3 / 5, rel=1e-12)


def test_a_hazard_ratio_needs_both_groups_at_risk_together() -> None:
    early, late = RiskTable([1, 2], [1, 1], [2, 2]), RiskTable([6, 8], [1, 0], [2, 2], entry=[4, 4])
    with pytest.raises(NotEstimable, match="would be 0"):
        cox({"early": early, "late": late})


TABLES = st.lists(
    st.tuples(st.integers(1, 8), st.integers(0, 1), st.integers(1, 5), st.sampled_from([0, 0, 1, 3])),
    min_size=1,
    max_size=12,
)


@given(TABLES)
@settings(max_examples=100, deadline=None)
def test_with_delayed_entry_survival_and_its_error_are_the_exact_sums(of: list[tuple[int, int, int, int]]) -> None:
    rows = [(entry + stay, outcome, count, entry) for stay, outcome, count, entry in of]
    curve = kaplan_meier(RiskTable(*map(list, zip(*rows, strict=True))))
    survival, variance = Fraction(1), Fraction(0)
    for place, day in enumerate(sorted({time for time, *_ in rows})):
        n = sum(count for time, _, count, entry in rows if time >= day and (entry < day or not entry))
        d = sum(count for time, outcome, count, _ in rows if (time, outcome) == (day, 1))
        survival *= 1 - Fraction(d, n)
        assert curve.survival[place] == pytest.approx(float(survival), rel=1e-12)
        if n > d:
            variance += Fraction(d, n * (n - d))
        if survival:
            error = float(survival) * math.sqrt(variance)
            assert curve.standard_error[place] == pytest.approx(error, rel=1e-9, abs=1e-15)


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_without_competing_causes_incidence_is_what_survival_leaves_also_with_delayed_entry(
    of: list[tuple[int, int, int, int]],
) -> None:
    rows = [(entry + stay, outcome, count, entry) for stay, outcome, count, entry in of]
    table = RiskTable(*map(list, zip(*rows, strict=True)))
    incidence, survival = cumulative_incidence(table), kaplan_meier(table)
    assert incidence.incidence == pytest.approx(1 - survival.survival, rel=1e-9, abs=1e-12)
    known = survival.survival > 0
    assert incidence.standard_error[known] == pytest.approx(survival.standard_error[known], rel=1e-6, abs=1e-9)


@given(TABLES, st.integers(0, 6), st.integers(0, 8))
@settings(max_examples=100, deadline=None)
def test_conditional_survival_is_the_quotient_and_the_curve_of_those_left(
    of: list[tuple[int, int, int, int]], given_day: int, later: int
) -> None:
    rows = [(entry + stay, outcome, count) for stay, outcome, count, entry in of]
    curve = kaplan_meier(RiskTable(*map(list, zip(*rows, strict=True))))
    left = [row for row in rows if row[0] > given_day]
    if not left:
        with pytest.raises(
            NotEstimable, match=f"nobody was without the event and under observation after day {given_day}"
        ):
            curve.conditional(given_day + later, given_day)
        return
    found = curve.conditional(given_day + later, given_day)
    whole, base = curve.at(given_day + later).survival, curve.at(given_day).survival
    alone = kaplan_meier(RiskTable(*map(list, zip(*left, strict=True)))).at(given_day + later)
    assert found.at_risk == sum(count for _, _, count in left)
    assert (found.survival is None) == (whole is None)
    if whole is not None and base:
        assert found.survival == pytest.approx(whole / base, rel=1e-9, abs=1e-12)
        assert (found.lower is None) == (alone.lower is None)
        if alone.lower is not None:
            assert (found.lower, found.upper) == pytest.approx((alone.lower, alone.upper), rel=1e-9)


def test_conditional_survival_is_given_a_day_before() -> None:
    curve = kaplan_meier(RiskTable([2, 9], [1, 0], [1, 3]))
    assert curve.conditional(5, 3).survival == 1
    assert curve.conditional(10, 3).survival is None
    with pytest.raises(InvalidInput, match="day: expected a time of at least 3, which it is given, received 2"):
        curve.conditional(2, 3)
    with pytest.raises(InvalidInput, match="given: expected a time of at least 0, received -1"):
        curve.conditional(2, -1)


ONE = RiskTable([2, 3, 6], [1, 1, 0], [1, 1, 2])
TWO = RiskTable([1, 4, 6], [1, 1, 0], [2, 1, 3])


def test_restricted_means_are_compared_by_their_difference_and_ratio() -> None:
    found = contrast_restricted_means({"two": TWO, "one": ONE}, 5)[0]
    one, two = restricted_mean(ONE, 5), restricted_mean(TWO, 5)
    error = math.hypot(one.standard_error, two.standard_error)
    assert (found.label, found.reference) == ("one", "two")
    assert found.difference.value == one.mean - two.mean
    assert found.difference.upper == pytest.approx(one.mean - two.mean + 1.959963984540054 * error, rel=1e-9)
    assert found.ratio is not None
    assert found.ratio.value == one.mean / two.mean
    back = contrast_restricted_means({"two": TWO, "one": ONE}, 5, reference="one")[0]
    assert back.ratio is not None
    assert back.difference.value == -found.difference.value
    assert (back.ratio.lower, back.ratio.p_value) == pytest.approx(
        (1 / found.ratio.upper, found.ratio.p_value), rel=1e-9
    )


def test_restricted_means_that_cannot_be_compared_say_why() -> None:
    with pytest.raises(NotEstimable, match="group 'one': the mean within 7 days is not known"):
        contrast_restricted_means({"two": RiskTable([9], [0], [1]), "one": ONE}, 7)
    with pytest.raises(NotEstimable, match="no standard error to compare them by: within 1 days nobody"):
        contrast_restricted_means({"two": RiskTable([9], [0], [1]), "one": ONE}, 1)
    with pytest.raises(InvalidInput, match="reference: expected one of 'one', 'two', received 'three'"):
        contrast_restricted_means({"one": ONE, "two": TWO}, 5, reference="three")
    with pytest.raises(InvalidInput, match="groups: expected at least two to compare, received 1"):
        contrast_restricted_means({"one": ONE}, 5)


def test_a_mean_of_0_has_a_difference_and_no_ratio() -> None:
    found = contrast_restricted_means({"gone": RiskTable([0], [1], [3]), "one": ONE}, 5)[0]
    assert found.difference.value == restricted_mean(ONE, 5).mean
    assert found.ratio is None
