"""Rules of plausibility to SQL: which events of which patients are findings.

A query gives one row for each event of a finding: the columns patient, finding (the id of the finding's first event)
and event_id, by patient and in order of recording. Looking the events up is left to whoever runs it.
"""

from collections.abc import Sequence

from sqlglot import exp

from dsl import ir, program
from dsl.catalog import EventType
from dsl.rewrite import lower
from dsl.sql.chain import Chain
from dsl.sql.plan import base_of, make_plan
from dsl.sql.scans import _rows, _view, reads_patient
from dsl.sql.values import Values, column, is_true, united

_DATES = ("start", "end")
_FINDING = exp.to_identifier("finding", quoted=True)


def findings(study: program.Program, rule: program.Rule, dialect: str = "duckdb") -> str:
    """The events that a rule flags. Where it flags courses, a finding has all events of the course."""
    lowered = lower(study)
    stream = next(item.stream for item in lowered.rules if item.name == rule.name)
    plan = make_plan(lowered, [stream], ())
    chain = Chain(plan, dialect)
    values = Values(plan)
    flagged = _rows(plan, stream, (), values, chain.last, dialect).subquery("f")
    base, _ = base_of(stream)
    first = column("event_id", "f").as_(_FINDING)
    if isinstance(base, ir.Courses):
        members = _rows(plan, base.stream, (), values, chain.last, dialect).subquery("m")
        inside = exp.and_(
            column("patient", "m").eq(column("patient", "f")),
            is_true(column("belongs", "m")),
            exp.Between(this=column("start", "m"), low=column("start", "f"), high=column("end", "f")),
        )
        query = (
            exp.select(column("patient", "f"), first, column("event_id", "m"), column("position", "m"))
            .from_(flagged)
            .join(members, on=inside)
        )
    else:
        query = exp.select(column("patient", "f"), first, column("event_id", "f"), column("position", "f")).from_(
            flagged
        )
    query = query.where(is_true(column("belongs", "f"))).distinct()
    if reads_patient(stream):
        query = chain.beneath(query)
    return query.order_by(column("patient"), column("position")).sql(dialect=dialect)


def partly_dated(events: Sequence[EventType], dialect: str = "duckdb") -> str:
    """The patients of whom a start or an end is known to the month or the year only, in the column patient."""
    assert events, "a store declares at least one event type"
    partial: list[exp.Query] = []
    for event in events:
        known = [exp.EQ(this=column(f"{name}_precision"), expression=exp.Literal.string("day")) for name in _DATES]
        vague = exp.or_(*(exp.Not(this=condition) for condition in known))
        partial.append(exp.select(column("patient")).from_(_view(event.name)).where(vague))
    return united(partial, distinct=True).sql(dialect=dialect)


def duplicates(event: EventType, dialect: str = "duckdb") -> str:
    """Events of a type that are there more than once: alike in patient, dates, precisions and every attribute.

    The language says one event at a time and so has no word for it.
    """
    alike = ["patient", "start", "end", "start_precision", "end_precision"]
    alike += [attribute.name for attribute in event.attributes]

    def over(aggregate: exp.Expr, ordered: bool) -> exp.Window:
        order = exp.Order(expressions=[exp.Ordered(this=column("position"))]) if ordered else None
        return exp.Window(this=aggregate, partition_by=[column(name) for name in alike], order=order)

    marked = exp.select(
        column("patient"),
        column("event_id"),
        column("position"),
        over(exp.FirstValue(this=column("event_id")), ordered=True).as_(_FINDING),
        over(exp.Count(this=exp.Star()), ordered=False).as_(exp.to_identifier("copies", quoted=True)),
    ).from_(_view(event.name))
    return (
        exp.select(column("patient"), column("finding"), column("event_id"), column("position"))
        .from_(marked.subquery("marked"))
        .where(exp.GT(this=column("copies"), expression=exp.Literal.number(1)))
        .order_by(column("patient"), column("position"))
        .sql(dialect=dialect)
    )
