"""The checks of a table of events against the declarations: a located problem for each row that they do not admit.

Works on whole columns, and on the words of those that hold texts; only rows that are wrong are looked at one by one, to
say what is wrong with them. Whether the table has the right columns is asked before, by `admit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsl.catalog import Catalog
from dsl.types import Code, describe
from timeline.errors import Problem
from timeline.events import Precision
from timeline.log.masks import Mask, mask, present
from timeline.log.problems import Problems, Rows, listed, nearest
from timeline.log.texts import by_word, whole

REQUIRED: Final = ("patient", "event", "start")

Codes = Mapping[tuple[str, str], tuple[str, ...]]


class Checks:
    """The checks of one table with coded texts; what they find is added to the problems."""

    def __init__(self, catalog: Catalog, codes: Codes, table: pa.Table, rows: Rows, problems: Problems) -> None:
        self._catalog = catalog
        self._codes = codes
        self._columns = {name: whole(table[name]) for name in table.column_names}
        self._rows = rows
        self._problems = problems
        self._events = self._columns["event"]
        self._types: list[str] = self._events.dictionary.to_pylist()

    def run(self) -> None:
        self._present()
        self._dates()
        self._event_types()
        for name in self._catalog.columns():
            values = self._columns[name]
            if values.null_count < len(values):
                self._attribute(name)

    def _present(self) -> None:
        words = {"patient": "the patient's id", "event": "an event type", "start": "a date"}
        for column in REQUIRED:
            values = self._columns[column]
            missing = _blank(values) if column == "patient" else mask(values.is_null())
            wrong = missing & ~self._rows.reported.get(column, np.zeros(len(missing), dtype=bool))

            def nothing(index: int, column: str = column) -> Problem:
                return self._rows.problem(index, column, "nothing", words[column])

            self._problems.report(wrong, nothing)

    def _dates(self) -> None:
        start, end = self._columns["start"], self._columns["end"]

        def backwards(index: int) -> Problem:
            return self._rows.problem(index, "end", f"{end[index]}", f"a day on or after the start, {start[index]}")

        self._problems.report(mask(pc.less(end, start)), backwards)
        offered = [*Precision]
        for column, date in (("start_precision", start), ("end_precision", end)):
            precision = self._columns[column]
            if precision.null_count == len(precision):
                continue
            unknown = by_word(precision, [word not in offered for word in precision.dictionary.to_pylist()])
            wrong = unknown | (present(precision) & ~present(date))

            def imprecise(index: int, column: str = column, precision: pa.Array = precision) -> Problem:
                found = repr(precision[index].as_py())
                return self._rows.problem(index, column, found, "day, month or year, beside a date")

            self._problems.report(wrong, imprecise)

    def _event_types(self) -> None:
        known = [event.name for event in self._catalog]

        def unknown(index: int) -> Problem:
            found = self._type_of(index)
            return self._rows.problem(index, "event", repr(found), "a declared event type", nearest(found, known))

        wrong = by_word(self._events, [name not in self._catalog for name in self._types])
        self._problems.report(wrong, unknown)

    def _attribute(self, name: str) -> None:
        values = self._columns[name]
        owners = [event.name for event in self._catalog if event.attribute(name)]
        # A row without a valid event type is reported for that alone, not once more for each of its attributes.
        strange = by_word(self._events, [type_ in self._catalog and type_ not in owners for type_ in self._types])

        def not_declared(index: int) -> Problem:
            event = self._type_of(index)
            found = f"{values[index].as_py()!r} on an event {event}, which has no attribute {name}"
            return self._rows.problem(index, name, found, "nothing", f"{name} belongs to {listed(owners)}")

        self._problems.report(present(values) & strange, not_declared)
        if pa.types.is_floating(values.type):
            self._finite(name, values)
        if pa.types.is_dictionary(values.type):
            self._declared_codes(name, values)

    def _finite(self, name: str, values: pa.Array) -> None:
        def endless(index: int) -> Problem:
            return self._rows.problem(index, name, str(values[index]), "a finite number, or nothing")

        self._problems.report(mask(pc.invert(pc.is_finite(values))), endless)

    def _declared_codes(self, name: str, values: pa.DictionaryArray) -> None:
        lists = [self._codes.get((type_, name)) for type_ in self._types]
        words = values.dictionary.to_pylist() if any(lists) else []
        if all(word in allowed for allowed in lists if allowed is not None for word in words):
            return
        chosen = values.indices.fill_null(len(words)).to_numpy()
        events = self._events.indices.fill_null(len(lists)).to_numpy()
        # One row an event type, one column a word; the last of each stands for "none", which is always admitted.
        admitted = np.ones((len(lists) + 1, len(words) + 1), dtype=bool)
        for number, allowed in enumerate(lists):
            if allowed is not None:
                admitted[number, :-1] = [word in allowed for word in words]

        def undeclared(index: int) -> Problem:
            allowed = lists[events[index]] or ()
            found = words[chosen[index]]
            return self._rows.problem(index, name, repr(found), describe(Code(tuple(allowed))), nearest(found, allowed))

        self._problems.report(~admitted[events, chosen], undeclared)

    def _type_of(self, index: int) -> str:
        return str(self._events[index].as_py())


def codes_of(catalog: Catalog) -> Codes:
    """The codes of each attribute that has any, by event type and name."""
    return {
        (event.name, attribute.name): attribute.type.codes
        for event in catalog
        for attribute in event.attributes
        if isinstance(attribute.type, Code)
    }


def _blank(texts: pa.DictionaryArray) -> Mask:
    """The rows with nothing but white space, or with nothing."""
    words = texts.dictionary
    blank = pc.or_(pc.equal(words, ""), pc.utf8_is_space(words))
    if not pc.any(blank).as_py() and not texts.null_count:
        return np.zeros(len(texts), dtype=bool)
    return by_word(texts, blank.to_pylist(), missing=True)
