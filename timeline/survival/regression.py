"""Cox's proportional hazards regression on rows: hazard ratios of covariates, with their tests.

The likelihood is in `partial_likelihood`, its maximum in `newton`; whether hazards are proportional is left to
`proportionality`, competing risks to `fine_gray`.
"""

from dataclasses import dataclass

from timeline.survival.chi_square import ChiSquare
from timeline.survival.rows import RegressionRows
from timeline.survival.table import Floats


@dataclass(frozen=True)
class Coefficient:
    """One hazard ratio: of `level` over `reference`, or, both None, for one unit more of a numeric covariate.

    ratio = exp(coefficient), limits exp(coefficient ± z · standard_error); `p_value` is of Wald's test that it is 1.
    """

    covariate: str
    level: str | None
    reference: str | None
    ratio: float
    lower: float
    upper: float
    coefficient: float
    standard_error: float
    p_value: float


@dataclass(frozen=True)
class CovariateTest:
    """A test of all coefficients of one covariate together."""

    covariate: str
    test: ChiSquare


@dataclass(frozen=True)
class Concordance:
    """Of the pairs of which one had the event while the other was at risk, the share in which that one had the higher
    hazard in the model; equal hazards count one half. Limits are value ± z · standard_error."""

    value: float
    standard_error: float
    concordant: int
    discordant: int
    tied: int


@dataclass(frozen=True, eq=False)
class CoxRegression:
    """Hazard ratios, Wald's test of each covariate, and three tests that all ratios are 1.

    `covariance` is that of the coefficients, shape (P, P). `n` counts intervals where covariates change at an event.
    """

    coefficients: tuple[Coefficient, ...]
    covariates: tuple[CovariateTest, ...]
    n: int
    events: int
    log_likelihood: float
    log_likelihood_at_one: float
    likelihood_ratio: ChiSquare
    wald: ChiSquare
    score: ChiSquare
    concordance: Concordance
    covariance: Floats
    confidence: float


def cox_regression(rows: RegressionRows, confidence: float = 0.95) -> CoxRegression:
    """Cox's model of the hazard of outcome 1 on the covariates of the rows, with Efron's treatment of ties.

    Raises InvalidInput for competing causes (choose with `outcome`); NotEstimable without events, where a covariate
    does not vary or follows from the others, where it separates the events from those at risk (its ratio would be 0 or
    infinite), and where the fit does not converge.
    """
    raise NotImplementedError
