"""Strategies for declarations and for logs of events that follow them.

What decides a reading is made frequent: few days, so that events tie and fall on the bounds of windows; ends of months
and 29 February; missing values; intervals that overlap, touch or have no end; positions out of date order; patients
without events.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from dsl.catalog import Attribute, Catalog, EventType
from dsl.types import AttributeType, Boolean, Code, Date, Integer, Number, Text
from tests.oracle import Event

Draw = Callable[[st.SearchStrategy[Any]], Any]

DAYS = tuple(
    sorted(
        {
            first + timedelta(offset)
            for first in (date(2012, 1, 30), date(2012, 2, 28), date(2012, 8, 31), date(2013, 2, 27), date(2016, 2, 28))
            for offset in (0, 1, 2, 3)
        }
    )
)
"""Days that tie, lie next to each other, end months and end February in leap years and others."""

BIRTHS = (date(1950, 2, 28), date(1952, 2, 29), date(1960, 8, 31), date(1999, 12, 31))
CODES = ("R0", "R1", "liver", "it's", "0")
TEXTS = ("", "R0", "a b", "it's", "%")

_NAMES = ("surgery", "order", "Scan", "visit_2")
_ATTRIBUTES: tuple[tuple[str, tuple[AttributeType, ...]], ...] = (
    ("site", (Code(CODES[:3]), Code(CODES[2:]), Code(CODES))),
    ("note", (Text(), Code(CODES[:2]))),
    ("serious", (Boolean(),)),
    ("count", (Integer(), Integer("mg"))),
    ("dose", (Number(), Number("mg"))),
    ("planned", (Date(),)),
    ("birth", (Date(birth=True),)),
)
"""Names with the types that declarations give them; those of one name share a column, so they are of one kind."""


@st.composite
def catalogues(draw: Draw) -> Catalog:
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=2, max_size=3, unique=True))
    return Catalog(tuple(EventType(name, draw(_attributes())) for name in names))


@st.composite
def _attributes(draw: Draw) -> tuple[Attribute, ...]:
    chosen = draw(st.lists(st.sampled_from(_ATTRIBUTES), min_size=2, max_size=5, unique_by=lambda item: item[0]))
    return tuple(Attribute(name, draw(st.sampled_from(types))) for name, types in chosen)


@st.composite
def logs(draw: Draw, catalog: Catalog, patients: int) -> dict[str, list[Event]]:
    """Events by patient, in order of recording. The first patient has none."""
    log: dict[str, list[Event]] = {"p0": []}
    for number in range(1, patients):
        size = draw(st.sampled_from((4, 1, 2, 3, 5, 6, 7)))
        log[f"p{number}"] = [draw(_events(catalog, f"p{number}", position)) for position in range(1, size + 1)]
    return log


@st.composite
def _events(draw: Draw, catalog: Catalog, patient: str, position: int) -> Event:
    declared = draw(st.sampled_from(catalog.events))
    start = draw(st.sampled_from(DAYS))
    length = draw(st.sampled_from((None, None, 0, 1, 3, 40)))
    values = {attribute.name: draw(_values(attribute.type)) for attribute in declared.attributes}
    end = None if length is None else start + timedelta(length)
    return Event(declared.name, f"{patient}.{position}", position, start, end, values)


def _values(type_: AttributeType) -> st.SearchStrategy[Any]:
    """Numbers are sums of powers of two, so that a sum is the same in any order."""
    match type_:
        case Code(codes):
            known: tuple[Any, ...] = codes
        case Text():
            known = TEXTS
        case Boolean():
            known = (True, False)
        case Integer():
            known = (-1, 0, 1, 2, 4)
        case Number():
            known = (-0.5, 0.0, 0.25, 1.0, 2.0)
        case Date(birth):
            known = BIRTHS if birth else DAYS
    return st.sampled_from((None, *known))
