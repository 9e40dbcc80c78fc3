"""Kaplan-Meier estimates of a cohort or its groups, and the comparison of groups."""

from __future__ import annotations

from dsl import program
from timeline import survival
from timeline.study.results import ComparisonResult, EstimateResult, Survived
from timeline.study.risk import RiskTables
from timeline.study.statistics import Statistics, hazard_ratios, weights_of
from timeline.survival import Limits, NotEstimable, SurvivalError

_LIMITS: dict[str, Limits] = {"log_log": "log-log", "log": "log", "plain": "plain"}


def estimate(analysis: program.Estimate, statistics: Statistics, label: str) -> EstimateResult:
    tables = statistics.risk_tables(analysis.subject, analysis.group, analysis.landmark)
    groups = _survived(tables, analysis.reading)
    return EstimateResult(
        analysis.subject.endpoint,
        label,
        analysis.subject.cohort,
        groups[0] if groups and analysis.group is None else None,
        tables.left_out,
        analysis.group.words if analysis.group else None,
        groups,
        analysis.landmark.in_days if analysis.landmark else None,
        _empty(tables),
    )


def comparison(analysis: program.Comparison, statistics: Statistics, label: str) -> ComparisonResult:
    subject = analysis.subject
    # Without their strata first: who has no stratum is in the estimates, though not in the tests.
    tables = statistics.risk_tables(subject, analysis.group, analysis.landmark)
    tested = statistics.risk_tables(subject, analysis.group, analysis.landmark, analysis.strata)
    weights = weights_of(analysis.test)
    notes = [_empty(tables)]
    test = hazards = trend = None
    pairs: tuple[survival.PairTest, ...] = ()
    means: tuple[survival.RestrictedMeanContrast, ...] = ()
    try:
        test = survival.rank_test(tested.by_stratum(), weights)
        trend = survival.trend_test(tested.by_stratum(), weights) if analysis.trend else None
        pairs = survival.pairwise_tests(tested.by_stratum(), weights) if analysis.pairwise else ()
        hazards = hazard_ratios(tested)
    except SurvivalError as error:
        notes.append(str(error))
    if analysis.reading.mean_up_to is not None:
        try:
            means = survival.contrast_restricted_means(tables.tables(), analysis.reading.mean_up_to.in_days)
        except SurvivalError as error:
            notes.append(str(error))
    return ComparisonResult(
        subject.endpoint,
        label,
        subject.cohort,
        analysis.group.words,
        analysis.landmark.in_days if analysis.landmark else None,
        _survived(tables, analysis.reading),
        test,
        hazards,
        "; ".join(dict.fromkeys(note for note in notes if note)),
        tested.left_out,
        analysis.acknowledged,
        analysis.test.words,
        tuple(stratum.words for stratum in analysis.strata),
        trend,
        pairs,
        means,
    )


def _empty(tables: RiskTables) -> str:
    return ", ".join(f"nobody in the group {label}" for label in tables.empty)


def _survived(tables: RiskTables, reading: program.Reading) -> tuple[Survived, ...]:
    return tuple(_group(tables, label, reading) for label in tables.rows)


def _group(tables: RiskTables, label: str, reading: program.Reading) -> Survived:
    table = tables.table(label)
    curve = survival.kaplan_meier(table, limits=_LIMITS[reading.limits])
    notes: list[str] = []
    conditional: list[survival.ConditionalSurvival] = []
    mean = None
    try:
        if reading.given is not None:
            given = reading.given.in_days
            conditional = [curve.conditional(time.in_days, given) for time in reading.at if time.in_days > given]
    except NotEstimable as error:
        notes.append(str(error))
    try:
        if reading.mean_up_to is not None:
            mean = survival.restricted_mean(table, reading.mean_up_to.in_days)
    except NotEstimable as error:
        notes.append(str(error))
    completeness, until = tables.completeness(label)
    return Survived(
        label,
        table.n,
        table.events,
        table.censored,
        tables.imputed(label),
        tables.reasons(label),
        curve.median(),
        tuple(curve.at(time.in_days) for time in reading.at),
        curve,
        tuple(curve.quantile(share) for share in reading.quantiles),
        tuple(conditional),
        mean,
        tables.follow_up(label),
        completeness,
        until,
        table.delayed,
        "; ".join(notes),
    )
