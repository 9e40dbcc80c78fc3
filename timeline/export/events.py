"""The current events as rows: every declared type in one table, with one column for each attribute name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from dsl import program
from dsl.catalog import storage_kind, type_text
from dsl.sql.analyses import TABLE
from dsl.sql.definitions import alias
from dsl.sql.scans import LOG
from dsl.sql.values import EVENT, PATIENT, column, literal
from timeline.engine.views import ATTRIBUTE_TYPES
from timeline.export.dataset import Column, Dataset, unit_of

if TYPE_CHECKING:
    from dsl.catalog import Catalog, EventType
    from timeline.export.selection import Rows

_FIRST = {
    "patient": "Patient",
    "event": "Event type",
    "start": "Start",
    "start_precision": "How much of the start is known",
    "end": "End",
    "end_precision": "How much of the end is known",
}
_LAST = {"event_id": "Event id", "position": "Position of the first recording in the log"}


def events_dataset(study: program.Program, catalog: Catalog, rows: Rows, name: str, cohort: str | None) -> Dataset:
    """All current events up to the study's cut-off, of a cohort's members or of every patient.

    Events that the cut-off hides are counted as left out.
    """
    everything = exp.union(*parts, distinct=False) if (parts := _parts(catalog))[1:] else parts[0]
    columns = tuple(_columns(catalog))
    query = exp.select(*(alias(item.value, item.name) for item in columns)).from_(everything.subquery(EVENT))
    if cohort is not None:
        members = exp.select(column("patient", PATIENT)).from_(TABLE.copy()).where(column(cohort, PATIENT))
        query = query.where(exp.In(this=column("patient", EVENT), query=members.subquery()))
    left_out: dict[str, int] = {}
    if study.cutoff is not None:
        hidden = exp.GT(this=column("start", EVENT), expression=literal(study.cutoff))
        if later := _count(rows, query.where(hidden)):
            left_out[f"events after the cut-off {study.cutoff}"] = later
        query = query.where(exp.LTE(this=column("start", EVENT), expression=literal(study.cutoff)))
    ordered = query.order_by(column("patient", EVENT), column("start", EVENT), column("position", EVENT))
    return Dataset(name, "events", "Current events", columns, rows.sql(ordered), _count(rows, query), left_out)


def _count(rows: Rows, query: exp.Select) -> int:
    counted = exp.select(alias(exp.Count(this=exp.Star()), "events")).from_(query.subquery("counted"))
    [found] = rows.engine.query(rows.sql(counted)).to_pylist()
    return int(found["events"])


def _parts(catalog: Catalog) -> list[exp.Select]:
    """The rows of each event type in the columns of all; a type without an attribute has no value of it."""
    attributes = catalog.columns()

    def part(event: EventType) -> exp.Select:
        outputs = [literal(event.name) if name == "event" else column(name, EVENT) for name in _FIRST]
        outputs += [
            column(name, EVENT)
            if event.attribute(name) is not None
            else exp.cast(exp.null(), ATTRIBUTE_TYPES[storage_kind(type_)])
            for name, type_ in attributes.items()
        ]
        outputs += [column(name, EVENT) for name in _LAST]
        named = zip(outputs, (*_FIRST, *attributes, *_LAST), strict=True)
        table = exp.table_(exp.to_identifier(event.name, quoted=True), db=LOG).as_(EVENT)
        return exp.select(*(alias(output, name) for output, name in named)).from_(table)

    return [part(event) for event in catalog]


def _columns(catalog: Catalog) -> list[Column]:
    found = [Column(name, column(name, EVENT), label) for name, label in _FIRST.items()]
    for name, type_ in catalog.columns().items():
        declared = [(event, attribute) for event in catalog if (attribute := event.attribute(name)) is not None]
        docs = dict.fromkeys(attribute.doc for _, attribute in declared if attribute.doc)
        label = next(iter(docs)) if len(docs) == 1 else name
        words = [
            f"{event.name}: {type_text(attribute.type)}{f' ({attribute.doc})' if attribute.doc else ''}"
            for event, attribute in declared
        ]
        found.append(Column(name, column(name, EVENT), label, unit_of(type_), "; ".join(words)))
    return found + [Column(name, column(name, EVENT), label) for name, label in _LAST.items()]
