"""Are hazards proportional? The Grambsch-Therneau test of a Cox regression."""

from dataclasses import dataclass
from typing import Literal

from timeline.survival.chi_square import ChiSquare
from timeline.survival.regression import CovariateTest, CoxRegression
from timeline.survival.rows import RegressionRows

Transform = Literal["km", "identity", "rank", "log"]


@dataclass(frozen=True)
class ProportionalityTest:
    """For each covariate and for all together, a test that its log hazard ratio does not change with g(t)."""

    covariates: tuple[CovariateTest, ...]
    overall: ChiSquare
    transform: Transform


def proportional_hazards_test(
    rows: RegressionRows, fit: CoxRegression, transform: Transform = "km"
) -> ProportionalityTest:
    """The test of the fit of these rows, with g(t) = 1 - S(t-) ("km"), t ("identity"), the rank of t, or log t.

    Raises InvalidInput for an unknown transform and for "log" with an event on day 0; NotEstimable where all events
    fall on one day. Source: Grambsch and Therneau (1994), Biometrika 81:515-526, as the exact score test of R's
    `cox.zph` since survival 3.0.
    """
    raise NotImplementedError
