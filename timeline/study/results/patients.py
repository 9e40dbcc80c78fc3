"""Patients as they are: tables of characteristics, and lanes."""

from dataclasses import dataclass
from datetime import date


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
