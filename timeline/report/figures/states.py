"""The share of patients in each state over time, stacked: one hundred per cent on every day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from timeline.errors import StudyError
from timeline.report import words
from timeline.report.figures import times
from timeline.report.figures.scale import TimeAxis
from timeline.report.figures.sheet import MARGIN, Block, Page, Sheet, in_points, paragraph, stack
from timeline.report.figures.steps import TICK_ROOM, share_room, share_ticks, y_room
from timeline.report.figures.style import LEADING, Look, fill
from timeline.report.figures.survival import LEAST_MM, PROPORTION, WIDTH_MM, left_out
from timeline.report.figures.tables import AtRisk, fitted, row_names
from timeline.report.tallies import Tally
from timeline.report.words import count
from timeline.study.results import StatesAt, StatesCurve, StatesResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALONE = PROPORTION
"""Height of the only plot in relation to its width."""
OF_SEVERAL = 0.36


def draw(result: StatesResult, page: Page) -> Figure:
    """The stacked states, a plot a group.

    Raises StudyError where nobody was observed.
    """
    groups = result.groups
    if not any(len(group.curve.time) for group in groups):
        raise StudyError(f"No member of {result.cohort} has a time for {result.endpoint}: there is nothing to draw.")
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    last = max(float(group.curve.time[-1]) for group in groups)
    # Nobody is observed in a state that nobody leaves: its row would have zeros alone.
    observed = [n for n in range(len(result.states)) if any(group.curve.at_risk[n].any() for group in groups)]
    looks = tuple(Look(fill(number), (), "s") for number in range(len(result.states)))
    named, names = row_names(result.states, whole)
    least, right = y_room(1.0), whole - MARGIN - 8
    rows_named, rows_look = tuple(names[number] for number in observed), tuple(looks[number] for number in observed)
    titles = [f"Under observation, {group.label}" if result.by else "Under observation" for group in groups]
    axis, sections, left = fitted(
        lambda axis: tuple(
            Tally(title, in_state(group.curve, axis, observed)) for title, group in zip(titles, groups, strict=True)
        ),
        rows_named,
        last,
        whole,
        least,
        right,
    )
    blocks: list[Block] = []
    notes = [f"Aalen-Johansen estimate of {count(sum(group.n for group in groups))} patients."]
    notes += ["Numbers in brackets: 95 % limits."] if any(group.at for group in groups) else []
    for group, section in zip(groups, sections, strict=True):
        of_group = f"{group.label}, " if result.by else ""
        blocks += [paragraph(f"{group.label} (n = {count(group.n)})", whole, bold=True)] if result.by else []
        found = [(words.span(at.day), _estimates(at, len(named))) for at in group.at]
        above, unsaid = times.key("", named, (), found, looks, whole, filled=True)
        notes += [f"{of_group}{said}" for said in unsaid]
        height = (ALONE if len(groups) == 1 else OF_SEVERAL) * (right - left)
        plot = Stacked(group.curve, axis, left, right, height)
        blocks += [above, plot, AtRisk(axis, (section,), rows_named, rows_look, left, right, filled=True)]
    notes += left_out(result.left_out)
    page = Page(page.title, (" ".join(notes), *page.notes), page.width)
    return stack(page, whole, blocks)


def _estimates(at: StatesAt, states: int) -> list[times.Estimate]:
    shares = at.shares if at.shares is not None else (None,) * states
    return list(zip(shares, at.lower, at.upper, strict=True))


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
    plot: float
    """The height of the plot itself, in points."""

    @property
    def height(self) -> float:
        return self.plot + TICK_ROOM + LEADING + 3

    def draw(self, sheet: Sheet, top: float) -> None:
        axes = sheet.axes(self.left, top, self.right - self.left, self.plot)
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
        middle = top + self.plot / 2
        sheet.text(self.left - share_room(1.0), middle, "Patients (%)", rotation=90, va="center", ha="right")
        below = top + self.plot + TICK_ROOM
        sheet.text((self.left + self.right) / 2, below, f"Time ({self.axis.unit})", ha="center")
