"""What a reader sees of the log: its state at a position, the files that hold it, entries in the order of recording.

A position is enough to see the log as it was: entries are never changed, so the first `position` of them are what a
reader then saw. Running queries over a snapshot is left to the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from dsl.catalog import Catalog
from timeline.errors import DamageError
from timeline.events import Operation, entry_schema, first_position, storage_schema
from timeline.log.layout import require_there
from timeline.log.record import Record
from timeline.log.scan import among, scan, text, types_of
from timeline.log.table import LiveFile, Table

_LAST: Final = (
    "QUALIFY row_number() OVER (PARTITION BY entries.event_id ORDER BY entries.position DESC) = 1"
    f" AND operation <> {text(Operation.RETRACT)} ORDER BY start, entries.event_id"
)
"""Leaves of the entries of each event the last one."""

_SHOWN: Final = {
    "event_id": "'e' || entries.event_id",
    "source": "coalesce(source || ':' || source_line, source)",
}
"""What readers see of the columns that are stored otherwise; the line of a source is shown with it."""


@dataclass(frozen=True)
class Snapshot:
    """The first `position` entries of the log, with the declarations then in force.

    `record` is the last commit that is wholly seen. `columns` are all of the table, also those of attributes that are
    not declared any more or not yet. `files` may hold later entries too: readers take positions up to
    `position` only, and of `patients` only where these are named. The files stay on the disk for at least a day after
    compaction has replaced them.
    """

    root: Path
    catalog: Catalog
    position: int
    record: Record
    columns: pa.Schema
    files: tuple[LiveFile, ...]
    patients: tuple[str, ...] | None = None

    def of_patients(self, patients: Sequence[str]) -> Snapshot:
        """The same without the entries about others, and without the files that cannot hold any about these."""
        files = tuple(file for file in self.files if any(map(file.may_hold_patient, patients)))
        return replace(self, files=files, patients=tuple(patients))

    def files_of(self, event: str) -> tuple[LiveFile, ...]:
        """The files that may hold events of a type."""
        return tuple(file for file in self.files if file.may_hold(event))

    @property
    def correction_files(self) -> tuple[LiveFile, ...]:
        """The files that may hold amendments and retractions."""
        return tuple(file for file in self.files if file.has_corrections)


def snapshot_of(table: Table, catalog: Catalog, position: int, record: Record) -> Snapshot:
    """The state of an open table at a position that it has reached.

    Raises StoreError and DamageError as `require_whole` does.
    """
    needed = tuple(file for file in table.files() if file.positions is None or file.positions[0] <= position)
    snapshot = Snapshot(table.root, catalog, position, record, table.columns(), needed)
    require_whole(snapshot)
    return snapshot


def require_whole(snapshot: Snapshot) -> None:
    """Raises StoreError where the store is gone, DamageError where a file of it is missing or has another size."""
    root = snapshot.root
    require_there(root)
    for file in snapshot.files:
        found = file.path.stat().st_size if file.path.exists() else None
        if found != file.size:
            state = "is missing" if found is None else f"has {found} bytes, expected {file.size}"
            raise DamageError(
                f"{root}: the data file {file.path.name} {state}.",
                hint=f"Restore it from a backup. `timeline verify {root}` tells which entries it held.",
            )


def entries(snapshot: Snapshot, *, since: int = 1) -> pa.Table:
    """Entries as recorded, by position from `since` on, in the columns of `entry_schema`."""
    files = [file for file in snapshot.files if file.positions is None or file.positions[1] >= since]
    return matching(snapshot, files, f"position >= {since:d}")


def current(snapshot: Snapshot) -> pa.Table:
    """The versions in force: of each event the last entry, unless that is a retraction.

    Rows are by start and, on one day, by the position of the first recording, which `position` then holds.
    """
    return matching(snapshot, snapshot.files, "true", in_force=True)


def entries_of(snapshot: Snapshot, event_ids: Sequence[str], *, in_force: bool = False) -> pa.Table:
    """All entries about some events, by position, or their versions in force as `current` has them.

    Ids that the log does not have add none.
    """
    firsts = [first for event_id in event_ids if (first := first_position(event_id)) is not None]
    is_record = f"operation = {text(Operation.RECORD)}"
    # The id says where the first recording is; later entries can only be in the few files with corrections.
    recorded = f"{is_record} AND {among('position', firsts)}"
    corrected = f"NOT {is_record} AND {among('event_id', firsts)}"
    files = [
        file
        for file in snapshot.files
        if file.has_corrections
        or file.positions is None
        or any(file.positions[0] <= first <= file.positions[1] for first in firsts)
    ]
    return matching(snapshot, files, f"({recorded} OR {corrected})", in_force=in_force)


def matching(snapshot: Snapshot, files: Sequence[LiveFile], condition: str, *, in_force: bool = False) -> pa.Table:
    """The entries of some of the snapshot's files for which a condition in SQL holds, by position.

    With `in_force`, of these entries the versions in force, as `current` has them.

    Beside the declared columns they have those of attributes that were declared once, where one of them has a value.

    Raises DamageError where a file cannot be read.
    """
    import duckdb

    if not files:
        return entry_schema(snapshot.catalog).empty_table()
    stored, declared = storage_schema(snapshot.catalog), entry_schema(snapshot.catalog)
    others = [field for field in snapshot.columns if field.name not in stored.names]
    conditions = [condition, f"position <= {snapshot.position:d}"]
    if snapshot.patients is not None:
        conditions.append(among("patient", snapshot.patients))
    shown = _SHOWN | ({"position": "entries.event_id"} if in_force else {})
    replaced = ", ".join(f"{value} AS {name}" for name, value in shown.items())
    query = (
        f"SELECT * EXCLUDE (source_line) REPLACE ({replaced})"
        f" FROM {scan(files, types_of(pa.schema([*stored, *others])))} AS entries"
        f" WHERE {' AND '.join(conditions)} {_LAST if in_force else 'ORDER BY entries.position'}"
    )
    try:
        with duckdb.connect() as connection:
            found = connection.sql(query).to_arrow_table().cast(pa.schema([*declared, *others]))
    except duckdb.Error as error:
        require_whole(snapshot)
        raise DamageError(
            f"{snapshot.root}: the entries cannot be read: {error}",
            hint=f"`timeline verify {snapshot.root}` tells whether a file is damaged.",
        ) from error
    return found.drop_columns([field.name for field in others if found[field.name].null_count == found.num_rows])
