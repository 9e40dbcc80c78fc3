"""First recordings into the log: admitted, numbered, written, committed; one batch, one commit, or nothing.

A batch of up to `TAIL_ROWS` rows is held in memory and written once its positions are certain. A larger one is
streamed to files with the positions that it will have if nobody commits meanwhile, and renumbered if somebody did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from timeline.errors import IngestError, StoreError
from timeline.events import storage_schema
from timeline.log.admit import Admitted, Door
from timeline.log.declarations import Declarations
from timeline.log.digest import ContentDigest
from timeline.log.durable import plain_errors
from timeline.log.problems import Problems, Rows
from timeline.log.record import Kind, Record
from timeline.log.rows import Numbering, recorded
from timeline.log.serial import commit_serially, refuse_torn
from timeline.log.stream import ahead, memory_kept
from timeline.log.table import Change, Table
from timeline.log.texts import coded, constant
from timeline.log.write import ROW_GROUP, NewFile, TypedFiles, delete, renumber, write_mixed

TAIL_ROWS: Final = 20_000
"""A batch of up to this many rows becomes one file."""

CHUNK: Final = 16 * ROW_GROUP
"""Rows that are admitted and written at a time: some row groups even of event types that each patient has once."""

Progress = Callable[[int], None]
"""Told how many rows of a batch have been taken so far."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Origin:
    """Who records a batch, from where, and by which marks it is known again."""

    source: str
    recorded_by: str
    batch: str | None = None
    content: str | None = None

    @property
    def marks(self) -> list[str]:
        """Noted in the state of the table, which then tells at any size whether a batch was seen."""
        names = [("content", self.content), ("batch", self.batch)]
        return [_mark(kind, name) for kind, name in names if name is not None]


@dataclass(frozen=True)
class Compared:
    """How far the caller has compared a batch with the log: up to the commit `version`.

    `concerns` tells of a later commit whether the batch would have to be compared with that one, too.
    """

    version: int
    concerns: Callable[[Record], bool]


class Overtaken(Exception):
    """Others recorded something that the batch has not been compared with; nothing was written."""


