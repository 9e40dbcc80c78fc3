"""The rows of a store compared with what its records say of them.

All entries are read once in order of position (sorted on disk where memory is short), and each commit's rows are
compared with its digest, its time, its author and its kind. The bounds that the table states for each file are
compared too, since readers choose files by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timeline.events import ADMINISTRATIVE, Operation
from timeline.log.chain import Finding
from timeline.log.commits import Added
from timeline.log.digest import ContentDigest
from timeline.log.record import Record
from timeline.log.write import STATISTICS

Progress = Callable[[int, int], None]
"""Told how many of how many entries have been compared."""

_MEMORY: Final = "1GB"
_BATCH: Final = 65_536


def compare(
    root: Path,
    live: Mapping[str, tuple[int, Added]],
    columns: pa.Schema,
    records: Sequence[tuple[int, Record]],
    progress: Progress | None = None,
) -> list[Finding]:
    """What does not fit; the rows are compared up to the first position that is missing or doubled."""
    if missing := [name for name in ADMINISTRATIVE if name not in columns.names]:
        return [Finding(None, f"the table has no column {missing[0]}")]
    with TemporaryDirectory(prefix="timeline-") as temporary, duckdb.connect() as connection:
        connection.execute("SET memory_limit = ?", [_MEMORY])
        connection.execute("SET temp_directory = ?", [temporary])
        try:
            findings = list(_bounds(connection, root, live))
            findings += _rows(_in_order(connection, root, live, columns), records, progress)
        except (duckdb.Error, pa.ArrowException) as error:
            return [Finding(None, f"the data files cannot be read: {error}")]
    return findings


def _bounds(
    connection: duckdb.DuckDBPyConnection, root: Path, live: Mapping[str, tuple[int, Added]]
) -> Iterator[Finding]:
    """Files whose rows are not within what the table states of them."""
    for path, (version, add) in live.items():
        aggregates = ", ".join(f"min({column}), max({column})" for column in STATISTICS)
        relation = connection.read_parquet(str(root / path))
        [[rows, *bounds]] = relation.aggregate(f"count(*), {aggregates}").fetchall()
        found = dict(zip(STATISTICS, zip(bounds[::2], bounds[1::2], strict=True), strict=True))
        within = all(low <= found[column][0] and found[column][1] <= high for column, (low, high) in add.bounds.items())
        if add.rows not in (None, rows) or not within:
            yield Finding(version, f"what the table states of the file {Path(path).name} does not fit its rows")


def _in_order(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    live: Mapping[str, tuple[int, Added]],
    columns: pa.Schema,
) -> Iterator[pa.Table]:
    """All entries by position, in tables with the given columns."""
    if not live:
        return
    files = [str(root / path) for path in live]
    relation = connection.read_parquet(files, union_by_name=True, hive_partitioning=False).order("position")
    present = [name for name in columns.names if name in relation.columns]
    schema = pa.schema([columns.field(name) for name in present])
    for batch in relation.select(*(duckdb.ColumnExpression(name) for name in present)).to_arrow_reader(_BATCH):
        yield pa.Table.from_batches([batch]).cast(schema)


def _rows(
    tables: Iterator[pa.Table], records: Sequence[tuple[int, Record]], progress: Progress | None
) -> Iterator[Finding]:
    """Compares each commit's rows with its record; ends where positions do not run on."""
    waiting = [(version, record) for version, record in records if record.rows]
    total = records[-1][1].position if records else 0
    comparison: _Comparison | None = None
    position = 0
    for table in tables:
        offset = 0
        while offset < table.num_rows:
            if comparison is None and not waiting:
                yield Finding(None, f"there are entries beyond position {total}, which no commit recorded")
                return
            comparison = comparison or _Comparison(*waiting.pop(0))
            part = table.slice(offset, comparison.record.position - position)
            if (wrong := _first_gap(part["position"], position + 1)) is not None:
                yield Finding(comparison.version, f"the entry at position {wrong} is missing, or is there twice")
                return
            comparison.add(part)
            offset += part.num_rows
            position += part.num_rows
            if position == comparison.record.position:
                yield from comparison.findings()
                comparison = None
        if progress is not None:
            progress(position, total)
    if position < total:
        version = comparison.version if comparison is not None else waiting[0][0]
        yield Finding(version, f"the entries from position {position + 1} on are missing")


class _Comparison:
    """One commit's rows, taken in as they come, beside its record."""

    def __init__(self, version: int, record: Record) -> None:
        self.version = version
        self.record = record
        self._digest = ContentDigest(record.kind)
        self._misfits: set[str] = set()

    def add(self, rows: pa.Table) -> None:
        self._digest.update(rows)
        implied = {
            "recorded_at": pa.scalar(self.record.recorded_at, rows.schema.field("recorded_at").type),
            "recorded_by": pa.scalar(self.record.recorded_by),
            "operation": pa.scalar(self.record.kind.value),
        }
        if self.record.kind.value == Operation.RECORD:
            implied["event_id"] = rows["position"]
        for column, expected in implied.items():
            if not pc.all(pc.fill_null(pc.equal(rows[column], expected), False)).as_py():
                self._misfits.add(column)

    def findings(self) -> Iterator[Finding]:
        if self._digest.hexdigest() != self.record.digest:
            yield Finding(self.version, "its entries are not those that were recorded")
        for column in sorted(self._misfits):
            yield Finding(self.version, f"its entries and its record differ in {column}")


def _first_gap(positions: pa.ChunkedArray, first: int) -> int | None:
    """The first position that is not where it should be, counting from `first`; None where all are."""
    found = pc.fill_null(positions, -1).to_numpy()
    wrong = np.flatnonzero(found != np.arange(first, first + len(found)))
    return first + int(wrong[0]) if len(wrong) else None
