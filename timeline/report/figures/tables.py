"""Tables inside figures: the key above a plot, and the numbers at risk below it, aligned to its ticks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from timeline.errors import StudyError
from timeline.report.figures.scale import TimeAxis, reading_axis, time_axis
from timeline.report.figures.sheet import MARGIN, Sheet
from timeline.report.figures.style import LEADING, POINTS_PER_MM, RULE, SIZE, Look, width, wrapped
from timeline.report.shown import HIDDEN
from timeline.report.tallies import Tally
from timeline.report.words import count

SAMPLE = 22.0
"""How long the sample of a line is that stands before a name, in points."""
BETWEEN = 12.0
"""Between columns, in points."""
NARROWEST_NAME = 50.0
NAME_HEAD = 100.0
"""The head over the names is wrapped at this width."""
HEAD = 62.0
"""The head of a column is wrapped at this width where its cells are narrower."""
MOST_TICKS = 11
MOST_LINES = 2
LABELS = 0.28
"""The share of a figure's width that the names of rows may take before they are wrapped."""


@dataclass(frozen=True)
class Key:
    """One line a group: a sample of its line, its name, and what was found, under the heads of the columns.

    The first head stands over the names. Names are wrapped to the room that the other columns leave, and stand on
    lines of their own where that is too little.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    looks: tuple[Look, ...]
    room: float
    """The width of the figure, in points."""
    filled: bool = False
    """Whether a sample is a patch of the colour and not a line."""

    @property
    def height(self) -> float:
        return self._head_height + sum(self._row_height(name) for name in self._names)

    def draw(self, sheet: Sheet, top: float) -> None:
        names, ends = self._names, self._ends
        if any(self.heads):
            heads = self._heads
            for head, end in zip(heads, (self._left, *ends), strict=True):
                # A head of fewer lines than the others stands on the lowest.
                first = top + self._head_height - 4 - len(head) * LEADING
                sheet.lines(end, first, head, weight="bold", ha="left" if head is heads[0] else "right")
            top += self._head_height
            sheet.line((MARGIN, max((*ends, self._left + self._widest))), (top - 3, top - 3), color=RULE)
        for name, row, look in zip(names, self.rows, self.looks, strict=True):
            sample(sheet, MARGIN, top, look, self.filled)
            sheet.lines(self._left, top, name)
            beside = top + (len(name) * LEADING if self._apart else 0)
            for cell, end in zip(row[1:], ends, strict=True):
                sheet.text(end, beside, cell, ha="right")
            top += self._row_height(name)

    @property
    def _left(self) -> float:
        return MARGIN + SAMPLE + 6

    @property
    def _heads(self) -> list[list[str]]:
        rooms = (NAME_HEAD, *self._cells)
        return [wrapped(head, room, bold=True) for head, room in zip(self.heads, rooms, strict=True)]

    @property
    def _head_height(self) -> float:
        return max(map(len, self._heads)) * LEADING + 4 if any(self.heads) else 0

    @property
    def _cells(self) -> list[float]:
        """What a column may take for its head: the width of its widest cell, or HEAD."""
        cells = zip(*(row[1:] for row in self.rows), strict=True)
        return [max(HEAD, *(width(cell) for cell in column)) for column in cells]

    @property
    def _columns(self) -> list[float]:
        """The width of each column behind the names."""
        cells = zip(*(row[1:] for row in self.rows), strict=True)
        return [
            max(*(width(line, bold=True) for line in head), *(width(cell) for cell in column))
            for head, column in zip(self._heads[1:], cells, strict=True)
        ]

    @property
    def _beside(self) -> float:
        """What the columns leave for the names."""
        return self.room - MARGIN - self._left - sum(column + BETWEEN for column in self._columns)

    @property
    def _apart(self) -> bool:
        return self._beside < NARROWEST_NAME

    @property
    def _names(self) -> list[list[str]]:
        room = self.room - MARGIN - self._left if self._apart else self._beside
        return [wrapped(row[0], room) for row in self.rows]

    @property
    def _widest(self) -> float:
        heads = [width(line, bold=True) for line in self._heads[0]]
        return max(heads if self._apart else [*heads, *(width(line) for name in self._names for line in name)])

    @property
    def _ends(self) -> list[float]:
        """Where each column behind the names ends. Raises StudyError where they do not fit on the sheet."""
        ends = list(itertools.accumulate((column + BETWEEN for column in self._columns), initial=self._left))[1:]
        if self._apart:
            ends = [end - BETWEEN for end in ends]
        else:
            ends = [end + self._widest for end in ends]
        if ends and ends[-1] > self.room - MARGIN:
            needed = (ends[-1] + MARGIN) / POINTS_PER_MM
            raise StudyError(
                "The figure is too narrow for its table of groups.",
                hint=f"Ask for a width of {needed:.0f} mm or more with --width.",
            )
        return ends

    def _row_height(self, name: list[str]) -> float:
        return (len(name) + (1 if self._apart and len(self.heads) > 1 else 0)) * LEADING


def sample(sheet: Sheet, x: float, top: float, look: Look, filled: bool = False) -> None:
    """A short piece of a group's line, or a patch of its colour, at the height of a line of text."""
    if filled:
        sheet.box(x, top + 1, SAMPLE, SIZE - 1, facecolor=look.colour, linewidth=0)
        return
    middle = top + SIZE / 2 + 0.5
    sheet.line((x, x + SAMPLE), (middle, middle), color=look.colour, linestyle=look.line, linewidth=1.4)


