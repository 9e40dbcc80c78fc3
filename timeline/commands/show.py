"""`timeline show`: one patient's history."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import Command, console, open_log
from timeline.errors import TimelineError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("patient", metavar="PATIENT")
    parser.add_argument("--all", action="store_true", help="every entry as recorded, corrections included")


def _run(options: argparse.Namespace) -> int:
    from timeline.log.rows import as_dictionaries
    from timeline.report.history import print_history
    from timeline.report.words import one_line

    log = open_log(options.store)
    events = as_dictionaries(log.history(options.patient, all=options.all))
    if not events:
        raise TimelineError(
            f"{options.store} has no event of a patient {one_line(options.patient)}.",
            hint="Patient ids are told apart by case.",
        )
    print_history(options.patient, events, log.catalog, console(), corrections=options.all)
    return 0


COMMAND = Command(
    "show",
    "Print one patient's history",
    "",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n  timeline show trial M1-SYN-001",
    _arguments,
    _run,
)
