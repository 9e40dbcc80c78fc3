"""Queries that weigh what hygiene found: how many patients a finding concerns, and how much time.

`asking` adds to a study what the questions need to know of each patient; the other functions count over the patients'
rows of that study. The table that they are given is that of the question, as it was compiled.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlglot import exp

from dsl import ir, program
from dsl.lint.question import Count, Entry
from dsl.rewrite import as_of
from dsl.sql import Compiled
from dsl.sql.analyses import TABLE, named, printed
from dsl.sql.values import PATIENT, case, coalesce, column, days_between, is_true, known, literal
from dsl.types import Boolean

INSIDE, OUTSIDE = "counted in", "left out"
"""The groups of a condition: who meets it in the end, and who does not."""

_BEFORE_ALL = literal(date(1, 1, 1))


def asking(study: program.Program, questions: Sequence[Count | Entry]) -> program.Program:
    """The study that asks, after its own analyses, for a table of each question's values.

    It has copies of definitions as of the day in question, which questions about one day share.
    """
    tables: list[program.Table] = []
    copies: dict[str, program.Definition] = {}
    days: dict[ir.Value, int] = {}
    for question in questions:
        values: list[ir.Value]
        match question:
            case Count(value=value, origin=origin, horizon=horizon, deciding=deciding):
                number = days.setdefault(horizon, len(days) + 1)
                then, made = as_of(study, value, horizon, f" as of day {number}")
                copies.update((item.name, item) for item in made)
                values = [value, then, origin, horizon, *deciding]
            case Entry(endpoint=endpoint, index=index):
                values = [index, ir.EndpointField(endpoint, "origin", ir.ENDPOINT_FIELDS["origin"])]
        if question.endpoint is not None:
            values.append(ir.EndpointField(question.endpoint, "end", ir.ENDPOINT_FIELDS["end"]))
        if question.where is not None:
            values.append(question.where)
        tables.append(program.Table(question.cohort, None, tuple(program.Shown("", value) for value in values)))
    return replace(study, definitions=(*study.definitions, *copies.values()), analyses=(*study.analyses, *tables))


def settled_later(compiled: Compiled, table: program.Table, question: Count) -> str:
    """Columns group, members, patients, days: of the members of each group with a time, those for whom the value was
    another one on the day in question, and the days until what made it so. A condition has two groups, named INSIDE
    and OUTSIDE."""
    names = [compiled.columns[shown.value] for shown in table.shown]
    value, then, origin, horizon = (column(name, PATIENT) for name in names[:4])
    deciding = [column(name, PATIENT) for name in names[4 : 4 + len(question.deciding)]]
    end = column(f"{question.endpoint}.end", PATIENT) if question.endpoint is not None else None
    condition = exp.and_(_members(compiled, table, question), known(origin.copy()))
    if question.at_risk and end is not None:
        condition = exp.and_(condition, exp.GT(this=end.copy(), expression=horizon.copy()))
    if question.groups is None:
        later: exp.Expr = exp.NEQ(this=is_true(value), expression=is_true(then))
        label: exp.Expr = case([(is_true(value.copy()), literal(INSIDE))], literal(OUTSIDE))
    else:
        condition = exp.and_(condition, known(value))
        later = exp.NullSafeNEQ(this=value.copy(), expression=then)
        label = _label(question.groups, value)
    days = days_between(origin, _latest(deciding, horizon, end))
    filtered = exp.Where(this=later)
    outputs = {
        "group": label,
        "members": exp.Count(this=exp.Star()),
        "patients": exp.Filter(this=exp.Count(this=exp.Star()), expression=filtered),
        "days": coalesce(exp.Filter(this=exp.Sum(this=days), expression=filtered.copy()), exp.Literal.number(0)),
    }
    return _counted(compiled, outputs, condition)


def entered_later(compiled: Compiled, table: program.Table, question: Entry) -> str:
    """Columns group, members, patients, days: of the members with a time, those whose index day lies after their
    origin, and the days between."""
    index, origin = (column(compiled.columns[shown.value], PATIENT) for shown in table.shown[:2])
    filtered = exp.Where(this=exp.GT(this=index, expression=origin))
    days = exp.Sum(this=days_between(origin.copy(), index.copy()))
    outputs = {
        "group": exp.cast(exp.null(), "TEXT"),
        "members": exp.Count(this=exp.Star()),
        "patients": exp.Filter(this=exp.Count(this=exp.Star()), expression=filtered),
        "days": coalesce(exp.Filter(this=days, expression=filtered.copy()), exp.Literal.number(0)),
    }
    return _counted(compiled, outputs, _members(compiled, table, question))


def _counted(compiled: Compiled, outputs: dict[str, exp.Expr], condition: exp.Expr) -> str:
    query = (
        exp.select(*(named(item, name) for name, item in outputs.items()))
        .from_(TABLE.copy(), copy=False)
        .where(condition, copy=False)
        .group_by(exp.Literal.number(1), copy=False)
        .order_by(exp.Literal.number(1), copy=False)
    )
    return printed(compiled, query)


def _members(compiled: Compiled, table: program.Table, question: Count | Entry) -> exp.Expr:
    """Those who have a time for the endpoint, where there is one, and meet whatever else than the value is asked."""
    value = question.value if isinstance(question, Count) else None
    parts: list[exp.Expr] = []
    if question.endpoint is not None:
        parts.append(known(column(f"{question.endpoint}.time", PATIENT)))
        if not isinstance(value, ir.CohortRef) or value.name != question.cohort:
            parts.append(column(question.cohort, PATIENT))
    if question.where is not None and question.where is not value:
        parts.append(is_true(column(compiled.columns[table.shown[-1].value], PATIENT)))
    return exp.and_(*parts) if parts else exp.true()


def _label(group: program.Group, value: exp.Expr) -> exp.Expr:
    if isinstance(group.value.type, Boolean):
        return case([(value.copy(), literal(group.words))], literal(f"not {group.words}"))
    return exp.cast(value.copy(), "TEXT")


def _latest(days: Sequence[exp.Expr], horizon: exp.Expr, end: exp.Expr | None) -> exp.Expr:
    """The latest day after the horizon, and not after the end of the time."""
    after = [
        coalesce(case([(exp.GT(this=day, expression=horizon.copy()), day.copy())]), _BEFORE_ALL.copy()) for day in days
    ]
    greatest = exp.Greatest(this=after[0], expressions=after[1:]) if after[1:] else after[0]
    latest = exp.Nullif(this=greatest, expression=_BEFORE_ALL.copy())
    if end is None:
        return latest
    return case([(exp.GT(this=latest, expression=end), end.copy())], latest.copy())
