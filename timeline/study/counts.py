"""What is recorded, counted: patients, events of each type, and the attributes of a type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from dsl.catalog import EventType
from dsl.types import Code
from timeline.engine.base import LOG_SCHEMA, PATIENTS

if TYPE_CHECKING:
    from timeline.engine.base import Engine

_DIALECT = "duckdb"


def patients(engine: Engine, typed: str, most: int) -> list[str]:
    """The first patients whose id contains a text, in whatever case."""
    patient = exp.column("patient", quoted=True)
    lowered = exp.Lower(this=patient.copy())
    found = exp.StrPosition(this=lowered, substr=exp.Literal.string(typed.casefold()))
    query = exp.select(patient).from_(_view(PATIENTS)).where(found > 0).order_by(patient.copy()).limit(most)
    return [str(row["patient"]) for row in engine.query(query.sql(_DIALECT)).to_pylist()]


def counts(engine: Engine, events: Sequence[EventType]) -> list[Mapping[str, Any]]:
    """For each event type: how many events of how many patients, and from when to when they start."""
    if not events:
        return []
    start = exp.column("start", quoted=True)
    patient = exp.column("patient", quoted=True)
    rows = [
        exp.select(
            exp.Literal.string(event.name).as_("event"),
            exp.Count(this=exp.Star()).as_("events"),
            exp.Count(this=exp.Distinct(expressions=[patient.copy()])).as_("patients"),
            exp.Min(this=start.copy()).as_("first"),
            exp.Max(this=start.copy()).as_("last"),
        ).from_(_view(event.name))
        for event in events
    ]
    query: exp.Query = rows[0]
    for row in rows[1:]:
        query = exp.union(query, row, distinct=False)
    found = {row["event"]: row for row in engine.query(query.sql(_DIALECT)).to_pylist()}
    return [found[event.name] for event in events]


def attributes(engine: Engine, event: EventType) -> Iterator[Mapping[str, Any]]:
    """For each attribute: its type, of how many events it is known, and how often each code occurs."""
    if not event.attributes:
        return
    known = exp.select(
        *(exp.Count(this=_attribute(item.name)).as_(item.name, quoted=True) for item in event.attributes)
    )
    (row,) = engine.query(known.from_(_view(event.name)).sql(_DIALECT)).to_pylist()
    for item in event.attributes:
        codes: dict[str, int] = {}
        if isinstance(item.type, Code):
            value = _attribute(item.name)
            query = exp.select(value.as_("code"), exp.Count(this=exp.Star()).as_("events")).from_(_view(event.name))
            rows = engine.query(query.where(value.copy().is_(exp.Null()).not_()).group_by(value.copy()).sql(_DIALECT))
            found = {level["code"]: level["events"] for level in rows.to_pylist()}
            codes = {code: found.get(code, 0) for code in item.type.codes}
        yield {"attribute": item, "known": row[item.name], "codes": codes}


def _view(name: str) -> exp.Table:
    return exp.table_(exp.to_identifier(name, quoted=True), db=LOG_SCHEMA)


def _attribute(name: str) -> exp.Column:
    return exp.column(name, quoted=True)
