"""Cohorts and the values of Table 1 as rows: one a member, with the index day and what the study knows of them."""

from __future__ import annotations

from sqlglot import exp

from dsl import ir, program
from dsl.explain import define, references
from dsl.sql.analyses import TABLE
from dsl.sql.definitions import alias
from dsl.sql.values import PATIENT, column
from dsl.words import noun
from timeline.export.dataset import Column, Dataset, distinct, unit_of
from timeline.export.selection import Rows, Variable, column_name, let_variables


def cohort_dataset(study: program.Program, rows: Rows, cohort: program.Cohort) -> Dataset:
    """The members of a cohort: patient, index day, and each let; a selected event is its start and its id."""
    columns = _who(study, cohort)
    for variable in let_variables(study):
        definition = study.definition(variable.name)
        assert definition is not None
        meaning = define(definition)
        words = " ".join([*meaning.sentences, *meaning.items])
        unit = unit_of(variable.value.type)
        columns.append(Column(variable.name, rows.value(variable), variable.label, unit, words))
        if isinstance(definition, program.LetEvent):
            event = f"{variable.name}.event"
            columns.append(Column(event, rows.event_id(variable.name), f"Event id of {variable.name}", "", words))
    return _members(rows, cohort, cohort.name, "cohort", cohort.label or cohort.name, columns)


def table_variables(table: program.Table) -> list[Variable]:
    """What a table is divided by and what it shows, as values of the patient."""
    group = [(table.group.words, table.group.value)] if table.group is not None else []
    shown = [*group, *((item.label, item.value) for item in table.shown)]
    return [Variable(column_name(label), value, label) for label, value in shown]


def table_dataset(study: program.Program, rows: Rows, name: str, table: program.Table) -> Dataset:
    """The members of a table's cohort with the values that the table summarises."""
    cohort = study.cohort(table.cohort)
    columns = _who(study, cohort)
    for variable in table_variables(table):
        unit = unit_of(variable.value.type)
        columns.append(Column(variable.name, rows.value(variable), variable.label, unit, noun(variable.value)))
    return _members(rows, cohort, name, "table", f"Values of the table of {cohort.label or cohort.name}", columns)


def indexed(study: program.Program, cohort: program.Cohort) -> program.Cohort | None:
    """The cohort whose index day counts: itself, or the first of those it is drawn from that has one."""
    if cohort.index is not None or cohort.base is None:
        return cohort if cohort.index is not None else None
    for name in references(cohort.base):
        base = study.definition(name)
        if isinstance(base, program.Cohort) and (found := indexed(study, base)) is not None:
            return found
    return None


def _who(study: program.Program, cohort: program.Cohort) -> list[Column]:
    meaning = define(cohort)
    patient = Column(
        "patient", column("patient", PATIENT), "Patient", "", " ".join([*meaning.sentences, *meaning.items])
    )
    counted = indexed(study, cohort)
    if counted is None:
        return [patient]
    assert counted.index is not None
    index: ir.Value = counted.index
    return [patient, Column("index", column(f"{counted.name}.index_day", PATIENT), "Index date", "", noun(index))]


def _members(rows: Rows, cohort: program.Cohort, name: str, kind: str, label: str, columns: list[Column]) -> Dataset:
    member = column(cohort.name, PATIENT)
    named = distinct(columns)
    query = (
        exp.select(*(alias(item.value, item.name) for item in named))
        .from_(TABLE.copy())
        .where(member)
        .order_by(column("patient", PATIENT))
    )
    return Dataset(name, kind, label, named, rows.sql(query), rows.count(member.copy()))
