"""When an entry is complete, and how a text without a terminal falls into entries. Reads syntax; runs nothing.

A statement or an expression runs when it could end where it ends. Those with parts on lines of their own (a cohort, an
endpoint, a test, a table of declarations) could always have one more: a single line runs, several wait for a blank one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

COMMAND = "."
_WORD = re.compile(r"[^\W\d]\w*")
_REMARK = re.compile(r'"(?:\\.|[^"\\\n])*"|(#[^\n]*)')
_LONG = ("cohort", "endpoint", "event", "test", "study", "rule", "table")
"""Statements that are written over several lines."""

_NEEDS = {"cohort": ("index", "from", "require", "exclude"), "endpoint": ("until", "like"), "test": ("expect",)}
"""A word without which a statement is not finished."""


def is_complete(text: str) -> bool:
    """Whether Enter runs the entry; else it starts a new line."""
    said = _without_remarks(text)
    if not said.strip() or said.lstrip().startswith(COMMAND):
        return True
    if not said.rpartition("\n")[2].strip():
        return True  # a blank line asks to run whatever there is
    if not _could_end(said):
        return False
    word = _first_word(said)
    lines = [line for line in said.splitlines() if line.strip()]
    needs = _NEEDS.get(word, ())
    if needs and not any(re.search(rf"\b{need}\b", said.split(None, 1)[-1]) for need in needs):
        return False
    return word not in _LONG or (len(lines) == 1 and (bool(needs) or word not in ("event", "test")))


def entries(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The entries of a text, each with the number of its first line, from 1.

    An indented line goes on with the entry above it, and so does any line while the entry could not end yet.
    """
    begun, kept = 1, ""
    for number, line in enumerate(lines, 1):
        starts = bool(line.strip()) and not line[0].isspace() and not line.startswith("#")
        if starts and kept.strip() and (kept.startswith(COMMAND) or line.startswith(COMMAND) or _ends(kept, line)):
            yield begun, kept
            begun, kept = number, ""
        kept += line if line.endswith("\n") else f"{line}\n"
    if kept.strip():
        yield begun, kept


def _ends(kept: str, line: str) -> bool:
    """Whether an entry has ended before a line that is not indented."""
    from dsl.advice.keywords import STATEMENTS

    said = _without_remarks(kept)
    if not said.strip():
        return False
    word = _WORD.match(line)
    return _could_end(said) or (word is not None and word[0] in STATEMENTS)


def _could_end(text: str) -> bool:
    """Whether what is there follows the grammar, or breaks it otherwise than by ending too early."""
    from dsl.advice.keywords import STATEMENTS
    from dsl.parser import parse, parse_expression
    from dsl.source import Source

    source = Source(text)
    if _first_word(text) in STATEMENTS:
        problems = parse(source)[1]
    else:
        problems = parse_expression(source)[1]
    end = len(text.rstrip())
    return not any(item.code == "S002" or (item.span is not None and item.span.start >= end) for item in problems)


def _first_word(text: str) -> str:
    found = _WORD.match(text.lstrip())
    return found[0] if found else ""


def _without_remarks(text: str) -> str:
    return _REMARK.sub(lambda found: "" if found[1] else found[0], text)
