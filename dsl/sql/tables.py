"""Queries for the table of a cohort's characteristics: sizes of groups, counts of values, summaries of numbers."""

from sqlglot import exp

from dsl import program
from dsl.sql import Compiled
from dsl.sql.analyses import TABLE, group_label, named, printed
from dsl.sql.values import PATIENT, column, known

SUMMARY_PARTS = ("known", "missing", "mean", "sd", "min", "q1", "median", "q3", "max")


def group_sizes(compiled: Compiled, table: program.Table) -> str:
    """Columns group, patients: the members of each group; a missing group is one of its own."""
    query = (
        exp.select(named(group_label(compiled, table.group), "group"), named(exp.Count(this=exp.Star()), "patients"))
        .from_(TABLE.copy())
        .where(column(table.cohort, PATIENT))
        .group_by(exp.Literal.number(1))
        .order_by(exp.Literal.number(1))
    )
    return printed(compiled, query)


def levels(compiled: Compiled, table: program.Table, shown: program.Shown) -> str:
    """Columns group, level, patients: how many members have each value; a missing value is a level of its own."""
    group, value = group_label(compiled, table.group), column(compiled.columns[shown.value], PATIENT)
    query = (
        exp.select(
            named(group, "group"),
            named(exp.cast(value, "TEXT"), "level"),
            named(exp.Count(this=exp.Star()), "patients"),
        )
        .from_(TABLE.copy())
        .where(column(table.cohort, PATIENT))
        .group_by(exp.Literal.number(1), exp.Literal.number(2))
        .order_by(exp.Literal.number(1), exp.Literal.number(2))
    )
    return printed(compiled, query)


def summary(compiled: Compiled, table: program.Table, shown: program.Shown) -> str:
    """Columns group and SUMMARY_PARTS of a number; the median of an even number is the mean of the middle two."""
    group, value = group_label(compiled, table.group), column(compiled.columns[shown.value], PATIENT)
    number = exp.cast(value, "DOUBLE")

    parts: list[exp.Expr] = [
        exp.Count(this=value.copy()),
        exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=value.copy())),
        exp.Avg(this=number.copy()),
        exp.StddevSamp(this=number.copy()),
        exp.Min(this=number.copy()),
        exp.Anonymous(this="QUANTILE_CONT", expressions=[number.copy(), exp.Literal.number("0.25")]),
        exp.Median(this=number.copy()),
        exp.Anonymous(this="QUANTILE_CONT", expressions=[number.copy(), exp.Literal.number("0.75")]),
        exp.Max(this=number.copy()),
    ]
    query = (
        exp.select(named(group, "group"), *(named(part, name) for part, name in zip(parts, SUMMARY_PARTS, strict=True)))
        .from_(TABLE.copy())
        .where(column(table.cohort, PATIENT))
        .group_by(exp.Literal.number(1))
        .order_by(exp.Literal.number(1))
    )
    return printed(compiled, query)


def values(compiled: Compiled, table: program.Table, shown: program.Shown) -> str:
    """Columns group, value, patients: how many members of each known group have each known number; ordered."""
    group, value = group_label(compiled, table.group), column(compiled.columns[shown.value], PATIENT)
    query = (
        exp.select(
            named(group, "group"),
            named(exp.cast(value, "DOUBLE"), "value"),
            named(exp.Count(this=exp.Star()), "patients"),
        )
        .from_(TABLE.copy())
        .where(column(table.cohort, PATIENT), known(group.copy()), known(value.copy()))
        .group_by(exp.Literal.number(1), exp.Literal.number(2))
        .order_by(exp.Literal.number(1), exp.Literal.number(2))
    )
    return printed(compiled, query)
