"""The SQL of the views that show a snapshot: which files, which columns, which versions.

Each event type is one scan of the files that may hold it, with only the filters that those files need, so that what a
query does not ask for is not read. Corrections are few beside the log: the last one of each event is looked up in a
table that the engine makes first. Executing anything is left to the engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dsl.catalog import EventType, storage_kind
from timeline.engine.base import COLUMNS, LOG_SCHEMA, PATIENTS
from timeline.events import Operation
from timeline.log import LiveFile, Snapshot
from timeline.log.scan import among, identifier, scan, text

DATABASE: Final = "memory"
"""What DuckDB calls the database that a connection is opened on; others may be attached to it."""

CORRECTIONS: Final = f"{DATABASE}.main.corrections"
"""The table with the last correction of each corrected event."""

_BASE_TYPES: Final = {
    "patient": "VARCHAR",
    "event": "VARCHAR",
    "start": "DATE",
    "end": "DATE",
    "start_precision": "VARCHAR",
    "end_precision": "VARCHAR",
    "event_id": "BIGINT",
    "position": "BIGINT",
    "operation": "VARCHAR",
}
ATTRIBUTE_TYPES: Final = {
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
}


def corrections_table(snapshot: Snapshot) -> str:
    """Makes the table of corrections; `position` in it is that of the first recording, which the event id names."""
    attributes = {name: ATTRIBUTE_TYPES[storage_kind(type_)] for name, type_ in snapshot.catalog.columns().items()}
    files = snapshot.correction_files
    columns = {**_BASE_TYPES, **attributes}
    replaced = f"event_id AS {identifier('position')}, {_named('event_id')}"
    filters = [f"operation <> {text(Operation.RECORD)}", f"position <= {snapshot.position:d}", *_sought(snapshot)]
    return (
        f"CREATE TABLE {CORRECTIONS} AS SELECT * REPLACE ({replaced}) FROM {scan(files, columns)}{_where(filters)}"
        " QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY position DESC) = 1"
    )


def event_view(snapshot: Snapshot, event: EventType, corrected: bool) -> str:
    """Makes the view of an event type; `corrected` says whether any event of the type is in the corrections."""
    attributes = {attribute.name: ATTRIBUTE_TYPES[storage_kind(attribute.type)] for attribute in event.attributes}
    shown = [*COLUMNS, *attributes]
    types = {**_BASE_TYPES, "event_id": "VARCHAR", **attributes}
    files = snapshot.files_of(event.name)
    view = f"CREATE VIEW {LOG_SCHEMA}.{identifier(event.name)} AS "
    if not files:
        empty = ", ".join(f"NULL::{types[name]} AS {identifier(name)}" for name in shown)
        return f"{view} SELECT {empty} WHERE false"
    columns = ", ".join(identifier(name) for name in shown)
    of_type = f"event = {text(event.name)}"
    filters = [] if all(file.events == (event.name, event.name) for file in files) else [of_type]
    filters += _recorded(snapshot, files)
    scanned = {name: types[name] for name in (*shown, "event", "operation") if name != "event_id"}
    recorded = ", ".join(_named("position") if name == "event_id" else identifier(name) for name in shown)
    if not corrected:
        return f"{view} SELECT {recorded} FROM {scan(files, scanned)}{_where(filters)}"
    filters.append(f"position NOT IN (SELECT position FROM {CORRECTIONS} WHERE {of_type})")
    return (
        f"{view} SELECT {recorded} FROM {scan(files, scanned)}{_where(filters)}"
        f" UNION ALL SELECT {columns} FROM {CORRECTIONS}{_where([of_type, _amended()])}"
    )


def patients_view(snapshot: Snapshot, corrected: bool) -> str:
    """Makes the view of the patients with at least one current event."""
    view = f"CREATE VIEW {LOG_SCHEMA}.{PATIENTS} AS "
    if not snapshot.files:
        return f"{view} SELECT NULL::VARCHAR AS patient WHERE false"
    filters = _recorded(snapshot, snapshot.files)
    rows = scan(snapshot.files, {name: _BASE_TYPES[name] for name in ("patient", "position", "operation")})
    if not corrected:
        return f"{view} SELECT DISTINCT patient FROM {rows}{_where(filters)}"
    filters.append(f"position NOT IN (SELECT position FROM {CORRECTIONS})")
    return (
        f"{view} SELECT patient FROM {rows}{_where(filters)}"
        f" UNION SELECT patient FROM {CORRECTIONS}{_where([_amended()])}"
    )


def _recorded(snapshot: Snapshot, files: Iterable[LiveFile]) -> list[str]:
    """What tells first recordings that the snapshot sees from the other rows of the files, if there are any."""
    filters = _sought(snapshot)
    if any(file.has_corrections for file in files):
        filters.append(f"operation = {text(Operation.RECORD)}")
    if any(file.positions is None or file.positions[1] > snapshot.position for file in files):
        filters.append(f"position <= {snapshot.position:d}")
    return filters


def _sought(snapshot: Snapshot) -> list[str]:
    return [] if snapshot.patients is None else [among("patient", snapshot.patients)]


def _named(position: str) -> str:
    """The event id that names a position."""
    return f"'e' || {identifier(position)} AS event_id"


def _amended() -> str:
    return f"operation = {text(Operation.AMEND)}"


def _where(filters: list[str]) -> str:
    return f" WHERE {' AND '.join(filters)}" if filters else ""
