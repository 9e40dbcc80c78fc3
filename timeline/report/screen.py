"""The terminal that a person sits at, or what stands in for it: colour, width, and the progress of long work."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def colour(stream: object) -> bool:
    is_terminal = getattr(stream, "isatty", lambda: False)()
    return bool(is_terminal) and "NO_COLOR" not in os.environ


def folded(text: str, width: int) -> str:
    """A message with its long lines folded between words; source, and the caret below it, stay as they are."""
    return "\n".join(_folded(line, width) for line in text.splitlines())


def _folded(line: str, width: int) -> str:
    plain = _plain(line)
    if _SOURCE.search(plain):
        return line
    indent = " " * (len(plain) - len(plain.lstrip()) + 4)
    lines = [""]
    for number, word in enumerate(line.split(" ")):
        longer = f"{lines[-1]} {word}" if number else word
        if len(_plain(longer)) <= width or not _plain(lines[-1]).strip():
            lines[-1] = longer
        else:
            lines.append(f"{indent}{word}")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """What is seen of a text with colours."""
    return _COLOUR.sub("", text)


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SOURCE = re.compile(r"^ *\d* *(\||-->)")
"""A line that shows where in a text an error is."""


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tells on a terminal what is being done, and leaves nothing behind."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda words: status.update(words)


def console() -> Console:
    """Standard output: as wide as the terminal, or 120 columns where it is none."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120
    return Console(width=width, highlight=False, soft_wrap=False)
