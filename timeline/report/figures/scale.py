"""Axes of time in the unit that suits the data, with few round ticks; and numbers as figures print them."""

from __future__ import annotations

from dataclasses import dataclass

from timeline.report import words
from timeline.report.axis import axis

STEPS = {
    "days": (1, 2, 5, 7, 10, 14, 20, 28, 30, 50, 60, 90),
    "months": (0.5, 1, 2, 3, 6, 12, 18, 24),
    "years": (0.5, 1, 2, 3, 4, 5, 10, 20, 25, 50, 100),
}


@dataclass(frozen=True)
class TimeAxis:
    """From `first` to `last` day, with ticks at whole steps of a unit of time."""

    measure: words.Unit
    first: float
    last: float
    ticks: tuple[float, ...]
    """In the unit."""

    @property
    def unit(self) -> str:
        return self.measure.name

    @property
    def size(self) -> float:
        """How many days make a unit."""
        return self.measure.size

    @property
    def end(self) -> float:
        """Where the axis ends, in days: a little after the last, so that what happens on it is seen whole."""
        return self.last + 0.015 * (self.last - self.first)

    @property
    def days(self) -> tuple[float, ...]:
        """The ticks in days."""
        return tuple(tick * self.size for tick in self.ticks)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"{tick:g}".replace("-", "−") for tick in self.ticks)

    def of(self, days: float) -> float:
        return days / self.size

    def said(self, days: float | None) -> str:
        """A time in the axis' unit, NR where it is not reached."""
        return "NR" if days is None else words.in_unit(days, self.measure)


def time_axis(last: float, most: int = 9, first: float = 0) -> TimeAxis:
    """An axis that holds the days from `first` to `last` with at most `most` ticks; 0 is one of them."""
    measure = words.unit([first, last])

    def ticks(step: float) -> tuple[float, ...]:
        low, high = -int(-first / measure.size / step + 1e-9), int(last / measure.size / step + 1e-9)
        return tuple(number * step for number in range(low, high + 1))

    steps = [step for step in STEPS[measure.name] if len(ticks(step)) <= max(most, 2)]
    return TimeAxis(measure, first, max(last, 1), ticks(steps[0] if steps else STEPS[measure.name][-1]))


def reading_axis(last: float) -> TimeAxis:
    """The axis of the same curve in the report: where small numbers are hidden, others are known only at its ticks."""
    return TimeAxis(words.unit([last]), 0, max(last, 1), axis(last).ticks)


def interval(middle: str, lower: str, upper: str) -> str:
    """An estimate with its limits: `3.79 (3.06–5.34)`."""
    return f"{middle} ({lower}–{upper})"


def ratio(value: float) -> str:
    """A ratio to two decimals, or to two digits below 0.1; out of proportion beyond 1,000."""
    if value >= 1000:
        return ">1000"
    return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{value:.2g}"


def p_value(value: float) -> str:
    """`= 0.0039` or `< 0.0001`, to stand behind a p."""
    said = words.p_value(value)
    return said if said.startswith("<") else f"= {said}"
