"""What a study found, as frozen values: ready to print, to write as JSON, or to work with in Python.

Times are in days and dates are dates; how they are shown is left to `timeline.report`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from timeline.survival import KaplanMeier, Quantile, RankTest, SurvivalAt
from timeline.survival.hazard import ProportionalHazards
from timeline.survival.incidence import CumulativeIncidence, IncidenceAt


@dataclass(frozen=True)
class AttritionStep:
    """`fell` patients did not get past this step; for `unknown` of them its condition is not known."""

    label: str
    remaining: int
    fell: int
    unknown: int


@dataclass(frozen=True)
class CohortResult:
    name: str
    label: str
    considered: int
    """Distinct patients in the log."""
    steps: tuple[AttritionStep, ...]
    n: int


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


@dataclass(frozen=True)
class EstimateResult:
    endpoint: str
    endpoint_label: str
    cohort: str
    group: Survived | None
    """None where no member has a time."""
    left_out: tuple[LeftOut, ...]


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
class TableRow:
    """A number has `summaries`, one a group; a code, text or truth value has `levels`. `unit` is that of the number."""

    label: str
    unit: str
    summaries: tuple[NumberSummary, ...] = ()
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class TableResult:
    cohort: str
    by: str | None
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True)
class LaneEvent:
    event: str
    start_day: int
    end_day: int


@dataclass(frozen=True)
class SwimmerRow:
    patient: str
    events: tuple[LaneEvent, ...]


@dataclass(frozen=True)
class SwimmerResult:
    """Each member's events in days from the cohort's index day, members with the longest history first."""

    cohort: str
    lanes: tuple[str, ...]
    rows: tuple[SwimmerRow, ...]


AnalysisResult = EstimateResult | ComparisonResult | IncidenceResult | TableResult | SwimmerResult | CohortResult


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
