"""Text files with one row a line: CSV, TSV and the like, read into pages.

The file is streamed; pyarrow splits it into fields. What this module adds is the place of every row: the line that it
begins on, also after fields with line breaks and after rows with too many or too few fields.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from timeline.errors import IngestError, Problem
from timeline.ingest.pages import Numbers, Page, Ragged
from timeline.log.masks import Mask

BLOCK: Final = 1 << 24
"""Bytes of a file that are read at a time; no row may be longer."""

SEPARATORS: Final = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}

_HEADER_LIMIT: Final = 1 << 20
_QUOTE_OR_BREAK: Final = re.compile(rb'["\r\n]')
_OTHER_FORMATS: Final = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"\xff\xfe": "a text in UTF-16",
    b"\xfe\xff": "a text in UTF-16",
}


class DelimitedFile:
    """A text file with a header. `opened` opens it from its beginning, `size` is its length in bytes.

    Without a separator, tabs or commas are taken, whichever the header has.

    Raises IngestError for what is no such file, and for a header with a name twice or without one.
    """

    def __init__(self, opened: Callable[[], BinaryIO], name: str, size: int = 0, separator: str | None = None) -> None:
        self.name = name
        self._opened = opened
        self._size = size
        self._read = 0
        with opened() as file:
            start = file.read(_HEADER_LIMIT)
        self._header = _read_header(start, name, separator)
        self.separator = self._header.separator
        self.columns = self._header.names

    @property
    def fraction(self) -> float:
        return min(1.0, self._read / self._size) if self._size else 0.0

    def pages(self) -> Iterator[Page]:
        with self._opened() as file:
            rest = _Stream(file, self._header.length)
            reader = _Reader(self._header, self.name)
            for page in reader.pages(rest):
                self._read = rest.position
                yield page


@dataclass(frozen=True)
class _Header:
    names: list[str]
    lines: int
    length: int
    separator: str


def _read_header(start: bytes, name: str, separator: str | None) -> _Header:
    if not start.strip():
        raise IngestError(
            f"{name}: the file is empty, so nothing was written.", hint="Expected a file with one row a line."
        )
    for mark, kind in _OTHER_FORMATS.items():
        if start.startswith(mark):
            raise IngestError(
                f"{name}: this is {kind}, not a CSV, TSV or Parquet file.", hint="Save it as CSV in UTF-8."
            )
    end = _end_of_first_row(start)
    try:
        text = start[:end].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IngestError(f"{name}: this is no text in UTF-8.", hint="Save the file as CSV in UTF-8.") from error
    if any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        raise IngestError(f"{name}: this is a binary file, not a CSV file.", hint="Save it as CSV in UTF-8.")
    used = separator or ("\t" if "\t" in text and "," not in text else ",")
    names = next(csv.reader([text], delimiter=used, strict=False), [])
    _check_names(names, name, used)
    return _Header(names, _breaks(text.rstrip("\r\n")) + 1, end, used)


def _check_names(names: list[str], file: str, used: str) -> None:
    other = next((mark for mark in SEPARATORS if len(names) == 1 and mark != used and mark in names[0]), None)
    if other is not None:
        raise _wrong_header(
            file,
            Problem(
                f"columns separated by {SEPARATORS[other]}",
                f"columns separated by {SEPARATORS.get(used, repr(used))}",
                f"a mapping file can say: separator = {other!r}",
                file,
                1,
            ),
        )
    wrong = []
    for place, column in enumerate(names, start=1):
        if column in names[: place - 1]:
            wrong.append(Problem("the column a second time", "each column once", file=file, line=1, column=column))
        elif column.strip() == "":
            wrong.append(Problem("no name", "a name for each column", file=file, line=1, column=str(place)))
    if wrong:
        raise _wrong_header(file, *wrong)


def _wrong_header(file: str, *problems: Problem) -> IngestError:
    what = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return IngestError(f"{file}: {what}, so nothing was written.", problems=problems)


def _end_of_first_row(start: bytes) -> int:
    quoted = False
    for match in _QUOTE_OR_BREAK.finditer(start):
        if match[0] == b'"':
            quoted = not quoted
        elif not quoted:
            return match.end() + (start[match.start() : match.end() + 1] == b"\r\n")
    return len(start)


@dataclass
class _Reader:
    """Turns a file below its header into pages, and knows the line of each row."""

    header: _Header
    name: str
    _ragged: list[Any] = field(default_factory=list)
    _rows: int = 0
    _extra_lines: int = 0

    def pages(self, stream: _Stream) -> Iterator[Page]:
        try:
            for batch in self._batches(stream):
                yield self._page(batch)
        except pa.ArrowInvalid as error:
            raise IngestError(
                f"{self.name}, after line {self._line(self._rows)}: this cannot be read as CSV: {error}",
                hint="A quotation mark that is never closed is the usual cause.",
            ) from error
        if self._ragged:
            nothing = pa.table({name: pa.array([], pa.binary()) for name in self.header.names})
            yield Page(self.name, nothing, np.zeros(0, dtype=np.int64), "line", tuple(self._last_ragged()))

    def _batches(self, stream: _Stream) -> Iterator[pa.RecordBatch]:
        if not stream.begins():
            return
        yield from pa_csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=self.header.names),
            parse_options=pa_csv.ParseOptions(
                delimiter=self.header.separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=self._skip,
            ),
            # As bytes: a field that is not UTF-8 is then one located problem instead of the end of the reading.
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(self.header.names, pa.binary()), strings_can_be_null=False
            ),
        )

    def _skip(self, row: Any) -> str:
        self._ragged.append(row)
        return "skip"

    def _page(self, batch: pa.RecordBatch) -> Page:
        lines, ragged = self._places(batch)
        kept = _not_blank(batch)
        page = Page(self.name, pa.Table.from_batches([batch]), lines, "line", tuple(ragged))
        if kept.all():
            return page
        indices = np.flatnonzero(kept)
        return Page(self.name, page.table.take(pa.array(indices)), lines[indices], "line", page.ragged)

    def _places(self, batch: pa.RecordBatch) -> tuple[Numbers, list[Ragged]]:
        """The line on which each row of the batch begins, and the rows that were skipped among them."""
        count = batch.num_rows
        skipped = np.array([row.number for row in self._ragged], dtype=np.int64)
        numbers = np.setdiff1d(np.arange(self._rows + 1, self._rows + count + len(skipped) + 1), skipped)[:count]
        last = int(numbers[-1]) if count else self._rows
        among = [row for row in self._ragged if row.number <= last]
        self._ragged = self._ragged[len(among) :]
        # How many line breaks stand inside the fields of each row, skipped ones included.
        breaks = np.zeros(last - self._rows + 1, dtype=np.int64)
        breaks[numbers - self._rows] = _field_breaks(batch)
        for row in among:
            breaks[row.number - self._rows] = _breaks(row.text)
        before = self._extra_lines + np.cumsum(breaks) - breaks
        ragged = [
            _ragged(self.name, row, self.header.lines + row.number + int(before[row.number - self._rows]))
            for row in among
        ]
        lines: Numbers = self.header.lines + numbers + before[numbers - self._rows]
        self._extra_lines += int(breaks.sum())
        self._rows = last
        return lines, ragged

    def _line(self, row: int) -> int:
        return self.header.lines + row + self._extra_lines

    def _last_ragged(self) -> Iterator[Ragged]:
        for row in self._ragged:
            yield _ragged(self.name, row, self._line(row.number))
            self._extra_lines += _breaks(row.text)


def _ragged(file: str, row: Any, line: int) -> Ragged:
    hint = "a quotation mark may not be closed" if row.text.count('"') % 2 else ""
    expected = f"{row.expected_columns} as in the header"
    return Ragged(line, row.text, Problem(f"{row.actual_columns} fields", expected, hint, file, line))


class _Stream(io.RawIOBase):
    """A stream from a place on; the stream itself need not be seekable. `position` is how far it has been read."""

    def __init__(self, stream: BinaryIO, skipped: int) -> None:
        self._stream = stream
        self._start = b""
        self.position = len(stream.read(skipped))

    def begins(self) -> bool:
        """Whether there is anything at all to read."""
        self._start = self._start or self._stream.read(BLOCK)
        return bool(self._start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if not self._start:
            self._start = self._stream.read(len(view))
        taken = self._start[: len(view)]
        self._start = self._start[len(taken) :]
        view[: len(taken)] = taken
        self.position += len(taken)
        return len(taken)


def _not_blank(batch: pa.RecordBatch) -> Mask:
    """Rows with anything in them; a blank line holds no event."""
    kept = np.zeros(batch.num_rows, dtype=bool)
    for column in batch.columns:
        kept |= pc.binary_length(column).to_numpy() > 0
    return kept


def _field_breaks(batch: pa.RecordBatch) -> Numbers:
    breaks: Numbers = np.zeros(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        line_feeds, returns, pairs = (pc.count_substring(column, mark).to_numpy() for mark in (b"\n", b"\r", b"\r\n"))
        breaks = breaks + line_feeds + returns - pairs
    return breaks


def _breaks(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
