"""Runs a checked study on a store: cohorts, endpoints, analyses and expectations, in that order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from dsl import Checked, ir, program
from dsl.catalog import Catalog, storage_kind
from dsl.diagnostics import did_you_mean
from dsl.program import Program
from dsl.reads import attributes_read
from dsl.source import Source
from dsl.sql import Compiled, analyses, compile_study
from timeline.errors import StudyError
from timeline.study.analyses import Analyst
from timeline.study.hygiene import weigh_findings
from timeline.study.published import compare
from timeline.study.results import (
    AnalysisResult,
    AttritionStep,
    CheckResult,
    CohortResult,
    ExpectationResult,
    Provenance,
    StudyResult,
)
from timeline.study.statistics import Statistics, is_age
from timeline.survival import SurvivalError

if TYPE_CHECKING:
    from timeline.engine.base import Engine
    from timeline.log import Log, Snapshot

Progress = Callable[[str], None]
"""Told, in words, what is being done."""


@dataclass(frozen=True)
class Prepared:
    """A compiled study whose patients' rows an engine holds as the table `study.patients`."""

    checked: Checked
    store: str
    snapshot: Snapshot
    compiled: Compiled
    engine: Engine


def run_study(checked: Checked, log: Log, progress: Progress = lambda words: None) -> StudyResult:
    """Run a study on the log as it is, or as it was known when its `known by` says.

    Raises StudyError where the store lacks what the study reads. An analysis that cannot be done is a FailedResult, and
    the others go on.
    """
    from timeline.engine.duckdb import DuckDBEngine

    snapshot = log.snapshot(known_by=checked.program.known_by)
    with DuckDBEngine(snapshot) as engine:
        return analyse(prepare(checked, str(log.path), snapshot, engine, progress), progress)


def prepare(
    checked: Checked, store: str, snapshot: Snapshot, engine: Engine, progress: Progress = lambda words: None
) -> Prepared:
    """Compute the patients' rows. Raises StudyError where the store lacks what the study reads."""
    require_declared(checked.program, snapshot.catalog, store)
    progress("compiling the study")
    compiled = compile_study(checked.program)
    progress("selecting events and computing endpoints")
    engine.materialise("patients", compiled.sql())
    return Prepared(checked, store, snapshot, compiled, engine)


def analyse(prepared: Prepared, progress: Progress = lambda words: None) -> StudyResult:
    """Everything that a study asks of its patients' rows; an analysis that cannot be done is a FailedResult."""
    checked, compiled, engine = prepared.checked, prepared.compiled, prepared.engine
    study = checked.program
    cohorts = {cohort.name: _cohort(compiled, engine, cohort) for cohort in _cohorts(compiled, study)}
    statistics = Statistics(compiled, engine, cohorts)
    analyst = Analyst(compiled, engine, statistics, cohorts)
    found: list[AnalysisResult] = []
    spans = [checked.place(analysis) for analysis in study.analyses]
    for number, analysis in enumerate(compiled.study.analyses, 1):
        progress(f"analysis {number} of {len(compiled.study.analyses)}")
        try:
            found.append(analyst.run(analysis))
        except (StudyError, SurvivalError) as error:
            found.append(analyst.failed(analysis, spans[number - 1], error))
    progress("comparing with published figures")
    statistics.prepare(compiled.study.expectations)
    expectations = tuple(_expectation(statistics, item) for item in compiled.study.expectations)
    progress("weighing what could bias the estimates")
    hygiene = weigh_findings(checked, compiled, engine, statistics)
    made_from = provenance(checked, prepared.store, prepared.snapshot)
    return StudyResult(
        study.title, study.references, made_from, tuple(cohorts.values()), tuple(found), expectations, hygiene
    )


def provenance(checked: Checked, store: str, snapshot: Snapshot) -> Provenance:
    """From what a result is computed; the head is that of the last commit that was seen."""
    study = checked.program
    return Provenance(
        store=store,
        position=snapshot.position,
        head=snapshot.record.head,
        query=checked.source.name,
        query_hash=query_hash(checked.sources),
        parameters=tuple((parameter.name, str(parameter.value.value)) for parameter in study.parameters),
        cutoff=study.cutoff,
        known_by=study.known_by,
        version=program_version(),
    )


