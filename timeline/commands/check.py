"""`timeline check`: all that is wrong with queries, without running them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timeline.commands import texts
from timeline.commands.base import FAILED, Command, colour, open_log
from timeline.errors import QueryError

if TYPE_CHECKING:
    from dsl.diagnostics import Diagnostic


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("queries", nargs="+", metavar="QUERY", help="query files; - is standard input")
    parser.add_argument("--store", type=Path, metavar="STORE", help="take the event types that a store declares too")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")
    parser.add_argument("--strict", action="store_true", help="fail on warnings too")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def _run(options: argparse.Namespace) -> int:
    import dsl
    from dsl.catalog import Catalog
    from timeline.library import Library

    given = texts.given(options.set)
    catalog = open_log(options.store).catalog if options.store is not None else Catalog()
    found: list[Diagnostic] = []
    unreadable = False
    for query in options.queries:
        try:
            source = texts.read(query)
        except QueryError as error:
            unreadable = True
            print(error, file=sys.stderr)
            continue
        checked = dsl.check(source, catalog, Library(), given)
        found.extend(diagnostic for diagnostic in checked.diagnostics if diagnostic not in found)
    if options.json:
        _print_json(found)
    elif found:
        print(texts.shown(found, colour=colour(sys.stdout)))
    elif not unreadable:
        print(f"{', '.join(options.queries)}: no errors, no warnings")
    if unreadable or any(diagnostic.is_error for diagnostic in found):
        return QueryError.exit_code
    return FAILED if found and options.strict else 0


def _print_json(found: Sequence[Diagnostic]) -> None:
    import json

    print(json.dumps([_as_json(diagnostic) for diagnostic in found], indent=2, ensure_ascii=False))


def _as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A finding as plain data; `end_line` and `end_column` are those of the first character behind it."""
    place: dict[str, Any] = dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    if diagnostic.span is not None:
        span = diagnostic.span
        end_line, end_column = span.source.position(span.end)
        place = {
            "file": span.source.name,
            "line": span.line,
            "column": span.column,
            "end_line": end_line,
            "end_column": end_column,
        }
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **place,
        "expected": diagnostic.expected,
        "hint": diagnostic.hint,
    }


COMMAND = Command(
    "check",
    "Tell all that is wrong with queries",
    "No store is needed. The exit code is 0 without errors and 2 with; with --strict it is 1 for warnings alone.",
    "  timeline check queries/m1.tql",
    _arguments,
    _run,
)
