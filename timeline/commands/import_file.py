"""`timeline import`: the events of a file into a store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.commands.base import FAILED, Command, open_log

if TYPE_CHECKING:
    from timeline.ingest import Imported


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("file", metavar="FILE", help="a CSV, TSV or Parquet file; - reads standard input")
    parser.add_argument("--mapping", type=Path, metavar="MAP.toml", help="which columns become which events")
    parser.add_argument(
        "--rejects", type=Path, metavar="BAD.csv", help="record the rows that fit, and write the others here, with why"
    )
    parser.add_argument(
        "--new", action="store_true", help="of a file that changed, record what is new and leave what is gone as it is"
    )
    parser.add_argument("--name", metavar="NAME", help="what the file is called in the log (default: its own name)")
    parser.add_argument("--batch", metavar="NAME", help="a name for the batch; a batch is recorded once")
    parser.add_argument("--by", metavar="NAME", help="who records it (default: the system's user)")


def _run(options: argparse.Namespace) -> int:
    from timeline.ingest import import_file

    log = open_log(options.store)
    with _progress() as report:
        found = import_file(
            log,
            options.file,
            mapping=options.mapping,
            rejects=options.rejects,
            new=options.new,
            name=options.name,
            batch=options.batch,
            recorded_by=options.by,
            progress=report,
        )
    print(_what_was_recorded(found, options.file, options.store))
    for note in _notes(found, options.rejects):
        print(note)
    return FAILED if found.rejected else 0


def _what_was_recorded(found: Imported, file: str, store: Path) -> str:
    commit = found.commit
    if commit is None:
        why = "no row of it fits" if found.rejected else f"all {found.known:,} events of {file} are in the log already"
        return f"nothing recorded: {why}"
    if commit.repeated:
        when = f"{commit.recorded_at:%Y-%m-%d %H:%M} UTC"
        return f"nothing to do: {file} is in the log already, as commit {commit.version} of {when} ({commit.source})"
    what = "1 event" if commit.rows == 1 else f"{commit.rows:,} events"
    where = f"positions {commit.first:,} to {commit.position:,}"
    return f"recorded {what} at {where} of {store}, as commit {commit.version}"


def _notes(found: Imported, rejects: Path | None) -> Iterator[str]:
    """What a person should know besides: nothing that was left out or filled in goes without a word."""
    if found.earlier and found.commit is not None and not found.commit.repeated:
        commits = ", ".join(str(commit.version) for commit in found.earlier)
        yield f"known from an earlier import (commit {commits}) and not recorded again: {found.known:,}"
    if found.gone:
        yield f"in the earlier import and not in this file: {len(found.gone):,} ({_some(found.gone)})"
    if found.imputed:
        yield f"with a start or end of which only the month or the year is known: {found.imputed:,}"
    if found.empty:
        lines = _some([str(number) for number in found.without_event], found.empty)
        yield f"rows that gave no event: {found.empty:,} of {found.rows:,} (at {lines})"
    if found.rejected:
        yield f"rejected rows: {found.rejected:,}, written with their reasons to {rejects}"


def _some(items: tuple[str, ...] | list[str], count: int | None = None) -> str:
    shown = items[:5]
    more = (len(items) if count is None else count) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


@contextmanager
def _progress() -> Iterator[Callable[[int, float], None] | None]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("reading"), BarColumn(), TextColumn("{task.fields[events]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=1.0, events="")
        yield lambda events, done: bar.update(task, completed=done, events=f"{events:,} events")


COMMAND = Command(
    "import",
    "Record the events of a file in a store",
    "All rows are checked against the declarations first; one bad row, and nothing is written, unless --rejects\n"
    "names a file for the bad ones (the exit code then is 1). Without --mapping, a row is an event, with the columns\n"
    "patient, event, start, end and one for each attribute. docs/import.md describes mapping files.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv",
    _arguments,
    _run,
)
