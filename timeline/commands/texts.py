"""How the commands that work on query texts alone read and write them, and tell what is wrong with them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.errors import QueryError

if TYPE_CHECKING:
    from dsl.diagnostics import Diagnostic
    from dsl.source import Source

STANDARD_INPUT = "-"


def read(query: str) -> Source:
    """A query file, or standard input for `-`. Raises QueryError where it cannot be read as UTF-8 text."""
    from dsl.source import Source
    from timeline.library import read_source

    if query != STANDARD_INPUT:
        return read_source(Path(query))
    try:
        return Source(sys.stdin.buffer.read().decode("utf-8-sig"), "<standard input>")
    except UnicodeDecodeError as error:
        raise QueryError(f"standard input is not a text in UTF-8: byte {error.start} does not fit.") from None


def replace(file: Path, text: str) -> None:
    """Write a file anew, whole or not at all, with the permissions that it has. Raises QueryError."""
    target = file.resolve()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
        try:
            with os.fdopen(handle, "wb") as new:
                new.write(text.encode("utf-8"))
            shutil.copymode(target, name)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise QueryError(f"{file} cannot be written: {error.strerror}.") from None


def given(parameters: Sequence[str]) -> Mapping[str, str]:
    """Values of parameters by name, from `NAME=VALUE`. Raises QueryError where there is no `=`."""
    values = {}
    for parameter in parameters:
        name, sign, value = parameter.partition("=")
        if not sign:
            hint = "Write --set NAME=VALUE, such as --set gap='42 days'."
            raise QueryError(f"--set {parameter}: found no `=`.", hint=hint)
        values[name.strip()] = value.strip()
    return values


def shown(diagnostics: Sequence[Diagnostic], *, colour: bool) -> str:
    """Diagnostics as text, with how many there are of each severity on the last line."""
    from dsl.diagnostics import render

    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    counts = ((errors, "error"), (len(diagnostics) - errors, "warning"))
    words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return "\n\n".join([*(render(diagnostic, colour=colour) for diagnostic in diagnostics), ", ".join(words)])
