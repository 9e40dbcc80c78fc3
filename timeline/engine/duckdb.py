"""DuckDB behind the engine's contract: views over the store's Parquet files, in a confined connection.

Everything that needs more than reading is done before the connection is confined. The SQL of the views is in `views`,
what a query may do in `sandbox`; this module opens, runs and closes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final, Self, TypeVar

import duckdb
import pyarrow as pa

from timeline.engine import sandbox, views
from timeline.engine.base import COLUMNS, LOG_SCHEMA, PATIENTS, STUDY_SCHEMA, Part
from timeline.engine.waiting import wait_for
from timeline.errors import EngineError
from timeline.log import Snapshot
from timeline.log.layout import DATA
from timeline.log.read import require_whole
from timeline.log.scan import identifier

PART_ENTRIES: Final = 12_000_000
"""Entries of the log, about, whose patients are computed at once: a study's intermediate rows of so many stay within
two gigabytes. Planning the study again for each part costs a twentieth of the time."""

LARGE_PARTS: Final = 4
"""Parts from which on the rows are worth compressing, which takes longer than adding them."""

SAMPLED: Final = 50_000
"""Patients from whose ids the parts are cut."""

BATCH_ROWS: Final = 122_880
"""Rows of a streamed batch: one row group of DuckDB's own writer."""

_Result = TypeVar("_Result")


