"""Computes statistics of cohorts: counts and summaries in one query, estimates from risk tables.

Everything is read from the table of patients' rows that the engine keeps; nothing here sees an event.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from dsl import ir, program
from dsl.reads import attributes_read
from dsl.sql import Compiled, analyses
from dsl.sql.definitions import CUT_OFF
from dsl.types import Age, Duration
from timeline import survival
from timeline.errors import StudyError
from timeline.study.published import Computed
from timeline.study.results import CohortResult
from timeline.study.risk import RiskTables, known_labels

if TYPE_CHECKING:
    from timeline.engine.base import Engine

Counted = program.CountOf | program.ShareOf | program.Summary


class Statistics:
    """Answers what a study asks of its cohorts, each thing computed once."""

    def __init__(self, compiled: Compiled, engine: Engine, cohorts: dict[str, CohortResult], any_imputed: bool) -> None:
        self._compiled = compiled
        self._engine = engine
        self._cohorts = cohorts
        self._counted: dict[Counted, Computed] = {}
        self._tables: dict[tuple[ir.Node | None, ...], RiskTables] = {}
        self._any_imputed = any_imputed

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
                self.require_members(members.cohort)
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
        self,
        subject: program.Subject,
        group: program.Group | None = None,
        landmark: ir.CalendarSpan | None = None,
        strata: tuple[program.Group, ...] = (),
    ) -> RiskTables:
        self.require_members(subject.cohort)
        span = ir.Literal(landmark, Duration()) if landmark else None
        key = (subject, group, span, *strata)
        if key not in self._tables:
            observed = analyses.Observed.of(subject, landmark, (group, *strata))
            endpoint = self._compiled.study.endpoint(subject.endpoint)
            self._tables[key] = RiskTables(
                self._engine.query(analyses.risk_table(self._compiled, observed, group, strata)).to_pylist(),
                self._engine.query(analyses.left_out(self._compiled, observed)).to_pylist(),
                self._imputed(observed, group),
                known_labels(group),
                (*(term.label for term in endpoint.last_seen), CUT_OFF),
                len(strata),
                self._compiled.study.cutoff,
            )
        return self._tables[key]

    def _imputed(self, observed: analyses.Observed, group: program.Group | None) -> list[dict[str, Any]]:
        if not self._any_imputed:
            return []
        query = analyses.rest_on_imputed(self._compiled, observed, group)
        found: list[dict[str, Any]] = self._engine.query(query).to_pylist()
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

    def require_members(self, cohort: str) -> None:
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
        tables = self.risk_tables(statistic.subject, statistic.group, statistic.landmark, statistic.strata)
        if statistic.group is not None:
            return _compared(statistic, tables)
        if not tables.rows:
            raise StudyError(
                f"No member of {statistic.subject.cohort} has a time for {statistic.subject.endpoint}.",
                hint="; ".join(f"{out.reason}: {len(out.patients)}" for out in tables.left_out),
            )
        return _of_curve(statistic, tables)


def keep_imputed_days(study: program.Program, engine: Engine) -> bool:
    """Has the engine keep the imputed days of what the study reads; whether there are any: most stores have none."""
    events = sorted(attributes_read(study))
    if not events:
        return False
    days = analyses.imputed_days(events)
    if not engine.query(days).num_rows:
        return False
    engine.materialise(analyses.IMPUTED_DAYS, days)
    return True


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
            return tables.curve(label).median().time
        case "midpoint_median":
            return tables.curve(label).median("midpoint").time
        case "survival" if statistic.given is not None:
            return tables.curve(label).conditional(at, statistic.given.in_days).survival
        case "survival":
            return tables.curve(label).at(at).survival
        case "quantile":
            return tables.curve(label).quantile(statistic.share or 0).time
        case "restricted_mean":
            return survival.restricted_mean(table, at).mean
        case "follow_up":
            return tables.follow_up(label).median.time
        case "completeness":
            return tables.follow_up(label).completeness
        case "cumulative_incidence":
            return survival.cumulative_incidence(tables.table(label, only_event=False)).at(at).incidence
    raise AssertionError(f"no estimate for {statistic.function}")


def _compared(statistic: program.EndpointStatistic, tables: RiskTables) -> Computed:
    try:
        if statistic.function == "hazard_ratio":
            return hazard_ratios(tables).ratios[0].ratio
        test: survival.RankTest | survival.TrendTest
        if statistic.trend:
            test = survival.trend_test(tables.by_stratum(), weights_of(statistic.test))
        else:
            test = survival.rank_test(tables.by_stratum(), weights_of(statistic.test))
    except survival.SurvivalError:
        return None
    return test.p_value if statistic.function == "p_value" else test.statistic


_WEIGHTS: dict[str, survival.Weights] = {
    "log_rank": "log-rank",
    "gehan": "gehan-wilcoxon",
    "tarone_ware": "tarone-ware",
    "peto_peto": "peto-peto",
}


def weights_of(test: program.RankTest) -> survival.Weights:
    """The weights of a test as estimation calls them."""
    return _WEIGHTS[test.name] if test.powers is None else survival.FlemingHarrington(*test.powers)


def hazard_ratios(tables: RiskTables) -> survival.ProportionalHazards:
    """Cox's hazard ratios of the groups against the first, within strata where there are some."""
    if tables.plain:
        return survival.cox(tables.tables())
    fit = survival.cox_regression(tables.regression_rows())
    (reference,) = {item.reference for item in fit.coefficients}
    ratios = tuple(
        survival.HazardRatio(
            str(item.level),
            str(reference),
            *(item.ratio, item.lower, item.upper, item.coefficient, item.standard_error, item.p_value),
        )
        for item in fit.coefficients
    )
    tests = fit.likelihood_ratio, fit.wald, fit.score
    return survival.ProportionalHazards(
        ratios, str(reference), fit.n, fit.events, fit.log_likelihood, *tests, fit.confidence
    )


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
