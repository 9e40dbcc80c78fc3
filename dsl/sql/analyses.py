"""Small queries over the patients' rows: attrition, risk tables, counts and summaries.

The rows are those of `Compiled.query`, kept by the engine as one table. What comes back is counts by group, never a
patient's events, so that it stays small however many patients there are.
"""

from collections.abc import Sequence

from sqlglot import exp

from dsl import ir, program
from dsl.catalog import EventType
from dsl.sql import Compiled
from dsl.sql.scans import LOG
from dsl.sql.values import EVENT, PATIENT, column, days_between, is_true, known, missing, plus_days, plus_months
from dsl.types import Boolean

TABLE = exp.table_("patients", db="study", alias=PATIENT)
"""Where the engine keeps the patients' rows."""

IMPUTED_DAYS = "imputed_days"
"""Where the engine keeps the days that are imputed, as `imputed_days` gives them."""

SUMMARY_PARTS = ("known", "missing", "mean", "sd", "min", "q1", "median", "q3", "max")


def _as(expression: exp.Expr, name: str) -> exp.Expr:
    return expression.as_(exp.to_identifier(name, quoted=True))


def _print(compiled: Compiled, query: exp.Query) -> str:
    return query.sql(dialect=compiled.dialect)


def _members(compiled: Compiled, cohort: str, where: ir.Value | None) -> exp.Expr:
    member: exp.Expr = column(cohort, PATIENT)
    if where is None:
        return member
    return exp.and_(member, is_true(column(compiled.columns[where], PATIENT)))


def attrition(compiled: Compiled, cohort: str) -> str:
    """Columns step, unknown, patients: how many fell at each step (0: members), and whether for want of knowledge."""
    step, unknown = column(f"{cohort}.step", PATIENT), column(f"{cohort}.unknown", PATIENT)
    query = (
        exp.select(_as(step, "step"), _as(unknown, "unknown"), _as(exp.Count(this=exp.Star()), "patients"))
        .from_(TABLE.copy())
        .group_by(step.copy(), unknown.copy())
    )
    return _print(compiled, query)


def risk_table(
    compiled: Compiled, subject: program.Subject, group: program.Group | None, landmark: ir.CalendarSpan | None
) -> str:
    """Columns group, time, outcome, reason, patients: who left observation when and why.

    `outcome` is 0 for censored, 1 for the event of interest, 2 and more for competing events. With a landmark, time
    counts from it, and only those are in who were at risk after it.
    """
    time, outcome, reason = (column(f"{subject.endpoint}.{part}", PATIENT) for part in ("time", "cause", "reason"))
    counted: exp.Expr = time
    if landmark is not None:
        counted = exp.Sub(this=time.copy(), expression=exp.paren(_landmark_days(subject.endpoint, landmark)))
    keys = [_group(compiled, group), counted, outcome, reason]
    condition = _observed(compiled, subject, group, landmark)
    query = (
        exp.select(
            *(_as(key, name) for key, name in zip(keys, ("group", "time", "outcome", "reason"), strict=True)),
            _as(exp.Count(this=exp.Star()), "patients"),
        )
        .from_(TABLE.copy())
        .where(condition)
        .group_by(*(exp.Literal.number(number) for number in range(1, 5)))
        .order_by(*(exp.Literal.number(number) for number in range(1, 5)))
    )
    return _print(compiled, query)


def _observed(
    compiled: Compiled, subject: program.Subject, group: program.Group | None, landmark: ir.CalendarSpan | None
) -> exp.Expr:
    """Whether a patient is in the risk tables of a subject."""
    time = column(f"{subject.endpoint}.time", PATIENT)
    conditions = [_members(compiled, subject.cohort, subject.where), known(time)]
    if landmark is not None:
        conditions.append(exp.GT(this=time.copy(), expression=_landmark_days(subject.endpoint, landmark)))
    if group is not None:
        conditions.append(known(_group(compiled, group)))
    return exp.and_(*conditions)


def imputed_days(compiled: Compiled, events: Sequence[str]) -> str:
    """Columns event_id, day: each start and end of these event types of which only the month or the year is known."""
    dates = []
    for event in events:
        for name in ("start", "end"):
            partial = exp.NEQ(this=column(f"{name}_precision", EVENT), expression=exp.Literal.string("day"))
            dates.append(
                exp.select(column("event_id", EVENT), _as(column(name, EVENT), "day"))
                .from_(exp.table_(exp.to_identifier(event, quoted=True), db=LOG).as_(EVENT))
                .where(partial)
            )
    union: exp.Query = dates[0]
    for query in dates[1:]:
        union = exp.union(union, query, distinct=False)
    return _print(compiled, union)


