"""Clinical plausibility: what in a store's histories can hardly be true, by rules and by one built-in check.

Rules are written in the language, each event that one flags is a finding; the standard ones are in
`queries/vocabulary`. That the same event is there twice is checked for every event type, since the language has no
word for it. What rows must satisfy to be recorded at all is checked by the log's door, and printing is left to the
command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import dsl
from dsl import syntax
from dsl.catalog import Catalog
from dsl.diagnostics import Diagnostic
from dsl.parser import parse
from dsl.program import Program
from dsl.reads import attributes_read
from dsl.sql.rules import duplicates, findings, partly_dated
from timeline.errors import StudyError
from timeline.library import Library, read_source, standard_library

if TYPE_CHECKING:
    from timeline.engine.base import Engine
    from timeline.log import Log
    from timeline.log.read import Snapshot

STANDARD_RULES: Final = "vocabulary/oncology_rules.tql"
DUPLICATE: Final = "duplicate"

Progress = Callable[[str], None]
"""Told, in words, what is being done."""


@dataclass(frozen=True)
class FlaggedEvent:
    """An event of a finding; `source` is where it was read."""

    event_id: str
    event: str
    start: date
    end: date | None
    start_precision: str
    end_precision: str | None
    source: str


@dataclass(frozen=True)
class Finding:
    """`partly_dated` says that some date of the patient is known to the month or the year only, so that a day that was
    filled in may be all that is wrong."""

    rule: str
    message: str
    patient: str
    partly_dated: bool
    events: tuple[FlaggedEvent, ...]


@dataclass(frozen=True)
class Skipped:
    """A rule that was not checked, and why."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Validation:
    """Findings by rule, in the order of the rules, each rule's by patient."""

    store: str
    position: int
    rules: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class RuleSet:
    study: Program
    skipped: tuple[Skipped, ...] = ()


def standard_rules(catalog: Catalog) -> RuleSet:
    """The rules that come with the program, as far as a store's declarations have what they read."""
    source = read_source(standard_library() / STANDARD_RULES, STANDARD_RULES)
    checked = dsl.check(source, catalog, Library())
    file, _ = parse(source)
    able = {rule.name for rule in checked.program.rules}
    skipped = [
        Skipped(statement.name.text, _lacking(checked.errors))
        for statement in file.statements
        if isinstance(statement, syntax.Rule) and statement.name.text not in able
    ]
    return RuleSet(checked.program, tuple(skipped))


def validate(log: Log, rules: RuleSet, progress: Progress = lambda words: None) -> Validation:
    """Checks the log as it stands. Raises StudyError where the rules read what the store does not declare."""
    from timeline.engine.duckdb import DuckDBEngine

    snapshot = log.snapshot()
    _require_declared(rules.study, snapshot.catalog, str(log.path))
    found: list[tuple[str, str, dict[str, Any]]] = []
    with DuckDBEngine(snapshot) as engine:
        for name, message, sql in _checks(rules.study, snapshot.catalog):
            progress(f"checking {message}")
            found += [(name, message, row) for row in _rows(engine, sql)]
        vague = {row["patient"] for row in _rows(engine, partly_dated(snapshot.catalog.events))} if found else set()
    events = _events(snapshot, [row["event_id"] for _, _, row in found])
    return Validation(
        str(log.path),
        snapshot.position,
        (*(rule.name for rule in rules.study.rules), DUPLICATE),
        rules.skipped,
        tuple(_grouped(found, events, vague)),
    )


def _checks(study: Program, catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    """Name, message and SQL of each check."""
    for rule in study.rules:
        yield rule.name, rule.message, findings(study, rule)
    for event in catalog:
        yield DUPLICATE, f"the same {event.name} is there more than once", duplicates(event)


def _rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = engine.query(sql).to_pylist()
    return rows


def _events(snapshot: Snapshot, event_ids: list[str]) -> Mapping[str, FlaggedEvent]:
    from timeline.log.read import entries_of

    if not event_ids:
        return {}
    names = ("event_id", "event", "start", "end", "start_precision", "end_precision", "source")
    rows = entries_of(snapshot, list(dict.fromkeys(event_ids)), in_force=True).select(names).to_pylist()
    return {row["event_id"]: FlaggedEvent(**row) for row in rows}


def _grouped(
    found: Iterable[tuple[str, str, dict[str, Any]]], events: Mapping[str, FlaggedEvent], vague: set[str]
) -> Iterator[Finding]:
    groups: dict[tuple[str, str, str, str], list[FlaggedEvent]] = {}
    for name, message, row in found:
        groups.setdefault((name, message, row["patient"], row["finding"]), []).append(events[row["event_id"]])
    for (name, message, patient, _), members in groups.items():
        yield Finding(name, message, patient, patient in vague, tuple(members))


def _lacking(errors: Iterable[Diagnostic]) -> str:
    return "; ".join(dict.fromkeys(error.message.replace("`", "") for error in errors))


def _require_declared(study: Program, catalog: Catalog, store: str) -> None:
    lacking = []
    for name, attributes in attributes_read(study).items():
        declared = catalog.event(name)
        if declared is None:
            lacking.append(f"the event type {name}")
            continue
        lacking += [f"the attribute {item} of {name}" for item in sorted(attributes) if not declared.attribute(item)]
    if lacking:
        raise StudyError(
            f"The rules read what the store {store} does not declare: {', '.join(lacking)}.",
            hint="Give rules that fit the store, or add the declarations with `timeline declare`.",
        )
