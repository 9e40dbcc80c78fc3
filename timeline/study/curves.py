"""Kaplan-Meier estimates of a cohort or its groups, and the comparison of groups."""

from __future__ import annotations

from dsl import program
from timeline import survival
from timeline.study.results import (
    ComparisonResult,
    ConditionalSurvival,
    EstimateResult,
    MeanContrast,
    PairTest,
    Survived,
)
from timeline.study.risk import RiskTables
from timeline.study.statistics import Statistics, hazard_ratios, weights_of
from timeline.survival import Limits, NotEstimable, SurvivalError

LIMITS: dict[str, Limits] = {"log_log": "log-log", "log": "log", "plain": "plain"}


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
    pairs: tuple[PairTest, ...] = ()
    means: tuple[MeanContrast, ...] = ()
    try:
        test = survival.rank_test(tested.by_stratum(), weights)
        trend = _trend(tested, weights) if analysis.trend else None
        pairs = _pairs(tested, weights) if analysis.pairwise else ()
        hazards = hazard_ratios(tested)
    except SurvivalError as error:
        notes.append(str(error))
    if analysis.reading.mean_up_to is not None:
        try:
            means = _means(tables, analysis.reading.mean_up_to.in_days)
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


def _trend(tables: RiskTables, weights: survival.Weights) -> survival.ChiSquare:
    found = survival.trend_test(tables.by_stratum(), weights)
    return survival.ChiSquare(found.statistic, found.degrees_of_freedom, found.p_value)


def _pairs(tables: RiskTables, weights: survival.Weights) -> tuple[PairTest, ...]:
    found = survival.pairwise_tests(tables.by_stratum(), weights)
    return tuple(
        PairTest(pair.first, pair.second, pair.test, pair.adjusted_p_value, pair.reason or "") for pair in found
    )


def _means(tables: RiskTables, horizon: float) -> tuple[MeanContrast, ...]:
    found = []
    for item in survival.contrast_restricted_means(tables.tables(), horizon):
        difference, ratio = item.difference, item.ratio
        found.append(
            MeanContrast(
                item.label,
                item.reference,
                difference.value,
                difference.lower,
                difference.upper,
                difference.p_value,
                ratio.value if ratio else None,
                ratio.lower if ratio else None,
                ratio.upper if ratio else None,
                ratio.p_value if ratio else None,
                horizon,
            )
        )
    return tuple(found)


def _empty(tables: RiskTables) -> str:
    return ", ".join(f"nobody in the group {label}" for label in tables.empty)


def _survived(tables: RiskTables, reading: program.Reading) -> tuple[Survived, ...]:
    return tuple(_group(tables, label, reading) for label in tables.rows)


def _group(tables: RiskTables, label: str, reading: program.Reading) -> Survived:
    table = tables.table(label)
    curve = tables.curve(label, LIMITS[reading.limits])
    notes: list[str] = []
    conditional: list[ConditionalSurvival] = []
    mean = None
    try:
        if reading.given is not None:
            given = reading.given.in_days
            later = [curve.conditional(time.in_days, given) for time in reading.at if time.in_days > given]
            conditional = [
                ConditionalSurvival(item.day, item.given, item.survival, item.lower, item.upper) for item in later
            ]
    except NotEstimable as error:
        notes.append(str(error))
    try:
        if reading.mean_up_to is not None:
            mean = survival.restricted_mean(table, reading.mean_up_to.in_days)
    except NotEstimable as error:
        notes.append(str(error))
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
        table.delayed,
        "; ".join(notes),
    )
