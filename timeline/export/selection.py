"""What the names on a command line stand for, and one table of patients' rows that holds all that they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from dsl import ir, program
from dsl.diagnostics import did_you_mean, listing
from dsl.explain import references
from dsl.rewrite import as_of
from dsl.sql import Compiled, compile_study
from dsl.sql.analyses import TABLE
from dsl.sql.definitions import alias
from dsl.sql.values import PATIENT, column
from dsl.types import Date
from dsl.words import span
from timeline.errors import QueryError
from timeline.study.rows import keep_rows

if TYPE_CHECKING:
    from timeline.engine.base import Engine

EVENTS: Final = "events"
"""The name of the current events; a definition of the study that is called so comes first."""


@dataclass(frozen=True)
class Item:
    """One thing to export: a definition, a table of the study, or the current events (`what` is then None)."""

    name: str
    what: program.Cohort | program.Endpoint | program.Table | None


@dataclass(frozen=True)
class Variable:
    """A value of each patient that stands beside others in a file."""

    name: str
    value: ir.Value
    label: str
    doc: str = ""


def items(study: program.Program, names: Sequence[str], file: str) -> list[Item]:
    """What is exported: what was named, or every cohort, endpoint and table of the study.

    Raises QueryError, with the nearest name there is, for a name that stands for nothing that has rows of its own.
    """
    available = {
        item.name: Item(item.name, item)
        for item in study.definitions
        if isinstance(item, program.Cohort | program.Endpoint)
    }
    tables = [analysis for analysis in study.analyses if isinstance(analysis, program.Table)]
    available |= {f"table{number}": Item(f"table{number}", table) for number, table in enumerate(tables, 1)}
    if not names and not available:
        hint = f"hint: it could export the current events: timeline export {file} {EVENTS} …"
        raise QueryError(f"error: {file} defines no cohort, endpoint or table.", hint=hint)
    chosen = dict.fromkeys(names or available)
    available.setdefault(EVENTS, Item(EVENTS, None))
    return [_item(available, study, name, file) for name in chosen]


def _item(available: dict[str, Item], study: program.Program, name: str, file: str) -> Item:
    if name in available:
        return available[name]
    if study.definition(name) is not None:
        raise QueryError(
            f"error: `{name}` is a let: it is a column of other files and has no rows of its own.",
            hint=f"hint: every cohort has it; `--with {name}` adds it to an endpoint",
        )
    raise _unknown(f"nothing called `{name}` to export", name, available, file)


def require_cohort(study: program.Program, name: str, file: str) -> program.Cohort:
    """The cohort of a name. Raises QueryError where there is none."""
    found = study.definition(name)
    if isinstance(found, program.Cohort):
        return found
    cohorts = [item.name for item in study.definitions if isinstance(item, program.Cohort)]
    raise _unknown(f"no cohort `{name}`", name, cohorts, file)


def _unknown(what: str, name: str, there_is: Iterable[str], file: str) -> QueryError:
    known = list(there_is)
    hint = did_you_mean(name, known) or (f"it has {listing(known)}" if known else "it has none")
    return QueryError(f"error: {file} has {what}.", hint=f"hint: {hint}")


def let_variables(study: program.Program) -> list[Variable]:
    """Each `let` of a study as a value of the patient; a selected event is its start."""
    return [_let(item) for item in study.definitions if isinstance(item, program.LetValue | program.LetEvent)]


def _let(item: program.LetValue | program.LetEvent) -> Variable:
    if isinstance(item, program.LetEvent):
        day = ir.Attribute(ir.EventRef(item.name), "start", Date())
        return Variable(item.name, day, item.doc or f"Start of {item.name}", item.doc)
    return Variable(item.name, ir.LetRef(item.name, item.value.type), item.doc or item.name, item.doc)


def named_variables(study: program.Program, names: Iterable[str], file: str) -> list[Variable]:
    """The lets and cohorts of some names. Raises QueryError for any other name."""
    lets = {variable.name: variable for variable in let_variables(study)}
    lets |= {variable.name: variable for variable in cohort_variables(study)}
    found = []
    for name in names:
        if name not in lets:
            raise _unknown(f"no let or cohort `{name}`", name, lets, file)
        found.append(lets[name])
    return found


def cohort_variables(study: program.Program) -> list[Variable]:
    """Whether the patient is a member, for each cohort of a study."""
    cohorts = [item for item in study.definitions if isinstance(item, program.Cohort)]
    return [Variable(item.name, ir.CohortRef(item.name), item.label or item.name, item.label) for item in cohorts]


def group_variables(study: program.Program, endpoint: str) -> tuple[list[Variable], list[program.Definition]]:
    """What the study compares an endpoint by or restricts it to, with the definitions that landmarks need besides."""
    found: dict[str, Variable] = {}
    copies: dict[str, program.Definition] = {}
    for node in (part for root in (*study.analyses, *study.expectations) for part in root.walk()):
        match node:
            case program.Comparison() | program.Incidence() | program.EndpointStatistic():
                if node.subject.endpoint != endpoint or node.group is None:
                    continue
                landmark = getattr(node, "landmark", None)
                variable, more = _group(study, endpoint, node.group, landmark)
                found.setdefault(variable.name, variable)
                copies |= {item.name: item for item in more}
    lets = {variable.name: variable for variable in let_variables(study)}
    for name in _restrictions(study, endpoint):
        if name in lets:
            found.setdefault(name, lets[name])
    return list(found.values()), list(copies.values())


def _restrictions(study: program.Program, endpoint: str) -> list[str]:
    subjects = [part for root in (*study.analyses, *study.expectations) for part in root.walk()]
    return [
        name
        for part in subjects
        if isinstance(part, program.Subject) and part.endpoint == endpoint and part.where is not None
        for name in references(part.where)
    ]


def _group(
    study: program.Program, endpoint: str, group: program.Group, landmark: ir.CalendarSpan | None
) -> tuple[Variable, tuple[program.Definition, ...]]:
    name = column_name(group.words)
    if landmark is None:
        return Variable(name, group.value, group.words), ()
    words = span(landmark)
    day = ir.Shift(ir.EndpointField(endpoint, "origin", Date()), landmark)
    value, copies = as_of(study, group.value, day, f" as of {words} after {endpoint}")
    label = f"{group.words}, as known {words} after the origin"
    return Variable(f"{name}_at_{column_name(words)}", value, label), copies


def column_name(words: str) -> str:
    """A name that every program can read: letters, digits and underscores."""
    return re.sub(r"\W+", "_", words).strip("_") or "value"


@dataclass(frozen=True)
class Rows:
    """The table of patients' rows, and the column of it that holds each value that was asked for."""

    compiled: Compiled
    engine: Engine
    columns: dict[ir.Value, str]

    def value(self, variable: Variable) -> exp.Expr:
        return column(self.columns[variable.value], PATIENT)

    def event_id(self, name: str) -> exp.Expr:
        """The id of the event that a let selects."""
        plan = self.compiled.plan
        return column(f"{plan.scans[plan.selected(ir.EventRef(name))]}.event_id", PATIENT)

    def count(self, condition: exp.Expr) -> int:
        """How many patients there are for whom a condition holds."""
        query = exp.select(alias(exp.Count(this=exp.Star()), "patients")).from_(TABLE.copy()).where(condition)
        [found] = self.engine.query(self.sql(query)).to_pylist()
        return int(found["patients"])

    def sql(self, query: exp.Query) -> str:
        return query.sql(dialect=self.compiled.dialect)


def compute(
    study: program.Program,
    engine: Engine,
    definitions: Iterable[str],
    variables: Iterable[Variable],
    copies: Iterable[program.Definition] = (),
    anchor: str | None = None,
) -> Rows:
    """Compute some definitions and variables, and nothing else of the study, as the table `study.patients`.

    With `anchor`, patients may be missing who have no event of that type.
    """
    columns: dict[ir.Value, str] = {}
    probes: list[program.Definition] = []
    for variable in variables:
        match variable.value:
            case ir.LetRef(name=name) | ir.CohortRef(name=name) if study.definition(name) is not None:
                columns[variable.value] = name
            case value if value not in columns:
                # No name of the language has a space in it, so none can be taken already.
                columns[value] = f"export {len(probes) + 1}"
                probes.append(program.LetValue(columns[value], value))
    asked = replace(study.asking(), definitions=(*study.definitions, *copies, *probes))
    compiled = compile_study(asked, names=[*definitions, *columns.values()], anchor=anchor)
    keep_rows(compiled, engine)
    return Rows(compiled, engine, columns)
