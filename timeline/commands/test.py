"""`timeline test`: the tests that stand in query files, without a store."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from timeline.commands.base import FAILED, Command, colour, load_query
from timeline.errors import TimelineError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("queries", type=Path, nargs="+", metavar="QUERY", help="query files with tests in them")
    parser.add_argument(
        "-k", dest="wanted", default="", metavar="WORDS", help="only tests with these words in the title"
    )
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")


def _run(options: argparse.Namespace) -> int:
    from dsl.diagnostics import listing
    from timeline.report.testing import lines, summary
    from timeline.study.testing import run_tests

    results, titles = [], []
    for query in options.queries:
        checked = load_query(query, options.set)
        titles += [test.title for test in checked.program.tests]
        if not checked.program.tests:
            print(f"{query} has no test")
        found = run_tests(checked, options.wanted)
        results += found
        for result in found:
            print("\n".join(lines(result, colour=colour(sys.stdout))))
    if options.wanted and not results:
        hint = f"The tests are {listing(titles)}." if titles else "There is no test in these files."
        raise TimelineError(f"No test has “{options.wanted}” in its title.", hint=hint)
    print(summary(results))
    return 0 if all(result.passes for result in results) else FAILED


COMMAND = Command(
    "test",
    "Run the tests that stand in query files",
    "Each test is one patient with the events given; no store is needed. The exit code is 1 if one fails.",
    "  timeline test queries/m1.tql\n  timeline test queries/m1.tql -k 'radical'",
    _arguments,
    _run,
)
