"""Output longer than the terminal goes through the person's pager, and is left there with one key."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

USUAL: Final = "less -RFX"
"""With colours, and without a pager's screen where the text fits after all."""


def page(text: str, console: Console) -> None:
    """Print a text, a screen at a time where it is longer than one."""
    if text.count("\n") < console.size.height or not _paged(text):
        sys.stdout.write(text)
        sys.stdout.flush()


def _paged(text: str) -> bool:
    """Whether a pager showed the text."""
    command = shlex.split(os.environ.get("PAGER") or USUAL)
    try:
        pager = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, encoding=sys.stdout.encoding)
    except OSError:
        return False
    assert pager.stdin is not None
    with suppress(BrokenPipeError), pager.stdin as pipe:
        pipe.write(text)
    while True:
        with suppress(KeyboardInterrupt):  # meant for the pager, which has a use of its own for it
            pager.wait()
            return True
