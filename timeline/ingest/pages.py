"""What every reader of files gives: pages, which are some rows of a file with the place of each.

A page says nothing of what its columns mean; making events of it is left to `long` and `mapped`, and which file is
read in which way to `load`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timeline.errors import IngestError, Problem
from timeline.log.masks import Mask
from timeline.log.problems import Problems, Rows
from timeline.log.texts import CODED, constant, whole

Numbers = np.ndarray[Any, np.dtype[np.int64]]

SHOWN_TEXT: Final = 60
"""Characters of a field that a message repeats."""


@dataclass(frozen=True)
class Ragged:
    """A row with more or fewer fields than the header has: its line, its text, and what is wrong with it."""

    line: int
    text: str
    problem: Problem


@dataclass(frozen=True)
class Page:
    """Some rows of a file.

    Columns of a text file are bytes, those of a Parquet file have its types. `numbers` counts lines of the file or
    rows of data, as `unit` says. `ragged` rows stood among the others and are not in the table.
    """

    file: str
    table: pa.Table
    numbers: Numbers
    unit: str
    ragged: tuple[Ragged, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.numbers)

    def column(self, name: str) -> pa.Array:
        """The values as they are in the file."""
        found = whole(self.table[name])
        return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found

    def texts(self, name: str) -> tuple[pa.Array, Mask]:
        """The values as text, and which of them are none because their bytes are not UTF-8."""
        column = self.column(name)
        if pa.types.is_binary(column.type):
            return _decoded(column)
        return _as_text(column), np.zeros(len(column), dtype=bool)

    def take(self, kept: Mask | Numbers) -> Page:
        """Some of the rows, by mask or by index; ragged rows stay behind."""
        indices = np.flatnonzero(kept) if kept.dtype == np.bool_ else kept
        return replace(self, table=self.table.take(pa.array(indices)), numbers=self.numbers[indices], ragged=())

    def coded(self, name: str) -> pa.DictionaryArray | None:
        """The values where the file has them as words and codes."""
        found = whole(self.table[name])
        return found if found.type == CODED else None

    def origin(self) -> dict[str, pa.Array]:
        """Where each row was read: the columns in which the log keeps that."""
        return {"source": constant(self.file, self.rows), "source_line": pa.array(self.numbers)}

    def problem(self, index: int, column: str, found: str, expected: str, hint: str = "") -> Problem:
        return Places.of(self).problem(index, column, found, expected, hint)


@dataclass(frozen=True)
class Places(Rows):
    """Tells the log's door where rows come from: by line or row, and by the name of the column in the file."""

    numbers: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    unit: str = "line"
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, page: Page, reported: Mapping[str, Mask] | None = None, names: Mapping[str, str] | None = None
    ) -> Places:
        return cls(page.file, reported=reported or {}, numbers=page.numbers, unit=page.unit, names=names or {})

    def problem(self, index: int, column: str, found: str, expected: str, hint: str = "") -> Problem:
        number = int(self.numbers[index])
        line, row = (number, None) if self.unit == "line" else (None, number)
        return Problem(found, expected, hint, self.file, line, row, self.names.get(column, column))


@dataclass(frozen=True)
class Shaped:
    """Events made of a page, checked by the log's door, and the index of the row that each was made of."""

    events: pa.Table
    rows: Numbers


class Shape(Protocol):
    """How rows become events."""

    def events(self, page: Page, problems: Problems) -> Shaped:
        """The events of a page; what is wrong with its rows is added to the problems."""


class Source(Protocol):
    """An open file. Its pages can be gone through more than once."""

    name: str
    columns: list[str]

    def pages(self) -> Iterator[Page]: ...

    @property
    def fraction(self) -> float:
        """How much of the file has been read, from 0 to 1."""


def shown(text: str) -> str:
    """A field as a message repeats it."""
    return repr(text if len(text) <= SHOWN_TEXT else text[:SHOWN_TEXT] + "...")


def _decoded(raw: pa.Array) -> tuple[pa.Array, Mask]:
    try:
        return raw.cast(pa.string()), np.zeros(len(raw), dtype=bool)
    except pa.ArrowInvalid:
        texts = [_text(value) for value in raw.to_pylist()]
        undecoded = np.array([text is None for text in texts])
        return pa.array(texts, pa.string()), undecoded


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _as_text(column: pa.Array) -> pa.Array:
    """Typed values as a text file would have them; missing ones are empty."""
    if pa.types.is_timestamp(column.type):
        days = column.cast(pa.date32(), safe=False)
        whole = pc.all(pc.equal(days.cast(column.type), column)).as_py()
        column = days if whole is not False else column
    try:
        texts = pc.fill_null(column.cast(pa.string()), "")
        # Two decimals are the type of the whole column, so they do not say that a value is no whole number.
        return pc.replace_substring_regex(texts, r"\.0+$", "") if pa.types.is_decimal(column.type) else texts
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise IngestError(f"A column of type {column.type} cannot be read as text.") from error
