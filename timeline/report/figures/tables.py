"""Tables inside figures: the key above a plot, and the numbers at risk below it, aligned to its ticks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from timeline.errors import StudyError
from timeline.report.figures.scale import TimeAxis, count, time_axis
from timeline.report.figures.sheet import MARGIN, Sheet
from timeline.report.figures.style import LEADING, RULE, SIZE, Look, width, wrapped

SAMPLE = 22.0
"""How long the sample of a line is that stands before a name, in points."""
BETWEEN = 12.0
"""Between columns, in points."""
NARROWEST_NAME = 50.0
MOST_TICKS = 11
LABELS = 0.28
"""The share of a figure's width that the names of rows may take before they are wrapped."""


@dataclass(frozen=True)
class Key:
    """One line a group: a sample of its line, its name, and what was found, under the heads of the columns.

    The first head stands over the names. Names are wrapped to the room that the other columns leave.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    looks: tuple[Look, ...]
    room: float
    """The width of the figure, in points."""
    filled: bool = False
    """Whether a sample is a patch of the colour and not a line."""

    @property
    def _columns(self) -> list[float]:
        """Widths, without that of the names."""
        cells = zip(*(row[1:] for row in self.rows), strict=True)
        return [
            max(width(head, bold=True), *(width(cell) for cell in column))
            for head, column in zip(self.heads[1:], cells, strict=True)
        ]

    @property
    def _names(self) -> list[list[str]]:
        room = self.room - 2 * MARGIN - SAMPLE - 6 - sum(column + BETWEEN for column in self._columns)
        if room < NARROWEST_NAME:
            raise StudyError(
                "The figure is too narrow for its table of groups.", hint="Ask for more with --width MILLIMETRES."
            )
        longest = max(width(row[0]) for row in self.rows)
        return [wrapped(row[0], min(room, longest)) for row in self.rows]

    @property
    def height(self) -> float:
        head = LEADING + 4 if any(self.heads) else 0
        return head + sum(len(name) for name in self._names) * LEADING

    def draw(self, sheet: Sheet, top: float) -> None:
        names, columns = self._names, self._columns
        left = MARGIN + SAMPLE + 6
        widest = max([width(self.heads[0], bold=True), *(width(line) for name in names for line in name)])
        right = left + widest
        ends = []
        for column in columns:
            right += BETWEEN + column
            ends.append(right)
        if any(self.heads):
            sheet.text(left, top, self.heads[0], weight="bold")
            for head, end in zip(self.heads[1:], ends, strict=True):
                sheet.text(end, top, head, weight="bold", ha="right")
            top += LEADING + 1
            sheet.line((MARGIN, ends[-1] if ends else right), (top, top), color=RULE)
            top += 3
        for name, row, look in zip(names, self.rows, self.looks, strict=True):
            sample(sheet, MARGIN, top, look, self.filled)
            sheet.lines(left, top, name)
            for cell, end in zip(row[1:], ends, strict=True):
                sheet.text(end, top, cell, ha="right")
            top += len(name) * LEADING


def sample(sheet: Sheet, x: float, top: float, look: Look, filled: bool = False) -> None:
    """A short piece of a group's line, or a patch of its colour, at the height of a line of text."""
    if filled:
        sheet.box(x, top + 1, SAMPLE, SIZE - 1, facecolor=look.colour, linewidth=0)
        return
    middle = top + SIZE / 2 + 0.5
    sheet.line((x, x + SAMPLE), (middle, middle), color=look.colour, linestyle=look.line, linewidth=1.4)


@dataclass(frozen=True)
class Section:
    """One kind of count, at each tick, a row a group."""

    title: str
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class AtRisk:
    """Numbers at risk and what became of the others, below the ticks of the plot between `left` and `right`."""

    axis: TimeAxis
    sections: tuple[Section, ...]
    names: tuple[str, ...]
    """Of the groups; a single group needs none."""
    looks: tuple[Look, ...]
    left: float
    right: float
    filled: bool = False
    """Whether the rows' samples are patches of colour and not lines."""

    @property
    def _labels(self) -> list[list[str]]:
        room = self.left - first_room(self.sections) - MARGIN - SAMPLE - 4
        return [wrapped(name, room) for name in self.names]

    @property
    def _titles(self) -> list[list[str]]:
        return [wrapped(one.title, self.left - first_room(self.sections) - MARGIN) for one in self.sections]

    @property
    def height(self) -> float:
        if len(self.names) == 1:
            return LEADING * (1 + sum(map(len, self._titles)))
        return len(self.sections) * (LEADING * (1 + sum(map(len, self._labels))) + 3) - 3

    def draw(self, sheet: Sheet, top: float) -> None:
        if len(self.names) == 1:
            sheet.text(MARGIN, top, "Patients at risk, and those who left so far", weight="bold")
            top += LEADING
            for title, section in zip(self._titles, self.sections, strict=True):
                sheet.lines(MARGIN, top, title)
                self._counts(sheet, top, section.counts[0], f"{_name(section)}-0")
                top += len(title) * LEADING
            return
        labels = self._labels
        for section in self.sections:
            so_far = "" if section is self.sections[0] else " so far"
            sheet.text(MARGIN, top, section.title + so_far, weight="bold")
            top += LEADING
            for number, (label, look, counts) in enumerate(zip(labels, self.looks, section.counts, strict=True)):
                sample(sheet, MARGIN, top, look, self.filled)
                sheet.lines(MARGIN + SAMPLE + 4, top, label)
                self._counts(sheet, top, counts, f"{_name(section)}-{number}")
                top += len(label) * LEADING
            top += 3

    def _counts(self, sheet: Sheet, top: float, counts: Sequence[int], name: str) -> None:
        scale = (self.right - self.left) / (self.axis.end - self.axis.first)
        for tick, (day, number) in enumerate(zip(self.axis.days, counts, strict=True)):
            x = self.left + (day - self.axis.first) * scale
            sheet.text(x, top, count(number), ha="center", id=f"{name}-{tick}")


def _name(section: Section) -> str:
    return section.title.lower().replace(" ", "-")


def first_room(sections: Sequence[Section]) -> float:
    """How far the counts at the first tick reach to the left of it, and the gap before them."""
    return max(width(count(row[0])) for section in sections for row in section.counts) / 2 + 6


def fitted(
    counts: Callable[[TimeAxis], tuple[Section, ...]],
    names: Sequence[str],
    last: float,
    whole: float,
    least: float,
    right: float,
) -> tuple[TimeAxis, tuple[Section, ...], float]:
    """The axis with as many ticks as there is room for the counts below them, the counts, and where the plot begins.

    The names of the rows stand left of the plot; long ones are wrapped at a share of the figure's width, `whole`.
    `least` is what the plot needs on its left for itself. All in points; `last` in days.
    """
    most = MOST_TICKS
    while True:
        axis = time_axis(last, most)
        sections = counts(axis)
        labels = [section.title for section in sections] if len(names) == 1 else names
        label = max(width(text) for text in labels) + (0 if len(names) == 1 else SAMPLE + 4)
        left = max(least, min(MARGIN + label + 1 + first_room(sections), LABELS * whole))
        widest = max(width(count(number)) for section in sections for row in section.counts for number in row)
        apart = (right - left) * axis.size * axis.ticks[1] / axis.end if len(axis.ticks) > 1 else whole
        if apart >= widest + 6 or most <= 2:
            return axis, sections, left
        most = len(axis.ticks) - 1
