"""What the commands share: how a command describes itself, how queries and stores are opened, and how things are told.

Imports are made where they are needed, so that `--help` and `check` load no database and no statistics.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.errors import QueryError
from timeline.report.screen import colour, console, progress

if TYPE_CHECKING:
    from dsl import Checked
    from dsl.diagnostics import Diagnostic
    from timeline.log import Log

FAILED = 1
"""The command ran, and what it checked does not hold."""


@dataclass(frozen=True)
class Command:
    """A subcommand: what it does in one line, more about it, and an example that runs in the project's folder."""

    name: str
    summary: str
    about: str
    example: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


@contextmanager
def stoppable() -> Iterator[None]:
    """A polite request to end (SIGTERM) does what Ctrl-C does, so that what is half done is cleared away."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def open_log(store: Path) -> Log:
    """The log of a store; what it has to say of its state is printed."""
    from timeline.log import Log

    log = Log.open(store)
    for notice in log.notices:
        print(f"note: {notice}", file=sys.stderr)
    return log


def load_query(path: Path, parameters: Sequence[str] = (), log: Log | None = None) -> Checked:
    """The checked query; its warnings are printed, and QueryError carries its errors."""
    import dsl
    from dsl.catalog import Catalog
    from timeline.library import Library, read_source

    given = {}
    for parameter in parameters:
        name, sign, value = parameter.partition("=")
        if not sign:
            hint = "Write --set NAME=VALUE, such as --set gap='42 days'."
            raise QueryError(f"--set {parameter}: found no `=`.", hint=hint)
        given[name.strip()] = value.strip()
    checked = dsl.check(read_source(path), log.catalog if log is not None else Catalog(), Library(), given)
    if checked.errors:
        raise QueryError(rendered(checked.diagnostics))
    if checked.diagnostics:
        print(rendered(checked.diagnostics), file=sys.stderr)
    return checked


def rendered(diagnostics: Sequence[Diagnostic]) -> str:
    """Diagnostics as text, with how many there are of each severity on the last line."""
    from dsl.diagnostics import render

    shown = "\n\n".join(render(diagnostic, colour=colour(sys.stderr)) for diagnostic in diagnostics)
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    counts = ((errors, "error"), (len(diagnostics) - errors, "warning"))
    words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return f"{shown}\n\n{', '.join(words)}"


__all__ = [
    "FAILED",
    "Command",
    "colour",
    "console",
    "load_query",
    "open_log",
    "progress",
    "rendered",
    "stoppable",
]
