"""What the query for a study should give for one patient, column by column, according to the oracle."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from dsl import program
from dsl.sql import Compiled
from tests.oracle import Event, Membership, Oracle, Time

ENDPOINT_COLUMNS = ("origin", "end", "time", "happened", "outcome", "cause", "reason", "excluded", "end_event")


def expected_values(study: program.Program, events: list[Event], compiled: Compiled) -> Iterator[tuple[str, Any]]:
    """Columns and what they should hold, for one patient."""
    oracle = Oracle(study, events)
    for definition in study.definitions:
        found = oracle.definition(definition.name)
        match definition:
            case program.LetEvent(name):
                yield from _event_columns(name, found)
            case program.Cohort():
                yield from _cohort_columns(definition, found)
            case program.Endpoint(name):
                yield from _endpoint_columns(name, found)
            case program.LetValue(name):
                yield name, found
    for analysis, lowered in zip(study.analyses, compiled.study.analyses, strict=True):
        match analysis, lowered:
            case program.Comparison(), program.Comparison():
                try:
                    yield compiled.columns[lowered.group.value], oracle.group(analysis)
                except LookupError:
                    continue
            case program.Table(), program.Table():
                for asked, shown in zip(analysis.shown, lowered.shown, strict=True):
                    yield compiled.columns[shown.value], oracle.value(asked.value)


def _event_columns(name: str, event: Event | None) -> Iterator[tuple[str, Any]]:
    """A selection's columns are there as far as anything reads them."""
    yield f"{name}.event_id", event.id if event else None
    for part in ("start", "end", *(event.values if event else ())):
        yield f"{name}.{part}", event.own(part) if event else None


def _cohort_columns(cohort: program.Cohort, found: Membership) -> Iterator[tuple[str, Any]]:
    yield cohort.name, found.member
    yield f"{cohort.name}.step", found.step
    yield f"{cohort.name}.unknown", found.unknown
    yield f"{cohort.name}.index_day", found.index
    steps = ["from"] if cohort.base is not None else []
    steps += ["index"] if cohort.index is not None else []
    steps += [f"require {number}" for number, _ in enumerate(cohort.requirements, 1)]
    for step, truth in zip(steps, found.met, strict=True):
        yield f"{cohort.name}.{step}", truth


def _endpoint_columns(name: str, found: Time) -> Iterator[tuple[str, Any]]:
    for part in ENDPOINT_COLUMNS:
        yield f"{name}.{part}", getattr(found, part)
    yield f"{name}.entry", found.entry
    if found.origin is not None:
        yield f"{name}.origin_event", found.origin_event


def agree(expected: Any, found: Any) -> bool:
    """Equal; numbers up to the last digits of a double."""
    if expected is None or found is None:
        return expected is found
    if isinstance(expected, bool | str | date) or isinstance(found, bool | str | date):
        return type(expected) is type(found) and bool(expected == found)
    return abs(float(expected) - float(found)) <= 1e-9 * max(1.0, abs(float(expected)))


def differences(study: program.Program, log: Mapping[str, list[Event]], compiled: Compiled, rows: Any) -> list[str]:
    """In words: each patient's column in which the query and the oracle differ."""
    found = []
    for patient, events in log.items():
        row = rows[patient]
        for column, expected in expected_values(study, events, compiled):
            if column in row and not agree(expected, row[column]):
                found.append(f"{patient} {column}: expected {expected!r}, the query gives {row[column]!r}")
    return found
