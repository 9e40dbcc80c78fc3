"""Why a definition made of one patient what it did: every condition, window, selection and day on the way.

`trace` computes what `timeline.study.outline` names, by the same SQL that a run uses. How it is laid out is left to
`timeline.report.explanation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from dsl import ir, program
from dsl.diagnostics import nearest
from dsl.explain import cohort_steps, needed
from dsl.sql.plan import base_of
from dsl.sql.scans import LOG
from dsl.sql.values import EVENT, PATIENT, Values, column, literal
from dsl.words import clause, noun, shown
from timeline.errors import TimelineError
from timeline.study.outline import Item, Scan, outline, wanted, windows
from timeline.study.probes import Probed, Row, probe

if TYPE_CHECKING:
    from dsl.catalog import Catalog
    from timeline.engine.base import Engine
    from timeline.log import Log, read


@dataclass(frozen=True)
class Candidate:
    """An event that a scan looked at, and whether it belongs; `because` says why not, or what is not known.

    `meets` is what `all … have` asks of it: true, false or unknown, and true where nothing is asked.
    """

    event_id: str
    event: str
    start: date
    belongs: bool | None
    meets: bool | None
    because: str


@dataclass(frozen=True)
class Line:
    """One thing found: `result` in words, the deciding event, the windows as dates, the events looked at.

    `note` says what became of it where that does not show.
    """

    depth: int
    words: str
    result: str
    event_id: str | None
    windows: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What an endpoint says of the patient; `excluded` is why there is no time."""

    origin: date | None
    origin_event: str | None
    end: date | None
    end_event: str | None
    time: int | None
    outcome: str | None
    reason: str | None
    excluded: str | None


@dataclass(frozen=True)
class Membership:
    """Whether the patient is a member; else the first step that is not met, and whether for want of knowledge."""

    member: bool
    failed: str | None
    unknown: bool


@dataclass(frozen=True)
class Step:
    definition: program.Definition
    lines: tuple[Line, ...]
    conclusion: Outcome | Membership | None


@dataclass(frozen=True)
class Trace:
    """`events` are the patient's, as the study knows them, by start; `steps` end with the definition asked for."""

    patient: str
    study: program.Program
    catalog: Catalog
    events: tuple[Mapping[str, Any], ...]
    steps: tuple[Step, ...]


def trace(study: program.Program, name: str, log: Log, patient: str, snapshot: read.Snapshot | None = None) -> Trace:
    """Explain a definition for a patient of the log, as it is or as a snapshot of it.

    Raises TimelineError where the log has no such patient, StudyError where it lacks what the study reads.
    """
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import read
    from timeline.log.rows import as_dictionaries
    from timeline.study.run import require_declared

    snapshot = snapshot or log.snapshot(known_by=study.known_by)
    require_declared(study, snapshot.catalog, str(log.path))
    own = snapshot.of_patients([patient])
    events = as_dictionaries(read.current(own))
    if not events:
        raise _no_patient(snapshot, patient)
    sections = [outline(definition) for definition in needed(study, name)]
    probed = probe(study, [name], wanted(sections))
    with DuckDBEngine(own) as engine:
        one = probed.compiled.query.copy().where(column("patient", PATIENT).eq(literal(patient)))
        engine.materialise(_TRACED, one.sql("duckdb"))
        [row] = engine.query(exp.select("*").from_(_traced()).sql("duckdb")).to_pylist()
        steps = []
        for section in sections:
            lines = [
                line
                for item in section.items
                for line in _lines(engine, probed, row, item, 0, _note(section.definition, probed, row, item))
            ]
            steps.append(Step(section.definition, tuple(lines), _conclusion(section.definition, row)))
    return Trace(patient, study, snapshot.catalog, tuple(events), tuple(steps))


_TRACED = "traced"


def _traced() -> exp.Table:
    from timeline.engine.base import STUDY_SCHEMA

    return exp.table_(_TRACED, db=STUDY_SCHEMA)


def _no_patient(snapshot: read.Snapshot, patient: str) -> TimelineError:
    from timeline.engine.duckdb import DuckDBEngine

    query = exp.select(column("patient")).from_(exp.table_("patients", db=LOG))
    with DuckDBEngine(snapshot) as engine:
        known = engine.query(query.sql("duckdb"))["patient"].to_pylist()
    close = nearest(patient, known)
    hint = f"Did you mean {close}?" if close else "Patient ids are told apart by case."
    return TimelineError(f"{snapshot.root} has no event of a patient {patient!r}.", hint=hint)


def _note(definition: program.Definition, probed: Probed, row: Row, item: Item) -> str:
    """Why a day that an endpoint looked at does not count, although it is there."""
    if not isinstance(definition, program.Endpoint) or item.value is None:
        return ""
    if item.value in [term.day for term in definition.last_seen]:
        return ""
    day, origin = probed.value(row, item.value), row[f"{definition.name}.origin"]
    if day is None or origin is None or day >= origin:
        return ""
    return "before the origin: does not count"


def _lines(engine: Engine, probed: Probed, row: Row, item: Item, depth: int, note: str = "") -> Iterator[Line]:
    event_id = probed.event_id(row, item.event) if item.event is not None else None
    if item.value is not None:
        result = shown(probed.value(row, item.value), item.value.type)
    else:
        result = "none" if event_id is None else ""
    found = [_window(probed, row, window) for window in windows(item.scan)] if item.scan is not None else []
    looked_at = _candidates(engine, probed, item.scan) if item.scan is not None else []
    if isinstance(item.scan, ir.Quantified):
        event_id = _decider(item.scan, looked_at)
    yield Line(depth, item.words, result, event_id, tuple(found), tuple(looked_at), note)
    for child in item.children:
        yield from _lines(engine, probed, row, child, depth + 1)


