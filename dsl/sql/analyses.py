"""Small queries over the patients' rows: attrition, risk tables, who is left out, counts.

The rows are those of `Compiled.query`, kept by the engine as one table. What comes back is counts by group, never a
patient's events, so that it stays small however many patients there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlglot import exp

from dsl import ir, program
from dsl.sql import Compiled
from dsl.sql.definitions import CUT_OFF, ENTRY_COLUMN
from dsl.sql.scans import LOG
from dsl.sql.values import (
    EVENT,
    PATIENT,
    case,
    column,
    days_between,
    is_true,
    known,
    literal,
    missing,
    plus_days,
    plus_months,
    united,
)
from dsl.types import Boolean

TABLE = exp.table_("patients", db="study", alias=PATIENT)
"""Where the engine keeps the patients' rows."""

EPOCH = date(1970, 1, 1)
"""The day that `starts` of a risk table counts from."""

IMPUTED_DAYS = "imputed_days"
"""Where the engine keeps the days that are imputed, as `imputed_days` gives them."""


def named(expression: exp.Expr, name: str) -> exp.Expr:
    return expression.as_(exp.to_identifier(name, quoted=True))


def printed(compiled: Compiled, query: exp.Query) -> str:
    """The text of a query that is not used any further: printing may change it."""
    return query.sql(dialect=compiled.dialect, copy=False)


def is_member(compiled: Compiled, cohort: str, where: ir.Value | None) -> exp.Expr:
    member: exp.Expr = column(cohort, PATIENT)
    if where is None:
        return member
    return exp.and_(member, is_true(column(compiled.columns[where], PATIENT)))


def patients(compiled: Compiled) -> str:
    """Column patients: how many there are in the log."""
    count = named(exp.Count(this=exp.Star()), "patients")
    return printed(compiled, exp.select(count).from_(exp.table_("patients", db=LOG)))


def attrition(compiled: Compiled, cohorts: Sequence[str]) -> str:
    """Columns cohort, step, unknown, patients: how many fell at each step (0: members), and whether for want of
    knowledge."""
    counted: list[exp.Query] = []
    for cohort in cohorts:
        keys = {
            "cohort": literal(cohort),
            "step": column(f"{cohort}.step", PATIENT),
            "unknown": column(f"{cohort}.unknown", PATIENT),
        }
        counted.append(
            exp.select(*(named(key, name) for name, key in keys.items()))
            .select(named(exp.Count(this=exp.Star()), "patients"))
            .from_(TABLE.copy())
            .group_by(*(exp.Literal.number(number) for number, _ in enumerate(keys, 1)))
        )
    return printed(compiled, united(counted))


@dataclass(frozen=True)
class Observed:
    """Who is in the estimates of an analysis, and from when their time counts.

    Members of the subject who have a time; with `landmark`, those still at risk after it, whose time counts from it;
    and those for whom all of `needed`, named for the reader, is known.
    """

    subject: program.Subject
    landmark: ir.CalendarSpan | None = None
    needed: tuple[tuple[str, ir.Value], ...] = ()

    @classmethod
    def of(
        cls,
        subject: program.Subject,
        landmark: ir.CalendarSpan | None = None,
        groups: Sequence[program.Group | None] = (),
        covariates: Sequence[program.Covariate] = (),
    ) -> Self:
        known_groups = tuple((group.words, group.value) for group in groups if group is not None)
        fixed = tuple((item.label, item.value) for item in covariates if item.onset is None)
        return cls(subject, landmark, (*known_groups, *fixed))

    def condition(self, compiled: Compiled) -> exp.Expr:
        time = column(f"{self.subject.endpoint}.time", PATIENT)
        conditions = [is_member(compiled, self.subject.cohort, self.subject.where), known(time)]
        if self.landmark is not None:
            conditions.append(exp.GT(this=time.copy(), expression=self._landmark_days()))
        conditions += [known(column(compiled.columns[value], PATIENT)) for _, value in self.needed]
        return exp.and_(*conditions)

    def time(self) -> exp.Expr:
        """Days at risk, counted from the origin or the landmark."""
        return self.since_start(column(f"{self.subject.endpoint}.time", PATIENT))

    def since_start(self, days: exp.Expr) -> exp.Expr:
        """Days from the origin as days from where time counts."""
        return days if self.landmark is None else exp.Sub(this=days, expression=exp.paren(self._landmark_days()))

    def after_start(self, days: exp.Expr) -> exp.Expr:
        """Days until the origin as days until where time counts from."""
        return days if self.landmark is None else exp.Add(this=days, expression=exp.paren(self._landmark_days()))

    def entry(self, compiled: Compiled) -> exp.Expr | None:
        """The day from which a patient is at risk, counted likewise; None where all are from the start."""
        if compiled.study.endpoint(self.subject.endpoint).entry is None:
            return None
        day = column(f"{self.subject.endpoint}{ENTRY_COLUMN}", PATIENT)
        if self.landmark is None:
            return day
        later = exp.GT(this=day.copy(), expression=self._landmark_days())
        return exp.Case(ifs=[exp.If(this=later, true=self.since_start(day))], default=exp.Literal.number(0))

    def _landmark_days(self) -> exp.Expr:
        assert self.landmark is not None
        return _landmark_days(self.subject.endpoint, self.landmark)


