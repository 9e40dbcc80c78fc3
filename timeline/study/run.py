"""Runs a checked study on a store: cohorts, endpoints, analyses and expectations, in that order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from dsl import Checked
from dsl.catalog import Catalog, storage_kind
from dsl.diagnostics import did_you_mean
from dsl.program import Program
from dsl.reads import attributes_read
from dsl.source import Source
from timeline.errors import StudyError
from timeline.study.evaluation import Evaluation, Progress, silent
from timeline.study.results import Provenance, StudyResult

if TYPE_CHECKING:
    from timeline.log import Log, Snapshot


def run_study(checked: Checked, log: Log, progress: Progress = silent, *, at: int | None = None) -> StudyResult:
    """Run a study on the log as it is, as it was at a position, or as it was known when its `known by` says.

    Raises StudyError where the store lacks what the study reads, or where both say what is to be read; StoreError for
    a position that the log has not reached. An analysis that cannot be done is a FailedResult, and the others go on.
    """
    from timeline.engine.duckdb import DuckDBEngine

    known_by = checked.program.known_by
    if at is not None and known_by is not None:
        raise StudyError(
            f"{checked.source.name} says `known by {known_by}`, so it cannot be read at position {at}, too.",
            hint="Leave one of them out.",
        )
    snapshot = log.snapshot(position=at, known_by=known_by)
    with Evaluation(DuckDBEngine(snapshot)) as evaluation:
        return evaluate(checked, str(log.path), snapshot, evaluation, progress)


def evaluate(
    checked: Checked, store: str, snapshot: Snapshot, evaluation: Evaluation, progress: Progress = silent
) -> StudyResult:
    """All that a study asks, answered by the evaluation of a snapshot. Raises StudyError as `run_study` does."""
    study = checked.program
    require_declared(study, snapshot.catalog, store)
    found = evaluation.run(checked, progress)
    return StudyResult(
        study.title,
        study.references,
        provenance(checked, store, snapshot),
        found.cohorts,
        found.analyses,
        found.expectations,
        found.hygiene,
    )


def provenance(checked: Checked, store: str, snapshot: Snapshot) -> Provenance:
    """What a result rests on; the head is that of the last commit that was seen."""
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
