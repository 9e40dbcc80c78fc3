"""What holds for every table: exact fractions as the reference, and no number that is not one."""

import dataclasses
import math
import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.survival import (
    NotEstimable,
    RiskTable,
    cox,
    cumulative_incidence,
    grays_test,
    kaplan_meier,
    log_rank,
    median_follow_up,
    restricted_mean,
    stratified_log_rank,
)

Rows = list[tuple[int, int, int]]


def rows(most_outcome: int) -> st.SearchStrategy[Rows]:
    """Few days and outcomes, so that ties of every kind are the rule; counts up to a crowd."""
    row = st.tuples(st.integers(0, 12), st.integers(0, most_outcome), st.integers(1, 9) | st.sampled_from([100, 10**6]))
    return st.lists(row, min_size=1, max_size=14)


def table(of: Rows) -> RiskTable:
    time, outcome, count = zip(*of, strict=True)
    return RiskTable(time, outcome, count)


def labelled(most_outcome: int) -> st.SearchStrategy[dict[str, RiskTable]]:
    tables = st.lists(rows(most_outcome).map(table), min_size=2, max_size=4)
    return tables.map(lambda found: {f"group {i}": one for i, one in enumerate(found)})


def exact_curve(of: Rows) -> dict[int, Fraction]:
    """Survival from each day on, as a fraction, counted patient by patient."""
    survival, curve = Fraction(1), {}
    for day in sorted({time for time, _, _ in of}):
        at_risk = sum(count for time, _, count in of if time >= day)
        events = sum(count for time, outcome, count in of if time == day and outcome == 1)
        survival *= 1 - Fraction(events, at_risk)
        curve[day] = survival
    return curve


@given(rows(1))
@settings(max_examples=150, deadline=None)
def test_survival_is_the_exact_product(of: Rows) -> None:
    curve = kaplan_meier(table(of))
    exact = exact_curve(of)
    assert curve.time.tolist() == list(exact)
    assert curve.survival.tolist() == pytest.approx([float(share) for share in exact.values()], rel=1e-12, abs=1e-300)


@given(rows(1), st.sampled_from([Fraction(1, 4), Fraction(1, 3), Fraction(1, 2), Fraction(3, 4), Fraction(9, 10)]))
@settings(max_examples=150, deadline=None)
def test_a_quantile_is_the_first_day_in_exact_arithmetic(of: Rows, share: Fraction) -> None:
    reached = [day for day, survival in exact_curve(of).items() if survival <= 1 - share]
    assert kaplan_meier(table(of)).quantile(float(share)).time == (min(reached) if reached else None)


