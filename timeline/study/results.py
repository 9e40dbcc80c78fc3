"""What a study found, as frozen values: ready to print, to write as JSON, or to work with in Python.

Times are in days and dates are dates; how they are shown is left to `timeline.report`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from dsl.types import Type
from timeline.survival import ChiSquare, KaplanMeier, Quantile, RankTest, RestrictedMean, SurvivalAt
from timeline.survival.hazard import ProportionalHazards
from timeline.survival.incidence import CumulativeIncidence, IncidenceAt


@dataclass(frozen=True)
class AttritionStep:
    """`fell` patients did not get past this step; for `unknown` of them its condition is not known.

    A step lets those pass who meet what its label says; one that is `excluding`, those who do not.
    """

    label: str
    remaining: int
    fell: int
    unknown: int
    excluding: bool = False


@dataclass(frozen=True)
class CohortResult:
    name: str
    label: str
    considered: int
    """Distinct patients in the log."""
    steps: tuple[AttritionStep, ...]
    n: int
    title: str = ""


@dataclass(frozen=True)
class LeftOut:
    """Members of the cohort who are in no estimate, by name."""

    reason: str
    patients: tuple[str, ...]


@dataclass(frozen=True)
class ReasonCount:
    """How many patients left observation for a reason; `outcome` is 0 for censored, 1 for the event, 2 … competing."""

    outcome: int
    reason: str
    patients: int


@dataclass(frozen=True)
class FollowUp:
    """How long a group was followed, in days.

    `median` is by the reverse Kaplan-Meier estimate. `shortest` and `longest` are over those who were last seen without
    an ending event; None where there is nobody. `completeness` is Clark's C: the time observed over the time that would
    have been observed had everyone without an ending event been followed until the day `until`.
    """

    median: Quantile
    shortest: int | None
    longest: int | None
    completeness: float | None
    until: date | None


@dataclass(frozen=True)
class ConditionalSurvival:
    """S(day) / S(given): survival until `day` of those who had survived until `given`, both in days from the origin."""

    day: float
    given: float
    survival: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Survived:
    """One group's Kaplan-Meier estimate. `survival` is given at the times that were asked for.

    For `imputed` of the patients the time starts or ends on a day that was filled in, since only the month or the
    year is known.
    """

    label: str
    n: int
    events: int
    censored: int
    imputed: int
    reasons: tuple[ReasonCount, ...]
    median: Quantile
    survival: tuple[SurvivalAt, ...]
    curve: KaplanMeier = field(repr=False)
    quantiles: tuple[Quantile, ...] = ()
    conditional: tuple[ConditionalSurvival, ...] = ()
    restricted_mean: RestrictedMean | None = None
    follow_up: FollowUp | None = None
    entered_late: int = 0
    """Patients who came under observation only after the origin."""
    note: str = ""
    """Why something that was asked for is not there."""


@dataclass(frozen=True)
class EstimateResult:
    endpoint: str
    endpoint_label: str
    cohort: str
    group: Survived | None
    """The only group; None where no member has a time, and where there are several groups."""
    left_out: tuple[LeftOut, ...]
    by: str | None = None
    groups: tuple[Survived, ...] = ()
    """Every group; without `by` the whole cohort, if anyone has a time."""
    landmark: float | None = None
    note: str = ""
    title: str = ""
    """What the study calls the analysis; empty where it does not say."""


@dataclass(frozen=True)
class PairTest:
    """Two of several groups compared; `adjusted` is the p-value by Holm's method over all pairs.

    `test` is None where the two cannot be compared; `note` then says why.
    """

    first: str
    second: str
    test: RankTest | None
    adjusted: float | None
    note: str = ""


@dataclass(frozen=True)
class MeanContrast:
    """Restricted mean survival times, up to `horizon`, of a group against the first: difference in days, and ratio; the
    ratio and its limits are None where a mean is 0."""

    label: str
    reference: str
    difference: float
    difference_lower: float
    difference_upper: float
    difference_p_value: float
    ratio: float | None
    ratio_lower: float | None
    ratio_upper: float | None
    ratio_p_value: float | None
    horizon: float


@dataclass(frozen=True)
class ComparisonResult:
    """`test` is None where the groups cannot be compared; `note` then says why."""

    endpoint: str
    endpoint_label: str
    cohort: str
    by: str
    landmark: float | None
    """Days after the origin, where the groups are those at a landmark."""
    groups: tuple[Survived, ...]
    test: RankTest | None
    hazards: ProportionalHazards | None
    note: str
    left_out: tuple[LeftOut, ...]
    acknowledged: tuple[tuple[str, str], ...]
    test_name: str = "log-rank"
    strata: tuple[str, ...] = ()
    trend: ChiSquare | None = None
    pairs: tuple[PairTest, ...] = ()
    means: tuple[MeanContrast, ...] = ()
    title: str = ""


@dataclass(frozen=True)
class Effect:
    """A covariate's hazard ratio: of `level` against `reference`, or for one `unit` more of a number (level None)."""

    covariate: str
    level: str | None
    reference: str | None
    unit: str
    n: int | None
    """Patients who have the level, or a value; of a covariate that changes, patients who ever had it."""
    ratio: float
    lower: float
    upper: float
    coefficient: float
    standard_error: float
    p_value: float


