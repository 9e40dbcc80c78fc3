"""A file into a log: opened, read, checked, recorded in one commit, known again by its content.

This module puts the readers, the shapes and the log together; each of them says in its own docstring what it does.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pyarrow as pa

from dsl.catalog import Catalog
from timeline.errors import IngestError
from timeline.events import Precision
from timeline.ingest.csv import DelimitedFile
from timeline.ingest.known import SHOWN, Comparison, compare, only_new
from timeline.ingest.long import LongForm
from timeline.ingest.mapped import MappedForm
from timeline.ingest.mapping import FileMapping, read_mapping
from timeline.ingest.pages import Page, Shape, Shaped, Source
from timeline.ingest.parquet import MAGIC, ParquetSource
from timeline.ingest.rejects import Rejects
from timeline.log import Commit, Log
from timeline.log.admit import Admitted, Door
from timeline.log.append import Overtaken
from timeline.log.durable import file_hash
from timeline.log.masks import Mask
from timeline.log.problems import Problems
from timeline.log.rows import as_read
from timeline.log.texts import by_word, coded

STANDARD_INPUT: Final = "-"
"""The path that stands for standard input."""

Progress = Callable[[int, float], None]
"""Told how many events have been read, and how much of the file, from 0 to 1."""


@dataclass
class Imported:
    """What became of an import.

    `commit` is None where every event of the file was known from an earlier import, or every row was rejected;
    `commit.repeated` says that this very file had been imported before. `known` events were not recorded again. `gone`
    are the ids of events of earlier imports that the file does not have any more. `imputed` events have a start or an
    end of which only the month or the year is known. `without_event` are the first lines of those `empty` rows that
    gave no event.
    """

    commit: Commit | None = None
    rows: int = 0
    rejected: int = 0
    imputed: int = 0
    empty: int = 0
    without_event: list[int] = field(default_factory=list)
    known: int = 0
    gone: tuple[str, ...] = ()
    earlier: tuple[Commit, ...] = ()


class _NothingNew(Exception):
    """Every event of the file is in the log, or every row was rejected."""


def import_file(
    log: Log,
    path: str | Path,
    *,
    mapping: str | Path | None = None,
    rejects: str | Path | None = None,
    new: bool = False,
    name: str | None = None,
    batch: str | None = None,
    recorded_by: str | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Records the events of a CSV, TSV or Parquet file, in long form or as a mapping file says; `-` is standard input.

    A file that the log holds already is told so. Of a file with the name (or batch) of an earlier import but other
    content, only the events that are new are recorded; where the earlier one had events that are not in it any more,
    nothing is, unless `new` asks for the new ones all the same. Where another process records such a file meanwhile,
    this one is read and compared once more. With `rejects`, rows that do not fit are written there and the others are
    recorded.

    Raises IngestError, with nothing written, where the file or the mapping cannot be read or a row does not fit.
    """
    with ExitStack() as stack:
        path, name = stack.enter_context(_at_hand(path, name))
        catalog = log.catalog
        read = read_mapping(Path(mapping), catalog) if mapping is not None else None
        source = open_file(path, name, read.separator if read is not None else None)
        shape, content = _shape(source, read, Door(catalog)), _content(path, read)

        def attempt(sifting: Rejects | None) -> Imported:
            found = Imported()
            comparison, compared = compare(log, name, batch)

            def events() -> Iterator[Admitted]:
                """Read only once the log has said that it does not hold this very file."""
                read_events = _events(source, shape, sifting, found)
                if comparison.commits:
                    read_events = _new_events(log, read_events, comparison, name, new)
                any_event = False
                for table in read_events:
                    any_event = any_event or table.num_rows > 0
                    yield Admitted(table, catalog)
                if not any_event and (comparison.commits or sifting is not None):
                    raise _NothingNew

            with suppress(_NothingNew):
                found.commit = log.append(
                    events(),
                    source=name,
                    recorded_by=recorded_by,
                    batch=_next_batch(batch, comparison.commits),
                    content=content,
                    progress=None if progress is None else lambda count: progress(count, source.fraction),
                    compared=compared,
                )
            if sifting is not None and (found.commit is None or not found.commit.repeated):
                found.rejected = sifting.count
                sifting.keep()
            found.known, found.gone, found.earlier = comparison.known, tuple(comparison.gone), comparison.commits
            return found

        while True:
            with suppress(Overtaken), ExitStack() as opened:
                sifting = Rejects(Path(rejects), source.columns) if rejects is not None else None
                return attempt(opened.enter_context(sifting) if sifting is not None else None)


def read_events(path: str | Path, catalog: Catalog, mapping: str | Path | None = None) -> pa.Table:
    """All events of a file in the columns of `timeline.events.clinical_schema`, without recording them.

    The line or row that each was read from is part of its source, as `visits.csv:5`.

    Raises IngestError with every problem of the file, by line and column.
    """
    path = Path(path)
    read = read_mapping(Path(mapping), catalog) if mapping is not None else None
    with _plain_errors(path):
        source = open_file(path, path.name, read.separator if read is not None else None)
        return as_read(pa.concat_tables(_events(source, _shape(source, read, Door(catalog)), None, Imported())))


