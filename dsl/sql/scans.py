"""Scans: one pass over a stream gives every column that selections, quantifiers and aggregates of it need."""

from collections.abc import Container, Sequence
from dataclasses import replace

from sqlglot import exp

from dsl import ir
from dsl.sql import dialects
from dsl.sql.plan import LAST_DAY, Base, Plan, Scan, base_of
from dsl.sql.values import (
    EVENT,
    PATIENT,
    Values,
    add_join,
    coalesce,
    column,
    is_true,
    known,
    missing,
    plus_days,
    read,
    relation,
    united,
)
from dsl.types import Duration, Number

LOG = "log"
"""Schema of the views that the engine makes, one an event type; `log.patients` lists the patients."""


def scan_columns(plan: Plan, scan: Scan) -> list[str]:
    """The columns that a scan gives for each patient."""
    name = plan.scans[scan]
    match scan:
        case ir.Select():
            return [f"{name}.{part}" for part in _fields(plan, scan)]
        case ir.Quantified(quantifier="all"):
            return [f"{name}{side}" for side in (".true", ".unknown", ".against.true", ".against.unknown")]
        case ir.Quantified():
            return [f"{name}.true", f"{name}.unknown"]
        case ir.Aggregate():
            return [name]


def scan_query(
    plan: Plan, base: Base, scans: Sequence[Scan], kept: Container[str], previous: str, dialect: str, everyone: bool
) -> exp.Select:
    """One row for each patient for whom something is found, with those columns of the scans that are `kept`; with
    `everyone`, for each who has any event of the base.

    `previous` is the relation that conditions read.
    """
    values = Values(plan)
    # Conditions of the query keep rows from being joined and grouped.
    visible = None if everyone else _all_visible(scans, values)
    found = [output for scan in scans for output in _outputs(plan, scan, values, dialect, visible is not None)]
    outputs = [output for output in found if output.alias in kept]
    condition = None if everyone else _all(visible, shared_condition(outputs))
    query = exp.select(column("patient", EVENT), *outputs).from_(_source(plan, base, values, previous, dialect))
    if any(True for part in (*outputs, condition) if part is not None for _ in read(part)):
        on = column("patient", PATIENT).eq(column("patient", EVENT))
        add_join(query, "INNER", relation(previous, PATIENT), on)
    if condition is not None:
        query = query.where(condition)
    return query.group_by(column("patient", EVENT))


def shared_condition(outputs: Sequence[exp.Expr]) -> exp.Expr | None:
    """The condition that all aggregates of the outputs have, which is taken from them; None where there is none."""
    aggregates = [list(output.find_all(exp.Filter)) for output in outputs]
    conditions: set[exp.Expr] = {part.expression.this for found in aggregates for part in found}
    if len(conditions) != 1 or not all(aggregates):
        return None
    for part in (part for found in aggregates for part in found):
        part.replace(part.this)
    return conditions.pop()


def _fields(plan: Plan, scan: ir.Select) -> list[str]:
    return ["event_id", *(name for name in plan.fields.get(scan, {}))]


def _all_visible(scans: Sequence[Scan], values: Values) -> exp.Expr | None:
    """The condition that an event is visible, if it is the same one for all of the scans."""
    bases = [base_of(scan.stream)[0] for scan in scans]
    if not all(isinstance(base, ir.Events) and base.horizons and not base.hidden for base in bases):
        return None
    conditions = {_visible(base, values) for base in bases if isinstance(base, ir.Events)}
    return conditions.pop() if len(conditions) == 1 else None


def _visible(base: ir.Events, values: Values) -> exp.Expr:
    """Whether an event starts on or before all horizons; unknown where one of them is."""
    sides = [exp.LTE(this=column("start", EVENT), expression=values.of(horizon)) for horizon in base.horizons]
    return exp.and_(*sides)


def _outputs(plan: Plan, scan: Scan, values: Values, dialect: str, visible: bool) -> list[exp.Expr]:
    """With `visible`, the query has only rows that belong to the stream below its conditions."""
    base, conditions = base_of(scan.stream)
    values = replace(values, end=_own_end(base, values))
    condition = _all(None if visible else _belongs(base, values), *(values.of(item) for item in conditions))
    names = scan_columns(plan, scan)
    match scan:
        case ir.Select():
            found = _selected(plan, scan, values.end, condition, dialect)
        case ir.Quantified(have=have):
            found = _tallies(condition)
            if have is not None:
                found += _tallies(_all(condition, exp.Not(this=exp.paren(values.of(have)))))
        case ir.Aggregate():
            found = [_aggregate(scan, values, condition)]
    return [
        expression.as_(exp.to_identifier(name, quoted=True), copy=False)
        for expression, name in zip(found, names, strict=True)
    ]


