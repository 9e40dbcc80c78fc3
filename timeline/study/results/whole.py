"""A whole study: its analyses, what was published, what hygiene found, and from what it was computed."""

from dataclasses import dataclass
from datetime import date, datetime

from dsl.types import Type
from timeline.study.results.curves import ComparisonResult, EstimateResult
from timeline.study.results.members import CohortResult
from timeline.study.results.models import RegressionResult
from timeline.study.results.patients import SwimmerResult, TableResult
from timeline.study.results.states import IncidenceResult, StatesResult


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


OfEndpoint = EstimateResult | ComparisonResult | RegressionResult | IncidenceResult | StatesResult
"""Analyses of an endpoint in the members of a cohort, or in some of them."""

AnalysisResult = OfEndpoint | TableResult | SwimmerResult | CohortResult | FailedResult | WithheldResult


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
