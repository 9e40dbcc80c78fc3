"""The rows of models and of states that DuckDB counts are those that follow from each patient's oracle, one by one.

A model's patient is cut where a covariate comes true, and enters late where the endpoint says so; a patient's course
through states is followed day by day. Here both are said literally, for one patient, and then counted.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, note, seed, settings
from hypothesis import strategies as st

from dsl import ir, program
from dsl.catalog import Catalog
from dsl.onset import NotSettled, onset
from dsl.sql import compile_study, models, states
from dsl.types import Age, Boolean, Date, Duration, Integer, Number
from tests.generative.logs import Draw, catalogues, logs
from tests.generative.programs import programs
from tests.generative.settings import EXAMPLES, REPEATABLE, SEED
from tests.helpers import MemoryLog
from tests.oracle import Event, Oracle, Time
from tests.unit.test_onset import evaluated

SUBJECT = ("e", "c")
"""The endpoint and the cohort that every generated program ends with."""

Study = tuple[program.Program, dict[str, list[Event]]]


@pytest.fixture(scope="module")
def log() -> Iterator[MemoryLog]:
    memory = MemoryLog()
    yield memory
    memory.close()


@st.composite
def studies(draw: Draw) -> Study:
    """A program with a model and a course through states, and a log of the event types that it knows."""
    catalog = draw(catalogues())
    study = draw(programs(catalog))
    if draw(st.sampled_from([True, True, True, False])):
        study = replace(study, definitions=(*study.definitions[:-2], draw(endpoints(catalog)), EVERYONE))
    values = [ir.LetRef(item.name, item.value.type) for item in study.definitions if isinstance(item, program.LetValue)]
    conditions = [value for value in values if isinstance(value.type, Boolean)]
    fixed = [value for value in values if not isinstance(value.type, Date)]
    streams = st.sampled_from([ir.Events(event) for event in catalog])
    changing = [ir.Quantified("at least", draw(st.integers(1, 2)), draw(streams)) for _ in range(2)]
    changing += [value for value in conditions if is_settled(study, value)]
    covariates = [
        program.Covariate(value, f"x{number}", onset=found)
        for number, value in enumerate(draw(st.lists(st.sampled_from(changing), min_size=1, max_size=2)))
        for found in [onset(value, lambda name: definition(study, name))]
    ]
    covariates += [
        program.Covariate(value, f"y{number}")
        for number, value in enumerate(draw(st.lists(st.sampled_from(fixed), max_size=1)) if fixed else [])
    ]
    group = draw(st.sampled_from([None, None, None, *conditions]))
    where = draw(st.sampled_from([None, None, None, *conditions]))
    subject = program.Subject(*SUBJECT, where)
    groups = [program.Group(group, "g")] if group is not None else []
    days = [
        program.Term(draw(st.sampled_from(ends(study, catalog_day(draw(streams))))), None, f"s{n}") for n in range(2)
    ]
    through = tuple(days[: draw(st.integers(1, 2))])
    asked = (
        program.Regression("cox", subject, tuple(covariates), tuple(groups)),
        program.States(subject, "start", through, (), groups[0] if groups else None),
    )
    return program.Program(catalog, definitions=study.definitions, analyses=asked, cutoff=study.cutoff), draw(
        logs(catalog, 8)
    )


EVERYONE = program.Cohort("c", "c", None, None, (program.Requirement("all", ir.Literal(True, Boolean()), False),))


@st.composite
def endpoints(draw: Draw, catalog: Catalog) -> program.Endpoint:
    """An endpoint of plain events, which many patients reach, and which some enter late."""
    streams = st.sampled_from([ir.Events(event) for event in catalog])
    origin = program.Term(catalog_day(draw(streams)), None, "from")
    after = ir.InWindow(ir.Bound(origin.day, inclusive=draw(st.booleans())), None, "")

    def later(word: str) -> program.Term:
        return program.Term(catalog_day(ir.Filter(draw(streams), after)), None, word)

    seen = ir.Attribute(ir.Select("last", draw(streams)), "start", Date())
    # An event rarely lies between the first day and the last; two days later most are there still.
    entered, soon = catalog_day(draw(streams)), ir.Shift(origin.day, ir.CalendarSpan(days=2))
    return program.Endpoint(
        "e",
        "e",
        origin,
        until=(later("until"),),
        competing=(later("competing"),) if draw(st.booleans()) else (),
        censor=(),
        last_seen=(program.Term(seen, None, "seen"),),
        entry=draw(st.sampled_from([None, *(program.Term(day, None, "entry") for day in (entered, soon))])),
    )


def catalog_day(stream: ir.Stream) -> ir.Value:
    return ir.Attribute(ir.Select("first", stream), "start", Date())


def ends(study: program.Program, day: ir.Value) -> list[ir.Value]:
    """Days to enter a state on: an event's, those that programs name, and that of the endpoint's event itself."""
    named = [item for item in study.definitions if isinstance(item, program.LetValue)]
    found = [ir.LetRef(item.name, item.value.type) for item in named if isinstance(item.value.type, Date)]
    endpoint = study.endpoint("e")
    return [day, day, *found, endpoint.until[0].day, endpoint.origin.day]


def definition(study: program.Program, name: str) -> program.Definition:
    found = study.definition(name)
    assert found is not None
    return found


def is_settled(study: program.Program, value: ir.Value) -> bool:
    try:
        onset(value, lambda name: definition(study, name))
    except NotSettled:
        return False
    return True


# --- one patient, literally


def observed(study: program.Program, oracle: Oracle, subject: program.Subject, needed: list[ir.Value]) -> Time | None:
    """The patient's time, if the analysis has it."""
    time: Time = oracle.definition(subject.endpoint)
    is_member = oracle.definition(subject.cohort).member
    if not is_member or (subject.where is not None and oracle.value(subject.where) is not True):
        return None
    if time.time is None or any(oracle.value(value) is None for value in needed):
        return None
    return time


