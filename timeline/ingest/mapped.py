"""Rows to events by a mapping: each row can become several events, of several types, or none.

A row gives an event where the conditions of its [[event]] hold and at least one of its columns has a value; a row
with values but without a start is a problem, never skipped. Columns are worked on whole, [[event]] by [[event]].
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsl.types import Code, describe
from timeline.errors import Problem
from timeline.ingest.dates import ISO, Dates
from timeline.ingest.long import report_unread
from timeline.ingest.mapping import Boxes, DateFrom, DaysFrom, EventFrom, FileMapping, ValueFrom
from timeline.ingest.pages import Page, Places, Shaped, Source, shown
from timeline.ingest.values import Spelling, blank_to_missing, order_imputed, parse, parse_dates
from timeline.log.admit import Door
from timeline.log.masks import Mask
from timeline.log.problems import Problems, nearest
from timeline.log.texts import constant

_TICKED: Final = ("1", "checked", "true", "yes")
_EMPTY: Final = ("", "0", "unchecked", "false", "no")


class MappedForm:
    """Events of a file by a mapping. Raises IngestError where the file does not have the columns that it names."""

    def __init__(self, source: Source, mapping: FileMapping, door: Door) -> None:
        mapping.require_columns(source.name, source.columns)
        self._mapping = mapping
        self._door = door
        self._anchors = {
            anchor: _Anchors(source, mapping.patient, anchor)
            for event in mapping.events
            for day in (event.start, event.end)
            if isinstance(day, DaysFrom) and isinstance(anchor := day.anchor, DateFrom)
        }

    def events(self, page: Page, problems: Problems) -> Shaped:
        parts = [part for event in self._mapping.events for part in self._of(event, page, problems)]
        rows = np.concatenate([part.rows for part in parts]) if parts else np.zeros(0, dtype=np.int64)
        order = np.argsort(rows, kind="stable")
        events = pa.concat_tables([part.events for part in parts]) if parts else self._door.schema.empty_table()
        return Shaped(events.take(pa.array(order)), rows[order])

    def _of(self, event: EventFrom, page: Page, problems: Problems) -> Iterator[Shaped]:
        rows = np.flatnonzero(self._takes_part(event, page))
        part = page.take(rows)
        if event.boxes is None:
            yield from self._shaped(event, part, rows, {}, None, problems)
            return
        for column, value in event.boxes.columns.items():
            ticked = np.flatnonzero(self._ticked(event.boxes, column, part, problems))
            constant = {event.boxes.attribute: value}
            yield from self._shaped(event, part.take(ticked), rows[ticked], constant, column, problems)

    def _shaped(
        self,
        event: EventFrom,
        page: Page,
        rows: Any,
        constants: dict[str, str],
        box: str | None,
        problems: Problems,
    ) -> Iterator[Shaped]:
        """The events of the rows that have any value for them; a ticked box is one."""
        filled = np.full(page.rows, box is not None)
        for column, missing in _contents(event):
            filled |= _has_value(page, column, missing)
        page, rows = page.take(filled), rows[filled]
        if not page.rows:
            return
        names = {"patient": self._mapping.patient}
        reported: dict[str, Mask] = {}
        columns: dict[str, pa.Array] = {
            "patient": blank_to_missing(page.texts(self._mapping.patient)[0]),
            "event": constant(event.event, page.rows),
            **page.origin(),
        }
        self._report_patients(page, problems, reported)
        for name, day in (("start", event.start), ("end", event.end)):
            if day is not None:
                names[name] = day.column
                reported[name] = self._day(name, day, page, columns, problems)
        order_imputed(columns)
        for value in event.values:
            names[value.attribute] = value.column or value.attribute
            columns[value.attribute] = self._value(value, page, problems)
        for name, text in constants.items():
            names[name] = box or name
            columns[name] = self._constant(name, text, page.rows)
        yield Shaped(self._door.check(columns, Places.of(page, reported, names), problems), rows)

    def _takes_part(self, event: EventFrom, page: Page) -> Mask:
        taking = np.ones(page.rows, dtype=bool)
        for column, values in event.when:
            texts = pc.fill_null(page.texts(column)[0], "")
            taking &= pc.is_in(texts, pa.array(sorted(values), pa.string())).to_numpy(zero_copy_only=False)
        return taking

    def _report_patients(self, page: Page, problems: Problems, reported: dict[str, Mask]) -> None:
        column = self._mapping.patient
        texts, undecoded = page.texts(column)
        reported["patient"] = undecoded
        nothing = np.zeros(page.rows, dtype=bool)
        report_unread(page, self._door, "patient", column, texts, nothing, undecoded, problems)

    def _ticked(self, boxes: Boxes, column: str, page: Page, problems: Problems) -> Mask:
        texts = pc.utf8_lower(pc.fill_null(page.texts(column)[0], ""))
        ticked: Mask = pc.is_in(texts, pa.array(_TICKED)).to_numpy(zero_copy_only=False)
        empty = pc.is_in(texts, pa.array(_EMPTY)).to_numpy(zero_copy_only=False)
        expected = "1 for a ticked box, 0 or nothing for an empty one"
        problems.report(
            ~(ticked | empty),
            lambda index: page.problem(index, column, shown(texts[index].as_py()), expected),
        )
        return ticked

    # --- dates

    def _day(
        self, name: str, day: DateFrom | DaysFrom, page: Page, columns: dict[str, pa.Array], problems: Problems
    ) -> Mask:
        """Adds a date with its precision; gives the mask of those that have been reported."""
        if isinstance(day, DateFrom):
            values = self._dates(name, day, page, problems)
        else:
            values = self._counted(name, day, page, problems)
        columns[name], columns[f"{name}_precision"], reported = values
        return reported

    def _dates(self, name: str, day: DateFrom, page: Page, problems: Problems) -> tuple[pa.Array, pa.Array, Mask]:
        texts, undecoded = _texts(page, day.column, day.missing)
        dates = _written(page, day.column, day.dates)
        days, precisions, unread = parse_dates(texts, dates)
        report_unread(page, self._door, name, day.column, texts, unread, undecoded, problems, dates)
        return days, precisions, unread | undecoded

    def _counted(self, name: str, day: DaysFrom, page: Page, problems: Problems) -> tuple[pa.Array, pa.Array, Mask]:
        """Anchor and days to a date; its precision is that of the anchor."""
        texts, undecoded = _texts(page, day.column, day.missing)
        numbers, unread = parse(texts, pa.int64())
        expected = "a whole number of days"
        problems.report(unread, lambda index: page.problem(index, day.column, shown(texts[index].as_py()), expected))
        count = numbers.fill_null(0).to_numpy(zero_copy_only=False)
        given = numbers.is_valid().to_numpy(zero_copy_only=False)
        if isinstance(day.anchor, date):
            anchors, precisions = pa.repeat(pa.scalar(day.anchor), page.rows), pa.repeat("day", page.rows)
        else:
            anchors, precisions = self._anchors[day.anchor].of(page, problems)
        no_day = given & (count == 0) & (day.first_day == 1)
        problems.report(no_day, lambda index: page.problem(index, day.column, "'0'", "a day: the anchor is day 1"))
        # A century of days either way: what lies beyond is no clinical date, and must not run over.
        far = given & (np.abs(count) > 60_000)
        problems.report(far, lambda index: page.problem(index, day.column, str(count[index]), "days within 164 years"))
        lost = given & anchors.is_null().to_numpy(zero_copy_only=False)
        problems.report(lost, lambda index: self._no_anchor(page, index, day))
        wrong = unread | undecoded | no_day | far | lost
        shift = np.where(wrong | ~given, 0, count - np.where((day.first_day == 1) & (count > 0), 1, 0))
        moved = anchors.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False) + shift
        absent = wrong | ~given
        days = pa.array(moved.astype(np.int32), mask=absent).cast(pa.date32())
        return days, pc.if_else(pa.array(absent), None, precisions), wrong

    def _no_anchor(self, page: Page, index: int, day: DaysFrom) -> Problem:
        assert isinstance(day.anchor, DateFrom)
        return page.problem(
            index, day.column, "days without an anchor", f"a date of this patient in the column {day.anchor.column}"
        )

    # --- attributes

    def _value(self, value: ValueFrom, page: Page, problems: Problems) -> pa.Array:
        if value.value is not None:
            return self._constant(value.attribute, value.value, page.rows)
        texts, undecoded = _texts(page, value.column, value.missing)
        if value.codes is not None:
            texts = self._translated(value, texts, page, problems)
        stored = self._door.schema.field(value.attribute).type
        dates = _written(page, value.column, value.dates)
        # Typed numbers of a Parquet file have a point, whatever the mapping says of texts.
        decimal = self._mapping.decimal if pa.types.is_binary(page.column(value.column).type) else "."
        scaled = value.factor != 1
        read_as = pa.float64() if scaled else stored
        values, unread = parse(texts, read_as, Spelling(dates, decimal))
        report_unread(
            page, self._door, value.attribute, value.column, texts, unread, undecoded, problems, dates, decimal
        )
        return self._scaled(value, values, stored, texts, page, problems) if scaled else values

    def _translated(self, value: ValueFrom, texts: pa.Array, page: Page, problems: Problems) -> pa.Array:
        assert value.codes is not None
        codes = list(value.codes)
        place = pc.index_in(texts, pa.array(codes, pa.string()))
        unknown = pc.and_(pc.not_equal(texts, ""), place.is_null()).to_numpy(zero_copy_only=False)
        expected = describe(Code(tuple(codes))) if codes else "nothing: the mapping lists no codes"

        def problem(index: int) -> Problem:
            text = texts[index].as_py()
            hint = nearest(text, codes) or "the mapping translates the codes of this column"
            return page.problem(index, value.column, shown(text), expected, hint)

        problems.report(unknown, problem)
        return pc.fill_null(pa.array(list(value.codes.values()), pa.string()).take(place), "")

    def _scaled(
        self, value: ValueFrom, values: pa.Array, stored: pa.DataType, texts: pa.Array, page: Page, problems: Problems
    ) -> pa.Array:
        # Multiplied, then divided: 5040 cGy are 50.4 Gy, while 5040 * 0.01 is the number next to it.
        scaled = pc.divide(
            pc.multiply(values, float(value.factor.numerator)), pa.scalar(float(value.factor.denominator))
        )
        if not pa.types.is_integer(stored):
            return scaled
        broken = pc.fill_null(pc.not_equal(pc.round(scaled), scaled), False).to_numpy(zero_copy_only=False)
        problems.report(
            broken,
            lambda index: page.problem(
                index, value.column, shown(texts[index].as_py()), "a value that is whole after the conversion"
            ),
        )
        return pc.round(scaled).cast(pa.int64())

    def _constant(self, name: str, value: str, count: int) -> pa.Array:
        values, _ = parse(pa.array([value]), self._door.schema.field(name).type)
        return pa.repeat(values[0], count)


class _Anchors:
    """The one date that each patient has in a column, wherever in the file it stands."""

    def __init__(self, source: Source, patient: str, anchor: DateFrom) -> None:
        self._patient = patient
        self._column = anchor.column
        patients, days, precisions = [], [], []
        for page in source.pages():
            texts, _ = _texts(page, anchor.column, anchor.missing)
            found, precision, _ = parse_dates(texts, _written(page, anchor.column, anchor.dates))
            kept = found.is_valid()
            patients.append(page.texts(patient)[0].filter(kept))
            days.append(found.filter(kept))
            precisions.append(precision.filter(kept))
        table = pa.table(
            {
                "patient": pa.chunked_array(patients, pa.string()),
                "day": pa.chunked_array(days, pa.date32()),
                "precision": pa.chunked_array(precisions, pa.string()),
            }
        )
        grouped = table.group_by("patient").aggregate([("day", "min"), ("day", "max"), ("precision", "max")])
        self._patients = grouped["patient"].combine_chunks()
        self._first, self._last = grouped["day_min"].combine_chunks(), grouped["day_max"].combine_chunks()
        self._precision = grouped["precision_max"].combine_chunks()

    def of(self, page: Page, problems: Problems) -> tuple[pa.Array, pa.Array]:
        """The anchor of each row's patient, with its precision; a problem where the file gives two."""
        place = pc.index_in(page.texts(self._patient)[0], self._patients)
        first, last = self._first.take(place), self._last.take(place)
        two = pc.fill_null(pc.not_equal(first, last), False).to_numpy(zero_copy_only=False)
        problems.report(
            two,
            lambda index: page.problem(
                index, self._column, f"{first[index]} and {last[index]} for this patient", "one date a patient"
            ),
        )
        return first, self._precision.take(place)


