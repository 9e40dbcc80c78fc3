"""Swimmer plots: a lane a patient, phases as bars, events as marks, an arrow where observation goes on.

Lanes carry no patient's id: a figure is made to be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsl.words import plain
from timeline.errors import StudyError
from timeline.report.figures.legend import Entry, Legend, mark
from timeline.report.figures.scale import TimeAxis, time_axis
from timeline.report.figures.sheet import MARGIN, Page, Sheet, in_points, stack
from timeline.report.figures.steps import TICK_ROOM
from timeline.report.figures.style import INK, LEADING, fill
from timeline.report.words import count
from timeline.study.results import SwimmerResult, SwimmerRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_MM = 170.0
LEAST_MM = 80.0
MOST_LANES = 120
"""Of more patients this many are drawn, evenly spaced from the longest history to the shortest, and it says so."""
LANE = 9.0
"""The height of a lane where there is room, in points."""
LONGEST = 560.0
"""The height of the lanes together, in points, at most: a page."""
PLAIN = "#D9D9D9"
"""Of a lane that has no phases."""
OFTEN = 3
"""Events of one type in a lane, on average, beyond which they are drawn as strokes."""
STROKE: dict[str, Any] = {"marker": "|", "markeredgecolor": INK, "markeredgewidth": 0.8, "linestyle": "none"}
ARROW: dict[str, Any] = {"marker": ">", "markerfacecolor": INK, "markeredgecolor": INK, "linestyle": "none"}


def draw(result: SwimmerResult, page: Page) -> Figure:
    """The swimmer plot.

    Raises StudyError where no patient has anything to show.
    """
    rows = [row for row in result.rows if row.events or row.phases]
    if not rows:
        raise StudyError(f"No member of {result.cohort} has an event for its swimmer plot: there is nothing to draw.")
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    drawn = spread(rows, MOST_LANES)
    first, last = min(_first(row) for row in drawn), max(_last(row) for row in drawn)
    axis = time_axis(last, max(3, int(whole / 45)), first)
    entries = [Entry(phase, colour=fill(number)) for number, phase in enumerate(result.phases)]
    marks = lane_marks(result.lanes, drawn)
    entries += [Entry(plain(lane), marks=marks[lane]) for lane in result.lanes]
    if any(row.ongoing for row in drawn):
        entries.append(Entry("still observed", marks=ARROW))
    notes = []
    if len(drawn) < len(rows):
        left = count(len(rows) - len(drawn))
        notes.append(
            f"{len(drawn)} of {count(len(rows))} patients, evenly spaced from the longest history to the shortest; "
            f"{left} are left out."
        )
    if len(result.rows) > len(rows):
        notes.append(f"{count(len(result.rows) - len(rows))} patients have nothing to show.")
    if result.without_day:
        notes.append(f"{count(result.without_day)} members without {result.aligned} have no lane.")
    page = Page(page.title, (*([" ".join(notes)] if notes else []), *page.notes), page.width)
    label = f"Time from {result.aligned} ({axis.unit})"
    lanes = Lanes(result, marks, tuple(drawn), axis, f"Patients (n = {count(len(drawn))})", label, whole)
    return stack(page, whole, [Legend(entries, whole), lanes])


def spread(rows: Sequence[SwimmerRow], most: int) -> list[SwimmerRow]:
    """At most `most` rows, evenly spaced, the first and the last among them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(number * (len(rows) - 1) / (most - 1))] for number in range(most)]


def lane_marks(lanes: Sequence[str], rows: Sequence[SwimmerRow]) -> dict[str, dict[str, Any]]:
    """The mark of each event type; a stroke for what happens so often that shapes would hide each other."""
    events = [event.event for row in rows for event in row.events]
    often = {lane for lane in lanes if events.count(lane) > OFTEN * len(rows)}
    shapes = [lane for lane in lanes if lane not in often]
    return {lane: STROKE if lane in often else mark(shapes.index(lane)) for lane in lanes}


def _first(row: SwimmerRow) -> int:
    return min([0, *(event.start_day for event in row.events), *(phase.start_day for phase in row.phases)])


def _last(row: SwimmerRow) -> int:
    return max([0, *(event.end_day for event in row.events), *(phase.end_day for phase in row.phases)])


@dataclass(frozen=True)
class Lanes:
    """The plot itself, the longest history on top."""

    result: SwimmerResult
    marks: dict[str, dict[str, Any]]
    rows: tuple[SwimmerRow, ...]
    axis: TimeAxis
    y_label: str
    x_label: str
    room: float

    @property
    def _lane(self) -> float:
        return min(LANE, LONGEST / len(self.rows))

    @property
    def _plot(self) -> float:
        return self._lane * (len(self.rows) + 0.6)

    @property
    def height(self) -> float:
        return self._plot + TICK_ROOM + LEADING + 3

    def draw(self, sheet: Sheet, top: float) -> None:
        left, right = MARGIN + LEADING + 8, self.room - MARGIN - 4
        axes = sheet.axes(left, top, right - left, self._plot)
        scale = self.axis.of(1)
        axes.set_xlim(scale * (self.axis.first - 0.01 * self.axis.last), scale * self.axis.end)
        axes.set_ylim(len(self.rows) - 0.2, -0.8)
        axes.set_xticks(self.axis.ticks, self.axis.labels)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        if self.axis.first < 0:
            axes.axvline(0, color=INK, linewidth=0.5, linestyle=(0, (1, 2)), zorder=1)
        bars = [
            (number, phase.start_day, phase.end_day, fill(self.result.phases.index(phase.state)))
            for number, row in enumerate(self.rows)
            for phase in row.phases
        ]
        bars += [(n, _first(row), _last(row), PLAIN) for n, row in enumerate(self.rows) if not row.phases]
        axes.barh(
            [lane for lane, _, _, _ in bars],
            [scale * (end - start) for _, start, end, _ in bars],
            left=[scale * start for _, start, _, _ in bars],
            color=[colour for _, _, _, colour in bars],
            height=0.72,
            linewidth=0,
            zorder=2,
        )
        self._events(sheet, axes, scale)
        sheet.text(MARGIN, top + self._plot / 2, self.y_label, rotation=90, va="center")
        sheet.text((left + right) / 2, top + self._plot + TICK_ROOM, self.x_label, ha="center")

    def _events(self, sheet: Sheet, axes: Axes, scale: float) -> None:
        from matplotlib.transforms import offset_copy

        size = max(1.8, min(4.6, 0.58 * self._lane))
        for name in self.result.lanes:
            found = [(n, event) for n, row in enumerate(self.rows) for event in row.events if event.event == name]
            lasting = [(n, event) for n, event in found if event.end_day > event.start_day]
            axes.hlines(
                [n for n, _ in lasting],
                [scale * event.start_day for _, event in lasting],
                [scale * event.end_day for _, event in lasting],
                color=INK,
                linewidth=0.8,
                zorder=3,
            )
            days, lanes = [scale * event.start_day for _, event in found], [n for n, _ in found]
            axes.plot(days, lanes, markersize=size, zorder=4, **self.marks[name])
        ongoing = [(n, _last(row)) for n, row in enumerate(self.rows) if row.ongoing]
        if ongoing:
            days, lanes = [scale * day for _, day in ongoing], [n for n, _ in ongoing]
            behind = offset_copy(axes.transData, sheet.figure, x=size / 2 + 0.5, units="points")
            axes.plot(days, lanes, markersize=size, zorder=5, clip_on=False, transform=behind, **ARROW)
