"""`timeline log`: what was recorded, in the order in which it was recorded."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import Command, open_log
from timeline.errors import TimelineError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("--patient", metavar="PATIENT", help="entries of one patient")
    parser.add_argument("--since", type=int, default=1, metavar="POSITION", help="entries from a position on")
    parser.add_argument(
        "--commits", action="store_true", help="commits in place of entries, with the hash chain's heads"
    )


def _run(options: argparse.Namespace) -> int:
    from timeline.report.history import commit_line, entry_lines
    from timeline.report.words import one_line

    log = open_log(options.store)
    if options.commits:
        for commit in log.commits():
            if commit.position >= options.since or commit.rows == 0:
                print(commit_line(commit))
        return 0
    if options.since < 1:
        raise TimelineError(f"--since {options.since}: positions count from 1.")
    entries = log.entries(patient=options.patient, since=options.since)
    if options.patient is not None and not entries.num_rows:
        raise TimelineError(f"{options.store} has no entry of a patient {one_line(options.patient)} from there on.")
    catalog = log.catalog
    for batch in entries.to_batches(max_chunksize=10_000):
        for line in entry_lines(batch.to_pylist(), catalog):
            print(line)
    return 0


COMMAND = Command(
    "log",
    "Print the log as it was recorded",
    "One line an entry: position, time, person, what was done, the event, why, and where it came from.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline log trial --patient M1-SYN-001",
    _arguments,
    _run,
)
