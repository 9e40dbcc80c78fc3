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


@dataclass(frozen=True, eq=False)
class RiskTable:
    """Patients of one group by the day on which they leave observation and by the reason.

    Three arrays of equal length: `time` in whole days from the origin (0 or later), `outcome` (0 censored, 1 the event
    of interest, 2 and above competing causes) and `count`, the number of patients (at least 1). Rows may come in any
    order and repeat a day and outcome; they are kept sorted and merged, so equal data always give equal tables and no
    estimate depends on how the rows came. The arrays are read-only.

    Raises InvalidInput, also for a table without a patient: an empty group has no estimate.
    """

    time: Ints
    outcome: Ints
    count: Ints

    def __init__(self, time: IntsLike, outcome: IntsLike, count: IntsLike) -> None:
        days = _whole_numbers("RiskTable.time", time, minimum=0)
        outcomes = _whole_numbers("RiskTable.outcome", outcome, minimum=0)
        counts = _whole_numbers("RiskTable.count", count, minimum=1)
        if not len(days) == len(outcomes) == len(counts):
            lengths = f"{len(days)} times, {len(outcomes)} outcomes, {len(counts)} counts"
            raise InvalidInput("RiskTable", "three arrays of equal length", lengths)
        if not len(days):
            raise InvalidInput("RiskTable", "at least one patient", "none")
        order = np.lexsort((outcomes, days))
        days, outcomes, counts = days[order], outcomes[order], counts[order]
        starts = np.flatnonzero(np.diff(days, prepend=-1) | np.diff(outcomes, prepend=-1))
        merged = {"time": days[starts], "outcome": outcomes[starts], "count": np.add.reduceat(counts, starts)}
        for name, column in merged.items():
            column.setflags(write=False)
            object.__setattr__(self, name, column)

    @classmethod
    def from_patients(cls, time: IntsLike, outcome: IntsLike) -> Self:
        """The table of a list of patients: one time and one outcome each."""
        return cls(time, outcome, np.ones(len(time), dtype=np.int64))

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
        """The longest time under observation, in days."""
        return int(self.time[-1])

    def at_risk(self, day: float) -> int:
        """Patients under observation just before `day`: those who leave on that day are counted."""
        return int(self.count[self.time >= day].sum())

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
        return Steps(days, self.n - before, events, competing, censored)

    def cause_specific(self, cause: int = EVENT) -> Self:
        """The same patients with `cause` as the event and every other cause as censoring."""
        return type(self)(self.time, np.where(self.outcome == cause, EVENT, CENSORED), self.count)

    def any_cause(self) -> Self:
        """The same patients with every cause as the event."""
        return type(self)(self.time, np.minimum(self.outcome, EVENT), self.count)

    def reversed(self) -> Self:
        """The same patients with censoring as the event and every event as censoring: how long they were followed."""
        return type(self)(self.time, np.where(self.outcome == CENSORED, EVENT, CENSORED), self.count)


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


def _whole_numbers(argument: str, values: IntsLike, minimum: int) -> Ints:
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
