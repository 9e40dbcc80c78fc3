"""A second reading of the language: programs evaluated for one patient over plain Python rows.

Slow and literal on purpose. Each method restates one docstring of `dsl.ir` or `dsl.program`, unknown is None, and a
cut-off or a landmark is what it says: the rows after that day are taken away and everything is evaluated anew. It
shares nothing with the compiler to SQL and reads the program as it was checked, before any rewriting.

Generating programs and comparing them with an engine is left to `tests.generative`; worked examples to `tests.spec`.
"""

import operator as operators
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import floor
from typing import Any

from dsl import ir, program
from dsl.ir import CalendarSpan
from dsl.types import Boolean

Truth = bool | None
"""True, false, or None for unknown."""


@dataclass(frozen=True)
class Event:
    """One row of a patient's log. `thing` tells it from every other row and course."""

    type: str
    id: str
    position: int
    start: date
    end: date | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    thing: object = None

    @property
    def last_day(self) -> date:
        return self.start if self.end is None else self.end

    def own(self, name: str) -> Any:
        match name:
            case "start":
                return self.start
            case "end":
                return self.end
        return self.values.get(name)


@dataclass(frozen=True)
class Membership:
    """`step` is the number of the first step not met, 0 for a member; `unknown` whether for want of knowledge."""

    member: bool
    step: int
    unknown: bool
    index: date | None
    met: tuple[Truth, ...]


@dataclass(frozen=True)
class Time:
    """An endpoint for one patient; see `dsl.program.Endpoint`. `cause` is 0 where censored."""

    origin: date | None = None
    origin_event: str | None = None
    excluded: str | None = None
    end: date | None = None
    time: int | None = None
    happened: Truth = None
    outcome: str | None = None
    cause: int | None = None
    reason: str | None = None
    end_event: str | None = None
    entry: int | None = None
    """Days from the origin to the entry, where the endpoint has one."""


