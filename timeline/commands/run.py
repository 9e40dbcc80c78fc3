"""`timeline run`: a study on a store, held against what was published."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import FAILED, Command, console, load_query, open_log, progress
from timeline.commands.suppression import add_suppression, redacted
from timeline.errors import QueryError, StudyError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", type=Path, metavar="QUERY", help="a query file")
    parser.add_argument("--store", type=Path, metavar="STORE", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")
    parser.add_argument("--at", type=int, metavar="POSITION", help="read the log as it was after this many entries")
    parser.add_argument("--tables", type=Path, metavar="DIR", help="write the study's tables to a folder, as CSV")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results to a file")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write a report: one HTML file that needs no network"
    )
    parser.add_argument("--patients", action="store_true", help="the report draws single patients, without their names")
    add_suppression(parser)


def _run(options: argparse.Namespace) -> int:
    if options.report is None and options.patients:
        raise QueryError("error: --patients says what a report shows.", hint="Add --report FILE.")
    if options.patients and options.suppress_below is not None:
        raise QueryError(
            "error: single patients cannot be drawn in a report that hides small numbers.",
            hint="Give --patients or --suppress-below, not both.",
        )
    log = open_log(options.store)
    checked = load_query(options.query, options.set, log)
    with progress() as report:
        report("loading the statistics")
        from timeline.report.terminal import print_study
        from timeline.study.run import run_study

        result = run_study(checked, log, report, at=options.at)
        found = redacted(result, options.suppress_below, report)
    if options.json is not None:
        from timeline.report.json import write_json

        write_json(found, options.json)
    if options.tables is not None:
        from timeline.report.tables import write_tables

        write_tables(found, options.tables)
    if options.report is not None:
        with progress() as report:
            report("drawing the report")
            from timeline.report.html.other_charts import MOST_LANES
            from timeline.report.html.page import write_report
            from timeline.report.html.run_facts import run_facts
            from timeline.study.histories import histories

            patients = histories(result, log, MOST_LANES) if options.patients else None
            write_report(found, checked, run_facts(), options.report, patients)
    print_study(found, console())
    if result.failed:
        return StudyError.exit_code
    return 0 if result.reproduced else FAILED


COMMAND = Command(
    "run",
    "Run a study on a store and compare it with what was published",
    "The exit code is 0 only if every expectation holds, 1 if one does not, and 7 if an analysis could not be done. "
    "The report holds definitions, attrition, figures, tables, published figures and provenance; it names no patient.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline run queries/m1.tql --store trial --report report.html",
    _arguments,
    _run,
)