class DuckDBEngine:
    """An engine on one snapshot. `memory_limit` is as DuckDB writes it: `4GB`, or a share of what the machine has."""

    def __init__(self, snapshot: Snapshot, *, memory_limit: str = sandbox.MEMORY) -> None:
        self._snapshot = snapshot
        self._temporary = TemporaryDirectory(prefix="timeline-", ignore_cleanup_errors=True)
        self._own: str | None = None
        self._kept: dict[str, str] = {}
        self._parts: list[Part] | None = None
        self._streams: list[Generator[pa.RecordBatch, None, None]] = []
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._workers = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._connection = sandbox.connect(snapshot.position)
        self._corrected: set[str] = set()
        try:
            with _plain_errors(self._snapshot):
                self._prepare(snapshot)
                readable = (snapshot.root / DATA).resolve()
                sandbox.confine(self._connection, readable, Path(self._temporary.name), memory_limit)
            self._hidden = {
                event.name.lower(): views.event_view(snapshot, event, event.name in self._corrected)
                for event in snapshot.catalog
            }
            self._hidden[PATIENTS] = views.patients_view(snapshot, bool(self._corrected))
        except BaseException:
            self.close()
            raise

    @property
    def position(self) -> int:
        return self._snapshot.position

    def query(self, sql: str) -> pa.Table:
        with _plain_errors(self._snapshot):
            self._admit(sql)
            return self._wait(lambda: self._connection.sql(sql).to_arrow_table())

    def stream(self, sql: str) -> pa.RecordBatchReader:
        """As the contract says; other queries may run while the batches are taken."""
        with _plain_errors(self._snapshot):
            self._admit(sql)
            cursor = self._cursor()
            self._cursors.add(cursor)
            reader = self._wait(lambda: cursor.sql(sql).to_arrow_reader(BATCH_ROWS), cursor)
        batches = self._batches(reader, cursor)
        self._streams.append(batches)
        return pa.RecordBatchReader.from_batches(reader.schema, batches)

    def materialise(self, name: str, sql: str) -> None:
        with _plain_errors(self._snapshot):
            self._admit(sql)
            table = f"{STUDY_SCHEMA}.{identifier(name)}"
            self._wait(lambda: self._connection.execute(f"CREATE OR REPLACE TABLE {table} AS {sql}"))

    def add(self, name: str, sql: str) -> None:
        with _plain_errors(self._snapshot):
            self._admit(sql)
            table, added = (f"{STUDY_SCHEMA}.{identifier(part)}" for part in (name, f"{name} (added)"))
            # DuckDB makes a table on all processors, and inserts what is computed on one.
            self._wait(lambda: self._connection.execute(f"CREATE OR REPLACE TABLE {added} AS {sql}"))
            self._wait(lambda: self._connection.execute(f"INSERT INTO {table} FROM {added}"))
            self._connection.execute(f"DROP TABLE {added}")
            if len(self.parts()) >= LARGE_PARTS:
                # A checkpoint compresses what is in memory, to a fifth.
                self._wait(lambda: self._connection.execute("CHECKPOINT"))

    def parts(self) -> Sequence[Part]:
        number = -(-self._snapshot.position // PART_ENTRIES)
        if number <= 1:
            return [(None, None)]
        if self._parts is None:
            with _plain_errors(self._snapshot):
                bounds = self._wait(lambda: self._bounds(number))
            self._parts = list(zip([None, *bounds], [*bounds, None], strict=True))
        return self._parts

    def _bounds(self, parts: int) -> list[str]:
        """Ids that cut the patients into so many parts of about one size. The list of patients is read once for all."""
        self._show(PATIENTS)
        view, once = (f"{LOG_SCHEMA}.{identifier(name)}" for name in (PATIENTS, f"{PATIENTS} (once)"))
        self._connection.execute(f"CREATE TABLE {once} AS SELECT patient FROM {view}")
        self._connection.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT patient FROM {once}")
        shares = ", ".join(f"{number / parts:.6f}" for number in range(1, parts))
        sample = f"SELECT patient FROM {once} USING SAMPLE reservoir({SAMPLED} ROWS) REPEATABLE (1)"
        query = f"SELECT quantile_disc(patient, [{shares}]) FROM ({sample})"
        [(found,)] = self._connection.execute(query).fetchall()
        # SQL is text that ends at a NUL, and any beginning of an id cuts as well as the id.
        return sorted({bound.partition("\0")[0] for bound in found or []} - {""})

    def relation(self, sql: str) -> duckdb.DuckDBPyRelation:
        """The result of one SELECT as DuckDB's own relation, which computes nothing before it is used."""
        with _plain_errors(self._snapshot):
            self._admit(sql)
            return self._connection.sql(sql)

    def interrupt(self) -> None:
        self._connection.interrupt()
        for cursor in tuple(self._cursors):
            cursor.interrupt()

    def keep(self, event: str, attributes: Iterable[str]) -> None:
        """Reads an event type (or `patients`) once; branches made later read what was kept, with these attributes."""
        with _plain_errors(self._snapshot):
            self._show(event)
            columns = ["patient"] if event == PATIENTS else [*COLUMNS, *attributes]
            shown = ", ".join(identifier(name) for name in columns)
            kept = self._kept[event] = f"{event} (kept)"
            table = f"{LOG_SCHEMA}.{identifier(kept)}"
            source = f"{LOG_SCHEMA}.{identifier(event)}"
            self._wait(lambda: self._connection.execute(f"CREATE TABLE {table} AS SELECT {shown} FROM {source}"))

    def branch(self, name: str, events: Iterable[str]) -> DuckDBEngine:
        """An engine of its own on the same snapshot, for another thread; it shows some event types only.

        To be made by the thread that made this engine, and closed before it.
        """
        shown = [PATIENTS, *events]
        with _plain_errors(self._snapshot):
            for event in shown:
                self._show(event)
            other = copy(self)
            other._own = name
            other._streams = []
            other._cursors = set()
            other._workers = ThreadPoolExecutor(1, thread_name_prefix=name)
            self._connection.execute(f"ATTACH ':memory:' AS {identifier(name)}")
            other._connection = other._cursor()
            other._connection.execute(f"CREATE SCHEMA {LOG_SCHEMA}")
            other._connection.execute(f"CREATE SCHEMA {STUDY_SCHEMA}")
            other._hidden = {event.lower(): self._view_of(event) for event in shown}
        return other

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        if self._own is not None:
            cursor.execute(f"USE {identifier(self._own)}")
        return cursor

    def _show(self, event: str) -> None:
        if (view := self._hidden.pop(event.lower(), None)) is not None:
            self._connection.execute(view)

    def _view_of(self, event: str) -> str:
        """Shows in a branch what the engine has kept of an event type, or else its view of it."""
        source = identifier(self._kept.get(event, event))
        name = f"{LOG_SCHEMA}.{identifier(event)}"
        return f"CREATE VIEW {name} AS SELECT * FROM {views.DATABASE}.{LOG_SCHEMA}.{source}"

    def explain(self, sql: str) -> str:
        with _plain_errors(self._snapshot):
            self._admit(sql)
            [[_, plan]] = self._connection.execute(f"EXPLAIN {sql}").fetchall()
            return str(plan)

    def close(self) -> None:
        """Streams that were not read to their end end here."""
        for stream in self._streams:
            stream.close()
        self._workers.shutdown()
        self._connection.close()
        if self._own is None:
            self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait(self, work: Callable[[], _Result], connection: duckdb.DuckDBPyConnection | None = None) -> _Result:
        return wait_for(work, (connection or self._connection).interrupt, self._workers)

    def _batches(
        self, reader: pa.RecordBatchReader, cursor: duckdb.DuckDBPyConnection
    ) -> Generator[pa.RecordBatch, None, None]:
        """The batches of a stream; the next one is computed while the last one is being used."""

        def take() -> pa.RecordBatch | None:
            return next(reader, None)

        with ThreadPoolExecutor(1, thread_name_prefix="stream") as ahead, _plain_errors(self._snapshot):
            coming = ahead.submit(take)
            try:
                while (batch := coming.result()) is not None:
                    coming = ahead.submit(take)
                    yield batch
            finally:
                if not coming.done():
                    cursor.interrupt()
                    coming.exception()
                self._cursors.discard(cursor)
                cursor.close()

    def _prepare(self, snapshot: Snapshot) -> None:
        if snapshot.correction_files:
            self._connection.execute(views.corrections_table(snapshot))
            found = self._connection.execute(f"SELECT DISTINCT event FROM {views.CORRECTIONS}").fetchall()
            self._corrected = {event for (event,) in found}
        self._connection.execute(f"CREATE SCHEMA {LOG_SCHEMA}")
        self._connection.execute(f"CREATE SCHEMA {STUDY_SCHEMA}")

    def _admit(self, sql: str) -> None:
        """Refuses what is not one SELECT, and makes the views that it reads.

        Each view costs as much as a small query, and a study reads few of a vocabulary's event types.
        """
        for schema, name in sandbox.require_select(self._connection, sql):
            if schema == LOG_SCHEMA:
                self._show(name)


@contextmanager
def _plain_errors(snapshot: Snapshot) -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise EngineError(
            f"The query needs more memory than the engine may use: {error}",
            hint="Give the engine more memory, or free space for its temporary files.",
        ) from error
    except duckdb.Error as error:
        require_whole(snapshot)
        raise EngineError(f"The engine could not run the query: {error}") from error
