"""Mapping files: which columns of a file become which event's start, end and attributes.

A mapping is TOML; `docs/import.md` has its reference. `read_mapping` gives it as frozen values that fit the
declarations, or every mistake in it at once, by line, with the nearest valid spelling. Whether a file has the columns
that it names is asked by `require_columns`; making events of rows is left to `mapped`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from dsl.catalog import Attribute, Catalog, EventType
from dsl.types import Boolean, Code, Integer, Number, describe
from timeline.errors import IngestError, Problem
from timeline.ingest.dates import DatePattern, Dates, Imputed
from timeline.ingest.units import factor
from timeline.log.problems import nearest

CHECKBOX: Final = "___"
"""What stands between the name of a group of checkboxes and the code of one of them."""


@dataclass(frozen=True)
class DateFrom:
    """A date in a column."""

    column: str
    dates: Dates
    missing: frozenset[str]


@dataclass(frozen=True)
class DaysFrom:
    """A number of days in a column, counted from a fixed day or from the patient's date in another column.

    `first_day` is the number of the anchor's own day: 0, or 1 where there is no day 0.
    """

    column: str
    anchor: date | DateFrom
    first_day: int
    missing: frozenset[str]


@dataclass(frozen=True)
class ValueFrom:
    """An attribute's value: from a column, or the same for all events (`value`), with codes translated.

    A value is multiplied by `factor`. Codes that stand for "" are missing.
    """

    attribute: str
    column: str = ""
    value: str | None = None
    codes: Mapping[str, str] | None = None
    missing: frozenset[str] = frozenset()
    dates: Dates = field(default_factory=Dates)
    factor: Fraction = Fraction(1)


@dataclass(frozen=True)
class Boxes:
    """A group of checkbox columns: an event for each ticked box, whose attribute has the value of the box."""

    attribute: str
    group: str
    codes: Mapping[str, str]

    @property
    def columns(self) -> dict[str, str]:
        """The value of each column's box."""
        return {f"{self.group}{CHECKBOX}{code}": value for code, value in self.codes.items()}


@dataclass(frozen=True)
class EventFrom:
    """How rows become events of one type. A row takes part where each column of `when` has one of its values."""

    event: str
    when: tuple[tuple[str, frozenset[str]], ...]
    start: DateFrom | DaysFrom
    end: DateFrom | DaysFrom | None
    values: tuple[ValueFrom, ...]
    boxes: Boxes | None = None

    def columns(self) -> Iterator[str]:
        yield from (column for column, _ in self.when)
        for day in (self.start, self.end):
            if day is not None:
                yield day.column
            if isinstance(day, DaysFrom) and isinstance(day.anchor, DateFrom):
                yield day.anchor.column
        yield from (value.column for value in self.values if value.column)
        if self.boxes is not None:
            yield from self.boxes.columns


@dataclass(frozen=True)
class FileMapping:
    """A whole mapping file; `text` is as it was written."""

    name: str
    text: str
    patient: str
    events: tuple[EventFrom, ...]
    separator: str | None = None
    decimal: str = "."
    ignore: tuple[str, ...] = ()

    def columns(self) -> list[str]:
        """Every column that the mapping reads, once."""
        return list(dict.fromkeys([self.patient, *(name for event in self.events for name in event.columns())]))

    def require_columns(self, file: str, columns: Sequence[str]) -> None:
        """Raises IngestError where the file lacks a column, or has one that is neither used nor ignored."""
        used = self.columns()
        lines = _Lines(self.text)
        problems = [
            Problem(
                f"the column {name!r}, which {file} does not have",
                "a column of the file",
                nearest(name, columns),
                self.name,
                lines.of_text(name),
            )
            for name in used
            if name not in columns
        ]
        left = [
            name
            for name in columns
            if name not in used and not any(fnmatchcase(name, pattern) for pattern in self.ignore)
        ]
        problems += [
            Problem(
                "a column that the mapping does not use",
                f"a column named in {self.name}",
                self._box_hint(name) or "what is to be left out is listed under `ignore`",
                file,
                1,
                column=name,
            )
            for name in left
        ]
        if problems:
            raise _mistakes(f"{self.name} does not fit {file}", problems)

    def _box_hint(self, column: str) -> str:
        for event in self.events:
            if event.boxes is not None and column.startswith(event.boxes.group + CHECKBOX):
                return f"the checkboxes of {event.boxes.group} have no code {column.split(CHECKBOX, 1)[1]!r}"
        return ""


