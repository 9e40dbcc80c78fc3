"""Kaplan-Meier estimates, and comparisons of groups."""

from dataclasses import dataclass, field
from datetime import date

from timeline.study.results.members import LeftOut
from timeline.survival import ChiSquare, KaplanMeier, Quantile, RankTest, RestrictedMean, SurvivalAt
from timeline.survival.hazard import ProportionalHazards


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
    where: str = ""
    """The condition on the members of the cohort, as the study says it; empty where it is of all."""


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
    where: str = ""