def answers(compiled: Compiled, value: ir.Value, most: int) -> str:
    """Columns patient, value, known, patients: a value of the first patients, and of how many in all it is known."""
    found = column(compiled.columns[value], PATIENT)
    everyone = exp.Window(this=exp.Count(this=exp.Star()))
    known_of = exp.Window(this=exp.Count(this=found.copy()))
    query = (
        exp.select(
            column("patient", PATIENT), named(found, "value"), named(known_of, "known"), named(everyone, "patients")
        )
        .from_(TABLE.copy())
        .order_by(column("patient", PATIENT))
        .limit(most)
    )
    return printed(compiled, query)


def risk_table(
    compiled: Compiled, observed: Observed, group: program.Group | None, strata: Sequence[program.Group] = ()
) -> str:
    """Columns group, time, outcome, reason, patients: who left observation when and why; with delayed entry, also
    `entry`; with strata, also `stratum 1` and so on.

    `outcome` is 0 for censored, 1 for the event of interest, 2 and more for competing events. `starts` is the sum of
    the days from EPOCH to where time counts from, and `last` the last day on which anyone was observed: how much time
    could have been observed follows from them without another look at the patients.
    """
    endpoint = observed.subject.endpoint
    keys = {
        "group": group_label(compiled, group),
        "time": observed.time(),
        "outcome": column(f"{endpoint}.cause", PATIENT),
        "reason": column(f"{endpoint}.reason", PATIENT),
    }
    if (entry := observed.entry(compiled)) is not None:
        keys["entry"] = entry
    keys |= {f"stratum {number}": group_label(compiled, item) for number, item in enumerate(strata, 1)}
    places = [exp.Literal.number(number) for number in range(1, len(keys) + 1)]
    start = days_between(literal(EPOCH), column(f"{endpoint}.origin", PATIENT))
    totals = {
        "patients": exp.Count(this=exp.Star()),
        "starts": exp.Sum(this=observed.after_start(start)),
        "last": exp.Max(this=column(f"{endpoint}.end", PATIENT)),
    }
    query = (
        exp.select(*(named(item, name) for name, item in (keys | totals).items()))
        .from_(TABLE.copy())
        .where(observed.condition(compiled))
        .group_by(*places)
        .order_by(*(place.copy() for place in places))
    )
    return printed(compiled, query)


def last_seen(compiled: Compiled, endpoint: program.Endpoint) -> exp.Expr:
    """Whether a time ends because the patient was last seen then, or with the cut-off: with nothing that ends it."""
    labels = dict.fromkeys([*(term.label for term in endpoint.last_seen), CUT_OFF])
    cause, reason = (column(f"{endpoint.name}.{part}", PATIENT) for part in ("cause", "reason"))
    unended = exp.In(this=reason, expressions=[literal(label) for label in labels])
    return exp.and_(exp.EQ(this=cause, expression=exp.Literal.number(0)), unended)