def query_hash(sources: Sequence[Source]) -> str:
    """SHA-256 over the texts of a query and of the files that it uses, in the order in which they are read."""
    digest = hashlib.sha256()
    for source in sources:
        text = source.text.encode()
        digest.update(len(text).to_bytes(8, "big"))
        digest.update(text)
    return digest.hexdigest()


def program_version() -> str:
    try:
        return version("catamnesis")
    except PackageNotFoundError:
        return "unknown"


def require_declared(study: Program, catalog: Catalog, store: str) -> None:
    """Every event type and attribute that the study reads must be declared in the store, with one kind of value."""
    lacking: list[str] = []
    used = attributes_read(study)
    for event in (event for event in study.catalog if event.name in used):
        declared = catalog.event(event.name)
        if declared is None:
            hint = did_you_mean(event.name, (other.name for other in catalog))
            lacking.append(f"the event type {event.name}" + (f" ({hint.replace('`', '')})" if hint else ""))
            continue
        for name in sorted(used[event.name]):
            own, theirs = event.attribute(name), declared.attribute(name)
            if own is None:
                continue
            if theirs is None:
                lacking.append(f"the attribute {name} of {event.name}")
            elif storage_kind(own.type) != storage_kind(theirs.type):
                kinds = f"{storage_kind(theirs.type)} in the store, {storage_kind(own.type)} in the study"
                lacking.append(f"the attribute {name} of {event.name} with the same kind of value ({kinds})")
    if lacking:
        raise StudyError(
            f"The study reads what the store {store} does not declare: {'; '.join(lacking)}.",
            hint="Run it on a store with these declarations, or add them with `timeline declare`.",
        )


def _cohorts(compiled: Compiled, study: Program) -> list[program.Cohort]:
    """The cohorts that the study defines; copies made for a landmark are not among them."""
    own = {item.name for item in study.definitions}
    return [item for item in compiled.study.definitions if isinstance(item, program.Cohort) and item.name in own]


def _cohort(compiled: Compiled, engine: Engine, cohort: program.Cohort) -> CohortResult:
    counts: dict[int, tuple[int, int]] = {}
    for row in engine.query(analyses.attrition(compiled, cohort.name)).to_pylist():
        fell, unknown = counts.get(row["step"], (0, 0))
        counts[row["step"]] = (fell + row["patients"], unknown + (row["patients"] if row["unknown"] else 0))
    considered = remaining = sum(fell for fell, _ in counts.values())
    asked = [(f"from {cohort_words(cohort.base)}", False)] if cohort.base is not None else []
    asked += [("has an index date", False)] if cohort.index is not None else []
    asked += [(requirement.label, requirement.excluding) for requirement in cohort.requirements]
    steps = []
    for number, (label, excluding) in enumerate(asked, 1):
        fell, unknown = counts.get(number, (0, 0))
        remaining -= fell
        steps.append(AttritionStep(label, remaining, fell, unknown, excluding))
    return CohortResult(cohort.name, cohort.label, considered, tuple(steps), remaining)


def cohort_words(base: ir.Value) -> str:
    """The composition of a cohort in words: `enrolled and not withdrawn`."""
    match base:
        case ir.CohortRef(name=name) | ir.LetRef(name=name):
            return name
        case ir.Not(operand=operand):
            return f"not {cohort_words(operand)}"
        case ir.And(operands=operands):
            return " and ".join(cohort_words(operand) for operand in operands)
        case ir.Or(operands=operands):
            return "(" + " or ".join(cohort_words(operand) for operand in operands) + ")"
    return "a condition"


def _expectation(statistics: Statistics, expectation: program.Expectation) -> ExpectationResult:
    checks = tuple(_check(statistics, check) for check in expectation.checks)
    return ExpectationResult(expectation.place, expectation.line, checks, expectation.contradicted, expectation.implied)


def _check(statistics: Statistics, check: program.Check) -> CheckResult:
    """A published value beside the computed one; what cannot be computed does not hold, and says why."""
    try:
        value, share = statistics.value(check.statistic), statistics.share(check.statistic)
    except (StudyError, SurvivalError) as error:
        why = error.message.partition("\n")[0] if isinstance(error, StudyError) else str(error)
        found = compare(check.words, check.operator, check.published, None, None, is_age(check.statistic))
        return replace(found, computed=f"none: {why.rstrip('.:')}", holds=False)
    return compare(check.words, check.operator, check.published, value, share, is_age(check.statistic))
