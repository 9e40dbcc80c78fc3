"""Groups side by side: their counts on the days that they share, and the test of observed against expected events.

How many events are expected, and with which variance, is left to the modules of the single tests.
"""

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from timeline.survival.chi_square import ChiSquare
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.table import EVENT, Floats, RiskTable

# With a variance of less than this per event, in any direction, rounding would be seen in the statistic, a difference
# between sums of the order of all events. One patient among a million, at risk at a tenth of the events, leaves 1e-7.
SINGULAR = 1e-8

SizedGroups = TypeVar("SizedGroups", bound=Sized)


@dataclass(frozen=True)
class GroupInTest:
    """One group's part in a test: its patients, the events they had, and those expected if the groups were alike.

    In a weighted test both count each event with its weight, as R's `survdiff` prints them.
    """

    label: str
    n: int
    observed: float
    expected: float


@dataclass(frozen=True)
class RankTest:
    """A chi-square test between groups, with each group's part in the order in which the groups were given."""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    groups: tuple[GroupInTest, ...]


@dataclass(frozen=True)
class SideBySide:
    """The counts of G groups on the T days on which anyone of them left observation: arrays of shape (G, T)."""

    at_risk: Floats
    events: Floats
    competing: Floats


@dataclass(frozen=True)
class Scores:
    """Observed and expected events of G groups, shape (G,), and the variance of their difference, shape (G, G).

    `size` is what the variance is measured by: the events, each with the square of its weight in a weighted test.
    """

    observed: Floats
    expected: Floats
    variance: Floats
    size: float

    def compared(self) -> npt.NDArray[np.bool_]:
        """Which groups can be compared, shape (G,): those with patients at risk at some event.

        The others were gone before the first event, expect none, and take no degree of freedom, as in R's `survdiff`.
        Raises NotEstimable where nothing can be compared.
        """
        if not self.observed.any():
            raise NotEstimable("no patient had the event, so the groups cannot be compared")
        compared: npt.NDArray[np.bool_] = self.expected > 0
        free = np.flatnonzero(compared)[1:]
        spread = np.linalg.eigvalsh(self.variance[np.ix_(free, free)])
        if not len(free) or spread[0] < SINGULAR * self.size:
            raise NotEstimable("too few events while patients of all groups were at risk, so they cannot be compared")
        return compared

    def chi_square(self) -> ChiSquare:
        """(observed - expected)' variance⁻¹ (observed - expected) over all compared groups but the first.

        The differences sum to zero, so the one left out would say nothing that the others do not.
        """
        free = np.flatnonzero(self.compared())[1:]
        difference = (self.observed - self.expected)[free]
        statistic = difference @ np.linalg.solve(self.variance[np.ix_(free, free)], difference)
        return ChiSquare.of(float(statistic), len(free))

    def parts(self, sizes: Mapping[str, int]) -> tuple[GroupInTest, ...]:
        """Each group's part in the test; `sizes` has the patients by label, in the order of the arrays."""
        return tuple(
            GroupInTest(label, n, float(self.observed[group]), float(self.expected[group]))
            for group, (label, n) in enumerate(sizes.items())
        )


def sizes(tables: Mapping[str, RiskTable]) -> dict[str, int]:
    """Patients by group."""
    return {label: table.n for label, table in tables.items()}


def side_by_side(tables: Mapping[str, RiskTable], cause: int = EVENT) -> SideBySide:
    """The groups' counts on common days, events being those of `cause`."""
    days = np.unique(np.concatenate([table.time for table in tables.values()]))
    steps = [table.steps(cause, days) for table in tables.values()]
    return SideBySide(
        at_risk=np.array([step.at_risk for step in steps], dtype=np.float64),
        events=np.array([step.events for step in steps], dtype=np.float64),
        competing=np.array([step.competing for step in steps], dtype=np.float64),
    )


def variance_of_sums_to_zero(products: Floats) -> Floats:
    """The variance of differences that sum to zero over the groups, from the sums of p_j p_k, all of shape (G, G).

    Off the diagonal it is -Σ p_j p_k. The diagonal, Σ p_k (1 - p_k), is taken from the others, with which it sums to
    zero, rather than from p_k² which cancels nearly all of it where a group is almost everyone.
    """
    covariance = -products
    np.fill_diagonal(covariance, 0)
    return np.asarray(covariance - np.diag(covariance.sum(axis=1)))


def require_two(groups: SizedGroups) -> SizedGroups:
    """Raises InvalidInput for fewer than two groups."""
    if len(groups) < 2:
        raise InvalidInput("groups", "at least two to compare", len(groups))
    return groups


def require_reference(tables: Mapping[str, RiskTable], reference: str | None) -> str:
    """The reference group, the first where none is named. Raises InvalidInput for an unknown one."""
    chosen = next(iter(tables)) if reference is None else reference
    if chosen not in tables:
        raise InvalidInput("reference", f"one of {', '.join(map(repr, tables))}", repr(chosen))
    return chosen