def read_mapping(path: Path, catalog: Catalog) -> FileMapping:
    """The mapping in a file. Raises IngestError with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise IngestError(f"{path}: this is no text in UTF-8, so it is no mapping.") from error
    except OSError as error:
        raise IngestError(f"{path}: the mapping cannot be read: {error.strerror}.") from error
    return parse_mapping(text, path.name, catalog)


def parse_mapping(text: str, name: str, catalog: Catalog) -> FileMapping:
    """As `read_mapping`, from its text."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise IngestError(
            f"{name}: this is no TOML: {error}.", hint="A mapping begins with a table [file], then [[event]] tables."
        ) from error
    return _Reader(name, text, catalog).mapping(tables)


def _mistakes(what: str, problems: Sequence[Problem]) -> IngestError:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return IngestError(f"{what}: {count}, so nothing was written.", problems=problems)


@dataclass(frozen=True)
class _Place:
    """A table of the mapping: its name in words, the number of its [[event]], from 1 (0 outside of them), its key."""

    words: str
    event: int = 0
    key: str = ""

    def inside(self, key: str) -> _Place:
        return replace(self, words=f"{self.words}, {key}", key=key)


class _Lines:
    """Finds the line of a key, since TOML readers do not tell it."""

    def __init__(self, text: str) -> None:
        self._lines: list[tuple[int, str]] = []
        event = 0
        for line in text.splitlines():
            event += line.strip().startswith("[[event]]")
            self._lines.append((event, line))

    def of(self, event: int, *keys: str) -> int | None:
        """The first line of an event's tables that has the first of the keys; else the line that begins them."""
        own = [number for number, (of, _) in enumerate(self._lines, start=1) if of == event]
        inside = own[1:] if event else own
        for key in filter(None, keys):
            word = re.compile(rf'(?<![\w]){re.escape(key)}(?![\w])["\']?\s*[=\].]')
            for number in inside:
                if word.search(self._lines[number - 1][1]):
                    return number
        return own[0] if own and event else None

    def of_text(self, text: str) -> int | None:
        quoted = re.compile(rf"[\"']?{re.escape(text.split(CHECKBOX)[0])}[\"']?")
        return next((number for number, (_, line) in enumerate(self._lines, start=1) if quoted.search(line)), None)


