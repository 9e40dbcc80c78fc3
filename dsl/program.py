"""The IR of a whole study: definitions, analyses, statistics, expectations and tests, over the values of `dsl.ir`."""

from collections.abc import Iterable
from dataclasses import field, replace
from datetime import date, datetime
from typing import TypeAlias

from dsl.catalog import Catalog, EventType
from dsl.ir import CalendarSpan, EventValue, Literal, Node, Stream, Value, expect_type, refuse
from dsl.record import record
from dsl.types import Age, Boolean, Code, Date, Duration, Integer, Number, Text, Type

# --- definitions


@record
class LetValue(Node):
    name: str
    value: Value
    doc: str = ""


@record
class LetEvent(Node):
    name: str
    event: EventValue
    doc: str = ""


@record
class Requirement(Node):
    """A member has `condition` true (false where `excluding`); unknown keeps out, and is counted apart."""

    label: str
    condition: Value
    excluding: bool = False

    def __post_init__(self) -> None:
        expect_type(self, "condition", self.condition, Boolean)


@record
class Cohort(Node):
    """Patients for whom `base` holds, who have an index day where one is asked for, and meet all requirements."""

    name: str
    label: str
    base: Value | None
    index: Value | None
    requirements: tuple[Requirement, ...]


@record
class Term(Node):
    """One thing that can start or end an endpoint: a day, the event that it is the day of, and what to call it."""

    day: Value
    event: EventValue | None
    label: str

    def __post_init__(self) -> None:
        expect_type(self, "day", self.day, Date)


@record
class Endpoint(Node):
    """A time to an event.

    With o the origin, e the earliest `until` day >= o, c the earliest `competing`, k the earliest `censor` day >= o,
    and s the latest `last_seen` day: the end is min(e, c, k) where any is there, else s. On one day e comes before c
    before k. time = end - o in days. A patient without o, without an end, or whose s comes before o and who has
    nothing else, has no time, and why is kept. No end lies after one of `cutoffs`; `beyond` are days of events that
    they hide: one of them proves that the patient was still observed on the day of the cut-off, so that day is s.
    With `entry` a patient is at risk only from max(o, entry day) on (delayed entry): one without that day, or who
    enters on or after the end, has no time either.
    """

    name: str
    label: str
    origin: Term
    until: tuple[Term, ...]
    competing: tuple[Term, ...]
    censor: tuple[Term, ...]
    last_seen: tuple[Term, ...]
    cutoffs: tuple[Value, ...] = ()
    beyond: tuple[Value, ...] = ()
    entry: Term | None = None

    def __post_init__(self) -> None:
        if not self.until:
            refuse(self, "until", "at least one term", self.until)

    @property
    def causes(self) -> tuple[str, ...]:
        """The names of the outcomes 1, 2, …: the event of interest, then each competing event."""
        return (" or ".join(dict.fromkeys(term.label for term in self.until)), *(term.label for term in self.competing))


Definition: TypeAlias = LetValue | LetEvent | Cohort | Endpoint


@record
class Rule(Node):
    """A check of plausibility: each event of the stream is a finding."""

    name: str
    message: str
    stream: Stream


# --- what is asked of cohorts


@record
class Subject(Node):
    """An endpoint in those members of a cohort for whom a condition is true."""

    endpoint: str
    cohort: str
    where: Value | None = None
    where_words: str = field(default="", compare=False)
    """The condition as the reader wrote it."""


@record
class Group(Node):
    """What patients are compared by, as the reader wrote it in `words`."""

    value: Value
    words: str = field(compare=False)
    reference: str | None = None
    """The group that the others are compared with: a code, a text, `true` or `false`; the first where None."""


@record
class RankTest(Node):
    """A test of the log-rank family; `powers` are the p and q of Fleming and Harrington's weight S^p (1 - S)^q."""

    __test__ = False  # the class is not a pytest test, whatever its name

    name: str = "log_rank"
    powers: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.name not in RANK_TESTS:
            refuse(self, "name", f"one of {sorted(RANK_TESTS)}", self.name)
        if (self.powers is not None) != (self.name == "fleming_harrington"):
            refuse(self, "powers", "p and q with fleming_harrington and with nothing else", self.powers)

    @property
    def words(self) -> str:
        """`log-rank`, `Fleming-Harrington(1, 0)`."""
        powers = "" if self.powers is None else "({:g}, {:g})".format(*self.powers)
        return RANK_TESTS[self.name] + powers