def open_file(path: Path, name: str, separator: str | None = None) -> Source:
    """A file opened by what it is, whatever its name says."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start == MAGIC:
        return ParquetSource(path, name)
    return DelimitedFile(lambda: path.open("rb"), name, path.stat().st_size, separator)


def _shape(source: Source, mapping: FileMapping | None, door: Door) -> Shape:
    return LongForm(source, door) if mapping is None else MappedForm(source, mapping, door)


def _events(source: Source, shape: Shape, rejects: Rejects | None, found: Imported) -> Iterator[pa.Table]:
    """The events of a file in parts. Nothing more is given out after the first problem; all are raised at the end."""
    problems = Problems()
    any_event = False
    for page in source.pages():
        for taken, shaped in _taken(page, shape, rejects, problems):
            _count(taken, shaped, found)
            any_event = any_event or shaped.events.num_rows > 0
            if not problems.count and shaped.events.num_rows:
                yield shaped.events
    if problems.count:
        # One cell of a row that gives several events is one problem.
        kept = list(dict.fromkeys(problems.kept))
        problems.count -= len(problems.kept) - len(kept)
        problems.kept = kept
    problems.raise_if_any(source.name)
    if not any_event and (rejects is None or not rejects.count):
        what = "there is a header but no event below it" if not found.rows else "no row of it gives an event"
        raise IngestError(f"{source.name}: {what}, so nothing was written.")


def _taken(page: Page, shape: Shape, rejects: Rejects | None, problems: Problems) -> Iterator[tuple[Page, Shaped]]:
    if rejects is not None:
        yield from rejects.sifted(page, shape)
        return
    problems.add([ragged.problem for ragged in page.ragged], len(page.ragged))
    yield page, shape.events(page, problems)


def _count(page: Page, shaped: Shaped, found: Imported) -> None:
    found.rows += page.rows
    gave_none = np.ones(page.rows, dtype=bool)
    gave_none[shaped.rows] = False
    empty = np.flatnonzero(gave_none)
    found.empty += len(empty)
    found.without_event += page.numbers[empty[: max(0, SHOWN - len(found.without_event))]].tolist()
    found.imputed += int(np.count_nonzero(_partial(shaped.events, "start") | _partial(shaped.events, "end")))


def _partial(events: pa.Table, date: str) -> Mask:
    precision = coded(events[f"{date}_precision"])
    return by_word(precision, [word != Precision.DAY for word in precision.dictionary.to_pylist()])


def _new_events(
    log: Log, events: Iterator[pa.Table], comparison: Comparison, name: str, wanted: bool
) -> Iterator[pa.Table]:
    """The events that are new, unless some are gone: then what is gone has to be looked at first."""
    for table in only_new(log, events, comparison):
        if comparison.gone and not wanted:
            continue
        yield table
    if comparison.gone and not wanted:
        earlier = comparison.commits[-1]
        shown = ", ".join(comparison.gone[:SHOWN])
        more = f" and {len(comparison.gone) - SHOWN:,} more" if len(comparison.gone) > SHOWN else ""
        raise IngestError(
            f"{name}: a file of this name was imported before (commit {earlier.version} of"
            f" {earlier.recorded_at:%Y-%m-%d %H:%M} UTC), and {len(comparison.gone):,} of its events are not in this"
            f" one any more: {shown}{more}. {comparison.known:,} events are as before and {comparison.new:,} are new."
            " Nothing was written.",
            hint="Where events were corrected, amend or retract the old ones. --new records the new ones and leaves "
            "the old ones as they are; another name (--name) tells that this is another file.",
        )


def _next_batch(batch: str | None, earlier: tuple[Commit, ...]) -> str | None:
    """What is new of a batch is a batch of its own, numbered after the first: `visits`, `visits (2)`."""
    return f"{batch} ({len(earlier) + 1})" if batch is not None and earlier else batch


def _content(path: Path, mapping: FileMapping | None) -> str:
    """What the import is known again by: the file, and the mapping that it was read with."""
    content = file_hash(path)
    return content if mapping is None else hashlib.sha256(f"{content}\n{mapping.text}".encode()).hexdigest()


@contextmanager
def _at_hand(path: str | Path, name: str | None) -> Iterator[tuple[Path, str]]:
    """A file that can be read more than once, and what it is called: standard input is copied to one first."""
    if str(path) != STANDARD_INPUT:
        with _plain_errors(Path(path)):
            yield Path(path), name or Path(path).name
        return
    with TemporaryDirectory(prefix="timeline-") as folder:
        copy = Path(folder) / "stdin"
        with copy.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield copy, name or "stdin"


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise IngestError(f"{path}: the file cannot be read: {error.strerror}.") from error
