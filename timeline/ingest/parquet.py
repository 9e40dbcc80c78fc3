"""Parquet files, read into pages a group of rows at a time. What the columns mean is left to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from timeline.errors import IngestError
from timeline.ingest.pages import Page
from timeline.log.append import CHUNK

MAGIC: Final = b"PAR1"
ROWS: Final = CHUNK
"""Rows of a page; less than twice as many where the groups of rows of a file do not add up to it."""

SIZE: Final = 1 << 27
"""Bytes of that many rows at most, as a file has them before compression: long texts come in smaller pages."""


class ParquetSource:
    """A Parquet file. Raises IngestError where it is damaged or has a column name twice."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        self._read = 0
        try:
            with pq.ParquetFile(path) as file:
                self.columns: list[str] = file.schema_arrow.names
                self._texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
                self._rows: int = file.metadata.num_rows
                self._page_rows = _page_rows(file.metadata)
        except pa.ArrowInvalid as error:
            raise IngestError(f"{name}: this Parquet file cannot be read: {error}") from error
        twice = sorted({column for column in self.columns if self.columns.count(column) > 1})
        if twice:
            raise IngestError(f"{name}: the column {twice[0]} is there twice, so nothing was written.")

    @property
    def fraction(self) -> float:
        return self._read / self._rows if self._rows else 0.0

    def pages(self) -> Iterator[Page]:
        self._read = 0
        try:
            # Texts come as words and codes, as most Parquet files have them.
            with pq.ParquetFile(self._path, read_dictionary=self._texts) as file:
                for table in _joined(file.iter_batches(self._page_rows), self._page_rows):
                    first = self._read + 1
                    self._read += table.num_rows
                    yield Page(self.name, table, np.arange(first, self._read + 1, dtype=np.int64), "row")
        except (pa.ArrowInvalid, OSError) as error:
            raise IngestError(f"{self.name}, after row {self._read}: the file cannot be read: {error}") from error


def _page_rows(file: pq.FileMetaData) -> int:
    rows: int = file.num_rows
    size: int = sum(file.row_group(number).total_byte_size for number in range(file.num_row_groups))
    return max(1, min(ROWS, SIZE * rows // max(size, 1)))


def _joined(batches: Iterable[pa.RecordBatch], least: int) -> Iterator[pa.Table]:
    """Batches put together to tables of at least so many rows, but for the last one."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= least:
            yield pa.Table.from_batches(waiting).combine_chunks()
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks()
