"""The query for the rows of a regression: patients alike in time, outcome, covariates and strata, counted.

A covariate that changes cuts a patient's time where it does: until and on that day it has the old value, after it the
new one, so that what happens on the day itself is not explained by it.
"""

from datetime import date

from sqlglot import exp

from dsl import ir, program
from dsl.sql import Compiled
from dsl.sql.analyses import TABLE, Observed, group_label, named, printed
from dsl.sql.values import PATIENT, case, coalesce, column, days_between, literal, united
from dsl.types import Age, Duration, Integer, Number

_NEVER = literal(date(9999, 12, 31))


def is_number(value: ir.Value) -> bool:
    """Whether a covariate is a number, and not a factor."""
    return isinstance(value.type, Integer | Number | Duration | Age)


def observed(model: program.Regression) -> Observed:
    return Observed.of(model.subject, model.landmark, model.strata, model.covariates)


def regression_rows(compiled: Compiled, model: program.Regression) -> str:
    """Columns entry, time, outcome, first, patients, `covariate 1` …, `begins 1` …, `stratum 1` …

    `first` is true for the first row of a patient: the patients in rows where it is are all patients. Numbers are
    doubles, factors texts, and what changes is false or true; for these alone `begins` says whether the row starts with
    the change.
    """
    subject = model.subject
    who = observed(model)
    changing = {number: item.onset for number, item in enumerate(model.covariates, 1) if item.onset is not None}
    outputs = {
        "entry": who.entry(compiled) or exp.Literal.number(0),
        "time": who.time(),
        "outcome": column(f"{subject.endpoint}.cause", PATIENT),
    }
    origin = column(f"{subject.endpoint}.origin", PATIENT)
    for number, item in enumerate(model.covariates, 1):
        if number in changing:
            outputs[f"change {number}"] = days_between(origin.copy(), _day(compiled, changing[number]))
        elif is_number(item.value):
            outputs[f"covariate {number}"] = exp.cast(column(compiled.columns[item.value], PATIENT), "DOUBLE")
        else:
            outputs[f"covariate {number}"] = group_label(compiled, program.Group(item.value, item.label))
    strata = {f"stratum {number}": group_label(compiled, group) for number, group in enumerate(model.strata, 1)}
    patients = (
        exp.select(*(named(output, name) for name, output in (outputs | strata).items()))
        .from_(TABLE.copy())
        .where(who.condition(compiled))
    )
    covariates = [f"covariate {number}" for number, _ in enumerate(model.covariates, 1)]
    intervals: list[exp.Query] = [_interval(cut, list(changing), [*covariates, *strata]) for cut in (None, *changing)]
    begins = [f"begins {number}" for number in changing]
    keys = ["entry", "time", "outcome", "first", *covariates, *begins, *strata]
    places = [exp.Literal.number(number) for number, _ in enumerate(keys, 1)]
    query = (
        exp.select(*(column(key) for key in keys), named(exp.Count(this=exp.Star()), "patients"))
        .from_(united(intervals).subquery("intervals"))
        .group_by(*places)
        .order_by(*(place.copy() for place in places))
        .with_("observed", as_=patients)
    )
    return printed(compiled, query)


def _interval(cut: int | None, changing: list[int], kept: list[str]) -> exp.Select:
    """The intervals that begin when observation does (None), or with the change of one covariate."""
    begin: exp.Expr = column("entry") if cut is None else column(f"change {cut}")
    stop: exp.Expr = column("time")
    if changing:
        after = [
            case([(exp.GT(this=column(f"change {n}"), expression=begin.copy()), column(f"change {n}"))], stop.copy())
            for n in changing
        ]
        stop = exp.Least(this=stop, expressions=after)
    last = exp.EQ(this=stop.copy(), expression=column("time"))
    outputs: dict[str, exp.Expr] = {
        "entry": begin,
        "time": stop,
        "outcome": case([(last, column("outcome"))], exp.Literal.number(0)),
        "first": exp.true() if cut is None else exp.false(),
    }
    for name in kept:
        number = int(name.split()[1]) if name.startswith("covariate") else 0
        changed = exp.LTE(this=column(f"change {number}"), expression=begin.copy())
        outputs[name] = exp.paren(changed) if number in changing else column(name)
    for number in changing:
        outputs[f"begins {number}"] = exp.paren(exp.EQ(this=column(f"change {number}"), expression=begin.copy()))
    query = exp.select(*(named(output, name) for name, output in outputs.items())).from_(exp.to_table("observed"))
    if cut is None:
        return query
    # Changes on one day make one interval: that of the first of them.
    same = [exp.NEQ(this=column(f"change {n}"), expression=begin.copy()) for n in changing[: changing.index(cut)]]
    inside = [
        exp.GT(this=begin.copy(), expression=column("entry")),
        exp.LT(this=begin.copy(), expression=column("time")),
    ]
    return query.where(*inside, *same)


def _day(compiled: Compiled, onset: program.Onset) -> exp.Expr:
    """The day on which a condition becomes true, or one that never comes."""
    match onset:
        case program.TurnsTrue(day=day):
            return coalesce(column(compiled.columns[day], PATIENT), _NEVER.copy())
        case program.WhenAll(parts=parts):
            return _of_several(exp.Greatest, [_day(compiled, part) for part in parts])
        case program.WhenAny(parts=parts):
            return _of_several(exp.Least, [_day(compiled, part) for part in parts])


def _of_several(function: type[exp.Greatest] | type[exp.Least], days: list[exp.Expr]) -> exp.Expr:
    return function(this=days[0], expressions=days[1:]) if days[1:] else days[0]
