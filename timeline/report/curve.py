"""Kaplan-Meier curves in characters: braille dots, or letters where a terminal shows no braille. Pure text.

It shows the shape; the numbers stand in the tables beside it. Groups differ in their dashes and in the letter at the
end of their curve.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from timeline.report.figures.scale import TimeAxis, time_axis
from timeline.study.results import Survived

ROWS = 10
NARROWEST, WIDEST = 40, 100
"""In columns. A wider terminal would only stretch the curve."""
MARGIN = 6
"""Columns for the numbers of the axis and the axis itself."""
ENDS = 4
"""Columns behind the plot: for letters, and for half of the last number below."""
TICK = 8
"""Columns that a number below the axis needs."""

Cells = list[list[str]]

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille character, by row and column: the Unicode Standard, block U+2800."""
_DASHES = ((1,), (1, 1, 1, 1, 0, 0), (1, 0), (1, 1, 1, 0, 1, 0), (1, 1, 0, 0))
"""Which dots along a curve are drawn, over and over; the curve of a sixth group is drawn as that of the first."""


def curve_lines(groups: Sequence[Survived], width: int, braille: bool) -> list[str]:
    """The curves of one or more groups in lines of at most `width` columns, or NARROWEST.

    Survival falls from 100 % to 0 % over ROWS lines, time runs to the last patient's. With `braille` a character has
    two by four dots; without, it is the letter of a group, or `*` where several are.
    """
    wide = max(NARROWEST, min(width, WIDEST))
    columns = wide - MARGIN - ENDS
    last = max(1, *(int(group.curve.time[-1]) for group in groups))
    letters = [chr(ord("a") + number % 26) for number in range(len(groups))]
    cells = _dotted(groups, columns, last) if braille else _lettered(groups, letters, columns, last)
    if braille and len(groups) > 1:
        _mark_ends(cells, groups, letters, columns, last)
    side, corner, line = ("┤", "└", "─") if braille else ("|", "+", "-")
    shares = {0: "100%", (ROWS - 1) // 2: "50%", ROWS - 1: "0%"}
    lines = [f"{shares.get(row, ''):>{MARGIN - 1}}{side}{''.join(cells[row])}".rstrip() for row in range(ROWS)]
    axis = time_axis(last, columns // TICK)
    lines.append(f"{'':{MARGIN - 1}}{corner}{line * columns}")
    lines.append(_numbers(axis, columns, last))
    if len(groups) > 1:
        names = "   ".join(f"{letter} {group.label}" for letter, group in zip(letters, groups, strict=True))
        lines += textwrap.wrap(names, wide, initial_indent=" " * MARGIN, subsequent_indent=" " * MARGIN)
    return lines


def _levels(group: Survived, columns: int, rows: int, last: int) -> list[range]:
    """For each of the columns the rows that the curve passes through, from 0 on top; empty after its last patient."""
    days = np.arange(columns) * last / (columns - 1)
    steps = np.concatenate([[1.0], group.curve.survival])
    survival: npt.NDArray[np.float64] = steps[np.searchsorted(group.curve.time, days, side="right")]
    # The last patient's day may lie between two columns: the curve ends on the one before; and before what is hidden.
    inside = (days <= group.curve.time[-1]) & ~np.isnan(survival)
    row = np.rint((1 - np.nan_to_num(survival)) * (rows - 1)).astype(int)
    before = np.concatenate([[0], row[:-1]])
    return [
        range(above + (below > above), below + 1) if seen else range(0)
        for above, below, seen in zip(before.tolist(), row.tolist(), inside.tolist(), strict=True)
    ]


def _dotted(groups: Sequence[Survived], columns: int, last: int) -> Cells:
    bits = np.zeros((ROWS, columns), dtype=int)
    for number, group in enumerate(groups):
        dashes = _DASHES[number % len(_DASHES)]
        along = 0
        for x, passed in enumerate(_levels(group, 2 * columns, 4 * ROWS, last)):
            for y in passed:
                bits[y // 4, x // 2] |= _DOTS[y % 4][x % 2] * dashes[along % len(dashes)]
                along += 1
    return [[chr(0x2800 + bit) if bit else " " for bit in row] + [" "] * ENDS for row in bits.tolist()]


def _lettered(groups: Sequence[Survived], letters: Sequence[str], columns: int, last: int) -> Cells:
    cells = [[" "] * (columns + ENDS) for _ in range(ROWS)]
    for letter, group in zip(letters, groups, strict=True):
        for x, passed in enumerate(_levels(group, columns, ROWS, last)):
            for y in passed:
                cells[y][x] = letter if cells[y][x] in (" ", letter) else "*"
    return cells


def _mark_ends(cells: Cells, groups: Sequence[Survived], letters: Sequence[str], columns: int, last: int) -> None:
    """A letter behind the end of each curve, in the next column that is free."""
    for letter, group in zip(letters, groups, strict=True):
        known = np.flatnonzero(~np.isnan(group.curve.survival))
        if not len(known):
            continue
        end = round(int(group.curve.time[known[-1]]) * (columns - 1) / last) + 1
        row = cells[round((1 - float(group.curve.survival[known[-1]])) * (4 * ROWS - 1)) // 4]
        free = [x for x in range(end, len(row)) if row[x] == " "]
        if free:
            row[free[0]] = letter


def _numbers(axis: TimeAxis, columns: int, last: int) -> str:
    """The numbers below the axis, each centred on its place; the last one with room beside it has the unit."""
    text = [" "] * (MARGIN + columns + ENDS)
    said = list(axis.labels)
    places = [MARGIN + round(day * (columns - 1) / last) for day in axis.days]
    starts = [place - (len(label) - 1) // 2 for place, label in zip(places, said, strict=True)]
    for number in reversed(range(len(said))):
        with_unit = f"{said[number]} {axis.unit}"
        following = starts[number + 1] - 1 if number + 1 < len(said) else len(text)
        if starts[number] + len(with_unit) <= following:
            said[number] = with_unit
            break
    for start, label in zip(starts, said, strict=True):
        text[start : start + len(label)] = label
    return "".join(text[: MARGIN + columns + ENDS]).rstrip()
