"""`Log`: what the rest of the program knows of the store.

Each method says in a few lines which part of the package does the work. A `Log` is one process's view: it catches up
with the commits of others whenever it is asked for something.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa

from dsl.catalog import Catalog
from timeline.errors import DeclarationError, StoreError
from timeline.events import Operation, storage_schema
from timeline.log import read
from timeline.log.admit import Admitted
from timeline.log.append import AlreadyRecorded, Compared, Origin, Progress, append
from timeline.log.compact import compact, compact_if_due
from timeline.log.correct import Changes, Correction, amend, retract
from timeline.log.declarations import Declarations
from timeline.log.declare import declare, refuse_conflicts
from timeline.log.durable import plain_errors
from timeline.log.record import GENESIS, Kind, Record
from timeline.log.table import Table


@dataclass(frozen=True)
class Commit:
    """One commit of the log, as it was acknowledged.

    `version` is its number in the table. `first` to `position` are the positions of its entries; `rows` counts them.
    `repeated` says that the batch had been recorded before: nothing was written, this is the commit that holds it.
    """

    version: int
    kind: str
    first: int
    position: int
    recorded_at: datetime
    recorded_by: str
    source: str
    batch: str | None
    head: str
    repeated: bool = False

    @property
    def rows(self) -> int:
        return self.position - self.first + 1


def utc_now() -> datetime:
    return datetime.now(UTC)


class Log:
    """An open store. Not for use by several threads at once; several processes may each open it."""

    def __init__(self, table: Table, clock: Callable[[], datetime]) -> None:
        self._table = table
        self._clock = clock
        self._declarations = Declarations(table.root)

    @classmethod
    def create(
        cls,
        path: str | Path,
        catalog: Catalog,
        *,
        recorded_by: str | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> Log:
        """A new store in a folder that is empty or does not exist yet.

        Raises StoreError where it cannot be made there, DeclarationError where no event type is declared, or where two
        give one attribute name two kinds of values.
        """
        root = Path(path)
        if not catalog.events:
            raise DeclarationError(
                f"{root}: no event type is declared, so nothing could be recorded in this store.",
                hint="Declare at least one: `event surgery`.",
            )
        refuse_conflicts(catalog)
        _refuse_occupied(root)
        record = Record(
            kind=Kind.CREATE,
            first=1,
            position=0,
            recorded_at=clock(),
            recorded_by=recorded_by or current_user(),
            source="create",
            declared=0,
            digest="",
            previous=GENESIS,
            declarations=catalog.text(),
        )
        return cls(Table.create(root, storage_schema(catalog), record.with_head()), clock)

    @classmethod
    def open(cls, path: str | Path, *, clock: Callable[[], datetime] = utc_now) -> Log:
        """An existing store, at its last whole commit; `notices` says what had to be left out."""
        return cls(Table.open(Path(path)), clock)

    @property
    def path(self) -> Path:
        return self._table.root

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should be told about the state in which the store was found; empty where all is well."""
        torn = self._table.torn
        if torn is None:
            return ()
        cause = (
            "It had been acknowledged, so it was damaged later: restore it from a backup."
            if torn.acknowledged
            else f"It was never acknowledged. `timeline verify {self.path} --repair` sets it aside."
        )
        read_to = f"the log is read up to commit {self._table.version}"
        return (f"Commit {torn.version} is not whole ({torn.reason}); {read_to}. {cause}",)

    @property
    def catalog(self) -> Catalog:
        """The declarations in force."""
        self._table.refresh()
        return self._declarations.of(self._table.record)

    @property
    def position(self) -> int:
        """The position of the last entry; 0 where there is none."""
        self._table.refresh()
        return self._table.record.position

    @property
    def version(self) -> int:
        """The version of the table: every commit makes one, also one that only rearranges files."""
        self._table.refresh()
        return self._table.version

    @property
    def head(self) -> str:
        """The head of the hash chain: it changes with each commit, and with any change of an earlier one."""
        self._table.refresh()
        return self._table.record.head

    def append(
        self,
        events: pa.Table | Iterable[pa.Table | pa.RecordBatch | Admitted],
        *,
        source: str,
        recorded_by: str | None = None,
        batch: str | None = None,
        content: str | None = None,
        progress: Progress | None = None,
        compared: Compared | None = None,
    ) -> Commit:
        """Records events in one commit, all or none, durably.

        The columns are those of `timeline.events.clinical_schema`; only patient, event and start must be there. A
        column `source` says of each row where it was read; rows without take the `source` given here. `batch` names
        the batch and `content` is a hash of what it was read from: a batch that is in the log already is not recorded
        again, and the commit that holds it is given back as `repeated`.

        Raises IngestError with all problems where a row does not fit the declarations. A caller who has looked up what
        is new says with `compared` how far; Overtaken is raised where that has changed when the commit is made.
        """
        origin = Origin(source, recorded_by or current_user(), batch, content)
        try:
            version = append(self._table, self._declarations, _tables(events), origin, self._clock, progress, compared)
        except AlreadyRecorded as found:
            return self._commit(found.version, repeated=True)
        return self._done(version)

    def amend(
        self, changes: Changes, *, reason: str, source: str = "correction", recorded_by: str | None = None
    ) -> Commit:
        """Records a new version of events: `{"e17": {"start": date(2010, 1, 2), "r_status": None}}`.

        Values are as Python has them; what is not named stays as it was. Raises CorrectionError for an event that is
        unknown or retracted, a value that the declarations do not admit, a change that changes nothing.
        """
        why = Correction(Operation.AMEND, reason, source, recorded_by or current_user())
        return self._done(amend(self._table, self._declarations, changes, why, self._clock))

    def retract(
        self, event_ids: Iterable[str], *, reason: str, source: str = "correction", recorded_by: str | None = None
    ) -> Commit:
        """Voids events: they stay in the log, and no query sees them. Raises CorrectionError as `amend` does."""
        why = Correction(Operation.RETRACT, reason, source, recorded_by or current_user())
        return self._done(retract(self._table, self._declarations, event_ids, why, self._clock))

    def entries(self, *, patient: str | None = None, since: int = 1) -> pa.Table:
        """The log as recorded, by position from `since` on, in the columns of `timeline.events.entry_schema`."""
        with plain_errors(self.path, "reading it"):
            snapshot = self.snapshot()
            return read.entries(snapshot if patient is None else snapshot.of_patients([patient]), since=since)

    def commits(self, since: int = 0) -> Iterator[Commit]:
        """The commits of the log from a version on, in order; those that only rearrange files are left out."""
        self._table.refresh()
        for version in range(since, self._table.version + 1):
            stamp = self._table.stamp(version)
            if stamp is not None and not stamp.compaction:
                yield self._commit(version)

    def snapshot(self, position: int | None = None, known_by: date | datetime | None = None) -> read.Snapshot:
        """The log as it is, as it was at a position, or as it was known at the end of a day (UTC) or at a time.

        At a position the declarations are the last ones before the next entry. Raises StoreError for a position that
        the log has not reached, or for a time before the store was created.
        """
        if position is not None and known_by is not None:
            raise ValueError("Log.snapshot: expected a position or a time, received both")
        self._table.refresh()
        record = self._table.record
        if position is not None:
            if not 0 <= position <= record.position:
                raise StoreError(f"{self.path}: there is no position {position}; the log reaches {record.position}.")
            found = self._table.last_record_where(lambda earlier: earlier.position <= position)
        elif known_by is not None:
            end = _end_of(known_by)
            found = self._table.last_record_where(lambda earlier: earlier.recorded_at <= end)
            if found is None:
                created = self._table.record_at(0).recorded_at
                raise StoreError(f"{self.path}: nothing was known by {known_by}; the store was created on {created}.")
        else:
            found = record
        assert found is not None, "the first commit is at position 0"
        seen = found.position if position is None else position
        catalog = self._declarations.of(found)
        with plain_errors(self.path, "reading it"):
            return read.snapshot_of(self._table, catalog, seen, found)

    def history(self, patient: str, all: bool = False) -> pa.Table:
        """One patient's events in the columns of `timeline.events.entry_schema`.

        Current versions, by start; with `all`, every entry as recorded, corrections included, by position.
        """
        if all:
            return self.entries(patient=patient)
        return self.histories([patient])

    def histories(self, patients: Sequence[str], position: int | None = None) -> pa.Table:
        """Several patients' current versions, by start, as they are or were at a position; columns as in `history`."""
        with plain_errors(self.path, "reading it"):
            return read.current(self.snapshot(position).of_patients(patients))

    def declare(self, added: Catalog, *, source: str = "declare", recorded_by: str | None = None) -> Commit:
        """Adds event types, and replaces those of the same name; the others stay.

        Gives back the commit of the declarations in force, as `repeated`, where nothing changes. Raises
        DeclarationError, naming the events, where any that stands does not fit any more.
        """
        author = recorded_by or current_user()
        try:
            version = declare(self._table, self._declarations, added, author, source, self._clock)
        except AlreadyRecorded as found:
            return self._commit(found.version, repeated=True)
        return self._done(version)

    def compact(self) -> tuple[int, int]:
        """Merges small data files; gives their number before and after. The log does it by itself, too, in steps."""
        return compact(self._table)

    def _done(self, version: int) -> Commit:
        commit = self._commit(version)
        # What was recorded stands, whether or not there was room to tidy up after it.
        with suppress(StoreError):
            compact_if_due(self._table)
        return commit

    def _commit(self, version: int, repeated: bool = False) -> Commit:
        record = self._table.record_at(version)
        return Commit(
            version,
            record.kind.value,
            record.first,
            record.position,
            record.recorded_at,
            record.recorded_by,
            record.source,
            record.batch,
            record.head,
            repeated,
        )


def current_user() -> str:
    """The name that the system knows this user by."""
    try:
        return getpass.getuser()
    except OSError:
        return "unknown"


def _refuse_occupied(root: Path) -> None:
    if root.is_file():
        raise StoreError(f"{root}: this is a file, so no store can be created there.", hint="Name a new folder.")
    if root.is_dir() and any(root.iterdir()):
        kind = "a store exists here already" if (root / "_timeline").is_dir() else "the folder is not empty"
        raise StoreError(f"{root}: {kind}.", hint="Name a folder that does not exist yet.")


def _tables(events: pa.Table | Iterable[pa.Table | pa.RecordBatch | Admitted]) -> Iterable[pa.Table | Admitted]:
    if isinstance(events, pa.Table):
        return [events]
    return (pa.Table.from_batches([part]) if isinstance(part, pa.RecordBatch) else part for part in events)


def _end_of(known_by: date | datetime) -> datetime:
    """The last moment that counts: the time itself, or the end of the day in UTC."""
    if isinstance(known_by, datetime):
        return known_by if known_by.tzinfo else known_by.replace(tzinfo=UTC)
    return datetime.combine(known_by, time.min, UTC) + timedelta(days=1) - timedelta(microseconds=1)
