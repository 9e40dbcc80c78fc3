"""The door of the log: which rows the declarations admit, and a located problem for each that they do not.

Works on whole columns; only the rows that are wrong are looked at one by one, to say what is wrong with them. Turning
the text of a file into typed columns is left to `timeline.ingest`; whether a history is plausible (two deaths,
surgery before diagnosis) is not asked here, since the door must take what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsl.catalog import Catalog
from dsl.types import Code, describe
from timeline.errors import IngestError, Problem
from timeline.events import CLINICAL, Precision, clinical_schema

KEPT_PROBLEMS: Final = 1_000
"""How many problems are kept with their place and words; all are counted."""

REQUIRED: Final = ("patient", "event", "start")

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass
class Problems:
    """The problems found so far, in order of their line."""

    kept: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, problems: Iterable[Problem], count: int) -> None:
        self.kept = sorted([*self.kept, *problems], key=_place)[:KEPT_PROBLEMS]
        self.count += count

    def raise_if_any(self, name: str) -> None:
        """Raises the IngestError that reports all problems of a file or batch."""
        if self.count:
            what = "1 problem" if self.count == 1 else f"{self.count:,} problems"
            raise IngestError(f"{name}: {what}, so nothing was written.", problems=self.kept, problem_count=self.count)


@dataclass(frozen=True)
class Rows:
    """Where the rows of a table come from: their lines in a file, or else their numbers from `first_row`, if given.

    `reported` marks, by column, cells that a reader has reported already and left empty.
    """

    file: str = ""
    lines: np.ndarray[Any, Any] | None = None
    first_row: int | None = 1
    reported: Mapping[str, Mask] = field(default_factory=dict)

    def problem(self, index: int, column: str, found: str, expected: str, hint: str = "") -> Problem:
        if self.lines is not None:
            return Problem(found, expected, hint, self.file, line=int(self.lines[index]), column=column)
        row = None if self.first_row is None else self.first_row + index
        return Problem(found, expected, hint, self.file, row=row, column=column)


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

    def check(self, table: pa.Table, rows: Rows, problems: Problems) -> pa.Table:
        """Adds a problem for each row of a typed table that the declarations do not admit.

        Gives the table with the precision of each date filled in, which is the day where none was given.
        """
        self._check_present(table, rows, problems)
        self._check_dates(table, rows, problems)
        codes, types = self._check_events(table, rows, problems)
        for name in self.catalog.columns():
            self._check_attribute(name, table[name], codes, types, rows, problems)
        return _with_precision(table)

    def _unknown_column(self, column: str, name: str) -> Problem:
        offered = [known for known in self.schema.names if known != "source"]
        return Problem(
            "a column that no event type declares",
            "patient, event, start, end or a declared attribute",
            nearest(column, offered),
            file=name,
            column=column,
        )

    def _check_present(self, table: pa.Table, rows: Rows, problems: Problems) -> None:
        for column in REQUIRED:
            missing = table[column].is_null()
            if column == "patient":
                blank = pc.or_(pc.equal(table[column], ""), pc.utf8_is_space(table[column]))
                missing = pc.or_(missing, pc.fill_null(blank, True))
            expected = {"patient": "the patient's id", "event": "an event type", "start": "a date"}[column]
            wrong = _mask(missing) & ~rows.reported.get(column, np.zeros(len(missing), dtype=bool))
            _report(problems, wrong, lambda index, c=column, e=expected: rows.problem(index, c, "nothing", e))

    def _check_dates(self, table: pa.Table, rows: Rows, problems: Problems) -> None:
        start, end = table["start"], table["end"]

        def backwards(index: int) -> Problem:
            return rows.problem(index, "end", f"{end[index]}", f"a day on or after the start, {start[index]}")

        _report(problems, _mask(pc.less(end, start)), backwards)
        offered = list(Precision)
        for column, date in (("start_precision", start), ("end_precision", end)):
            precision = table[column]
            if precision.null_count == len(precision):
                continue
            unknown = pc.invert(pc.is_in(precision, value_set=pa.array(offered)))
            wrong = pc.and_(precision.is_valid(), pc.or_(unknown, date.is_null()))

            def imprecise(index: int, column: str = column, precision: pa.ChunkedArray = precision) -> Problem:
                return rows.problem(index, column, repr(precision[index].as_py()), "day, month or year, beside a date")

            _report(problems, _mask(wrong), imprecise)

    def _check_events(self, table: pa.Table, rows: Rows, problems: Problems) -> tuple[np.ndarray[Any, Any], list[str]]:
        """Each row's number in the list of event types that occur; -1 where it has none."""
        encoded = _encoded(table["event"])
        types = encoded.dictionary.to_pylist()
        codes = encoded.indices.fill_null(-1).to_numpy()
        declared = np.array([name in self.catalog for name in types] + [True])
        known = [event.name for event in self.catalog]

        def unknown(index: int) -> Problem:
            found = types[codes[index]]
            return rows.problem(index, "event", repr(found), "a declared event type", nearest(found, known))

        _report(problems, ~declared[codes], unknown)
        return codes, types

    def _check_attribute(
        self,
        name: str,
        values: pa.ChunkedArray,
        codes: np.ndarray[Any, Any],
        types: list[str],
        rows: Rows,
        problems: Problems,
    ) -> None:
        if values.null_count == len(values):
            return
        present = _mask(values.is_valid())
        owners = [event.name for event in self.catalog if event.attribute(name)]
        # A row without a valid event type is reported for that alone, not once more for each of its attributes.
        owns = np.array([type_ in owners or type_ not in self.catalog for type_ in types] + [True])

        def not_declared(index: int) -> Problem:
            event = types[codes[index]]
            found = f"{values[index].as_py()!r} on an event {event}, which has no attribute {name}"
            return rows.problem(index, name, found, "nothing", f"{name} belongs to {_listed(owners)}")

        _report(problems, present & ~owns[codes], not_declared)
        if pa.types.is_floating(values.type):
            self._check_finite(name, values, present, rows, problems)
        if pa.types.is_string(values.type):
            self._check_codes(name, values, codes, types, rows, problems)

    def _check_finite(self, name: str, values: pa.ChunkedArray, present: Mask, rows: Rows, problems: Problems) -> None:
        finite = _mask(pc.is_finite(values))

        def endless(index: int) -> Problem:
            return rows.problem(index, name, str(values[index]), "a finite number, or nothing")

        _report(problems, present & ~finite, endless)

    def _check_codes(
        self,
        name: str,
        values: pa.ChunkedArray,
        codes: np.ndarray[Any, Any],
        types: list[str],
        rows: Rows,
        problems: Problems,
    ) -> None:
        lists = {type_: self._codes.get((type_, name)) for type_ in types}
        if not any(lists.values()):
            return
        encoded = _encoded(values)
        words = encoded.dictionary.to_pylist()
        chosen = encoded.indices.fill_null(len(words)).to_numpy()
        # One row an event type, one column a word; the last of each stands for "none", which is always admitted.
        admitted = np.ones((len(types) + 1, len(words) + 1), dtype=bool)
        for number, type_ in enumerate(types):
            if (allowed := lists[type_]) is not None:
                admitted[number, :-1] = [word in allowed for word in words]

        def undeclared(index: int) -> Problem:
            allowed = lists[types[codes[index]]] or ()
            found = words[chosen[index]]
            return rows.problem(index, name, repr(found), describe(Code(tuple(allowed))), nearest(found, allowed))

        _report(problems, ~admitted[codes, chosen], undeclared)

    @cached_property
    def _codes(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        return {
            (event.name, attribute.name): attribute.type.codes
            for event in self.catalog
            for attribute in event.attributes
            if isinstance(attribute.type, Code)
        }


def _with_precision(table: pa.Table) -> pa.Table:
    for column, date in (("start_precision", "start"), ("end_precision", "end")):
        stated = table[column]
        filled = pc.if_else(table[date].is_valid(), pc.coalesce(stated, pa.scalar(Precision.DAY.value)), None)
        table = table.set_column(CLINICAL.index(column), column, filled.cast(pa.string()))
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


def _encoded(values: pa.ChunkedArray) -> pa.DictionaryArray:
    if values.num_chunks == 1:
        return values.chunk(0).dictionary_encode()
    encoded = values.dictionary_encode().combine_chunks()
    return encoded if isinstance(encoded, pa.DictionaryArray) else encoded.chunk(0)


def _mask(condition: pa.ChunkedArray) -> Mask:
    mask: Mask = condition.fill_null(False).to_numpy()
    return mask


def _report(problems: Problems, wrong: Mask, problem: Any) -> None:
    if wrong.any():
        where = np.flatnonzero(wrong)
        problems.add([problem(int(index)) for index in where[:KEPT_PROBLEMS]], len(where))


def _place(problem: Problem) -> int:
    return problem.line or problem.row or 0


def in_words(type_: pa.DataType) -> str:
    """What a column holds, for people."""
    if pa.types.is_date(type_):
        return "a date"
    if pa.types.is_boolean(type_):
        return "true or false"
    if pa.types.is_integer(type_):
        return "a whole number"
    return "a number" if pa.types.is_floating(type_) else "text"


def nearest(found: str, offered: Iterable[str]) -> str:
    """A hint that names the closest of the valid spellings (up to three alike), or nothing where none is close."""
    alike = {name: SequenceMatcher(None, found.lower(), name.lower()).ratio() for name in offered}
    best = max(alike.values(), default=0.0)
    # Codes are short: one wrong character of two leaves half of them alike, and several may be as close.
    close = [name for name, ratio in alike.items() if ratio == best >= 0.5][:3]
    return f"did you mean {' or '.join(close)}?" if close else ""


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