def _window(probed: Probed, row: Row, window: ir.InWindow) -> str:
    """The window in dates: `after 2010-06-01 (the last day of clearance)`."""
    sides = []
    for bound, words in ((window.low, ("on or after", "after")), (window.high, ("on or before", "before"))):
        if bound is not None:
            day = probed.value(row, bound.day)
            said = "a day that is missing" if day is None else str(day)
            meant = "" if isinstance(bound.day, ir.Literal) else f" ({noun(bound.day)})"
            sides.append(f"{words[0] if bound.inclusive else words[1]} {said}{meant}")
    return " and ".join(sides)


# --- the events that a scan looked at


def _candidates(engine: Engine, probed: Probed, scan: Scan) -> list[Candidate]:
    """The patient's events of the types that a scan reads, each with the conditions that keep it out."""
    have = scan.have if isinstance(scan, ir.Quantified) else None
    lowered = _lowered(probed, scan)
    found: list[Candidate] = []
    for base, conditions in _branches(lowered.stream):
        found += _looked_at(engine, probed, base, conditions, have)
    return sorted(found, key=lambda candidate: candidate.start)


def _decider(scan: ir.Quantified, candidates: Sequence[Candidate]) -> str | None:
    """The event with which a quantified condition was decided, where one did: the one that makes up the number, or the
    first that has not what all must have."""
    if scan.quantifier == "all":
        against = [found.event_id for found in candidates if found.belongs and found.meets is False]
        return against[0] if against else None
    enough = {"at least": max(scan.number, 1), "at most": scan.number + 1}.get(scan.quantifier, 1)
    sure = [found.event_id for found in candidates if found.belongs]
    return sure[enough - 1] if len(sure) >= enough else None


def _lowered(probed: Probed, scan: Scan) -> Scan:
    """The scan as it is run, with what a cut-off lets it see."""
    named = probed.compiled.plan.study.definition(probed.names[scan])
    if isinstance(named, program.LetEvent):
        return probed.compiled.plan.selected(named.event)
    assert isinstance(named, program.LetValue)
    assert isinstance(named.value, ir.Quantified | ir.Aggregate)
    return named.value


def _branches(stream: ir.Stream) -> Iterator[tuple[ir.Events, tuple[ir.Value, ...]]]:
    """The event types that a stream is made of, each with the conditions on its events.

    The conditions of a course are on many events together; the events that it is made of are not listed one by one.
    """
    base, conditions = base_of(stream)
    match base:
        case ir.Events():
            yield base, conditions
        case ir.Union(streams=streams):
            for branch in streams:
                for inner, own in _branches(branch):
                    yield inner, (*own, *conditions)


def _looked_at(
    engine: Engine, probed: Probed, base: ir.Events, conditions: Sequence[ir.Value], have: ir.Value | None
) -> Iterator[Candidate]:
    values = Values(probed.compiled.plan)
    parts = [part for condition in conditions for part in _conjuncts(condition)]
    visible = [exp.LTE(this=column("start", EVENT), expression=values.of(day)) for day in base.horizons]
    asked = values.of(have) if have is not None else exp.true()
    outputs = [*(values.of(part) for part in parts), *visible]
    query = (
        exp.select(
            column("event_id", EVENT),
            column("start", EVENT),
            *(output.as_(exp.to_identifier(f"c{number}")) for number, output in enumerate(outputs)),
            asked.as_("meets"),
        )
        .from_(exp.table_(exp.to_identifier(base.event.name, quoted=True), db=LOG).as_(EVENT))
        .join(_traced().as_(PATIENT), on=column("patient", PATIENT).eq(column("patient", EVENT)))
        .order_by(column("start", EVENT), column("position", EVENT))
    )
    words = [(clause(part, False), clause(part)) for part in parts]
    words += [("it lies behind the cut-off", "it lies behind the cut-off") for _ in visible]
    for found in engine.query(query.sql("duckdb")).to_pylist():
        results = [found[f"c{number}"] for number, _ in enumerate(outputs)]
        against = [false for (false, _), result in zip(words, results, strict=True) if result is False]
        unknown = [f"whether {true}" for (_, true), result in zip(words, results, strict=True) if result is None]
        belongs = False if against else None if unknown else True
        meets = found["meets"]
        because = against or unknown
        if belongs and have is not None and not meets:
            because = [clause(have, False) if meets is False else f"unknown whether {clause(have)}"]
        yield Candidate(found["event_id"], base.event.name, found["start"], belongs, meets, "; ".join(because))


def _conjuncts(value: ir.Value) -> Iterator[ir.Value]:
    if isinstance(value, ir.And):
        for operand in value.operands:
            yield from _conjuncts(operand)
    else:
        yield value


# --- what comes out


def _conclusion(definition: program.Definition, row: Row) -> Outcome | Membership | None:
    name = definition.name
    match definition:
        case program.Endpoint():
            parts = ("origin", "origin_event", "end", "end_event", "time", "outcome", "reason", "excluded")
            return Outcome(*(row[f"{name}.{part}"] for part in parts))
        case program.Cohort():
            step = row[f"{name}.step"]
            return Membership(row[name], cohort_steps(definition)[step - 1] if step else None, row[f"{name}.unknown"])
    return None
