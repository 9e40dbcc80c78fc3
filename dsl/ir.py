"""The typed intermediate representation: what a study means, with every name resolved and every type known.

A value has one grain: of the patient, or of one event of a stream (it then contains an `Own`). Constructors refuse what
is not valid and say field, expected and received; whoever holds a node can rely on it. No node knows where it was
written. Named definitions are referred to by name (`LetRef`, `EventRef`, `CohortRef`, `EndpointField`) and looked up in
the `Program` (see `dsl.program`), so that a compiled query can carry the names that its reader knows.
"""

from collections.abc import Iterator
from dataclasses import field, fields
from datetime import date
from typing import Any, ClassVar, TypeAlias

from dsl.catalog import EventType
from dsl.record import record
from dsl.types import Age, AttributeType, Boolean, Code, Date, Duration, Integer, Number, Text, Type

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12


def refuse(node: object, name: str, expected: str, received: object) -> None:
    raise ValueError(f"{type(node).__name__}.{name}: expected {expected}, received {received!r}")


@record
class CalendarSpan:
    """A length of time as it was written. Added to a date, months are calendar months (clamped to the month's end).

    As a number of days: months * 365.25 / 12 + days.
    """

    months: float = 0
    days: float = 0

    def __str__(self) -> str:
        """The length as a person says it: `2 years`, `6 months`, `42 days`, `1 month and 1 day`."""
        parts = [(self.months, "month"), (self.days, "day")]
        if self.months and self.months % 12 == 0:
            parts[0] = (self.months / 12, "year")
        said = [f"{number:g} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number]
        return " and ".join(said) or "0 days"

    @property
    def in_days(self) -> float:
        return self.months * DAYS_PER_MONTH + self.days

    @property
    def is_whole(self) -> bool:
        """Whether it can be added to a date."""
        return float(self.months).is_integer() and float(self.days).is_integer()

    def __add__(self, other: "CalendarSpan") -> "CalendarSpan":
        return CalendarSpan(self.months + other.months, self.days + other.days)

    def __neg__(self) -> "CalendarSpan":
        return CalendarSpan(-self.months, -self.days)

    def scaled(self, factor: float) -> "CalendarSpan":
        return CalendarSpan(self.months * factor, self.days * factor)


class Node:
    """Base of every node; its children are found by reflection, so a new node needs no visitor of its own."""

    def children(self) -> "Iterator[Node]":
        for name in _field_names(self):
            item: Any = getattr(self, name)
            if isinstance(item, Node):
                yield item
            elif isinstance(item, tuple):
                for element in item:
                    if isinstance(element, Node):
                        yield element

    def walk(self) -> "Iterator[Node]":
        """This node and all below it, each place once, parents first. References to definitions are not followed."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(list(node.children())))


_FIELD_NAMES: dict[type, tuple[str, ...]] = {}


def _field_names(node: Any) -> tuple[str, ...]:
    names = _FIELD_NAMES.get(type(node))
    if names is None:
        names = _FIELD_NAMES[type(node)] = tuple(item.name for item in fields(node))
    return names


# --- values


@record
class Literal(Node):
    value: str | int | float | bool | date | CalendarSpan
    type: Type

    def __post_init__(self) -> None:
        expected: dict[type, tuple[type, ...]] = {
            Text: (str,),
            Code: (str,),
            Boolean: (bool,),
            Integer: (int,),
            Number: (int, float),
            Date: (date,),
            Duration: (CalendarSpan,),
            Age: (int,),
        }
        allowed = expected[type(self.type)]
        if not isinstance(self.value, allowed) or (isinstance(self.value, bool) and bool not in allowed):
            refuse(self, "value", f"a value of type {self.type}", self.value)


@record
class Own(Node):
    """An attribute of the event in question, inside a stream's condition. `start` and `end` are attributes too."""

    name: str
    type: Type


@record
class Attribute(Node):
    """An attribute of a selected event; missing where there is no such event."""

    event: "EventValue"
    name: str
    type: Type


@record
class LastDay(Node):
    """The last day of a selected event: its end where it has one, else its start."""

    event: "EventValue"
    type: ClassVar[Date] = Date()


@record
class LetRef(Node):
    name: str
    type: Type


@record
class EndpointField(Node):
    """`time`, `happened`, `outcome`, `reason`, `origin` or `end` of an endpoint, for one patient."""

    endpoint: str
    name: str
    type: Type

    def __post_init__(self) -> None:
        if ENDPOINT_FIELDS.get(self.name) != self.type:
            refuse(self, "name", f"one of {sorted(ENDPOINT_FIELDS)} with its type", (self.name, self.type))


@record
class CohortRef(Node):
    """Whether the patient is a member: true or false, never unknown."""

    name: str
    type: ClassVar[Boolean] = Boolean()


@record
class AgeAt(Node):
    """Completed years of life on a day: the largest n with birth + n years <= day.

    Someone born on 29 February completes a year on 28 February where the year has no 29th."""

    birth: "Value"
    day: "Value"
    type: ClassVar[Age] = Age()

    def __post_init__(self) -> None:
        expect_type(self, "birth", self.birth, Date)
        expect_type(self, "day", self.day, Date)


@record
class Compare(Node):
    """`operator` is one of = != < <= > >=. Unknown where either side is missing."""

    operator: str
    left: "Value"
    right: "Value"
    type: ClassVar[Boolean] = Boolean()

    def __post_init__(self) -> None:
        if self.operator not in COMPARISONS:
            refuse(self, "operator", f"one of {COMPARISONS}", self.operator)
        if not comparable(self.left.type, self.right.type):
            refuse(self, "right", f"a value comparable with {self.left.type}", self.right.type)


@record
class OneOf(Node):
    operand: "Value"
    items: tuple["Value", ...]
    type: ClassVar[Boolean] = Boolean()

    def __post_init__(self) -> None:
        if not self.items:
            refuse(self, "items", "at least one", self.items)
        for item in self.items:
            if not comparable(self.operand.type, item.type):
                refuse(self, "items", f"values comparable with {self.operand.type}", item.type)


@record
class IsKnown(Node):
    """Whether a value is there, or an event was found. Never unknown."""

    operand: "Value | EventValue"
    type: ClassVar[Boolean] = Boolean()


@record
class Not(Node):
    operand: "Value"
    type: ClassVar[Boolean] = Boolean()

    def __post_init__(self) -> None:
        expect_type(self, "operand", self.operand, Boolean)


@record
class And(Node):
    operands: tuple["Value", ...]
    type: ClassVar[Boolean] = Boolean()

    def __post_init__(self) -> None:
        _expect_conditions(self, self.operands)


@record
class Or(Node):
    operands: tuple["Value", ...]
    type: ClassVar[Boolean] = Boolean()

    def __post_init__(self) -> None:
        _expect_conditions(self, self.operands)


@record
class Arithmetic(Node):
    """`+ - * /` on numbers and durations. A division by zero is missing."""

    operator: str
    left: "Value"
    right: "Value"
    type: Type

    def __post_init__(self) -> None:
        if self.operator not in ("+", "-", "*", "/"):
            refuse(self, "operator", "one of + - * /", self.operator)
        for name, side in (("left", self.left), ("right", self.right), ("type", self)):
            if not isinstance(side.type, Integer | Number | Duration | Age):
                refuse(self, name, "a number or a duration", side.type)


@record
class Shift(Node):
    """A date moved by a calendar span: by its months first, clamped to the end of the month, then by its days."""

    day: "Value"
    span: CalendarSpan
    type: ClassVar[Date] = Date()

    def __post_init__(self) -> None:
        expect_type(self, "day", self.day, Date)
        if not self.span.is_whole:
            refuse(self, "span", "whole months and days", self.span)


@record
class ShiftDays(Node):
    """A date moved by a duration that is computed, rounded to whole days (half a day away from zero)."""

    day: "Value"
    days: "Value"
    type: ClassVar[Date] = Date()

    def __post_init__(self) -> None:
        expect_type(self, "day", self.day, Date)
        expect_type(self, "days", self.days, Duration)


@record
class DaysBetween(Node):
    """Whole days from `start` to `end`; negative where the end comes first."""

    start: "Value"
    end: "Value"
    type: ClassVar[Duration] = Duration()

    def __post_init__(self) -> None:
        expect_type(self, "start", self.start, Date)
        expect_type(self, "end", self.end, Date)


@record
class Case(Node):
    """The value of the first branch whose condition is true; else `otherwise`, or missing where there is none."""

    branches: tuple[tuple["Value", "Value"], ...]
    otherwise: "Value | None"
    type: Type

    def __post_init__(self) -> None:
        if not self.branches:
            refuse(self, "branches", "at least one", self.branches)
        for condition, value in self.branches:
            expect_type(self, "branches", condition, Boolean)
            if not comparable(value.type, self.type):
                refuse(self, "branches", f"values of {self.type}", value.type)

    def children(self) -> Iterator[Node]:
        for condition, value in self.branches:
            yield condition
            yield value
        if self.otherwise is not None:
            yield self.otherwise


@record
class Quantified(Node):
    """How many events of a stream there are, as a truth value in three-valued logic.

    With t events that surely belong to the stream and u for which its conditions are unknown: `any`: true if t >= 1,
    unknown if t + u >= 1, else false. `no`: its negation. `at least n`: true if t >= n, unknown if t + u >= n, else
    false. `at most n`: the negation of `at least n + 1`. `all` with predicate `have`: `any` of the stream, and no
    event of it for which `have` is false; so `all` over no events is false.
    """

    quantifier: str
    number: int
    stream: "Stream"
    have: "Value | None" = None
    type: ClassVar[Boolean] = Boolean()

    def __post_init__(self) -> None:
        if self.quantifier not in QUANTIFIERS:
            refuse(self, "quantifier", f"one of {QUANTIFIERS}", self.quantifier)
        if (self.have is not None) != (self.quantifier == "all"):
            refuse(self, "have", "a predicate with `all` and with nothing else", self.have)
        if self.have is not None:
            expect_type(self, "have", self.have, Boolean)
        if self.number < 0:
            refuse(self, "number", "zero or more", self.number)


@record
class Aggregate(Node):
    """A number (or date) over the events of a stream for which its conditions are true.

    `count` counts events; `sum`, `mean`, `min`, `max` and `distinct` (how many different) take a value of each event
    and pass over missing ones. Over no values, `count`, `sum` and `distinct` are 0, the others missing.
    """

    function: str
    stream: "Stream"
    value: "Value | None"
    type: Type

    def __post_init__(self) -> None:
        if self.function not in AGGREGATES:
            refuse(self, "function", f"one of {AGGREGATES}", self.function)
        if (self.value is None) != (self.function == "count"):
            refuse(self, "value", "a value with every function but `count`", self.value)


@record
class Bound(Node):
    day: "Value"
    inclusive: bool

    def __post_init__(self) -> None:
        expect_type(self, "day", self.day, Date)


@record
class InWindow(Node):
    """Whether the start of the event in question lies between two bounds; `words` says how the window was written."""

    low: Bound | None
    high: Bound | None
    words: str = field(compare=False)
    type: ClassVar[Boolean] = Boolean()

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            refuse(self, "low", "a bound on at least one side", None)


Value: TypeAlias = (
    Literal
    | Own
    | Attribute
    | LastDay
    | LetRef
    | EndpointField
    | CohortRef
    | AgeAt
    | Compare
    | OneOf
    | IsKnown
    | Not
    | And
    | Or
    | Arithmetic
    | Shift
    | ShiftDays
    | DaysBetween
    | Case
    | Quantified
    | Aggregate
    | InWindow
)

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
QUANTIFIERS = ("any", "no", "at least", "at most", "all")
AGGREGATES = ("count", "sum", "mean", "min", "max", "distinct")
PICKS = ("first", "last", "nth", "only")
OUTCOMES = ("event", "competing", "censored")
ENDPOINT_FIELDS: dict[str, Type] = {
    "time": Duration(),
    "happened": Boolean(),
    "outcome": Code(OUTCOMES),
    "reason": Text(),
    "origin": Date(),
    "end": Date(),
}


# --- streams and the events selected from them


@record
class Events(Node):
    """All events of one declared type that are visible.

    An event is visible where it starts on or before every one of `horizons` (a cut-off, a landmark); an end after one
    of them is missing, since it had not come yet. `hidden` asks for the events after the horizons instead. Where a
    horizon is unknown, no event is visible, and none is hidden.
    """

    event: EventType
    hidden: bool = False
    horizons: tuple["Value", ...] = ()

    def __post_init__(self) -> None:
        for horizon in self.horizons:
            expect_type(self, "horizons", horizon, Date)


@record
class Union(Node):
    streams: tuple["Stream", ...]

    def __post_init__(self) -> None:
        if len(self.streams) < 2:
            refuse(self, "streams", "two or more", self.streams)


@record
class Filter(Node):
    """The events of a stream for which a condition is true."""

    stream: "Stream"
    condition: Value

    def __post_init__(self) -> None:
        expect_type(self, "condition", self.condition, Boolean)


@record
class Courses(Node):
    """Episodes: events in order of date belong to one course while the next starts no more than `gap` days after the
    last
    day of those before it. A course has `number` (from 1), `count` (its events), `start` and `end` (its last day)."""

    stream: "Stream"
    gap: int

    def __post_init__(self) -> None:
        if self.gap < 0:
            refuse(self, "gap", "zero or more days", self.gap)


Stream: TypeAlias = Events | Union | Filter | Courses


def stream_attributes(stream: Stream) -> dict[str, AttributeType]:
    """The attributes that every event of the stream has, apart from start and end."""
    match stream:
        case Events(event):
            return {attribute.name: attribute.type for attribute in event.attributes}
        case Filter(inner):
            return stream_attributes(inner)
        case Courses():
            return {"number": Integer(), "count": Integer()}
        case Union(streams):
            shared = stream_attributes(streams[0])
            for branch in streams[1:]:
                other = stream_attributes(branch)
                joined = {name: join_types(type_, other[name]) for name, type_ in shared.items() if name in other}
                shared = {name: type_ for name, type_ in joined.items() if isinstance(type_, AttributeType)}
            return shared


@record
class Select(Node):
    """At most one event of a stream.

    In order of start, events of one day in order of recording: the first, the last, the nth, or the only one (none
    where there are several). `by_end` orders by last day instead, as the end of follow-up needs it.
    """

    pick: str
    stream: Stream
    number: int = 1
    by_end: bool = False

    def __post_init__(self) -> None:
        if self.pick not in PICKS:
            refuse(self, "pick", f"one of {PICKS}", self.pick)
        if self.number < 1:
            refuse(self, "number", "1 or more", self.number)


@record
class EventRef(Node):
    """A selection that a `let` named."""

    name: str


EventValue: TypeAlias = Select | EventRef


# --- types


def join_types(left: Type, right: Type) -> Type | None:
    """The type that holds values of both, or None where there is none."""
    if left == right:
        return left
    match left, right:
        case Code(a), Code(b):
            return Code(tuple(dict.fromkeys((*a, *b))))
        case (Code() | Text(), Code() | Text()):
            return Text()
        case (Integer(a), Integer(b)) if a == b or a is None or b is None:
            return Integer(a or b)
        case (Integer(a) | Number(a), Integer(b) | Number(b)) if a == b or a is None or b is None:
            return Number(a or b)
        case Date(), Date():
            return Date()
    return None


def comparable(left: Type, right: Type) -> bool:
    return join_types(left, right) is not None


def expect_type(node: object, name: str, value: "Value", kind: type) -> None:
    if not isinstance(value.type, kind):
        refuse(node, name, f"a {kind.__name__} value", value.type)


def _expect_conditions(node: object, operands: tuple["Value", ...]) -> None:
    if len(operands) < 2:
        refuse(node, "operands", "two or more", operands)
    for operand in operands:
        expect_type(node, "operands", operand, Boolean)
