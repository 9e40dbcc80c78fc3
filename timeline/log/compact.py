"""Small files merged into larger ones, so that queries stay fast however many small batches arrive.

Entries, positions, ids and the hash chain stay as they are: a merge removes files from the table and adds others with
the same rows. What it removes is named before it begins and checked again in the commit, so that an append in between
is neither lost nor doubled. By itself the log merges files of a size, so that each row is rewritten a few times in its
life; asked to compact, it leaves each event type with one small file at most.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from timeline.events import Operation
from timeline.log import layout
from timeline.log.durable import plain_errors, remove, try_lock
from timeline.log.record import Record
from timeline.log.serial import commit_serially, refuse_torn
from timeline.log.table import Change, LiveFile, Table
from timeline.log.write import NewFile, delete, write_mixed

SMALL: Final = 100_000
"""Rows below which a file is worth merging."""

TYPED: Final = 20_000
"""Rows from which a merge of several event types gives one file for each of them."""

EVERY: Final = 8
"""Versions from one look at the small files to the next: about as many tails wait to be merged at any time."""

_LEAST: Final = 4
_GROWTH: Final = 32
_MOST: Final = 500_000
_SWEEP_EVERY: Final = 256
_KEPT_SECONDS: Final = 24 * 60 * 60


class Kind(NamedTuple):
    """What the rows of a file have in common: one event type, corrections only, or nothing."""

    name: str
    event: str = ""


MIXED: Final = Kind("mixed")
CORRECTIONS: Final = Kind("corrections")


class Outdated(Exception):
    """A file that was to be merged is not in the table any more."""


def compact(table: Table) -> tuple[int, int]:
    """Merges all small files; gives the number of data files before and after."""
    before = len(_files(table))
    while _merge_all(table):
        pass
    _sweep(table)
    return before, len(_files(table))


def compact_if_due(table: Table) -> None:
    """Merges where enough small files have piled up, unless another process is at it."""
    if table.version % EVERY:
        return
    with try_lock(layout.compaction_lock_file(table.root)) as alone:
        if not alone:
            return
        for kind, files in _groups(_files(table)).items():
            if chosen := _worthwhile(files):
                typed = kind != MIXED or sum(file.rows for file in chosen) >= TYPED
                with suppress(Outdated):
                    _merge(table, chosen, typed)
        if table.version % _SWEEP_EVERY < EVERY:
            _sweep(table)


def _merge_all(table: Table) -> bool:
    """One merge for each kind of file; says whether there was anything to merge."""
    found = False
    for kind, files in _groups(_files(table)).items():
        # A file of several event types is split even when it is alone.
        if len(files) > 1 or kind == MIXED:
            found = True
            with suppress(Outdated):
                _merge(table, _bounded(files), typed=True)
    return found


def _groups(files: Iterable[LiveFile]) -> dict[Kind, list[LiveFile]]:
    """The small files by kind, the smallest first."""
    groups: dict[Kind, list[LiveFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.rows):
        if file.rows < SMALL:
            groups[_kind(file)].append(file)
    return groups


def _kind(file: LiveFile) -> Kind:
    if file.operations is not None and Operation.RECORD not in file.operations:
        return CORRECTIONS
    if file.events is not None and file.events[0] == file.events[1] and not file.has_corrections:
        return Kind("event", file.events[0])
    return MIXED


def _worthwhile(files: Sequence[LiveFile]) -> list[LiveFile]:
    """The smallest files, up to one that is much larger than those before it together; none if they are few.

    So a row is rewritten when its file has grown by a good part of itself: a few times in all.
    """
    chosen: list[LiveFile] = []
    rows = 0
    for file in files:
        if chosen and file.rows > _GROWTH * rows:
            break
        chosen.append(file)
        rows += file.rows
    return chosen if len(chosen) >= _LEAST else []


def _bounded(files: Sequence[LiveFile]) -> list[LiveFile]:
    """As many of the files as are merged in memory at once; two at least, since small ones always fit."""
    chosen: list[LiveFile] = []
    rows = 0
    for file in files:
        rows += file.rows
        if rows > _MOST:
            break
        chosen.append(file)
    return chosen


def _merge(table: Table, chosen: Sequence[LiveFile], typed: bool) -> None:
    refuse_torn(table, "compaction")
    with plain_errors(table.root, "compaction"):
        rows = _rows(chosen)
        added = _write(table, rows, typed)
        for file in chosen:
            # A file is deleted a day after it was replaced, which its time of change will tell.
            os.utime(file.path)

    def prepare(last: Record) -> tuple[Record, Change]:
        live = {file.path for file in table.files()}
        if not all(file.path in live for file in chosen):
            raise Outdated
        return last, Change(add=added, remove=chosen, compaction=True)

    try:
        commit_serially(table, "compaction", prepare)
    except BaseException:
        table.discard(added)
        raise


def _rows(files: Sequence[LiveFile]) -> pa.Table:
    """The rows of the files by event type, patient and position, with all columns that any of the files has."""
    parts = [pq.ParquetFile(file.path).read(use_threads=False) for file in files]
    order = [("event", "ascending"), ("patient", "ascending"), ("position", "ascending")]
    return pa.concat_tables(parts, promote_options="default").sort_by(order)


def _write(table: Table, rows: pa.Table, typed: bool) -> list[NewFile]:
    recorded = pc.equal(rows["operation"], Operation.RECORD.value)
    parts = {"corrections": rows.filter(pc.invert(recorded))}
    records = rows.filter(recorded)
    if typed:
        events = records["event"].unique().to_pylist()
        parts.update({event: records.filter(pc.equal(records["event"], event)) for event in events})
    else:
        parts["merged"] = records
    written: list[NewFile] = []
    try:
        for label, part in parts.items():
            if part.num_rows:
                written.append(write_mixed(table.root, part, label))
    except BaseException:
        delete(table.root, written)
        raise
    return written


def _files(table: Table) -> list[LiveFile]:
    table.refresh()
    return table.files()


def _sweep(table: Table) -> None:
    """Deletes files that nobody can need any more: replaced, or left by a writer that died, more than a day ago."""
    live = {file.path.name for file in _files(table)}
    unseen = (table.root / layout.CONTROL).glob("commit-*")
    for path in (*(table.root / layout.DATA).iterdir(), *unseen):
        with suppress(FileNotFoundError):
            if path.name not in live and path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                remove(path)
