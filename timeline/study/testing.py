"""Runs the tests that stand in a query file, without a store: each test is one patient with the events given.

All tests of a file are one query over an in-memory database. What counts:

- A given event counts as recorded on its `recorded` day; without one, it was always known. A study's `known by`
  hides events recorded later, its `cutoff` events that start later, as in a run. Events of one day keep the order in
  which they are given.
- `ENDPOINT = event`: the event of interest ended the time. `= competing`: a competing event did. `= censored`: neither
  did; the label is what censored, or how the follow-up ended. `= excluded`: the patient has no time; the label is
  `no origin`, `no follow-up` or `end before origin`.
  `after N days` is the time. Only what an expectation states is compared.
- `COHORT` and `not COHORT`: a member or not. `because "label"`: this requirement is the first that is not met.
- Anything else is a condition, and holds where it is true; unknown is not true.

How results are laid out is left to `timeline.report.testing`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from re import escape, finditer
from typing import Any

from sqlglot import exp

from dsl import Checked, ir, program
from dsl.catalog import EventType, quote, storage_kind
from dsl.explain import cohort_steps
from dsl.sql.definitions import requirement_columns
from dsl.sql.scans import LOG
from dsl.sql.values import literal
from dsl.types import Age, Boolean, Date, Duration, Integer, Number
from dsl.words import clause, noun, shown
from timeline.events import event_id
from timeline.study.probes import Probed, Row, probe


@dataclass(frozen=True)
class Failure:
    """An expectation that does not hold. `decided` are the ids of the events on which what was found rests."""

    claim: str
    expected: str
    found: str
    difference: str
    decided: tuple[str, ...]


@dataclass(frozen=True)
class GivenRow:
    """An event of a test; `hidden` says why the study does not see it, where it does not."""

    id: str
    event: program.GivenEvent
    hidden: str = ""


@dataclass(frozen=True)
class TestResult:
    """`line` is where the test stands in its file, from 1; events are in order of start."""

    __test__ = False

    title: str
    file: str
    line: int
    events: tuple[GivenRow, ...]
    failures: tuple[Failure, ...]

    @property
    def passes(self) -> bool:
        return not self.failures


def run_tests(checked: Checked, wanted: str = "") -> list[TestResult]:
    """The results of the tests whose title contains `wanted` (whatever the case), in the order of the file."""
    study = checked.program
    lines = _lines(checked)
    chosen = [
        (line, test)
        for line, test in zip(lines, study.tests, strict=True)
        if wanted.casefold() in test.title.casefold()
    ]
    if not chosen:
        return []
    tests = [test for _, test in chosen]
    expects = [expect for test in tests for expect in test.expects]
    probed = probe(study, _definitions(expects), _wanted(expects))
    rows = _query(probed, tests, study.known_by)
    return [
        TestResult(
            test.title,
            checked.source.name,
            line,
            _given(test, study),
            tuple(_failures(study, probed, test, rows[str(number)])),
        )
        for number, (line, test) in enumerate(chosen)
    ]


def _lines(checked: Checked) -> Iterator[int]:
    """The line of each test: the parsed study no longer knows it, but titles stand in the text as they are quoted."""
    end = 0
    for test in checked.program.tests:
        found = next(finditer(rf"\btest\s+{escape(quote(test.title))}", checked.source.text[end:]), None)
        start = end + found.start() if found else end
        end = end + found.end() if found else end
        yield checked.source.position(start)[0]


def _definitions(expects: Iterable[program.ExpectEndpoint | program.ExpectMember | program.ExpectTrue]) -> list[str]:
    names: dict[str, None] = {}
    for expect in expects:
        match expect:
            case program.ExpectEndpoint(endpoint=name) | program.ExpectMember(cohort=name):
                names[name] = None
    return list(names)


def _wanted(
    expects: Iterable[program.ExpectEndpoint | program.ExpectMember | program.ExpectTrue],
) -> Iterator[ir.Value | ir.EventValue]:
    for expect in expects:
        if isinstance(expect, program.ExpectTrue):
            yield expect.condition
            yield from _parts(expect.condition)
            yield from _selections(expect.condition)


def _parts(condition: ir.Value) -> tuple[ir.Value, ...]:
    """What is shown of a condition that does not hold: both sides of a comparison, the operands of `and` and `or`."""
    match condition:
        case ir.Compare(left=left, right=right):
            return (left, right)
        case ir.And(operands=operands) | ir.Or(operands=operands):
            return operands
        case ir.Not(operand=operand):
            return _parts(operand) or (operand,)
        case ir.OneOf(operand=operand):
            return (operand,)
        case ir.IsKnown(operand=operand) if not isinstance(operand, ir.Select | ir.EventRef):
            return (operand,)
    return ()


def _selections(condition: ir.Value) -> Iterator[ir.EventValue]:
    for node in condition.walk():
        match node:
            case ir.Attribute(event=event) | ir.LastDay(event=event):
                yield event
            case ir.IsKnown(operand=ir.Select() | ir.EventRef() as event):
                yield event


# --- the database


def _query(
    probed: Probed, tests: Sequence[program.Test], known_by: date | datetime | None
) -> dict[str, dict[str, Any]]:
    """Each test's row, by its number. The tables look like an engine's views, as far as the query reads them."""
    import duckdb

    query = probed.compiled.query
    types = {event.name: event for event in probed.compiled.study.catalog}
    read = dict.fromkeys(table.name for table in query.find_all(exp.Table) if table.db == LOG)
    connection = duckdb.connect()
    try:
        connection.execute(exp.Create(this=exp.to_identifier(LOG), kind="SCHEMA").sql("duckdb"))
        patients = [[literal(str(number))] for number, _ in enumerate(tests)]
        connection.execute(_table("patients", {"patient": "TEXT"}, patients))
        for name in read:
            if name in types:
                rows = list(_rows(types[name], tests, known_by))
                connection.execute(_table(name, _columns(types[name]), rows))
        cursor = connection.execute(probed.compiled.sql())
        columns = [item[0] for item in cursor.description or ()]
        found = [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
    finally:
        connection.close()
    return {row["patient"]: row for row in found}


_KINDS = {"text": "TEXT", "boolean": "BOOLEAN", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE"}


def _columns(event: EventType) -> dict[str, str]:
    columns = {"patient": "TEXT", "event_id": "TEXT", "position": "BIGINT", "start": "DATE", "end": "DATE"}
    return {**columns, **{item.name: _KINDS[storage_kind(item.type)] for item in event.attributes}}


def _rows(
    event: EventType, tests: Sequence[program.Test], known_by: date | datetime | None
) -> Iterator[list[exp.Expr]]:
    for number, test in enumerate(tests):
        for position, given in enumerate(test.given, 1):
            if given.event.name != event.name or _recorded_later(given, known_by):
                continue
            attributes = dict(given.attributes)
            values: list[Any] = [str(number), event_id(position), position, given.start, given.end]
            values += [attributes.get(item.name) for item in event.attributes]
            yield [exp.null() if value is None else literal(value) for value in values]


def _table(name: str, columns: dict[str, str], rows: Sequence[list[exp.Expr]]) -> str:
    """Makes a table with its rows. A row of missing values goes first and is left out again: it gives the types."""
    names = [exp.to_identifier(column, quoted=True) for column in columns]
    typed = [exp.cast(exp.null(), kind) for kind in columns.values()]
    tuples = [exp.Tuple(expressions=row) for row in [typed, *rows]]
    values = exp.Values(expressions=tuples, alias=exp.TableAlias(this=exp.to_identifier("given"), columns=names))
    given = exp.select("*").from_(values).where(exp.column(names[0].copy()).is_(exp.null()).not_())
    target = exp.table_(exp.to_identifier(name, quoted=True), db=LOG)
    return exp.Create(this=target, kind="TABLE", expression=given).sql("duckdb")


def _recorded_later(given: program.GivenEvent, known_by: date | datetime | None) -> bool:
    if given.recorded is None or known_by is None:
        return False
    return given.recorded > (known_by.date() if isinstance(known_by, datetime) else known_by)


def _given(test: program.Test, study: program.Program) -> tuple[GivenRow, ...]:
    rows = []
    for position, event in enumerate(test.given, 1):
        hidden = ""
        if _recorded_later(event, study.known_by):
            hidden = f"recorded after {study.known_by}"
        elif study.cutoff is not None and event.start > study.cutoff:
            hidden = f"after the cut-off {study.cutoff}"
        rows.append(GivenRow(event_id(position), event, hidden))
    return tuple(sorted(rows, key=lambda row: row.event.start))


# --- what does not hold


def _failures(study: program.Program, probed: Probed, test: program.Test, row: Row) -> Iterator[Failure]:
    for expect in test.expects:
        match expect:
            case program.ExpectEndpoint():
                failure = _endpoint(study.endpoint(expect.endpoint), expect, row)
            case program.ExpectMember():
                failure = _member(study, study.cohort(expect.cohort), expect, row)
            case program.ExpectTrue():
                failure = _condition(probed, expect, row)
        if failure is not None:
            yield failure


def _endpoint(endpoint: program.Endpoint, expect: program.ExpectEndpoint, row: Row) -> Failure | None:
    name = endpoint.name
    excluded = row[f"{name}.excluded"]
    outcome = "excluded" if excluded is not None else row[f"{name}.outcome"]
    reason = excluded if excluded is not None else row[f"{name}.reason"]
    days = row[f"{name}.time"]
    differs = []
    if outcome != expect.outcome:
        differs.append(f"{outcome} instead of {expect.outcome}")
    if expect.days is not None and days != expect.days:
        differs.append("no time" if days is None else f"{days - expect.days:+d} days")
    if expect.reason is not None and reason != expect.reason:
        differs.append(f"“{reason}” instead of “{expect.reason}”")
    if not differs:
        return None
    decided = _known(row[f"{name}.origin_event"], row[f"{name}.end_event"])
    found = _outcome(outcome, days, reason)
    return Failure(
        expect.words, _outcome(expect.outcome, expect.days, expect.reason), found, ", ".join(differs), decided
    )


def _outcome(outcome: str, days: int | None, reason: str | None) -> str:
    after = f" after {days} day{'' if days == 1 else 's'}" if days is not None else ""
    return f"{outcome}{after}" + (f" as “{reason}”" if reason is not None else "")


def _member(study: program.Program, cohort: program.Cohort, expect: program.ExpectMember, row: Row) -> Failure | None:
    member, step = bool(row[cohort.name]), row[f"{cohort.name}.step"]
    failed = cohort_steps(cohort)[step - 1] if step else None
    if member == expect.member and (expect.because is None or failed == expect.because):
        return None
    expected = ("a member" if expect.member else "not a member") + (
        f" because of “{expect.because}”" if expect.because is not None else ""
    )
    found = "a member" if member else f"not a member because of “{failed}”"
    difference = ""
    if failed is not None:
        difference = _why(study, cohort, row)
        if expect.because is not None:
            wanted = cohort_steps(cohort).index(expect.because)
            value = row[requirement_columns(cohort)[wanted]]
            state = "met" if value else "unknown" if value is None else "not met"
            difference += f"; “{expect.because}”, which comes later, is {state}"
    return Failure(expect.words, expected, found, difference, ())


def _why(study: program.Program, cohort: program.Cohort, row: Row) -> str:
    """The step at which the patient falls; where that is membership of another cohort, also the step there."""
    step = row[f"{cohort.name}.step"]
    failed = cohort_steps(cohort)[step - 1]
    said = f"“{failed}” {'is unknown' if row[f'{cohort.name}.unknown'] else 'is not met'}"
    if step == 1 and isinstance(cohort.base, ir.CohortRef):
        return f"{said}: {_why(study, study.cohort(cohort.base.name), row)}"
    return said


def _condition(probed: Probed, expect: program.ExpectTrue, row: Row) -> Failure | None:
    condition = expect.condition
    value = probed.value(row, condition)
    if value is True:
        return None
    found, difference = ("false" if value is False else "unknown"), ""
    parts = {part: probed.value(row, part) for part in _parts(condition)}
    expected = "true"
    match condition:
        case ir.Compare(operator=operator, left=left, right=right):
            found = shown(parts[left], left.type)
            sign = "" if operator == "=" else f"{operator} "
            expected = sign + shown(parts[right], right.type)
            difference = _distance(parts[left], parts[right], left)
        case _:
            difference = "; ".join(f"{_what(part)}: {shown(value, part.type)}" for part, value in parts.items())
    decided = _known(*(probed.event_id(row, event) for event in _selections(condition)))
    return Failure(expect.words, expected, found, difference, decided)


def _what(part: ir.Value) -> str:
    return clause(part) if isinstance(part.type, Boolean) else noun(part)


def _distance(found: Any, expected: Any, value: ir.Value) -> str:
    """How far a computed value lies from the expected one, where that has a size."""
    if found is None or expected is None:
        return ""
    match value.type:
        case Date():
            return f"{(found - expected).days:+d} days"
        case Duration():
            return f"{found - expected:+g} days"
        case Age():
            return f"{found - expected:+d} years"
        case Integer() | Number():
            return f"{found - expected:+g}"
    return ""


def _known(*ids: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for found in ids if found is not None))
