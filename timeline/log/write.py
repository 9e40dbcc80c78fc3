"""Stored rows to Parquet files: split by event type, flushed to disk, named after their content.

A small batch becomes one file with all its rows, which compaction merges with others later. A large one is streamed
into one file an event type with only that type's columns, so that a query on surgery reads nothing else and an import
needs little memory. Files written here are unknown to readers until `table` commits them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dsl.catalog import Catalog
from timeline.events import ADMINISTRATIVE, CLINICAL, storage_schema
from timeline.log import layout
from timeline.log.durable import file_hash, remove, sync_file
from timeline.log.rows import Numbering, event_ids, recorded, taken

ROW_GROUP: Final = 122_880
"""Rows that Parquet keeps together: what one thread of the engine reads at a time."""

STATISTICS: Final = ("event", "operation", "position")
"""Columns whose bounds the table keeps for each file: by these, readers choose the files that they need."""

_BASE: Final = frozenset({*CLINICAL, *ADMINISTRATIVE})

_UNIQUE: Final = {"event_id": "DELTA_BYTE_ARRAY", "source": "DELTA_BYTE_ARRAY", "position": "DELTA_BINARY_PACKED"}
"""Columns with a value of its own in each row, where a dictionary is of no use but neighbours are alike."""

_UNBOUNDED: Final = ("event_id", "source", "reason")
"""Columns by whose bounds no reader chooses what to read."""


@dataclass(frozen=True)
class NewFile:
    """A data file on the disk that no commit names yet; `path` is relative to the store, `stats` as Delta has them."""

    path: str
    size: int
    rows: int
    stats: str


class Draft:
    """One Parquet file in the making, in row groups of `ROW_GROUP` rows."""

    def __init__(self, root: Path, label: str, schema: pa.Schema) -> None:
        self.schema = schema
        self.columns = schema.names
        self._root = root
        self._label = label
        # Two processes that merge the same files write the same bytes; each must be able to delete its own.
        self._id = uuid4().hex[:12]
        self._temporary = self._path = root / layout.DATA / f".{self._id}.parquet"
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self._bounds = _Bounds()

    def write(self, rows: pa.Table) -> None:
        self._waiting.append(rows.select(self.columns))
        self._waiting_rows += rows.num_rows
        if self._waiting_rows >= ROW_GROUP:
            joined = pa.concat_tables(self._waiting)
            whole = joined.num_rows - joined.num_rows % ROW_GROUP
            self._flush(joined.slice(0, whole))
            self._waiting = [joined.slice(whole)]
            self._waiting_rows = joined.num_rows - whole

    def finish(self) -> NewFile:
        """Returns once the file is on the disk under its final name; its folder is left to be flushed."""
        if self._waiting_rows:
            self._flush(pa.concat_tables(self._waiting))
        if self._writer is None:
            raise ValueError("Draft.finish: expected rows, received none")
        self._writer.close()
        sync_file(self._temporary)
        size = self._temporary.stat().st_size
        name = f"{layout.DATA}/{self._label}-{self._id}-{file_hash(self._temporary)}.parquet"
        self._path = self._temporary.rename(self._root / name)
        return NewFile(name, size, self._bounds.rows, self._bounds.stats())

    def abandon(self) -> None:
        """Deletes the file, finished or not."""
        remove(self._path)

    def _flush(self, rows: pa.Table) -> None:
        if self._writer is None:
            self._writer = _parquet_writer(self._temporary, rows.schema)
        self._bounds.add(rows)
        self._writer.write_table(rows, row_group_size=ROW_GROUP)


class TypedFiles:
    """One file in the making for each event type that occurs; a context manager that abandons them on an error."""

    def __init__(self, root: Path, catalog: Catalog, numbering: Numbering) -> None:
        self._root = root
        self._catalog = catalog
        self._numbering = numbering
        self._files: dict[str, Draft] = {}

    def __enter__(self) -> TypedFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            for file in self._files.values():
                file.abandon()

    def write(self, rows: pa.Table, offset: int) -> None:
        """Takes first recordings as they were admitted, `offset` rows after the first; a type's keep their order."""
        encoded = rows["event"].combine_chunks().dictionary_encode()
        codes = encoded.indices.to_numpy()
        order = np.argsort(codes, kind="stable")
        positions = self._numbering.positions(offset, rows.num_rows)
        ends = np.cumsum(np.bincount(codes))
        for name, start, end in zip(encoded.dictionary.to_pylist(), [0, *ends], ends, strict=False):
            file = self._file(name)
            chosen = order[start:end]
            own = taken(rows.select([column for column in rows.column_names if column in file.columns]), chosen)
            file.write(recorded(own, pa.array(positions[chosen]), self._numbering, file.schema))

    def finish(self) -> list[NewFile]:
        return [file.finish() for file in self._files.values()]

    def _file(self, name: str) -> Draft:
        if name not in self._files:
            event = self._catalog.event(name)
            own = {attribute.name for attribute in event.attributes} if event else set()
            fields = [field for field in storage_schema(self._catalog) if field.name in _BASE or field.name in own]
            self._files[name] = Draft(self._root, name, pa.schema(fields))
        return self._files[name]


