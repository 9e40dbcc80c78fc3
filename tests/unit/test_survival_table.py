"""The risk table: what it counts, what it merges, what it refuses."""

import numpy as np
import pytest

from timeline.survival import InvalidInput, RiskTable

# Ten patients: on day 5 two events and one censored, on day 8 one event and three of a competing cause 2,
# on day 9 three censored.
TEN = RiskTable(time=[9, 5, 8, 5, 8], outcome=[0, 1, 2, 0, 1], count=[3, 2, 3, 1, 1])


def test_a_table_counts_patients_by_how_they_left() -> None:
    assert (TEN.n, TEN.events, TEN.competing, TEN.censored) == (10, 2 + 1, 3, 1 + 3)
    assert TEN.causes == (1, 2)
    assert TEN.last == 9


def test_those_who_leave_on_a_day_are_at_risk_on_it() -> None:
    assert [TEN.at_risk(day) for day in (0, 5, 5.5, 8, 9, 10)] == [10, 10, 10 - 3, 7, 7 - 4, 0]


def test_steps_count_each_day_once() -> None:
    steps = TEN.steps()
    assert steps.time.tolist() == [5, 8, 9]
    assert steps.at_risk.tolist() == [10, 7, 3]
    assert steps.events.tolist() == [2, 1, 0]
    assert steps.competing.tolist() == [0, 3, 0]
    assert steps.censored.tolist() == [1, 0, 3]


def test_steps_on_a_wider_grid_are_the_same_with_empty_days() -> None:
    steps = TEN.steps(cause=2, times=np.array([0, 5, 6, 8, 9, 12]))
    assert steps.at_risk.tolist() == [10, 10, 7, 7, 3, 0]
    assert steps.events.tolist() == [0, 0, 0, 3, 0, 0]
    assert steps.competing.tolist() == [0, 2, 0, 1, 0, 0]


def test_rows_are_sorted_and_merged_so_their_order_and_splitting_do_not_matter() -> None:
    split = RiskTable([5, 8, 5, 9, 8, 9, 5], [1, 1, 0, 0, 2, 0, 1], [1, 1, 1, 1, 3, 2, 1])
    for name in ("time", "outcome", "count"):
        assert getattr(split, name).tolist() == getattr(TEN, name).tolist()


def test_patients_one_by_one_give_the_same_table() -> None:
    table = RiskTable.from_patients([5, 5, 5, 8, 8, 8, 8, 9, 9, 9], [1, 0, 1, 2, 2, 1, 2, 0, 0, 0])
    assert (table.time.tolist(), table.outcome.tolist()) == (TEN.time.tolist(), TEN.outcome.tolist())
    assert table.count.tolist() == TEN.count.tolist()


def test_causes_are_merged_or_censored_only_on_request() -> None:
    assert (TEN.any_cause().events, TEN.any_cause().censored) == (3 + 3, 4)
    assert (TEN.cause_specific().events, TEN.cause_specific().censored) == (3, 4 + 3)
    assert (TEN.cause_specific(2).events, TEN.cause_specific(2).censored) == (3, 4 + 3)
    assert (TEN.reversed().events, TEN.reversed().censored) == (4, 3 + 3)


def test_the_arrays_cannot_be_changed_and_the_callers_are_not_kept() -> None:
    time = np.array([1, 2])
    table = RiskTable(time, [1, 0], [1, 1])
    time[0] = 99
    assert table.time.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        table.count[0] = 99


@pytest.mark.parametrize(
    ("time", "outcome", "count", "message"),
    [
        ([3, -1], [1, 1], [1, 1], "RiskTable.time: expected numbers of at least 0, received -1 in row 1"),
        ([3, 1], [1, -2], [1, 1], "RiskTable.outcome: expected numbers of at least 0, received -2 in row 1"),
        ([3, 1], [1, 1], [0, 1], "RiskTable.count: expected numbers of at least 1, received 0 in row 0"),
        ([3, 1.5], [1, 1], [1, 1], "RiskTable.time: expected whole numbers, received an array of float64"),
        ([3, 1], [True, False], [1, 1], "RiskTable.outcome: expected whole numbers, received an array of bool"),
        ([[3, 1]], [1, 1], [1, 1], r"RiskTable.time: expected one dimension, received an array of shape \(1, 2\)"),
        ([3, 1], [1], [1, 1], "arrays of equal length, received 2 times, 1 outcomes, 2 counts"),
        ([], [], [], "RiskTable: expected at least one patient, received none"),
    ],
)
def test_a_bad_table_is_refused_with_field_expected_and_received(
    time: list[int], outcome: list[int], count: list[int], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        RiskTable(time, outcome, count)
