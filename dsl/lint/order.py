"""Proofs about the order of days that hold for every patient, whatever the data.

`not_after(a, b)` is true only where a <= b follows from how the two days are defined, for every patient who has both:
by windows, by the order in which selections pick events, by calendar arithmetic. What is not proved may still hold.
"""

from collections.abc import Iterator
from typing import ClassVar

from dsl import ir
from dsl.ir import CalendarSpan
from dsl.lint.sets import admitted, together
from dsl.lint.streams import Limit, Names, describes_patient, limits, split, start_of
from dsl.types import Date

Step = tuple[ir.Value, bool]
"""A day on the way of a proof, and whether it lies strictly beyond the one before it."""


class Order:
    """Answers with proofs of bounded length: `STEPS` comparisons for each question, and no more."""

    STEPS: ClassVar = 500

    def __init__(self, names: Names) -> None:
        self.names = names
        self._left = 0
        self._depth = 0

    def not_after(self, day: ir.Value, other: ir.Value) -> bool:
        """Whether `day` <= `other` for every patient who has both."""
        return self._ask(day, other, strict=False)

    def before(self, day: ir.Value, other: ir.Value) -> bool:
        """Whether `day` < `other` for every patient who has both."""
        return self._ask(day, other, strict=True)

    def ends_by(self, stream: ir.Stream, day: ir.Value) -> bool:
        """Whether every event of the stream starts on or before the day."""
        self._open()
        return self._ends_by(stream, day)

    def empty(self, low: Limit, high: Limit) -> bool:
        """Whether no day can lie between two limits."""
        strict = low.inclusive and high.inclusive
        return self.before(high.day, low.day) if strict else self.not_after(high.day, low.day)

    def contains(self, wide: ir.Stream, narrow: ir.Stream) -> bool:
        """Whether every event of `narrow` is one of `wide`."""
        self._open()
        return self._contains(wide, narrow)

    # --- days

    def _open(self) -> None:
        self._left, self._depth = self.STEPS, 0

    def _ask(self, day: ir.Value, other: ir.Value, strict: bool) -> bool:
        self._open()
        return self._prove(day, other, strict)

    def _prove(self, day: ir.Value, other: ir.Value, strict: bool) -> bool:
        self._left -= 1
        if self._left < 0 or self._depth > 40:
            return False
        self._depth += 1
        try:
            return self._derive(self.names.day(day), self.names.day(other), strict)
        finally:
            self._depth -= 1

    def _derive(self, day: ir.Value, other: ir.Value, strict: bool) -> bool:
        if day == other:
            return not strict
        match day, other:
            case ir.Literal(value=one), ir.Literal(value=two):
                return one < two if strict else one <= two  # type: ignore[operator]  # both are dates
            case ir.Shift(day=one_day, span=one_span), ir.Shift(day=other_day, span=other_span):
                if self._shifted(one_day, one_span, other_day, other_span, strict):
                    return True
            case ir.Case(), _:
                return all(self._prove(value, other, strict) for value in _outcomes(day))
            case _, ir.Case():
                return all(self._prove(day, value, strict) for value in _outcomes(other))
        return (
            any(self._prove(upper, other, strict and not apart) for upper, apart in self._above(day))
            or any(self._prove(day, lower, strict and not apart) for lower, apart in self._below(other))
            or (not strict and self._picked(day, other))
        )

    def _shifted(
        self, day: ir.Value, span: CalendarSpan, other: ir.Value, other_span: CalendarSpan, strict: bool
    ) -> bool:
        """Adding the same months keeps the order of two days; adding more of either moves a day on."""
        if span.months > other_span.months or span.days > other_span.days:
            return False
        return (
            self._prove(day, other, strict=False)
            if span != other_span or not strict
            else (not span.months and self._prove(day, other, strict=True))
        )

    def _above(self, day: ir.Value) -> Iterator[Step]:
        """Days that lie on or after a day."""
        match day:
            case ir.Attribute(event=ir.Select() as selected, name="start"):
                for limit in limits(selected.stream):
                    if limit.upper:
                        yield limit.day, not limit.inclusive
            case ir.Attribute(event=ir.Select() as selected, name="end"):
                yield ir.LastDay(selected), False
            case ir.Shift(day=earlier, span=span) if span.months <= 0 and span.days <= 0:
                yield earlier, span != CalendarSpan()

    def _below(self, day: ir.Value) -> Iterator[Step]:
        """Days that lie on or before a day."""
        match day:
            case ir.Attribute(event=ir.Select() as selected, name="start"):
                for limit in limits(selected.stream):
                    if not limit.upper:
                        yield limit.day, not limit.inclusive
            case ir.LastDay(event=ir.Select() as selected) | ir.Attribute(event=ir.Select() as selected, name="end"):
                yield start_of(selected), False
            case ir.Shift(day=later, span=span) if span.months >= 0 and span.days >= 0:
                yield later, span != CalendarSpan()
            case ir.EndpointField(endpoint=name, name="end"):
                yield ir.EndpointField(name, "origin", Date()), False

    def _picked(self, day: ir.Value, other: ir.Value) -> bool:
        """The order of two days that follows from which events of a stream they are of."""
        if isinstance(day, ir.Attribute) and isinstance(day.type, Date) and day.type.birth:
            return True  # nothing happens to a patient before birth
        one, two = _event_of(day), _event_of(other)
        if one is None or two is None:
            return False
        starts = isinstance(day, ir.Attribute) and day.name == "start"
        if two.pick == "last" and two.by_end and isinstance(other, ir.LastDay):
            return self._contains(two.stream, one.stream)
        if not starts:
            return False
        if _only_event(one.stream) is not None and _only_event(one.stream) == _only_event(two.stream):
            return True
        if one.stream == two.stream and not one.by_end and not two.by_end:
            ranks = _rank(one), _rank(two)
            if ranks[0] is not None and ranks[1] is not None:
                return ranks[0] <= ranks[1]
        if one.pick == "first" and not one.by_end and self._contains(one.stream, two.stream):
            return True
        return two.pick == "last" and not two.by_end and self._contains(two.stream, one.stream)

    # --- streams

    def _ends_by(self, stream: ir.Stream, day: ir.Value) -> bool:
        self._left -= 1
        if self._left < 0:
            return False
        base, _ = split(stream)
        if describes_patient(stream):
            return True
        if any(limit.upper and self._prove(limit.day, day, strict=False) for limit in limits(stream)):
            return True
        if isinstance(base, ir.Union) and all(self._ends_by(branch, day) for branch in base.streams):
            return True
        if isinstance(base, ir.Courses) and self._ends_by(base.stream, day):
            return True
        day = self.names.day(day)
        chosen = _event_of(day)
        if chosen is not None:
            once = _only_event(stream)
            if once is not None and once == _only_event(chosen.stream):
                return True
            last = chosen.pick == "last" and (not chosen.by_end or isinstance(day, ir.LastDay))
            if (last or chosen.pick == "only") and self._contains(chosen.stream, stream):
                return True
        return any(self._ends_by(stream, lower) for lower, _ in self._below(day))

    def _contains(self, wide: ir.Stream, narrow: ir.Stream) -> bool:
        self._left -= 1
        if self._left < 0:
            return False
        wide_base, asked = split(wide)
        narrow_base, given = split(narrow)
        if wide_base != narrow_base:
            if isinstance(narrow_base, ir.Union):
                return all(self._contains(wide, _narrowed(branch, given)) for branch in narrow_base.streams)
            if isinstance(wide_base, ir.Union):
                return any(self._contains(_narrowed(branch, asked), narrow) for branch in wide_base.streams)
            return False
        return all(self._implied(condition, given, narrow) for condition in asked)

    def _implied(self, condition: ir.Value, given: list[ir.Value], stream: ir.Stream) -> bool:
        """Whether every event of a stream, of which `given` is true, has `condition` true."""
        if condition in given:
            return True
        if isinstance(condition, ir.InWindow):
            return all(self._within(limit, stream) for limit in limits(ir.Filter(split(stream)[0], condition)))
        asked = admitted(condition)
        if asked is None:
            return False
        value, values = asked
        for other in given:
            known = admitted(other)
            if known is None or known[0] != value:
                continue
            outside = together(known[1], values.complement)
            if outside is not None and outside.is_empty:
                return True
        return False

    def _within(self, limit: Limit, stream: ir.Stream) -> bool:
        for own in limits(stream):
            strict = own.inclusive and not limit.inclusive
            if own.upper == limit.upper and (
                self._prove(own.day, limit.day, strict) if limit.upper else self._prove(limit.day, own.day, strict)
            ):
                return True
        return False


def _outcomes(case: ir.Case) -> list[ir.Value]:
    values = [value for _, value in case.branches]
    return values if case.otherwise is None else [*values, case.otherwise]


def _event_of(day: ir.Value) -> ir.Select | None:
    match day:
        case ir.Attribute(event=ir.Select() as selected, name="start") | ir.LastDay(event=ir.Select() as selected):
            return selected
    return None


def _rank(selected: ir.Select) -> int | None:
    return {"first": 1, "nth": selected.number}.get(selected.pick)


def _only_event(stream: ir.Stream) -> str | None:
    """The event type of which a patient has one event at most, where the stream is of such a type."""
    base, _ = split(stream)
    return base.event.name if isinstance(base, ir.Events) and base.event.once else None


def _narrowed(stream: ir.Stream, conditions: list[ir.Value]) -> ir.Stream:
    for condition in conditions:
        stream = ir.Filter(stream, condition)
    return stream
