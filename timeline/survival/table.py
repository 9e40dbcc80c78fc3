"""The risk table of one group: how many patients leave observation on each day, and why.

It is all that the estimators of this package need to know about patients, and a few thousand rows hold millions of
them. Building it from events is left to the query engine; estimating anything from it to the other modules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from timeline.survival.errors import InvalidInput

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
IntsLike = Sequence[int] | npt.NDArray[Any]

CENSORED = 0
EVENT = 1


@dataclass(frozen=True)
class Steps:
    """One group's counts on a grid of T days, each an array of shape (T,).

    `at_risk` counts the patients still under observation just before the day: those who leave on it are among them,
    so an event counts on the day on which others are censored.
    """

    time: Ints
    at_risk: Ints
    events: Ints
    competing: Ints
    censored: Ints


@dataclass(frozen=True)
class Numbers:
    """A number-at-risk table: one entry a day asked for, all tuples of equal length.

    `at_risk` are the patients under observation just before the day; `events`, `competing` and `censored` those who
    left until and on it.
    """

    day: tuple[float, ...]
    at_risk: tuple[int, ...]
    events: tuple[int, ...]
    competing: tuple[int, ...]
    censored: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Patients of one group by the day on which they leave observation and by the reason.

    Arrays of equal length: `time` in whole days from the origin (0 or later), `outcome` (0 censored, 1 the event of
    interest, 2 and above competing causes), `count`, the number of patients (at least 1), and `entry`, the day from
    which they are under observation. Rows may come in any order and repeat; they are kept sorted and merged, so equal
    data always give equal tables and no estimate depends on how the rows came. The arrays are read-only.

    Without `entry`, and where it is 0, patients are observed from the origin on and at risk on day 0 too. Who enters
    later (delayed entry, left truncation) is at risk from the day after: entry < t ≤ time, as in R's
    `Surv(entry, time, status)`; so an entry above 0 must be before the time.

    Raises InvalidInput, also for a table without a patient: an empty group has no estimate.
    """

    time: Ints
    outcome: Ints
    count: Ints
    entry: Ints

    def __init__(self, time: IntsLike, outcome: IntsLike, count: IntsLike, entry: IntsLike | None = None) -> None:
        days = whole_numbers("RiskTable.time", time, minimum=0)
        outcomes = whole_numbers("RiskTable.outcome", outcome, minimum=0)
        counts = whole_numbers("RiskTable.count", count, minimum=1)
        entries = np.zeros_like(days) if entry is None else whole_numbers("RiskTable.entry", entry, minimum=0)
        if not len(days) == len(outcomes) == len(counts) == len(entries):
            lengths = f"{len(days)} times, {len(outcomes)} outcomes, {len(counts)} counts"
            lengths += f", {len(entries)} entries" if entry is not None else ""
            raise InvalidInput("RiskTable", "arrays of equal length", lengths)
        if not len(days):
            raise InvalidInput("RiskTable", "at least one patient", "none")
        require_entry_before_time("RiskTable.entry", entries, days)
        order = np.lexsort((entries, outcomes, days))
        keys = np.stack([days, outcomes, entries])[:, order]
        starts = np.flatnonzero(np.diff(keys, axis=1, prepend=-1).any(axis=0))
        merged = dict(zip(("time", "outcome", "entry"), keys[:, starts], strict=True))
        for name, column in (merged | {"count": np.add.reduceat(counts[order], starts)}).items():
            column.setflags(write=False)
            object.__setattr__(self, name, column)

    @classmethod
    def from_patients(cls, time: IntsLike, outcome: IntsLike, entry: IntsLike | None = None) -> Self:
        """The table of a list of patients: one time and one outcome each, and one entry where it is delayed."""
        return cls(time, outcome, np.ones(len(time), dtype=np.int64), entry)

    @property
    def n(self) -> int:
        """Patients."""
        return int(self.count.sum())

    @property
    def events(self) -> int:
        """Patients with the event of interest."""
        return int(self.count[self.outcome == EVENT].sum())

    @property
    def competing(self) -> int:
        """Patients whom any competing cause took out of observation."""
        return int(self.count[self.outcome > EVENT].sum())

    @property
    def censored(self) -> int:
        """Patients censored."""
        return int(self.count[self.outcome == CENSORED].sum())

    @property
    def causes(self) -> tuple[int, ...]:
        """Outcomes other than censoring that some patient had, ascending."""
        return tuple(int(cause) for cause in np.unique(self.outcome[self.outcome != CENSORED]))

    @property
    def last(self) -> int:
        """The day on which the last patient left observation."""
        return int(self.time[-1])

    @property
    def delayed(self) -> int:
        """Patients who entered observation after the origin."""
        return int(self.count[self.entry > 0].sum())

    def at_risk(self, day: float) -> int:
        """Patients under observation just before `day`: those who leave on that day are counted."""
        return int(self.count[(self.time >= day) & ((self.entry < day) | (self.entry == 0))].sum())

    def numbers(self, days: Sequence[float]) -> "Numbers":
        """What a number-at-risk table shows at each of these days (0 or later)."""
        for day in days:
            require_day("day", day)

        def until(chosen: npt.NDArray[np.bool_]) -> tuple[int, ...]:
            return tuple(int(self.count[chosen & (self.time <= day)].sum()) for day in days)

        return Numbers(
            tuple(days),
            tuple(self.at_risk(day) for day in days),
            events=until(self.outcome == EVENT),
            competing=until(self.outcome > EVENT),
            censored=until(self.outcome == CENSORED),
        )

    def steps(self, cause: int = EVENT, times: Ints | None = None) -> Steps:
        """Counts by day for one cause, all others being competing.

        On the table's own days; or on `times`, which must be ascending and hold all of them.
        """
        days = np.unique(self.time) if times is None else times
        day_of_row = np.searchsorted(days, self.time)

        def per_day(chosen: npt.NDArray[np.bool_]) -> Ints:
            counts = np.zeros(len(days), dtype=np.int64)
            np.add.at(counts, day_of_row[chosen], self.count[chosen])
            return counts

        censored = per_day(self.outcome == CENSORED)
        events = per_day(self.outcome == cause)
        competing = per_day((self.outcome != CENSORED) & (self.outcome != cause))
        left = np.cumsum(censored + events + competing)
        before = np.concatenate([[0], left[:-1]])
        late = self.entry > 0
        entered = np.zeros(len(days) + 1, dtype=np.int64)
        np.add.at(entered, np.searchsorted(days, self.entry[late], side="right"), self.count[late])
        to_come = self.delayed - np.cumsum(entered[:-1])
        return Steps(days, self.n - before - to_come, events, competing, censored)

    def cause_specific(self, cause: int = EVENT) -> Self:
        """The same patients with `cause` as the event and every other cause as censoring."""
        return type(self)(self.time, np.where(self.outcome == cause, EVENT, CENSORED), self.count, self.entry)

    def any_cause(self) -> Self:
        """The same patients with every cause as the event."""
        return type(self)(self.time, np.minimum(self.outcome, EVENT), self.count, self.entry)

    def reversed(self) -> Self:
        """The same patients with censoring as the event and every event as censoring: how long they were followed."""
        return type(self)(self.time, np.where(self.outcome == CENSORED, EVENT, CENSORED), self.count, self.entry)


