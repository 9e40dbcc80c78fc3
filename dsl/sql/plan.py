"""What a study has to read, in which order: the scans of event types and the level at which each can run.

A scan is a node that reads a stream (`Select`, `Quantified`, `Aggregate`). Its level is one more than that of anything
its conditions need, so all scans of one event type at one level are done in one pass. A definition has the level of
what it needs.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dsl import ir, program

Scan = ir.Select | ir.Quantified | ir.Aggregate
Base = ir.Events | ir.Union | ir.Courses

LAST_DAY = "last day"
"""A field of a selected event: its end, or its start where it has none. No attribute's name has a space in it."""

_REFERENCES = ir.LetRef | ir.EventRef | ir.CohortRef | ir.EndpointField


@dataclass
class Plan:
    """Levels, columns and names for a study, and for the values that analyses ask for besides its definitions."""

    study: program.Program
    definitions: tuple[program.Definition, ...]
    levels: dict[str, int] = field(default_factory=dict)
    """Level of each definition, by name."""
    scans: dict[Scan, str] = field(default_factory=dict)
    """Every scan, with the name that its columns start with."""
    fields: dict[ir.Select, dict[str, None]] = field(default_factory=dict)
    """Which attributes of a selected event anything reads; its id is always kept."""
    _memo: dict[ir.Node, int] = field(default_factory=dict)
    _taken: Counter[str] = field(default_factory=Counter)

    def level(self, node: ir.Node) -> int:
        """The level at which the node's value is there: 0 without any scan."""
        found = self._memo.get(node)
        if found is None:
            needs = [self.level(child) for child in node.children()]
            needs.extend(self.levels[name] for name in _referred(node))
            found = max(needs, default=0) + (1 if isinstance(node, Scan) else 0)
            self._memo[node] = found
        return found

    def selected(self, event: ir.EventValue) -> ir.Select:
        """The selection behind an event value, whatever names it went through."""
        while isinstance(event, ir.EventRef):
            named = self.study.definition(event.name)
            assert isinstance(named, program.LetEvent)
            event = named.event
        return event

    @property
    def depth(self) -> int:
        return max([*self.levels.values(), *(self.level(scan) for scan in self.scans)], default=0)


def make_plan(study: program.Program, extra: Iterable[ir.Node], roots: Iterable[str] | None = None) -> Plan:
    """Plan the definitions (all, or those that `roots` need) and the extra values and streams."""
    extra = list(extra)
    wanted = None if roots is None else _closure(study, [*roots, *(name for value in extra for name in _names(value))])
    definitions = tuple(item for item in study.definitions if wanted is None or item.name in wanted)
    plan = Plan(study, definitions)
    plan._taken.update(item.name for item in study.definitions)
    for definition in definitions:
        plan.levels[definition.name] = max((plan.level(child) for child in definition.children()), default=0)
        if isinstance(definition, program.LetEvent) and isinstance(definition.event, ir.Select):
            plan.scans.setdefault(definition.event, definition.name)
        _register(plan, definition)
    for value in extra:
        _register(plan, value)
    return plan


def base_of(stream: ir.Stream) -> tuple[Base, tuple[ir.Value, ...]]:
    """The stream below its filters, and their conditions, innermost first."""
    conditions: list[ir.Value] = []
    while isinstance(stream, ir.Filter):
        conditions.append(stream.condition)
        stream = stream.stream
    return stream, tuple(reversed(conditions))


def base_name(base: Base) -> str:
    match base:
        case ir.Events(event):
            return event.name
        case ir.Union(streams):
            names = dict.fromkeys(base_name(base_of(stream)[0]) for stream in streams)
            return "_or_".join(names) if len(names) < 4 else "any_event"
        case ir.Courses(stream):
            return f"courses_of_{base_name(base_of(stream)[0])}"


def _register(plan: Plan, node: ir.Node) -> None:
    """Name every scan below the node, and note which attributes of selected events it reads."""
    for part in node.walk():
        if isinstance(part, Scan) and part not in plan.scans:
            plan.scans[part] = _fresh(plan, _scan_name(part))
        match part:
            case ir.Attribute(event, name):
                plan.fields.setdefault(plan.selected(event), {})[name] = None
            case ir.IsKnown(operand=ir.Select() | ir.EventRef() as event):
                # Every event has a start, so that it tells whether there is one.
                plan.fields.setdefault(plan.selected(event), {})["start"] = None
            case ir.LastDay(event):
                plan.fields.setdefault(plan.selected(event), {})[LAST_DAY] = None


def _scan_name(scan: Scan) -> str:
    base = base_name(base_of(scan.stream)[0])
    match scan:
        case ir.Select(pick, number=number):
            return f"{pick}_{number}_{base}" if pick == "nth" else f"{pick}_{base}"
        case ir.Quantified(quantifier, number):
            return f"{quantifier.replace(' ', '_')}_{number}_{base}" if number else f"{quantifier}_{base}"
        case ir.Aggregate(function):
            return f"{function}_{base}"


def _fresh(plan: Plan, name: str) -> str:
    plan._taken[name] += 1
    return name if plan._taken[name] == 1 else _fresh(plan, f"{name}_{plan._taken[name]}")


def _referred(node: ir.Node) -> list[str]:
    match node:
        case ir.EndpointField(endpoint):
            return [endpoint]
        case ir.LetRef(name) | ir.EventRef(name) | ir.CohortRef(name):
            return [name]
    return []


def _names(node: ir.Node) -> list[str]:
    return [name for part in node.walk() for name in _referred(part)]


def _closure(study: program.Program, names: Iterable[str]) -> set[str]:
    wanted: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        definition = study.definition(name)
        if name not in wanted and definition is not None:
            wanted.add(name)
            stack.extend(_names(definition))
    return wanted
