"""Kaplan-Meier curves: bands, censored patients, medians, the test and hazard ratios, and numbers at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from timeline.errors import StudyError
from timeline.report import shown, tallies, words
from timeline.report.figures.scale import TimeAxis, interval, p_value, ratio
from timeline.report.figures.sheet import MARGIN, Block, Page, in_points, paragraph, stack
from timeline.report.figures.steps import Curve, StepPlot, y_room
from timeline.report.figures.style import look
from timeline.report.figures.tables import AtRisk, Key, fitted, row_names
from timeline.report.shown import count
from timeline.study.results import ComparisonResult, EstimateResult, LeftOut, Survived

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_MM = 150.0
LEAST_MM = 85.0
PROPORTION = 0.56
"""Height of the plot in relation to its width."""


def draw(result: EstimateResult | ComparisonResult, page: Page) -> Figure:
    """The Kaplan-Meier figure of an estimate or of a comparison.

    Raises StudyError where nobody has a time.
    """
    groups = result.groups
    if not groups and isinstance(result, EstimateResult) and result.group is not None:
        groups = (result.group,)
    if not groups:
        raise StudyError(f"No member of {result.cohort} has a time for {result.endpoint}: there is nothing to draw.")
    if shown.is_withheld(*(group.curve.survival for group in groups)):
        raise StudyError(f"The curves of {result.endpoint} in {result.cohort} cannot be shown.", hint=shown.WITHHELD)
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    named, names = row_names([group.label for group in groups], whole)
    looks = tuple(look(number) for number in range(len(groups)))
    last = max(float(group.curve.time[-1]) for group in groups)
    label = f"{words.without_event(result.endpoint_label)} (%)"
    least, right = y_room(1.0), whole - MARGIN - 8
    axis, sections, left = fitted(
        lambda axis: tallies.of_survival(groups, axis.days, page.suppressed),
        names,
        last,
        whole,
        least,
        right,
        page.suppressed,
    )
    since = "Time" if result.landmark is None else f"Time since {words.span(result.landmark)} after the origin"
    plot = StepPlot(
        axis,
        tuple(_curve(group, number) for number, group in enumerate(groups)),
        label,
        f"{since} ({axis.unit})",
        left,
        right,
        PROPORTION * (right - left),
        medians=tuple(found for group in groups if (found := group.median.time) is not None and found == found),
    )
    blocks: list[Block] = [
        _key(result, groups, named, axis, whole),
        *(paragraph(line, whole) for line in _tests(result)),
    ]
    blocks += [plot, AtRisk(axis, sections, names, looks, left, right)]
    notes = _notes(result, groups, plot, page.suppressed)
    page = Page(page.title, (*notes, *page.notes), page.width)
    return stack(page, whole, blocks)


def _curve(group: Survived, number: int) -> Curve:
    curve = group.curve
    censored = curve.time[curve.censored > 0].astype(np.float64)
    return Curve(look(number), curve.time.astype(np.float64), curve.survival, 1.0, curve.lower, curve.upper, censored)


def _key(
    result: EstimateResult | ComparisonResult,
    groups: tuple[Survived, ...],
    names: tuple[str, ...],
    axis: TimeAxis,
    whole: float,
) -> Key:
    confidence = f"{100 * groups[0].curve.confidence:g}\u00a0%\u00a0CI"
    heads = [
        "" if isinstance(result, EstimateResult) else result.by,
        "Events / n",
        f"Median, {axis.unit} ({confidence})",
    ]
    rows = [
        [
            name if result.by else "All patients",
            f"{count(group.events)} / {count(group.n)}",
            _median(group, axis),
        ]
        for group, name in zip(groups, names, strict=True)
    ]
    if isinstance(result, ComparisonResult) and result.hazards is not None:
        heads.append(f"Hazard ratio ({confidence})")
        found = {
            one.label: interval(ratio(one.ratio), ratio(one.lower), ratio(one.upper)) for one in result.hazards.ratios
        }
        for row, group in zip(rows, groups, strict=True):
            row.append(found.get(group.label, "reference" if group.label == result.hazards.reference else "–"))
    looks = tuple(look(number) for number in range(len(groups)))
    return Key(tuple(heads), tuple(tuple(row) for row in rows), looks, whole)


def _median(group: Survived, axis: TimeAxis) -> str:
    times = (group.median.time, group.median.lower, group.median.upper)
    if any(day is not None and day != day for day in times):
        return shown.HIDDEN_WORD
    return interval(*map(axis.said, times))


def _tests(result: EstimateResult | ComparisonResult) -> list[str]:
    if isinstance(result, EstimateResult):
        return []
    if result.test is None:
        return [f"No test: {result.note}."] if result.note else []
    degrees, name = result.test.degrees_of_freedom, result.test_name[:1].upper() + result.test_name[1:]
    stratified = f", stratified by {', '.join(result.strata)}" if result.strata else ""
    return [
        f"{name} test{stratified}: χ² = {result.test.statistic:.2f} on {degrees} df, p {p_value(result.test.p_value)}"
    ]


def _notes(
    result: EstimateResult | ComparisonResult, groups: tuple[Survived, ...], plot: StepPlot, suppressed: bool
) -> list[str]:
    notes = []
    if any(None in (group.median.time, group.median.lower, group.median.upper) for group in groups):
        notes.append("NR: not reached.")
    censored = 0 if suppressed else sum(group.censored for group in groups)
    if censored and not any(len(days) for days in plot.marks):
        notes.append(f"{count(censored)} censored patients, too many to be marked on the curves.")
    elif censored:
        notes[:0] = ["Ticks mark censored patients."]
    notes[:0] = [f"Bands: {100 * groups[0].curve.confidence:g} % limits."]
    notes += left_out(result.left_out)
    if isinstance(result, ComparisonResult):
        if result.test is not None and result.note:
            notes.append(f"{result.note}.")
        notes += [f"Acknowledged: {finding.replace('_', ' ')}, {reason}." for finding, reason in result.acknowledged]
    return [" ".join(notes)] if notes else []


def left_out(members: tuple[LeftOut, ...]) -> list[str]:
    """A sentence on the members of the cohort who are in no curve, where there are any."""
    said = "; ".join(f"{_many(one)}, {one.reason}" for one in members)
    return [f"Left out: {said}."] if members else []


def _many(one: LeftOut) -> str:
    return count(shown.HIDDEN if one.patients == shown.HIDDEN_PATIENTS else len(one.patients))