@dataclass(frozen=True)
class ProportionalityTest:
    """Grambsch and Therneau's test that a covariate's hazard ratio does not change over time; `covariate` is None for
    the global test."""

    covariate: str | None
    test: ChiSquare


@dataclass(frozen=True)
class RegressionResult:
    """Cox's model, or Fine and Gray's (`model` is `cox` or `fine_gray`).

    `changing` names the covariates that become true as it happens. `tests` are called `likelihood ratio`, `Wald` and
    `score` where the model has them.
    """

    model: str
    endpoint: str
    endpoint_label: str
    cohort: str
    strata: tuple[str, ...]
    landmark: float | None
    n: int
    events: int
    effects: tuple[Effect, ...]
    changing: tuple[str, ...]
    tests: tuple[tuple[str, ChiSquare], ...]
    concordance: float | None
    proportionality: tuple[ProportionalityTest, ...]
    left_out: tuple[LeftOut, ...]
    note: str = ""
    acknowledged: tuple[tuple[str, str], ...] = ()
    concordance_error: float | None = None
    """The standard error of the concordance."""
    title: str = ""


@dataclass(frozen=True)
class StatesAt:
    """The share of the patients in each state at a time, `day` in days, in the order of the result's `states`.

    `shares` is None after the last patient's time; `at_risk` are the patients under observation in each state just
    before the day.
    """

    day: float
    shares: tuple[float, ...] | None
    at_risk: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class StatesCurve:
    """Shares of S states on T days, ascending, from day 0: `shares` has the shape (S, T), and sums to 1 each day.

    A share holds from its day until before the next. `at_risk`, of the same shape, counts patients in each state just
    before the day.
    """

    time: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]
    at_risk: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Passage:
    """How many patients went from one state to another."""

    source: str
    target: str
    patients: int


@dataclass(frozen=True)
class StatesResult:
    """The share of patients in each state over time, by the Aalen-Johansen estimate."""

    endpoint: str
    endpoint_label: str
    cohort: str
    states: tuple[str, ...]
    n: int
    at: tuple[StatesAt, ...]
    passages: tuple[Passage, ...]
    left_out: tuple[LeftOut, ...]
    curve: StatesCurve = field(repr=False)
    title: str = ""


@dataclass(frozen=True)
class CauseCurve:
    cause: str
    events: int
    incidence: tuple[IncidenceAt, ...]
    curve: CumulativeIncidence = field(repr=False)


@dataclass(frozen=True)
class IncidenceGroup:
    """`imputed` is as in `Survived`."""

    label: str
    n: int
    censored: int
    imputed: int
    causes: tuple[CauseCurve, ...]


@dataclass(frozen=True)
class IncidenceResult:
    """Cumulative incidence of each cause; `tests` holds Gray's test for each cause where there are groups."""

    endpoint: str
    endpoint_label: str
    cohort: str
    by: str | None
    groups: tuple[IncidenceGroup, ...]
    tests: tuple[tuple[str, RankTest | None], ...]
    left_out: tuple[LeftOut, ...]
    title: str = ""


@dataclass(frozen=True)
class Level:
    """How many members of a group have a value; `name` is None for a missing value."""

    name: str | None
    counts: tuple[int, ...]


@dataclass(frozen=True)
class NumberSummary:
    known: int
    missing: int
    mean: float | None
    sd: float | None
    min: float | None
    q1: float | None
    median: float | None
    q3: float | None
    max: float | None


@dataclass(frozen=True)
class BalanceTest:
    """A test whether groups differ in a characteristic: its name in words, and its p-value."""

    name: str
    p_value: float


@dataclass(frozen=True)
class TableRow:
    """A number has `summaries`, one a group; a code, text or truth value has `levels`. `unit` is that of the number.

    `difference` is the standardized mean difference, the largest between any two groups; it and `test` are there where
    they were asked for and can be computed.
    """

    label: str
    unit: str
    summaries: tuple[NumberSummary, ...] = ()
    levels: tuple[Level, ...] = ()
    difference: float | None = None
    test: BalanceTest | None = None


@dataclass(frozen=True)
class TableResult:
    cohort: str
    by: str | None
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[TableRow, ...]
    extras: tuple[str, ...] = ()
    """What was asked for besides: `smd`, `tests`, `mean_tests`."""
    title: str = ""


@dataclass(frozen=True)
class LaneEvent:
    event: str
    start_day: int
    end_day: int


@dataclass(frozen=True)
class Phase:
    """A stretch of a patient's time in one state, from `start_day` until before `end_day`."""

    state: str
    start_day: int
    end_day: int


@dataclass(frozen=True)
class SwimmerRow:
    """`ongoing`: observation ends with the last day seen, not with an event; None where no endpoint was named."""

    patient: str
    events: tuple[LaneEvent, ...]
    phases: tuple[Phase, ...] = ()
    ongoing: bool | None = None
    day_zero: date | None = None
    """The day that the lane's days count from."""


