"""A strategy for programs: typed IR, built from the top down, whose definitions refer to each other.

Every choice among what a place allows is a draw, so Hypothesis can shrink a program to the node that matters. What the
checker would refuse (an order of texts, a date compared with a number) is not made. Evaluating is left to others.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from hypothesis import strategies as st

from dsl import ir, program
from dsl.catalog import Catalog
from dsl.ir import Bound, CalendarSpan
from dsl.types import Age, Boolean, Code, Date, Duration, Integer, Number, Text, Type
from tests.generative.logs import BIRTHS, CODES, DAYS, TEXTS, Draw

Row = dict[str, Type] | None
"""The attributes of the event in question; None where there is none."""

_T = TypeVar("_T")
_ORDERED = ("number", "date", "duration", "age")
_KINDS = (*_ORDERED, "boolean", "text")


def kind_of(type_: Type) -> str:
    """What may stand beside what: codes compare with texts, whole numbers with numbers."""
    match type_:
        case Integer() | Number():
            return "number"
        case Text() | Code():
            return "text"
        case Date():
            return "date"
        case Duration():
            return "duration"
        case Age():
            return "age"
        case _:
            return "boolean"


def whole_type(type_: Type) -> Type:
    """The type without what has no part in the meaning: units, and which dates are births."""
    match type_:
        case Integer():
            return Integer()
        case Number():
            return Number()
        case Date():
            return Date()
    return type_


@st.composite
def programs(draw: Draw, catalog: Catalog, depth: int = 3) -> program.Program:
    return Writer(draw, catalog).study(depth)


class Writer:
    """Writes one program. `depth` is how many nodes may still stand below each other."""

    def __init__(self, draw: Draw, catalog: Catalog) -> None:
        self.draw = draw
        self.catalog = catalog
        self.definitions: list[program.Definition] = []
        self.exact = False
        """Whether numbers must be sums of powers of two, because a sum over events may run in any order."""

    def pick(self, options: Sequence[_T]) -> _T:
        found: _T = self.draw(st.sampled_from(options))
        return found

    def named(self, kind: type[program.Definition]) -> list[Any]:
        return [item for item in self.definitions if isinstance(item, kind)]

    # --- the whole

    def study(self, depth: int) -> program.Program:
        forms: list[Callable[[str, int], program.Definition]] = [self._let_value, self._let_event] * 2
        forms += [self._cohort, self._endpoint]
        for number in range(self.draw(st.integers(3, 6))):
            self.definitions.append(self.pick(forms)(f"d{number}", depth))
        endpoint, cohort = self._endpoint("e", depth - 1), self._cohort("c", 1)
        self.definitions += [endpoint, cohort]
        landmark = self.pick((None, CalendarSpan(days=1), CalendarSpan(days=2), CalendarSpan(months=6)))
        group = program.Group(self.value(self.pick(("boolean", "text")), depth, None), "")
        comparison = program.Comparison(program.Subject("e", "c"), group, landmark=landmark)
        shown = program.Shown("", self.value(self.pick(_KINDS), depth, None))
        return program.Program(
            self.catalog,
            definitions=tuple(self.definitions),
            analyses=(comparison, program.Table("c", None, (shown,))),
            cutoff=self.pick((None, None, *DAYS)),
        )

    # --- definitions

    def _let_value(self, name: str, depth: int) -> program.LetValue:
        return program.LetValue(name, self.value(self.pick(_KINDS), depth, None))

    def _let_event(self, name: str, depth: int) -> program.LetEvent:
        return program.LetEvent(name, self.event(depth))

    def _cohort(self, name: str, depth: int) -> program.Cohort:
        base = self.value("boolean", depth - 1, None) if self.pick((True, False)) else None
        index = self.value("date", depth - 1, None) if self.pick((True, False)) else None
        requirements = tuple(
            program.Requirement(f"r{number}", self.value("boolean", depth, None), self.pick((False, True)))
            for number in range(self.draw(st.integers(0 if base or index else 1, 2)))
        )
        return program.Cohort(name, name, base, index, requirements)

    def _endpoint(self, name: str, depth: int) -> program.Endpoint:
        origin = self._term(f"{name} from", depth - 1, None)
        return program.Endpoint(
            name,
            name,
            origin,
            until=self._terms(f"{name} until", depth - 1, origin.day, 1),
            competing=self._terms(f"{name} competing", depth - 1, origin.day, 0),
            censor=self._terms(f"{name} censor", depth - 1, origin.day, 0),
            last_seen=self._seen(f"{name} seen", depth - 1),
            entry=self._term(f"{name} entry", depth - 1, None) if self.pick((False, False, True)) else None,
        )

    def _terms(self, label: str, depth: int, origin: ir.Value, least: int) -> tuple[program.Term, ...]:
        count = self.draw(st.integers(least, least + 1))
        return tuple(self._term(f"{label} {number}", depth, origin) for number in range(count))

    def _term(self, label: str, depth: int, origin: ir.Value | None) -> program.Term:
        form = self.pick(("plain", "plain", "event", "day", *(("stream", "stream") if origin is not None else ())))
        if form == "day":
            return program.Term(self.value("date", depth, None), None, label)
        if form == "stream":
            assert origin is not None
            since = ir.InWindow(Bound(origin, inclusive=True), None, "")
            event: ir.EventValue = ir.Select("first", ir.Filter(self.stream(depth), since))
        elif form == "plain":
            event = ir.Select(self.pick(("first", "last")), self.stream(0))
        else:
            event = self.event(depth)
        return program.Term(ir.Attribute(event, "start", Date()), event, label)

    def _seen(self, label: str, depth: int) -> tuple[program.Term, ...]:
        built = []
        for number in range(self.draw(st.integers(0, 2))):
            if self.pick((True, True, False)):
                event = ir.Select("last", self.stream(depth), by_end=True)
                built.append(program.Term(ir.LastDay(event), event, f"{label} {number}"))
            else:
                built.append(program.Term(self.value("date", depth, None), None, f"{label} {number}"))
        return tuple(built)

    # --- events

    def event(self, depth: int) -> ir.EventValue:
        known = self.named(program.LetEvent)
        if known and (depth <= 0 or self.pick((True, False))):
            return ir.EventRef(self.pick(known).name)
        pick = self.pick(ir.PICKS)
        number = self.draw(st.integers(1, 3)) if pick == "nth" else 1
        by_end = pick in ("first", "last") and self.pick((False, False, True))
        return ir.Select(pick, self.stream(depth - 1), number, by_end)

    def attributes(self, event: ir.EventValue) -> dict[str, Type]:
        while isinstance(event, ir.EventRef):
            name = event.name
            event = next(item.event for item in self.named(program.LetEvent) if item.name == name)
        return row_of(event.stream)

    def stream(self, depth: int) -> ir.Stream:
        form = self.pick(("events",) if depth <= 0 else ("events", "filter", "filter", "window", "union", "courses"))
        match form:
            case "filter":
                inner = self.stream(depth - 1)
                return ir.Filter(inner, self.value("boolean", depth - 1, row_of(inner)))
            case "window":
                inner = self.stream(depth - 1)
                return ir.Filter(inner, self._window(depth - 1))
            case "union":
                return ir.Union(tuple(self.stream(depth - 1) for _ in range(self.draw(st.integers(2, 3)))))
            case "courses":
                return ir.Courses(self.stream(depth - 1), self.pick((0, 1, 30)))
        return ir.Events(self.pick(self.catalog.events))

    def _window(self, depth: int) -> ir.InWindow:
        low, high = self.pick(((True, False), (False, True), (True, True)))
        return ir.InWindow(self._bound(depth) if low else None, self._bound(depth) if high else None, "")

    def _bound(self, depth: int) -> Bound:
        return Bound(self.value("date", depth, None), self.pick((True, False)))

    # --- values

    def value(self, kind: str, depth: int, row: Row) -> ir.Value:
        """A value of a kind; of the patient where there is no row."""
        forms: list[Callable[[], ir.Value]] = [lambda: self._literal(kind)]
        own = [ir.Own(name, type_) for name, type_ in (row or {}).items() if kind_of(type_) == kind]
        known = self._known(kind)
        if own:
            forms += [lambda: self.pick(own)] * 6
        if known:
            forms += [lambda: self.pick(known)] * 3
        if depth > 0:
            forms += [partial(build, depth - 1, row) for build in self._built(kind)]
            forms += [lambda: self._attribute(kind, depth - 1), lambda: self._case(kind, depth - 1, row)]
        return self.pick(forms)()

    def _built(self, kind: str) -> list[Callable[[int, Row], ir.Value]]:
        match kind:
            case "boolean":
                conditions = [self._compare] * 3 + [self._one_of, self._is_known, self._not, self._both]
                return [*conditions, *[self._quantified] * 3, self._in_window]
            case "number":
                built = [self._counted, self._counted, lambda depth, row: self._aggregated("number", depth)]
                return [*built, self._number_arithmetic]
            case "date":
                return [self._shift, self._shift, self._shift_days, lambda depth, row: self._aggregated("date", depth)]
            case "duration":
                between = [self._days_between] * 2
                return [*between, self._duration_arithmetic, lambda depth, row: self._aggregated("duration", depth)]
            case "age":
                return [self._age_at, self._age_at, lambda depth, row: self._aggregated("age", depth)]
        return []

    def _literal(self, kind: str) -> ir.Value:
        match kind:
            case "boolean":
                return ir.Literal(self.pick((True, False)), Boolean())
            case "number":
                number = self.pick((0, 1, 2, -1, 0.5, 1.25))
                return ir.Literal(number, Integer() if isinstance(number, int) else Number())
            case "date":
                return ir.Literal(self.pick(DAYS), Date())
            case "duration":
                return ir.Literal(self._span(), Duration())
            case "age":
                return ir.Literal(self.pick((12, 13, 52, 53, 60)), Age())
        if self.pick((True, False)):
            return ir.Literal(self.pick(CODES), Code(CODES))
        return ir.Literal(self.pick(TEXTS), Text())

    def _span(self) -> CalendarSpan:
        return CalendarSpan(self.pick((0, 0, 1, 6, 12, -1)), self.pick((0, 1, 2, 30, -1)))

    def _known(self, kind: str) -> list[ir.Value]:
        """What definitions give."""
        found: list[ir.Value] = []
        for item in self.definitions:
            match item:
                case program.LetValue(name, value) if kind_of(value.type) == kind and not self.exact:
                    found.append(ir.LetRef(name, value.type))
                case program.LetEvent(name, event):
                    own = self.attributes(event)
                    chosen = [key for key, type_ in own.items() if kind_of(type_) == kind]
                    found += [ir.Attribute(ir.EventRef(name), key, own[key]) for key in chosen]
                case program.Cohort(name) if kind == "boolean":
                    found.append(ir.CohortRef(name))
                case program.Endpoint(name):
                    fields = ir.ENDPOINT_FIELDS.items()
                    found += [ir.EndpointField(name, key, type_) for key, type_ in fields if kind_of(type_) == kind]
        return found

    def _attribute(self, kind: str, depth: int) -> ir.Value:
        event = self.event(depth)
        own = {name: type_ for name, type_ in self.attributes(event).items() if kind_of(type_) == kind}
        if kind == "date" and self.pick((True, False)):
            return ir.LastDay(event)
        if not own:
            return self.value(kind, 0, None)
        name = self.pick(list(own))
        return ir.Attribute(event, name, own[name])

    def _case(self, kind: str, depth: int, row: Row) -> ir.Value:
        values = [self.value(kind, depth, row) for _ in range(self.draw(st.integers(1, 3)))]
        joined = whole_type(values[0].type)
        for value in values[1:]:
            joined = ir.join_types(joined, whole_type(value.type)) or joined
        otherwise = values.pop() if len(values) > 1 and self.pick((True, False)) else None
        branches = tuple((self.value("boolean", depth, row), value) for value in values)
        return ir.Case(branches, otherwise, joined)

    # --- conditions

    def _compare(self, depth: int, row: Row) -> ir.Value:
        kind = self.pick(_KINDS)
        operators = ir.COMPARISONS if kind in _ORDERED else ("=", "!=")
        left, right = self.value(kind, depth, row), self.value(kind, depth, row)
        if not ir.comparable(left.type, right.type):
            return ir.IsKnown(left)
        return ir.Compare(self.pick(operators), left, right)

    def _one_of(self, depth: int, row: Row) -> ir.Value:
        kind = self.pick(_KINDS)
        operand = self.value(kind, depth, row)
        items = [self.value(kind, depth - 1, row) for _ in range(self.draw(st.integers(1, 3)))]
        fitting = tuple(item for item in items if ir.comparable(operand.type, item.type))
        return ir.OneOf(operand, fitting or (operand,))

    def _is_known(self, depth: int, row: Row) -> ir.Value:
        return ir.IsKnown(self.event(depth) if self.pick((True, False)) else self.value(self.pick(_KINDS), depth, row))

    def _not(self, depth: int, row: Row) -> ir.Value:
        return ir.Not(self.value("boolean", depth, row))

    def _both(self, depth: int, row: Row) -> ir.Value:
        operands = tuple(self.value("boolean", depth, row) for _ in range(self.draw(st.integers(2, 3))))
        return ir.And(operands) if self.pick((True, False)) else ir.Or(operands)

    def _quantified(self, depth: int, row: Row) -> ir.Value:
        quantifier = self.pick(ir.QUANTIFIERS)
        stream = self.stream(depth)
        if self.pick((True, False)):
            stream = ir.Filter(stream, self._compare(0, row_of(stream)))
        have = self.value("boolean", depth, row_of(stream)) if quantifier == "all" else None
        number = self.pick((1, 2, 0, 3)) if quantifier.startswith("at ") else 0
        return ir.Quantified(quantifier, number, stream, have)

    def _in_window(self, depth: int, row: Row) -> ir.Value:
        return self._window(depth) if row is not None else self.value("boolean", depth, row)

    # --- numbers, dates, durations, ages

    def _counted(self, depth: int, row: Row) -> ir.Value:
        stream = self.stream(depth)
        if self.pick((True, False)):
            return ir.Aggregate("count", stream, None, Integer())
        value = self.value(self.pick(_KINDS), depth - 1, row_of(stream))
        return ir.Aggregate("distinct", stream, value, Integer())

    def _aggregated(self, kind: str, depth: int) -> ir.Value:
        functions = ["min", "max"]
        if kind in ("number", "duration"):
            functions += ["sum"] if self.exact else ["sum", "mean"]
        function = self.pick(functions)
        stream = self.stream(depth)
        with self._exactly(self.exact or function in ("sum", "mean")):
            value = self.value(kind, depth - 1, row_of(stream))
        type_ = Number() if function == "mean" and kind == "number" else value.type
        return ir.Aggregate(function, stream, value, type_)

    @contextmanager
    def _exactly(self, exact: bool) -> Iterator[None]:
        before, self.exact = self.exact, exact
        yield
        self.exact = before

    def _number_arithmetic(self, depth: int, row: Row) -> ir.Value:
        operator = self.pick(("+", "-", "*") if self.exact else ("+", "-", "*", "/"))
        if operator == "/" and self.pick((True, False)):
            lengths = self.value("duration", depth, row), self.value("duration", depth, row)
            return ir.Arithmetic("/", *lengths, Number())
        if operator == "-" and self.pick((True, False, False)):
            return ir.Arithmetic("-", self.value("age", depth, row), self.value("age", depth, row), Integer("years"))
        left, right = self.value("number", depth, row), self.value("number", depth, row)
        whole = isinstance(left.type, Integer) and isinstance(right.type, Integer) and operator != "/"
        return ir.Arithmetic(operator, left, right, Integer() if whole else Number())

    def _duration_arithmetic(self, depth: int, row: Row) -> ir.Value:
        left = self.value("duration", depth, row)
        operator = self.pick(("+", "-", "*") if self.exact else ("+", "-", "*", "/"))
        if operator in "+-":
            return ir.Arithmetic(operator, left, self.value("duration", depth, row), Duration())
        with self._exactly(True):  # no named number: chains of factors would leave the calendar
            factor = self.value("number", 0, row)
        if operator == "*" and self.pick((True, False)):
            return ir.Arithmetic("*", factor, left, Duration())
        return ir.Arithmetic(operator, left, factor, Duration())

    def _shift(self, depth: int, row: Row) -> ir.Value:
        return ir.Shift(self.value("date", depth, row), self._span())

    def _shift_days(self, depth: int, row: Row) -> ir.Value:
        return ir.ShiftDays(self.value("date", depth, row), self.value("duration", min(depth, 1), row))

    def _days_between(self, depth: int, row: Row) -> ir.Value:
        return ir.DaysBetween(self.value("date", depth, row), self.value("date", depth, row))

    def _age_at(self, depth: int, row: Row) -> ir.Value:
        birth = ir.Literal(self.pick(BIRTHS), Date()) if self.pick((True, False)) else self.value("date", depth, row)
        return ir.AgeAt(birth, self.value("date", depth, row))


def row_of(stream: ir.Stream) -> dict[str, Type]:
    return {"start": Date(), "end": Date(), **ir.stream_attributes(stream)}
