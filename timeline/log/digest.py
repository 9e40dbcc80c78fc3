"""The digest of a commit's rows: one SHA-256 that says what was recorded, whatever files hold it.

Rows are taken in order of position, in blocks of `BLOCK` rows. A block is, for each column that has a value in it, by
name: the name, the type and the number of rows, followed by the values. Columns without any value add nothing, so a
column that is declared later changes no digest.

Of numbers, dates and truth values: one bit a row for "has a value" (least significant bit first), then the values that
are there as little-endian bytes, truth values as bits. Of texts: how many different ones there are, and whether any is
missing; each of them once, in the order in which they first occur, as their lengths of 32 bits followed by their UTF-8
bytes; then for each row the number of its text in that order from 0 on, a missing one after all others: one byte, or
two where there are more than 256. Where all rows have the same text there are no numbers. All numbers are
little-endian.

Left out are the columns that the commit's record implies, which `verify` compares with it: position, recorded_at,
recorded_by, operation, and the event id of a first recording. Rows can so be renumbered after a lost race at no cost.
"""

from __future__ import annotations

import hashlib
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timeline.log.masks import mask, present
from timeline.log.record import Kind
from timeline.log.texts import coded, in_order, is_text

BLOCK: Final = 65_536

Data = bytes | memoryview

_IMPLIED: Final = frozenset({"position", "recorded_at", "recorded_by", "operation"})


class ContentDigest:
    """Takes rows in order of position, in tables of any size, and gives the digest of all of them."""

    def __init__(self, kind: Kind) -> None:
        self._skipped = _IMPLIED | {"event_id"} if kind is Kind.RECORD else _IMPLIED
        self._hash = hashlib.sha256()
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0

    def update(self, rows: pa.Table) -> None:
        offset = 0
        while offset < rows.num_rows:
            taken = rows.slice(offset, BLOCK - self._waiting_rows)
            self._waiting.append(taken)
            self._waiting_rows += taken.num_rows
            offset += taken.num_rows
            if self._waiting_rows == BLOCK:
                self._flush()

    def hexdigest(self) -> str:
        """The digest; no rows may follow."""
        if self._waiting:
            self._flush()
        return self._hash.hexdigest()

    def _flush(self) -> None:
        block = self._waiting
        rows, self._waiting, self._waiting_rows = self._waiting_rows, [], 0
        filled: dict[str, list[tuple[int, pa.ChunkedArray]]] = defaultdict(list)
        start = 0
        for part in block:
            for name, values in zip(part.column_names, part.columns, strict=True):
                if values.null_count < part.num_rows and name not in self._skipped:
                    filled[name].append((start, values))
            start += part.num_rows
        for name in sorted(filled):
            self._add_column(name, filled[name], rows)

    def _add_column(self, name: str, parts: Sequence[tuple[int, pa.ChunkedArray]], rows: int) -> None:
        values = _whole(parts, rows)
        type_ = pa.string() if is_text(values.type) else values.type
        self._hash.update(_framed(name.encode()) + _framed(str(type_).encode()) + struct.pack("<q", rows))
        for data in _text_bytes(values) if is_text(values.type) else _value_bytes(values):
            self._hash.update(data)


def _whole(parts: Sequence[tuple[int, pa.ChunkedArray]], rows: int) -> pa.Array:
    """A column of a block as one array, with nothing in the rows of those parts that do not have it."""
    chunks: list[pa.Array] = []
    end = 0
    for start, values in parts:
        if start > end:
            chunks.append(pa.nulls(start - end, values.type))
        chunks += values.chunks
        end = start + len(values)
    if end < rows:
        chunks.append(pa.nulls(rows - end, chunks[0].type))
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)


def _framed(data: bytes) -> bytes:
    return struct.pack("<i", len(data)) + data


def _bits(values: np.ndarray[Any, Any]) -> bytes:
    return np.packbits(values, bitorder="little").tobytes()


def _value_bytes(values: pa.Array) -> Iterator[Data]:
    yield _bits(present(values))
    values = values.drop_null() if values.null_count else values
    if pa.types.is_boolean(values.type):
        yield _bits(mask(values))
        return
    width = values.type.bit_width // 8
    yield memoryview(values.buffers()[1])[values.offset * width : (values.offset + len(values)) * width]


def _text_bytes(values: pa.Array) -> Iterator[Data]:
    texts = in_order(coded(values))
    words, missing = texts.dictionary, texts.null_count > 0
    yield struct.pack("<i?", len(words), missing)
    yield pc.binary_length(words).to_numpy().astype("<i4", copy=False).tobytes()
    first, last = _text_bounds(words)
    yield memoryview(words.buffers()[2])[first:last] if last > first else b""
    numbers = len(words) + missing
    if numbers > 1:
        codes = texts.indices.fill_null(len(words)) if missing else texts.indices
        yield codes.to_numpy().astype(np.min_scalar_type(numbers - 1).newbyteorder("<")).tobytes()


def _text_bounds(values: pa.Array) -> tuple[int, int]:
    offsets = np.frombuffer(values.buffers()[1], dtype="<i4", count=len(values) + 1, offset=values.offset * 4)
    return int(offsets[0]), int(offsets[-1])
