"""`timeline repl`: a prompt on a store."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from timeline.commands.base import Command


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("query", type=Path, nargs="?", metavar="QUERY", help="a query file to start with")
    parser.add_argument("--no-pager", action="store_true", help="print long results at once")


def _run(options: argparse.Namespace) -> int:
    from timeline.repl.loop import lenient_streams, piped, prompting
    from timeline.repl.shell import Shell

    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    shell = Shell(options.store, options.query, interactive=interactive, paging=not options.no_pager)
    lenient_streams()
    if not interactive or not options.store.is_dir():
        shell.open()
    try:
        return prompting(shell) if interactive else piped(shell, sys.stdin)
    finally:
        shell.close()


COMMAND = Command(
    "repl",
    "Define and ask at a prompt",
    "Statements and expressions of the language run as soon as they are complete, and a redefinition runs again what "
    "rests on it. Commands start with a dot: .help lists them. Without a terminal it runs what comes through the pipe; "
    "the exit code is then that of the first entry that failed.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n  timeline repl trial queries/m1.tql",
    _arguments,
    _run,
)
