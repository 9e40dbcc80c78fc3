"""What there is to say of a definition for one patient: an outline of its conditions, selections and windows.

An outline is made from the IR before anything runs. It names every value to be computed; `timeline.study.tracing` has
them computed and fills the outline in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsl import ir, program
from dsl.explain import cohort_steps, term_words
from dsl.reads import reads_row
from dsl.types import Boolean
from dsl.words import clause, noun, the_event

Scan = ir.Select | ir.Quantified | ir.Aggregate


@dataclass(frozen=True)
class Item:
    """One thing in words: a value of the patient, an event selected for it, a scan of events that decides it."""

    words: str
    value: ir.Value | None = None
    event: ir.EventValue | None = None
    scan: Scan | None = None
    children: tuple["Item", ...] = ()

    def walk(self) -> Iterator["Item"]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Section:
    """A definition and its items."""

    definition: program.Definition
    items: tuple[Item, ...]


def outline(definition: program.Definition) -> Section:
    match definition:
        case program.LetEvent(event=event):
            return Section(definition, (_event(event),))
        case program.LetValue(value=value):
            return Section(definition, (condition(value) if isinstance(value.type, Boolean) else _noun(value),))
        case program.Cohort():
            return Section(definition, tuple(_cohort(definition)))
        case program.Endpoint():
            return Section(definition, tuple(_endpoint(definition)))


def wanted(sections: Iterable[Section]) -> Iterator[ir.Value | ir.EventValue]:
    """Every value and event that the outlines need for the patient, the bounds of windows among them."""
    for section in sections:
        for item in section.items:
            for part in item.walk():
                if part.value is not None:
                    yield part.value
                if part.event is not None:
                    yield part.event
                if part.scan is not None:
                    yield part.scan
                    yield from (bound.day for found in windows(part.scan) for bound in (found.low, found.high) if bound)


def windows(scan: Scan) -> list[ir.InWindow]:
    """The windows of a scan whose bounds are days of the patient, outermost stream first."""
    found: list[ir.InWindow] = []
    stream: ir.Stream = scan.stream
    while isinstance(stream, ir.Filter | ir.Courses):
        if isinstance(stream, ir.Filter):
            found += [part for part in _conjuncts(stream.condition) if isinstance(part, ir.InWindow)]
        stream = stream.stream
    return [window for window in found if not reads_row(window)]


def _anchors(scan: Scan | None) -> tuple[Item, ...]:
    """The days of a scan's windows that rest on selections written there, outermost first."""
    bounds = [bound for window in (windows(scan) if scan is not None else ()) for bound in (window.low, window.high)]
    days = dict.fromkeys(bound.day for bound in bounds if bound is not None)
    return tuple(_noun(day) for day in days if any(isinstance(part, ir.Select) for part in day.walk()))


def condition(value: ir.Value) -> Item:
    """A condition with what decides it."""
    match value:
        case ir.And(operands=operands):
            return Item("all of these", value, children=tuple(condition(operand) for operand in operands))
        case ir.Or(operands=operands):
            return Item("one of these", value, children=tuple(condition(operand) for operand in operands))
        case ir.Not(operand=operand):
            inner = condition(operand)
            return Item(clause(value), value, inner.event, inner.scan, inner.children)
        case ir.Quantified():
            return Item(clause(value), value, scan=value, children=_anchors(value))
        case ir.IsKnown(operand=operand):
            if isinstance(operand, ir.Select | ir.EventRef):
                scan = operand if isinstance(operand, ir.Select) else None
                return Item(clause(value), value, operand, scan, _anchors(scan))
            return Item(clause(value), value, children=tuple(_details([operand])))
        case ir.Compare(left=left, right=right):
            return Item(clause(value), value, children=tuple(_details([left, right])))
        case ir.OneOf(operand=operand, items=items):
            return Item(clause(value), value, children=tuple(_details([operand, *items])))
        case ir.Case():
            return _noun(value)
    return Item(clause(value), value)


def _noun(value: ir.Value) -> Item:
    match value:
        case ir.Attribute(event=event) | ir.LastDay(event=event):
            scan = event if isinstance(event, ir.Select) else None
            return Item(noun(value), value, event, scan, _anchors(scan))
        case ir.Aggregate():
            return Item(noun(value), value, scan=value, children=_anchors(value))
        case ir.Case(branches=branches):
            tests = tuple(condition(test) for test, _ in branches)
            return Item("the first of these that is true decides", value, children=tests)
        case _:
            parts = [part for part in value.children() if not isinstance(part, ir.Select | ir.EventRef | ir.Bound)]
            return Item(noun(value), value, children=tuple(_details(parts)))  # type: ignore[arg-type]  # values only


def _details(values: Iterable[ir.Value]) -> Iterator[Item]:
    for value in values:
        if isinstance(value, ir.Literal):
            continue
        yield condition(value) if isinstance(value.type, Boolean) else _noun(value)


def _event(event: ir.EventValue) -> Item:
    scan = event if isinstance(event, ir.Select) else None
    return Item(the_event(event), event=event, scan=scan, children=_anchors(scan))


def _cohort(cohort: program.Cohort) -> Iterator[Item]:
    labels = iter(cohort_steps(cohort))
    if cohort.base is not None:
        found = condition(cohort.base)
        yield Item(next(labels), cohort.base, children=found.children)
    if cohort.index is not None:
        day = _noun(cohort.index)
        yield Item(next(labels), ir.IsKnown(cohort.index), children=(day,))
    for requirement in cohort.requirements:
        value = ir.Not(requirement.condition) if requirement.excluding else requirement.condition
        yield Item(f"“{next(labels)}”", value, children=(condition(value),))


def _endpoint(endpoint: program.Endpoint) -> Iterator[Item]:
    for role, terms in (
        ("origin", (endpoint.origin,)),
        ("entering", (endpoint.entry,) if endpoint.entry is not None else ()),
        ("until", endpoint.until),
        ("competing", endpoint.competing),
        ("censor", endpoint.censor),
        ("last seen", endpoint.last_seen),
    ):
        for term in terms:
            scan = term.event if isinstance(term.event, ir.Select) else None
            inner = _anchors(scan) if term.event is not None else tuple(_details(_values(term.day)))
            yield Item(f"{role}: {term_words(term)}", term.day, term.event, scan, inner)


def _values(value: ir.Value) -> Iterator[ir.Value]:
    for part in value.children():
        if not isinstance(part, ir.Select | ir.EventRef | ir.Bound):
            yield part  # type: ignore[misc]  # the children of a value of the patient are values


def _conjuncts(value: ir.Value) -> Iterator[ir.Value]:
    if isinstance(value, ir.And):
        for operand in value.operands:
            yield from _conjuncts(operand)
    else:
        yield value
