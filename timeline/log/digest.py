"""The digest of a commit's rows: one SHA-256 that says what was recorded, whatever files hold it.

Rows are taken in order of position, in blocks of `BLOCK` rows. A block is, for each column that has a value in it, by
name: the name, the type, the number of rows, one bit a row for "has a value" (least significant bit first), then the
values themselves: numbers and dates as little-endian bytes, truth values as bits, texts as 32-bit lengths followed by
their UTF-8 bytes. Columns without any value add nothing, so a column that is declared later changes no digest.

Left out are the columns that the commit's record implies, which `verify` compares with it: position, recorded_at,
recorded_by, operation, and the event id of a first recording. Rows can so be renumbered after a lost race at no cost.
"""

from __future__ import annotations

import hashlib
import struct
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from timeline.log.record import Kind

BLOCK: Final = 65_536

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
        present = np.zeros(rows, dtype=bool)
        for start, values in parts:
            present[start : start + len(values)] = values.is_valid()
        values = pa.concat_arrays([chunk for _, part in parts for chunk in part.chunks]).drop_null()
        self._hash.update(_framed(name.encode()) + _framed(str(values.type).encode()) + struct.pack("<q", rows))
        self._hash.update(_bits(present))
        for data in _value_bytes(values):
            self._hash.update(data)


def _framed(data: bytes) -> bytes:
    return struct.pack("<i", len(data)) + data


def _bits(values: np.ndarray[Any, Any]) -> bytes:
    return np.packbits(values, bitorder="little").tobytes()


def _value_bytes(values: pa.Array) -> list[bytes | memoryview]:
    if pa.types.is_string(values.type):
        lengths = pc.binary_length(values).to_numpy().astype("<i4", copy=False)
        first, last = _text_bounds(values)
        return [lengths.tobytes(), memoryview(values.buffers()[2])[first:last] if last > first else b""]
    if pa.types.is_boolean(values.type):
        return [_bits(values.to_numpy(zero_copy_only=False))]
    width = values.type.bit_width // 8
    numbers = np.frombuffer(values.buffers()[1], dtype=f"V{width}", count=len(values), offset=values.offset * width)
    return [numbers.tobytes()]


def _text_bounds(values: pa.Array) -> tuple[int, int]:
    offsets = np.frombuffer(values.buffers()[1], dtype="<i4", count=len(values) + 1, offset=values.offset * 4)
    return int(offsets[0]), int(offsets[-1])
