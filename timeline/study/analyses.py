"""Each analysis of a study as a result: estimates, comparisons, incidence, tables, swimmer lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl import ir, program
from dsl.sql import Compiled, analyses
from dsl.types import Age, Boolean, Date, Duration, Integer, Number
from timeline import survival
from timeline.study.results import (
    AnalysisResult,
    CauseCurve,
    CohortResult,
    ComparisonResult,
    EstimateResult,
    IncidenceGroup,
    IncidenceResult,
    LaneEvent,
    Level,
    NumberSummary,
    Survived,
    SwimmerResult,
    SwimmerRow,
    TableResult,
    TableRow,
)
from timeline.study.statistics import RiskTables, Statistics

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
        match analysis:
            case program.Estimate():
                return self._estimate(analysis)
            case program.Comparison():
                return self._compare(analysis)
            case program.Incidence():
                return self._incidence(analysis)
            case program.Table():
                return self._table(analysis)
            case program.Swimmer():
                return self._swimmer(analysis)
            case program.Attrition(cohort=cohort):
                return self._cohorts[cohort]

    def _label(self, endpoint: str) -> str:
        return self._compiled.study.endpoint(endpoint).label

    def _estimate(self, analysis: program.Estimate) -> EstimateResult:
        tables = self._statistics.risk_tables(analysis.subject)
        (group,) = self._survived(tables, analysis.at) or (None,)
        endpoint = analysis.subject.endpoint
        return EstimateResult(endpoint, self._label(endpoint), analysis.subject.cohort, group, tables.left_out)

    @staticmethod
    def _survived(tables: RiskTables, at: tuple[ir.CalendarSpan, ...]) -> tuple[Survived, ...]:
        found = []
        for label, table in tables.tables().items():
            curve = survival.kaplan_meier(table)
            times = tuple(curve.at(time.in_days) for time in at)
            reasons = tables.reasons(label)
            found.append(
                Survived(
                    label,
                    table.n,
                    table.events,
                    table.censored,
                    tables.imputed(label),
                    reasons,
                    curve.median(),
                    times,
                    curve,
                )
            )
        return tuple(found)

    def _compare(self, analysis: program.Comparison) -> ComparisonResult:
        subject = analysis.subject
        tables = self._statistics.risk_tables(subject, analysis.group, analysis.landmark)
        test = hazards = None
        note = ", ".join(f"nobody in the group {label}" for label in tables.empty)
        try:
            test = survival.log_rank(tables.tables())
            hazards = survival.cox(tables.tables())
        except survival.SurvivalError as error:
            note = "; ".join(part for part in (note, str(error)) if part)
        return ComparisonResult(
            subject.endpoint,
            self._label(subject.endpoint),
            subject.cohort,
            analysis.group.words,
            analysis.landmark.in_days if analysis.landmark else None,
            self._survived(tables, analysis.at),
            test,
            hazards,
            note,
            tables.left_out,
            analysis.acknowledged,
        )

    def _incidence(self, analysis: program.Incidence) -> IncidenceResult:
        subject = analysis.subject
        causes = self._compiled.study.endpoint(subject.endpoint).causes
        tables = self._statistics.risk_tables(subject, analysis.group)
        groups = []
        for label, table in tables.tables(only_event=False).items():
            curves = []
            for number, cause in enumerate(causes, 1):
                curve = survival.cumulative_incidence(table, number)
                events = int(table.count[table.outcome == number].sum())
                curves.append(CauseCurve(cause, events, tuple(curve.at(time.in_days) for time in analysis.at), curve))
            groups.append(IncidenceGroup(label, table.n, table.censored, tables.imputed(label), tuple(curves)))
        tests = tuple(
            (cause, _grays_test(tables, number)) for number, cause in enumerate(causes, 1) if analysis.group is not None
        )
        return IncidenceResult(
            subject.endpoint,
            self._label(subject.endpoint),
            subject.cohort,
            analysis.group.words if analysis.group else None,
            tuple(groups),
            tests,
            tables.left_out,
        )

    def _table(self, analysis: program.Table) -> TableResult:
        sizes: dict[str | None, int] = {}
        for row in self._engine.query(analyses.group_sizes(self._compiled, analysis)).to_pylist():
            sizes[row["group"]] = row["patients"]
        groups = [group for group in sizes if group is not None]
        if analysis.group is not None and isinstance(analysis.group.value.type, Boolean):
            groups = [label for label in analyses.group_labels(analysis.group) if label in sizes]
        columns: list[str | None] = [*groups, *([None] if None in sizes else [])]
        rows = tuple(self._row(analysis, shown, columns) for shown in analysis.shown)
        missing = "unknown" if analysis.group is not None else "all"
        return TableResult(
            analysis.cohort,
            analysis.group.words if analysis.group else None,
            tuple(missing if group is None else group for group in columns),
            tuple(sizes[group] for group in columns),
            rows,
        )

    def _row(self, table: program.Table, shown: program.Shown, columns: list[str | None]) -> TableRow:
        type_ = shown.value.type
        if isinstance(type_, Integer | Number | Duration | Age):
            unit = {Duration: "days", Age: "years"}.get(type(type_), getattr(type_, "unit", None) or "")
            found = {
                row.pop("group"): NumberSummary(**row)
                for row in self._engine.query(analyses.summary(self._compiled, table, shown)).to_pylist()
            }
            return TableRow(shown.label, unit, summaries=tuple(found[group] for group in columns))
        counts: dict[str | None, dict[str | None, int]] = {}
        for row in self._engine.query(analyses.levels(self._compiled, table, shown)).to_pylist():
            counts.setdefault(row["level"], {})[row["group"]] = row["patients"]
        order = _level_order(shown.value, counts)
        levels = tuple(Level(name, tuple(counts.get(name, {}).get(group, 0) for group in columns)) for name in order)
        return TableRow(shown.label, "", levels=levels)

    def _swimmer(self, analysis: program.Swimmer) -> SwimmerResult:
        rows: dict[str, list[LaneEvent]] = {}
        for lane in analysis.lanes:
            for row in self._engine.query(analyses.lane(self._compiled, analysis.cohort, lane)).to_pylist():
                rows.setdefault(row["patient"], []).append(LaneEvent(lane.name, row["start_day"], row["end_day"]))
        ordered = sorted(rows, key=lambda patient: (-max(event.end_day for event in rows[patient]), patient))
        return SwimmerResult(
            analysis.cohort,
            tuple(lane.name for lane in analysis.lanes),
            tuple(SwimmerRow(patient, tuple(rows[patient])) for patient in ordered),
        )


def _grays_test(tables: RiskTables, cause: int) -> survival.RankTest | None:
    try:
        return survival.grays_test(tables.tables(only_event=False), cause)
    except survival.SurvivalError:
        return None


def _level_order(value: ir.Value, counts: dict[str | None, dict[str | None, int]]) -> list[str | None]:
    """Declared order for codes, calendar order for dates, most frequent first for text; missing values last."""
    known = [name for name in counts if name is not None]
    codes = getattr(value.type, "codes", ())
    if codes:
        ordered = [code for code in codes if code in counts]
    elif isinstance(value.type, Date):
        ordered = sorted(known)
    elif isinstance(value.type, Boolean):
        ordered = sorted(known, reverse=True)
    else:
        ordered = sorted(known, key=lambda name: (-sum(counts[name].values()), name))
    return [*ordered, *([None] if None in counts else [])]
