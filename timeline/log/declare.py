"""Declarations that evolve: what is added is taken as it is, what is narrowed must fit the events that stand.

The event types that are declared anew replace those of the same name; the others stay. Every version of the
declarations is kept, and a reader of an earlier position sees the one of then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from dsl.catalog import Attribute, Catalog, EventType, type_text
from dsl.types import Code, Integer, Number
from timeline.errors import DeclarationError, Problem
from timeline.events import Operation, arrow_type, storage_schema
from timeline.log.append import AlreadyRecorded
from timeline.log.declarations import Declarations, require_readable
from timeline.log.read import Snapshot, matching, snapshot_of
from timeline.log.record import Kind, Record
from timeline.log.scan import among, identifier, text
from timeline.log.serial import commit_serially
from timeline.log.table import Change, Table

_KEPT: Final = 1_000
_TAKEN: Final = "patients"


def declare(
    table: Table,
    declarations: Declarations,
    added: Catalog,
    recorded_by: str,
    source: str,
    clock: Callable[[], datetime],
) -> int:
    """Gives the version of the commit. Raises DeclarationError, naming the events, where any does not fit any more.

    Raises AlreadyRecorded where the declarations say nothing new.
    """

    def prepare(last: Record) -> tuple[Record, Change]:
        before = declarations.of(last)
        after = merged(before, added)
        if after == before:
            raise AlreadyRecorded(last.declared)
        refuse_conflicts(after)
        snapshot = snapshot_of(table, before, last.position, last)
        _refuse_misfits(snapshot, before, added)
        record = Record(
            kind=Kind.DECLARE,
            first=last.position + 1,
            position=last.position,
            recorded_at=max(clock(), last.recorded_at),
            recorded_by=recorded_by,
            source=source,
            declared=table.version + 1,
            digest="",
            previous=last.head,
            declarations=after.text(),
        )
        return record, Change(columns=_new_columns(table, after))

    return commit_serially(table, "declaring", prepare)


def merged(before: Catalog, added: Catalog) -> Catalog:
    """The event types of before, those of one name replaced, and then the new ones."""
    kept = [added.event(event.name) or event for event in before]
    return Catalog((*kept, *(event for event in added if event.name not in before)))


def refuse_conflicts(catalog: Catalog) -> None:
    """Raises DeclarationError for event types or attributes that cannot share a table, or cannot be written down."""
    if conflicts := catalog.conflicts():
        name, first, second = conflicts[0]
        raise DeclarationError(
            f"The attribute {name} holds one kind of value in the event type {first.name}, another in {second.name}.",
            hint="Attributes of one name share a column: give one of them another name or the same type.",
        )
    for names in ([event.name for event in catalog], storage_schema(catalog).names):
        for name in names:
            if twin := next((other for other in names if other != name and other.lower() == name.lower()), None):
                raise DeclarationError(
                    f"{name} and {twin} differ in capital letters only, which tables do not tell apart.",
                    hint="Give one of them another name.",
                )
    if any(event.name.lower() == _TAKEN for event in catalog):
        raise DeclarationError(
            f"No event type can be called {_TAKEN}: queries read the list of all patients under that name.",
            hint="Give the event type another name.",
        )
    require_readable(catalog)


def _new_columns(table: Table, catalog: Catalog) -> list[pa.Field]:
    """The columns that the table lacks. Raises DeclarationError where it has one of the name with another type."""
    columns = table.columns()
    existing = dict(zip(columns.names, columns.types, strict=True))
    new = []
    for field in storage_schema(catalog):
        if field.name not in existing:
            new.append(field)
        elif existing[field.name] != field.type:
            raise DeclarationError(
                f"The attribute {field.name} is stored as {existing[field.name]} and cannot become {field.type}.",
                hint="Declare the new kind of value under another name.",
            )
    return new


def _refuse_misfits(snapshot: Snapshot, before: Catalog, added: Catalog) -> None:
    problems: list[Problem] = []
    for event in added:
        if (earlier := before.event(event.name)) is not None:
            problems += _misfits(snapshot, earlier, event)
    if problems:
        raise DeclarationError(
            "The new declarations do not fit events in the log, so nothing was changed.",
            problems=problems[:_KEPT],
            problem_count=len(problems),
            hint="Amend or retract these events first, or declare what they hold.",
        )


def _misfits(snapshot: Snapshot, before: EventType, after: EventType) -> Iterator[Problem]:
    """A problem for each event that stood under the earlier declaration and does not under the new one."""
    if after.once and not before.once:
        yield from _repetitions(snapshot, after)
    for attribute in before.attributes:
        now = after.attribute(attribute.name)
        if now is None:
            yield from _holders(snapshot, after, attribute, "no value: the attribute is not declared any more")
        elif _unit(now) != _unit(attribute) or arrow_type(now.type) != arrow_type(attribute.type):
            yield from _holders(snapshot, after, attribute, f"no value: it becomes {type_text(now.type)}")
        elif isinstance(now.type, Code):
            yield from _holders(snapshot, after, attribute, type_text(now.type), but=now.type.codes)


def _unit(attribute: Attribute) -> str | None:
    return attribute.type.unit if isinstance(attribute.type, (Integer, Number)) else None


def _holders(
    snapshot: Snapshot, event: EventType, attribute: Attribute, expected: str, but: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """The events that stand and have a value of an attribute, other than some codes."""
    held = f"{identifier(attribute.name)} IS NOT NULL"
    if but:
        held += f" AND NOT {among(attribute.name, but)}"
    found = _standing(snapshot, event, held)
    for event_id, value in zip(found["event_id"].to_pylist(), found[attribute.name].to_pylist(), strict=True):
        yield Problem(f"{value!r} in {event_id}", expected, column=attribute.name)


def _repetitions(snapshot: Snapshot, event: EventType) -> Iterator[Problem]:
    found = _standing(snapshot, event)
    patients = found["patient"].to_pylist()
    counts = Counter(patients)
    for event_id, patient in zip(found["event_id"].to_pylist(), patients, strict=True):
        if counts[patient] > 1:
            yield Problem(f"{event_id}, one of {counts[patient]} of patient {patient}", f"one {event.name} a patient")


def _standing(snapshot: Snapshot, event: EventType, condition: str = "true") -> pa.Table:
    """The events of a type as they stand, where a condition in SQL holds of the version in force."""
    of_type = f"event = {text(event.name)}"
    recorded = f"operation = {text(Operation.RECORD)}"
    corrections = matching(snapshot, snapshot.correction_files, f"{of_type} AND NOT {recorded}")
    ids, positions = corrections["event_id"].to_pylist(), corrections["position"].to_pylist()
    last = dict(zip(ids, positions, strict=True))
    amended = matching(
        snapshot,
        snapshot.correction_files,
        f"operation = {text(Operation.AMEND)} AND {among('position', list(last.values()))} AND {condition}",
    )
    first = matching(snapshot, snapshot.files_of(event.name), f"{of_type} AND {recorded} AND {condition}")
    untouched = first.filter(pc.invert(pc.is_in(first["event_id"], pa.array(list(last), pa.string()))))
    return pa.concat_tables([untouched, amended], promote_options="default").sort_by("position")
