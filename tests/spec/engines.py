"""Ways to evaluate an example: by the SQL that DuckDB runs, and by the oracle."""

from datetime import date
from typing import Any

from dsl import compile, program
from dsl.source import Source
from dsl.sql import compile_study
from tests.helpers import MemoryLog, given_events
from tests.oracle import Event, Membership, Oracle, Time
from tests.spec.record import DECLARATIONS, Spec

Result = bool | int | float | str | date | None


def study_of(spec: Spec) -> tuple[program.Program, list[Event]]:
    """The program of an example and its patient. A program asks for one thing only: its last definition or analysis."""
    given = f'test "the example" given {spec.events} expect true'
    asked = spec.expression
    text = f"{DECLARATIONS}\n{spec.study}\n"
    declared = compile(Source(f"{text}\n{given}", spec.title))
    if declared.definition(asked) is None:
        asked = asked if asked.startswith("compare") else f"let value = {asked}"
        declared = compile(Source(f"{text}\n{asked}\n{given}", spec.title))
    return declared, given_events(declared.tests[0].given)


def by_oracle(study: program.Program, events: list[Event], name: str) -> Result:
    oracle = Oracle(study, events)
    if study.analyses:
        [comparison] = study.analyses
        assert isinstance(comparison, program.Comparison)
        group: Result = oracle.group(comparison)
        return group
    found = oracle.definition(name)
    match found:
        case Membership():
            return _membership(study.cohort(name), found.step, found.unknown)
        case Time():
            return _sentence(found.outcome, found.time, found.reason, found.excluded)
    value: Result = found
    return value


def by_duckdb(log: MemoryLog, study: program.Program, events: list[Event], name: str) -> Result:
    compiled = compile_study(study)
    log.load(study.catalog, {"1": events})
    row = log.query(compiled.sql())["1"]
    if compiled.study.analyses:
        [comparison] = compiled.study.analyses
        assert isinstance(comparison, program.Comparison)
        group: Result = row[compiled.columns[comparison.group.value]]
        return group
    match study.definition(name):
        case program.Cohort() as cohort:
            return _membership(cohort, row[f"{name}.step"], row[f"{name}.unknown"])
        case program.Endpoint():
            return _sentence(*(row[f"{name}.{part}"] for part in ("outcome", "time", "reason", "excluded")))
    value: Result = row[name]
    return value


def asked_name(spec: Spec, study: program.Program) -> str:
    return spec.expression if study.definition(spec.expression) is not None else "value"


def _membership(cohort: program.Cohort, step: int, unknown: bool) -> str:
    if not step:
        return "member"
    labels = ["from"] if cohort.base is not None else []
    labels += ["index"] if cohort.index is not None else []
    labels += [requirement.label for requirement in cohort.requirements]
    return f'not a member because "{labels[step - 1]}"' + (" is unknown" if unknown else "")


def _sentence(outcome: Any, time: Any, reason: Any, excluded: Any) -> str:
    return f'excluded as "{excluded}"' if excluded else f'{outcome} after {time} days as "{reason}"'
