"""`timeline run`: a study on a store, held against what was published."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import FAILED, Command, console, load_query, open_log, progress


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", type=Path, metavar="QUERY", help="a query file")
    parser.add_argument("--store", type=Path, metavar="STORE", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")
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
    print_study(result, console())
    return 0 if result.reproduced else FAILED


COMMAND = Command(
    "run",
    "Run a study on a store and compare it with what was published",
    "The exit code is 0 only if every expectation holds, and 1 if one does not.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline run queries/m1.tql --store trial",
    _arguments,
    _run,
)
