"""The time axis of a figure: its unit, and the days at which numbers at risk stand below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from timeline.report import words

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
    """In the unit that suits the last day, with as many ticks as fit side by side on a phone."""
    unit = words.unit([last_day])
    longest = max(last_day, 1) / unit.size
    coarsest = float(np.ceil(longest / MOST_TICKS))
    step = next((step for step in STEPS[unit.name] if longest / step < MOST_TICKS), coarsest)
    return Axis(unit.name, unit.size, tuple(float(tick) for tick in np.arange(0, longest + 1e-9, step)), longest)


def at_risk(time: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64], day: float) -> int:
    """Patients under observation just before `day`, from a curve's days and its numbers at risk."""
    place = int(np.searchsorted(time, day, side="left"))
    return int(numbers[place]) if place < len(time) else 0


def last_day(times: Iterable[npt.NDArray[np.int64]]) -> float:
    return max((float(time[-1]) for time in times if len(time)), default=0.0)
