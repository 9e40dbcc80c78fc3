"""Cumulative incidence: the causes of one group on one plot, or a plot for each cause with a curve for each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from timeline.errors import StudyError
from timeline.report import shown, tallies, words
from timeline.report.figures import times
from timeline.report.figures.scale import p_value
from timeline.report.figures.sheet import MARGIN, Block, Page, in_points, paragraph, stack
from timeline.report.figures.steps import Curve, StepPlot, y_room
from timeline.report.figures.style import look
from timeline.report.figures.survival import LEAST_MM, WIDTH_MM, left_out
from timeline.report.figures.tables import AtRisk, Key, fitted, row_names
from timeline.report.shown import count
from timeline.study.results import CauseCurve, IncidenceGroup, IncidenceResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALONE = 0.56
"""Height of the only plot in relation to its width."""
OF_SEVERAL = 0.4


def draw(result: IncidenceResult, page: Page) -> Figure:
    """The cumulative incidence figure.

    Raises StudyError where nobody has a time.
    """
    groups = result.groups
    if not groups:
        raise StudyError(f"No member of {result.cohort} has a time for {result.endpoint}: there is nothing to draw.")
    if shown.is_withheld(*(cause.curve.incidence for group in groups for cause in group.causes)):
        raise StudyError(f"The curves of {result.endpoint} in {result.cohort} cannot be shown.", hint=shown.WITHHELD)
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    last = max(float(cause.curve.time[-1]) for group in groups for cause in group.causes)
    top = _top(groups)
    named, names = row_names([group.label for group in groups], whole)
    looks = tuple(look(number) for number in range(len(groups)))
    least, right = y_room(top), whole - MARGIN - 8
    axis, sections, left = fitted(
        lambda axis: tallies.of_incidence(groups, axis.days, page.suppressed),
        names,
        last,
        whole,
        least,
        right,
        page.suppressed,
    )

    def plot(causes: tuple[CauseCurve, ...], proportion: float) -> StepPlot:
        curves = tuple(_curve(cause, number) for number, cause in enumerate(causes))
        height, label = proportion * (right - left), "Cumulative incidence (%)"
        return StepPlot(axis, curves, label, f"Time ({axis.unit})", left, right, height, top)

    blocks: list[Block]
    more: list[str] = []
    if len(groups) == 1:
        (group,) = groups
        causes = [cause.cause for cause in group.causes]
        above, more = _key("", causes, [group] * len(causes), group.causes, whole)
        blocks = [above, plot(group.causes, ALONE)]
    else:
        blocks = []
        for number, (cause, test) in enumerate(result.tests):
            blocks.append(paragraph(cause[:1].upper() + cause[1:], whole, bold=True))
            curves = tuple(group.causes[number] for group in groups)
            above, unsaid = _key(result.by or "", named, groups, curves, whole)
            more += [f"{cause[:1].upper()}{cause[1:]}, {words}" for words in unsaid]
            blocks.append(above)
            if test is not None:
                said = f"χ² = {test.statistic:.2f} on {test.degrees_of_freedom} df, p {p_value(test.p_value)}"
                blocks.append(paragraph(f"Gray’s test: {said}", whole))
            blocks.append(plot(curves, OF_SEVERAL))
    blocks.append(AtRisk(axis, sections, names, looks, left, right))
    confidence = f"{100 * groups[0].causes[0].curve.confidence:g} %"
    notes = [f"Bands and numbers in brackets: {confidence} limits.", *more, *left_out(result.left_out)]
    page = Page(page.title, (" ".join(notes), *page.notes), page.width)
    return stack(page, whole, blocks)


def _top(groups: tuple[IncidenceGroup, ...]) -> float:
    """The end of the axis: the first round share above every limit."""
    highest = max(
        float(np.nanmax(np.concatenate([cause.curve.incidence, cause.curve.upper])))
        for group in groups
        for cause in group.causes
        if not shown.is_withheld(cause.curve.incidence)
    )
    return next((top for top in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if highest <= top), 1.0)


def _curve(cause: CauseCurve, number: int) -> Curve:
    curve = cause.curve
    return Curve(look(number), curve.time.astype(np.float64), curve.incidence, 0.0, curve.lower, curve.upper)


def _key(
    head: str, names: Sequence[str], groups: Sequence[IncidenceGroup], causes: Sequence[CauseCurve], whole: float
) -> tuple[Key, list[str]]:
    """A line a curve, with its events, patients and incidence at the times asked for."""
    counts = [f"{count(cause.events)} / {count(group.n)}" for group, cause in zip(groups, causes, strict=True)]
    found = [
        (words.span(at[0].day), [(one.incidence, one.lower, one.upper) for one in at])
        for at in zip(*(cause.incidence for cause in causes), strict=True)
    ]
    looks = tuple(look(number) for number in range(len(causes)))
    return times.key(head, names, ["Events / n", *counts], found, looks, whole)
