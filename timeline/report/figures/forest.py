"""Forest plots: hazard ratios with their limits on a scale of ratios, beside the numbers."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from timeline.errors import StudyError
from timeline.report import words
from timeline.report.figures.scale import interval, ratio
from timeline.report.figures.sheet import MARGIN, Page, Sheet, in_points, stack
from timeline.report.figures.steps import TICK_ROOM
from timeline.report.figures.style import FAINT, INK, LEADING, RULE, SIZE, look, width, wrapped
from timeline.report.figures.survival import left_out
from timeline.report.models import effect_words
from timeline.report.shown import count
from timeline.study.results import ComparisonResult, RegressionResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_MM = 170.0
LEAST_MM = 110.0
NAMES = 0.3
"""The share of the figure's width that names may take before they are wrapped."""
WIDEST = 100.0
"""The plot shows ratios from 1 / WIDEST to WIDEST; limits beyond end in an arrow."""
ROW = LEADING + 3.5
COLUMN = 12.0
TICK_DISTANCE = 20.0


@dataclass(frozen=True)
class Row:
    """A ratio with its limits and p-value; without `ratio` a heading, or the level that others are compared with."""

    label: str
    n: int | None = None
    ratio: float | None = None
    lower: float = math.nan
    upper: float = math.nan
    p_value: float | None = None
    heading: bool = False
    covariate: str = ""
    """Of a level: which covariate it is a level of."""


def draw(result: ComparisonResult | RegressionResult, page: Page) -> Figure:
    """The forest plot of a comparison's hazard ratios, or of a model's.

    Raises StudyError where there is none.
    """
    rows = _compared(result) if isinstance(result, ComparisonResult) else _modelled(result)
    if not any(row.ratio is not None for row in rows):
        reason = f": {result.note}" if result.note else ""
        raise StudyError(f"There is no hazard ratio of {result.endpoint} in {result.cohort} to draw{reason}.")
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    notes = ["Squares are hazard ratios, lines their 95 % limits; below 1 the hazard is lower than in the reference."]
    if isinstance(result, RegressionResult) and result.model == "fine_gray":
        notes = ["Squares are subdistribution hazard ratios (Fine and Gray), lines their 95 % limits."]
    if isinstance(result, RegressionResult):
        notes.append(f"{count(result.n)} patients, {count(result.events)} events.")
        notes += [f"Stratified by {', '.join(result.strata)}."] if result.strata else []
        notes += [f"As it happens: {', '.join(result.changing)}."] if result.changing else []
    notes += left_out(result.left_out)
    notes += [f"Acknowledged: {finding.replace('_', ' ')}, {reason}." for finding, reason in result.acknowledged]
    page = Page(page.title, (" ".join(notes), *page.notes), page.width)
    return stack(page, whole, [Forest(tuple(rows), whole)])


def _compared(result: ComparisonResult) -> list[Row]:
    if result.hazards is None:
        return []
    found = {one.label: one for one in result.hazards.ratios}
    rows = [Row(result.by, heading=True)]
    for group in result.groups:
        one = found.get(group.label)
        if group.label == result.hazards.reference:
            rows.append(Row(f"{group.label} (reference)", group.n))
        elif one is not None:
            rows.append(Row(group.label, group.n, one.ratio, one.lower, one.upper, one.p_value))
    return rows


def _modelled(result: RegressionResult) -> list[Row]:
    """A factor of several levels has a heading, and its levels below it; any other covariate has one row."""
    rows: list[Row] = []
    levels = Counter(one.covariate for one in result.effects)
    for one in result.effects:
        numbers = (one.n, one.ratio, one.lower, one.upper, one.p_value)
        if levels[one.covariate] == 1:
            rows.append(Row(effect_words(one, result.changing), *numbers))
            continue
        if not rows or rows[-1].covariate != one.covariate:
            rows.append(Row(one.covariate, heading=True))
        rows.append(Row(f"{one.level} against {one.reference}", *numbers, covariate=one.covariate))
    return rows


