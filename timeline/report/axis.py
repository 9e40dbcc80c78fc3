"""The time axis of a figure: its unit, and the days at which numbers at risk stand below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dsl.ir import DAYS_PER_MONTH, DAYS_PER_YEAR

MOST_TICKS = 8
STEPS = {"years": (1, 2, 5, 10, 20), "months": (1, 2, 3, 6, 12), "days": (1, 2, 5, 7, 10, 14, 30)}


@dataclass(frozen=True)
class Axis:
    """`size` is how many days make a unit; `ticks`, from 0, and `last` are in that unit."""

    unit: str
    size: float
    ticks: tuple[float, ...]
    last: float

    @property
    def days(self) -> tuple[float, ...]:
        return tuple(tick * self.size for tick in self.ticks)


def axis(last_day: float) -> Axis:
    """Years from two years up, months from two months up, else days; as many ticks as fit side by side on a phone."""
    unit, size = "days", 1.0
    if last_day >= 2 * DAYS_PER_YEAR:
        unit, size = "years", DAYS_PER_YEAR
    elif last_day >= 2 * DAYS_PER_MONTH:
        unit, size = "months", DAYS_PER_MONTH
    longest = max(last_day, 1) / size
    step = next((step for step in STEPS[unit] if longest / step < MOST_TICKS), float(np.ceil(longest / MOST_TICKS)))
    return Axis(unit, size, tuple(float(tick) for tick in np.arange(0, longest + 1e-9, step)), longest)


def at_risk(time: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], day: float) -> int:
    """Patients under observation just before `day`, from a curve's days and its numbers at risk."""
    place = int(np.searchsorted(time, day, side="left"))
    return int(numbers[place]) if place < len(time) else 0


def last_day(times: Iterable[npt.NDArray[np.int64]]) -> float:
    return max((float(time[-1]) for time in times if len(time)), default=0.0)
