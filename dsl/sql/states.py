"""Queries for what patients go through: stays in states, counted or one by one, and the lanes of swimmer plots.

A patient is, at any time, in the last of the states, as they are written, whose day has come: see `program.States`.
"""

from sqlglot import exp

from dsl import program
from dsl.catalog import EventType
from dsl.sql import Compiled
from dsl.sql.analyses import TABLE, Observed, group_label, last_seen, named, printed
from dsl.sql.scans import LOG
from dsl.sql.values import EVENT, PATIENT, case, coalesce, column, days_between, known, literal

STAYS = -1
"""Where a patient goes who is censored in a state."""

_NEVER = exp.Literal.number(9_999_999)
"""More days than the calendar has."""


def stays(compiled: Compiled, states: program.States) -> str:
    """Columns group, state, start, stop, to, patients: how many stay in a state from day to day, and go to which then.

    States are numbered from 0: the first, those come through, and behind them what ends the endpoint. `to` is STAYS for
    the censored.
    """
    keys = ("group", "state", "start", "stop", "to")
    own = {"group": group_label(compiled, states.group)}
    places = [exp.Literal.number(number) for number, _ in enumerate(keys, 1)]
    query = (
        exp.select(*(column(key) for key in keys), named(exp.Count(this=exp.Star()), "patients"))
        .from_(_single_stays(compiled, states, own).subquery("stays"))
        .group_by(*places)
        .order_by(*(place.copy() for place in places))
    )
    return printed(compiled, query)


def phases(compiled: Compiled, swimmer: program.Swimmer) -> str:
    """Columns patient, state, start, stop, ongoing, day_zero: stays of those who have a day 0, in days from it."""
    assert swimmer.phases is not None
    endpoint = swimmer.phases.subject.endpoint
    day = days_between(day_zero(compiled, swimmer), column(f"{endpoint}.origin", PATIENT))
    own = {
        "patient": column("patient", PATIENT),
        "ongoing": last_seen(compiled, compiled.study.endpoint(endpoint)),
        "zero": day,
        "day_zero": day_zero(compiled, swimmer),
    }
    outputs: list[exp.Expr] = [column("patient"), column("state")]
    outputs += [exp.Add(this=column(name), expression=column("zero")).as_(name) for name in ("start", "stop")]
    query = (
        exp.select(*outputs, column("ongoing"), column("day_zero"))
        .from_(_single_stays(compiled, swimmer.phases, own).subquery("stays"))
        .where(known(column("zero")))
        .order_by(*(exp.Literal.number(number) for number in (1, 3, 2)))
    )
    return printed(compiled, query)


def lanes_left_out(compiled: Compiled, swimmer: program.Swimmer) -> str:
    """Column patients: how many members have no day 0."""
    query = (
        exp.select(named(exp.Count(this=exp.Star()), "patients"))
        .from_(TABLE.copy())
        .where(column(swimmer.cohort, PATIENT), exp.Not(this=known(day_zero(compiled, swimmer))))
    )
    return printed(compiled, query)


def day_zero(compiled: Compiled, swimmer: program.Swimmer) -> exp.Expr:
    if swimmer.aligned is None:
        return column(f"{swimmer.cohort}.index_day", PATIENT)
    return column(compiled.columns[swimmer.aligned], PATIENT)


def lane(compiled: Compiled, swimmer: program.Swimmer, event: EventType) -> str:
    """Columns patient, start_day, end_day, day_zero: a type's events, in days from the member's day 0."""
    start = column("start", EVENT)
    end: exp.Expr = column("end", EVENT)
    index = day_zero(compiled, swimmer)
    seen: list[exp.Expr] = []
    if (cutoff := compiled.study.cutoff) is not None:
        seen = [exp.LTE(this=start.copy(), expression=literal(cutoff))]
        end = case([(exp.LTE(this=end.copy(), expression=literal(cutoff)), end)])
    last = exp.Coalesce(this=end, expressions=[start.copy()])
    query = (
        exp.select(
            column("patient", PATIENT),
            named(days_between(index, start), "start_day"),
            named(days_between(index.copy(), last), "end_day"),
            named(index.copy(), "day_zero"),
        )
        .from_(exp.table_(exp.to_identifier(event.name, quoted=True), db=LOG).as_(EVENT))
        .join(TABLE.copy(), on=column("patient", PATIENT).eq(column("patient", EVENT)))
        .where(column(swimmer.cohort, PATIENT), known(index.copy()), *seen)
        .order_by(exp.Literal.number(1), exp.Literal.number(2), exp.Literal.number(3))
    )
    return printed(compiled, query)