class _Reader:
    """Checks the tables of a mapping against the declarations, and keeps every mistake."""

    def __init__(self, name: str, text: str, catalog: Catalog) -> None:
        self._name = name
        self._text = text
        self._catalog = catalog
        self._lines = _Lines(text)
        self._problems: list[Problem] = []
        self._missing: frozenset[str] = frozenset()
        self._dates = Dates()

    def mapping(self, tables: dict[str, Any]) -> FileMapping:
        top = _Place("the mapping")
        self._known_keys(tables, ("file", "event"), top)
        file, place = self._table(tables, "file", top), _Place("[file]")
        self._known_keys(file, ("patient", "separator", "decimal", "dates", "imputed_day", "missing", "ignore"), place)
        patient = self._text_of(file, "patient", place, required="the column with the patient's id")
        self._missing = frozenset(self._texts(file, "missing", place))
        self._dates = self._date_format(file, Dates(), place)
        decimal = self._choice(file, "decimal", (".", ","), ".", place)
        separator = self._choice(file, "separator", (",", ";", "\t", "|"), None, place)
        events = self._events(tables, top)
        if self._problems:
            raise _mistakes(self._name, self._problems)
        ignore = tuple(self._texts(file, "ignore", place))
        return FileMapping(self._name, self._text, patient, events, separator, decimal or ".", ignore)

    def _events(self, tables: dict[str, Any], top: _Place) -> tuple[EventFrom, ...]:
        written = tables.get("event", [])
        if not isinstance(written, list) or not all(isinstance(item, dict) for item in written) or not written:
            self._report("no table [[event]]" if not written else "event", "tables that begin with [[event]]", top)
            return ()
        found = []
        for number, table in enumerate(written, start=1):
            event = self._event(table, _Place(f"[[event]] {number}", number))
            if event is not None:
                found.append(event)
        return tuple(found)

    def _event(self, table: dict[str, Any], place: _Place) -> EventFrom | None:
        self._known_keys(table, ("event", "when", "start", "end", "attributes"), place)
        name = self._text_of(table, "event", place, required="an event type")
        declared = self._catalog.event(name)
        if declared is None:
            if name:
                hint = nearest(name, (event.name for event in self._catalog))
                self._report(repr(name), "a declared event type", place, "event", hint)
            return None
        when = self._conditions(table, place)
        start = self._day(table, "start", place)
        end = self._day(table, "end", place)
        if start is None:
            if "start" not in table:
                self._report("no start", "the column of the start, or days from an anchor", place)
            return None
        values, boxes = [], None
        for key, written in self._table(table, "attributes", place).items():
            found = self._attribute(declared, key, written, place)
            if isinstance(found, Boxes):
                if boxes is not None:
                    self._report("a second group of checkboxes", "one for each [[event]]", place, key)
                boxes = found
            elif found is not None:
                values.append(found)
        return EventFrom(name, when, start, end, tuple(values), boxes)

    def _conditions(self, table: dict[str, Any], place: _Place) -> tuple[tuple[str, frozenset[str]], ...]:
        written = self._table(table, "when", place)
        return tuple((column, frozenset(self._texts(written, column, place.inside("when")))) for column in written)

    def _day(self, table: dict[str, Any], key: str, place: _Place) -> DateFrom | DaysFrom | None:
        written = table.get(key)
        if written is None:
            return None
        if isinstance(written, str):
            return DateFrom(written, self._dates, self._missing)
        if not isinstance(written, dict):
            self._report(repr(written), "the name of a column, or a table", place, key)
            return None
        inside = place.inside(key)
        if "days" not in written:
            self._known_keys(written, ("column", "dates", "imputed_day", "missing"), inside)
            column = self._text_of(written, "column", inside, required="the name of a column")
            return self._date_from(written, column, inside)
        self._known_keys(written, ("days", "from", "first_day", "dates", "imputed_day", "missing"), inside)
        column = self._text_of(written, "days", inside, required="the name of a column")
        first_day = written.get("first_day", 0)
        if first_day not in (0, 1):
            self._report(
                repr(first_day), "0, or 1 where the anchor is day 1 and there is no day 0", inside, "first_day"
            )
        anchor = written.get("from")
        missing = self._missing_of(written, inside)
        if isinstance(anchor, date):
            return DaysFrom(column, anchor, int(first_day), missing)
        name = self._text_of(written, "from", inside, required="a column with a date, or a date")
        return DaysFrom(column, self._date_from(written, name, inside), int(first_day == 1), missing)

    def _date_from(self, table: dict[str, Any], column: str, place: _Place) -> DateFrom:
        return DateFrom(column, self._date_format(table, self._dates, place), self._missing_of(table, place))

    def _attribute(self, event: EventType, key: str, written: Any, place: _Place) -> ValueFrom | Boxes | None:
        declared = event.attribute(key)
        if declared is None:
            hint = nearest(key, (attribute.name for attribute in event.attributes))
            self._report(repr(key), f"an attribute of {event.name}", place, key, hint)
            return None
        if isinstance(written, str):
            return ValueFrom(key, written, missing=self._missing, dates=self._dates)
        if not isinstance(written, dict):
            self._report(repr(written), "the name of a column, or a table", place, key)
            return None
        inside = place.inside(key)
        kinds = [kind for kind in ("column", "value", "checkbox") if kind in written]
        if len(kinds) != 1:
            self._report(" and ".join(kinds) or "none of them", "one of column, value, checkbox", inside, key)
            return None
        match kinds[0]:
            case "value":
                self._known_keys(written, ("value",), inside)
                value = _plain(written["value"])
                self._require_code(declared, value, inside, "value")
                return ValueFrom(key, value=value)
            case "checkbox":
                self._known_keys(written, ("checkbox", "codes"), inside)
                group = self._text_of(written, "checkbox", inside, required="the name of the group")
                return Boxes(key, group, self._codes(written, declared, inside) or {})
        self._known_keys(written, ("column", "codes", "missing", "dates", "unit", "factor"), inside)
        return ValueFrom(
            key,
            self._text_of(written, "column", inside, required="the name of a column"),
            codes=self._codes(written, declared, inside),
            missing=self._missing_of(written, inside),
            dates=self._date_format(written, self._dates, inside),
            factor=self._factor(written, declared, inside),
        )

    def _codes(self, table: dict[str, Any], declared: Attribute, place: _Place) -> dict[str, str] | None:
        if "codes" not in table:
            if "checkbox" in table:
                self._report("no codes", "what each checkbox stands for", place, "checkbox")
            return None
        codes = {code: _plain(value) for code, value in self._table(table, "codes", place).items()}
        for value in codes.values():
            if value or "checkbox" in table:
                self._require_code(declared, value, place, "codes")
        return codes

    def _require_code(self, declared: Attribute, value: str, place: _Place, key: str) -> None:
        type_ = declared.type
        if isinstance(type_, Code) and value not in type_.codes:
            self._report(repr(value), describe(type_), place, key, nearest(value, type_.codes))
        if isinstance(type_, Boolean) and value not in ("true", "false", ""):
            self._report(repr(value), "true or false", place, key)

    def _factor(self, table: dict[str, Any], declared: Attribute, place: _Place) -> Fraction:
        given = table.get("factor", 1)
        if "unit" not in table and "factor" not in table:
            return Fraction(1)
        if not isinstance(declared.type, Integer | Number):
            self._report(describe(declared.type), "a number, since only numbers have units", place, "unit")
        elif isinstance(given, bool) or not isinstance(given, int | float) or not given:
            self._report(repr(given), "a number other than 0", place, "factor")
        elif "factor" in table:
            if "unit" in table:
                self._report("both unit and factor", "one of them", place, "factor")
            # The number as it is written: 0.1 is a tenth, not the binary number next to it.
            return Fraction(str(given))
        else:
            return self._converted(self._text_of(table, "unit", place), declared.type.unit, place)
        return Fraction(1)

    def _converted(self, given: str, wanted: str | None, place: _Place) -> Fraction:
        if wanted is None:
            self._report(f"the unit {given!r}", "no unit: the attribute is declared without one", place, "unit")
            return Fraction(1)
        found = factor(given, wanted)
        if found is None:
            hint = "a factor can be given instead: factor = 0.1"
            self._report(f"the unit {given!r}", f"one that converts to {wanted}", place, "unit", hint)
        return found or Fraction(1)

    def _date_format(self, table: dict[str, Any], usual: Dates, place: _Place) -> Dates:
        patterns = []
        for text in self._texts(table, "dates", place):
            try:
                patterns.append(DatePattern(text))
            except ValueError as error:
                self._report(repr(text), "how dates are written, such as DD/MM/YYYY", place, "dates", str(error))
        rule = self._choice(table, "imputed_day", tuple(Imputed), usual.imputed, place)
        return Dates(tuple(patterns) or usual.patterns, Imputed(rule) if rule else usual.imputed)

    def _missing_of(self, table: dict[str, Any], place: _Place) -> frozenset[str]:
        return self._missing | frozenset(self._texts(table, "missing", place))

    def _table(self, table: dict[str, Any], key: str, place: _Place) -> dict[str, Any]:
        found = table.get(key, {})
        if isinstance(found, dict):
            return found
        self._report(repr(found), "a table", place, key)
        return {}

    def _text_of(self, table: dict[str, Any], key: str, place: _Place, required: str = "a text") -> str:
        found = table.get(key)
        if isinstance(found, str) and found:
            return found
        self._report("nothing" if found is None else repr(found), required, place, key)
        return ""

    def _texts(self, table: dict[str, Any], key: str, place: _Place) -> list[str]:
        found = table.get(key, [])
        items = found if isinstance(found, list) else [found]
        if all(isinstance(item, str | int | float) for item in items):
            return [_plain(item) for item in items]
        self._report(repr(found), "a text, or a list of them", place, key)
        return []

    def _choice(
        self, table: dict[str, Any], key: str, offered: Sequence[str], usual: str | None, place: _Place
    ) -> str | None:
        found = table.get(key, usual)
        if found in offered or found is None:
            return found
        self._report(repr(found), f"one of {', '.join(repr(str(item)) for item in offered)}", place, key)
        return usual

    def _known_keys(self, table: Iterable[str], offered: Sequence[str], place: _Place) -> None:
        for key in table:
            if key not in offered:
                self._report(f"the key {key!r}", f"one of {', '.join(offered)}", place, key, nearest(key, offered))

    def _report(self, found: str, expected: str, place: _Place, key: str = "", hint: str = "") -> None:
        line = self._lines.of(place.event, key, place.key)
        self._problems.append(Problem(f"{found} in {place.words}", expected, hint, self._name, line))


def _plain(value: Any) -> str:
    """A value as a file would have it."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
