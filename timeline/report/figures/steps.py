"""Step curves over time with their bands and marks: the plot that survival, incidence and states share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from timeline.report.figures.scale import TimeAxis
from timeline.report.figures.sheet import MARGIN, Sheet
from timeline.report.figures.style import FAINT, LEADING, Look, width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

MOST_MARKS = 90
"""Of one curve. More would run into a thick line, so none are drawn then, and the figure says so."""
MARK_DISTANCE = 2.0
"""In points: censored patients nearer to each other than this share one tick."""
TICK_ROOM = 16.0
"""Below the axis, in points, for its numbers."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A share of patients over time. `time` in days, shape (T,); `value`, `lower` and `upper` in 0 to 1, shape (T,).

    Each value holds from its day until before the next; before the first day it is `start`. `marks` are the days on
    which patients are censored. Limits are NaN where there are none; the band then takes the curve itself.
    """

    look: Look
    time: Floats
    value: Floats
    start: float
    lower: Floats | None = None
    upper: Floats | None = None
    marks: Floats = field(default_factory=lambda: np.empty(0))

    def steps(self, curve: Floats | None = None) -> tuple[Floats, Floats]:
        """The days and the values of the curve (or of one of its limits) from 0 on."""
        value = self.value if curve is None else np.where(np.isnan(curve), self.value, curve)
        if len(self.time) and self.time[0] == 0:
            return self.time, value
        return np.concatenate([[0.0], self.time]), np.concatenate([[self.start], value])

    def at(self, days: Floats) -> Floats:
        time, value = self.steps()
        return value[np.searchsorted(time, days, side="right") - 1]


@dataclass(frozen=True, eq=False)
class StepPlot:
    """The plot between `left` and `right`, in points, as high as `plot_height`."""

    axis: TimeAxis
    curves: tuple[Curve, ...]
    y_label: str
    x_label: str
    left: float
    right: float
    plot_height: float
    top_value: float = 1.0
    medians: tuple[float, ...] = ()
    """In days: where a line leads from one half down to the axis."""
    stacked: bool = False

    @property
    def height(self) -> float:
        return self.plot_height + TICK_ROOM + LEADING + 3

    @property
    def marks(self) -> tuple[Floats, ...]:
        """Of each curve the days that get a tick; of none if one has too many."""
        apart = [_apart(curve.marks, MARK_DISTANCE / (self.right - self.left) * self._span) for curve in self.curves]
        return tuple(apart) if all(len(days) <= MOST_MARKS for days in apart) else tuple(np.empty(0) for _ in apart)

    @property
    def _span(self) -> float:
        return self.axis.end - self.axis.first

    def draw(self, sheet: Sheet, top: float) -> None:
        axes = sheet.axes(self.left, top, self.right - self.left, self.plot_height)
        axes.set_xlim(self.axis.of(self.axis.first), self.axis.of(self.axis.end))
        axes.set_xticks(self.axis.ticks, self.axis.labels)
        # Room above the top value, so that a curve at 100 % is not cut in half.
        axes.set_ylim(0, 1.015 * self.top_value)
        ticks = share_ticks(self.top_value)
        axes.set_yticks(ticks, [f"{100 * tick:g}" for tick in ticks])
        self._guides(axes)
        for curve, marks in zip(self.curves, self.marks, strict=True):
            self._curve(axes, curve, marks)
        below = top + self.plot_height + TICK_ROOM
        sheet.text((self.left + self.right) / 2, below, self.x_label, ha="center")
        beside = self.left - share_room(self.top_value)
        sheet.text(beside, top + self.plot_height / 2, self.y_label, rotation=90, va="center", ha="right")

    def _guides(self, axes: Axes) -> None:
        style: dict[str, Any] = {"color": FAINT, "linewidth": 0.5, "linestyle": (0, (1, 2)), "zorder": 1}
        if self.medians:
            furthest = self.axis.of(max(self.medians))
            axes.plot([0, furthest], [0.5, 0.5], **style)
        for median in self.medians:
            axes.plot([self.axis.of(median)] * 2, [0, 0.5], **style)

    def _curve(self, axes: Axes, curve: Curve, marks: Floats) -> None:
        time, value = curve.steps()
        colour, line = curve.look.colour, curve.look.line
        if curve.lower is not None and curve.upper is not None:
            lower, upper = curve.steps(curve.lower)[1], curve.steps(curve.upper)[1]
            axes.fill_between(
                self.axis.of(1) * time, lower, upper, step="post", color=colour, alpha=0.16, linewidth=0, zorder=2
            )
        axes.step(self.axis.of(1) * time, value, where="post", color=colour, linestyle=line, zorder=3)
        if len(marks):
            axes.plot(
                self.axis.of(1) * marks, curve.at(marks), "|", color=colour, markersize=5, markeredgewidth=0.7, zorder=4
            )


def share_ticks(top: float) -> list[float]:
    """Ticks of a share up to `top`: 0, 25, … 100 % or finer."""
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if top / step <= 6)
    return [float(tick) for tick in np.arange(0, top + step / 100, step)]


def share_room(top: float) -> float:
    """Points left of the axis that its ticks and their numbers take."""
    return max(width(f"{100 * tick:g}") for tick in share_ticks(top)) + 9


def y_room(top: float) -> float:
    """Points from the left edge of the figure to the axis, with numbers and a label beside it."""
    return MARGIN + LEADING + share_room(top)


def _apart(days: Floats, distance: float) -> Floats:
    """The days without those that lie less than `distance` after one that is kept."""
    kept: list[float] = []
    for day in np.unique(days):
        if not kept or day - kept[-1] >= distance:
            kept.append(float(day))
    return np.array(kept)
