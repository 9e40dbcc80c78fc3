"""What can go wrong for a person who uses the store, each with its exit code.

An error carries plain data: a message, a hint, located problems. How it is laid out on a terminal is left to the
command line; `str(error)` is the plain text of all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

SHOWN_PROBLEMS = 20
"""How many located problems the plain text of an error lists; the rest are counted."""


@dataclass(frozen=True)
class Problem:
    """One place in someone's data that does not fit.

    `line` counts lines of the file and `row` rows of data, both from 1; either is left out where there is none.
    `column` is the name of the column.
    """

    found: str
    expected: str
    hint: str = ""
    file: str = ""
    line: int | None = None
    row: int | None = None
    column: str = ""

    @property
    def place(self) -> str:
        """Where it is, in words: `events.csv, line 17, column start`."""
        parts = [self.file] if self.file else []
        if self.line is not None:
            parts.append(f"line {self.line}")
        elif self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}found {self.found}, expected {self.expected}{hint}"


class TimelineError(Exception):
    """A mistake or a mishap that a person can act on.

    `problems` may be fewer than `problem_count`: of a file that is wrong all over, the first ones are kept.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, hint: str = "", problems: Sequence[Problem] = (), problem_count: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = tuple(problems)
        self.problem_count = len(self.problems) if problem_count is None else problem_count

    def __str__(self) -> str:
        lines = [self.message]
        lines += [f"  {problem}" for problem in self.problems[:SHOWN_PROBLEMS]]
        if self.problem_count > SHOWN_PROBLEMS:
            lines.append(f"  ... and {self.problem_count - min(SHOWN_PROBLEMS, len(self.problems))} more")
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


class IngestError(TimelineError):
    """Events that the declarations do not admit, or a file that cannot be read as events. Nothing was written."""

    exit_code = 3


class CorrectionError(TimelineError):
    """An amendment or a retraction of what cannot be amended or retracted. Nothing was written."""

    exit_code = 3


class DeclarationError(TimelineError):
    """New declarations that the events already recorded do not fit. Nothing was written."""

    exit_code = 3


class StoreError(TimelineError):
    """The store cannot be created, opened, read or written."""

    exit_code = 4


class DamageError(StoreError):
    """The files of the store are not as they were written."""

    exit_code = 5


class EngineError(TimelineError):
    """The engine refused or failed to run a query."""

    exit_code = 6


class QueryError(TimelineError):
    """A query file that cannot be read, or does not follow the language; its diagnostics are in the message."""

    exit_code = 2


class StudyError(TimelineError):
    """A study that cannot be run on this store, or whose cohort has nobody to analyse."""

    exit_code = 7


class ExportError(TimelineError):
    """A file that cannot be written, or that cannot be read as an export."""

    exit_code = 8
