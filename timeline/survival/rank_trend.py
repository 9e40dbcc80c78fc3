"""Test for trend: do patients have the event the faster, the further up a group stands in an order?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from timeline.survival.chi_square import ChiSquare
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.groups import SINGULAR, GroupInTest
from timeline.survival.rank_test import Groups, scores_of
from timeline.survival.rank_weights import Weights


@dataclass(frozen=True)
class TrendTest:
    """`z` is above 0 where groups of higher score have more events than expected; `statistic` is its square."""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    z: float
    scores: tuple[float, ...]
    groups: tuple[GroupInTest, ...]


def trend_test(groups: Groups, weights: Weights = "log-rank", scores: Sequence[float] | None = None) -> TrendTest:
    """The test for trend between two or more groups in their order: tables by group, or by stratum and then by group.

    With scores c_k of the groups (0, 1, 2, … unless given), and observed, expected and variance of `rank_test`:

        z = Σ c_k (observed_k - expected_k) / √(Σ c_j c_k variance_jk)

    Raises as `rank_test` does, and InvalidInput for scores that are not one a group and not all equal.
    Source: Tarone (1975), Biometrika 62:679-682; Klein and Moeschberger (2003), section 7.4.
    """
    sizes, found = scores_of(groups, weights)
    c = np.arange(len(sizes), dtype=np.float64) if scores is None else np.asarray(scores, dtype=np.float64)
    if c.shape != (len(sizes),) or not np.isfinite(c).all() or (c == c[0]).all():
        raise InvalidInput("scores", f"{len(sizes)} numbers, one a group and not all equal", scores)
    found.compared()
    # Scores that differ by a constant or a factor give the same z.
    c = (c - c.min()) / (c.max() - c.min())
    variance = float(c @ found.variance @ c)
    if variance < SINGULAR * found.size:
        raise NotEstimable("the groups that can be compared have equal scores, so there is no trend to test")
    z = float(c @ (found.observed - found.expected)) / math.sqrt(variance)
    test = ChiSquare.of(z**2, 1)
    given = tuple(float(score) for score in (range(len(sizes)) if scores is None else scores))
    return TrendTest(test.statistic, 1, test.p_value, z, given, found.parts(sizes))
