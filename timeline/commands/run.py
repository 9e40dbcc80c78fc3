"""`timeline run`: a study on a store, held against what was published."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import FAILED, Command, console, load_query, open_log, progress
from timeline.errors import StudyError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", type=Path, metavar="QUERY", help="a query file")
    parser.add_argument("--store", type=Path, metavar="STORE", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")
    parser.add_argument("--tables", type=Path, metavar="DIR", help="write the study's tables to a folder, as CSV")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results to a file")


def _run(options: argparse.Namespace) -> int:
    log = open_log(options.store)
    checked = load_query(options.query, options.set, log)
    with progress() as report:
        report("loading the statistics")
        from timeline.report.terminal import print_study
        from timeline.study.run import run_study

        result = run_study(checked, log, report)
    if options.json is not None:
        from timeline.report.json import write_json

        write_json(result, options.json)
    if options.tables is not None:
        from timeline.report.tables import write_tables

        write_tables(result, options.tables)
    print_study(result, console())
    if result.failed:
        return StudyError.exit_code
    return 0 if result.reproduced else FAILED


COMMAND = Command(
    "run",
    "Run a study on a store and compare it with what was published",
    "The exit code is 0 only if every expectation holds, 1 if one does not, and 7 if an analysis could not be done.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline run queries/m1.tql --store trial",
    _arguments,
    _run,
)
