"""A study's results with everything hidden that would tell a small number of patients; no report sees any others.

Counts become HIDDEN, and times and shares not a number. What is tied to a hidden count goes with it: a curve, a test.
What cannot be judged is withheld: extremes of a value, stacked states, how many patients hygiene counted, whether a
published figure holds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatchmethod

from timeline.report import words
from timeline.report.redaction import ties
from timeline.report.redaction.cells import Cell
from timeline.report.redaction.groups import incidence, is_whole, survived
from timeline.report.redaction.hiding import Hiding
from timeline.report.redaction.rows import row
from timeline.report.shown import HIDDEN
from timeline.study.results import (
    AnalysisResult,
    CohortResult,
    ComparisonResult,
    EstimateResult,
    FailedResult,
    HygieneCount,
    HygieneResult,
    IncidenceResult,
    RegressionResult,
    StatesResult,
    StudyResult,
    Survived,
    SwimmerResult,
    TableResult,
    WithheldResult,
)


def redact(result: StudyResult, below: int) -> StudyResult:
    """The results as they may be shown where a number of patients from 1 to `below` - 1 may not."""
    redaction = _Redaction(Hiding(result, below))
    return replace(
        result,
        cohorts=tuple(redaction.cohort(item) for item in result.cohorts),
        analyses=tuple(redaction.of(item, number) for number, item in enumerate(result.analyses)),
        expectations=tuple(replace(item, checks=()) for item in result.expectations),
        hygiene=tuple(_hygiene(item) for item in result.hygiene),
        suppressed_below=below,
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
    def __init__(self, hiding: Hiding) -> None:
        self._hiding = hiding

    def cohort(self, cohort: CohortResult) -> CohortResult:
        steps = tuple(
            replace(
                step,
                remaining=self._hiding.count(ties.remaining(cohort, number)),
                fell=self._hiding.count(("fell", cohort.name, number)),
                unknown=self._hiding.count(("unknown", cohort.name, number)),
            )
            for number, step in enumerate(cohort.steps)
        )
        n, considered = self._hiding.count(("cohort", cohort.name)), self._hiding.count(ties.LOG)
        return replace(cohort, steps=steps, n=n, considered=considered)

    # --- each kind of result; what has no function of its own is withheld whole

    @singledispatchmethod
    def of(self, result: AnalysisResult, number: int) -> AnalysisResult:
        kind = type(result).__name__.removesuffix("Result").lower()
        return WithheldResult(f"An analysis of the kind {kind}", getattr(result, "title", ""))

    @of.register
    def _(self, result: CohortResult, number: int) -> AnalysisResult:
        return self.cohort(result)

    @of.register
    def _(self, result: FailedResult, number: int) -> AnalysisResult:
        return WithheldResult(result.analysis, result.title)

    @of.register
    def _(self, result: SwimmerResult, number: int) -> AnalysisResult:
        return WithheldResult(f"Lanes of single patients of {result.cohort}", result.title)

    @of.register
    def _(self, result: StatesResult, number: int) -> AnalysisResult:
        return WithheldResult(
            f"{result.endpoint_label} in {words.of_whom(result.cohort, result.where)}: states over time", result.title
        )

    @of.register
    def _(self, result: EstimateResult, number: int) -> AnalysisResult:
        groups = tuple(
            survived(self._hiding, result, group) for group in ties.survived(result) if isinstance(group, Survived)
        )
        return replace(
            result,
            group=groups[0] if result.group is not None else None,
            groups=groups if result.groups else (),
            left_out=self._hiding.left_out(result.left_out, number),
        )

    @of.register
    def _(self, result: ComparisonResult, number: int) -> AnalysisResult:
        groups = tuple(survived(self._hiding, result, group) for group in result.groups)
        bare = replace(result, groups=groups, left_out=self._hiding.left_out(result.left_out, number))
        if not all(is_whole(self._hiding, result, group) for group in result.groups):
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
        groups = tuple(incidence(self._hiding, result, group) for group in result.groups)
        whole = all(is_whole(self._hiding, result, group) for group in result.groups)
        tests = tuple((name, replace(test, groups=()) if test and whole else None) for name, test in result.tests)
        return replace(result, groups=groups, tests=tests, left_out=self._hiding.left_out(result.left_out, number))

    @of.register
    def _(self, result: RegressionResult, number: int) -> AnalysisResult:
        names: list[Cell] = [("regression", number, "n"), ("regression", number, "events")]
        names += [
            ("regression", number, "effect", i) for i, effect in enumerate(result.effects) if effect.n is not None
        ]
        bare = replace(
            result,
            n=self._hiding.count(names[0]),
            events=self._hiding.count(names[1]),
            left_out=self._hiding.left_out(result.left_out, number),
        )
        if not self._hiding.shows(*names):
            return replace(bare, effects=(), tests=(), proportionality=(), concordance=None, concordance_error=None)
        # What a covariate counts may be a cohort in other words, so that how many have it is not shown either.
        effects = tuple(replace(effect, n=None if effect.n is None else HIDDEN) for effect in result.effects)
        return replace(bare, effects=effects)

    @of.register
    def _(self, result: TableResult, number: int) -> AnalysisResult:
        sizes = tuple(
            self._hiding.count(ties.size(result, group, n))
            for group, n in zip(result.groups, result.sizes, strict=True)
        )
        rows = tuple(row(self._hiding, result, place) for place in range(len(result.rows)))
        return replace(result, sizes=sizes, rows=rows)