def observed(states: program.States) -> Observed:
    return Observed.of(states.subject, groups=(states.group,))


def _single_stays(compiled: Compiled, states: program.States, own: dict[str, exp.Expr]) -> exp.Query:
    """A row for each stay of a patient; `own` are columns of the patient besides."""
    subject, who = states.subject, observed(states)
    time, cause = (column(f"{subject.endpoint}.{part}", PATIENT) for part in ("time", "cause"))
    entry = who.entry(compiled)
    outputs = {"time": time, "cause": cause, **own, **({} if entry is None else {"entry": entry})}
    for number, term in enumerate(states.through, 1):
        outputs[f"day {number}"] = _entered(compiled, subject.endpoint, term)
    patients = (
        exp.select(*(named(output, name) for name, output in outputs.items()))
        .from_(TABLE.copy())
        .where(who.condition(compiled))
    )
    single: list[exp.Query] = [
        _stay(number, states, [*own], entry is not None).from_(exp.to_table("entered"))
        for number in range(len(states.through) + 1)
    ]
    union = single[0]
    for query in single[1:]:
        union = exp.union(union, query, distinct=False)
    return exp.select(exp.Star()).from_(union.subquery("all_stays")).with_("entered", as_=patients)


def _entered(compiled: Compiled, endpoint: str, term: program.Term) -> exp.Expr:
    """Days from the origin to the day of a state, where it lies on or after the origin and before the end, or on the
    day of censoring; else a day that never comes."""
    days = days_between(column(f"{endpoint}.origin", PATIENT), column(compiled.columns[term.day], PATIENT))
    time, cause = (column(f"{endpoint}.{part}", PATIENT) for part in ("time", "cause"))
    censored = exp.EQ(this=cause, expression=exp.Literal.number(0))
    in_time = exp.or_(
        exp.LT(this=days.copy(), expression=time),
        exp.and_(exp.EQ(this=days.copy(), expression=time.copy()), censored),
    )
    after = exp.GTE(this=days.copy(), expression=exp.Literal.number(0))
    return coalesce(case([(exp.and_(after, in_time), days)]), _NEVER.copy())


def _stay(number: int, states: program.States, own: list[str], late: bool) -> exp.Select:
    """The stays in one state: from its day until that of a later state, or the end."""
    later = [column(f"day {n}") for n in range(number + 1, len(states.through) + 1)]
    following: exp.Expr = _NEVER.copy()
    if later:
        following = exp.Least(this=later[0].copy(), expressions=[day.copy() for day in later[1:]])
    start: exp.Expr = column(f"day {number}") if number else exp.Literal.number(0)
    # On one day the state written last holds, so it is looked for from the end.
    targets: list[tuple[exp.Expr, exp.Expr]] = [
        (exp.EQ(this=column(f"day {n}"), expression=following.copy()), exp.Literal.number(n))
        for n in range(len(states.through), number, -1)
    ]
    ending = case(
        [(exp.GT(this=column("cause"), expression=exp.Literal.number(0)), _absorbing(states))],
        exp.Neg(this=exp.Literal.number(-STAYS)),
    )
    moves = exp.LT(this=following.copy(), expression=_NEVER.copy())
    to = case([(moves, case(targets, ending.copy()))], ending) if targets else ending
    stop = exp.Least(this=following.copy(), expressions=[column("time")]) if later else column("time")
    comes = exp.LT(this=start.copy(), expression=_NEVER.copy())
    stays_on = exp.GT(this=following.copy(), expression=start.copy())
    begins: exp.Expr = start.copy()
    conditions: list[exp.Expr] = [comes, stays_on]
    if late:
        begins = exp.Greatest(this=start.copy(), expressions=[column("entry")])
        at_risk = exp.GT(this=stop.copy(), expression=column("entry"))
        conditions.append(exp.or_(at_risk, exp.EQ(this=column("entry"), expression=exp.Literal.number(0))))
    outputs = {"state": exp.Literal.number(number), "start": begins, "stop": stop, "to": to}
    return exp.select(*(column(name) for name in own), *(named(item, name) for name, item in outputs.items())).where(
        *conditions
    )


def _absorbing(states: program.States) -> exp.Expr:
    """The number of the state that a cause leads to: causes count from 1."""
    return exp.Add(this=column("cause"), expression=exp.Literal.number(len(states.through)))