def label(value: Any, words: str) -> Any:
    if isinstance(value, bool):
        return words if value else f"not {words}"
    return str(value)


def model_rows(study: program.Program, model: program.Regression, oracle: Oracle) -> Iterator[tuple[Any, ...]]:
    """A row for each stretch of time on which no covariate changes."""
    fixed = [item for item in model.covariates if item.onset is None]
    found = observed(study, oracle, model.subject, [item.value for item in (*fixed, *model.strata)])
    if found is None:
        return
    assert found.time is not None
    assert found.origin is not None
    entry, time = found.entry or 0, found.time
    changes = {item.label: change(oracle, item, found.origin) for item in model.covariates if item.onset is not None}
    cuts = sorted({day for day in changes.values() if day is not None and entry < day < time})
    for begin, end in zip([entry, *cuts], [*cuts, time], strict=True):
        row: list[Any] = [begin, end, found.cause if end == time else 0, begin == entry]
        for item in model.covariates:
            day = changes.get(item.label)
            if item.onset is not None:
                row.append(day is not None and day <= begin)
            elif isinstance(item.value.type, Integer | Number | Duration | Age):
                row.append(float(oracle.value(item.value)))
            else:
                row.append(label(oracle.value(item.value), item.label))
        row += [changes[item.label] == begin for item in model.covariates if item.onset is not None]
        row += [label(oracle.value(item.value), item.words) for item in model.strata]
        yield tuple(row)


def change(oracle: Oracle, item: program.Covariate, origin: date) -> int | None:
    assert item.onset is not None
    day = evaluated(oracle, item.onset)
    return None if day is None else (day - origin).days


def stays(study: program.Program, asked: program.States, oracle: Oracle) -> Iterator[tuple[Any, ...]]:
    """A patient is, on each day, in the last state as they are written whose day has come."""
    needed = [asked.group.value] if asked.group is not None else []
    found = observed(study, oracle, asked.subject, needed)
    if found is None:
        return
    assert found.time is not None
    assert found.origin is not None
    last = found.time if found.cause == 0 else found.time - 1
    came: list[tuple[int, int]] = []
    for number, term in enumerate(asked.through, 1):
        day = oracle.value(term.day)
        if day is not None and 0 <= (day - found.origin).days <= last:
            came.append(((day - found.origin).days, number))
    path: list[tuple[int, int]] = []
    for day in sorted({0, *(day for day, _ in came)}):
        state = max((number for since, number in came if since <= day), default=0)
        if not path or path[-1][1] != state:
            path.append((day, state))
    after = states.STAYS if found.cause == 0 else len(asked.through) + (found.cause or 0)
    group = label(oracle.value(asked.group.value), asked.group.words) if asked.group is not None else None
    entry = found.entry or 0
    for (day, state), (until, to) in zip(path, [*path[1:], (found.time, after)], strict=True):
        if entry == 0 or until > entry:
            yield group, state, max(day, entry), until, to


# --- all of them, counted


def test_rows_of_models_and_of_states_are_those_of_the_patients_one_by_one(log: MemoryLog) -> None:
    compared: Counter[str] = Counter()

    @seed(SEED)
    @settings(REPEATABLE, max_examples=3 * EXAMPLES)
    @given(studies())
    def hold(case: Study) -> None:
        study, events = case
        compiled = compile_study(study)
        log.load(study.catalog, events)
        oracles = [Oracle(study, rows) for rows in events.values()]
        (model, course), (written, path) = compiled.study.analyses, study.analyses
        assert isinstance(model, program.Regression)
        assert isinstance(course, program.States)
        assert isinstance(written, program.Regression)
        assert isinstance(path, program.States)
        queries = (
            ("model", models.regression_rows(compiled, model), (model_rows(study, written, one) for one in oracles)),
            ("states", states.stays(compiled, course), (stays(study, path, one) for one in oracles)),
        )
        for name, sql, one_by_one in queries:
            expected = Counter(row for rows in one_by_one for row in rows)
            found = {tuple(row.values())[:-1]: row["patients"] for row in log.counted(compiled.sql(), sql)}
            note(f"{name}: expected {dict(expected)}, the query gives {found}")
            assert found == expected, name
            compared[name] += len(expected)
            compared[f"{name}, several"] += any(count > 1 for count in expected.values())
            compared["late"] += any(row[0] > 0 and row[3] for row in expected) if name == "model" else 0
            compared["cut"] += any(not row[3] for row in expected) if name == "model" else 0
            compared["moved"] += any(row[4] != states.STAYS for row in expected) if name == "states" else 0

    hold()
    assert min(compared[part] for part in ("model", "states")) > EXAMPLES
    assert all(compared[part] for part in ("late", "cut", "moved", "model, several", "states, several")), compared
