"""Each analysis of a study as a result; what could not be done is a result too, and the others go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dsl import program
from dsl.explain import analyse
from dsl.source import Span
from dsl.sql import Compiled
from timeline import survival
from timeline.errors import TimelineError
from timeline.study.courses import states, swimmer
from timeline.study.curves import comparison, estimate
from timeline.study.regression import regression
from timeline.study.results import (
    AnalysisResult,
    CauseCurve,
    CohortResult,
    FailedResult,
    IncidenceGroup,
    IncidenceResult,
    OfEndpoint,
)
from timeline.study.risk import RiskTables
from timeline.study.statistics import Statistics
from timeline.study.tables import table
from timeline.survival import NotEstimable

if TYPE_CHECKING:
    from timeline.engine.base import Engine


class Analyst:
    """Runs analyses over the table of patients' rows."""

    def __init__(
        self, compiled: Compiled, engine: Engine, statistics: Statistics, cohorts: dict[str, CohortResult]
    ) -> None:
        self._compiled = compiled
        self._engine = engine
        self._statistics = statistics
        self._cohorts = cohorts

    def run(self, analysis: program.Analysis) -> AnalysisResult:
        """Raises StudyError or SurvivalError where it cannot be done."""
        found = self._done(analysis)
        if isinstance(found, OfEndpoint):
            assert not isinstance(analysis, program.Table | program.Swimmer | program.Attrition)
            found = replace(found, where=analysis.subject.where_words)
        return replace(found, title=analysis.title)

    def _done(self, analysis: program.Analysis) -> AnalysisResult:
        match analysis:
            case program.Estimate():
                return estimate(analysis, self._statistics, self._label(analysis.subject))
            case program.Comparison():
                return comparison(analysis, self._statistics, self._label(analysis.subject))
            case program.Regression():
                self._statistics.require_members(analysis.subject.cohort)
                return regression(analysis, self._compiled, self._engine)
            case program.Incidence():
                return self._incidence(analysis)
            case program.States():
                self._statistics.require_members(analysis.subject.cohort)
                return states(analysis, self._compiled, self._engine)
            case program.Table():
                self._statistics.require_members(analysis.cohort)
                return table(analysis, self._compiled, self._engine)
            case program.Swimmer():
                self._statistics.require_members(analysis.cohort)
                return swimmer(analysis, self._compiled, self._engine)
            case program.Attrition(cohort=cohort):
                return self._cohorts[cohort]

    def _label(self, subject: program.Subject) -> str:
        return self._compiled.study.endpoint(subject.endpoint).label

    def _incidence(self, analysis: program.Incidence) -> IncidenceResult:
        subject = analysis.subject
        causes = self._compiled.study.endpoint(subject.endpoint).causes
        tables = self._statistics.risk_tables(subject, analysis.group)
        if not tables.rows:
            raise NotEstimable(f"no member of {subject.cohort} has a time for {subject.endpoint}")
        groups = []
        for label, found in tables.tables(only_event=False).items():
            curves = []
            for number, cause in enumerate(causes, 1):
                curve = survival.cumulative_incidence(found, number)
                events = int(found.count[found.outcome == number].sum())
                curves.append(CauseCurve(cause, events, tuple(curve.at(time.in_days) for time in analysis.at), curve))
            groups.append(IncidenceGroup(label, found.n, found.censored, tables.imputed(label), tuple(curves)))
        tests = tuple(
            (cause, _grays_test(tables, number)) for number, cause in enumerate(causes, 1) if analysis.group is not None
        )
        return IncidenceResult(
            subject.endpoint,
            self._label(subject),
            subject.cohort,
            analysis.group.words if analysis.group else None,
            tuple(groups),
            tests,
            tables.left_out,
        )


def failed(analysis: program.Analysis, span: Span | None, error: Exception) -> FailedResult:
    """What is to be told of an analysis that could not be done."""
    place = f"{span.source.name}:{span.line}" if span is not None else ""
    message, hint = (error.message, error.hint) if isinstance(error, TimelineError) else (str(error), "")
    return FailedResult(analyse(analysis).removesuffix("."), place, message, hint, analysis.title)


def _grays_test(tables: RiskTables, cause: int) -> survival.RankTest | None:
    try:
        return survival.grays_test(tables.tables(only_event=False), cause)
    except survival.SurvivalError:
        return None
