"""Rules from IR to IR. Each is one function with one purpose; `lower` applies them in order before SQL is made."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

from dsl import ir, program
from dsl.types import Date

_N = TypeVar("_N", bound=ir.Node)


def transform(node: _N, change: Callable[[ir.Node], ir.Node]) -> _N:
    """The node with `change` applied to every node below it, then to itself; unchanged parts are kept as they are."""
    updates: dict[str, Any] = {}
    for item in fields(node):  # type: ignore[arg-type]  # every concrete node is a dataclass
        before = getattr(node, item.name)
        after = _transform_item(before, change)
        if after is not before:
            updates[item.name] = after
    rebuilt = replace(node, **updates) if updates else node  # type: ignore[type-var]
    return change(rebuilt)  # type: ignore[return-value]  # a rule keeps the kind of what it changes


def _transform_item(item: Any, change: Callable[[ir.Node], ir.Node]) -> Any:
    if isinstance(item, ir.Node):
        return transform(item, change)
    if isinstance(item, tuple):
        changed = tuple(_transform_item(element, change) for element in item)
        return changed if any(new is not old for new, old in zip(changed, item, strict=True)) else item
    return item


def lower(study: program.Program) -> program.Program:
    """The study as SQL is made from it: a cut-off and landmarks have become what streams and endpoints see."""
    return evaluate_landmarks(apply_cutoff(take_the_first(count_events_once(study))))


def take_the_first(study: program.Program) -> program.Program:
    """The first of several is a minimum, and no list of them has to be sorted.

    `nth 1 surgery` becomes `first surgery`.
    """

    def change(node: ir.Node) -> ir.Node:
        match node:
            case ir.Select(pick="nth", number=1):
                return replace(node, pick="first")
        return node

    return transform(study, change)


def count_events_once(study: program.Program) -> program.Program:
    """An event in several branches of a union is one event: branches over the same events become one.

    `(surgery where site = liver) or (surgery where intent = curative)` becomes
    `surgery where site = liver or intent = curative`.
    """
    return transform(study, lambda node: _merged(node) if isinstance(node, ir.Union) else node)


def _merged(union: ir.Union) -> ir.Stream:
    branches: dict[ir.Stream, list[ir.Value | None]] = {}
    for branch in union.streams:
        for base, condition in _alternatives(branch):
            branches.setdefault(base, []).append(condition)
    merged = [_either(base, conditions) for base, conditions in branches.items()]
    return ir.Union(tuple(merged)) if merged[1:] else merged[0]


def _alternatives(stream: ir.Stream) -> list[tuple[ir.Stream, ir.Value | None]]:
    """The streams without conditions that a branch takes events from, each with the condition on its events."""
    match stream:
        case ir.Filter(inner, condition):
            return [(base, _both(earlier, condition)) for base, earlier in _alternatives(inner)]
        case ir.Union(streams):
            return [found for branch in streams for found in _alternatives(branch)]
    return [(stream, None)]


def _both(earlier: ir.Value | None, condition: ir.Value) -> ir.Value:
    return condition if earlier is None else ir.And((earlier, condition))


def _either(base: ir.Stream, conditions: list[ir.Value | None]) -> ir.Stream:
    given = [condition for condition in conditions if condition is not None]
    if len(given) < len(conditions):
        return base
    return ir.Filter(base, ir.Or(tuple(given)) if given[1:] else given[0])


def apply_cutoff(study: program.Program) -> program.Program:
    """`cutoff DAY`: no stream sees what starts later, and no endpoint ends later.

    `until death` with `cutoff 2012-12-31` becomes the first death visible on that day; who is known to have been
    observed after the cut-off is censored on it.
    """
    if study.cutoff is None:
        return study
    day = ir.Literal(study.cutoff, Date())
    seen = [_seen_by(item, day, study) for item in study.definitions]
    rest = replace(study, definitions=())
    limited = transform(rest, lambda node: _limit(node, day))
    return replace(limited, definitions=tuple(seen))


def evaluate_landmarks(study: program.Program) -> program.Program:
    """`by GROUP landmark T`: groups, strata and covariates read copies of their definitions that see nothing after
    origin + T."""
    copies: dict[str, program.Definition] = {}

    def change(node: ir.Node) -> ir.Node:
        if not isinstance(node, _WITH_LANDMARK) or node.landmark is None:
            return node
        origin = ir.EndpointField(node.subject.endpoint, "origin", Date())
        day = ir.Shift(origin, node.landmark)
        suffix = f" as of {_span_words(node.landmark)} after {node.subject.endpoint}.origin"

        def then(part: ir.Node) -> ir.Node:
            if isinstance(part, program.Group | program.Covariate):
                return replace(part, value=_copied(part.value, day, suffix, study, copies))
            return part

        kept = replace(node, subject=_NOBODY)
        return replace(transform(kept, then), subject=node.subject)

    changed = transform(study, change)
    return replace(changed, definitions=(*study.definitions, *copies.values()))


def as_of(
    study: program.Program, value: ir.Value, day: ir.Value, suffix: str
) -> tuple[ir.Value, tuple[program.Definition, ...]]:
    """A value as it stands with what happened up to and including a day, and the copies of definitions that it reads.

    `suffix` makes the names of the copies; it has to be another one for every day.
    """
    copies: dict[str, program.Definition] = {}
    changed = _copied(value, day, suffix, study, copies)
    return changed, tuple(copies.values())


_WITH_LANDMARK = program.Estimate | program.Comparison | program.Regression | program.EndpointStatistic
_NOBODY = program.Subject("", "")
"""Stands for the subject of an analysis while its groups are changed: the condition of a subject stays as it is."""


def _copied(node: _N, day: ir.Value, suffix: str, study: program.Program, copies: dict[str, program.Definition]) -> _N:
    """The node reading copies, limited to a day, of all definitions that it refers to; makes those that are missing."""

    def change(part: ir.Node) -> ir.Node:
        if isinstance(part, ir.LetRef | ir.CohortRef | ir.EventRef):
            copy_definition(part.name)
            return replace(part, name=part.name + suffix)
        if isinstance(part, ir.EndpointField):
            copy_definition(part.endpoint)
            return replace(part, endpoint=part.endpoint + suffix)
        return part

    def copy_definition(name: str) -> None:
        if name + suffix in copies:
            return
        original = study.definition(name)
        assert original is not None
        renamed = transform(original, change)
        limited = _seen_by(renamed, day, replace(study, definitions=(*study.definitions, *copies.values())))
        copies[name + suffix] = replace(limited, name=name + suffix)

    changed = transform(node, change)
    return transform(changed, lambda part: _limit(part, day))


def _limit(node: ir.Node, day: ir.Value) -> ir.Node:
    if isinstance(node, ir.Events) and day not in node.horizons:
        return replace(node, horizons=(*node.horizons, day))
    return node


def _seen_by(definition: program.Definition, day: ir.Value, study: program.Program) -> program.Definition:
    """The definition as it stands with what happened up to and including a day."""
    limited = transform(definition, lambda node: _limit(node, day))
    if not isinstance(limited, program.Endpoint):
        return limited
    streams: dict[ir.Stream, None] = {}
    for term in (*limited.until, *limited.competing, *limited.censor, *limited.last_seen):
        selected = _selected(term.event, study)
        if selected is not None:
            streams[_hide(selected.stream, day)] = None
    beyond = tuple(ir.Attribute(ir.Select("first", stream), "start", Date()) for stream in streams)
    return replace(limited, cutoffs=(*limited.cutoffs, day), beyond=(*limited.beyond, *beyond))


def _hide(stream: ir.Stream, day: ir.Value) -> ir.Stream:
    """The events of a stream that the day hides; its conditions go on reading what is visible."""
    match stream:
        case ir.Events(event):
            return ir.Events(event, hidden=True, horizons=(day,))
        case ir.Union(streams):
            return ir.Union(tuple(_hide(branch, day) for branch in streams))
        case ir.Filter(inner, condition):
            return ir.Filter(_hide(inner, day), condition)
        case ir.Courses(inner, gap):
            return ir.Courses(_hide(inner, day), gap)


def _selected(event: ir.EventValue | None, study: program.Program) -> ir.Select | None:
    while isinstance(event, ir.EventRef):
        named = study.definition(event.name)
        assert isinstance(named, program.LetEvent)
        event = named.event
    return event


def _span_words(span: ir.CalendarSpan) -> str:
    parts = [(span.months, "months"), (span.days, "days")]
    return " ".join(f"{number:g} {unit}" for number, unit in parts if number) or "0 days"
