"""Curves from which no single patient's time can be read: steps of at least N events, on whole months.

A curve steps only at the end of a month by which N events or more have gathered since its last step, and ends with the
last month before which N patients or more are under observation. Shares are whole percents. This is how OpenSAFELY
releases survival curves, with months in place of rounded counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dsl.ir import DAYS_PER_MONTH
from timeline.report import shown
from timeline.report.axis import at_risk

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Steps:
    """Arrays of shape (T,): a share with its limits from each day on, and the numbers at risk, most of them hidden."""

    time: Ints
    share: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints

    def read(self, day: float) -> tuple[float, float, float]:
        place = int(np.searchsorted(self.time, day, side="right")) - 1
        return float(self.share[place]), float(self.lower[place]), float(self.upper[place])


def month_end(day: float) -> float:
    """The end of the month of time in which a day lies."""
    return float(np.ceil(day / DAYS_PER_MONTH) * DAYS_PER_MONTH)


def whole_months(days: float | None) -> float | None:
    return None if days is None else float(np.round(days / DAYS_PER_MONTH) * DAYS_PER_MONTH)


def coarsen(
    time: Ints, share: Floats, lower: Floats, upper: Floats, numbers: Ints, events: Ints,
    start: float, below: int, until: float, printed: dict[float, int],
) -> Steps:  # fmt: skip
    """A curve of steps on `time` as one that may be shown, to the day `until`; `printed` are numbers at risk by day."""
    knots: dict[int, tuple[float, float, float]] = {0: (start, np.nan, np.nan)}
    end, gathered = 0, 0
    so_far = np.cumsum(events)
    for month in range(1, round(until / DAYS_PER_MONTH) + 1):
        day = int(month * DAYS_PER_MONTH)
        if at_risk(time, numbers, day) < below:
            break
        end = day
        place = int(np.searchsorted(time, day, side="right")) - 1
        if place >= 0 and so_far[place] - gathered >= below:
            gathered = int(so_far[place])
            knots[day] = (share[place], lower[place], upper[place])
    found, last = [], knots[0]
    days = _days({*knots, end, end + 1}, until, printed)
    for day in days:
        last = knots.get(day, last)
        found.append(last if day <= end else (np.nan, np.nan, np.nan))
    values: Floats = np.array(found, dtype=np.float64).round(2)
    return Steps(np.array(days, dtype=np.int64), values[:, 0], values[:, 1], values[:, 2], _printed(days, printed))


def withheld(until: float, printed: dict[float, int]) -> Steps:
    """A curve that is not shown at all, with the numbers at risk that are."""
    days = _days({0}, until, printed)
    nothing = np.full(len(days), np.nan)
    return Steps(np.array(days, dtype=np.int64), nothing, nothing, nothing, _printed(days, printed))


def _days(steps: set[int], until: float, printed: dict[float, int]) -> list[int]:
    return sorted({*steps, *(int(np.ceil(day)) for day in printed), int(np.ceil(until))})


def _printed(days: list[int], printed: dict[float, int]) -> Ints:
    known = {int(np.ceil(day)): number for day, number in printed.items()}
    return np.array([known.get(day, shown.HIDDEN) for day in days], dtype=np.int64)
