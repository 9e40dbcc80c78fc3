"""What generated programs consist of: every construct, and every truth value. Nothing runs but the oracle."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import get_args

import pytest

from dsl import ir, program
from dsl.rewrite import lower
from dsl.types import Boolean
from tests.generative.settings import EXAMPLES, PARTS, on_studies
from tests.oracle import Event, Oracle

NODES = {
    *get_args(ir.Value),
    *get_args(ir.Stream),
    *get_args(ir.EventValue),
    *get_args(program.Definition),
    ir.Bound,
    program.Requirement,
    program.Term,
    program.Subject,
    program.Group,
    program.Comparison,
    program.Table,
    program.Shown,
    program.Program,
}
WINDOWS = {
    (low, high) for low in (None, True, False) for high in (None, True, False) if low is not None or high is not None
}
"""Which ends a window has, and whether each is included."""

ENDINGS = {"event", "competing", "censored", "no origin", "no follow-up", "end before origin"}
ENDINGS |= {"no entry", "entered on or after the end", "entered late"}


@dataclass
class Seen:
    nodes: Counter[type] = field(default_factory=Counter)
    words: Counter[object] = field(default_factory=Counter)
    results: Counter[object] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def seen() -> Seen:
    found = Seen()

    def look(study: program.Program, log: dict[str, list[Event]]) -> None:
        for node in study.walk():
            found.nodes[type(node)] += 1
            found.words.update(_words(node))
        found.words.update("hidden" for node in lower(study).walk() if isinstance(node, ir.Events) and node.hidden)
        found.words["cut-off" if study.cutoff else "no cut-off"] += 1
        for events in log.values():
            oracle = Oracle(study, events)
            found.results.update(_truths(study, oracle))
            for item in study.definitions:
                if isinstance(item, program.Endpoint):
                    time = oracle.definition(item.name)
                    found.endings[time.excluded or time.outcome] += 1
                    found.endings["entered late"] += bool(time.entry)

    for part in range(PARTS):
        on_studies(part, EXAMPLES, look)
    return found


def _words(node: ir.Node) -> Iterator[object]:
    match node:
        case ir.Quantified(quantifier):
            yield quantifier
        case ir.Aggregate(function):
            yield function
        case ir.Select(pick, by_end=by_end):
            yield pick
            yield "by end" if by_end else "by start"
        case ir.Compare(operator) | ir.Arithmetic(operator):
            yield type(node), operator
        case ir.EndpointField(name=name):
            yield f"field {name}"
        case ir.InWindow(low, high):
            yield low and low.inclusive, high and high.inclusive
        case program.Requirement(excluding=excluding):
            yield "exclude" if excluding else "require"
        case program.Comparison(landmark=landmark):
            yield "landmark" if landmark else "no landmark"


def _truths(study: program.Program, oracle: Oracle) -> Iterator[object]:
    """The results of quantifiers and of lets that are conditions."""
    for item in study.definitions:
        if isinstance(item, program.LetValue) and isinstance(item.value.type, Boolean):
            yield oracle.definition(item.name)
        for node in item.walk():
            if isinstance(node, ir.Quantified):
                yield node.quantifier, oracle.value(node)


def test_every_node_is_generated(seen: Seen) -> None:
    assert {node.__name__ for node in NODES} - {node.__name__ for node in seen.nodes} == set()


def test_every_pick_quantifier_and_aggregate_is_generated(seen: Seen) -> None:
    assert {*ir.PICKS, *ir.QUANTIFIERS, *ir.AGGREGATES, "by end", "by start"} <= set(seen.words)


def test_every_operator_is_generated(seen: Seen) -> None:
    wanted = {(ir.Compare, operator) for operator in ir.COMPARISONS} | {(ir.Arithmetic, sign) for sign in "+-*/"}
    assert wanted <= set(seen.words)


def test_every_window_is_generated(seen: Seen) -> None:
    assert set(seen.words) >= WINDOWS


def test_every_part_of_an_endpoint_is_read(seen: Seen) -> None:
    assert {f"field {name}" for name in ir.ENDPOINT_FIELDS} <= set(seen.words)


def test_studies_have_cut_offs_and_landmarks_and_have_none(seen: Seen) -> None:
    assert {"cut-off", "no cut-off", "landmark", "no landmark", "hidden", "require", "exclude"} <= set(seen.words)


def test_conditions_come_out_true_false_and_unknown(seen: Seen) -> None:
    assert {True, False, None} <= set(seen.results)


@pytest.mark.parametrize("quantifier", ir.QUANTIFIERS)
def test_quantifiers_come_out_true_false_and_unknown(seen: Seen, quantifier: str) -> None:
    assert {(quantifier, truth) for truth in (True, False, None)} <= set(seen.results)


def test_endpoints_end_in_every_way(seen: Seen) -> None:
    assert set(seen.endings) >= ENDINGS
