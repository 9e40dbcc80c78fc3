"""IR values to sqlglot expressions.

A value of the patient reads columns of the relation built so far; a value of one event reads the row of its stream too.
Nothing a person typed is pasted: literals and codes are nodes, names are quoted identifiers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from dsl import ir
from dsl.ir import CalendarSpan
from dsl.sql.plan import LAST_DAY, Plan

_OPERATORS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
}

PATIENT, EVENT = "p", "e"
"""Aliases: the relation of one row a patient, and the stream of events."""


def column(name: str, table: str | None = None) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=table, copy=False)


def relation(name: str, alias: str | None = None) -> exp.Table:
    """A relation of the query by its name. (`exp.to_table` reads a text, and for that has to parse it.)"""
    return exp.table_(exp.to_identifier(name), alias=None if alias is None else exp.to_identifier(alias))


def add_join(query: exp.Select, side: str, table: exp.Expr, on: exp.Expr) -> None:
    """Joins a table to a query, which is changed; `side` is `LEFT` or `INNER`."""
    kind = {"side": side} if side == "LEFT" else {"kind": side}
    query.append("joins", exp.Join(this=table, on=on, **kind))


def read(expression: exp.Expr) -> Iterator[str]:
    """The columns of the patient's relation that an expression or a query reads."""
    return (found.name for found in expression.find_all(exp.Column) if found.table == PATIENT and not found.is_star)


def united(queries: Sequence[exp.Query], *, distinct: bool = False) -> exp.Query:
    """The rows of all queries, which have the same columns and become part of what is given back."""
    union = queries[0]
    for query in queries[1:]:
        union = exp.union(union, query, distinct=distinct, copy=False)
    return union


def noted(expression: exp.Expr, words: str) -> exp.Expr:
    """The expression with a comment. Some dialects nest comments, so that an opening in one would swallow the rest."""
    expression.add_comments([words.replace("/*", "/ *")])
    return expression


def literal(value: str | int | float | bool | date | CalendarSpan) -> exp.Expr:
    match value:
        case bool():
            return exp.true() if value else exp.false()
        case str():
            return exp.Literal.string(value)
        case int() | float():
            return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))
        case date():
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
        case CalendarSpan():
            return literal(value.in_days)


def coalesce(value: exp.Expr, default: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=value, expressions=[default])


def is_true(value: exp.Expr) -> exp.Expr:
    """Unknown made false, in a form that every dialect has."""
    return coalesce(value, exp.false())


def known(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.Not(this=exp.null()))


def missing(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.null())


def case(branches: list[tuple[exp.Expr, exp.Expr]], default: exp.Expr | None = None) -> exp.Expr:
    found = exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in branches])
    if default is not None:
        found.set("default", default)
    return found


def plus_months(day: exp.Expr, months: exp.Expr) -> exp.Expr:
    return exp.cast(exp.DateAdd(this=day, expression=months, unit=exp.var("MONTH")), "DATE")


def plus_days(day: exp.Expr, days: exp.Expr) -> exp.Expr:
    return exp.cast(exp.DateAdd(this=day, expression=days, unit=exp.var("DAY")), "DATE")


def days_between(start: exp.Expr, end: exp.Expr) -> exp.Expr:
    return exp.DateDiff(this=end, expression=start, unit=exp.var("DAY"))