def imputed_days(events: Sequence[str], dialect: str = "duckdb") -> str:
    """Columns event_id, day: each start and end of these event types of which only the month or the year is known."""
    dates: list[exp.Query] = []
    for event in events:
        for name in ("start", "end"):
            partial = exp.NEQ(this=column(f"{name}_precision", EVENT), expression=exp.Literal.string("day"))
            dates.append(
                exp.select(column("event_id", EVENT), named(column(name, EVENT), "day"))
                .from_(exp.table_(exp.to_identifier(event, quoted=True), db=LOG).as_(EVENT))
                .where(partial)
            )
    return united(dates).sql(dialect=dialect)


def rest_on_imputed(compiled: Compiled, observed: Observed, group: program.Group | None) -> str:
    """Columns group, patients: for how many of those observed the time starts or ends on an imputed day."""
    endpoint = observed.subject.endpoint

    def imputed(part: str) -> exp.Expr:
        same_event = column("event_id", "i").eq(column(f"{endpoint}.{part}_event", PATIENT))
        same_day = column("day", "i").eq(column(f"{endpoint}.{part}", PATIENT))
        table = exp.table_(IMPUTED_DAYS, db="study", alias="i")
        return exp.Exists(this=exp.select(exp.Literal.number(1)).from_(table).where(same_event, same_day))

    query = (
        exp.select(named(group_label(compiled, group), "group"), named(exp.Count(this=exp.Star()), "patients"))
        .from_(TABLE.copy())
        .where(observed.condition(compiled))
        .where(exp.or_(imputed("origin"), imputed("end")))
        .group_by(exp.Literal.number(1))
    )
    return printed(compiled, query)


def left_out(compiled: Compiled, observed: Observed) -> str:
    """Columns reason, patient: members who are in no estimate, and why; ordered."""
    endpoint = observed.subject.endpoint
    excluded = column(f"{endpoint}.excluded", PATIENT)
    reasons: list[tuple[exp.Expr, exp.Expr]] = [(known(excluded), excluded.copy())]
    if observed.landmark is not None:
        time = column(f"{endpoint}.time", PATIENT)
        over = exp.LTE(this=time, expression=_landmark_days(endpoint, observed.landmark))
        reasons.append((over, exp.Literal.string("not at risk after the landmark")))
    for words, value in observed.needed:
        unknown = missing(column(compiled.columns[value], PATIENT))
        reasons.append((unknown, exp.Literal.string(f"{words} is unknown")))
    inner = (
        exp.select(named(case(reasons), "reason"), named(column("patient", PATIENT), "patient"))
        .from_(TABLE.copy())
        .where(is_member(compiled, observed.subject.cohort, observed.subject.where))
    )
    query = (
        exp.select(column("reason"), column("patient"))
        .from_(inner.subquery("members"))
        .where(known(column("reason")))
        .order_by(exp.Literal.number(1), exp.Literal.number(2))
    )
    return printed(compiled, query)


def statistics(compiled: Compiled, asked: Sequence[program.CountOf | program.ShareOf | program.Summary]) -> str:
    """One row with a column `s0`, `s1`, … for each statistic asked for; a share comes as a fraction."""
    outputs = [named(_statistic(compiled, statistic), f"s{number}") for number, statistic in enumerate(asked)]
    return printed(compiled, exp.select(*outputs).from_(TABLE.copy()))


def _statistic(compiled: Compiled, statistic: program.CountOf | program.ShareOf | program.Summary) -> exp.Expr:
    def over(aggregate: exp.Expr, members: program.Members) -> exp.Expr:
        condition = is_member(compiled, members.cohort, members.where)
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


def group_label(compiled: Compiled, group: program.Group | None) -> exp.Expr:
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
