"""What a reader sees of the log: its state at a position, the files that hold it, entries in the order of recording.

A position is enough to see the log as it was: entries are never changed, so the first `position` of them are what a
reader then saw. Running queries over a snapshot is left to the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from dsl.catalog import Catalog
from timeline.errors import DamageError
from timeline.events import Operation, entry_schema, first_position, storage_schema
from timeline.log.layout import require_there
from timeline.log.record import Record
from timeline.log.rows import as_read
from timeline.log.table import LiveFile, Table


@dataclass(frozen=True)
class Snapshot:
    """The first `position` entries of the log, with the declarations then in force.

    `record` is the last commit that is wholly seen. `columns` are all of the table, also those of attributes that are
    not declared any more or not yet. `files` may hold later entries too: readers take positions up to
    `position` only. The files stay on the disk for at least a day after compaction has replaced them.
    """

    root: Path
    catalog: Catalog
    position: int
    record: Record
    columns: pa.Schema
    files: tuple[LiveFile, ...]

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


def entries(snapshot: Snapshot, *, patient: str | None = None, since: int = 1) -> pa.Table:
    """Entries as recorded, by position from `since` on, in the columns of `entry_schema`."""
    condition = pc.field("position") >= since
    if patient is not None:
        condition &= pc.field("patient") == patient
    files = [file for file in snapshot.files if file.positions is None or file.positions[1] >= since]
    return matching(snapshot, files, condition)


def entries_of_patients(snapshot: Snapshot, patients: Sequence[str]) -> pa.Table:
    """All entries about some patients, by position, in the columns of `storage_schema`."""
    return matching(snapshot, snapshot.files, pc.field("patient").isin(pa.array(patients, pa.string())))


def entries_of(snapshot: Snapshot, event_ids: Sequence[str]) -> pa.Table:
    """All entries about some events, by position; ids that the log does not have add none."""
    firsts = [first for event_id in event_ids if (first := first_position(event_id)) is not None]
    is_record = pc.field("operation") == Operation.RECORD.value
    # The id says where the first recording is; later entries can only be in the few files with corrections.
    recorded = is_record & pc.field("position").isin(pa.array(firsts, pa.int64()))
    corrected = ~is_record & pc.field("event_id").isin(pa.array(firsts, pa.int64()))
    files = [
        file
        for file in snapshot.files
        if file.has_corrections
        or file.positions is None
        or any(file.positions[0] <= first <= file.positions[1] for first in firsts)
    ]
    return matching(snapshot, files, recorded | corrected)


def matching(snapshot: Snapshot, files: Sequence[LiveFile], condition: pc.Expression) -> pa.Table:
    """The entries of some of the snapshot's files for which a condition holds, by position.

    Beside the declared columns they have those of attributes that were declared once, where one of them has a value.
    """
    declared = storage_schema(snapshot.catalog)
    others = [field for field in snapshot.columns if field.name not in declared.names]
    schema = pa.schema([*declared, *others])
    if not files:
        return entry_schema(snapshot.catalog).empty_table()
    dataset = ds.dataset([str(file.path) for file in files], schema=schema, format="parquet")
    found = dataset.to_table(filter=condition & (pc.field("position") <= snapshot.position)).sort_by("position")
    return as_read(
        found.drop_columns([field.name for field in others if found[field.name].null_count == found.num_rows])
    )


def current(found: pa.Table) -> pa.Table:
    """The versions in force among all entries of some events: the last of each, unless that is a retraction.

    Rows are by start and, on one day, by the position of the first recording, which `position` then holds.
    """
    last: dict[str, int] = {event_id: row for row, event_id in enumerate(found["event_id"].to_pylist())}
    kept = found.take(pa.array(sorted(last.values()), pa.int64()))
    kept = kept.filter(pc.not_equal(kept["operation"], Operation.RETRACT.value))
    first = pa.array([first_position(event_id) for event_id in kept["event_id"].to_pylist()], pa.int64())
    kept = kept.set_column(kept.schema.get_field_index("position"), kept.schema.field("position"), first)
    return kept.sort_by([("start", "ascending"), ("position", "ascending")])