@dataclass(frozen=True)
class SwimmerResult:
    """Each member's events in days from day 0, members with the longest history first.

    Day 0 is the event that the analysis aligns on; else the origin of the endpoint that gives the phases, where there
    is one; else the cohort's index day. `without_day` of the members have no day 0, and no lane.
    """

    cohort: str
    lanes: tuple[str, ...]
    rows: tuple[SwimmerRow, ...]
    phases: tuple[str, ...] = ()
    """The states that a lane is divided into, in order."""
    aligned: str = "the index day"
    without_day: int = 0
    title: str = ""


@dataclass(frozen=True)
class FailedResult:
    """An analysis that could not be done; the others of the study were. `analysis` says which in words."""

    analysis: str
    place: str
    """File and line."""
    message: str
    hint: str
    title: str = ""


@dataclass(frozen=True)
class WithheldResult:
    """An analysis that was done and is not shown, since its numbers could tell a small number of patients."""

    analysis: str
    title: str = ""


AnalysisResult = (
    EstimateResult
    | ComparisonResult
    | RegressionResult
    | IncidenceResult
    | StatesResult
    | TableResult
    | SwimmerResult
    | CohortResult
    | FailedResult
    | WithheldResult
)


@dataclass(frozen=True)
class ColumnResult:
    """A value of each patient: of how many of the `patients` it is known, and `rows` with those of the first."""

    type: Type
    known: int
    patients: int
    rows: tuple[tuple[str, float | str | bool | date | None], ...]


@dataclass(frozen=True)
class StatisticResult:
    """A statistic as computed: `value` is in days, as a fraction, or as counted; `units` are those it is printed in.

    `share` is what a count is of its cohort. None stands for a value that is not there, such as a median not reached.
    """

    value: float | str | bool | date | None
    units: tuple[str, ...]
    share: float | None = None
    is_age: bool = False


Answer = ColumnResult | StatisticResult
"""What a question by itself gives."""


@dataclass(frozen=True)
class CheckResult:
    """One comparison of a published with a computed value. `value` is in days, as a fraction, or as counted."""

    claim: str
    operator: str
    published: str
    computed: str
    value: float | str | bool | date | None
    holds: bool


@dataclass(frozen=True)
class ExpectationResult:
    """`contradicted` says why the other printed figures exclude this one; it is then expected not to hold.

    `implied` says that the figure is not printed but follows from what is.
    """

    place: str
    line: int
    checks: tuple[CheckResult, ...]
    contradicted: str | None
    implied: bool

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)

    @property
    def passes(self) -> bool:
        return self.holds != (self.contradicted is not None)


@dataclass(frozen=True)
class Provenance:
    """From what the results were computed: enough to compute them again."""

    store: str
    position: int
    head: str
    query: str
    query_hash: str
    """SHA-256 over the query file and all files that it uses."""
    parameters: tuple[tuple[str, str], ...]
    cutoff: date | None
    known_by: date | datetime | None
    version: str


@dataclass(frozen=True)
class HygieneCount:
    """Of the `members` of a group, the `patients` whom a finding concerns, with their days from the origin to what
    decided; `group` is None where there are none. For a small group, `events` says how many events it has."""

    group: str | None
    members: int
    patients: int
    person_days: int | None = None
    events: int | None = None


@dataclass(frozen=True)
class HygieneResult:
    """A finding of hygiene. `acknowledged` is the reason that the study gives for keeping it."""

    code: str
    rule: str
    message: str
    place: str
    """File and line."""
    hint: str
    acknowledged: str | None
    counted: bool
    """Whether the data were asked."""
    counts: tuple[HygieneCount, ...] = ()

    @property
    def concerns_anyone(self) -> bool:
        """Whether the data hold what the text makes possible; a group too small concerns whoever reads of it."""
        return any(count.patients or count.events is not None for count in self.counts)


@dataclass(frozen=True)
class StudyResult:
    title: str
    references: tuple[str, ...]
    provenance: Provenance
    cohorts: tuple[CohortResult, ...]
    analyses: tuple[AnalysisResult, ...]
    expectations: tuple[ExpectationResult, ...]
    hygiene: tuple[HygieneResult, ...] = ()
    """What hygiene found and the data weighed, and all that the study acknowledges."""
    suppressed_below: int | None = None
    """Where small numbers are hidden: those from 1 to one less than this."""

    @property
    def published(self) -> tuple[ExpectationResult, ...]:
        """Printed figures that are expected to hold."""
        return tuple(item for item in self.expectations if item.contradicted is None and not item.implied)

    @property
    def implied(self) -> tuple[ExpectationResult, ...]:
        return tuple(item for item in self.expectations if item.contradicted is None and item.implied)

    @property
    def contradicted(self) -> tuple[ExpectationResult, ...]:
        return tuple(item for item in self.expectations if item.contradicted is not None)

    @property
    def reproduced(self) -> bool:
        return all(item.passes for item in self.expectations)

    @property
    def failed(self) -> tuple[FailedResult, ...]:
        """Analyses that could not be done."""
        return tuple(item for item in self.analyses if isinstance(item, FailedResult))
