"""The declared event types, their attributes and codes: everything that a query can see and a store accepts.

A catalogue is made from declarations in the language (`dsl.read_catalog`) and written back to them (`Catalog.text`).
"""

import re
from collections.abc import Iterator
from functools import cached_property

from dsl.record import record
from dsl.types import AttributeType, Boolean, Code, Date, Integer, Number, Text

RESERVED_COLUMNS = frozenset(
    {
        "patient",
        "event",
        "start",
        "end",
        "start_precision",
        "end_precision",
        "event_id",
        "position",
        "recorded_at",
        "recorded_by",
        "source",
        "source_line",
        "operation",
        "reason",
    }
)
"""Columns that every event has; no attribute may take one of these names."""

_BARE_CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+")


@record
class Attribute:
    name: str
    type: AttributeType
    doc: str = ""

    def __post_init__(self) -> None:
        if self.name in RESERVED_COLUMNS:
            raise ValueError(f"Attribute.name: {self.name!r} is a column that every event has")


@record
class EventType:
    """One declared kind of event. `once` says that a patient has at most one, so its name alone denotes that event."""

    name: str
    attributes: tuple[Attribute, ...] = ()
    doc: str = ""
    once: bool = False

    def __post_init__(self) -> None:
        names = [attribute.name for attribute in self.attributes]
        if len(set(names)) != len(names):
            raise ValueError(f"EventType.attributes: expected distinct names, received {names!r}")

    def attribute(self, name: str) -> Attribute | None:
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


@record
class Catalog:
    """Event types by name, in declared order."""

    events: tuple[EventType, ...] = ()

    def __post_init__(self) -> None:
        names = [event.name for event in self.events]
        if len(set(names)) != len(names):
            raise ValueError(f"Catalog.events: expected distinct names, received {names!r}")

    def __iter__(self) -> Iterator[EventType]:
        return iter(self.events)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @cached_property
    def _by_name(self) -> dict[str, EventType]:
        return {event.name: event for event in self.events}

    def event(self, name: str) -> EventType | None:
        return self._by_name.get(name)

    def columns(self) -> dict[str, AttributeType]:
        """The columns of the wide table: one for each attribute name, in order of first declaration.

        Attributes of one name share a column, so they must be of one storage kind; `conflicts` tells which are not.
        """
        columns: dict[str, AttributeType] = {}
        for event in self.events:
            for attribute in event.attributes:
                columns.setdefault(attribute.name, attribute.type)
        return columns

    def conflicts(self) -> list[tuple[str, EventType, EventType]]:
        """Attribute names that two event types declare with different storage kinds."""
        first: dict[str, tuple[EventType, str]] = {}
        found = []
        for event in self.events:
            for attribute in event.attributes:
                kind = storage_kind(attribute.type)
                earlier, earlier_kind = first.setdefault(attribute.name, (event, kind))
                if earlier_kind != kind:
                    found.append((attribute.name, earlier, event))
        return found

    def text(self) -> str:
        """The declarations in canonical form; reading them gives this catalogue again."""
        return "\n".join(_event_text(event) for event in self.events)


def storage_kind(type_: AttributeType) -> str:
    """How an attribute is stored: `text`, `boolean`, `integer`, `number` or `date` (a code is stored as its text)."""
    match type_:
        case Text() | Code():
            return "text"
        case Boolean():
            return "boolean"
        case Integer():
            return "integer"
        case Number():
            return "number"
        case Date():
            return "date"


def type_text(type_: AttributeType) -> str:
    """The type as a declaration spells it."""
    match type_:
        case Text():
            return "text"
        case Boolean():
            return "boolean"
        case Integer(unit):
            return f"integer [{unit}]" if unit else "integer"
        case Number(unit):
            return f"number [{unit}]" if unit else "number"
        case Date(birth):
            return "date of birth" if birth else "date"
        case Code(codes):
            return "one of " + ", ".join(code_text(code) for code in codes)


def code_text(code: str) -> str:
    """A code as it is written in the language: bare where it reads as one word, else quoted."""
    return code if _BARE_CODE.fullmatch(code) else quote(code)


def quote(text: str) -> str:
    """A string literal of the language: backslash and double quote escaped, line breaks as \\n."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'


def _event_text(event: EventType) -> str:
    head = f"event {event.name}" + (" once" if event.once else "") + (f" {quote(event.doc)}" if event.doc else "")
    width = max((len(attribute.name) for attribute in event.attributes), default=0)
    lines = [head]
    for attribute in event.attributes:
        doc = f"  {quote(attribute.doc)}" if attribute.doc else ""
        lines.append(f"    {attribute.name.ljust(width)}  {type_text(attribute.type)}{doc}")
    return "\n".join(lines) + "\n"
