"""What the bars and the marks of a figure mean, in a row that runs on where it is full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from timeline.report.figures.sheet import MARGIN, Sheet
from timeline.report.figures.style import INK, LEADING, SIZE, width, wrapped

SAMPLE = 12.0
AFTER = 14.0
"""Between an entry and the next, in points."""

SHAPES = ("o", "s", "^", "D", "v", "P", "X", "p", "<", ">", "h", "*")


def mark(number: int) -> dict[str, Any]:
    """The mark of the event type with this number, from 0: black and white in turn, so that 24 stay apart in grey."""
    filled = number % 2 == 0
    return {
        "marker": SHAPES[number % len(SHAPES)],
        "markerfacecolor": INK if filled else "white",
        "markeredgecolor": "white" if filled else INK,
        "markeredgewidth": 0.4 if filled else 0.7,
        "linestyle": "none",
    }


@dataclass(frozen=True)
class Entry:
    """`colour` of a bar; or `marks`, how matplotlib draws a mark."""

    label: str
    colour: str | None = None
    marks: dict[str, Any] | None = None


@dataclass(frozen=True)
class Legend:
    entries: Sequence[Entry]
    room: float
    """The width of the figure, in points."""

    @property
    def _rows(self) -> list[list[tuple[float, Entry, list[str]]]]:
        """Each row's entries, with where they begin and their labels in lines."""
        rows: list[list[tuple[float, Entry, list[str]]]] = [[]]
        x = MARGIN
        for entry in self.entries:
            lines = wrapped(entry.label, self.room - 2 * MARGIN - SAMPLE - 5)
            needed = SAMPLE + 5 + max(width(line) for line in lines)
            if rows[-1] and x + needed > self.room - MARGIN:
                rows.append([])
                x = MARGIN
            rows[-1].append((x, entry, lines))
            x += needed + AFTER
        return rows

    @property
    def height(self) -> float:
        return sum(self._lines(row) for row in self._rows) * (LEADING + 1)

    @staticmethod
    def _lines(row: list[tuple[float, Entry, list[str]]]) -> int:
        return max((len(lines) for _, _, lines in row), default=0)

    def draw(self, sheet: Sheet, top: float) -> None:
        for row in self._rows:
            for x, entry, lines in row:
                if entry.colour is not None:
                    sheet.box(x, top + 1, SAMPLE, SIZE - 0.5, facecolor=entry.colour, linewidth=0)
                elif entry.marks is not None:
                    sheet.line((x + SAMPLE / 2,), (top + SIZE / 2 + 0.5,), markersize=5, **entry.marks)
                sheet.lines(x + SAMPLE + 5, top, lines)
            top += self._lines(row) * (LEADING + 1)