@dataclass(frozen=True)
class AtRisk:
    """Numbers at risk and what became of the others, below the ticks of the plot between `left` and `right`."""

    axis: TimeAxis
    sections: tuple[Tally, ...]
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
            left = ", and those who left so far" if len(self.sections) > 1 else ""
            sheet.text(MARGIN, top, f"Patients at risk{left}", weight="bold")
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
            sheet.text(x, top, _cell(number), ha="center", id=f"{name}-{tick}")


def _cell(number: int) -> str:
    """A count below the axis; a dot where it is hidden."""
    return "·" if number == HIDDEN else count(number)


def _name(section: Tally) -> str:
    return section.title.lower().replace(" ", "-")


def first_room(sections: Sequence[Tally]) -> float:
    """How far the counts at the first tick reach to the left of it, and the gap before them."""
    return max(width(_cell(row[0])) for section in sections for row in section.counts) / 2 + 6


def row_names(names: Sequence[str], whole: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the groups are called in the key, and what in the rows below the plot, on a figure `whole` points wide.

    The same, unless a name takes more than MOST_LINES there: then all have numbers, in the rows nothing else.
    """
    room = LABELS * whole - MARGIN - SAMPLE - 4
    if all(len(wrapped(name, room)) <= MOST_LINES for name in names):
        return tuple(names), tuple(names)
    numbers = tuple(f"({number})" for number in range(1, len(names) + 1))
    return tuple(f"{number} {name}" for number, name in zip(numbers, names, strict=True)), numbers


def fitted(
    counts: Callable[[TimeAxis], tuple[Tally, ...]],
    names: Sequence[str],
    last: float,
    whole: float,
    least: float,
    right: float,
    suppressed: bool = False,
) -> tuple[TimeAxis, tuple[Tally, ...], float]:
    """The axis with as many ticks as there is room for the counts below them, the counts, and where the plot begins.

    The names of the rows stand left of the plot; long ones are wrapped at a share of the figure's width, `whole`.
    `least` is what the plot needs on its left for itself. All in points; `last` in days. Where small numbers are
    hidden, the ticks are those of the report.
    """
    most = MOST_TICKS
    while True:
        axis = reading_axis(last) if suppressed else time_axis(last, most)
        sections = counts(axis)
        labels = [section.title for section in sections] if len(names) == 1 else names
        label = max(width(text) for text in labels) + (0 if len(names) == 1 else SAMPLE + 4)
        left = max(least, min(MARGIN + label + 1 + first_room(sections), LABELS * whole))
        widest = max(width(_cell(number)) for section in sections for row in section.counts for number in row)
        apart = (right - left) * axis.size * axis.ticks[1] / axis.end if len(axis.ticks) > 1 else whole
        if suppressed or apart >= widest + 6 or most <= 2:
            return axis, sections, left
        most = len(axis.ticks) - 1
