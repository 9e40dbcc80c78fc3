"""Entries of the log as stored rows, and as they are read.

What was admitted gets its position, id, time, author and operation. Positions run on without a gap from the first one
of a commit, in the order of the rows. Stored rows hold numbers where readers see texts that follow from them: `17` for
the event `e17`, `visits.csv` and `5` for the source `visits.csv:5`. Writing rows to files is left to `write`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsl.catalog import Catalog
from timeline.events import Operation, first_position, storage_schema
from timeline.log.texts import coded, coded_schema, constant, is_text, taken_texts


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
    """First recordings as they are stored, in the columns of a schema, with texts coded."""
    return _stored(rows.append_column("event_id", positions), positions, Operation.RECORD, numbering, schema)


def corrected(rows: pa.Table, operation: Operation, numbering: Numbering, catalog: Catalog) -> pa.Table:
    """New versions of events, or the retraction of them; the rows name their `event_id` and `reason`."""
    positions = pa.array(numbering.positions(0, rows.num_rows))
    return _stored(rows, positions, operation, numbering, storage_schema(catalog))


def first_positions(event_ids: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The positions that event ids name: how they are stored."""
    return pa.array([first_position(event_id) for event_id in event_ids.to_pylist()], pa.int64())


def as_dictionaries(entries: pa.Table) -> list[dict[str, Any]]:
    """Entries as a reader sees them, one by one. Arrow would import pandas to give a time its zone, which takes longer
    than all else that is done to show a patient's history."""
    times = [field.name for field in entries.schema if field.type == pa.timestamp("us", tz="UTC")]
    plain = [field.with_type(pa.timestamp("us")) if field.name in times else field for field in entries.schema]
    rows: list[dict[str, Any]] = entries.cast(pa.schema(plain)).to_pylist()
    for row in rows:
        row.update((name, row[name].replace(tzinfo=UTC)) for name in times if row[name] is not None)
    return rows


def as_read(stored: pa.Table) -> pa.Table:
    """Stored rows with the texts that readers see, none of them coded: ids as `e17`, sources with their line.

    Columns that the rows do not have are not missed.
    """
    columns = {
        name: values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values
        for name, values in zip(stored.column_names, stored.columns, strict=True)
    }
    if "event_id" in columns:
        columns["event_id"] = pc.binary_join_element_wise("e", columns["event_id"].cast(pa.string()), "")
    if "source_line" in columns:
        lines = columns.pop("source_line").cast(pa.string())
        placed = pc.binary_join_element_wise(columns["source"], lines, ":")
        columns["source"] = pc.coalesce(placed, columns["source"])
    return pa.table(columns)


@lru_cache(maxsize=32)
def without_values(count: int, type_: pa.DataType) -> pa.Array:
    """An empty column. Most columns of a wide table are, so all that are alike share their memory."""
    return pa.nulls(count, type_)


def taken(rows: pa.Table, indices: np.ndarray[Any, Any]) -> pa.Table:
    """Some of the rows, in the order of the indices."""
    chosen = pa.array(indices)
    return pa.table([_taken(values, chosen) for values in rows.columns], schema=rows.schema)


def _taken(values: pa.ChunkedArray, chosen: pa.Array) -> pa.Array | pa.ChunkedArray:
    if values.null_count == len(values):
        return without_values(len(chosen), values.type)
    return taken_texts(coded(values), chosen) if is_text(values.type) else pc.take(values, chosen, boundscheck=False)


def _stored(
    rows: pa.Table, positions: pa.Array, operation: Operation, numbering: Numbering, schema: pa.Schema
) -> pa.Table:
    count = rows.num_rows
    known = {name: rows[name] for name in rows.column_names} | {
        "position": positions,
        "recorded_at": pa.repeat(pa.scalar(numbering.recorded_at, schema.field("recorded_at").type), count),
        "recorded_by": constant(numbering.recorded_by, count),
        "operation": constant(operation.value, count),
    }
    schema = coded_schema(schema)
    columns = [known.get(field.name, without_values(count, field.type)) for field in schema]
    return pa.table([coded(column) if is_text(column.type) else column for column in columns], schema=schema)
