"""Parquet files, read into pages a group of rows at a time. What the columns mean is left to others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from timeline.errors import IngestError
from timeline.ingest.pages import Page

MAGIC: Final = b"PAR1"
ROWS: Final = 262_144
"""Rows of a page."""


class ParquetSource:
    """A Parquet file. Raises IngestError where it is damaged or has a column name twice."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        self._read = 0
        try:
            with pq.ParquetFile(path) as file:
                self.columns: list[str] = file.schema_arrow.names
                self._rows: int = file.metadata.num_rows
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
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(ROWS):
                    first = self._read + 1
                    self._read += batch.num_rows
                    numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
                    yield Page(self.name, pa.Table.from_batches([batch]), numbers, "row")
        except (pa.ArrowInvalid, OSError) as error:
            raise IngestError(f"{self.name}, after row {self._read}: the file cannot be read: {error}") from error