def _belongs(base: Base, values: Values) -> exp.Expr | None:
    """Whether a row of the base is in the stream; unknown is possible where the branches of a union have conditions."""
    match base:
        case ir.Events(hidden=hidden) if base.horizons:
            visible = _visible(base, values)
            return is_true(exp.Not(this=exp.paren(visible)) if hidden else visible)
        case ir.Union():
            return column("belongs", EVENT)
    return None


def _all(*conditions: exp.Expr | None) -> exp.Expr | None:
    present = [condition for condition in conditions if condition is not None]
    return exp.and_(*present) if present else None


def _own_end(base: Base, values: Values) -> exp.Expr:
    """The end of an event as far as it is visible."""
    end: exp.Expr = column("end", EVENT)
    if isinstance(base, ir.Events) and not base.hidden:
        for horizon in base.horizons:
            visible = exp.LTE(this=column("end", EVENT), expression=values.of(horizon))
            end = exp.Case(ifs=[exp.If(this=visible, true=end)])
    return end


def _selected(plan: Plan, scan: ir.Select, end: exp.Expr, condition: exp.Expr | None, dialect: str) -> list[exp.Expr]:
    start: exp.Expr = column("start", EVENT)
    last_day = coalesce(end.copy(), start.copy())
    first_key = last_day if scan.by_end else start
    order: tuple[exp.Expr, ...] = (first_key, column("position", EVENT))
    base, _ = base_of(scan.stream)
    if isinstance(base, ir.Union) and _mixes_courses(base):
        order = (*order, column("branch", EVENT))
    found: list[exp.Expr] = []
    for name in _fields(plan, scan):
        own = {"end": end, LAST_DAY: last_day}.get(name, column(name, EVENT)).copy()
        when = condition.copy() if condition is not None else None
        if name == (LAST_DAY if scan.by_end else "start") and scan.pick in ("first", "last"):
            kind = exp.Min if scan.pick == "first" else exp.Max
            found.append(dialects.filtered(kind(this=own), when))
            continue
        if scan.pick == "nth":
            found.append(dialects.nth(dialect, own, order, scan.number, when))
            continue
        picked = dialects.pick(dialect, own, order, scan.pick == "last", when)
        if scan.pick == "only":
            one = exp.EQ(this=_count(condition), expression=exp.Literal.number(1))
            picked = exp.Case(ifs=[exp.If(this=one, true=picked)])
        found.append(picked)
    return found


def _count(condition: exp.Expr | None) -> exp.Expr:
    return dialects.filtered(exp.Count(this=exp.Star()), condition.copy() if condition is not None else None)


def _tallies(condition: exp.Expr | None) -> list[exp.Expr]:
    """How many rows surely meet a condition, and for how many it is unknown."""
    if condition is None:
        return [_count(None), exp.Literal.number(0)]
    return [_count(condition), _count(missing(exp.paren(condition)))]


def _aggregate(scan: ir.Aggregate, values: Values, condition: exp.Expr | None) -> exp.Expr:
    if scan.value is None:
        return _count(condition)
    each = values.of(scan.value)
    match scan.function:
        case "sum":
            found: exp.Expr = exp.Sum(this=each)
        case "mean":
            found = exp.Avg(this=exp.cast(each, "DOUBLE"))
        case "min":
            found = exp.Min(this=each)
        case "max":
            found = exp.Max(this=each)
        case _:
            found = exp.Count(this=exp.Distinct(expressions=[each]))
    tally = dialects.filtered(found, condition)
    if scan.function != "sum" or isinstance(scan.value.type, Number):
        return tally
    # A sum of integers is wider in DuckDB than any program reads; a length of time may have parts of days.
    return exp.cast(tally, "DOUBLE" if isinstance(scan.value.type, Duration) else "BIGINT")


# --- sources other than the view of an event type


def _source(plan: Plan, base: Base, values: Values, previous: str, dialect: str) -> exp.Expr:
    match base:
        case ir.Events(event):
            return _view(event.name).as_(EVENT)
        case ir.Union():
            return _union(plan, base, values, previous, dialect).subquery(EVENT)
        case ir.Courses():
            return _courses(plan, base, values, previous, dialect).subquery(EVENT)


def _view(name: str) -> exp.Table:
    return exp.table_(exp.to_identifier(name, quoted=True), db=LOG)