@dataclass(frozen=True)
class Forest:
    """The rows as a table, with the plot between the names and the numbers."""

    rows: tuple[Row, ...]
    room: float

    @property
    def _names(self) -> list[list[str]]:
        room = NAMES * self.room
        return [wrapped(row.label, room - (0 if row.heading else 8), bold=row.heading) for row in self.rows]

    @property
    def _heights(self) -> list[float]:
        return [ROW + (len(name) - 1) * LEADING for name in self._names]

    @property
    def height(self) -> float:
        return ROW + 2 + sum(self._heights) + TICK_ROOM + LEADING + 3

    @property
    def _reach(self) -> tuple[float, float]:
        """The ends of the axis: every limit, but none beyond WIDEST; 1 is always on it."""
        known = [row for row in self.rows if row.ratio is not None]
        low = min([0.8, *(max(row.lower, 1 / WIDEST) for row in known)])
        high = max([1.25, *(min(row.upper, WIDEST) for row in known)])
        return 0.92 * low, 1.08 * high

    def draw(self, sheet: Sheet, top: float) -> None:
        names = self._names
        cells = [(_count(row), _interval(row), _p(row)) for row in self.rows]
        heads = ("n", "Hazard ratio (95 % CI)", "p (Wald)")
        widths = [
            max(width(head, bold=True), *(width(cell[number]) for cell in cells)) for number, head in enumerate(heads)
        ]
        longest = max(width(line, row.heading) for row, name in zip(self.rows, names, strict=True) for line in name)
        n_end = MARGIN + 8 + longest + COLUMN + widths[0]
        p_end = self.room - MARGIN
        ratio_end = p_end - widths[2] - COLUMN
        left, right = n_end + COLUMN, ratio_end - widths[1] - COLUMN
        ends = (n_end, ratio_end, p_end)
        for head, end in zip(heads, ends, strict=True):
            sheet.text(end, top, head, weight="bold", ha="right")
        top += LEADING + 1.5
        sheet.line((MARGIN, self.room - MARGIN), (top, top), color=RULE)
        top += ROW - LEADING + 0.5
        plot_top, middles = top, []
        for row, name, cell, height in zip(self.rows, names, cells, self._heights, strict=True):
            weight, indent = ("bold", 0.0) if row.heading else ("normal", 8.0)
            sheet.lines(MARGIN + indent, top, name, weight=weight)
            for text, end in zip(cell, ends, strict=True):
                sheet.text(end, top, text, ha="right")
            middles.append(top + SIZE / 2 - plot_top)
            top += height
        self._plot(sheet, plot_top, left, right, middles)

    def _plot(self, sheet: Sheet, top: float, left: float, right: float, middles: Sequence[float]) -> None:
        height = sum(self._heights)
        axes = sheet.axes(left, top, right - left, height)
        low, high = self._reach
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        axes.set_ylim(height, 0)
        ticks = log_ticks(low, high, right - left)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.axvline(1, color=FAINT, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
        for row, middle in zip(self.rows, middles, strict=True):
            if row.ratio is None:
                continue
            axes.hlines(middle, max(row.lower, low), min(row.upper, high), color=INK, linewidth=0.9, zorder=2)
            for end, beyond, marker in ((low, row.lower < low, "<"), (high, row.upper > high, ">")):
                if beyond:
                    axes.plot([end], [middle], marker=marker, color=INK, markersize=3.5, clip_on=False, zorder=3)
            if low <= row.ratio <= high:
                axes.plot([row.ratio], [middle], marker="s", color=look(0).colour, markersize=5, zorder=4)
        sheet.text((left + right) / 2, top + height + TICK_ROOM, "Hazard ratio", ha="center")


def log_ticks(low: float, high: float, room: float) -> list[float]:
    """Round ratios between `low` and `high`, 1 among them, as many as stand apart on an axis of `room` points."""
    for each in ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9), (1, 1.5, 2, 3, 4, 6, 8), (1, 2, 3, 5), (1, 2, 5), (1, 3)):
        found = [float(f"{number}e{power}") for power in range(-3, 4) for number in each]
        ticks = [tick for tick in found if low <= tick <= high]
        places = [room * math.log(tick / low) / math.log(high / low) for tick in ticks]
        if all(after - before >= TICK_DISTANCE for before, after in itertools.pairwise(places)):
            return ticks
    return [tick for tick in (0.01, 0.1, 1.0, 10.0, 100.0) if low <= tick <= high]


def _count(row: Row) -> str:
    return "" if row.n is None else count(row.n)


def _interval(row: Row) -> str:
    if row.ratio is None:
        return "" if row.heading else "1"
    return interval(ratio(row.ratio), ratio(row.lower), ratio(row.upper))


def _p(row: Row) -> str:
    return "" if row.p_value is None else words.p_value(row.p_value)
