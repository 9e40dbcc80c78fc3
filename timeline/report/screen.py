"""The terminal that a person sits at, or what stands in for it: colour, width, and the progress of long work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def colour(stream: object) -> bool:
    is_terminal = getattr(stream, "isatty", lambda: False)()
    return bool(is_terminal) and "NO_COLOR" not in os.environ


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
