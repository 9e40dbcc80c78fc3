"""`timeline export`: what a study defines, as files for other programs; or whether such a file still holds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timeline.commands.base import FAILED, Command, load_query, open_log, progress, stoppable
from timeline.errors import ExportError, QueryError

if TYPE_CHECKING:
    from timeline.export.dataset import Dataset
    from timeline.export.output import Written

FORMATS: Final = ("parquet", "csv", "arrow", "xpt", "dataset-json")
MEMORY: Final = "1GB"
"""What the engine takes by default: beyond it, it works on the disk."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", type=Path, metavar="QUERY", nargs="?", help="a query file")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="cohorts, endpoints, table1 (the first table of the study), events (default: all but the events)",
    )
    parser.add_argument("--store", type=Path, metavar="STORE", required=True)
    parser.add_argument(
        "-o", "--out", metavar="OUT", help="a file for one name, a folder for several; - is standard output"
    )
    parser.add_argument("--format", choices=FORMATS, help="default: as the ending of OUT says, else parquet")
    parser.add_argument("--in", dest="cohort", metavar="COHORT", help="only members of a cohort")
    parser.add_argument(
        "--with", dest="beside", action="append", default=[], metavar="NAME", help="a let as one more column"
    )
    parser.add_argument("--study-id", metavar="ID", help="STUDYID (default: the name of the query file)")
    parser.add_argument("--rows-per-file", type=int, metavar="N", help="write folders with files of N rows")
    parser.add_argument("--force", action="store_true", help="replace what is there")
    parser.add_argument("--memory", default=MEMORY, metavar="SIZE", help="for the engine (default: %(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")
    parser.add_argument("--verify", type=Path, metavar="FILE", help="compare an exported file with its store")


def _run(options: argparse.Namespace) -> int:
    with stoppable():
        return _verify(options) if options.verify is not None else _export(options)


def _verify(options: argparse.Namespace) -> int:
    if options.query is not None or options.out is not None:
        raise QueryError(
            "error: --verify takes a file and a store, nothing else.", hint="The file has its query in it."
        )
    from timeline.export.checking import verify_export

    log = open_log(options.store)
    with progress() as report:
        report("computing it again")
        found = verify_export(options.verify, log, options.memory)
    place = f"position {found.recorded.position:,} of {options.store}"
    if found.difference is not None:
        print(f"{options.verify} is NOT what {place} gives; the first difference is:\n  {found.difference}")
        return FAILED
    print(f"{options.verify} is what {place} gives: {found.rows:,} rows")
    return 0


def _export(options: argparse.Namespace) -> int:
    if options.query is None or options.out is None:
        raise QueryError(
            "error: an export needs a query and -o OUT.", hint="timeline export QUERY NAME --store S -o OUT"
        )
    if options.rows_per_file is not None and options.rows_per_file < 1:
        raise QueryError(f"error: --rows-per-file {options.rows_per_file}: a file has at least one row.")
    log = open_log(options.store)
    checked = load_query(options.query, options.set, log)
    with progress() as report:
        report("computing what is exported")
        from timeline.engine.duckdb import DuckDBEngine
        from timeline.export.export import Source, Wanted, datasets
        from timeline.export.output import write_file, write_folder, write_stream
        from timeline.export.selection import items
        from timeline.export.writers import format_of

        out = Path(options.out)
        to_stream = options.out == "-"
        format = format_of(out, options.format or ("csv" if to_stream else None))
        chosen = items(checked.program, options.names, str(options.query))
        as_folder = len(chosen) > 1 or not options.names or options.rows_per_file is not None
        _require_fitting(options, format.streams, format.name, as_folder, to_stream)
        wanted = Wanted(tuple(options.names), options.cohort, tuple(options.beside), options.study_id)
        snapshot = log.snapshot(known_by=checked.program.known_by)
        with DuckDBEngine(snapshot, memory_limit=options.memory) as engine:
            source = Source(checked, str(log.path), snapshot, engine)
            found = datasets(source, wanted)
            report("writing")
            if to_stream:
                write_stream(source, wanted, found[0], format, sys.stdout.buffer)
                written: list[Written] = []
            elif as_folder:
                rows, force = options.rows_per_file, options.force
                written = write_folder(source, wanted, found, format, out, rows_per_file=rows, force=force)
            else:
                written = [write_file(source, wanted, found[0], format, out, force=options.force)]
    for line in _what_was_written(written):
        print(line)
    for warning in _warnings(found, to_stream):
        print(f"warning: {warning}", file=sys.stderr)
    return 0


def _require_fitting(options: argparse.Namespace, streams: bool, format: str, as_folder: bool, stream: bool) -> None:
    """Raises where the place and the format do not go together."""
    if (stream or options.rows_per_file is not None) and not streams:
        way = "to standard output" if stream else "in parts"
        raise QueryError(f"error: {format} cannot be written {way}.", hint="hint: parquet, arrow and csv can")
    if stream and as_folder:
        raise QueryError("error: several files do not fit into standard output.", hint="hint: name one thing to export")
    if as_folder and Path(options.out).suffix in (".parquet", ".csv", ".arrow", ".feather", ".xpt", ".json"):
        raise ExportError(f"{options.out} is the name of a file, and a folder is needed.", hint="Name a folder.")


def _what_was_written(written: Iterable[Written]) -> Iterable[str]:
    for item in written:
        rows = "1 row" if item.dataset.rows == 1 else f"{item.dataset.rows:,} rows"
        yield f"wrote {item.path}: {rows}"
        if item.companion is not None:
            yield f"wrote {item.companion}: {_left_out(item.dataset)}"


def _left_out(dataset: Dataset) -> str:
    count = sum(dataset.left_out.values())
    patients = "1 patient" if count == 1 else f"{count:,} patients"
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in dataset.left_out.items())
    return f"{patients} without a time ({reasons})"


def _warnings(found: Iterable[Dataset], stream: bool) -> Iterable[str]:
    for dataset in found:
        if not dataset.rows:
            yield f"{dataset.name} has no rows"
        if dataset.companion is not None and stream:
            yield f"{dataset.name}: {_left_out(dataset)} are not in the stream"
        if dataset.companion is None:
            for what, count in dataset.left_out.items():
                yield f"{dataset.name}: without {count:,} {what}"


COMMAND = Command(
    "export",
    "Write cohorts, endpoints, Table 1 values or events to files",
    "Endpoints are CDISC ADaM time-to-event rows; patients without a time are in a file beside them. Every file says "
    "from which query and which state of the store it came, and --verify compares it with that. Rows are of single "
    "patients, and nothing is hidden in them: what may be released is for `run --suppress-below`. docs/export.md has "
    "the columns.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline export queries/m1.tql rfs --store trial -o rfs.parquet\n"
    "  timeline export --verify rfs.parquet --store trial",
    _arguments,
    _run,
)
