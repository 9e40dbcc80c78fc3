"""Queries that weigh what hygiene found: how many patients a finding concerns, and how much time.

`weigh` makes a program that gives a row for each patient with everything the questions need; the engine keeps its
result as the table `study.hygiene`, and the other functions count over that table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlglot import exp

from dsl import ir, program
from dsl.lint.question import Count, Entry
from dsl.rewrite import as_of
from dsl.sql import Compiled, compile_study
from dsl.sql.values import PATIENT, case, coalesce, column, days_between, is_true, known, literal
from dsl.types import Boolean

NAME = "hygiene"
"""What the engine is to call the table."""

INSIDE, OUTSIDE = "counted in", "left out"
"""The groups of a condition: who meets it in the end, and who does not."""

_TABLE = exp.table_(NAME, db="study", alias=PATIENT)
_BEFORE_ALL = literal(date(1, 1, 1))


@dataclass(frozen=True)
class Weighed:
    """The compiled program, and for each question the columns of its values."""

    compiled: Compiled
    columns: dict[Count | Entry, tuple[str, ...]]


def weigh(study: program.Program, questions: Sequence[Count | Entry], dialect: str = "duckdb") -> Weighed:
    """The program for the questions: of the study only the definitions that they need, and copies as of each day."""
    tables: list[program.Table] = []
    copies: list[program.Definition] = []
    for number, question in enumerate(questions, 1):
        values: list[ir.Value]
        match question:
            case Count(value=value, origin=origin, horizon=horizon, deciding=deciding):
                then, made = as_of(study, value, horizon, f" as of question {number}")
                copies.extend(made)
                values = [value, then, origin, horizon, *deciding]
            case Entry(endpoint=endpoint, index=index):
                values = [index, ir.EndpointField(endpoint, "origin", ir.ENDPOINT_FIELDS["origin"])]
        if question.where is not None:
            values.append(question.where)
        shown = tuple(program.Shown("", value) for value in values)
        tables.append(program.Table(question.cohort, None, shown))
    names = [name for question in questions for name in (question.cohort, question.endpoint) if name is not None]
    whole = replace(study, definitions=(*study.definitions, *copies))
    kept = _needed(whole, tables, names)
    asking = replace(whole, definitions=kept, analyses=tuple(tables), expectations=(), tests=(), rules=())
    compiled = compile_study(asking, dialect)
    columns: dict[Count | Entry, tuple[str, ...]] = {}
    for question, table in zip(questions, compiled.study.analyses, strict=True):
        assert isinstance(table, program.Table)
        columns[question] = tuple(compiled.columns[shown.value] for shown in table.shown)
    return Weighed(compiled, columns)


def settled_later(weighed: Weighed, question: Count) -> str:
    """Columns group, members, patients, days: of the members of each group with a time, those for whom the value was
    another one on the day in question, and the days until what made it so. A condition has two groups, named INSIDE
    and OUTSIDE."""
    names = weighed.columns[question]
    value, then, origin, horizon = (column(name, PATIENT) for name in names[:4])
    deciding = [column(name, PATIENT) for name in names[4 : 4 + len(question.deciding)]]
    end = column(f"{question.endpoint}.end", PATIENT) if question.endpoint is not None else None
    condition = exp.and_(_members(weighed, question), known(origin.copy()))
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
    return _counted(weighed, outputs, condition)


def entered_later(weighed: Weighed, question: Entry) -> str:
    """Columns group, members, patients, days: of the members with a time, those whose index day lies after their
    origin, and the days between."""
    index, origin = (column(name, PATIENT) for name in weighed.columns[question][:2])
    filtered = exp.Where(this=exp.GT(this=index, expression=origin))
    days = exp.Sum(this=days_between(origin.copy(), index.copy()))
    outputs = {
        "group": exp.cast(exp.null(), "TEXT"),
        "members": exp.Count(this=exp.Star()),
        "patients": exp.Filter(this=exp.Count(this=exp.Star()), expression=filtered),
        "days": coalesce(exp.Filter(this=days, expression=filtered.copy()), exp.Literal.number(0)),
    }
    return _counted(weighed, outputs, _members(weighed, question))


def _counted(weighed: Weighed, outputs: dict[str, exp.Expr], condition: exp.Expr) -> str:
    query = (
        exp.select(*(item.as_(exp.to_identifier(name, quoted=True)) for name, item in outputs.items()))
        .from_(_TABLE.copy())
        .where(condition)
        .group_by(exp.Literal.number(1))
        .order_by(exp.Literal.number(1))
    )
    return query.sql(dialect=weighed.compiled.dialect)


def _members(weighed: Weighed, question: Count | Entry) -> exp.Expr:
    """Those who have a time for the endpoint, where there is one, and meet whatever else than the value is asked."""
    value = question.value if isinstance(question, Count) else None
    parts: list[exp.Expr] = []
    if question.endpoint is not None:
        parts.append(known(column(f"{question.endpoint}.time", PATIENT)))
        if not isinstance(value, ir.CohortRef) or value.name != question.cohort:
            parts.append(column(question.cohort, PATIENT))
    if question.where is not None and question.where is not value:
        parts.append(is_true(column(weighed.columns[question][-1], PATIENT)))
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


def _needed(study: program.Program, roots: Iterable[ir.Node], names: Iterable[str]) -> tuple[program.Definition, ...]:
    """The definitions that the roots and the names refer to, directly or not."""
    by_name = {item.name: item for item in study.definitions}
    wanted: set[str] = set()
    stack = [*names, *(name for root in roots for name in _referred(root))]
    while stack:
        name = stack.pop()
        if name not in wanted:
            wanted.add(name)
            stack.extend(_referred(by_name[name]))
    return tuple(item for item in study.definitions if item.name in wanted)


def _referred(root: ir.Node) -> list[str]:
    found = []
    for node in root.walk():
        match node:
            case ir.LetRef(name=name) | ir.EventRef(name=name) | ir.CohortRef(name=name):
                found.append(name)
            case ir.EndpointField(endpoint=name):
                found.append(name)
    return found