RANK_TESTS = {
    "log_rank": "log-rank",
    "gehan": "Gehan-Wilcoxon",
    "tarone_ware": "Tarone-Ware",
    "peto_peto": "Peto-Peto",
    "fleming_harrington": "Fleming-Harrington",
}
"""The names of the tests in the language, and in words."""

LIMITS = ("log_log", "log", "plain")
"""Scales of the confidence limits of a survival curve."""


@record
class Reading(Node):
    """What is read off a Kaplan-Meier curve besides its median: survival at times, also `given` that one has survived
    so long; the times by which shares of the patients (`quantiles`) had the event; the mean time up to a horizon."""

    at: tuple[CalendarSpan, ...] = ()
    given: CalendarSpan | None = None
    quantiles: tuple[float, ...] = ()
    limits: str = "log_log"
    mean_up_to: CalendarSpan | None = None

    def __post_init__(self) -> None:
        if self.limits not in LIMITS:
            refuse(self, "limits", f"one of {LIMITS}", self.limits)
        for share in self.quantiles:
            if not 0 < share < 1:
                refuse(self, "quantiles", "shares between 0 and 1", share)


@record
class Estimate(Node):
    """Kaplan-Meier, of the whole cohort or of groups; with `landmark` as in `Comparison`."""

    subject: Subject
    reading: Reading = Reading()
    group: Group | None = None
    landmark: CalendarSpan | None = None
    title: str = field(default="", compare=False)


@record
class Comparison(Node):
    """Groups compared on an endpoint; `landmark` evaluates the group on origin + T in those still at risk then."""

    subject: Subject
    group: Group
    reading: Reading = Reading()
    landmark: CalendarSpan | None = None
    acknowledged: tuple[tuple[str, str], ...] = ()
    test: RankTest = RankTest()
    strata: tuple[Group, ...] = ()
    trend: bool = False
    pairwise: bool = False
    title: str = field(default="", compare=False)


@record
class TurnsTrue(Node):
    """The day on which something becomes true, and stays so; missing where it never does."""

    day: Value

    def __post_init__(self) -> None:
        expect_type(self, "day", self.day, Date)


@record
class WhenAll(Node):
    """The latest of days, where all of them are there."""

    parts: tuple["Onset", ...]


@record
class WhenAny(Node):
    """The earliest of days that are there."""

    parts: tuple["Onset", ...]


Onset: TypeAlias = TurnsTrue | WhenAll | WhenAny
"""The day on which a condition becomes true for good; see `dsl.onset`."""


@record
class Covariate(Node):
    """A number, or a factor against its level `reference` (the first, where none is given).

    With `onset` the covariate is a condition that is false until that day and true after it.
    """

    value: Value
    label: str
    reference: str | None = None
    onset: Onset | None = None


@record
class Regression(Node):
    """Cox's model of the event, or Fine and Gray's with the others competing; `model` is a key of MODELS."""

    model: str
    subject: Subject
    covariates: tuple[Covariate, ...]
    strata: tuple[Group, ...] = ()
    landmark: CalendarSpan | None = None
    acknowledged: tuple[tuple[str, str], ...] = ()
    title: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            refuse(self, "model", f"one of {sorted(MODELS)}", self.model)
        if not self.covariates:
            refuse(self, "covariates", "at least one", self.covariates)


MODELS = {"cox": "Cox's proportional hazards model", "fine_gray": "Fine and Gray's model"}


@record
class States(Node):
    """The share of patients in each state over time.

    Everyone is in the state `start` at the endpoint's origin. A patient enters the state of a `through` term on its
    day, if that lies on or after the origin and before the end; on the day of censoring too, since events on that day
    count. On one day the state written last holds. What ends the endpoint is a state that nobody leaves.
    """

    subject: Subject
    start: str
    through: tuple[Term, ...]
    at: tuple[CalendarSpan, ...] = ()
    group: Group | None = None
    limits: str = "log_log"
    title: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.limits not in LIMITS:
            refuse(self, "limits", f"one of {LIMITS}", self.limits)


@record
class Incidence(Node):
    subject: Subject
    group: Group | None = None
    at: tuple[CalendarSpan, ...] = ()
    title: str = field(default="", compare=False)


@record
class Shown(Node):
    label: str
    value: Value


TABLE_EXTRAS = {
    "smd": "standardized mean differences",
    "tests": "rank tests of numbers, tests of counts",
    "mean_tests": "Welch's tests of means, tests of counts",
}
"""What a table has on request, in words."""


@record
class Table(Node):
    cohort: str
    group: Group | None
    shown: tuple[Shown, ...]
    extras: tuple[str, ...] = ()
    title: str = field(default="", compare=False)


