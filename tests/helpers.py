"""A log in memory, shown to queries as the engine shows a store: one relation an event type, and the patients."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from dsl.catalog import Catalog, EventType, storage_kind
from dsl.program import GivenEvent
from dsl.types import AttributeType
from tests.oracle import Event

Log = Mapping[str, Sequence[Event]]
"""The events of each patient, in order of recording."""

_ARROW = {
    "text": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
}


class MemoryLog:
    """One DuckDB connection, whose schema `log` holds one log at a time, of `patients`."""

    def __init__(self) -> None:
        self.patients: list[str] = []
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("CREATE SCHEMA log")

    def load(self, catalog: Catalog, log: Log) -> None:
        self.patients = list(log)
        self._replace("patients", pa.table({"patient": pa.array(log, pa.string())}))
        for event in catalog:
            self._replace(event.name, _rows(event, log))

    def query(self, sql: str) -> dict[str, dict[str, Any]]:
        """The rows by patient."""
        found = self._connection.execute(sql)
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        assert len({row["patient"] for row in rows}) == len(rows), "more than one row for a patient"
        return {row["patient"]: row for row in rows}

    def counted(self, patients: str, sql: str) -> list[dict[str, Any]]:
        """The rows of a query over the patients' rows, as `patients` gives them."""
        self._connection.execute("CREATE SCHEMA IF NOT EXISTS study")
        self._connection.execute(f"CREATE OR REPLACE TABLE study.patients AS {patients}")
        found = self._connection.execute(sql)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def close(self) -> None:
        self._connection.close()

    def _replace(self, name: str, rows: pa.Table) -> None:
        self._connection.register("incoming", rows)
        self._connection.execute(f'CREATE OR REPLACE TABLE log."{name}" AS SELECT * FROM incoming')
        self._connection.unregister("incoming")


def given_events(given: Sequence[GivenEvent], patient: str = "1") -> list[Event]:
    """The events of a test as rows, recorded in the order in which they are written."""
    return [
        Event(item.event.name, f"{patient}.{position}", position, item.start, item.end, dict(item.attributes))
        for position, item in enumerate(given, 1)
    ]


def _rows(event: EventType, log: Log) -> pa.Table:
    found = [(patient, row) for patient, rows in log.items() for row in rows if row.type == event.name]
    columns: dict[str, pa.Array] = {
        "patient": pa.array([patient for patient, _ in found], pa.string()),
        "event_id": pa.array([row.id for _, row in found], pa.string()),
        "position": pa.array([row.position for _, row in found], pa.int64()),
        "start": pa.array([row.start for _, row in found], pa.date32()),
        "end": pa.array([row.end for _, row in found], pa.date32()),
    }
    for attribute in event.attributes:
        values = [_stored(attribute.type, row.values.get(attribute.name)) for _, row in found]
        columns[attribute.name] = pa.array(values, _ARROW[storage_kind(attribute.type)])
    return pa.table(columns)


def _stored(type_: AttributeType, value: str | float | bool | date | None) -> str | float | bool | date | None:
    return float(value) if storage_kind(type_) == "number" and isinstance(value, int) else value
