"""One group of an analysis with small numbers hidden: its counts, its coarse curve, and what is read off it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from timeline.report.redaction import ties
from timeline.report.redaction.cells import Cell
from timeline.report.redaction.coarse import Floats, Ints, Steps, coarsen, month_end, whole_months, withheld
from timeline.report.redaction.hiding import Hiding
from timeline.report.shown import HIDDEN
from timeline.study.results import (
    CauseCurve,
    ComparisonResult,
    EstimateResult,
    IncidenceGroup,
    IncidenceResult,
    Survived,
)
from timeline.survival import Quantile, RiskTable
from timeline.survival.table import CENSORED

NAN = math.nan
NOBODY = RiskTable([0], [CENSORED], [1])
"""Stands for the patients behind a curve, who are not handed on."""


def _of(hiding: Hiding, result: ties.Grouped, group: Survived | IncidenceGroup, what: Cell, value: int) -> int:
    return hiding.count(ties.of_group(result, group.label, group.n, what, value))


def _size(hiding: Hiding, result: ties.Grouped, group: Survived | IncidenceGroup) -> int:
    return hiding.count(ties.size(result, group.label, group.n))


def _at_risk(hiding: Hiding, result: ties.Grouped, group: Survived | IncidenceGroup, day: float) -> int:
    return _of(hiding, result, group, ("at risk", day), ties.number_at_risk(group, day))


def is_whole(hiding: Hiding, result: ties.Grouped, group: Survived | IncidenceGroup) -> bool:
    """Whether a group's size and how its patients ended are all shown, so that its curve tells nothing new.

    With delayed entry the numbers at risk rise and fall, and no sum ties them together: the curve is left out.
    """
    if ties.is_delayed(group):
        return False
    told = [_size(hiding, result, group), _of(hiding, result, group, "censored", group.censored)]
    if isinstance(group, Survived):
        told.append(_of(hiding, result, group, "events", group.events))
    else:
        told += [_of(hiding, result, group, ("cause", cause.cause), cause.events) for cause in group.causes]
    return HIDDEN not in told


def survived(hiding: Hiding, result: EstimateResult | ComparisonResult, group: Survived) -> Survived:
    whole, curve = is_whole(hiding, result, group), group.curve
    steps = _steps(hiding, result, group, (curve.survival, curve.lower, curve.upper), curve.events, 1.0, whole)
    times = []
    for at in group.survival:
        share, rest = _read(hiding, result, group, steps, at.day, whole)
        times.append(replace(at, survival=share, **rest))
    reasons = tuple(
        replace(item, patients=_of(hiding, result, group, ("reason", item.reason), item.patients))
        for item in group.reasons
        if item.outcome == 0
    )
    followed = group.follow_up
    if followed is not None:
        median = _quantile(hiding, followed.median, group, whole)
        completeness = followed.completeness if whole else NAN
        # Without a cut-off, `until` is the day of the patient who was observed last.
        extremes = {"shortest": None, "longest": None, "until": None}
        followed = replace(followed, median=median, completeness=completeness, **extremes)
    return replace(
        group,
        n=_size(hiding, result, group),
        events=_of(hiding, result, group, "events", group.events),
        censored=_of(hiding, result, group, "censored", group.censored),
        imputed=_of(hiding, result, group, "imputed", group.imputed),
        reasons=reasons,
        median=_quantile(hiding, group.median, group, whole),
        survival=tuple(times),
        curve=replace(curve, survival=steps.share, **_coarse(steps)),
        entered_late=_of(hiding, result, group, "entered late", group.curve.table.delayed),
        quantiles=tuple(_quantile(hiding, item, group, whole) for item in group.quantiles),
        conditional=(),
        restricted_mean=group.restricted_mean if whole else None,
        follow_up=followed,
    )


def _quantile(hiding: Hiding, found: Quantile, group: Survived, whole: bool) -> Quantile:
    """On whole months, and only where N patients had the event by then and N are still under observation."""
    if not whole:
        return replace(found, time=NAN, lower=NAN, upper=NAN)
    if found.time is not None:
        at = group.curve.at(found.time)
        if at.events < hiding.below or at.at_risk < hiding.below:
            return replace(found, time=NAN, lower=NAN, upper=NAN)
    return replace(
        found, time=whole_months(found.time), lower=whole_months(found.lower), upper=whole_months(found.upper)
    )


def _steps(
    hiding: Hiding,
    result: ties.Grouped,
    group: Survived | IncidenceGroup,
    values: tuple[Floats, Floats, Floats],
    events: Ints,
    start: float,
    whole: bool,
) -> Steps:
    curve = group.curve if isinstance(group, Survived) else group.causes[0].curve
    until = month_end(max(float(time[-1]) for time in ties.times(result)))
    printed = {day: _at_risk(hiding, result, group, day) for day in ties.reading_days(result)}
    printed[0.0] = _size(hiding, result, group)
    if not whole:
        return withheld(until, printed)
    return coarsen(curve.time, *values, curve.at_risk, events, start, hiding.below, until, printed)


def _read(
    hiding: Hiding,
    result: ties.Grouped,
    group: Survived | IncidenceGroup,
    steps: Steps,
    day: float,
    whole: bool,
) -> tuple[float, dict[str, Any]]:
    """The share on a day that was asked for, and what else stands beside it, both of them as the coarse curve tells."""
    number = _at_risk(hiding, result, group, day)
    share, lower, upper = steps.read(day) if whole and number != HIDDEN else (NAN, NAN, NAN)
    bounds = (None, None) if lower != lower and share == share else (lower, upper)
    return share, {"lower": bounds[0], "upper": bounds[1], "at_risk": number, "events": HIDDEN, "censored": HIDDEN}


def _coarse(steps: Steps) -> dict[str, Any]:
    """What the coarse form of any curve has beside its share: no errors, no events, and nobody behind it."""
    nothing = np.zeros_like(steps.time)
    return {
        "time": steps.time,
        "standard_error": np.full(len(steps.time), NAN),
        "lower": steps.lower,
        "upper": steps.upper,
        "at_risk": steps.at_risk,
        "events": nothing,
        "censored": nothing,
        "table": NOBODY,
    }


def incidence(hiding: Hiding, result: IncidenceResult, group: IncidenceGroup) -> IncidenceGroup:
    whole = is_whole(hiding, result, group)
    return replace(
        group,
        n=_size(hiding, result, group),
        censored=_of(hiding, result, group, "censored", group.censored),
        imputed=_of(hiding, result, group, "imputed", group.imputed),
        causes=tuple(_cause(hiding, result, group, cause, whole) for cause in group.causes),
    )


def _cause(
    hiding: Hiding, result: IncidenceResult, group: IncidenceGroup, cause: CauseCurve, whole: bool
) -> CauseCurve:
    curve = cause.curve
    steps = _steps(hiding, result, group, (curve.incidence, curve.lower, curve.upper), curve.events, 0.0, whole)
    times = []
    for at in cause.incidence:
        share, rest = _read(hiding, result, group, steps, at.day, whole)
        times.append(replace(at, incidence=share, competing=HIDDEN, **rest))
    return replace(
        cause,
        events=_of(hiding, result, group, ("cause", cause.cause), cause.events),
        incidence=tuple(times),
        curve=replace(curve, incidence=steps.share, competing=np.zeros_like(steps.time), **_coarse(steps)),
    )
