"""Stored rows to Parquet files: split by event type, flushed to disk, named after their content.

A small batch becomes one file with all its rows, which compaction merges with others later. A large one is streamed
into one file an event type with only that type's columns, so that a query on surgery reads nothing else and an import
needs little memory. Files written here are unknown to readers until `table` commits them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
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
from timeline.log.rows import Numbering, recorded, taken
from timeline.log.texts import coded, constant, is_text

ROW_GROUP: Final = 61_440
"""Rows that Parquet keeps together at most: in larger groups one patient's rows are slower to find, smaller ones take
more room (`benchmarks/layout.py`)."""

_ENOUGH: Final = ROW_GROUP
"""Rows that are worth a group of their own. Those of one page share their words, so that none is looked up again."""

STATISTICS: Final = ("event", "operation", "position", "patient")
"""Columns whose bounds the table keeps for each file: by these, readers choose the files that they need."""

LONGEST_BOUND: Final = 64
"""Characters up to which a patient's id is kept as a bound; with a longer one a file has no bounds of patients."""

_BASE: Final = frozenset({*CLINICAL, *ADMINISTRATIVE})

_COUNTING: Final = dict.fromkeys(("event_id", "position", "source_line"), "DELTA_BINARY_PACKED")
"""Columns with a value of its own in each row, where a dictionary is of no use but neighbours are alike."""

_BOUNDED_TEXT: Final = "patient"
"""The one column of texts by whose bounds groups of rows are chosen: event types are by file, and others anywhere."""


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
        if self._waiting_rows >= _ENOUGH:
            self._flush()

    def finish(self) -> NewFile:
        """Returns once the file is on the disk under its final name; its folder is left to be flushed."""
        if self._waiting_rows:
            self._flush()
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

    def _flush(self) -> None:
        rows = pa.concat_tables(self._waiting).unify_dictionaries()
        self._waiting, self._waiting_rows = [], 0
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
        events = coded(rows["event"])
        codes = events.indices.to_numpy()
        positions = self._numbering.positions(offset, rows.num_rows)
        for number, name in enumerate(events.dictionary.to_pylist()):
            chosen = np.flatnonzero(codes == number)
            if len(chosen):
                file = self._file(name)
                columns = [column for column in rows.column_names if column in file.columns and column != "event"]
                own = taken(rows.select(columns), chosen).append_column("event", constant(name, len(chosen)))
                file.write(recorded(own, pa.array(positions[chosen]), self._numbering, file.schema))

    def finish(self) -> list[NewFile]:
        with ThreadPoolExecutor(2) as workers:
            return list(workers.map(Draft.finish, self._files.values()))

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
                "event_id": positions,
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
            values = rows[column]
            if pa.types.is_dictionary(values.type):
                values = values.unique().dictionary_decode()
            found = pc.min_max(values).as_py()
            self.lowest[column] = min(found["min"], self.lowest.get(column, found["min"]))
            self.highest[column] = max(found["max"], self.highest.get(column, found["max"]))

    def stats(self) -> str:
        ends = {column: (low, self.highest[column]) for column, low in self.lowest.items()}
        kept = {
            column: pair
            for column, pair in ends.items()
            if all(isinstance(end, int) or len(end) <= LONGEST_BOUND for end in pair)
        }
        return json.dumps(
            {
                "numRecords": self.rows,
                "minValues": {column: low for column, (low, _) in kept.items()},
                "maxValues": {column: high for column, (_, high) in kept.items()},
                "nullCount": dict.fromkeys(STATISTICS, 0),
            }
        )


def _parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        schema,
        compression="snappy",
        use_dictionary=[name for name in schema.names if name not in _COUNTING],
        column_encoding=_COUNTING,
        write_statistics=[field.name for field in schema if not is_text(field.type) or field.name == _BOUNDED_TEXT],
        store_schema=False,
    )
