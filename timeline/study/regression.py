"""Regression of an endpoint on covariates: Cox's model, and Fine and Gray's where other events compete.

Rows come from SQL counted, patients alike together; here they become arrays, never a loop over patients.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsl import program
from dsl.sql import Compiled, analyses, models
from dsl.types import Age, Boolean, Code, Duration
from timeline import survival
from timeline.study.results import Effect, ProportionalityTest, RegressionResult
from timeline.study.risk import left_out
from timeline.survival import NotEstimable
from timeline.survival.table import CENSORED, EVENT

if TYPE_CHECKING:
    from timeline.engine.base import Engine


def regression(analysis: program.Regression, compiled: Compiled, engine: Engine) -> RegressionResult:
    """Raises SurvivalError where the model cannot be fitted."""
    subject = analysis.subject
    rows = engine.query(models.regression_rows(compiled, analysis))
    if not rows.num_rows:
        raise NotEstimable(f"no member of {subject.cohort} has a time for {subject.endpoint} and all covariates")
    given = _rows(analysis, rows)
    first = _array(rows, "patients") * np.asarray(rows["first"].to_numpy(zero_copy_only=False), dtype=np.int64)
    n = int(first.sum())
    counts = _level_counts(analysis, rows, given, first)
    result = RegressionResult(
        model=analysis.model,
        endpoint=subject.endpoint,
        endpoint_label=compiled.study.endpoint(subject.endpoint).label,
        cohort=subject.cohort,
        strata=tuple(stratum.words for stratum in analysis.strata),
        landmark=analysis.landmark.in_days if analysis.landmark else None,
        n=n,
        events=given.events,
        effects=(),
        changing=tuple(item.label for item in analysis.covariates if item.onset is not None),
        tests=(),
        concordance=None,
        proportionality=(),
        left_out=left_out(engine.query(analyses.left_out(compiled, models.observed(analysis))).to_pylist()),
        acknowledged=analysis.acknowledged,
    )
    if analysis.model == "fine_gray":
        fit = survival.fine_gray(given)
        effects = _effects(analysis, fit.coefficients, counts, n)
        return replace(result, effects=effects, tests=(("Wald", fit.wald),))
    cox = survival.cox_regression(given)
    note, proportionality = "", []
    try:
        found = survival.proportional_hazards_test(given, cox)
        proportionality = [ProportionalityTest(item.covariate, item.test) for item in found.covariates]
        proportionality.append(ProportionalityTest(None, found.overall))
    except NotEstimable as error:
        note = f"no test of proportional hazards: {error}"
    return replace(
        result,
        effects=_effects(analysis, cox.coefficients, counts, n),
        tests=(("likelihood ratio", cox.likelihood_ratio), ("Wald", cox.wald), ("score", cox.score)),
        concordance=cox.concordance.value if cox.concordance else None,
        concordance_error=cox.concordance.standard_error if cox.concordance else None,
        proportionality=tuple(proportionality),
        note=note,
    )


def _rows(analysis: program.Regression, rows: pa.Table) -> survival.RegressionRows:
    outcome = _array(rows, "outcome")
    if analysis.model == "cox":
        outcome = np.where(outcome == EVENT, EVENT, CENSORED)
    strata = [rows[f"stratum {number}"].to_pylist() for number, _ in enumerate(analysis.strata, 1)]
    return survival.RegressionRows(
        _array(rows, "time"),
        outcome,
        [_covariate(item, rows[f"covariate {number}"]) for number, item in enumerate(analysis.covariates, 1)],
        _array(rows, "patients"),
        _array(rows, "entry"),
        [", ".join(parts) for parts in zip(*strata, strict=True)] if strata else None,
    )


def _array(rows: pa.Table, name: str) -> Any:
    return rows[name].to_numpy().astype(np.int64)


def _covariate(item: program.Covariate, column: pa.ChunkedArray) -> survival.Covariate:
    if models.is_number(item.value):
        return survival.Numeric(item.label, column.to_numpy())
    if item.onset is not None:
        column = pc.if_else(column, *levels_of(item)[::-1])
    found = column.combine_chunks().dictionary_encode()
    present = found.dictionary.to_pylist()
    order = [level for level in levels_of(item) if level in present]
    order += sorted(level for level in present if level not in order)
    if item.reference is not None:
        reference = _named_level(item)
        if reference not in present:
            raise NotEstimable(f"nobody has {item.label} = {item.reference}, the reference")
        order = [reference, *(level for level in order if level != reference)]
    place = np.array([order.index(level) for level in present], dtype=np.int64)
    return survival.Factor(item.label, order, place[found.indices.to_numpy()])


def levels_of(item: program.Covariate) -> list[str]:
    """The levels of a factor as far as they are declared, the reference first: of a condition, that it is not met."""
    if isinstance(item.value.type, Boolean):
        yes, no = analyses.group_labels(program.Group(item.value, item.label))
        return [no, yes]
    return [str(code) for code in item.value.type.codes] if isinstance(item.value.type, Code) else []


def _named_level(item: program.Covariate) -> str:
    assert item.reference is not None
    if isinstance(item.value.type, Boolean):
        no, yes = levels_of(item)
        return yes if item.reference == "true" else no
    return item.reference


def _level_counts(
    analysis: program.Regression, rows: pa.Table, given: survival.RegressionRows, first: Any
) -> dict[tuple[str, str | None], int]:
    """Patients by covariate and level; of what changes, those for whom it did before their time ended."""
    found: dict[tuple[str, str | None], int] = {}
    for item, covariate in zip(analysis.covariates, given.covariates, strict=True):
        if not isinstance(covariate, survival.Factor):
            continue
        counts = np.bincount(covariate.codes, weights=first, minlength=len(covariate.levels))
        if item.onset is not None:
            counts[1] += _changed(analysis, item, rows)
        found |= {(covariate.name, level): int(n) for level, n in zip(covariate.levels, counts, strict=True)}
    return found


def _changed(analysis: program.Regression, item: program.Covariate, rows: pa.Table) -> int:
    """Patients for whom a covariate became true while they were observed: the rows whose beginning is its change."""
    number = analysis.covariates.index(item) + 1
    begun = rows.filter(pc.and_(rows[f"begins {number}"], pc.invert(rows["first"])))
    return int(pc.sum(begun["patients"]).as_py() or 0)


def _effects(
    analysis: program.Regression,
    coefficients: tuple[survival.Coefficient, ...],
    counts: dict[tuple[str, str | None], int],
    n: int,
) -> tuple[Effect, ...]:
    units = {}
    for item in analysis.covariates:
        type_ = item.value.type
        units[item.label] = {Duration: "day", Age: "year"}.get(type(type_), getattr(type_, "unit", None) or "")
    return tuple(
        Effect(
            item.covariate,
            item.level,
            item.reference,
            units[item.covariate] if item.level is None else "",
            counts.get((item.covariate, item.level), n),
            item.ratio,
            item.lower,
            item.upper,
            item.coefficient,
            item.standard_error,
            item.p_value,
        )
        for item in coefficients
    )
