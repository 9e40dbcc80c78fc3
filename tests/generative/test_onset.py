"""From its onset on a condition is true as of every day, whatever happens later: held on random programs and logs."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl import ir, program
from dsl.onset import NotSettled, onset
from dsl.types import Boolean
from tests.generative.logs import Draw, catalogues, logs
from tests.generative.programs import programs
from tests.oracle import Event, Oracle
from tests.unit.test_onset import evaluated


@st.composite
def cases(draw: Draw) -> tuple[program.Program, list[list[Event]]]:
    """A program, and the events of some patients."""
    catalog = draw(catalogues())
    return draw(programs(catalog)), list(draw(logs(catalog, 4)).values())


def conditions(study: program.Program) -> list[ir.Value]:
    found: list[ir.Value] = []
    for item in study.definitions:
        match item:
            case program.LetValue(value=value) if isinstance(value.type, Boolean):
                found.append(value)
            case program.Cohort(name=name):
                found.append(ir.CohortRef(name))
            case program.Endpoint(name=name):
                found.append(ir.EndpointField(name, "happened", Boolean()))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_from_its_onset_on_a_condition_is_true_as_of_every_day(
    case: tuple[program.Program, list[list[Event]]],
) -> None:
    study, patients = case

    def definition(name: str) -> program.Definition:
        found = study.definition(name)
        assert found is not None
        return found

    for condition in conditions(study):
        try:
            found = onset(condition, definition)
        except NotSettled:
            continue
        for events in patients:
            day = evaluated(Oracle(study, events), found)
            if day is None:
                continue
            later = [event.start for event in events] + [event.last_day for event in events]
            for horizon in {day, *(seen for seen in later if seen >= day), max([day, *later]) + timedelta(1)}:
                if horizon.year < date.max.year:
                    assert Oracle(study, events).as_of(horizon).value(condition) is True, (condition, horizon)
