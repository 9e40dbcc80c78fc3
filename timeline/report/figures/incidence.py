"""Cumulative incidence: the causes of one group on one plot, or a plot for each cause with a curve for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timeline.errors import StudyError
from timeline.report import words
from timeline.report.figures.scale import TimeAxis, count, interval, p_value
from timeline.report.figures.sheet import MARGIN, Block, Page, in_points, paragraph, stack
from timeline.report.figures.steps import Curve, StepPlot, y_room
from timeline.report.figures.style import look, width
from timeline.report.figures.survival import LEAST_MM, WIDTH_MM, left_out
from timeline.report.figures.tables import BETWEEN, AtRisk, Key, Section, fitted, row_names
from timeline.study.results import CauseCurve, IncidenceGroup, IncidenceResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALONE = 0.56
"""Height of the only plot in relation to its width."""
OF_SEVERAL = 0.4
KEY_ROOM = 150.0
"""What margins, samples and names take of the table above the plot, in points."""


def draw(result: IncidenceResult, page: Page) -> Figure:
    """The cumulative incidence figure.

    Raises StudyError where nobody has a time.
    """
    groups = result.groups
    if not groups:
        raise StudyError(f"No member of {result.cohort} has a time for {result.endpoint}: there is nothing to draw.")
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    last = max(float(cause.curve.time[-1]) for group in groups for cause in group.causes)
    top = _top(groups)
    named, names = row_names([group.label for group in groups], whole)
    looks = tuple(look(number) for number in range(len(groups)))
    least, right = y_room(top), whole - MARGIN - 8
    axis, sections, left = fitted(lambda axis: counts(groups, axis), names, last, whole, least, right)

    def plot(causes: tuple[CauseCurve, ...], proportion: float) -> StepPlot:
        curves = tuple(_curve(cause, number) for number, cause in enumerate(causes))
        height, label = proportion * (right - left), "Cumulative incidence (%)"
        return StepPlot(axis, curves, label, f"Time ({axis.unit})", left, right, height, top)

    blocks: list[Block]
    more: list[str] = []
    if len(groups) == 1:
        key, more = _causes(groups[0], whole)
        blocks = [key, plot(groups[0].causes, ALONE)]
    else:
        blocks = [_groups(result, named, whole)]
        for number, (cause, test) in enumerate(result.tests):
            blocks.append(paragraph(cause[:1].upper() + cause[1:], whole, bold=True))
            if test is not None:
                said = f"χ² = {test.statistic:.2f} on {test.degrees_of_freedom} df, p {p_value(test.p_value)}"
                blocks.append(paragraph(f"Gray’s test: {said}", whole))
            blocks.append(plot(tuple(group.causes[number] for group in groups), OF_SEVERAL))
    blocks.append(AtRisk(axis, sections, names, looks, left, right))
    confidence = f"{100 * groups[0].causes[0].curve.confidence:g} %"
    notes = [f"Bands and numbers in brackets: {confidence} limits.", *more, *left_out(result.left_out)]
    page = Page(page.title, (" ".join(notes), *page.notes), page.width)
    return stack(page, whole, blocks)


def counts(groups: tuple[IncidenceGroup, ...], axis: TimeAxis) -> tuple[Section, ...]:
    """Patients at risk just before each tick; those with each cause and those censored until and on it."""
    at = [[[cause.curve.at(day) for day in axis.days] for cause in group.causes] for group in groups]
    causes = [cause.cause for cause in groups[0].causes]
    return (
        Section("At risk", tuple(tuple(one.at_risk for one in group[0]) for group in at)),
        *(
            Section(
                f"{cause[:1].upper()}{cause[1:]}", tuple(tuple(one.events for one in group[number]) for group in at)
            )
            for number, cause in enumerate(causes)
        ),
        Section("Censored", tuple(tuple(one.censored for one in group[0]) for group in at)),
    )


def _top(groups: tuple[IncidenceGroup, ...]) -> float:
    """The end of the axis: the first round share above every limit."""
    highest = max(
        float(np.nanmax(np.concatenate([cause.curve.incidence, cause.curve.upper])))
        for group in groups
        for cause in group.causes
    )
    return next((top for top in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if highest <= top), 1.0)


def _curve(cause: CauseCurve, number: int) -> Curve:
    curve = cause.curve
    return Curve(look(number), curve.time.astype(np.float64), curve.incidence, 0.0, curve.lower, curve.upper)


def _causes(group: IncidenceGroup, whole: float) -> tuple[Key, list[str]]:
    """A line a cause, with its incidence at as many of the times asked for as there is room for; the rest in words."""
    causes = [cause.cause for cause in group.causes]
    columns = [["", *causes], ["Events / n", *(f"{count(cause.events)} / {count(group.n)}" for cause in group.causes)]]
    left = whole - KEY_ROOM - width(columns[1][0], bold=True)
    said = []
    for time in zip(*(cause.incidence for cause in group.causes), strict=True):
        when = words.span(time[0].day)
        cells = [_percent(at.incidence, at.lower, at.upper) for at in time]
        left -= BETWEEN + max(width(f"% at {when}", bold=True), *map(width, cells))
        if left >= 0:
            columns.append([f"% at {when}", *cells])
        else:
            found = "; ".join(f"{cause} {cell}" for cause, cell in zip(causes, cells, strict=True))
            said.append(f"% at {when}: {found}.")
    rows = list(zip(*columns, strict=True))
    looks = tuple(look(number) for number in range(len(causes)))
    return Key(rows[0], tuple(rows[1:]), looks, whole), said


def _groups(result: IncidenceResult, names: tuple[str, ...], whole: float) -> Key:
    causes = [cause.cause for cause in result.groups[0].causes]
    rows = tuple(
        (name, count(group.n), *(count(cause.events) for cause in group.causes))
        for name, group in zip(names, result.groups, strict=True)
    )
    looks = tuple(look(number) for number in range(len(result.groups)))
    return Key((result.by or "", "n", *causes), rows, looks, whole)


def _percent(share: float | None, lower: float | None, upper: float | None) -> str:
    if share is None:
        return "–"
    if lower is None or upper is None:
        return f"{100 * share:.1f}"
    return interval(*(f"{100 * part:.1f}" for part in (share, lower, upper)))
