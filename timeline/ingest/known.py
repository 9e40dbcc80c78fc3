"""Which events of a file the log holds already, from earlier imports of a file of the same name or batch.

An event counts as known where it is as the earlier file had it, or as it stands now after amendments; each event of
the log stands for one row. A retracted event stays known, so that a file does not bring back what was voided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from timeline.events import Operation, clinical_schema
from timeline.log import Commit, Log
from timeline.log.append import Compared
from timeline.log.record import Kind, Record

SHOWN: Final = 5
"""How many events a message names."""


@dataclass
class Comparison:
    """What became of the comparison: the earlier commits, how many events were known, and those that are gone.

    `gone` are the ids of events of the earlier imports that the file does not have any more.
    """

    commits: tuple[Commit, ...]
    known: int = 0
    new: int = 0
    gone: list[str] = field(default_factory=list)


def compare(log: Log, source: str, batch: str | None) -> tuple[Comparison, Compared]:
    """The earlier imports of a file of this name, or of this batch where one is named, and how far they were sought."""
    continued = None if batch is None else re.compile(rf"{re.escape(batch)}( \(\d+\))?")

    def concerns(commit: Commit | Record) -> bool:
        if commit.kind != Kind.RECORD:
            return False
        return commit.source == source if continued is None else bool(continued.fullmatch(commit.batch or ""))

    version = log.version
    earlier = (commit for commit in log.commits() if commit.version <= version)
    return Comparison(tuple(filter(concerns, earlier))), Compared(version, concerns)


def only_new(log: Log, events: Iterable[pa.Table], comparison: Comparison) -> Iterator[pa.Table]:
    """The events that the log does not hold yet, in their order; fills in the comparison."""
    catalog = log.catalog
    schema = clinical_schema(catalog)
    names = [name for name in schema.names if not name.startswith("source")]
    with (
        TemporaryDirectory(prefix="timeline-") as spill,
        duckdb.connect(config={"temp_directory": spill}) as connection,
    ):
        uncoded = (table.cast(schema) for table in events)
        _load(connection, "incoming", _numbered(uncoded), schema.append(pa.field("row", pa.int64())))
        recorded, standing, retracted = _earlier(log, comparison.commits)
        connection.register("recorded", recorded)
        connection.register("standing", standing)
        connection.register("retracted", pa.table({"event_id": pa.array(retracted, pa.string())}))
        _match(connection, names)
        comparison.known = connection.table("matched").to_arrow_table().num_rows
        gone = connection.sql(
            "SELECT event_id FROM recorded WHERE event_id NOT IN (SELECT event_id FROM matched)"
            " AND event_id NOT IN (SELECT event_id FROM retracted) ORDER BY position"
        ).to_arrow_table()
        comparison.gone = gone["event_id"].to_pylist()
        fresh: pa.RecordBatchReader = connection.sql(
            'SELECT * EXCLUDE ("row") FROM incoming WHERE "row" NOT IN (SELECT "row" FROM matched) ORDER BY "row"'
        ).to_arrow_reader(100_000)
        for batch in fresh:
            comparison.new += batch.num_rows
            yield pa.Table.from_batches([batch])


def _earlier(log: Log, commits: tuple[Commit, ...]) -> tuple[pa.Table, pa.Table, list[str]]:
    """The events of earlier imports as they were recorded, those that were amended as they stand, and those voided."""
    entries = log.entries(since=min(commit.first for commit in commits))
    of_imports = pa.array([False] * entries.num_rows)
    for commit in commits:
        inside = pc.and_(
            pc.greater_equal(entries["position"], commit.first), pc.less_equal(entries["position"], commit.position)
        )
        of_imports = pc.or_(of_imports, inside)
    recorded = entries.filter(of_imports)
    later = entries.filter(pc.not_equal(entries["operation"], Operation.RECORD.value))
    last = later.take(_last_of_each(later["event_id"]))
    voided = pc.equal(last["operation"], Operation.RETRACT.value)
    return recorded, last.filter(pc.invert(voided)), last.filter(voided)["event_id"].to_pylist()


def _last_of_each(event_ids: pa.ChunkedArray) -> pa.Array:
    last = {event_id: row for row, event_id in enumerate(event_ids.to_pylist())}
    return pa.array(list(last.values()), pa.int64())


def _match(connection: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    """Pairs rows and events that are alike, one to one: first as recorded, then, of those left, as they stand."""
    columns = ", ".join(f'"{name}"' for name in names)
    alike = " AND ".join(f'i."{name}" IS NOT DISTINCT FROM e."{name}"' for name in (*names, "nth"))
    connection.execute('CREATE TABLE matched ("row" BIGINT, event_id VARCHAR)')
    for events in ("recorded", "standing"):
        connection.execute(
            f"""INSERT INTO matched SELECT i."row", e.event_id FROM
            (SELECT *, row_number() OVER (PARTITION BY {columns} ORDER BY "row") AS nth FROM incoming
                WHERE "row" NOT IN (SELECT "row" FROM matched)) AS i
            JOIN (SELECT *, row_number() OVER (PARTITION BY {columns} ORDER BY position) AS nth FROM {events}
                WHERE event_id IN (SELECT event_id FROM recorded)
                AND event_id NOT IN (SELECT event_id FROM matched)) AS e ON {alike}"""
        )


def _numbered(events: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
    count = 0
    for table in events:
        rows = pa.array(range(count, count + table.num_rows), pa.int64())
        yield from table.append_column("row", rows).to_batches()
        count += table.num_rows


def _load(
    connection: duckdb.DuckDBPyConnection, name: str, batches: Iterator[pa.RecordBatch], schema: pa.Schema
) -> None:
    connection.register("reading", pa.RecordBatchReader.from_batches(schema, batches))
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM reading")
    connection.unregister("reading")