@dataclass(frozen=True)
class Values:
    """Lowers values; `patient` is the alias of the relation whose columns hold what is known of the patient, `end` the
    end of the event in question as far as it is visible."""

    plan: Plan
    patient: str = PATIENT
    end: exp.Expr = field(default_factory=lambda: column("end", EVENT))

    def of(self, value: ir.Value) -> exp.Expr:
        match value:
            case ir.Literal(value=content):
                return literal(content)
            case ir.Own(name="end"):
                return self.end.copy()
            case ir.Own(name=name):
                return column(name, EVENT)
            case ir.Attribute(event=event, name=name):
                return self._part(event, name)
            case ir.LastDay(event=event):
                return self._part(event, LAST_DAY)
            case ir.LetRef(name=name) | ir.CohortRef(name=name):
                return column(name, self.patient)
            case ir.EndpointField(endpoint=endpoint, name=name):
                return column(f"{endpoint}.{name}", self.patient)
            case ir.IsKnown(operand=operand):
                if isinstance(operand, ir.Select | ir.EventRef):
                    return known(self._part(operand, "start"))
                return known(self._operand(operand))
            case ir.Compare(operator=operator, left=left, right=right):
                return _OPERATORS[operator](this=self._operand(left), expression=self._operand(right))
            case ir.OneOf(operand=operand, items=items):
                return exp.In(this=self._operand(operand), expressions=[self.of(item) for item in items])
            case ir.Not(operand=operand):
                return exp.Not(this=exp.paren(self.of(operand)))
            case ir.And(operands=operands):
                return exp.and_(*(self.of(operand) for operand in operands))
            case ir.Or(operands=operands):
                return exp.paren(exp.or_(*(self.of(operand) for operand in operands)))
            case ir.Case(branches=branches, otherwise=otherwise):
                default = self.of(otherwise) if otherwise is not None else None
                return case([(self.of(condition), self.of(result)) for condition, result in branches], default)
            case ir.InWindow(low=low, high=high):
                return self._window(low, high)
            case ir.Quantified() | ir.Aggregate():
                return self._scanned(value)
            case _:
                return self._computed(value)

    def _computed(self, value: ir.Value) -> exp.Expr:
        """Dates and numbers."""
        match value:
            case ir.AgeAt(birth=birth, day=day):
                return self._age(self.of(birth), self.of(day))
            case ir.DaysBetween(start=start, end=end):
                return days_between(self.of(start), self.of(end))
            case ir.Shift(day=day, span=span):
                moved = self.of(day)
                if span.months:
                    moved = plus_months(moved, literal(int(span.months)))
                return plus_days(moved, literal(int(span.days))) if span.days else moved
            case ir.ShiftDays(day=day, days=days):
                whole = exp.cast(exp.Round(this=exp.cast(self.of(days), "DOUBLE")), "INT")
                return plus_days(self.of(day), whole)
            case ir.Arithmetic(operator="/", left=left, right=right):
                divisor = exp.Nullif(this=exp.cast(self.of(right), "DOUBLE"), expression=exp.Literal.number(0))
                return exp.Div(this=exp.cast(self.of(left), "DOUBLE"), expression=divisor)
            case ir.Arithmetic(operator=operator, left=left, right=right):
                return exp.paren(_OPERATORS[operator](this=self._operand(left), expression=self._operand(right)))
        raise AssertionError(f"no SQL for {type(value).__name__}")

    def _operand(self, value: ir.Value) -> exp.Expr:
        lowered = self.of(value)
        return exp.paren(lowered) if isinstance(lowered, exp.Binary | exp.Not | exp.In) else lowered

    def event_id(self, event: ir.EventValue | None) -> exp.Expr:
        """The id of a selected event, so that a time can be traced to its record."""
        return exp.cast(exp.null(), "TEXT") if event is None else self._part(event, "event_id")

    def _part(self, event: ir.EventValue, name: str) -> exp.Expr:
        return column(f"{self.plan.scans[self.plan.selected(event)]}.{name}", self.patient)

    @staticmethod
    def _age(birth: exp.Expr, day: exp.Expr) -> exp.Expr:
        """Years between the calendar years, less one where that birthday is yet to come."""
        years = exp.Sub(this=exp.Year(this=day), expression=exp.Year(this=birth))
        birthday = plus_months(birth.copy(), exp.Mul(this=exp.Literal.number(12), expression=exp.paren(years)))
        return case(
            [
                (
                    exp.GT(this=birthday, expression=day.copy()),
                    exp.Sub(this=years.copy(), expression=exp.Literal.number(1)),
                )
            ],
            years.copy(),
        )

    def _window(self, low: ir.Bound | None, high: ir.Bound | None) -> exp.Expr:
        start = column("start", EVENT)
        sides: list[exp.Expr] = []
        if low is not None:
            kind = exp.GTE if low.inclusive else exp.GT
            sides.append(kind(this=start, expression=self.of(low.day)))
        if high is not None:
            limit = exp.LTE if high.inclusive else exp.LT
            sides.append(limit(this=start.copy(), expression=self.of(high.day)))
        return exp.and_(*sides)

    def _scanned(self, value: ir.Quantified | ir.Aggregate) -> exp.Expr:
        name = self.plan.scans[value]
        zero = exp.Literal.number(0)
        if isinstance(value, ir.Aggregate):
            found = column(name, self.patient)
            if value.function in ("count", "sum", "distinct"):
                return coalesce(found, zero)
            return found
        threshold = {"any": 1, "no": 1, "all": 1, "at least": value.number, "at most": value.number + 1}[
            value.quantifier
        ]
        enough = self._at_least(name, threshold)
        match value.quantifier:
            case "no" | "at most":
                return exp.Not(this=exp.paren(enough))
            case "all":
                against = self._at_least(f"{name}.against", 1)
                return exp.and_(exp.paren(enough), exp.Not(this=exp.paren(against)))
        return enough

    def _at_least(self, name: str, number: int) -> exp.Expr:
        zero, bound = exp.Literal.number(0), exp.Literal.number(number)
        sure = coalesce(column(f"{name}.true", self.patient), zero)
        unsure = coalesce(column(f"{name}.unknown", self.patient), zero.copy())
        possible = exp.Add(this=sure.copy(), expression=unsure)
        return case(
            [
                (exp.GTE(this=sure, expression=bound), exp.true()),
                (exp.GTE(this=possible, expression=bound.copy()), exp.cast(exp.null(), "BOOLEAN")),
            ],
            exp.false(),
        )
