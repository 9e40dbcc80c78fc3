"""The Delta table under the log: open it at its last whole commit, see its files, add a commit durably.

Knows versions, checkpoints and live files; what a record means and what rows hold is left to others. Commit files are
written here and not by the Delta library, since that flushes none of them and reads the state of the whole table for
each; it reads the table and makes the checkpoints. A commit is acknowledged (`commit` returns) once its data files,
its commit file and their folders are flushed. The acknowledgement is noted beside the table, so that a commit file
found torn later can be told apart: never acknowledged (a power cut: it may be set aside) or damaged since.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from timeline.errors import DamageError, StoreError
from timeline.log import actions, commits, layout
from timeline.log.commits import Torn
from timeline.log.durable import plain_errors, remove, sync_file, sync_folder
from timeline.log.record import GENESIS, Record, Stamp, next_seal
from timeline.log.repair import set_checkpoints_aside
from timeline.log.write import NewFile


@dataclass(frozen=True)
class LiveFile:
    """A data file of one version of the table, with the bounds of what is in it; no bound where it is not known."""

    path: Path
    size: int
    rows: int
    events: tuple[str, str] | None
    operations: tuple[str, str] | None
    positions: tuple[int, int] | None
    patients: tuple[str, str] | None = None

    def may_hold(self, event: str) -> bool:
        return self.events is None or self.events[0] <= event <= self.events[1]

    def may_hold_patient(self, patient: str) -> bool:
        return self.patients is None or self.patients[0] <= patient <= self.patients[1]

    @property
    def has_corrections(self) -> bool:
        return self.operations != ("record", "record")


@dataclass(frozen=True)
class Change:
    """What a commit does to the table: files it adds and removes, columns it adds, marks it can be known by again."""

    add: Sequence[NewFile] = ()
    remove: Sequence[LiveFile] = ()
    columns: Sequence[pa.Field] = ()
    marks: Sequence[str] = ()
    compaction: bool = False


class Table:
    """An open table. `record` and `seal` belong to `version`, the last whole one that this handle has seen."""

    def __init__(self, root: Path, version: int, torn: Torn | None) -> None:
        self.root = root
        self.torn = torn
        self._delta: DeltaTable | None = None
        self._opened = version
        self._move_to(version)

    @classmethod
    def create(cls, root: Path, columns: pa.Schema, record: Record) -> Table:
        """Makes the folder and its first commit; the folder must be empty or missing."""
        existed = root.exists()
        try:
            with plain_errors(root, "creating it"):
                for name in (layout.DATA, layout.CONTROL, layout.DELTA_LOG):
                    (root / name).mkdir(parents=True)
                layout.lock_file(root).touch()
                first = [actions.protocol(), actions.metadata(columns)]
                commits.write(root, 0, first, Stamp(record, seal=GENESIS))
                for folder in (root / layout.CONTROL, root, root.parent):
                    sync_folder(folder)
                table = cls(root, 0, None)
                table._acknowledge()
                return table
        except BaseException:
            for name in (layout.DATA, layout.CONTROL, layout.DELTA_LOG):
                shutil.rmtree(root / name, ignore_errors=True)
            if not existed:
                shutil.rmtree(root, ignore_errors=True)
            raise

    @classmethod
    def open(cls, root: Path) -> Table:
        """The table at its last whole commit; `torn` says what stands after that one, if anything does.

        Raises StoreError where there is no store, DamageError where no commit can be read.
        """
        if not (root / layout.CONTROL).is_dir() or not (root / layout.DELTA_LOG).is_dir():
            raise _no_store(root)
        with plain_errors(root, "opening it"):
            last = commits.last_version(root)
            torn = None if last is None else commits.find_torn(root, last)
            if last is None or (torn is not None and torn.version == 0):
                raise DamageError(
                    f"{root}: the first commit of the store is not whole, so nothing was ever recorded in it.",
                    hint="Delete the folder and create the store again.",
                )
            return cls(root, last if torn is None else torn.version - 1, torn)

    def refresh(self) -> None:
        """Catches up with the commits of others."""
        if self.torn is None and (last := commits.next_versions(self.root, self.version)) > self.version:
            with plain_errors(self.root, "reading it"):
                self._move_to(last)

    def files(self) -> list[LiveFile]:
        """The data files of this version."""
        # `pa.table` would do, but asks first whether it is a data frame, and imports pandas to find out.
        found = pa.RecordBatchReader.from_stream(self._state().get_add_actions(flatten=True)).read_all()
        return [_live_file(self.root, action) for action in found.to_pylist()]

    def columns(self) -> pa.Schema:
        """The columns of this version, also those of attributes that are not declared any more."""
        return pa.schema(self._state().schema().to_arrow())

    def marked(self, mark: str) -> int | None:
        """The version that noted a mark, or None."""
        return self._state().transaction_version(mark)

    def stamp(self, version: int) -> Stamp | None:
        """The stamp of a version, or None where another program made it."""
        return commits.read(self.root, version).stamp

    def record_at(self, version: int) -> Record:
        """The record in force at a version: its own, or the last one before it."""
        for earlier in range(version, -1, -1):
            if (stamp := self.stamp(earlier)) is not None:
                return stamp.record
        raise DamageError(f"{self.root}: no commit up to {version} has a record of the log.")

    def last_record_where(self, holds: Callable[[Record], bool]) -> Record | None:
        """The record of the last version for which a condition holds that never becomes true again once false."""
        low, high = 0, self.version + 1
        found = None
        while low < high:
            middle = (low + high) // 2
            record = self.record_at(middle)
            if holds(record):
                found, low = record, middle + 1
            else:
                high = middle
        return found

    def commit(self, record: Record, change: Change) -> int:
        """Adds a commit on top of the version that this handle has seen, and gives its version.

        Returns once it is durable. Raises LostRace, having changed nothing, where another writer came first.
        """
        version = self.version + 1
        data_change = not change.compaction
        sync_folder(self.root / layout.DATA)
        commits.write(
            self.root,
            version,
            [
                *self._new_columns(change),
                *(actions.add(file, data_change) for file in change.add),
                *(actions.remove(file.path.relative_to(self.root).as_posix(), file.size) for file in change.remove),
                *(actions.transaction(mark, version) for mark in change.marks),
            ],
            Stamp(record, self.seal, change.compaction),
        )
        self._move_to(version)
        self._acknowledge()
        if version % layout.CHECKPOINT_INTERVAL == 0:
            self._checkpoint()
        return version

    def discard(self, files: Sequence[NewFile]) -> None:
        """Deletes data files after a failure, but those that a commit names after all."""
        if not files:
            return
        last = commits.next_versions(self.root, self.version)
        added = (commits.read(self.root, version).added for version in range(self._opened, last + 1))
        named = {add.path for adds in added for add in adds}
        for file in files:
            if file.path not in named:
                remove(self.root / file.path)

    def _new_columns(self, change: Change) -> list[actions.Action]:
        if not change.columns:
            return []
        before = self._state().metadata()
        kept = {"id": before.id, "createdTime": before.created_time}
        return [actions.metadata(pa.schema([*self.columns(), *change.columns]), kept)]

    def _move_to(self, version: int) -> None:
        last = commits.read(self.root, version)
        self.version = version
        if last.stamp is not None:
            self.record = last.stamp.record
            self.seal = next_seal(last.stamp.seal, last.content)
        else:
            self.record = self.record_at(version)
            self.seal = commits.seal_of(self.root, version)

    def _state(self) -> DeltaTable:
        """What the Delta library makes of this version."""
        if self._delta is None or self._delta.version() != self.version:
            try:
                self._delta = DeltaTable(str(self.root), version=self.version)
            except (DeltaError, OSError):
                # All commit files are whole, so it can only be a checkpoint, which holds nothing of its own.
                set_checkpoints_aside(self.root, self.version)
                self._delta = DeltaTable(str(self.root), version=self.version)
        return self._delta

    def _acknowledge(self) -> None:
        # Without the note a torn file is only judged more leniently, so a failure here must not undo a durable commit.
        with suppress(OSError):
            commits.acknowledge(self.root, self.version, self.seal)

    def _checkpoint(self) -> None:
        """Checkpoints only spare reading commit files: one that cannot be written is left out."""
        checkpoint = layout.checkpoint_file(self.root, self.version)
        try:
            self._state().create_checkpoint()
            sync_file(checkpoint)
            sync_file(layout.last_checkpoint_file(self.root))
            sync_folder(self.root / layout.DELTA_LOG)
            # A reader that began a moment ago may still need one before this; nobody needs those of long ago.
            remove(layout.checkpoint_file(self.root, self.version - 3 * layout.CHECKPOINT_INTERVAL))
        except (OSError, DeltaError):
            with suppress(OSError):
                remove(checkpoint)


def _live_file(root: Path, action: dict[str, Any]) -> LiveFile:
    def bounds(column: str) -> Any:
        low, high = action.get(f"min.{column}"), action.get(f"max.{column}")
        return None if low is None or high is None else (low, high)

    return LiveFile(
        root / action["path"],
        action["size_bytes"],
        action["num_records"],
        bounds("event"),
        bounds("operation"),
        bounds("position"),
        bounds("patient"),
    )


def _no_store(root: Path) -> StoreError:
    if not root.exists():
        return StoreError(f"{root}: there is no store here.", hint=f"Create one: timeline create {root}")
    return StoreError(
        f"{root}: this is not a store of clinical timelines.",
        hint="Give the folder that `timeline create` made, or create one in a new folder.",
    )
