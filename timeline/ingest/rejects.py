"""Rows that could not be taken, each with all its reasons, written to a CSV file that can be corrected and imported.

A row is taken whole or not at all: where one of the events that it gives is wrong, none of them is recorded. The file
is put in its place only once the other rows are in the log.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Self

import numpy as np
import pyarrow as pa

from timeline.errors import IngestError, Problem
from timeline.ingest.long import REJECTED_COLUMNS
from timeline.ingest.pages import Page, Shape, Shaped
from timeline.log.problems import KEPT_PROBLEMS, Problems


class Rejects:
    """The file of rejected rows; a context manager. `count` is how many there are so far.

    `keep` puts the file in its place; without it, nothing is left behind.
    """

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        self.path = path
        self.count = 0
        self._columns = [name for name in columns if name not in REJECTED_COLUMNS]
        self._unfinished = path.with_name(path.name + ".unfinished")

    def __enter__(self) -> Self:
        try:
            self._file: IO[str] = self._unfinished.open("w", newline="", encoding="utf-8")
        except OSError as error:
            raise IngestError(f"{self.path}: the rejected rows cannot be written: {error.strerror}.") from error
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow([*self._columns, *REJECTED_COLUMNS])
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._unfinished.unlink(missing_ok=True)

    def keep(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        os.replace(self._unfinished, self.path)

    def sifted(self, page: Page, shape: Shape) -> Iterator[tuple[Page, Shaped]]:
        """The rows of a page that can be taken, with the events of them; writes the others."""
        for ragged in page.ragged:
            self._write(ragged.line, [], f"{ragged.problem.found}, {ragged.problem.expected}: {ragged.text.rstrip()}")
        problems = Problems()
        shaped = shape.events(page, problems)
        if not problems.count:
            yield page, shaped
            return
        # In parts that are small enough for every problem in them to be kept with its place.
        for start in range(0, page.rows, KEPT_PROBLEMS):
            part = page.take(np.arange(start, min(start + KEPT_PROBLEMS, page.rows)))
            yield self._sifted(part, shape)

    def _sifted(self, page: Page, shape: Shape) -> tuple[Page, Shaped]:
        """Takes rows with problems out until those that are left have none."""
        while True:
            problems = _AllProblems()
            shaped = shape.events(page, problems)
            if not problems.count:
                return page, shaped
            reasons: dict[int, list[Problem]] = {}
            for problem in problems.kept:
                number = problem.line if problem.line is not None else problem.row
                assert number is not None
                reasons.setdefault(number, []).append(problem)
            wrong = np.isin(page.numbers, list(reasons))
            self._write_rows(page.take(wrong), reasons)
            page = page.take(~wrong)

    def _write_rows(self, page: Page, reasons: dict[int, list[Problem]]) -> None:
        columns = [_as_written(page.column(name)) for name in self._columns]
        for index, number in enumerate(page.numbers.tolist()):
            words = "; ".join(dict.fromkeys(_reason(problem) for problem in reasons[number]))
            self._write(number, [column[index] for column in columns], words)

    def _write(self, number: int, fields: list[str], reason: str) -> None:
        padded = [*fields, *[""] * (len(self._columns) - len(fields))]
        self._writer.writerow([*padded, str(number), reason])
        self.count += 1


class _AllProblems(Problems):
    """Keeps every problem, in the order in which it is found."""

    def add(self, problems: Iterable[Problem], count: int) -> None:
        self.kept.extend(problems)
        self.count += count


def _reason(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    column = f"{problem.column}: " if problem.column else ""
    return f"{column}found {problem.found}, expected {problem.expected}{hint}"


def _as_written(column: pa.Array) -> list[str]:
    """The fields as they stood; bytes that are not UTF-8 are shown as such."""
    if pa.types.is_binary(column.type):
        return [value.decode(errors="backslashreplace") for value in column.to_pylist()]
    return ["" if value is None else str(value) for value in column.to_pylist()]
