"""What the workloads give, whichever system gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.suite.data import EVENTS

ROWS = ("patient", "origin", "end", "time", "cause", "reason", "excluded")
"""Columns of an endpoint's rows: W1, W2, and W6 as far as it writes them."""

HISTORY = (
    "event",
    "position",
    "start",
    "end",
    "site",
    "lesions",
    "modality",
    "response",
    "fractions",
    "dose",
    "disease",
)
"""Columns by which W5 is compared; the systems give all attributes."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "rows": ROWS,
    "members": ("patient", "index"),
    "attrition": ("cohort", "step", "remaining", "fell", "unknown"),
    "figures": ("name", "value"),
    "history": HISTORY,
    "w1 exported": ROWS[:-1],
    "w2 exported": ROWS[:-1],
    "stored": ("event", "events", "patients", "days"),
}
"""The tables of the workloads, with the columns that are compared."""

EXPORTED = {
    "USUBJID": "patient",
    "STARTDT": "origin",
    "ADT": "end",
    "DAYS": "time",
    "CAUSE": "cause",
    "EVNTDESC": "reason",
}
"""How this program's export, in the terms of CDISC ADaM, names the columns."""

WORKLOADS = Path(__file__).resolve().parents[1] / "workloads"


def workload(name: str) -> Path:
    """A file of a workload: the query, or the SQL by hand."""
    return WORKLOADS / name


def attrition_of(cohort: str, steps: int, considered: int, fell: Mapping[int, tuple[int, int]]) -> list[dict[str, Any]]:
    """Attrition from how many fell at each step, and for how many of them that is for want of knowledge."""
    rows, remaining = [], considered
    for step in range(1, steps + 1):
        count, unknown = fell.get(step, (0, 0))
        remaining -= count
        rows.append({"cohort": cohort, "step": step, "remaining": remaining, "fell": count, "unknown": unknown})
    return rows


def stored(events_of: Callable[[str], Any]) -> list[dict[str, Any]]:
    """How many events of how many patients an import has kept, and the sum of their days, by event type."""
    import duckdb

    rows = []
    for event in EVENTS:
        events = events_of(event)  # noqa: F841, DuckDB finds it by its name
        query = "SELECT count(*), count(DISTINCT patient), sum(start - DATE '2000-01-01') FROM events"
        [(number, patients, days)] = duckdb.sql(query).fetchall()
        rows.append({"event": event, "events": number, "patients": patients, "days": int(days or 0)})
    return rows


def table_of(name: str, found: Any) -> Any:
    """What a system returned as an Arrow table with the columns that are compared, in common types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if isinstance(found, Path):
        found = pq.read_table(found)
        found = found.rename_columns([EXPORTED.get(column, column) for column in found.column_names])
    elif hasattr(found, "to_arrow"):
        found = found.to_arrow()
    elif type(found).__module__.startswith("pandas"):
        found = pa.Table.from_pandas(found, preserve_index=False)
    elif isinstance(found, list):
        found = pa.Table.from_pylist(found)
    columns = TABLES[name]
    return pa.table({column: _plain(found[column]) for column in columns})


def _plain(column: Any) -> Any:
    """Whole numbers as int64, texts as string, days as date32: what differs between systems and means nothing."""
    import pyarrow as pa
    import pyarrow.types as kinds

    found = column.type
    if kinds.is_dictionary(found):
        return _plain(column.cast(found.value_type))
    if kinds.is_integer(found) or kinds.is_boolean(found) or kinds.is_duration(found):
        return column.cast(pa.int64())
    if kinds.is_large_string(found) or kinds.is_string_view(found):
        return column.cast(pa.string())
    if kinds.is_timestamp(found):
        return column.cast(pa.timestamp("s"), safe=False).cast(pa.date32())
    if kinds.is_floating(found):
        return column.cast(pa.float64())
    return column


def names_of(workload: str) -> Iterable[str]:
    """The tables that a workload gives."""
    return {
        "W1": ("rows",),
        "W2": ("rows",),
        "W3": ("members", "attrition"),
        "W4": ("attrition", "figures"),
        "W5": ("history",),
        "W6": ("w1 exported", "w2 exported"),
        "W7": ("stored",),
        "W8": ("attrition", "figures"),
    }[workload]
