"""The key of a figure of shares: a line a group, a cause or a state, with its share at the times asked for."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.report.figures.scale import interval
from timeline.report.figures.style import Look, width
from timeline.report.figures.tables import BETWEEN, Key
from timeline.report.shown import HIDDEN_WORD

ROOM = 150.0
"""What margins, samples and names take of the table above the plot, in points."""

Estimate = tuple[float | None, float | None, float | None]
"""A share with its limits; None where there is none."""


def key(
    head: str,
    names: Sequence[str],
    counts: Sequence[str],
    times: Sequence[tuple[str, Sequence[Estimate]]],
    looks: tuple[Look, ...],
    whole: float,
    filled: bool = False,
) -> tuple[Key, list[str]]:
    """The key, and in words what it has no room for.

    `counts` are a head and a cell for each name, or nothing; `times` are what each time is called, and the estimates.
    """
    columns = [[head, *names], *([list(counts)] if counts else [])]
    left = whole - ROOM - sum(max(width(column[0], bold=True), *map(width, column[1:])) for column in columns[1:])
    said = []
    for when, estimates in times:
        cells = [_percent(*found) for found in estimates]
        left -= BETWEEN + max(width(f"% at {when}", bold=True), *map(width, cells))
        if left >= 0:
            columns.append([f"% at {when}", *cells])
        else:
            found = "; ".join(f"{name} {cell}" for name, cell in zip(names, cells, strict=True))
            said.append(f"% at {when}: {found}.")
    rows = list(zip(*columns, strict=True))
    return Key(rows[0], tuple(rows[1:]), looks, whole, filled), said


def _percent(share: float | None, lower: float | None, upper: float | None) -> str:
    if share is None:
        return "–"
    if share != share:
        return HIDDEN_WORD
    if lower is None or upper is None:
        return f"{100 * share:.1f}"
    return interval(*(f"{100 * part:.1f}" for part in (share, lower, upper)))