def rest_on_imputed(
    compiled: Compiled, subject: program.Subject, group: program.Group | None, landmark: ir.CalendarSpan | None
) -> str:
    """Columns group, patients: for how many of those observed the time starts or ends on an imputed day."""

    def imputed(part: str) -> exp.Expr:
        same_event = column("event_id", "i").eq(column(f"{subject.endpoint}.{part}_event", PATIENT))
        same_day = column("day", "i").eq(column(f"{subject.endpoint}.{part}", PATIENT))
        table = exp.table_(IMPUTED_DAYS, db="study", alias="i")
        return exp.Exists(this=exp.select(exp.Literal.number(1)).from_(table).where(same_event, same_day))

    query = (
        exp.select(_as(_group(compiled, group), "group"), _as(exp.Count(this=exp.Star()), "patients"))
        .from_(TABLE.copy())
        .where(_observed(compiled, subject, group, landmark))
        .where(exp.or_(imputed("origin"), imputed("end")))
        .group_by(exp.Literal.number(1))
    )
    return _print(compiled, query)


def left_out(
    compiled: Compiled, subject: program.Subject, group: program.Group | None, landmark: ir.CalendarSpan | None
) -> str:
    """Columns reason, patient: members who are in no risk table, and why; ordered."""
    endpoint = subject.endpoint
    reasons: list[tuple[exp.Expr, exp.Expr]] = [
        (known(column(f"{endpoint}.excluded", PATIENT)), column(f"{endpoint}.excluded", PATIENT))
    ]
    if landmark is not None:
        time = column(f"{endpoint}.time", PATIENT)
        over = exp.LTE(this=time, expression=_landmark_days(endpoint, landmark))
        reasons.append((over, exp.Literal.string("not at risk after the landmark")))
    if group is not None:
        unknown = missing(_group(compiled, group))
        reasons.append((unknown, exp.Literal.string(f"{group.words} is unknown")))
    reason = exp.Case(ifs=[exp.If(this=test, true=text) for test, text in reasons])
    inner = (
        exp.select(_as(reason, "reason"), _as(column("patient", PATIENT), "patient"))
        .from_(TABLE.copy())
        .where(_members(compiled, subject.cohort, subject.where))
    )
    query = (
        exp.select(column("reason"), column("patient"))
        .from_(inner.subquery("members"))
        .where(known(column("reason")))
        .order_by(exp.Literal.number(1), exp.Literal.number(2))
    )
    return _print(compiled, query)


def statistics(compiled: Compiled, asked: Sequence[program.CountOf | program.ShareOf | program.Summary]) -> str:
    """One row with a column `s0`, `s1`, … for each statistic asked for; a share comes as a fraction."""
    outputs = [_as(_statistic(compiled, statistic), f"s{number}") for number, statistic in enumerate(asked)]
    return _print(compiled, exp.select(*outputs).from_(TABLE.copy()))


def _statistic(compiled: Compiled, statistic: program.CountOf | program.ShareOf | program.Summary) -> exp.Expr:
    def over(aggregate: exp.Expr, members: program.Members) -> exp.Expr:
        condition = _members(compiled, members.cohort, members.where)
        return exp.Filter(this=aggregate, expression=exp.Where(this=condition))

    def count(members: program.Members) -> exp.Expr:
        return over(exp.Count(this=exp.Star()), members)

    match statistic:
        case program.CountOf(members=members):
            return count(members)
        case program.ShareOf(members=members):
            whole = exp.Nullif(this=count(program.Members(members.cohort)), expression=exp.Literal.number(0))
            return exp.Div(this=exp.cast(count(members), "DOUBLE"), expression=whole)
        case program.Summary(function=function, value=value, members=members):
            each = column(compiled.columns[value], PATIENT)
            aggregates: dict[str, exp.Expr] = {
                "median": exp.Median(this=each),
                "min": exp.Min(this=each),
                "max": exp.Max(this=each),
                "mean": exp.Avg(this=exp.cast(each.copy(), "DOUBLE")),
                "sum": exp.Sum(this=each),
                "distinct": exp.Count(this=exp.Distinct(expressions=[each])),
            }
            return over(aggregates[function], members)


