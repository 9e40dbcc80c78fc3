"""No small count, and no number that was hidden, can be told from what is shown: an attacker tries to."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from timeline.report.redaction.cells import Cell, Counts, Total, hide, is_small
from timeline.report.redaction.coarse import coarsen
from timeline.survival import RiskTable, kaplan_meier


def table(rows: Sequence[Sequence[int]]) -> Counts:
    """A table with the totals of its rows, of its columns, and of all."""
    counts = Counts()
    width = len(rows[0])
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            counts.add((i, j), value)
        counts.add(("row", i), sum(row))
        counts.sum(("row", i), *((i, j) for j in range(width)))
    for j in range(width):
        counts.add(("column", j), sum(row[j] for row in rows))
        counts.sum(("column", j), *((i, j) for i in range(len(rows))))
    counts.add("all", sum(map(sum, rows)))
    counts.sum("all", *(("row", i) for i in range(len(rows))))
    counts.sum("all", *(("column", j) for j in range(width)))
    return counts


def computable(cell: Cell, totals: Sequence[Total], hidden: frozenset[Cell]) -> bool:
    """Whether adding and subtracting shown counts gives a hidden one, by exact elimination.

    It does if the equation `cell = …` is a combination of the totals, seen as equations in the hidden cells alone.
    """
    unknown = [cell, *sorted(hidden - {cell}, key=repr)]
    equations = []
    for total in totals:
        row = [Fraction(0)] * len(unknown)
        for part, sign in ((total.whole, 1), *((part, -1) for part in total.parts)):
            if part in hidden:
                row[unknown.index(part)] += sign
        equations.append(row)
    for column in reversed(range(1, len(unknown))):  # eliminate every unknown but the cell itself
        pivot = next((row for row in equations if row[column]), None)
        if pivot is None:
            continue
        equations.remove(pivot)
        equations = [
            [a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)] if row[column] else row
            for row in equations
        ]
    return any(row[0] for row in equations)


def most(cell: Cell, counts: Counts, hidden: frozenset[Cell]) -> float:
    """The largest whole number that a hidden cell can be, beside what is shown; whole numbers make it exact."""
    unknown = sorted(hidden, key=repr)
    matrix, known = np.zeros((len(counts.totals), len(unknown))), np.zeros(len(counts.totals))
    for i, total in enumerate(counts.totals):
        for part, sign in ((total.whole, 1), *((part, -1) for part in total.parts)):
            if part in hidden:
                matrix[i, unknown.index(part)] += sign
            else:
                known[i] -= sign * counts.values[part]
    gain = np.array([-1.0 if other == cell else 0.0 for other in unknown])
    limits = Bounds(0, 1000)
    found = milp(
        gain, constraints=LinearConstraint(matrix, known, known), integrality=np.ones(len(unknown)), bounds=limits
    )
    return -float(found.fun)


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=4)
)


@settings(deadline=None)
@given(tables, st.integers(2, 7))
def test_a_small_count_of_a_table_could_be_large_for_all_that_a_reader_knows(rows: list[list[int]], below: int) -> None:
    counts = table(rows)
    hidden = counts.hidden(below)
    for cell in [cell for cell, value in counts.values.items() if is_small(value, below)]:
        assert cell in hidden
        if sum(map(sum, rows)) >= below:  # else everything is small, and so is the total
            assert most(cell, counts, hidden) >= below


@settings(deadline=None)
@given(tables, st.integers(2, 7))
def test_no_hidden_count_of_a_table_can_be_computed_from_what_is_shown(rows: list[list[int]], below: int) -> None:
    counts = table(rows)
    hidden = counts.hidden(below)
    assert [cell for cell in hidden if computable(cell, counts.totals, hidden)] == []


@settings(deadline=None)
@given(st.integers(0, 60), st.lists(st.integers(0, 9), max_size=6), st.integers(2, 7))
def test_no_hidden_step_of_an_attrition_can_be_computed(start: int, falls: list[int], below: int) -> None:
    counts, before, remaining = Counts(), "log", start + sum(falls)
    counts.add(before, remaining)
    for number, fell in enumerate(falls):
        remaining -= fell
        counts.add(("fell", number), fell)
        counts.add(("remaining", number), remaining)
        counts.sum(before, ("remaining", number), ("fell", number))
        before = ("remaining", number)
    hidden = counts.hidden(below)
    assert all(cell in hidden for cell, value in counts.values.items() if is_small(value, below))
    assert [cell for cell in hidden if computable(cell, counts.totals, hidden)] == []


def test_one_small_cell_of_a_row_takes_another_with_it() -> None:
    counts = table([[3, 20, 30]])  # 53 - 20 - 30 = 3, so one of them goes too
    assert {(0, 0), (0, 1)} <= counts.hidden(5)
    assert (0, 2) not in counts.hidden(5)


def test_two_small_cells_do_not_hide_each_other_where_together_they_are_small() -> None:
    counts = Counts({"a": 1, "b": 1, "c": 50, "all": 52}, [Total("all", ("a", "b", "c"))])
    assert counts.hidden(5) == {"a", "b", "c"}  # 52 - 50 = 2 would tell that both are 1


def test_what_a_reader_could_compute_counts_though_it_is_not_printed() -> None:
    counts = Counts()
    counts.add("all", 50)
    counts.add("male", 47)
    counts.sum("all", "male")  # 50 - 47 = 3 women
    assert counts.hidden(5) & {"all", "male"}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert table([[5, 6], [7, 0]]).hidden(5) == frozenset()


def test_a_cell_is_not_hidden_in_vain() -> None:
    """The 16 of 50 = 34 + 16 stand, though 16 = 14 + 2 holds a small one: 14 goes with it."""
    values = {"all": 50, "dead": 34, "alive": 16, "alive, a": 14, "alive, b": 2}
    totals = [Total("all", ("dead", "alive")), Total("alive", ("alive, a", "alive, b"))]
    assert hide(values, totals, 5) == {"alive, a", "alive, b"}


def test_one_cell_has_one_value() -> None:
    counts = Counts()
    counts.add("all", 50)
    with pytest.raises(ValueError, match="is 50 and 49"):
        counts.add("all", 49)


patients = st.lists(st.tuples(st.integers(1, 1500), st.integers(0, 1)), min_size=1, max_size=80)


@settings(deadline=None)
@given(patients, st.integers(2, 7))
def test_each_step_of_a_coarse_curve_gathers_enough_events_while_enough_are_at_risk(
    rows: list[tuple[int, int]], below: int
) -> None:
    times, outcomes = np.array(rows).T
    curve = kaplan_meier(RiskTable.from_patients(times, outcomes))
    steps = coarsen(
        curve.time, curve.survival, curve.lower, curve.upper, curve.at_risk, curve.events, 1.0, below, 1552.0, {}
    )
    share = steps.share
    known = steps.time[~np.isnan(share)]
    changes = [int(day) for day, before, after in zip(steps.time[1:], share, share[1:], strict=False) if after < before]
    for first, last in pairwise([0, *changes]):
        assert sum(outcome for time, outcome in rows if first < time <= last) >= below
    assert known[-1] == 0 or sum(time >= known[-1] for time, _ in rows) >= below