@record
class Swimmer(Node):
    """A lane of events for each patient; `phases` divides it into states, `aligned` is day 0, the cohort's index day
    where it is None."""

    cohort: str
    lanes: tuple[EventType, ...]
    phases: States | None = None
    aligned: Value | None = None
    aligned_words: str = field(default="", compare=False)
    title: str = field(default="", compare=False)


@record
class Attrition(Node):
    cohort: str
    title: str = field(default="", compare=False)


Analysis: TypeAlias = Estimate | Comparison | Regression | Incidence | States | Table | Swimmer | Attrition


# --- statistics and what is expected of them


@record
class Members(Node):
    """The members of a cohort for whom a condition is true."""

    cohort: str
    where: Value | None = None


@record
class CountOf(Node):
    members: Members


@record
class ShareOf(Node):
    """100 * members for whom the condition is true / members of the cohort."""

    members: Members


@record
class Summary(Node):
    """`median`, `min`, `max`, `mean`, `sum` or `distinct` of a patient's value over members; missing values are
    passed over.

    The median of an even number of values is the mean of the middle two.
    """

    function: str
    value: Value
    members: Members

    def __post_init__(self) -> None:
        if self.function not in SUMMARIES:
            refuse(self, "function", f"one of {SUMMARIES}", self.function)


@record
class EndpointStatistic(Node):
    """A number that estimation gives: see ENDPOINT_STATISTICS."""

    function: str
    subject: Subject
    at: CalendarSpan | None = None
    """A time; for `restricted_mean` the horizon."""
    group: Group | None = None
    landmark: CalendarSpan | None = None
    share: float | None = None
    """The share of a `quantile`."""
    given: CalendarSpan | None = None
    test: RankTest = RankTest()
    strata: tuple[Group, ...] = ()
    trend: bool = False

    def __post_init__(self) -> None:
        needs = ENDPOINT_STATISTICS.get(self.function)
        if needs is None:
            refuse(self, "function", f"one of {sorted(ENDPOINT_STATISTICS)}", self.function)
        elif (self.at is not None) != bool({"at", "up to"} & set(needs)):
            refuse(self, "at", "a time exactly where the statistic needs one", self.at)
        elif (self.group is not None) != ("by" in needs):
            refuse(self, "group", "a group exactly where the statistic needs one", self.group)
        elif (self.share is not None) != ("share" in needs):
            refuse(self, "share", "a share exactly where the statistic needs one", self.share)


@record
class StatisticArithmetic(Node):
    operator: str
    left: "Statistic"
    right: "Statistic"


@record
class StatisticLiteral(Node):
    value: float
    unit: str = ""


Statistic: TypeAlias = CountOf | ShareOf | Summary | EndpointStatistic | StatisticArithmetic | StatisticLiteral

Question: TypeAlias = Statistic | Value
"""What can be asked by itself: a statistic of a cohort, or a value of each patient."""

SUMMARIES = ("median", "min", "max", "mean", "sum", "distinct")
ENDPOINT_STATISTICS: dict[str, tuple[str, ...]] = {
    "median": (),
    "midpoint_median": (),
    "events": (),
    "survival": ("at",),
    "at_risk": ("at",),
    "cumulative_incidence": ("at",),
    "follow_up": (),
    "completeness": (),
    "quantile": ("share",),
    "restricted_mean": ("up to",),
    "p_value": ("by",),
    "chi_square": ("by",),
    "hazard_ratio": ("by",),
}
"""Statistics of an endpoint in a cohort, with what each needs besides.

`median` is the smallest t with S(t) <= 1/2; `midpoint_median` takes the middle of the stretch on which S is exactly
1/2, as R prints it. `follow_up` is the median follow-up by the reverse Kaplan-Meier estimate. `p_value` and
`chi_square` are those of the log-rank test, or of the one that `test` names; `hazard_ratio` is Cox's, of the second
group against the first. `survival … given T` is S(t) / S(T). `completeness` is Clark's C.
"""

STATISTIC_OPTIONS: dict[str, tuple[str, ...]] = {
    "survival": ("given",),
    "p_value": ("landmark", "test", "stratified by", "trend"),
    "chi_square": ("landmark", "test", "stratified by", "trend"),
    "hazard_ratio": ("landmark", "stratified by"),
}
"""What else a statistic can be given."""


_DURATION_UNITS = ("day", "week", "month", "year")