def _contents(event: EventFrom) -> Iterator[tuple[str, frozenset[str]]]:
    """The columns whose values make an event, with what is missing in them."""
    for day in (event.start, event.end):
        if day is not None:
            yield day.column, day.missing
    yield from ((value.column, value.missing) for value in event.values if value.column)


def _has_value(page: Page, column: str, missing: frozenset[str]) -> Mask:
    texts, undecoded = _texts(page, column, missing)
    found: Mask = pc.not_equal(texts, "").to_numpy(zero_copy_only=False) | undecoded
    return found


def _texts(page: Page, column: str, missing: frozenset[str]) -> tuple[pa.Array, Mask]:
    """The column as text, empty where the mapping says that a value is missing."""
    texts, undecoded = page.texts(column)
    texts = pc.fill_null(texts, "")
    if missing:
        texts = pc.if_else(pc.is_in(texts, pa.array(sorted(missing), pa.string())), "", texts)
    return texts, undecoded


def _written(page: Page, column: str, dates: Dates) -> Dates:
    """How the dates of a column are written: typed dates of a Parquet file have one form."""
    type_ = page.column(column).type
    typed = pa.types.is_date(type_) or pa.types.is_timestamp(type_)
    return Dates(ISO.patterns, dates.imputed) if typed else dates
