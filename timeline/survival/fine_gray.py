"""The Fine-Gray regression: subdistribution hazard ratios, covariates against the incidence of one cause."""

from dataclasses import dataclass

from timeline.survival.chi_square import ChiSquare
from timeline.survival.regression import Coefficient, CovariateTest
from timeline.survival.rows import RegressionRows
from timeline.survival.table import EVENT, Floats


@dataclass(frozen=True, eq=False)
class FineGray:
    """Subdistribution hazard ratios with robust standard errors, Wald's test of each covariate and of all.

    `covariance` is that of the coefficients, shape (P, P); the log-likelihoods are of the weighted partial likelihood.
    """

    coefficients: tuple[Coefficient, ...]
    covariates: tuple[CovariateTest, ...]
    n: int
    events: int
    competing: int
    censored: int
    log_likelihood: float
    log_likelihood_at_one: float
    wald: ChiSquare
    covariance: Floats
    cause: int
    confidence: float


def fine_gray(rows: RegressionRows, cause: int = EVENT, confidence: float = 0.95) -> FineGray:
    """The subdistribution hazard of `cause` on the covariates of the rows, all other causes competing.

    Raises InvalidInput for delayed entry, strata, and a cause below 1; NotEstimable as `cox_regression` does.
    Source: Fine and Gray (1999), JASA 94:496-509; `cmprsk::crr`.
    """
    raise NotImplementedError