def statistic_units(statistic: Statistic) -> tuple[str, ...]:
    """The units (as in `Published.unit`) in which a value of the statistic can be printed."""
    match statistic:
        case CountOf() | Summary(function="distinct"):
            return ("",)
        case ShareOf():
            return ("%", "")
        case Summary(value=value):
            return _type_units(value.type)
        case EndpointStatistic(function="survival" | "cumulative_incidence" | "completeness"):
            return ("%", "")
        case EndpointStatistic(function="restricted_mean"):
            return _DURATION_UNITS
        case EndpointStatistic(function="median" | "midpoint_median" | "follow_up" | "quantile"):
            return (*_DURATION_UNITS, "not reached")
        case EndpointStatistic():
            return ("",)
        case StatisticLiteral(unit="day"):
            return _DURATION_UNITS
        case StatisticLiteral(unit=unit):
            return (unit,)
        case StatisticArithmetic(operator="+" | "-", left=left, right=right):
            allowed = statistic_units(right)
            return tuple(unit for unit in statistic_units(left) if unit in allowed)
        case StatisticArithmetic(left=left):
            return statistic_units(left)


def _type_units(type_: Type) -> tuple[str, ...]:
    match type_:
        case Duration():
            return _DURATION_UNITS
        case Age():
            return ("year",)
        case Date():
            return ("date", "calendar month")
        case Boolean():
            return ("truth",)
        case Text() | Code():
            return ("text",)
        case Integer() | Number():
            return ("",)


@record
class Published(Node):
    """A printed value: the digits as printed, and what they are of.

    `unit` is empty, `%`, `day`, `week`, `month`, `year`, `date`, `calendar month`, `text`, `truth` or `not reached`.
    `percent` is the share printed behind a count.
    """

    text: str
    unit: str = ""
    percent: str | None = None


@record
class Check(Node):
    statistic: Statistic
    operator: str
    published: Published
    words: str = field(compare=False)


@record
class Expectation(Node):
    """A claim with the place that prints it.

    `contradicted` says why other printed figures exclude it; `implied` that it is not printed but follows from what is.
    """

    checks: tuple[Check, ...]
    place: str
    contradicted: str | None
    implied: bool
    line: int = field(compare=False)


# --- tests in the file


@record
class GivenEvent(Node):
    event: EventType
    start: date
    end: date | None
    attributes: tuple[tuple[str, str | int | float | bool | date], ...]
    recorded: date | None


@record
class ExpectEndpoint(Node):
    endpoint: str
    outcome: str
    days: int | None
    reason: str | None
    words: str = field(compare=False)


@record
class ExpectMember(Node):
    cohort: str
    member: bool
    because: str | None
    words: str = field(compare=False)


@record
class ExpectTrue(Node):
    """`left`, where the expectation is a comparison, is shown when it fails."""

    condition: Value
    left: Value | None
    words: str = field(compare=False)


@record
class Test(Node):
    __test__ = False  # the class is not a pytest test, whatever its name

    title: str
    given: tuple[GivenEvent, ...]
    expects: tuple[ExpectEndpoint | ExpectMember | ExpectTrue, ...]


# --- the whole


@record
class Parameter(Node):
    name: str
    value: Literal
    doc: str = ""


@record
class Program(Node):
    """A checked study. `definitions` are in an order in which each needs only those before it."""

    catalog: Catalog
    title: str = ""
    references: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    definitions: tuple[Definition, ...] = ()
    rules: tuple[Rule, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    tests: tuple[Test, ...] = ()
    questions: tuple[Question, ...] = ()
    """What is asked beside the text, as at a prompt."""
    cutoff: date | None = None
    known_by: date | datetime | None = None

    def asking(self, roots: Iterable[Node] = ()) -> "Program":
        """The definitions of the study, with nothing asked of them but these roots."""
        asked = list(roots)
        return replace(
            self,
            rules=(),
            analyses=tuple(root for root in asked if isinstance(root, Analysis)),
            expectations=tuple(root for root in asked if isinstance(root, Expectation)),
            tests=(),
            questions=tuple(root for root in asked if isinstance(root, Question)),
        )

    def definition(self, name: str) -> Definition | None:
        return next((item for item in self.definitions if item.name == name), None)

    def cohort(self, name: str) -> Cohort:
        found = self.definition(name)
        if not isinstance(found, Cohort):
            raise KeyError(f"no cohort {name!r}")
        return found

    def endpoint(self, name: str) -> Endpoint:
        found = self.definition(name)
        if not isinstance(found, Endpoint):
            raise KeyError(f"no endpoint {name!r}")
        return found
