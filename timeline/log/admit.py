"""The door of the log: which rows the declarations admit, and a located problem for each that they do not.

Rows leave it typed and with their texts coded, as they then stay. Turning the text of a file into typed columns is left
to `timeline.ingest`; whether a history is plausible (two deaths, surgery before diagnosis) is not asked here, since the
door must take what was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from dsl.catalog import Catalog
from timeline.errors import Problem
from timeline.events import Precision, clinical_schema
from timeline.log.checks import REQUIRED, Checks, codes_of
from timeline.log.problems import Problems, Rows, in_words, nearest
from timeline.log.rows import without_values
from timeline.log.texts import beside, coded, coded_schema, is_text, newly_coded, whole


@dataclass(frozen=True)
class Admitted:
    """Rows that a door has checked without finding a problem; another door of the same catalogue lets them pass."""

    rows: pa.Table
    catalog: Catalog


class Door:
    """Checks tables of events against one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.schema = clinical_schema(catalog)
        self._coded = coded_schema(self.schema)
        self._codes = codes_of(catalog)

    def typed(self, table: pa.Table, name: str) -> pa.Table:
        """The table with exactly the clinical columns, typed as they are stored.

        Missing optional columns are added empty. Raises IngestError for unknown or missing columns and for columns of
        another type; nothing is converted that could lose a part of a value.
        """
        problems = Problems()
        for column in dict.fromkeys(table.column_names):
            if table.column_names.count(column) > 1:
                problems.add([Problem("the column twice", "each column once", file=name, column=column)], 1)
            elif column not in self.schema.names:
                problems.add([self._unknown_column(column, name)], 1)
        for column in REQUIRED:
            if column not in table.column_names:
                found = ", ".join(table.column_names) or "no columns"
                problems.add([Problem(f"the columns {found}", f"a column {column}", file=name)], 1)
        problems.raise_if_any(name)
        columns = []
        for column in self.schema:
            if column.name not in table.column_names:
                columns.append(pa.nulls(table.num_rows, column.type))
                continue
            try:
                columns.append(_converted(table[column.name], column.type))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                found = f"{table[column.name].type} ({str(error).splitlines()[0]})"
                problems.add([Problem(found, in_words(column.type), file=name, column=column.name)], 1)
        problems.raise_if_any(name)
        return pa.table(columns, schema=self.schema)

    def check(self, columns: Mapping[str, pa.Array] | pa.Table, rows: Rows, problems: Problems) -> pa.Table:
        """Adds a problem for each row that the declarations do not admit. Columns that are not given are empty.

        Gives the whole table, with texts coded and with the precision of each date filled in, which is the day where
        none was given.
        """
        given = columns if isinstance(columns, Mapping) else {name: columns[name] for name in columns.column_names}
        count = len(given["patient"])
        filled = [_as_coded(given.get(field.name), field.type, count) for field in self._coded]
        table = pa.table(filled, schema=self._coded)
        Checks(self.catalog, self._codes, table, rows, problems).run()
        return _with_precision(table)

    def _unknown_column(self, column: str, name: str) -> Problem:
        offered = [known for known in self.schema.names if not known.startswith("source")]
        return Problem(
            "a column that no event type declares",
            "patient, event, start, end or a declared attribute",
            nearest(column, offered),
            file=name,
            column=column,
        )


def _as_coded(values: pa.Array | pa.ChunkedArray | None, type_: pa.DataType, count: int) -> pa.Array | pa.ChunkedArray:
    if values is None:
        return without_values(count, type_)
    return newly_coded(values) if is_text(values.type) else values


def _with_precision(table: pa.Table) -> pa.Table:
    for column, date in (("start_precision", "start"), ("end_precision", "end")):
        stated, dates = table[column], table[date]
        if stated.null_count == dates.null_count:
            continue
        if stated.null_count == len(stated):
            filled = beside(whole(dates), Precision.DAY.value)
        else:
            texts = pc.coalesce(stated.cast(pa.string()), Precision.DAY.value)
            filled = coded(pc.if_else(dates.is_valid(), texts, None))
        table = table.set_column(table.schema.get_field_index(column), column, filled)
    return table


def _converted(column: pa.ChunkedArray, type_: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_date(type_) and not (pa.types.is_temporal(column.type) or pa.types.is_null(column.type)):
        raise pa.ArrowInvalid("no date")
    if pa.types.is_string(type_) and not (_is_text(column.type) or pa.types.is_null(column.type)):
        raise pa.ArrowInvalid("no text")
    converted = column.cast(type_)
    if pa.types.is_timestamp(column.type) and not pc.all(pc.equal(converted.cast(column.type), column)).as_py():
        raise pa.ArrowInvalid("a time of day, which a date has no place for")
    return converted


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))