def _rows(
    plan: Plan, stream: ir.Stream, attributes: Sequence[str], values: Values, previous: str, dialect: str
) -> exp.Select:
    """The events of a stream as rows, with `belongs`: true, or missing where its conditions are unknown."""
    base, conditions = base_of(stream)
    values = replace(values, end=_own_end(base, values))
    condition = _all(_belongs(base, values), *(values.of(item) for item in conditions))
    outputs: list[exp.Expr] = [column(name, EVENT) for name in ("patient", "event_id", "position", "start")]
    outputs.append(values.end.copy().as_(exp.to_identifier("end", quoted=True)))
    outputs.extend(column(name, EVENT) for name in attributes)
    outputs.append((condition or exp.true()).as_(exp.to_identifier("belongs", quoted=True)))
    query = exp.select(*outputs).from_(_source(plan, base, values, previous, dialect))
    if reads_patient(stream):
        on = column("patient", PATIENT).eq(column("patient", EVENT))
        add_join(query, "INNER", relation(previous, PATIENT), on)
    if condition is not None:
        possible = coalesce(condition.copy(), exp.true())
        query = query.where(possible)
    return query


_PATIENT_NODES = (
    ir.Attribute,
    ir.LastDay,
    ir.LetRef,
    ir.CohortRef,
    ir.EndpointField,
    ir.EventRef,
    ir.Select,
    ir.Quantified,
    ir.Aggregate,
)


def reads_patient(node: ir.Node) -> bool:
    """Whether anything below the node is a value of the patient, so that the query needs the relation before it."""
    return any(isinstance(part, _PATIENT_NODES) for part in node.walk())


def _union(plan: Plan, base: ir.Union, values: Values, previous: str, dialect: str) -> exp.Query:
    attributes = sorted(ir.stream_attributes(base))
    branches = [_rows(plan, branch, attributes, values, previous, dialect) for branch in base.streams]
    if _mixes_courses(base):
        for number, query in enumerate(branches):
            query.select(exp.Literal.number(number).as_(exp.to_identifier("branch", quoted=True)), copy=False)
    return united(branches)


def _mixes_courses(union: ir.Union) -> bool:
    """Whether an event and a course that begins with it can meet: on one day and position, the branch decides."""
    return any(isinstance(base_of(branch)[0], ir.Courses) for branch in union.streams)


def _courses(plan: Plan, base: ir.Courses, values: Values, previous: str, dialect: str) -> exp.Select:
    """Gaps and islands: a course begins where the start lies more than the gap behind every day before it."""
    in_order = (column("start"), column("position"))
    order = exp.Order(expressions=[exp.Ordered(this=part.copy()) for part in in_order])
    rows = _rows(plan, base.stream, (), values, previous, dialect).subquery("rows")
    surely = exp.select("*").from_(rows).where(is_true(column("belongs")))
    last_day = coalesce(column("end"), column("start"))
    earlier = exp.Window(
        this=exp.Max(this=last_day.copy()),
        partition_by=[column("patient")],
        order=order.copy(),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="1", end_side="PRECEDING"),
    )
    reached = surely.subquery("r")
    marked = exp.select("*", last_day.as_("last_day"), earlier.as_("reach")).from_(reached)
    joined = exp.LTE(this=column("start"), expression=plus_days(column("reach"), exp.Literal.number(base.gap)))
    begins = exp.Case(
        ifs=[exp.If(this=exp.and_(known(column("reach")), joined), true=exp.Literal.number(0))],
        default=exp.Literal.number(1),
    )
    flagged = exp.select("*", begins.as_("begins")).from_(marked.subquery("m"))
    number = exp.Window(
        this=exp.Sum(this=column("begins")),
        partition_by=[column("patient")],
        order=order.copy(),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )
    numbered = exp.select("*", number.as_("number")).from_(flagged.subquery("f"))
    quoted = {name: exp.to_identifier(name, quoted=True) for name in ("start", "end", "count", "position", "event_id")}
    return (
        exp.select(
            column("patient"),
            column("number"),
            exp.Min(this=column("start")).as_(quoted["start"]),
            exp.Max(this=column("last_day")).as_(quoted["end"]),
            exp.Count(this=exp.Star()).as_(quoted["count"]),
            *(
                dialects.pick(dialect, column(name), in_order, False, None).as_(quoted[name])
                for name in ("position", "event_id")
            ),
        )
        .from_(numbered.subquery("n"))
        .group_by(column("patient"), column("number"))
    )
