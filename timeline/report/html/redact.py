"""A study's results with everything hidden that would tell a small number of patients; the report sees no others.

Counts become HIDDEN, and times and shares not a number. What is tied to a hidden count goes with it: a curve, a test.
What cannot be judged is withheld: extremes of a value, stacked states, how many patients hygiene counted, whether a
published figure holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatchmethod

import numpy as np

from timeline.report.html import ties
from timeline.report.html.coarse import Floats, Ints, Steps, coarsen, month_end, whole_months, withheld
from timeline.report.html.shown import HIDDEN, HIDDEN_PATIENTS
from timeline.report.html.suppress import Cell
from timeline.study.results import (
    AnalysisResult,
    CauseCurve,
    CohortResult,
    ComparisonResult,
    EstimateResult,
    FailedResult,
    HygieneCount,
    HygieneResult,
    IncidenceGroup,
    IncidenceResult,
    LeftOut,
    NumberSummary,
    RegressionResult,
    StudyResult,
    Survived,
    SwimmerResult,
    TableResult,
    TableRow,
)
from timeline.survival import Quantile, RiskTable
from timeline.survival.table import CENSORED

NAN = math.nan
NOBODY = RiskTable([0], [CENSORED], [1])
"""Stands for the patients behind a curve, who are not handed on."""

MEDIAN, QUARTILES = 2, 4
"""A median is shown of this many times N values or more, quartiles of that many: N patients lie on each side."""


def redact(result: StudyResult, below: int) -> StudyResult:
    """The results as they may be shown where a number of patients from 1 to `below` - 1 may not."""
    redaction = _Redaction(result, below)
    return replace(
        result,
        cohorts=tuple(redaction.cohort(item) for item in result.cohorts),
        analyses=tuple(redaction.of(item, number) for number, item in enumerate(result.analyses)),
        expectations=tuple(replace(item, checks=()) for item in result.expectations),
        hygiene=tuple(_hygiene(item) for item in result.hygiene),
    )


def _hygiene(item: HygieneResult) -> HygieneResult:
    counts = tuple(
        HygieneCount(
            count.group, HIDDEN, HIDDEN if count.patients else 0, None, None if count.events is None else HIDDEN
        )
        for count in item.counts
    )
    return replace(item, counts=counts)


class _Redaction:
    def __init__(self, result: StudyResult, below: int) -> None:
        self._counts = ties.ties(result)
        self._hidden = self._counts.hidden(below)
        self._below = below

    def _shown(self, *cells: Cell) -> bool:
        return not self._hidden.intersection(cells)

    def _count(self, cell: Cell) -> int:
        return HIDDEN if cell in self._hidden else self._counts.values[cell]

    def cohort(self, cohort: CohortResult) -> CohortResult:
        steps = tuple(
            replace(
                step,
                remaining=self._count(ties.remaining(cohort, number)),
                fell=self._count(("fell", cohort.name, number)),
                unknown=self._count(("unknown", cohort.name, number)),
            )
            for number, step in enumerate(cohort.steps)
        )
        n, considered = self._count(("cohort", cohort.name)), self._count(ties.LOG)
        return replace(cohort, steps=steps, n=n, considered=considered)

    def _left_out(self, items: Sequence[LeftOut], number: int) -> tuple[LeftOut, ...]:
        return tuple(
            item if self._shown(ties.left_out(number, place)) else LeftOut(item.reason, HIDDEN_PATIENTS)
            for place, item in enumerate(items)
        )

    # --- each kind of result; what has no function of its own is withheld whole

    @singledispatchmethod
    def of(self, result: AnalysisResult, number: int) -> AnalysisResult:
        kind = type(result).__name__.removesuffix("Result").lower()
        return _withheld(f"An analysis of the kind {kind}")

    @of.register
    def _(self, result: CohortResult, number: int) -> AnalysisResult:
        return self.cohort(result)

    @of.register
    def _(self, result: FailedResult, number: int) -> AnalysisResult:
        return _withheld(result.analysis)

    @of.register
    def _(self, result: SwimmerResult, number: int) -> AnalysisResult:
        return replace(result, rows=(), without_day=HIDDEN if result.without_day else 0)

    @of.register
    def _(self, result: EstimateResult, number: int) -> AnalysisResult:
        groups = tuple(self._survived(result, group) for group in ties.survived(result) if isinstance(group, Survived))
        return replace(
            result,
            group=groups[0] if result.group is not None else None,
            groups=groups if result.groups else (),
            left_out=self._left_out(result.left_out, number),
        )

    @of.register
    def _(self, result: ComparisonResult, number: int) -> AnalysisResult:
        groups = tuple(self._survived(result, group) for group in result.groups)
        bare = replace(result, groups=groups, left_out=self._left_out(result.left_out, number))
        if not all(self._whole(result, group) for group in result.groups):
            return replace(bare, test=None, hazards=None, trend=None, pairs=(), means=())
        pairs = tuple(replace(pair, test=replace(pair.test, groups=()) if pair.test else None) for pair in result.pairs)
        return replace(
            bare,
            test=replace(result.test, groups=()) if result.test else None,
            hazards=replace(result.hazards, n=HIDDEN, events=HIDDEN) if result.hazards else None,
            pairs=pairs,
        )

    @of.register
    def _(self, result: IncidenceResult, number: int) -> AnalysisResult:
        groups = tuple(self._incidence(result, group) for group in result.groups)
        whole = all(self._whole(result, group) for group in result.groups)
        tests = tuple((name, replace(test, groups=()) if test and whole else None) for name, test in result.tests)
        return replace(result, groups=groups, tests=tests, left_out=self._left_out(result.left_out, number))

    @of.register
    def _(self, result: RegressionResult, number: int) -> AnalysisResult:
        names: list[Cell] = [("regression", number, "n"), ("regression", number, "events")]
        names += [
            ("regression", number, "effect", i) for i, effect in enumerate(result.effects) if effect.n is not None
        ]
        bare = replace(
            result,
            n=self._count(names[0]),
            events=self._count(names[1]),
            left_out=self._left_out(result.left_out, number),
        )
        if not self._shown(*names):
            return replace(bare, effects=(), tests=(), proportionality=(), concordance=None, concordance_error=None)
        # What a covariate counts may be a cohort in other words, so that how many have it is not shown either.
        effects = tuple(replace(effect, n=None if effect.n is None else HIDDEN) for effect in result.effects)
        return replace(bare, effects=effects)

    @of.register
    def _(self, result: TableResult, number: int) -> AnalysisResult:
        sizes = tuple(
            self._count(ties.size(result, group, n)) for group, n in zip(result.groups, result.sizes, strict=True)
        )
        rows = tuple(self._row(result, place) for place in range(len(result.rows)))
        return replace(result, sizes=sizes, rows=rows)

    # --- groups with a curve

    def _of(self, result: ties.Grouped, group: Survived | IncidenceGroup, what: Cell, value: int) -> int:
        return self._count(ties.of_group(result, group.label, group.n, what, value))

    def _size(self, result: ties.Grouped, group: Survived | IncidenceGroup) -> int:
        return self._count(ties.size(result, group.label, group.n))

    def _at_risk(self, result: ties.Grouped, group: Survived | IncidenceGroup, day: float) -> int:
        return self._of(result, group, ("at risk", day), ties.number_at_risk(group, day))

    def _whole(self, result: ties.Grouped, group: Survived | IncidenceGroup) -> bool:
        """Whether a group's size and how its patients ended are all shown, so that its curve tells nothing new.

        With delayed entry the numbers at risk rise and fall, and no sum ties them together: the curve is left out.
        """
        if ties.is_delayed(group):
            return False
        told = [self._size(result, group), self._of(result, group, "censored", group.censored)]
        if isinstance(group, Survived):
            told.append(self._of(result, group, "events", group.events))
        else:
            told += [self._of(result, group, ("cause", cause.cause), cause.events) for cause in group.causes]
        return HIDDEN not in told

    def _survived(self, result: EstimateResult | ComparisonResult, group: Survived) -> Survived:
        whole, curve = self._whole(result, group), group.curve
        steps = self._steps(result, group, (curve.survival, curve.lower, curve.upper), curve.events, 1.0, whole)
        times = []
        for at in group.survival:
            number = self._at_risk(result, group, at.day)
            share, lower, upper = steps.read(at.day) if whole and number != HIDDEN else (NAN, NAN, NAN)
            bounds = (None, None) if lower != lower and share == share else (lower, upper)
            times.append(
                replace(
                    at, survival=share, lower=bounds[0], upper=bounds[1], at_risk=number, events=HIDDEN, censored=HIDDEN
                )
            )
        reasons = tuple(
            replace(item, patients=self._of(result, group, ("reason", item.reason), item.patients))
            for item in group.reasons
            if item.outcome == 0
        )
        followed = group.follow_up
        if followed is not None:
            median = self._quantile(followed.median, group, whole)
            completeness = followed.completeness if whole else NAN
            followed = replace(followed, median=median, shortest=None, longest=None, completeness=completeness)
        nothing = np.zeros_like(steps.time)
        return replace(
            group,
            n=self._size(result, group),
            events=self._of(result, group, "events", group.events),
            censored=self._of(result, group, "censored", group.censored),
            imputed=self._of(result, group, "imputed", group.imputed),
            reasons=reasons,
            median=self._quantile(group.median, group, whole),
            survival=tuple(times),
            curve=replace(
                curve,
                time=steps.time,
                survival=steps.share,
                standard_error=np.full(len(steps.time), NAN),
                lower=steps.lower,
                upper=steps.upper,
                at_risk=steps.at_risk,
                events=nothing,
                censored=nothing,
                table=NOBODY,
            ),
            entered_late=self._of(result, group, "entered late", group.curve.table.delayed),
            quantiles=tuple(self._quantile(item, group, whole) for item in group.quantiles),
            conditional=(),
            restricted_mean=group.restricted_mean if whole else None,
            follow_up=followed,
        )

    def _quantile(self, found: Quantile, group: Survived, whole: bool) -> Quantile:
        """On whole months, and only where N patients had the event by then and N are still under observation."""
        if not whole:
            return replace(found, time=NAN, lower=NAN, upper=NAN)
        if found.time is not None:
            at = group.curve.at(found.time)
            if at.events < self._below or at.at_risk < self._below:
                return replace(found, time=NAN, lower=NAN, upper=NAN)
        return replace(
            found, time=whole_months(found.time), lower=whole_months(found.lower), upper=whole_months(found.upper)
        )

    def _steps(
        self,
        result: ties.Grouped,
        group: Survived | IncidenceGroup,
        values: tuple[Floats, Floats, Floats],
        events: Ints,
        start: float,
        whole: bool,
    ) -> Steps:
        curve = group.curve if isinstance(group, Survived) else group.causes[0].curve
        until = month_end(max(float(time[-1]) for time in ties.times(result)))
        printed = {day: self._at_risk(result, group, day) for day in ties.reading_days(result)}
        printed[0.0] = self._size(result, group)
        if not whole:
            return withheld(until, printed)
        return coarsen(curve.time, *values, curve.at_risk, events, start, self._below, until, printed)

    def _incidence(self, result: IncidenceResult, group: IncidenceGroup) -> IncidenceGroup:
        whole = self._whole(result, group)
        return replace(
            group,
            n=self._size(result, group),
            censored=self._of(result, group, "censored", group.censored),
            imputed=self._of(result, group, "imputed", group.imputed),
            causes=tuple(self._cause(result, group, cause, whole) for cause in group.causes),
        )

    def _cause(self, result: IncidenceResult, group: IncidenceGroup, cause: CauseCurve, whole: bool) -> CauseCurve:
        curve = cause.curve
        steps = self._steps(result, group, (curve.incidence, curve.lower, curve.upper), curve.events, 0.0, whole)
        times = []
        for at in cause.incidence:
            number = self._at_risk(result, group, at.day)
            share, lower, upper = steps.read(at.day) if whole and number != HIDDEN else (NAN, NAN, NAN)
            bounds = (None, None) if lower != lower and share == share else (lower, upper)
            times.append(
                replace(
                    at,
                    incidence=share,
                    lower=bounds[0],
                    upper=bounds[1],
                    at_risk=number,
                    events=HIDDEN,
                    competing=HIDDEN,
                    censored=HIDDEN,
                )
            )
        nothing = np.zeros_like(steps.time)
        return replace(
            cause,
            events=self._of(result, group, ("cause", cause.cause), cause.events),
            incidence=tuple(times),
            curve=replace(
                curve,
                time=steps.time,
                incidence=steps.share,
                standard_error=np.full(len(steps.time), NAN),
                lower=steps.lower,
                upper=steps.upper,
                at_risk=steps.at_risk,
                events=nothing,
                competing=nothing,
                censored=nothing,
                table=NOBODY,
            ),
        )

    # --- tables

    def _row(self, table: TableResult, place: int) -> TableRow:
        row = table.rows[place]
        if row.levels:
            cells = [
                [ties.level(table, group, place, i) for group in range(len(table.groups))]
                for i in range(len(row.levels))
            ]
            levels = tuple(
                replace(item, counts=tuple(map(self._count, line)))
                for item, line in zip(row.levels, cells, strict=True)
            )
            if self._shown(*(cell for line in cells for cell in line)):
                return replace(row, levels=levels)
            return replace(row, levels=levels, difference=None, test=None)
        summaries = tuple(self._summary(table, place, group, item) for group, item in enumerate(row.summaries))
        if any(item.mean is not None and math.isnan(item.mean) for item in summaries):
            summaries = tuple(replace(item, mean=NAN, sd=NAN) for item in summaries)
            return replace(row, summaries=summaries, difference=None, test=None)
        return replace(row, summaries=summaries)

    def _summary(self, table: TableResult, place: int, group: int, item: NumberSummary) -> NumberSummary:
        known = item.known
        missing = self._count(ties.missing(table, group, place))
        mean = item.mean if known >= MEDIAN * self._below else NAN
        return NumberSummary(
            known=HIDDEN,
            missing=missing,
            mean=mean,
            sd=item.sd if mean == mean else NAN,
            min=NAN,
            q1=item.q1 if known >= QUARTILES * self._below else NAN,
            median=item.median if known >= MEDIAN * self._below else NAN,
            q3=item.q3 if known >= QUARTILES * self._below else NAN,
            max=NAN,
        )


def _withheld(analysis: str) -> FailedResult:
    return FailedResult(analysis, "", "it is withheld, since what it shows could tell a small number of patients", "")