def group_sizes(compiled: Compiled, table: program.Table) -> str:
    """Columns group, patients: the members of each group; a missing group is one of its own."""
    query = (
        exp.select(_as(_group(compiled, table.group), "group"), _as(exp.Count(this=exp.Star()), "patients"))
        .from_(TABLE.copy())
        .where(column(table.cohort, PATIENT))
        .group_by(exp.Literal.number(1))
        .order_by(exp.Literal.number(1))
    )
    return _print(compiled, query)


def lane(compiled: Compiled, cohort: str, event: EventType) -> str:
    """Columns patient, start_day, end_day: a type's events of the members, in days from the cohort's index day."""
    start, end = column("start", EVENT), column("end", EVENT)
    index = column(f"{cohort}.index_day", PATIENT)
    last = exp.Coalesce(this=end, expressions=[start.copy()])
    query = (
        exp.select(
            column("patient", PATIENT),
            _as(days_between(index, start), "start_day"),
            _as(days_between(index.copy(), last), "end_day"),
        )
        .from_(exp.table_(exp.to_identifier(event.name, quoted=True), db=LOG).as_(EVENT))
        .join(TABLE.copy(), on=column("patient", PATIENT).eq(column("patient", EVENT)))
        .where(column(cohort, PATIENT))
        .order_by(exp.Literal.number(1), exp.Literal.number(2), exp.Literal.number(3))
    )
    return _print(compiled, query)


def levels(compiled: Compiled, table: program.Table, shown: program.Shown) -> str:
    """Columns group, level, patients: how many members have each value; a missing value is a level of its own."""
    group, value = _group(compiled, table.group), column(compiled.columns[shown.value], PATIENT)
    query = (
        exp.select(
            _as(group, "group"), _as(exp.cast(value, "TEXT"), "level"), _as(exp.Count(this=exp.Star()), "patients")
        )
        .from_(TABLE.copy())
        .where(column(table.cohort, PATIENT))
        .group_by(exp.Literal.number(1), exp.Literal.number(2))
        .order_by(exp.Literal.number(1), exp.Literal.number(2))
    )
    return _print(compiled, query)


def summary(compiled: Compiled, table: program.Table, shown: program.Shown) -> str:
    """Columns group and SUMMARY_PARTS of a number; the median of an even number is the mean of the middle two."""
    group, value = _group(compiled, table.group), column(compiled.columns[shown.value], PATIENT)
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
        exp.select(_as(group, "group"), *(_as(part, name) for part, name in zip(parts, SUMMARY_PARTS, strict=True)))
        .from_(TABLE.copy())
        .where(column(table.cohort, PATIENT))
        .group_by(exp.Literal.number(1))
        .order_by(exp.Literal.number(1))
    )
    return _print(compiled, query)


def _group(compiled: Compiled, group: program.Group | None) -> exp.Expr:
    """The group as text; a truth value in the reader's own words."""
    if group is None:
        return exp.cast(exp.null(), "TEXT")
    value = column(compiled.columns[group.value], PATIENT)
    if isinstance(group.value.type, Boolean):
        yes, no = group_labels(group)
        return exp.Case(
            ifs=[
                exp.If(this=value, true=exp.Literal.string(yes)),
                exp.If(this=exp.Not(this=value.copy()), true=exp.Literal.string(no)),
            ]
        )
    return exp.cast(value, "TEXT")


def group_labels(group: program.Group) -> tuple[str, str]:
    """What the two sides of a condition are called."""
    simple = all(character.isalnum() or character in "_." for character in group.words)
    return group.words, f"not {group.words}" if simple else f"not ({group.words})"


def _landmark_days(endpoint: str, landmark: ir.CalendarSpan) -> exp.Expr:
    """Days from the origin to origin + T, which months make different from patient to patient."""
    origin: exp.Expr = column(f"{endpoint}.origin", PATIENT)
    day: exp.Expr = origin.copy()
    if landmark.months:
        day = plus_months(day, exp.Literal.number(int(landmark.months)))
    if landmark.days:
        day = plus_days(day, exp.Literal.number(int(landmark.days)))
    return days_between(origin, day)
