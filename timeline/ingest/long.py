"""Long form: one row an event, with the columns patient, event, start, end and one for each attribute.

Texts are read as `values` says; what a Parquet file has typed already is taken where nothing is lost by it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timeline.errors import IngestError, Problem
from timeline.ingest.dates import ISO, Dates
from timeline.ingest.pages import Page, Places, Shaped, Source, shown
from timeline.ingest.values import Spelling, blank_to_missing, expectation, order_imputed, parse, parse_dates
from timeline.log.admit import Door
from timeline.log.checks import REQUIRED
from timeline.log.masks import Mask
from timeline.log.problems import Problems, in_words, nearest

REJECTED_COLUMNS: Final = ("rejected_at", "rejected_because")
"""What a file of rejected rows has besides its columns, so that it can be imported again once it is corrected."""


class LongForm:
    """Events of a file in long form. Raises IngestError where its columns are not those of an event."""

    def __init__(self, source: Source, door: Door) -> None:
        self._door = door
        self._columns = [name for name in source.columns if name not in REJECTED_COLUMNS]
        problems = Problems()
        problems.add(self._wrong_columns(source), 0)
        problems.count = len(problems.kept)
        problems.raise_if_any(source.name)

    def events(self, page: Page, problems: Problems) -> Shaped:
        columns: dict[str, pa.Array] = page.origin()
        reported: dict[str, Mask] = {}
        for name in self._columns:
            reported[name] = self._read(page, name, columns, problems)
        order_imputed(columns)
        return Shaped(self._door.check(columns, Places.of(page, reported), problems), np.arange(page.rows))

    def _read(self, page: Page, name: str, columns: dict[str, pa.Array], problems: Problems) -> Mask:
        """Adds a column's values, and gives the mask of those that could not be read."""
        type_ = self._door.schema.field(name).type
        if pa.types.is_string(type_) and (words := page.coded(name)) is not None:
            columns[name] = blank_to_missing(words)
            return np.zeros(page.rows, dtype=bool)
        raw = page.column(name)
        if raw.type == type_:
            columns[name] = blank_to_missing(raw) if pa.types.is_string(type_) else raw
            return np.zeros(page.rows, dtype=bool)
        if not _read_as_text(raw.type):
            columns[name], unread = _converted(page, name, raw, type_)
            expected = in_words(type_)
            problems.report(unread, lambda index: page.problem(index, name, str(raw[index]), expected))
            return unread
        texts, undecoded = page.texts(name)
        if name in ("start", "end"):
            columns[name], columns[f"{name}_precision"], unread = parse_dates(texts)
        else:
            columns[name], unread = parse(texts, type_)
        report_unread(page, self._door, name, name, texts, unread, undecoded, problems)
        return unread | undecoded

    def _wrong_columns(self, source: Source) -> list[Problem]:
        offered = [column for column in self._door.schema.names if column not in _NOT_OFFERED]
        expected = "patient, event, start, end or a declared attribute"
        found = [
            Problem("an undeclared column", expected, nearest(column, offered), source.name, 1, column=column)
            for column in self._columns
            if column not in offered
        ]
        missing = [column for column in REQUIRED if column not in self._columns]
        if missing:
            words, hint = f"the columns {', '.join(source.columns)}", "a file of another form needs --mapping"
            found.append(Problem(words, f"also {', '.join(missing)}", hint, source.name, 1))
        return found


_NOT_OFFERED: Final = ("source", "source_line", "start_precision", "end_precision")


def report_unread(
    page: Page,
    door: Door,
    name: str,
    column: str,
    texts: pa.Array,
    unread: Mask,
    undecoded: Mask,
    problems: Problems,
    dates: Dates = ISO,
    decimal: str = ".",
) -> None:
    """Adds a problem for each value of the attribute `name` that could not be read from `column`."""
    type_, stored = door.catalog.columns().get(name), door.schema.field(name).type
    spelling = Spelling(dates, decimal)

    def problem(index: int) -> Problem:
        if undecoded[index]:
            raw = repr(page.column(column)[index].as_py())
            return page.problem(index, column, raw, "text in UTF-8", "save the file in UTF-8")
        text = texts[index].as_py()
        expected, hint = expectation(type_, text, stored, spelling)
        return page.problem(index, column, shown(text), expected, hint)

    problems.report(unread | undecoded, problem)


def _read_as_text(type_: pa.DataType) -> bool:
    """Decimals too: their digits are what was meant, and Arrow's own conversion to binary numbers is not exact."""
    return bool(
        pa.types.is_binary(type_)
        or pa.types.is_string(type_)
        or pa.types.is_large_string(type_)
        or pa.types.is_string_view(type_)
        or pa.types.is_null(type_)
        or pa.types.is_decimal(type_)
    )


def _converted(page: Page, name: str, column: pa.Array, type_: pa.DataType) -> tuple[pa.Array, Mask]:
    """Typed values as they are stored, and which of them would lose something; those are missing."""
    found = column.type
    numbers = pa.types.is_integer(found) or pa.types.is_floating(found)
    fits = (
        (pa.types.is_integer(found) and pa.types.is_string(type_))
        or (numbers and (pa.types.is_integer(type_) or pa.types.is_floating(type_)))
        or ((pa.types.is_timestamp(found) or pa.types.is_date(found)) and pa.types.is_date(type_))
    )
    if not fits:
        wrong = Problem(f"values of type {found}", in_words(type_), file=page.file, column=name)
        raise IngestError(f"{page.file}: 1 problem, so nothing was written.", problems=[wrong])
    values = column.cast(type_, safe=False)
    if pa.types.is_integer(type_) and pa.types.is_signed_integer(found):
        return values, np.zeros(len(column), dtype=bool)
    kept = pc.equal(values.cast(found, safe=False), column)
    unread: Mask = pc.and_(column.is_valid(), pc.invert(pc.fill_null(kept, False))).to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(~unread), values, None), unread
