"""The day on which a condition becomes true and stays so, found from the condition itself.

A covariate that changes as it happens needs that day: from the end of the patient's story alone nobody can tell when a
condition was met. It is found for conditions that no later event can undo:

- `any` and `at least`: the day of the event that makes up the number;
- what compares attributes of a `first` or an `nth` event, or that there is one: the day of that event;
- `all`, `no`, `count` and the like over a stream that a window ends: the day of the window's end;
- `and`: when the last of its parts is true; `or`: when the first is; a cohort: when its index day and every requirement
  are there; that an endpoint's event happened: its end, where the days that it is made of do not change.

Everything else can still change (the `last` event can be followed by another), and `NotSettled` says what and why.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from dsl import ir, program
from dsl.program import Onset, TurnsTrue, WhenAll, WhenAny
from dsl.types import Date
from dsl.words import clause, noun, plural, the_event

_ALWAYS = ir.Literal(date.min, Date())
"""The day of what is settled before anything happens."""


class NotSettled(Exception):
    """A part of the condition that later events can change: `what` in words, `why`, and what could be said instead."""

    def __init__(self, what: str, why: str, instead: str = "or compare at a landmark: `landmark 6 months`") -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why
        self.instead = instead


def onset(condition: ir.Value, definition: Callable[[str], program.Definition]) -> Onset:
    """The day on which the condition becomes true for good; missing where it never does. Raises `NotSettled`."""
    return _Onsets(definition).of(condition)


class _Onsets:
    def __init__(self, definition: Callable[[str], program.Definition]) -> None:
        self._definition = definition

    def of(self, value: ir.Value) -> Onset:
        match value:
            case ir.And(operands=operands):
                return WhenAll(tuple(self.of(operand) for operand in operands))
            case ir.Or(operands=operands):
                return WhenAny(tuple(self.of(operand) for operand in operands))
            case ir.Not(operand=operand):
                return self._of_not(operand)
            case ir.LetRef(name=name):
                return self.of(self._value(name))
            case ir.CohortRef(name=name):
                return self._of_cohort(name)
            case ir.Quantified(quantifier="any", stream=stream):
                return self._reached(ir.Select("first", stream))
            case ir.Quantified(quantifier="at least", number=number, stream=stream) if number:
                return self._reached(ir.Select("nth", stream, number))
            case ir.IsKnown(operand=ir.Select() | ir.EventRef() as event):
                return self._reached(event)
            case ir.EndpointField(endpoint=name, name="happened"):
                self._require_settled_end(value, name)
                return _from(value, [ir.EndpointField(name, "end", Date())])
        return _from(value, self._settled(value))

    def _of_not(self, operand: ir.Value) -> Onset:
        match operand:
            case ir.Not(operand=inner):
                return self.of(inner)
            case ir.And(operands=operands):
                return WhenAny(tuple(self._of_not(part) for part in operands))
            case ir.Or(operands=operands):
                return WhenAll(tuple(self._of_not(part) for part in operands))
            case ir.LetRef(name=name):
                return self._of_not(self._value(name))
            case ir.Quantified(quantifier="no", stream=stream):
                return self._reached(ir.Select("first", stream))
            case ir.Quantified(quantifier="at most", number=number, stream=stream):
                return self._reached(ir.Select("nth", stream, number + 1))
            case ir.IsKnown() | ir.CohortRef():
                said = "what is not so yet can become so"
                raise NotSettled(clause(operand, False), said, "leave the `not` away: its hazard ratio is the inverse")
        return _from(ir.Not(operand), self._settled(operand))

    def _of_cohort(self, name: str) -> Onset:
        cohort = self._definition(name)
        assert isinstance(cohort, program.Cohort)
        parts = [self.of(cohort.base)] if cohort.base is not None else []
        if cohort.index is not None:
            parts += [TurnsTrue(day) for day in (cohort.index, *self._settled(cohort.index))]
        parts += [
            self._of_not(requirement.condition) if requirement.excluding else self.of(requirement.condition)
            for requirement in cohort.requirements
        ]
        return WhenAll(tuple(parts))

    def _require_settled_end(self, value: ir.Value, name: str) -> None:
        """Whether the event of an endpoint is known on the day of its end, whatever comes later."""
        endpoint = self._definition(name)
        assert isinstance(endpoint, program.Endpoint)
        since = {endpoint.origin.day, *self._settled(endpoint.origin.day)}
        entry = [endpoint.entry] if endpoint.entry is not None else []
        for term in (*endpoint.until, *endpoint.competing, *endpoint.censor, *entry):
            if set(self._settled(term.day)) - since - {term.day}:
                raise NotSettled(noun(value), f"which event “{term.label}” is can depend on other events")

    def _reached(self, event: ir.EventValue) -> Onset:
        """When an event that is counted from the first on happens."""
        return WhenAll(tuple(TurnsTrue(day) for day in self._days_of(event)))

    def _days_of(self, event: ir.EventValue) -> list[ir.Value]:
        selected = self._selected(event)
        if selected.pick not in ("first", "nth") or selected.by_end:
            raise NotSettled(the_event(selected), "another event can follow", "say it of the `first` or an `nth` event")
        return [ir.Attribute(event, "start", Date()), *self._days_in(selected.stream)]

    def _settled(self, value: ir.Value) -> list[ir.Value]:
        """The days that settle a value: once all of them have come, nothing that happens later changes it."""
        match value:
            case ir.LetRef(name=name):
                return self._settled(self._value(name))
            case ir.CohortRef():
                raise NotSettled(clause(value), "membership is compared with something; say it by itself, with `and`")
            case ir.Attribute(event=event, name=name):
                last: list[ir.Value] = [ir.LastDay(event)] if name == "end" else []
                return [*last, *self._days_of(event)]
            case ir.LastDay(event=event):
                return [value, *self._days_of(event)]
            case ir.Select() | ir.EventRef():
                return self._days_of(value)
            case ir.EndpointField(endpoint=name, name="origin"):
                endpoint = self._definition(name)
                assert isinstance(endpoint, program.Endpoint)
                return self._settled(endpoint.origin.day)
            case ir.EndpointField():
                raise NotSettled(noun(value), "it is known for good only when follow-up is over", "say `….happened`")
            case ir.Quantified(stream=stream) | ir.Aggregate(stream=stream):
                ends = _ends(stream)
                if not ends:
                    said = clause(value) if isinstance(value, ir.Quantified) else noun(value)
                    raise NotSettled(said, f"another of the {plural(stream)} can follow", _instead(value))
                return [*ends, *self._days_in(stream), *self._days_of_row(_over(value))]
            case ir.Case():
                days = list(dict.fromkeys(self._all(value.children())))
                if len(days) > 1:
                    raise NotSettled(noun(value), "its branches are settled by different events")
                return days
        return list(dict.fromkeys(self._all(value.children())))

    def _all(self, parts: Iterable[ir.Node]) -> Iterator[ir.Value]:
        for part in parts:
            yield from self._settled(part)  # type: ignore[arg-type]  # below values of the patient stand such values

    def _days_in(self, stream: ir.Stream) -> list[ir.Value]:
        """The days that settle what the conditions of a stream say of the patient."""
        match stream:
            case ir.Events():
                return []
            case ir.Filter(inner, condition):
                return [*self._days_in(inner), *self._days_of_row(condition)]
            case ir.Union(streams):
                return [day for branch in streams for day in self._days_in(branch)]
            case ir.Courses():
                raise NotSettled(plural(stream), "a course goes on while more events come")

    def _days_of_row(self, condition: ir.Node | None) -> list[ir.Value]:
        if condition is None or isinstance(condition, ir.Own):
            return []
        if not any(isinstance(part, ir.Own | ir.InWindow) for part in condition.walk()):
            return self._settled(condition)  # type: ignore[arg-type]  # a value of the patient
        return [day for child in condition.children() for day in self._days_of_row(_day_of(child))]

    def _value(self, name: str) -> ir.Value:
        found = self._definition(name)
        assert isinstance(found, program.LetValue)
        return found.value

    def _selected(self, event: ir.EventValue) -> ir.Select:
        while isinstance(event, ir.EventRef):
            found = self._definition(event.name)
            assert isinstance(found, program.LetEvent)
            event = found.event
        return event


def _instead(scan: ir.Quantified | ir.Aggregate) -> str:
    match scan:
        case ir.Quantified(quantifier="no" | "at most"):
            return "say `any …` or `at least …`: its hazard ratio is the inverse"
        case ir.Aggregate(function="count"):
            return "`at least n …` counts and has such a day"
    return "say which event decides (`first …`, `any …`), or end the events with a window (`… on or before …`)"


def _from(condition: ir.Value, days: Sequence[ir.Value]) -> Onset:
    """The latest of the days, for whom the condition is true."""
    return WhenAll(tuple(TurnsTrue(ir.Case(((condition, day),), None, Date())) for day in days or [_ALWAYS]))


def _ends(stream: ir.Stream) -> list[ir.Value]:
    """The days after which no event can come into the stream any more, since windows end; none where they do not."""
    match stream:
        case ir.Filter(inner, condition):
            windows = [part for part in _conjuncts(condition) if isinstance(part, ir.InWindow)]
            own = [window.high.day for window in windows if window.high is not None]
            return own[:1] or _ends(inner)
        case ir.Union(streams):
            ends = [_ends(branch) for branch in streams]
            return [day for found in ends for day in found] if all(ends) else []
    return []


def _conjuncts(condition: ir.Value) -> Iterator[ir.Value]:
    if isinstance(condition, ir.And):
        for operand in condition.operands:
            yield from _conjuncts(operand)
    else:
        yield condition


def _over(scan: ir.Quantified | ir.Aggregate) -> ir.Value | None:
    return scan.have if isinstance(scan, ir.Quantified) else scan.value


def _day_of(node: ir.Node) -> ir.Node:
    return node.day if isinstance(node, ir.Bound) else node
