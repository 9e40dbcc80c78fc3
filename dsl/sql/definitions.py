"""Definitions to columns: lets, cohorts and endpoints, each as one or two named steps over the relation of patients."""

from datetime import date

from sqlglot import exp

from dsl import program
from dsl.sql.values import (
    PATIENT,
    Values,
    case,
    coalesce,
    column,
    days_between,
    is_true,
    known,
    literal,
    missing,
    noted,
)

COHORT_COLUMNS = ("", ".step", ".unknown", ".index_day")
ENDPOINT_COLUMNS = (
    ".origin",
    ".end",
    ".time",
    ".happened",
    ".outcome",
    ".cause",
    ".reason",
    ".excluded",
    ".origin_event",
    ".end_event",
)
ENTRY_COLUMN = ".entry"
"""Days from the origin to the entry; only of endpoints that have one."""

NO_ORIGIN, NO_FOLLOW_UP, END_BEFORE_ORIGIN = "no origin", "no follow-up", "end before origin"
NO_ENTRY, ENTERED_TOO_LATE = "no entry", "entered on or after the end"
CUT_OFF = "data cut-off"

_NEVER = literal(date(9999, 12, 31))
_BEFORE_ALL = literal(date(1, 1, 1))

Step = tuple[str, list[exp.Expr], str]
"""A name for the step, the columns that it adds, and what they are, for the reader of the SQL."""


def alias(expression: exp.Expr, name: str) -> exp.Expr:
    """The expression, which becomes part of what is given back, under a name."""
    return expression.as_(exp.to_identifier(name, quoted=True), copy=False)


def _titled(name: str, title: str) -> str:
    return f"{name}: {title}" if title else name


def steps(definition: program.Definition, values: Values) -> list[Step]:
    match definition:
        case program.LetValue(name=name, value=value):
            return [(name, [alias(values.of(value), name)], _titled(f"let {name}", definition.doc))]
        case program.LetEvent():
            return []
        case program.Cohort():
            return _cohort(definition, values)
        case program.Endpoint():
            return _endpoint(definition, values)


def words_of(endpoint: program.Endpoint) -> dict[str, list[str]]:
    """The columns of an endpoint that hold one of a few texts, with these in binary order."""
    terms = (*endpoint.until, *endpoint.competing, *endpoint.censor, *endpoint.last_seen)
    reasons = {term.label for term in terms} | {CUT_OFF}
    excluded = {NO_ORIGIN, NO_FOLLOW_UP, END_BEFORE_ORIGIN, NO_ENTRY, ENTERED_TOO_LATE}
    return {f"{endpoint.name}.reason": sorted(reasons), f"{endpoint.name}.excluded": sorted(excluded)}


def requirement_columns(cohort: program.Cohort) -> list[str]:
    """The columns that hold each step of a cohort as a truth value: its base, its index day, its requirements."""
    names = [f"{cohort.name}.from"] if cohort.base is not None else []
    names += [f"{cohort.name}.index"] if cohort.index is not None else []
    return names + [f"{cohort.name}.require {number}" for number, _ in enumerate(cohort.requirements, 1)]


def _cohort(cohort: program.Cohort, values: Values) -> list[Step]:
    """First each requirement; then which is the first that is not met (`step`, 0 for a member), and whether for want of
    knowledge (`unknown`)."""
    met: list[exp.Expr] = []
    if cohort.base is not None:
        met.append(values.of(cohort.base))
    if cohort.index is not None:
        met.append(known(values.of(cohort.index)))
    for requirement in cohort.requirements:
        condition = values.of(requirement.condition)
        met.append(exp.Not(this=exp.paren(condition)) if requirement.excluding else condition)
    names = requirement_columns(cohort)
    first = [alias(condition, name) for condition, name in zip(met, names, strict=True)]
    for requirement, output in zip(reversed(cohort.requirements), reversed(first), strict=False):
        noted(output, f"{'not ' if requirement.excluding else ''}{requirement.label}")
    index = values.of(cohort.index) if cohort.index is not None else exp.cast(exp.null(), "DATE")
    first.append(alias(index, f"{cohort.name}.index_day"))
    failed = [exp.Not(this=is_true(column(name, PATIENT))) for name in names]
    step = case([(test, exp.Literal.number(n)) for n, test in enumerate(failed, 1)], exp.Literal.number(0))
    unknown = case([(test.copy(), missing(column(name, PATIENT))) for test, name in zip(failed, names, strict=True)])
    member = exp.and_(*(is_true(column(name, PATIENT)) for name in names))
    second = [
        alias(member, cohort.name),
        alias(step, f"{cohort.name}.step"),
        alias(coalesce(unknown, exp.false()), f"{cohort.name}.unknown"),
    ]
    return [
        (f"{cohort.name}_requirements", first, f"cohort {cohort.name}: what it requires"),
        (cohort.name, second, _titled(f"cohort {cohort.name}", cohort.label)),
    ]


