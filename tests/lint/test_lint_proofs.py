"""What hygiene proves of a program holds for every patient: held against an interpreter of programs on random logs."""

from collections.abc import Iterator
from itertools import islice, permutations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl import ir, program
from dsl.diagnostics import render
from dsl.lint import lint
from dsl.lint.conditions import Conditions
from dsl.lint.future import Future
from dsl.lint.order import Order
from dsl.lint.places import Places
from dsl.lint.streams import Names, limits, reads_row
from dsl.source import Source, Span
from dsl.types import Boolean, Date
from tests.generative.logs import Draw, catalogues, logs
from tests.generative.programs import programs
from tests.oracle import Event, Oracle

SOURCE = Source("a text for all of it", "generated.tql")
SPAN = Span(SOURCE, 0, 1)


@st.composite
def studies(draw: Draw) -> program.Program:
    """A program of up to ten definitions that refer to each other, over two or three event types."""
    found: program.Program = draw(programs(draw(catalogues())))
    return found


@st.composite
def cases(draw: Draw) -> tuple[program.Program, list[list[Event]]]:
    """A program, and the events of some patients."""
    catalog = draw(catalogues())
    return draw(programs(catalog)), list(draw(logs(catalog, 4)).values())


def everywhere(study: program.Program) -> Places:
    """Places as if all of the program stood in the study's own text."""
    names = {item.name: SPAN for item in study.definitions}
    nodes = {id(item): (item, [SPAN]) for item in (*study.analyses, *study.expectations, *study.rules)}
    return Places(frozenset([SOURCE]), nodes, names, names)


def nodes(study: program.Program) -> Iterator[ir.Node]:
    """Every node once, of definitions and analyses."""
    seen: set[ir.Node] = set()
    for root in (*study.definitions, *study.analyses):
        for node in root.walk():
            if node not in seen:
                seen.add(node)
                yield node


def days(study: program.Program) -> list[ir.Value]:
    """The dates of the patient that a program speaks of."""
    found: list[ir.Value] = []
    for node in nodes(study):
        match node:
            case ir.Attribute(type=Date(birth=False)) | ir.LastDay() | ir.Shift() | ir.Literal(type=Date()):
                if not reads_own(node):
                    found.append(node)
            case ir.Select(by_end=False) if not reads_own(node):
                found += [ir.Attribute(node, "start", Date()), ir.LastDay(node)]
    return list(dict.fromkeys(found))[:14]


def reads_own(node: ir.Node) -> bool:
    """Whether a value is of one event: an `Own` outside of the streams that it would belong to."""
    if isinstance(node, ir.Own | ir.InWindow):
        return True
    if isinstance(node, ir.Select | ir.Quantified | ir.Aggregate):
        return False
    return any(reads_own(child) for child in node.children())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(studies())
def test_any_program_can_be_looked_at(study: program.Program) -> None:
    for diagnostic in lint(study, everywhere(study)).diagnostics:
        assert diagnostic.code.startswith("L")
        assert render(diagnostic)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_days_that_are_proved_to_be_in_order_are(case: tuple[program.Program, list[list[Event]]]) -> None:
    study, patients = case
    order = Order(Names(study))
    for one, two in islice(permutations(days(study), 2), 120):
        before, not_after = order.before(one, two), order.not_after(one, two)
        for events in patients if before or not_after else ():
            oracle = Oracle(study, events)
            first, second = oracle.value(one), oracle.value(two)
            if first is not None and second is not None:
                assert first < second or not before, (one, two)
                assert first <= second or not not_after, (one, two)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_what_is_proved_to_be_settled_on_a_day_never_changes_after_it(
    case: tuple[program.Program, list[list[Event]]],
) -> None:
    """But for a value that comes to be known, or unknown, since an event lacks what a condition asks for."""
    study, patients = case
    names = Names(study)
    future = Future(names, Order(names))
    values = [node for node in nodes(study) if isinstance(node, ir.Value) and not reads_own(node)][:25]
    for endpoint in study.definitions:
        if not isinstance(endpoint, program.Endpoint):
            continue
        anchors = future.anchors(endpoint.origin.day)
        for value in values:
            if future.reads(value, anchors):
                continue
            for events in patients:
                oracle = Oracle(study, events)
                horizon = oracle.value(anchors[0])
                if horizon is None:
                    continue
                late, then = oracle.value(value), oracle.as_of(horizon).value(value)
                assert late == then or late is None or then is None, (value, anchors)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_what_is_called_always_or_never_true_is(case: tuple[program.Program, list[list[Event]]]) -> None:
    study, patients = case
    order = Order(Names(study))
    for node in nodes(study):
        if not isinstance(node, ir.Value) or not isinstance(node.type, Boolean) or reads_own(node):
            continue
        found = {item.rule for item in Conditions(order, everywhere(study), study.analyses[0]).top(node)}
        for events in patients if found else ():
            truth = Oracle(study, events).value(node)
            assert truth is not False or "always_true" not in found, node
            assert truth is not True or "never_true" not in found, node


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_no_event_lies_in_a_window_that_is_called_empty(case: tuple[program.Program, list[list[Event]]]) -> None:
    study, patients = case
    order = Order(Names(study))
    for node in nodes(study):
        if not isinstance(node, ir.Filter):
            continue
        bounds = [bound for bound in limits(node) if not reads_row(bound.day)]
        pairs = [(low, high) for low in bounds for high in bounds if high.upper and not low.upper]
        if any(order.empty(low, high) for low, high in pairs):
            for events in patients:
                assert [event for event, truth in Oracle(study, events).stream(node) if truth is True] == []