def write_mixed(root: Path, rows: pa.Table, label: str) -> NewFile:
    """One file with all the rows, of whatever event types, without the attributes that none of them has."""
    fields = [field for field in rows.schema if field.name in _BASE or rows[field.name].null_count < rows.num_rows]
    file = Draft(root, label, pa.schema(fields))
    try:
        file.write(rows)
        return file.finish()
    except BaseException:
        file.abandon()
        raise


def renumber(root: Path, files: Iterable[NewFile], shift: int, recorded_at: datetime) -> list[NewFile]:
    """The files of first recordings once more, each position higher by `shift`, recorded at another time."""
    moved: list[NewFile] = []
    try:
        moved.extend(_renumbered(root, file, shift, recorded_at) for file in files)
    except BaseException:
        delete(root, moved)
        raise
    return moved


def delete(root: Path, files: Iterable[NewFile]) -> None:
    """Deletes files that are certain to be in no commit."""
    for file in files:
        remove(root / file.path)


def _renumbered(root: Path, old: NewFile, shift: int, recorded_at: datetime) -> NewFile:
    source = pq.ParquetFile(root / old.path)
    label = Path(old.path).name.rsplit("-", 2)[0]
    new = Draft(root, label, source.schema_arrow)
    try:
        for batch in source.iter_batches(batch_size=ROW_GROUP):
            rows = pa.Table.from_batches([batch])
            positions = pc.add(rows["position"], shift).combine_chunks()
            changed = {
                "position": positions,
                "event_id": event_ids(positions),
                "recorded_at": pa.repeat(pa.scalar(recorded_at, rows.schema.field("recorded_at").type), rows.num_rows),
            }
            columns = [changed.get(name, rows[name]) for name in rows.column_names]
            new.write(pa.table(columns, schema=rows.schema))
        return new.finish()
    except BaseException:
        new.abandon()
        raise


@dataclass
class _Bounds:
    rows: int = 0
    lowest: dict[str, Any] = field(default_factory=dict)
    highest: dict[str, Any] = field(default_factory=dict)

    def add(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        for column in STATISTICS:
            found = pc.min_max(rows[column]).as_py()
            self.lowest[column] = min(found["min"], self.lowest.get(column, found["min"]))
            self.highest[column] = max(found["max"], self.highest.get(column, found["max"]))

    def stats(self) -> str:
        nulls = dict.fromkeys(STATISTICS, 0)
        return json.dumps(
            {"numRecords": self.rows, "minValues": self.lowest, "maxValues": self.highest, "nullCount": nulls}
        )


def _parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        schema,
        compression="snappy",
        use_dictionary=[name for name in schema.names if name not in _UNIQUE],
        column_encoding=_UNIQUE,
        write_statistics=[name for name in schema.names if name not in _UNBOUNDED],
        store_schema=False,
    )
