"""Attrition as a flow in the manner of CONSORT: from the patients of the log to the members of a cohort.

A cohort that is made from another one has that one's flow before its own. Beside each arrow stands who left, and why.
Source of the form: Schulz, Altman and Moher (2010), BMJ 340:c332.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from timeline.report.figures.sheet import MARGIN, Page, Sheet, in_points, stack
from timeline.report.figures.style import INK, LEADING, SIZE, width, wrapped
from timeline.report.shown import HIDDEN, count, total
from timeline.report.stages import Stage, stages
from timeline.report.words import who_left
from timeline.study.results import AttritionStep, CohortResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_MM = 140.0
LEAST_MM = 80.0
MAIN = 0.44
"""The share of the width that the boxes of those who stay take."""
PADDING = 5.0
ARM = 14.0
"""How far the boxes of those who left stand away from the arrow, at least, in points."""
BEFORE = 9.0
"""Between a box and what stands beside the arrow below it, in points."""


def draw(cohort: CohortResult, cohorts: Sequence[CohortResult], page: Page) -> Figure:
    """The flow to a cohort; `cohorts` are all of the study, among them those that it is made from."""
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    return stack(page, whole, [Flow(cohort.considered, tuple(stages(cohort, cohorts)), whole)])


def reasons(step: AttritionStep) -> list[str]:
    """Who left at a step: for whom its condition does not hold, and for whom that is not known."""
    not_so = HIDDEN if HIDDEN in (step.fell, step.unknown) else step.fell - step.unknown
    said = [f"{who_left(step.label, step.excluding)} (n = {count(not_so)})"]
    if step.unknown:
        said.append(f"“{step.label}” unknown (n = {count(step.unknown)})")
    return said


@dataclass(frozen=True)
class Flow:
    considered: int
    stages: tuple[Stage, ...]
    room: float

    @property
    def _main(self) -> float:
        return MAIN * (self.room - 2 * MARGIN)

    @property
    def _aside(self) -> float:
        """Where the boxes of those who left begin."""
        return MARGIN + self._main / 2 + ARM

    def _box(self, label: str, n: int) -> list[str]:
        return [*wrapped(label, self._main - 2 * PADDING), f"n = {count(n)}"]

    def _left(self, stage: Stage) -> list[str]:
        """The lines of the box of those who left before a stage; empty where nothing was asked of anyone."""
        if not stage.steps:
            return []
        room = self.room - MARGIN - self._aside - 2 * PADDING
        lines = [f"Excluded (n = {count(total(step.fell for step in stage.steps))})"]
        for step in stage.steps:
            for reason in reasons(step):
                first, *rest = wrapped(reason, room - 8)
                lines += [f"• {first}", *(f"   {line}" for line in rest)]
        return lines

    @staticmethod
    def _high(lines: Sequence[str]) -> float:
        return len(lines) * LEADING + 2 * PADDING - (LEADING - SIZE)

    @property
    def height(self) -> float:
        boxes = [self._box("Patients in the log", self.considered)]
        boxes += [self._box(stage.label, stage.n) for stage in self.stages]
        return sum(map(self._high, boxes)) + sum(self._between(stage) for stage in self.stages)

    def _between(self, stage: Stage) -> float:
        left = self._left(stage)
        return 2 * BEFORE + (self._high(left) if left else 2.0)

    def draw(self, sheet: Sheet, top: float) -> None:
        centre = MARGIN + self._main / 2
        top = self._draw_box(sheet, MARGIN, top, self._main, self._box("Patients in the log", self.considered), centre)
        for stage in self.stages:
            left, below = self._left(stage), top + self._between(stage)
            sheet.line((centre, centre), (top, below - 4), linewidth=0.7)
            _arrow(sheet, centre, below, "v")
            if left:
                middle = top + BEFORE + self._high(left) / 2
                sheet.line((centre, self._aside - 4), (middle, middle), linewidth=0.7)
                _arrow(sheet, self._aside, middle, ">")
                wide = max(map(width, left)) + 2 * PADDING
                self._draw_box(sheet, self._aside, top + BEFORE, wide, left)
            top = self._draw_box(sheet, MARGIN, below, self._main, self._box(stage.label, stage.n), centre)

    def _draw_box(
        self, sheet: Sheet, x: float, top: float, wide: float, lines: Sequence[str], centre: float | None = None
    ) -> float:
        """Draws a box with its lines, centred where a centre is given; returns its lower edge."""
        height = self._high(lines)
        sheet.box(x, top, wide, height, facecolor="none", edgecolor=INK, linewidth=0.7)
        if centre is not None:
            sheet.lines(centre, top + PADDING, lines, ha="center")
        else:
            sheet.lines(x + PADDING, top + PADDING, lines)
        return top + height


def _arrow(sheet: Sheet, x: float, top: float, marker: str) -> None:
    """An arrow's head whose tip is at a place."""
    shift = 2.5
    place = (x, top - shift) if marker == "v" else (x - shift, top)
    sheet.line((place[0],), (place[1],), marker=marker, markersize=4.5, markeredgewidth=0, color=INK)
