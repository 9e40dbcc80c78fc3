"""The share of patients in each state over time, stacked: one hundred per cent on every day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timeline.errors import StudyError
from timeline.report import words
from timeline.report.figures.scale import TimeAxis, count
from timeline.report.figures.sheet import MARGIN, Page, Sheet, in_points, stack
from timeline.report.figures.steps import TICK_ROOM, share_room, share_ticks, y_room
from timeline.report.figures.style import LEADING, Look, fill
from timeline.report.figures.survival import LEAST_MM, PROPORTION, WIDTH_MM, left_out
from timeline.report.figures.tables import AtRisk, Key, Section, fitted, row_names
from timeline.study.results import StatesCurve, StatesResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_TIMES = 3
"""Of the times asked for, how many have a column above the plot; the report has all."""


def draw(result: StatesResult, page: Page) -> Figure:
    """The stacked states.

    Raises StudyError where nobody was observed.
    """
    if not len(result.curve.time):
        raise StudyError(f"No member of {result.cohort} has a time for {result.endpoint}: there is nothing to draw.")
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    last = float(result.curve.time[-1])
    # Nobody is observed in a state that nobody leaves: its row would have zeros alone.
    observed = [number for number, row in enumerate(result.curve.at_risk) if row.any()]
    looks = tuple(Look(fill(number), (), "s") for number in range(len(result.states)))
    named, names = row_names(result.states, whole)
    least, right = y_room(1.0), whole - MARGIN - 8
    rows_named, rows_look = tuple(names[number] for number in observed), tuple(looks[number] for number in observed)
    axis, sections, left = fitted(
        lambda axis: (Section("Under observation", in_state(result.curve, axis, observed)),),
        rows_named,
        last,
        whole,
        least,
        right,
    )
    times = result.at[:MOST_TIMES]
    rows = tuple(
        (state, *("–" if at.shares is None else f"{100 * at.shares[number]:.1f}" for at in times))
        for number, state in enumerate(named)
    )
    key = Key(("", *(f"% at {words.span(at.day)}" for at in times)), rows, looks, whole, filled=True)
    notes = [f"Aalen-Johansen estimate of {count(result.n)} patients.", *left_out(result.left_out)]
    page = Page(page.title, (" ".join(notes), *page.notes), page.width)
    plot = Stacked(result.curve, axis, left, right)
    below = AtRisk(axis, sections, rows_named, rows_look, left, right, filled=True)
    return stack(page, whole, [key, plot, below])


def in_state(curve: StatesCurve, axis: TimeAxis, states: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Of each of the states, by number, the patients under observation in it just before each tick."""
    places = np.searchsorted(curve.time, axis.days, side="left")
    counts = np.concatenate([curve.at_risk, np.zeros((len(curve.at_risk), 1), dtype=np.int64)], axis=1)
    return tuple(tuple(int(number) for number in counts[state][places]) for state in states)


@dataclass(frozen=True, eq=False)
class Stacked:
    curve: StatesCurve
    axis: TimeAxis
    left: float
    right: float

    @property
    def _plot(self) -> float:
        return PROPORTION * (self.right - self.left)

    @property
    def height(self) -> float:
        return self._plot + TICK_ROOM + LEADING + 3

    def draw(self, sheet: Sheet, top: float) -> None:
        axes = sheet.axes(self.left, top, self.right - self.left, self._plot)
        axes.set_xlim(self.axis.of(self.axis.first), self.axis.of(self.axis.end))
        axes.set_xticks(self.axis.ticks, self.axis.labels)
        axes.set_ylim(0, 1)
        ticks = share_ticks(1.0)
        axes.set_yticks(ticks, [f"{100 * tick:g}" for tick in ticks])
        time = self.axis.of(1) * self.curve.time
        edges = np.concatenate([np.zeros((1, len(time))), np.cumsum(self.curve.shares, axis=0)])
        for number, (below, above) in enumerate(itertools.pairwise(edges)):
            axes.fill_between(time, below, above, step="post", color=fill(number), linewidth=0)
            axes.step(time, above, where="post", color="white", linewidth=0.6)
        middle = top + self._plot / 2
        sheet.text(self.left - share_room(1.0), middle, "Patients (%)", rotation=90, va="center", ha="right")
        below = top + self._plot + TICK_ROOM
        sheet.text((self.left + self.right) / 2, below, f"Time ({self.axis.unit})", ha="center")