class Oracle:
    """What a program says of one patient, as of a day (`horizon`), or of everything where that is None."""

    def __init__(self, study: program.Program, events: Sequence[Event], horizon: date | None = None) -> None:
        self.study = study
        self.everything = tuple(replace(event, thing=event.id) for event in events)
        self.horizon = _earlier(study.cutoff, horizon)
        self._known: dict[str, Any] = {}

    def as_of(self, day: date) -> "Oracle":
        """The same patient seen with what had happened up to and including a day."""
        return Oracle(self.study, self.everything, _earlier(self.horizon, day))

    # --- definitions

    def definition(self, name: str) -> Any:
        """A let's value, a selected event or None, a Membership, or a Time."""
        if name not in self._known:
            found = self.study.definition(name)
            match found:
                case program.LetValue():
                    self._known[name] = self.value(found.value)
                case program.LetEvent():
                    self._known[name] = self.event(found.event)
                case program.Cohort():
                    self._known[name] = self._cohort(found)
                case program.Endpoint():
                    self._known[name] = self._endpoint(found)
                case None:
                    raise KeyError(name)
        return self._known[name]

    def _cohort(self, cohort: program.Cohort) -> Membership:
        met: list[Truth] = []
        if cohort.base is not None:
            met.append(self.value(cohort.base))
        index = self.value(cohort.index) if cohort.index is not None else None
        if cohort.index is not None:
            met.append(index is not None)
        for requirement in cohort.requirements:
            condition = self.value(requirement.condition)
            met.append(negation(condition) if requirement.excluding else condition)
        for step, truth in enumerate(met, 1):
            if truth is not True:
                return Membership(False, step, truth is None, index, tuple(met))
        return Membership(True, 0, False, index, tuple(met))

    def _endpoint(self, endpoint: program.Endpoint) -> Time:
        origin = self._visible_day(endpoint.origin)
        if origin is None:
            return Time(excluded="no origin")
        start = Time(origin, self._id(endpoint.origin))
        causes = [
            *((1, term) for term in endpoint.until),
            *((number, term) for number, term in enumerate(endpoint.competing, 2)),
            *((0, term) for term in endpoint.censor),
        ]
        ends = []
        for order, (cause, term) in enumerate(causes):
            day = self._visible_day(term)
            if day is not None and day >= origin:
                ends.append((day, order, cause, term))
        if ends:
            day, _, cause, term = min(ends, key=lambda found: found[:2])
            return self._entered(endpoint, start, _ended(start, day, cause, term.label, self._id(term)))
        return self._entered(endpoint, start, self._last_seen(endpoint, start, origin))

    def _entered(self, endpoint: program.Endpoint, start: Time, found: Time) -> Time:
        """Who enters late is at risk from then; who never does, or not before the end, has no time."""
        if endpoint.entry is None or found.excluded is not None:
            return found
        entry = self._visible_day(endpoint.entry)
        if entry is None:
            return replace(start, excluded="no entry")
        assert found.origin is not None
        assert found.end is not None
        if found.origin < entry >= found.end:
            return replace(start, excluded="entered on or after the end")
        return replace(found, entry=max(0, (entry - found.origin).days))

    def _last_seen(self, endpoint: program.Endpoint, start: Time, origin: date) -> Time:
        days = [(self.value(term.day), term) for term in endpoint.last_seen]
        seen = max((day for day, _ in days if day is not None), default=None)
        cut = False
        if self.horizon is not None and (self._observed_later(endpoint) or (seen is not None and seen > self.horizon)):
            seen, cut = self.horizon, True
        if seen is None:
            return replace(start, excluded="no follow-up")
        if seen < origin:
            return replace(start, excluded="end before origin")
        terms = [term for day, term in days if day == seen]
        label = "data cut-off" if cut else terms[0].label
        return _ended(start, seen, 0, label, self._id(terms[0]) if terms else None)

    def _visible_day(self, term: program.Term) -> date | None:
        day: date | None = self.value(term.day)
        return None if day is None or (self.horizon is not None and day > self.horizon) else day

    def _id(self, term: program.Term) -> str | None:
        event = self.event(term.event) if term.event is not None else None
        return None if event is None else event.id

    def _observed_later(self, endpoint: program.Endpoint) -> bool:
        """Whether any event that could have ended the time, or shown the patient alive, lies behind the horizon."""
        for term in (*endpoint.until, *endpoint.competing, *endpoint.censor, *endpoint.last_seen):
            select = self._select(term.event)
            if select is not None and any(truth for _, truth in self.stream(select.stream, self._behind())):
                return True
        return False

    def _select(self, event: ir.EventValue | None) -> ir.Select | None:
        while isinstance(event, ir.EventRef):
            named = self.study.definition(event.name)
            assert isinstance(named, program.LetEvent)
            event = named.event
        return event

    # --- what analyses ask for

    def group(self, comparison: program.Comparison) -> Any:
        """The group of a comparison; with a landmark as of origin + T. Raises LookupError where there is no origin."""
        assert isinstance(comparison, program.Comparison)
        if comparison.landmark is None:
            return self.value(comparison.group.value)
        origin = self.definition(comparison.subject.endpoint).origin
        if origin is None:
            raise LookupError("no origin, no landmark")
        return self.as_of(shifted(origin, comparison.landmark)).value(comparison.group.value)

    # --- events

    def _visible(self) -> list[Event]:
        horizon = self.horizon
        if horizon is None:
            return list(self.everything)
        return [
            replace(event, end=None) if event.end is not None and event.end > horizon else event
            for event in self.everything
            if event.start <= horizon
        ]

    def _behind(self) -> list[Event]:
        return [event for event in self.everything if self.horizon is not None and event.start > self.horizon]

    def stream(self, stream: ir.Stream, rows: Iterable[Event] | None = None) -> list[tuple[Event, Truth]]:
        """The events that belong to a stream (true), or may belong to it (None), in order of start and recording."""
        rows = self._visible() if rows is None else list(rows)
        found: list[tuple[Event, Truth]] = []
        match stream:
            case ir.Events(event, hidden, horizons):
                assert not hidden, "the program is read before it is rewritten"
                assert not horizons, "the program is read before it is rewritten"
                found = [(row, True) for row in rows if row.type == event.name]
            case ir.Filter(inner, condition):
                for row, belongs in self.stream(inner, rows):
                    truth = conjunction([belongs, self.value(condition, row)])
                    if truth is not False:
                        found.append((row, truth))
            case ir.Union(streams):
                found = _once([pair for branch in streams for pair in self.stream(branch, rows)])
            case ir.Courses():
                found = [(course, True) for course in self._courses(stream, rows)]
        return sorted(found, key=lambda pair: (pair[0].start, pair[0].position))

    def _courses(self, courses: ir.Courses, rows: Iterable[Event]) -> list[Event]:
        groups: list[list[Event]] = []
        for row in self._surely(courses.stream, rows):
            if groups and row.start <= max(event.last_day for event in groups[-1]) + timedelta(courses.gap):
                groups[-1].append(row)
            else:
                groups.append([row])
        return [
            Event(
                type="course",
                id=group[0].id,
                position=group[0].position,
                start=group[0].start,
                end=max(event.last_day for event in group),
                values={"number": number, "count": len(group)},
                thing=(courses, number),
            )
            for number, group in enumerate(groups, 1)
        ]

    def _surely(self, stream: ir.Stream, rows: Iterable[Event] | None = None) -> list[Event]:
        return [row for row, belongs in self.stream(stream, rows) if belongs]

    def event(self, event: ir.EventValue) -> Event | None:
        if isinstance(event, ir.EventRef):
            named: Event | None = self.definition(event.name)
            return named
        rows = self._surely(event.stream)
        if event.by_end:
            rows.sort(key=lambda row: (row.last_day, row.position))
        match event.pick:
            case "first":
                return rows[0] if rows else None
            case "last":
                return rows[-1] if rows else None
            case "nth":
                return rows[event.number - 1] if len(rows) >= event.number else None
            case _:
                return rows[0] if len(rows) == 1 else None

    # --- values

    def value(self, node: ir.Value, own: Event | None = None) -> Any:
        """A value of the patient, or of the event `own`; durations in days."""
        match node:
            case ir.Literal(value=CalendarSpan() as span):
                return span.in_days
            case ir.Literal(value=written):
                return written
            case ir.Own(name):
                assert own is not None, "an event's own attribute outside of a stream"
                return own.own(name)
            case ir.Attribute(event, name):
                found = self.event(event)
                return None if found is None else found.own(name)
            case ir.LastDay(event):
                found = self.event(event)
                return None if found is None else found.last_day
            case ir.LetRef(name):
                return self.definition(name)
            case ir.CohortRef(name):
                return self.definition(name).member
            case ir.EndpointField(endpoint, name):
                return getattr(self.definition(endpoint), name)
            case ir.Case(branches, otherwise):
                for condition, result in branches:
                    if self.value(condition, own) is True:
                        return self.value(result, own)
                return None if otherwise is None else self.value(otherwise, own)
            case ir.Aggregate():
                return self._aggregate(node)
            case _ if isinstance(node.type, Boolean):
                return self._truth(node, own)
        return self._computed(node, own)

    def _truth(self, node: ir.Value, own: Event | None) -> Truth:
        match node:
            case ir.Compare(operator, left, right):
                return compared(operator, self.value(left, own), self.value(right, own))
            case ir.OneOf(operand, items):
                return disjunction([compared("=", self.value(operand, own), self.value(item, own)) for item in items])
            case ir.IsKnown(operand):
                if isinstance(operand, ir.Select | ir.EventRef):
                    return self.event(operand) is not None
                return self.value(operand, own) is not None
            case ir.Not(operand):
                return negation(self.value(operand, own))
            case ir.And(operands):
                return conjunction([self.value(operand, own) for operand in operands])
            case ir.Or(operands):
                return disjunction([self.value(operand, own) for operand in operands])
            case ir.InWindow(low, high):
                assert own is not None, "a window outside of a stream"
                after = compared(">=" if low.inclusive else ">", own.start, self.value(low.day)) if low else True
                before = compared("<=" if high.inclusive else "<", own.start, self.value(high.day)) if high else True
                return conjunction([after, before])
            case ir.Quantified():
                return self._quantified(node)
        raise AssertionError(f"no meaning for {type(node).__name__}")

    def _quantified(self, node: ir.Quantified) -> Truth:
        truths = [belongs for _, belongs in self.stream(node.stream)]
        match node.quantifier:
            case "any":
                return at_least(1, truths)
            case "no":
                return negation(at_least(1, truths))
            case "at least":
                return at_least(node.number, truths)
            case "at most":
                return negation(at_least(node.number + 1, truths))
        assert node.have is not None
        have = [(belongs, self.value(node.have, row)) for row, belongs in self.stream(node.stream)]
        against = [conjunction([belongs, negation(truth)]) for belongs, truth in have if truth is not True]
        return conjunction([at_least(1, truths), negation(at_least(1, against))])

    def _aggregate(self, node: ir.Aggregate) -> Any:
        rows = self._surely(node.stream)
        if node.value is None:
            return len(rows)
        values = [value for row in rows if (value := self.value(node.value, row)) is not None]
        match node.function:
            case "sum":
                return sum(values)
            case "distinct":
                return len(set(values))
        if not values:
            return None
        match node.function:
            case "mean":
                return sum(values) / len(values)
            case "min":
                return min(values)
            case _:
                return max(values)

    def _computed(self, node: ir.Value, own: Event | None) -> Any:
        """Dates and numbers: missing where any part is."""
        match node:
            case ir.AgeAt(birth, day):
                return _all_known(completed_years, self.value(birth, own), self.value(day, own))
            case ir.DaysBetween(start, end):
                return _all_known(lambda a, b: (b - a).days, self.value(start, own), self.value(end, own))
            case ir.Shift(day, span):
                return _all_known(lambda found: shifted(found, span), self.value(day, own))
            case ir.ShiftDays(day, days):
                return _all_known(
                    lambda found, length: found + timedelta(half_away(length)),
                    self.value(day, own),
                    self.value(days, own),
                )
            case ir.Arithmetic(operator, left, right):
                return _all_known(
                    lambda a, b: arithmetic(operator, a, b), self.value(left, own), self.value(right, own)
                )
        raise AssertionError(f"no meaning for {type(node).__name__}")


