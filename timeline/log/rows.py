"""Entries of the log as stored rows: what was admitted, with position, id, time, author and operation added.

Positions run on without a gap from the first one of a commit, in the order of the rows. Writing the rows to files is
left to `write`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsl.catalog import Catalog
from timeline.events import Operation, storage_schema


@dataclass(frozen=True)
class Numbering:
    """What a commit gives to its rows: the first position, the time and the author."""

    first: int
    recorded_at: datetime
    recorded_by: str

    def positions(self, offset: int, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The positions of rows before which `offset` rows of the same commit came."""
        return np.arange(self.first + offset, self.first + offset + count, dtype=np.int64)


def recorded(rows: pa.Table, positions: pa.Array, numbering: Numbering, schema: pa.Schema) -> pa.Table:
    """First recordings as they are stored, in the columns of a schema."""
    identified = rows.append_column("event_id", event_ids(positions))
    return _stored(identified, positions, Operation.RECORD, numbering, schema)


def corrected(rows: pa.Table, operation: Operation, numbering: Numbering, catalog: Catalog) -> pa.Table:
    """New versions of events, or the retraction of them; the rows name their `event_id` and `reason`."""
    positions = pa.array(numbering.positions(0, rows.num_rows))
    return _stored(rows, positions, operation, numbering, storage_schema(catalog))


def event_ids(positions: pa.Array) -> pa.Array:
    """The ids of the events that were first recorded at these positions."""
    return prefixed("e", positions)


def prefixed(prefix: str, numbers: pa.Array) -> pa.Array:
    """Texts of a prefix and a number each. Inserting costs a third of what joining costs."""
    digits = numbers.cast(pa.string()).cast(pa.binary())
    return pc.binary_replace_slice(digits, start=0, stop=0, replacement=prefix.encode()).cast(pa.string())


@lru_cache(maxsize=32)
def without_values(count: int, type_: pa.DataType) -> pa.Array:
    """An empty column. Most columns of a wide table are, so all that are alike share their memory."""
    return pa.nulls(count, type_)


def taken(rows: pa.Table, indices: np.ndarray[Any, Any]) -> pa.Table:
    """Some of the rows, in the order of the indices."""
    chosen = pa.array(indices)
    columns = [
        without_values(len(chosen), values.type) if values.null_count == rows.num_rows else values.take(chosen)
        for values in rows.columns
    ]
    return pa.table(columns, schema=rows.schema)


def _stored(
    rows: pa.Table, positions: pa.Array, operation: Operation, numbering: Numbering, schema: pa.Schema
) -> pa.Table:
    count = rows.num_rows
    known = {name: rows[name] for name in rows.column_names} | {
        "position": positions,
        "recorded_at": pa.repeat(pa.scalar(numbering.recorded_at, schema.field("recorded_at").type), count),
        "recorded_by": pa.repeat(numbering.recorded_by, count),
        "operation": pa.repeat(operation.value, count),
    }
    columns = [known.get(field.name, without_values(count, field.type)) for field in schema]
    return pa.table(columns, schema=schema)
