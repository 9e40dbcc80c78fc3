"""`timeline fmt`: queries in canonical layout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from timeline.commands import texts
from timeline.commands.base import FAILED, Command, colour
from timeline.errors import QueryError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="query files; - is standard input")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not in canonical layout")
    parser.add_argument("--diff", action="store_true", help="write nothing; print what would change")


def _run(options: argparse.Namespace) -> int:
    refused = changed = 0
    for file in options.files:
        try:
            changed += _format(file, check=options.check, diff=options.diff)
        except QueryError as error:
            refused += 1
            print(error, file=sys.stderr)
    if refused:
        return QueryError.exit_code
    return FAILED if changed and options.check else 0


def _format(file: str, *, check: bool, diff: bool) -> bool:
    """Format one file; whether it was in another layout. Raises QueryError, and then leaves the file as it is."""
    from dsl.diagnostics import LanguageError
    from dsl.format import format_text

    source = texts.read(file)
    try:
        text = format_text(source)
    except LanguageError as error:
        raise QueryError(texts.shown(error.diagnostics, colour=colour(sys.stderr))) from None
    streamed = file == texts.STANDARD_INPUT
    changed = source.text != text if streamed else Path(file).read_bytes() != text.encode("utf-8")
    if diff:
        _print_diff(source.name, source.text, text)
    elif check:
        if changed:
            print(f"{source.name} is not in canonical layout")
    elif streamed:
        print(text, end="")
    elif changed:
        texts.replace(Path(file), text)
        print(f"{file} was laid out anew")
    return changed


def _print_diff(name: str, before: str, after: str) -> None:
    from difflib import unified_diff

    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in unified_diff(*lines, fromfile=name, tofile=f"{name} (canonical)"):
        print(line.rstrip("\r\n"))


COMMAND = Command(
    "fmt",
    "Lay queries out in the canonical way",
    "Comments are kept, and what a query means. A file with a syntax error is left as it is.",
    "  timeline fmt --check queries/endpoints/os.tql",
    _arguments,
    _run,
)