@given(rows(3), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_incidence_is_the_exact_sum(of: Rows, cause: int) -> None:
    any_cause = exact_curve([(time, min(outcome, 1), count) for time, outcome, count in of])
    incidence, before, exact = Fraction(0), Fraction(1), []
    for day, survival in any_cause.items():
        at_risk = sum(count for time, _, count in of if time >= day)
        incidence += before * Fraction(sum(c for time, outcome, c in of if (time, outcome) == (day, cause)), at_risk)
        before = survival
        exact.append(float(incidence))
    assert cumulative_incidence(table(of), cause).incidence.tolist() == pytest.approx(exact, rel=1e-12)


@given(st.lists(rows(1), min_size=2, max_size=2))
@settings(max_examples=150, deadline=None)
def test_the_log_rank_statistic_of_two_groups_is_the_exact_quotient(groups: list[Rows]) -> None:
    difference, variance = Fraction(0), Fraction(0)
    for day in sorted({time for of in groups for time, _, _ in of}):
        n = [sum(count for time, _, count in of if time >= day) for of in groups]
        d = [sum(count for time, outcome, count in of if (time, outcome) == (day, 1)) for of in groups]
        share = Fraction(n[0], sum(n))
        difference += d[0] - sum(d) * share
        if sum(n) > 1:
            variance += Fraction(sum(d) * (sum(n) - sum(d)), sum(n) - 1) * share * (1 - share)
    tables = {"a": table(groups[0]), "b": table(groups[1])}
    try:
        test = log_rank(tables)
    except NotEstimable:
        assert variance < 1e-7 * sum(count for of in groups for _, outcome, count in of if outcome) or not variance
    else:
        # Among millions of patients the difference is one between sums of millions.
        assert test.statistic == pytest.approx(float(difference**2 / variance), rel=1e-6, abs=1e-6)


@given(rows(3), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_and_splitting_of_rows_does_not_change_a_single_bit(of: Rows, random: Any) -> None:
    split = [
        (time, outcome, part) for time, outcome, count in of for part in ([1, count - 1] if count > 1 else [count])
    ]
    random.shuffle(split)
    one, two = cumulative_incidence(table(of)), cumulative_incidence(table(split))
    for field in dataclasses.fields(one):
        left, right = getattr(one, field.name), getattr(two, field.name)
        assert field.name == "table" or np.array_equal(left, right, equal_nan=field.name not in ("time", "limits"))


@given(labelled(2))
@settings(max_examples=60, deadline=None)
def test_tests_depend_on_the_order_of_the_days_and_not_on_their_distance(tables: dict[str, RiskTable]) -> None:
    stretched = {label: RiskTable(t.time**2 + 7, t.outcome, t.count) for label, t in tables.items()}
    for test in (grays_test, lambda groups: log_rank({label: one.any_cause() for label, one in groups.items()})):
        try:
            found = test(tables)
        except NotEstimable:
            with pytest.raises(NotEstimable):
                test(stretched)
        else:
            assert test(stretched) == found


@given(rows(1), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_days_before_the_first_patient_leaves_are_added_and_change_nothing_else(of: Rows, days: int) -> None:
    one, two = table(of), table([(time + days, outcome, count) for time, outcome, count in of])
    before, after = kaplan_meier(one), kaplan_meier(two)
    assert np.array_equal(before.survival, after.survival)
    assert np.array_equal(before.lower, after.lower, equal_nan=True)
    median, shifted = before.median("midpoint"), after.median("midpoint")
    assert shifted.time == (None if median.time is None else median.time + days)
    if one.last:
        mean, longer = restricted_mean(one, one.last), restricted_mean(two, two.last)
        assert longer.mean == pytest.approx(mean.mean + days, rel=1e-12)
        assert longer.standard_error == pytest.approx(mean.standard_error, rel=1e-9, abs=1e-12)


def numbers(result: Any) -> Iterator[float]:
    """Every single number in a result, however deep."""
    if dataclasses.is_dataclass(result):
        for field in dataclasses.fields(result):
            yield from numbers(getattr(result, field.name))
    elif isinstance(result, tuple):
        for part in result:
            yield from numbers(part)
    elif isinstance(result, int | float):
        yield float(result)


@given(labelled(3), st.integers(0, 14))
@settings(max_examples=80, deadline=None)
def test_an_estimate_is_a_number_or_says_that_there_is_none(tables: dict[str, RiskTable], day: int) -> None:
    single = {label: one.cause_specific() for label, one in tables.items()}
    one, first = next(iter(tables.values())), next(iter(single.values()))
    estimates = [
        lambda: kaplan_meier(first).at(day),
        lambda: kaplan_meier(first).median(),
        lambda: kaplan_meier(first).median(plateau="midpoint"),
        lambda: median_follow_up(one),
        lambda: restricted_mean(first, day + 1),
        lambda: cumulative_incidence(one).at(day),
        lambda: log_rank(single),
        lambda: stratified_log_rank({"x": single, "y": single}),
        lambda: grays_test(tables),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for estimate in estimates:
            try:
                result = estimate()
            except NotEstimable:
                continue
            assert all(math.isfinite(number) for number in numbers(result)), result


@given(st.lists(rows(1).map(lambda of: table([(t, o, min(c, 1000)) for t, o, c in of])), min_size=2, max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_hazard_ratio_is_finite_or_said_to_be_none(groups: list[RiskTable]) -> None:
    tables = {f"group {i}": one for i, one in enumerate(groups)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = cox(tables)
        except NotEstimable:
            return
    assert all(math.isfinite(number) for number in numbers(fit)), fit