def _endpoint(endpoint: program.Endpoint, values: Values) -> list[Step]:
    """First the days that can end the time; then the earliest of them; then which it is, or why there is no time; then
    the time itself."""
    name = endpoint.name
    origin = column(f"{name}.origin", PATIENT)
    enders = [*endpoint.until, *endpoint.competing, *endpoint.censor]
    limit = _earliest([values.of(day) for day in endpoint.cutoffs])

    days = [
        alias(_within(values.of(endpoint.origin.day), endpoint, limit), f"{name}.origin"),
        *(alias(_within(values.of(term.day), endpoint, limit), f"{name}.day {n}") for n, term in enumerate(enders, 1)),
        *(alias(values.of(term.day), f"{name}.seen {n}") for n, term in enumerate(endpoint.last_seen, 1)),
    ]
    for term, output in zip((endpoint.origin, *enders, *endpoint.last_seen), days, strict=True):
        noted(output, term.label)
    if endpoint.entry is not None:
        entry = alias(_within(values.of(endpoint.entry.day), endpoint, limit), f"{name}.entered")
        days.append(noted(entry, endpoint.entry.label))
    if endpoint.cutoffs:
        observed = exp.or_(exp.false(), *(known(values.of(day)) for day in endpoint.beyond))
        days.append(alias(observed, f"{name}.beyond"))

    counted = []
    for n, _ in enumerate(enders, 1):
        day = column(f"{name}.day {n}", PATIENT)
        counted.append(case([(exp.GTE(this=day, expression=origin.copy()), day.copy())], _NEVER.copy()))
    seen = _latest([column(f"{name}.seen {n}", PATIENT) for n, _ in enumerate(endpoint.last_seen, 1)])
    if endpoint.cutoffs:
        seen = case([(column(f"{name}.beyond", PATIENT), limit.copy())], _capped(seen, limit))
    ended = exp.Nullif(this=_least(counted), expression=_NEVER.copy())
    return [
        (f"{name}_days", days, f"endpoint {name}: the days that can start and end it"),
        (f"{name}_end", [alias(ended, f"{name}.ended"), alias(seen, f"{name}.seen")], f"endpoint {name}: the earliest"),
        (f"{name}_outcome", _outcome_columns(endpoint, enders, values), f"endpoint {name}: which one, or why no time"),
        (name, _endpoint_columns(endpoint), _titled(f"endpoint {name}", endpoint.label)),
    ]


def _outcome_columns(endpoint: program.Endpoint, enders: list[program.Term], values: Values) -> list[exp.Expr]:
    """Why there is no time, and what would end it: the number of the cause, the reason in words, the event."""
    name = endpoint.name
    origin, ended, seen = (column(f"{name}.{part}", PATIENT) for part in ("origin", "ended", "seen"))
    end = coalesce(ended, seen)
    excluded = case(
        [
            (missing(origin), literal(NO_ORIGIN)),
            (missing(end), literal(NO_FOLLOW_UP)),
            (exp.LT(this=end.copy(), expression=origin.copy()), literal(END_BEFORE_ORIGIN)),
            *_not_entered(endpoint, origin, end),
        ]
    )
    ends_here = [
        exp.EQ(this=column(f"{name}.day {n}", PATIENT), expression=ended.copy()) for n, _ in enumerate(enders, 1)
    ]
    seen_here = [
        exp.EQ(this=column(f"{name}.seen {n}", PATIENT), expression=seen.copy())
        for n, _ in enumerate(endpoint.last_seen, 1)
    ]
    causes = [1] * len(endpoint.until) + [2 + n for n, _ in enumerate(endpoint.competing)]
    cause = case(
        [(test.copy(), exp.Literal.number(n)) for test, n in zip(ends_here, causes, strict=False)],
        exp.Literal.number(0),
    )
    reasons: list[tuple[exp.Expr, exp.Expr]] = [
        (test.copy(), literal(term.label)) for test, term in zip(ends_here, enders, strict=True)
    ]
    if endpoint.cutoffs:
        reasons.append((is_true(column(f"{name}.beyond", PATIENT)), literal(CUT_OFF)))
    reasons += [(test.copy(), literal(term.label)) for test, term in zip(seen_here, endpoint.last_seen, strict=True)]
    if endpoint.cutoffs:
        reasons.append((known(seen.copy()), literal(CUT_OFF)))
    events: list[tuple[exp.Expr, exp.Expr]] = [
        (test.copy(), values.event_id(term.event))
        for test, term in zip([*ends_here, *seen_here], [*enders, *endpoint.last_seen], strict=True)
    ]
    return [
        alias(excluded, f"{name}.excluded"),
        alias(cause, f"{name}.ending"),
        alias(case(reasons), f"{name}.ending_reason"),
        alias(case(events), f"{name}.ending_event"),
        alias(values.event_id(endpoint.origin.event), f"{name}.origin_event"),
    ]