def require_single_cause(argument: str, table: RiskTable) -> None:
    """Refuse competing causes where an estimator has to be told what to make of them.

    Raises InvalidInput.
    """
    if table.competing:
        raise InvalidInput(
            argument,
            "no competing causes; choose with .cause_specific() or .any_cause(), or estimate the cumulative incidence",
            f"{table.competing} patients with outcome {', '.join(str(c) for c in table.causes if c > EVENT)}",
        )


def require_no_delayed_entry(argument: str, table: RiskTable, estimator: str) -> None:
    """Refuse delayed entry where the estimator has no risk set to leave those out who have not entered yet.

    Raises InvalidInput.
    """
    if table.delayed:
        raise InvalidInput(
            argument,
            f"patients observed from the origin: {estimator} does not allow delayed entry",
            f"{table.delayed} patients who entered later",
        )


def require_entry_before_time(argument: str, entry: Ints, time: Ints) -> None:
    """Raises InvalidInput for a row that enters, after the origin, on the day on which it ends or later."""
    if (wrong := (entry > 0) & (entry >= time)).any():
        row = int(np.argmax(wrong))
        raise InvalidInput(argument, "entries before the time", f"{entry[row]} with time {time[row]} in row {row}")


def require_day(argument: str, day: float) -> None:
    """Raises InvalidInput unless `day` is a time of at least 0."""
    if not day >= 0:
        raise InvalidInput(argument, "a time of at least 0", day)


def whole_numbers(argument: str, values: IntsLike, minimum: int) -> Ints:
    """One column of whole numbers. Raises InvalidInput, with the row, for any other."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidInput(argument, "one dimension", f"an array of shape {array.shape}")
    if not len(array):
        return np.empty(0, dtype=np.int64)
    if not np.issubdtype(array.dtype, np.integer):
        raise InvalidInput(argument, "whole numbers", f"an array of {array.dtype}")
    if (wrong := array < minimum).any():
        row = int(np.argmax(wrong))
        raise InvalidInput(argument, f"numbers of at least {minimum}", f"{array[row]} in row {row}")
    return array.astype(np.int64)