class AlreadyRecorded(Exception):
    """The batch is in the log; `version` is the commit that holds it."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


def append(
    table: Table,
    declarations: Declarations,
    batches: Iterable[pa.Table | Admitted],
    origin: Origin,
    clock: Clock,
    progress: Progress | None = None,
    compared: Compared | None = None,
) -> int:
    """Gives the version of the commit.

    Raises IngestError for rows that are not admitted, AlreadyRecorded, and Overtaken where others were faster.
    """
    refuse_torn(table, "recording events")
    table.refresh()
    _refuse_same_content(table, origin)
    batch = _Batch(table, declarations, origin, clock, compared)
    admitted = _admitted(batches, Door(batch.catalog), origin.source, progress)
    with plain_errors(table.root, "recording events"), memory_kept():
        first: list[pa.Table] = []
        for rows in admitted:
            first.append(rows)
            if sum(part.num_rows for part in first) > TAIL_ROWS:
                return batch.stream(chain(first, admitted))
        return batch.at_once(pa.concat_tables(first))


class _Batch:
    """A batch on its way into the log, under the declarations that it was admitted by."""

    def __init__(
        self, table: Table, declarations: Declarations, origin: Origin, clock: Clock, compared: Compared | None
    ) -> None:
        self.catalog = declarations.of(table.record)
        self._compared = compared
        self._declared = table.record.declared
        self._table = table
        self._origin = origin
        self._clock = clock

    def at_once(self, rows: pa.Table) -> int:
        digest = ContentDigest(Kind.RECORD)
        digest.update(rows)

        def write(numbering: Numbering, earlier: list[NewFile]) -> list[NewFile]:
            positions = pa.array(numbering.positions(0, rows.num_rows))
            stored = recorded(rows, positions, numbering, storage_schema(self.catalog))
            return [write_mixed(self._table.root, stored, "batch")]

        return self._commit(digest.hexdigest(), rows.num_rows, None, [], write)

    def stream(self, parts: Iterable[pa.Table]) -> int:
        numbering = self._numbering(self._table.record)
        digest = ContentDigest(Kind.RECORD)
        count = 0

        def digested() -> Iterator[pa.Table]:
            for rows in parts:
                digest.update(rows)
                yield rows

        with TypedFiles(self._table.root, self.catalog, numbering) as typed:
            for rows in ahead(digested()):
                typed.write(rows, count)
                count += rows.num_rows
            files = typed.finish()
        written_as = numbering

        def write(numbering: Numbering, earlier: list[NewFile]) -> list[NewFile]:
            nonlocal written_as
            shift = numbering.first - written_as.first
            moved = renumber(self._table.root, earlier, shift, numbering.recorded_at)
            written_as = numbering
            return moved

        return self._commit(digest.hexdigest(), count, numbering, files, write)

    def _commit(
        self,
        digest: str,
        count: int,
        numbering: Numbering | None,
        files: list[NewFile],
        write: Callable[[Numbering, list[NewFile]], list[NewFile]],
    ) -> int:
        """Commits the files, after writing them anew where they are not numbered as the state of the log asks."""

        def prepare(last: Record) -> tuple[Record, Change]:
            nonlocal numbering, files
            _refuse_same_content(self._table, self._origin)
            _refuse_overtaken(self._table, self._compared)
            _refuse_same_name(self._table, self._origin, digest)
            self._refuse_other_declarations(last)
            if numbering is None or not _follows(numbering, last):
                numbering, outdated = self._numbering(last), files
                files = write(numbering, outdated)
                delete(self._table.root, outdated)
            return self._record(last, numbering, count, digest), Change(add=files, marks=self._origin.marks)

        try:
            return commit_serially(self._table, "recording events", prepare)
        except BaseException:
            self._table.discard(files)
            raise

    def _numbering(self, last: Record) -> Numbering:
        # Times never run backwards along the log, so that a time can be translated into a position.
        recorded_at = max(self._clock(), last.recorded_at)
        return Numbering(last.position + 1, recorded_at, self._origin.recorded_by)

    def _record(self, last: Record, numbering: Numbering, count: int, digest: str) -> Record:
        return Record(
            kind=Kind.RECORD,
            first=numbering.first,
            position=numbering.first + count - 1,
            recorded_at=numbering.recorded_at,
            recorded_by=numbering.recorded_by,
            source=self._origin.source,
            declared=last.declared,
            digest=digest,
            previous=last.head,
            batch=self._origin.batch,
            content=self._origin.content,
        )

    def _refuse_other_declarations(self, last: Record) -> None:
        if last.declared != self._declared:
            raise StoreError(
                f"{self._table.root}: the declarations changed while the events were read, so nothing was written.",
                hint="Record them again: they are then checked against the new declarations.",
            )


def _follows(numbering: Numbering, last: Record) -> bool:
    return numbering.first == last.position + 1 and numbering.recorded_at >= last.recorded_at


def _admitted(
    batches: Iterable[pa.Table | Admitted], door: Door, source: str, progress: Progress | None
) -> Iterator[pa.Table]:
    """Passes rows on until the first problem; from then on it only looks for more, and raises all at the end."""
    problems = Problems()
    count = 0
    for batch in batches:
        passed = isinstance(batch, Admitted) and batch.catalog == door.catalog
        given = batch.rows if isinstance(batch, Admitted) else batch
        typed = given if passed else door.typed(given, source)
        for offset in range(0, typed.num_rows, CHUNK):
            part = typed.slice(offset, CHUNK)
            checked = part if passed else door.check(part, Rows(source, first_row=count + 1), problems)
            count += part.num_rows
            if progress is not None:
                progress(count)
            if not problems.count:
                yield _with_source(checked, source)
    problems.raise_if_any(source)
    if not count:
        raise IngestError(f"{source}: there are no events in it, so nothing was written.")


def _with_source(rows: pa.Table, source: str) -> pa.Table:
    given = rows["source"]
    if given.null_count == 0:
        return rows
    if given.null_count == len(given):
        named = constant(source, len(given))
    else:
        named = coded(pc.coalesce(given.cast(pa.string()), source))
    return rows.set_column(rows.schema.get_field_index("source"), "source", named)


def _refuse_same_content(table: Table, origin: Origin) -> None:
    """Raises AlreadyRecorded where the log holds what was read from the same content."""
    if origin.content is not None and (version := table.marked(_mark("content", origin.content))) is not None:
        raise AlreadyRecorded(version)


def _refuse_overtaken(table: Table, compared: Compared | None) -> None:
    """Raises Overtaken where a commit came in between that the batch should have been compared with."""
    if compared is None:
        return
    for version in range(compared.version + 1, table.version + 1):
        stamp = table.stamp(version)
        if stamp is not None and not stamp.compaction and compared.concerns(stamp.record):
            raise Overtaken


def _refuse_same_name(table: Table, origin: Origin, digest: str) -> None:
    """Raises AlreadyRecorded where the log holds this batch, IngestError where its name stands for another one."""
    if origin.batch is None or (version := table.marked(_mark("batch", origin.batch))) is None:
        return
    earlier = table.record_at(version)
    if earlier.digest == digest:
        raise AlreadyRecorded(version)
    raise IngestError(
        f"{origin.source}: a batch named {origin.batch!r} is in the log already, with other events, as commit {version}"
        f" of {earlier.recorded_at:%Y-%m-%d %H:%M} UTC from {earlier.source}. Nothing was written.",
        hint="Give this batch another name, or amend the events that have changed.",
    )


def _mark(kind: str, name: str) -> str:
    return f"timeline-{kind}:{name}"
