"""Computes statistics of cohorts: counts and summaries in one query, estimates from risk tables.

Everything is read from the table of patients' rows that the engine keeps; nothing here sees an event.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from dsl import ir, program
from dsl.reads import attributes_read
from dsl.sql import Compiled, analyses
from dsl.types import Age, Boolean, Duration
from timeline import survival
from timeline.errors import StudyError
from timeline.study.published import Computed
from timeline.study.results import CohortResult, LeftOut, ReasonCount

if TYPE_CHECKING:
    from timeline.engine.base import Engine

Counted = program.CountOf | program.ShareOf | program.Summary
_WHOLE = "all"


class RiskTables:
    """The risk tables of one subject by group, with reasons and with who was left out."""

    def __init__(
        self,
        rows: list[dict[str, Any]],
        out: list[dict[str, Any]],
        imputed: list[dict[str, Any]],
        labels: tuple[str, ...],
    ) -> None:
        by_group: dict[str, list[dict[str, Any]]] = {label: [] for label in labels}
        for row in rows:
            by_group.setdefault(row["group"] or _WHOLE, []).append(row)
        self.rows = {label: rows for label, rows in by_group.items() if rows}
        self.empty = [label for label in labels if label not in self.rows]
        self._imputed = {row["group"] or _WHOLE: int(row["patients"]) for row in imputed}
        reasons: dict[str, list[str]] = {}
        for row in out:
            reasons.setdefault(row["reason"], []).append(row["patient"])
        self.left_out = tuple(LeftOut(reason, tuple(patients)) for reason, patients in reasons.items())

    def table(self, label: str, only_event: bool = True) -> survival.RiskTable:
        """Times and outcomes of a group. With `only_event`, competing events censor: the cause-specific view."""
        rows = self.rows[label]
        found = survival.RiskTable(
            [row["time"] for row in rows], [row["outcome"] for row in rows], [row["patients"] for row in rows]
        )
        return found.cause_specific() if only_event else found

    def tables(self, only_event: bool = True) -> dict[str, survival.RiskTable]:
        return {label: self.table(label, only_event) for label in self.rows}

    def imputed(self, label: str) -> int:
        """How many times of a group start or end on an imputed day."""
        return self._imputed.get(label, 0)

    def reasons(self, label: str) -> tuple[ReasonCount, ...]:
        counts: dict[tuple[int, str], int] = {}
        for row in self.rows[label]:
            key = (row["outcome"], row["reason"])
            counts[key] = counts.get(key, 0) + row["patients"]
        order = sorted(counts, key=lambda key: (key[0] == 0, key[0], -counts[key], key[1]))
        return tuple(ReasonCount(outcome, reason, counts[outcome, reason]) for outcome, reason in order)


class Statistics:
    """Answers what a study asks of its cohorts, each thing computed once."""

    def __init__(self, compiled: Compiled, engine: Engine, cohorts: dict[str, CohortResult]) -> None:
        self._compiled = compiled
        self._engine = engine
        self._cohorts = cohorts
        self._counted: dict[Counted, Computed] = {}
        self._tables: dict[tuple[ir.Node | None, ...], RiskTables] = {}
        self._any_imputed = self._keep_imputed_days()

    def prepare(self, expectations: tuple[program.Expectation, ...]) -> None:
        """Compute all counts and summaries that the expectations need in one query."""
        asked = [node for item in expectations for node in item.walk() if isinstance(node, Counted)]
        asked += [
            program.CountOf(program.Members(node.members.cohort)) for node in asked if isinstance(node, program.CountOf)
        ]
        self._count(list(dict.fromkeys(asked)))

    def value(self, statistic: program.Statistic) -> Computed:
        """The value: a count, a fraction, days, completed years, a date; None where there is none (not reached)."""
        match statistic:
            case program.CountOf() | program.ShareOf():
                return self._counts(statistic)
            case program.Summary(members=members):
                self._require_members(members.cohort)
                return self._counts(statistic)
            case program.EndpointStatistic():
                return self._estimated(statistic)
            case program.StatisticLiteral(value=value, unit=unit):
                return value / 100 if unit == "%" else value
            case program.StatisticArithmetic(operator=operator, left=left, right=right):
                return _combine(operator, self.value(left), self.value(right))

    def share(self, statistic: program.Statistic) -> float | None:
        """Of a count: the fraction of its cohort."""
        if not isinstance(statistic, program.CountOf):
            return None
        part = self._counts(statistic)
        whole = self._counts(program.CountOf(program.Members(statistic.members.cohort)))
        assert isinstance(part, int)
        assert isinstance(whole, int)
        return part / whole if whole else None

    def risk_tables(
        self, subject: program.Subject, group: program.Group | None = None, landmark: ir.CalendarSpan | None = None
    ) -> RiskTables:
        self._require_members(subject.cohort)
        span = ir.Literal(landmark, Duration()) if landmark else None
        key = (subject, group, span)
        if key not in self._tables:
            rows = self._engine.query(analyses.risk_table(self._compiled, subject, group, landmark)).to_pylist()
            out = self._engine.query(analyses.left_out(self._compiled, subject, group, landmark)).to_pylist()
            boolean = group is not None and isinstance(group.value.type, Boolean)
            labels = analyses.group_labels(group) if group is not None and boolean else ()
            self._tables[key] = RiskTables(rows, out, self._imputed(subject, group, landmark), labels)
        return self._tables[key]

    def _keep_imputed_days(self) -> bool:
        """Has the engine keep the imputed days of what the study reads; most stores have none."""
        events = sorted(attributes_read(self._compiled.study))
        if not events:
            return False
        days = analyses.imputed_days(self._compiled, events)
        if not self._engine.query(days).num_rows:
            return False
        self._engine.materialise(analyses.IMPUTED_DAYS, days)
        return True

    def _imputed(
        self, subject: program.Subject, group: program.Group | None, landmark: ir.CalendarSpan | None
    ) -> list[dict[str, Any]]:
        if not self._any_imputed:
            return []
        found: list[dict[str, Any]] = self._engine.query(
            analyses.rest_on_imputed(self._compiled, subject, group, landmark)
        ).to_pylist()
        return found

    def _counts(self, statistic: Counted) -> Computed:
        if statistic not in self._counted:
            self._count([statistic])
        return self._counted[statistic]

    def _count(self, asked: list[Counted]) -> None:
        if not asked:
            return
        (row,) = self._engine.query(analyses.statistics(self._compiled, asked)).to_pylist()
        self._counted.update((statistic, row[f"s{number}"]) for number, statistic in enumerate(asked))

    def _require_members(self, cohort: str) -> None:
        found = self._cohorts[cohort]
        if found.n == 0:
            steps = [f"  {found.considered} patients in the log"]
            steps += [
                f"  {step.remaining} {step.label}" + (f" (unknown for {step.unknown})" if step.unknown else "")
                for step in found.steps
            ]
            raise StudyError(
                "\n".join(
                    [f"The cohort {cohort} ({found.label}) has no member; how many remain at each step:", *steps]
                ),
                hint="An analysis needs members: import events, or loosen the step at which the last patients fell.",
            )

    def _estimated(self, statistic: program.EndpointStatistic) -> Computed:
        tables = self.risk_tables(statistic.subject, statistic.group, statistic.landmark)
        if statistic.group is not None:
            return _compared(statistic.function, tables)
        if not tables.rows:
            raise StudyError(
                f"No member of {statistic.subject.cohort} has a time for {statistic.subject.endpoint}.",
                hint="; ".join(f"{out.reason}: {len(out.patients)}" for out in tables.left_out),
            )
        return _of_curve(statistic, tables)


def _of_curve(statistic: program.EndpointStatistic, tables: RiskTables) -> Computed:
    (label,) = tables.rows
    table = tables.table(label)
    at = statistic.at.in_days if statistic.at else 0
    match statistic.function:
        case "events":
            return table.events
        case "at_risk":
            return table.at_risk(at)
        case "median":
            return survival.kaplan_meier(table).median().time
        case "midpoint_median":
            return survival.kaplan_meier(table).median("midpoint").time
        case "survival":
            return survival.kaplan_meier(table).at(at).survival
        case "follow_up":
            return survival.median_follow_up(tables.table(label, only_event=False).any_cause()).time
        case "cumulative_incidence":
            return survival.cumulative_incidence(tables.table(label, only_event=False)).at(at).incidence
    raise AssertionError(f"no estimate for {statistic.function}")


def _compared(function: str, tables: RiskTables) -> Computed:
    try:
        if function == "hazard_ratio":
            ratios = survival.cox(tables.tables()).ratios
            return ratios[0].ratio
        test = survival.log_rank(tables.tables())
    except survival.SurvivalError:
        return None
    return test.p_value if function == "p_value" else test.statistic


def _combine(operator: str, left: Computed, right: Computed) -> Computed:
    if isinstance(left, bool | str | date | None) or isinstance(right, bool | str | date | None):
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right if right else None


def is_age(statistic: program.Statistic) -> bool:
    """Whether the value counts completed years rather than days."""
    return (
        isinstance(statistic, program.Summary)
        and isinstance(statistic.value.type, Age)
        and statistic.function != "distinct"
    )
