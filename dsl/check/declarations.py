"""Event declarations to a catalogue."""

from collections.abc import Iterable

from dsl import syntax
from dsl.advice.keywords import RESERVED
from dsl.catalog import RESERVED_COLUMNS, Attribute, Catalog, EventType
from dsl.check.scope import Scope
from dsl.diagnostics import listing
from dsl.types import AttributeType, Boolean, Code, Date, Integer, Number, Text


def declare(scope: Scope, statements: Iterable[tuple[syntax.Event, bool]], given: Catalog) -> Catalog:
    """The catalogue of a study: its own declarations, then those given (a store's) that it does not repeat."""
    events: dict[str, EventType] = {}
    places: dict[str, syntax.Event] = {}
    for statement, local in statements:
        name = statement.name.text
        scope.define(statement.name, "event type", statement, local)
        if name not in events and name not in RESERVED:
            events[name] = _event(scope, statement)
            places[name] = statement
    for event in given:
        if event.name not in events and event.name not in scope.symbols:
            events[event.name] = event
    catalog = Catalog(tuple(events.values()))
    for attribute, first, second in catalog.conflicts():
        statement_of = places.get(second.name) or places.get(first.name)
        scope.report(
            "D003",
            f"`{attribute}` is declared with different types in `{first.name}` and `{second.name}`",
            statement_of.name.span if statement_of else None,
            "one kind of value for attributes of one name, since they share a column",
            "rename one of them",
        )
    return catalog


def _event(scope: Scope, statement: syntax.Event) -> EventType:
    attributes: dict[str, Attribute] = {}
    for item in statement.attributes:
        name = item.name.text
        if name in RESERVED_COLUMNS:
            scope.report(
                "D004",
                f"`{name}` is there for every event already",
                item.name.span,
                "another name",
                f"taken: {listing(sorted(RESERVED_COLUMNS), 20)}",
            )
        elif name in RESERVED:
            scope.report("S008", f"`{name}` is a reserved word", item.name.span, "a name", f"such as `{name}_`")
        elif name in attributes:
            scope.report("N006", f"`{statement.name.text}` declares `{name}` twice", item.name.span)
        else:
            doc = item.doc.value if item.doc else ""
            attributes[name] = Attribute(name, _type(scope, item.type), doc)
    doc = statement.doc.value if statement.doc else ""
    return EventType(statement.name.text, tuple(attributes.values()), doc, statement.once)


def _type(scope: Scope, written: syntax.AttributeType) -> AttributeType:
    match written.word:
        case "text":
            return Text()
        case "boolean":
            return Boolean()
        case "integer":
            return Integer(written.unit)
        case "number":
            return Number(written.unit)
        case "date":
            return Date()
        case "date of birth":
            return Date(birth=True)
    codes: list[str] = []
    for code, span in zip(written.codes, written.code_spans, strict=True):
        if code in codes:
            scope.report("N006", f"the code `{code}` is listed twice", span)
        else:
            codes.append(code)
    return Code(tuple(codes))
