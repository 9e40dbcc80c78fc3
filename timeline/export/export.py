"""From names to datasets: everything that is asked for is computed once. Writing it is left to `output`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dsl import ir, program
from dsl.sql.anchor import of_members
from timeline.export.cohorts import cohort_dataset, indexed, table_dataset, table_variables
from timeline.export.dataset import Dataset
from timeline.export.endpoints import endpoint_dataset
from timeline.export.events import events_dataset
from timeline.export.selection import (
    Item,
    Variable,
    cohort_variables,
    compute,
    group_variables,
    items,
    let_variables,
    named_variables,
    require_cohort,
)
from timeline.study.run import require_declared

if TYPE_CHECKING:
    from dsl import Checked
    from timeline.engine.base import Engine
    from timeline.log import Snapshot


@dataclass(frozen=True)
class Wanted:
    """What to export of a study: names (all where there are none), of a cohort's members, with variables beside."""

    names: tuple[str, ...] = ()
    cohort: str | None = None
    beside: tuple[str, ...] = ()
    study_id: str | None = None


@dataclass(frozen=True)
class Source:
    """A checked study, and an engine on the state of the store that it is computed from."""

    checked: Checked
    store: str
    snapshot: Snapshot
    engine: Engine

    @property
    def file(self) -> str:
        return self.checked.source.name


def datasets(source: Source, wanted: Wanted) -> list[Dataset]:
    """Everything that is wanted, computed once and ready to be streamed.

    Raises QueryError for names that the study does not have, StudyError where the store lacks what the study reads.
    """
    study = source.checked.program
    chosen = items(study, wanted.names, source.file)
    if wanted.cohort is not None:
        require_cohort(study, wanted.cohort, source.file)
    beside = named_variables(study, wanted.beside, source.file)
    require_declared(study, source.snapshot.catalog, source.store)
    groups: dict[str, list[Variable]] = {}
    copies: list[program.Definition] = []
    for item in chosen:
        if isinstance(item.what, program.Endpoint):
            found, more = group_variables(study, item.name)
            groups[item.name] = _once([*cohort_variables(study), *found, *beside])
            copies += more
    definitions, variables = _needed(study, chosen, wanted.cohort, groups)
    unique = {item.name: item for item in copies}
    anchors = frozenset[str]()
    if wanted.cohort is not None and all(isinstance(item.what, program.Endpoint) for item in chosen):
        anchors = of_members(study, wanted.cohort)
    rows = compute(study, source.engine, definitions, variables, unique.values(), min(anchors, default=None))
    study_id = study_id_of(source.checked, wanted)
    made = []
    for item in chosen:
        match item.what:
            case program.Cohort() as cohort:
                made.append(cohort_dataset(study, rows, cohort))
            case program.Endpoint() as endpoint:
                made.append(endpoint_dataset(study, rows, endpoint, groups[item.name], wanted.cohort, study_id))
            case program.Table() as table:
                made.append(table_dataset(study, rows, item.name, table))
            case None:
                made.append(events_dataset(study, source.snapshot.catalog, rows, item.name, wanted.cohort))
    return made


def study_id_of(checked: Checked, wanted: Wanted) -> str:
    """STUDYID: as it was given, or the name of the query file in capitals."""
    return wanted.study_id or Path(checked.source.name).stem.upper()


def _needed(
    study: program.Program, chosen: Sequence[Item], cohort: str | None, groups: dict[str, list[Variable]]
) -> tuple[list[str], list[Variable]]:
    """The definitions and the values that some items read."""
    definitions = [cohort] if cohort is not None else []
    variables: list[Variable] = []
    for item in chosen:
        match item.what:
            case program.Endpoint(name=name):
                definitions.append(name)
                variables += groups[name]
            case program.Cohort() | program.Table() as found:
                member = found if isinstance(found, program.Cohort) else study.cohort(found.cohort)
                counted = indexed(study, member)
                definitions += [member.name, *([counted.name] if counted is not None else [])]
                if isinstance(found, program.Table):
                    variables += table_variables(found)
                else:
                    variables += let_variables(study)
                    definitions += [let.name for let in study.definitions if isinstance(let, program.LetEvent)]
    return definitions, variables


def _once(variables: Sequence[Variable]) -> list[Variable]:
    """Each value once, under the first of its names."""
    found: dict[ir.Value, Variable] = {}
    for variable in variables:
        found.setdefault(variable.value, variable)
    return list(found.values())