def _not_entered(endpoint: program.Endpoint, origin: exp.Expr, end: exp.Expr) -> list[tuple[exp.Expr, exp.Expr]]:
    """Why a patient with a time was never at risk, where the endpoint has an entry."""
    if endpoint.entry is None:
        return []
    entered = column(f"{endpoint.name}.entered", PATIENT)
    late = exp.and_(exp.GT(this=entered, expression=origin.copy()), exp.GTE(this=entered.copy(), expression=end.copy()))
    return [(missing(entered.copy()), literal(NO_ENTRY)), (late, literal(ENTERED_TOO_LATE))]


def _endpoint_columns(endpoint: program.Endpoint) -> list[exp.Expr]:
    """The parts of the endpoint, for those who have a time."""
    name = endpoint.name

    def part(of: str) -> exp.Column:
        return column(f"{name}.{of}", PATIENT)

    end = coalesce(part("ended"), part("seen"))
    outcome = case(
        [
            (exp.EQ(this=part("ending"), expression=exp.Literal.number(1)), literal("event")),
            (exp.GT(this=part("ending"), expression=exp.Literal.number(1)), literal("competing")),
        ],
        literal("censored"),
    )
    values = {
        "end": end,
        "time": days_between(part("origin"), end.copy()),
        "happened": exp.EQ(this=part("ending"), expression=exp.Literal.number(1)),
        "outcome": outcome,
        "cause": part("ending"),
        "reason": part("ending_reason"),
        "end_event": part("ending_event"),
    }
    if endpoint.entry is not None:
        days = days_between(part("origin"), part("entered"))
        late = exp.GT(this=part("entered"), expression=part("origin"))
        values["entry"] = case([(late, days)], exp.Literal.number(0))
    return [alias(case([(missing(part("excluded")), value)]), f"{name}.{of}") for of, value in values.items()]


def _within(day: exp.Expr, endpoint: program.Endpoint, limit: exp.Expr) -> exp.Expr:
    """A day as far as the cut-offs let it be seen: a date may be computed, so that its event alone does not decide."""
    if not endpoint.cutoffs:
        return day
    return case([(exp.LTE(this=day, expression=limit.copy()), day.copy())])


def _capped(day: exp.Expr, limit: exp.Expr) -> exp.Expr:
    return case([(exp.GT(this=day, expression=limit.copy()), limit.copy())], day.copy())


def _earliest(days: list[exp.Expr]) -> exp.Expr:
    """The earliest of days that may be missing, or a day that never comes."""
    return _least([coalesce(day, _NEVER.copy()) for day in days] or [_NEVER.copy()])


def _least(days: list[exp.Expr]) -> exp.Expr:
    """The earliest of days, none of them missing: engines differ in how LEAST treats NULL."""
    return exp.Least(this=days[0], expressions=days[1:], ignore_nulls=True) if days[1:] else days[0]


def _latest(days: list[exp.Expr]) -> exp.Expr:
    if not days:
        return exp.cast(exp.null(), "DATE")
    if len(days) == 1:
        return days[0]
    filled = [coalesce(day, _BEFORE_ALL.copy()) for day in days]
    greatest = exp.Greatest(this=filled[0], expressions=filled[1:], ignore_nulls=True)
    return exp.Nullif(this=greatest, expression=_BEFORE_ALL.copy())
