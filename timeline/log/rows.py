"""Entries of the log as stored rows: what was admitted, with position, id, time, author and operation added.

Positions run on without a gap from the first one of a commit, in the order of the rows. Writing the rows to files is
left to `write`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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


def recorded(rows: pa.Table, offset: int, numbering: Numbering, catalog: Catalog) -> pa.Table:
    """First recordings as they are stored; `offset` rows of the same commit came before them."""
    positions = _positions(numbering.first + offset, rows.num_rows)
    identified = rows.append_column("event_id", event_ids(positions))
    return _stored(identified, positions, Operation.RECORD, numbering, catalog)


def corrected(rows: pa.Table, operation: Operation, numbering: Numbering, catalog: Catalog) -> pa.Table:
    """New versions of events, or the retraction of them; the rows name their `event_id` and `reason`."""
    return _stored(rows, _positions(numbering.first, rows.num_rows), operation, numbering, catalog)


def event_ids(positions: pa.Array) -> pa.Array:
    """The ids of the events that were first recorded at these positions."""
    return pc.binary_join_element_wise("e", positions.cast(pa.string()), "")


def _positions(first: int, count: int) -> pa.Array:
    return pa.array(np.arange(first, first + count, dtype=np.int64))


def _stored(
    rows: pa.Table, positions: pa.Array, operation: Operation, numbering: Numbering, catalog: Catalog
) -> pa.Table:
    count = rows.num_rows
    schema = storage_schema(catalog)
    known = {name: rows[name] for name in rows.column_names} | {
        "position": positions,
        "recorded_at": pa.repeat(pa.scalar(numbering.recorded_at, schema.field("recorded_at").type), count),
        "recorded_by": pa.repeat(numbering.recorded_by, count),
        "operation": pa.repeat(operation.value, count),
    }
    columns = [known.get(field.name, pa.nulls(count, field.type)) for field in schema]
    return pa.table(columns, schema=schema)
