"""What competes, and what patients come through: cumulative incidence, and the shares of states."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from timeline.study.results.members import LeftOut
from timeline.survival import RankTest
from timeline.survival.incidence import CumulativeIncidence, IncidenceAt


@dataclass(frozen=True)
class StatesAt:
    """The share of the patients in each state at a time, `day` in days, in the order of the result's `states`.

    `shares` is None after the last patient's time; a limit is None where there is none. `at_risk` are the patients
    under observation in each state just before the day.
    """

    day: float
    shares: tuple[float, ...] | None
    at_risk: tuple[int, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]


@dataclass(frozen=True, eq=False)
class StatesCurve:
    """Shares of S states on T days, ascending, from day 0: `shares` has the shape (S, T), and sums to 1 each day.

    A share holds from its day until before the next. Of the same shape are its limits `lower` and `upper`, not a number
    where there are none, and `at_risk`, the patients in each state just before the day.
    """

    time: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]
    lower: npt.NDArray[np.float64]
    upper: npt.NDArray[np.float64]
    at_risk: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Passage:
    """How many patients went from one state to another."""

    source: str
    target: str
    patients: int


@dataclass(frozen=True)
class StatesGroup:
    label: str
    n: int
    at: tuple[StatesAt, ...]
    passages: tuple[Passage, ...]
    curve: StatesCurve = field(repr=False)


@dataclass(frozen=True)
class StatesResult:
    """The share of patients in each state over time, by the Aalen-Johansen estimate; one group where `by` is None."""

    endpoint: str
    endpoint_label: str
    cohort: str
    by: str | None
    states: tuple[str, ...]
    groups: tuple[StatesGroup, ...]
    left_out: tuple[LeftOut, ...]
    title: str = ""
    where: str = ""


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
    where: str = ""
