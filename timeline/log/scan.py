"""The SQL by which DuckDB reads data files of the log, with the columns of the table and not of the first file.

A file holds only the columns that were known, or had a value, when it was written. DuckDB reads the bounds of each row
group and then, of the groups that may hold what is sought, the columns that the conditions are on; of the others only
what the rows found need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyarrow as pa

from timeline.log.table import LiveFile

_TYPES: Final = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}


def scan(files: Iterable[LiveFile], columns: Mapping[str, str]) -> str:
    """The rows of some files, with columns of these types; one that a file lacks is missing in its rows."""
    # Without a schema, a file that lacks a later column hides it, or fails.
    paths = ", ".join(text(str(file.path)) for file in files)
    fields = ", ".join(
        f"{text(name)}: {{name: {text(name)}, type: {text(type_)}, default_value: NULL}}"
        for name, type_ in columns.items()
    )
    return f"read_parquet([{paths}], schema = MAP {{{fields}}}, hive_partitioning = false)"


def types_of(columns: pa.Schema) -> dict[str, str]:
    """The types of the log's columns as DuckDB calls them."""
    return {field.name: _TYPES[field.type] for field in columns}


def among(column: str, values: Sequence[str] | Sequence[int]) -> str:
    """The condition that a column has one of some values."""
    shown = [text(value) if isinstance(value, str) else f"{value:d}" for value in values]
    if len(shown) == 1:
        return f"{identifier(column)} = {shown[0]}"
    return f"{identifier(column)} IN ({', '.join(shown)})" if shown else "false"


def identifier(name: str) -> str:
    """A name as SQL, quoted."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL, quoted."""
    return "'" + value.replace("'", "''") + "'"
