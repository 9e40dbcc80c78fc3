"""What a stream of events is made of, and what names stand for: the vocabulary of the proofs in this package."""

from collections.abc import Iterator
from functools import cached_property

from dsl import ir, program
from dsl.reads import reads_row
from dsl.record import record
from dsl.types import Date


@record
class Limit:
    """A bound on the start of every event of a stream."""

    day: ir.Value
    inclusive: bool
    upper: bool


@record
class Names:
    """Follows references to what they stand for."""

    study: program.Program

    @cached_property
    def _definitions(self) -> dict[str, program.Definition]:
        return {item.name: item for item in self.study.definitions}

    def definition(self, name: str) -> program.Definition:
        return self._definitions[name]

    def selected(self, event: ir.EventValue) -> ir.Select:
        while isinstance(event, ir.EventRef):
            named = self.definition(event.name)
            assert isinstance(named, program.LetEvent)
            event = named.event
        return event

    def day(self, day: ir.Value) -> ir.Value:
        """A date with the names at its top replaced by what they stand for, so that equal days are equal nodes."""
        while True:
            match day:
                case ir.LetRef(name=name):
                    named = self.definition(name)
                    assert isinstance(named, program.LetValue)
                    day = named.value
                case ir.EndpointField(endpoint=name, name="origin"):
                    endpoint = self.definition(name)
                    assert isinstance(endpoint, program.Endpoint)
                    day = endpoint.origin.day
                case ir.Attribute(event=ir.EventRef() as event, name=name, type=type_):
                    return ir.Attribute(self.selected(event), name, type_)
                case ir.LastDay(event=ir.EventRef() as event):
                    return ir.LastDay(self.selected(event))
                case _:
                    return day


def start_of(selected: ir.Select) -> ir.Attribute:
    return ir.Attribute(selected, "start", Date())


def conjuncts(condition: ir.Value) -> Iterator[ir.Value]:
    if isinstance(condition, ir.And):
        for operand in condition.operands:
            yield from conjuncts(operand)
    else:
        yield condition


def split(stream: ir.Stream) -> tuple[ir.Events | ir.Union | ir.Courses, list[ir.Value]]:
    """The stream below all filters, and all their conditions, innermost first."""
    chain: list[ir.Value] = []
    while isinstance(stream, ir.Filter):
        chain.append(stream.condition)
        stream = stream.stream
    return stream, [part for condition in reversed(chain) for part in conjuncts(condition)]


def limits(stream: ir.Stream) -> Iterator[Limit]:
    """Every bound on the start of the stream's events: of windows, and of conditions on `start`."""
    base, conditions = split(stream)
    for condition in conditions:
        match condition:
            case ir.InWindow(low=low, high=high):
                if low is not None:
                    yield Limit(low.day, low.inclusive, upper=False)
                if high is not None:
                    yield Limit(high.day, high.inclusive, upper=True)
            case ir.Compare(operator=operator, left=ir.Own(name="start"), right=day) if not reads_row(day):
                yield from _compared(operator, day)
            case ir.Compare(operator=operator, left=day, right=ir.Own(name="start")) if not reads_row(day):
                yield from _compared(_MIRRORED[operator], day)
    if isinstance(base, ir.Courses):
        yield from limits(base.stream)


_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _compared(operator: str, day: ir.Value) -> Iterator[Limit]:
    if operator in ("=", "<", "<="):
        yield Limit(day, operator != "<", upper=True)
    if operator in ("=", ">", ">="):
        yield Limit(day, operator != ">", upper=False)


def event_names(stream: ir.Stream) -> list[str]:
    """The event types whose events the stream is made of."""
    base, _ = split(stream)
    match base:
        case ir.Events(event):
            return [event.name]
        case ir.Union(streams):
            return list(dict.fromkeys(name for branch in streams for name in event_names(branch)))
        case ir.Courses(inner):
            return event_names(inner)


def describes_patient(stream: ir.Stream) -> bool:
    """Whether the events say who the patient is rather than what happened: an event type that a patient has at most
    once, and that holds the date of birth. What it says holds from the first day on, whenever it was written down."""
    base, _ = split(stream)
    return (
        isinstance(base, ir.Events)
        and base.event.once
        and any(isinstance(attribute.type, Date) and attribute.type.birth for attribute in base.event.attributes)
    )