# --- three-valued logic


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def disjunction(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if True in found:
        return True
    return None if None in found else False


def at_least(number: int, truths: Sequence[Truth]) -> Truth:
    """Of events that surely (True) or possibly (None) belong."""
    if truths.count(True) >= number:
        return True
    return None if len(truths) >= number else False


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def compared(operator: str, left: Any, right: Any) -> Truth:
    if left is None or right is None:
        return None
    truth: bool = _COMPARISONS[operator](left, right)
    return truth


# --- the calendar and numbers


def shifted(day: date, span: CalendarSpan) -> date:
    """Months first, clamped to the end of the month, then days."""
    months = day.year * 12 + day.month - 1 + int(span.months)
    year, month = divmod(months, 12)
    clamped = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return clamped + timedelta(int(span.days))


def completed_years(birth: date, day: date) -> int:
    """The largest n with birth + n years <= day."""
    years = day.year - birth.year + 1
    while shifted(birth, CalendarSpan(months=12 * years)) > day:
        years -= 1
    return years


def half_away(number: float) -> int:
    """The nearest whole number, half a day away from zero."""
    whole = floor(abs(number) + 0.5)
    return whole if number >= 0 else -whole


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return None if right == 0 else left / right


def _all_known(compute: Any, *parts: Any) -> Any:
    return None if None in parts else compute(*parts)


def _earlier(first: date | None, second: date | None) -> date | None:
    return min((day for day in (first, second) if day is not None), default=None)


def _ended(start: Time, day: date, cause: int, reason: str, event: str | None) -> Time:
    assert start.origin is not None
    return replace(
        start,
        end=day,
        time=(day - start.origin).days,
        happened=cause == 1,
        outcome="event" if cause == 1 else "competing" if cause > 1 else "censored",
        cause=cause,
        reason=reason,
        end_event=event,
    )


def _once(pairs: list[tuple[Event, Truth]]) -> list[tuple[Event, Truth]]:
    """Each event once, belonging where any branch says so."""
    rows: dict[object, Event] = {}
    truths: dict[object, list[Truth]] = {}
    for row, belongs in pairs:
        rows.setdefault(row.thing, row)
        truths.setdefault(row.thing, []).append(belongs)
    return [(row, disjunction(truths[thing])) for thing, row in rows.items()]
