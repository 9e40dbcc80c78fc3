"""Shares in states over time, on courses that can be followed by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.survival import (
    NEVER,
    STAYS,
    InvalidInput,
    RiskTable,
    StateIntervals,
    cumulative_incidence,
    kaplan_meier,
    state_occupation,
)

# Four patients: one dies on day 2; one recurs on day 3 and dies on day 6; one recurs on day 4 and is censored on day 8;
# one is censored without recurrence on day 5.
FOUR = StateIntervals.illness_death([NEVER, 3, 4, NEVER], [2, 6, 8, 5], [1, 1, 0, 0])


def test_patients_move_by_the_share_of_those_at_risk_in_their_state() -> None:
    found = state_occupation(FOUR)
    assert found.time.tolist() == [2, 3, 4, 5, 6, 8]
    assert found.at_risk.tolist() == [[4, 0, 0], [3, 0, 0], [2, 1, 0], [1, 2, 0], [0, 2, 0], [0, 1, 0]]
    free = [3 / 4, 3 / 4 * 2 / 3, 3 / 4 * 2 / 3 * 1 / 2]
    assert found.share[:, 0] == pytest.approx([*free, free[2], free[2], free[2]], rel=1e-12)
    recurred = 3 / 4 * 1 / 3 + 3 / 4 * 2 / 3 * 1 / 2
    assert found.share[:, 1] == pytest.approx([0, 1 / 4, recurred, recurred, recurred / 2, recurred / 2], rel=1e-12)
    assert found.share.sum(axis=1) == pytest.approx(np.ones(6), rel=1e-12)


def test_shares_at_a_day_include_what_happened_on_it() -> None:
    found = state_occupation(FOUR)
    assert found.at(0).share == (1, 0, 0)
    assert found.at(0).at_risk == (4, 0, 0)
    assert found.at(2).share == (3 / 4, 0, 1 / 4)
    assert found.at(3.5).at_risk == (2, 1, 0)
    assert found.at(9).share is None  # nobody was followed so long


def test_once_all_are_dead_they_stay_dead() -> None:
    found = state_occupation(StateIntervals.illness_death([NEVER, 1], [2, 3], [1, 1]))
    assert found.at(100).share == pytest.approx((0, 0, 1))


def test_recurrence_on_the_day_of_death_gives_way_to_death() -> None:
    found = state_occupation(StateIntervals.illness_death([4, NEVER], [4, 9], [1, 0]))
    assert found.at(4).share == (1 / 2, 0, 1 / 2)


def test_recurrence_on_the_day_of_censoring_is_a_recurrence() -> None:
    found = state_occupation(StateIntervals.illness_death([4, NEVER], [4, 9], [0, 0]))
    assert found.at(4).share == (1 / 2, 1 / 2, 0)


def test_who_recurs_on_day_0_starts_with_it() -> None:
    found = state_occupation(StateIntervals.illness_death([0, NEVER, 0], [5, 9, 0], [0, 0, 1]))
    assert found.initial.tolist() == pytest.approx([1 / 3, 2 / 3, 0])
    assert found.at(0).share == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_where_all_enter_later_they_start_in_the_first_state() -> None:
    late = StateIntervals(("free", "ill"), state=[0, 0], start=[2, 3], stop=[5, 6], to=[1, STAYS])
    found = state_occupation(late)
    assert found.initial.tolist() == [1, 0]
    assert found.at_risk.tolist() == [[2, 0], [1, 0]]
    assert found.at(5).share == (1 / 2, 1 / 2)


@given(st.lists(st.tuples(st.integers(-1, 8), st.integers(0, 8), st.integers(0, 1), st.integers(1, 5)), min_size=1))
@settings(max_examples=100, deadline=None)
def test_the_first_state_is_the_survival_without_either_and_its_exits_are_incidences(
    courses: list[tuple[int, int, int, int]],
) -> None:
    first, time, dead, count = (np.array(column) for column in zip(*courses, strict=True))
    first = np.where(first > time, NEVER, first)
    if (first == 0).any():
        return
    found = state_occupation(StateIntervals.illness_death(first, time, dead, count))
    recurs = (first > 0) & ~((first == time) & (dead == 1))
    table = RiskTable(np.where(recurs, first, time), np.where(recurs, 2, dead), count)
    free, recurrence = kaplan_meier(table.any_cause()), cumulative_incidence(table, 2)
    on_days = np.searchsorted(found.time, free.time)
    assert found.share[on_days, 0] == pytest.approx(free.survival, rel=1e-9, abs=1e-12)
    before_any_leaves = found.share[:, 1] + found.share[:, 2]
    assert (before_any_leaves[on_days] >= recurrence.incidence - 1e-12).all()
    shuffled = np.random.default_rng(1).permutation(np.repeat(np.arange(len(first)), count))
    one_by_one = state_occupation(StateIntervals.illness_death(first[shuffled], time[shuffled], dead[shuffled]))
    assert one_by_one.share == pytest.approx(found.share, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"first": [5]}, "first: expected no recurrence after the time, received 5 in row 0"),
        ({"first": [-2]}, "first: expected numbers of at least -1, received -2 in row 0"),
        ({"dead": [2]}, "dead: expected 0 or 1, received 2 in row 0"),
        ({"time": [-1]}, "time: expected numbers of at least 0, received -1 in row 0"),
        ({"count": [0]}, "count: expected numbers of at least 1, received 0 in row 0"),
        ({"count": [1, 1]}, "arrays of equal length, received 1, 1, 1 and 2"),
    ],
)
def test_courses_without_meaning_are_refused(columns: dict[str, list[int]], message: str) -> None:
    good = {"first": [2], "time": [4], "dead": [1]}
    with pytest.raises(InvalidInput, match=message):
        StateIntervals.illness_death(**(good | columns))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"to": [0]}, "to: expected -1 or a later state below 2, received 0 in row 0"),
        ({"to": [2]}, "to: expected -1 or a later state below 2, received 2 in row 0"),
        ({"state": [2]}, "state: expected numbers below 2, received 2 in row 0"),
        ({"start": [4]}, "start: expected entries before the time, received 4 with time 4 in row 0"),
        ({"stop": [4, 5]}, "intervals: expected arrays of equal length"),
        ({"states": ("a", "a")}, "states: expected at least two, each with its own name, received a, a"),
        ({"state": [], "start": [], "stop": [], "to": []}, "intervals: expected at least one, received none"),
    ],
)
def test_stays_without_meaning_are_refused(columns: dict[str, list[int]], message: str) -> None:
    good = {"states": ("free", "ill"), "state": [0], "start": [0], "stop": [4], "to": [1]}
    with pytest.raises(InvalidInput, match=message):
        StateIntervals(**(good | columns))  # type: ignore[arg-type]
