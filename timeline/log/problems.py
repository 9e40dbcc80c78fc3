"""What is wrong with rows, each with its place, and the words for it.

Finding out what is wrong is left to those who read and check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
import pyarrow as pa

from timeline.errors import IngestError, Problem
from timeline.log.masks import Mask

KEPT_PROBLEMS: Final = 1_000
"""How many problems are kept with their place and words; all are counted."""


@dataclass
class Problems:
    """The problems found so far, in order of their line."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problems: Iterable[Problem], count: int) -> None:
        self.kept = sorted([*self.kept, *problems], key=_place)[:KEPT_PROBLEMS]
        self.count += count

    def report(self, wrong: Mask, problem: Callable[[int], Problem]) -> None:
        """Adds `problem(index)` for each row that is wrong."""
        if wrong.any():
            where = np.flatnonzero(wrong)
            self.add([problem(int(index)) for index in where[:KEPT_PROBLEMS]], len(where))

    def raise_if_any(self, name: str) -> None:
        """Raises the IngestError that reports all problems of a file or batch."""
        if self.count:
            what = "1 problem" if self.count == 1 else f"{self.count:,} problems"
            raise IngestError(f"{name}: {what}, so nothing was written.", problems=self.kept, problem_count=self.count)


@dataclass(frozen=True)
class Rows:
    """Where the rows of a table come from: their lines in a file, or else their numbers from `first_row`, if given.

    `reported` marks, by column, cells that a reader has reported already and left empty.
    """

    file: str = ""
    lines: np.ndarray[Any, Any] | None = None
    first_row: int | None = 1
    reported: Mapping[str, Mask] = field(default_factory=dict)

    def problem(self, index: int, column: str, found: str, expected: str, hint: str = "") -> Problem:
        if self.lines is not None:
            return Problem(found, expected, hint, self.file, line=int(self.lines[index]), column=column)
        row = None if self.first_row is None else self.first_row + index
        return Problem(found, expected, hint, self.file, row=row, column=column)


def in_words(type_: pa.DataType) -> str:
    """What a column holds, for people."""
    if pa.types.is_date(type_):
        return "a date"
    if pa.types.is_boolean(type_):
        return "true or false"
    if pa.types.is_integer(type_):
        return "a whole number"
    return "a number" if pa.types.is_floating(type_) else "text"


def nearest(found: str, offered: Iterable[str]) -> str:
    """A hint that names the closest of the valid spellings (up to three alike), or nothing where none is close."""
    alike = {name: SequenceMatcher(None, found.lower(), name.lower()).ratio() for name in offered}
    best = max(alike.values(), default=0.0)
    # Codes are short: one wrong character of two leaves half of them alike, and several may be as close.
    close = [name for name, ratio in alike.items() if ratio == best >= 0.5][:3]
    return f"did you mean {' or '.join(close)}?" if close else ""


def listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _place(problem: Problem) -> int:
    return problem.line or problem.row or 0
