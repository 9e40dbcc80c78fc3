"""Cox's proportional hazards regression on rows: hazard ratios of covariates, with their tests.

The likelihood is in `partial_likelihood`, its maximum in `newton`; whether hazards are proportional is left to
`proportionality`, competing risks to `fine_gray`. lifelines is not used: it takes a weighted row with an event for one
patient of that weight, where Efron's average has to run over the single patients who had it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from timeline.survival.chi_square import ChiSquare
from timeline.survival.concordance import Concordance, concordance
from timeline.survival.covariates import Column, Factor, columns_of, design
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.limits import normal_quantile, require_share
from timeline.survival.newton import maximum
from timeline.survival.partial_likelihood import EventDays, PartialLikelihood, sums_at_risk
from timeline.survival.rows import RegressionRows
from timeline.survival.table import EVENT, Floats


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


@dataclass(frozen=True, eq=False)
class CoxRegression:
    """Hazard ratios, Wald's test of each covariate, and three tests that all ratios are 1.

    `covariance` is that of the coefficients, shape (P, P). `n` counts intervals where covariates change at an event.
    `concordance` is None where nobody outlived an event.
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
    concordance: Concordance | None
    covariance: Floats
    confidence: float


def cox_regression(rows: RegressionRows, confidence: float = 0.95) -> CoxRegression:
    """Cox's model of the hazard of outcome 1 on the covariates of the rows.

    The hazard of a row in stratum s is h_s(t) exp(xᵀ coefficients); ties are treated after Efron, patient by patient
    also where one row stands for many: R's `coxph(…, weights = count)` averages over rows there, and differs.
    Raises InvalidInput for competing causes (choose with `outcome`); NotEstimable without events, where a covariate
    does not vary or follows from the others, where it separates the events from those at risk (its ratio would be 0 or
    infinite), and where the fit does not converge.
    Source: Cox (1972), JRSS B 34:187-220; Efron (1977), JASA 72:557-565; R's `coxph` with `ties = "efron"`.
    """
    require_share("confidence", confidence)
    if competing := int(rows.count[rows.outcome > EVENT].sum()):
        expected = "no competing causes; let them be 0 (cause-specific) or 1 (any cause), or fit the Fine-Gray model"
        raise InvalidInput("outcome", expected, f"{competing} patients with another outcome")
    require_events(rows, EVENT)
    likelihood, scale = likelihood_of(rows)
    columns = columns_of(rows.covariates)
    found = maximum(likelihood, [str(column) for column in columns])
    coefficients, covariance = found.coefficients / scale, found.covariance / np.outer(scale, scale)
    prediction = np.sum([c * x for c, x in zip(found.coefficients, likelihood.design, strict=True)], axis=0)
    return CoxRegression(
        coefficients=tuple(coefficients_of(columns, coefficients, covariance, confidence)),
        covariates=tuple(covariate_tests(columns, coefficients, covariance)),
        n=rows.n,
        events=rows.events,
        log_likelihood=found.likelihood.log_likelihood,
        log_likelihood_at_one=found.at_zero.log_likelihood,
        likelihood_ratio=found.likelihood_ratio,
        wald=wald_test(coefficients, covariance),
        score=found.score,
        concordance=concordance(rows, prediction),
        covariance=covariance,
        confidence=confidence,
    )


def likelihood_of(rows: RegressionRows) -> tuple[PartialLikelihood, Floats]:
    """The partial likelihood in standardised covariates, and what they were divided by, shape (P,)."""
    x, scale = standardised(rows)
    days = EventDays.of(rows)
    return PartialLikelihood(x, rows.count, days, sums_at_risk(rows, days)), scale


def standardised(rows: RegressionRows) -> tuple[Floats, Floats]:
    """The design of the rows, shape (P, N), with mean 0 and variance 1, so that no sum cancels; and the scale, (P,)."""
    x = design(rows.covariates)
    x = x - np.average(x, axis=1, weights=rows.count)[:, None]
    scale = np.sqrt(np.average(x**2, axis=1, weights=rows.count))
    scale = np.where(scale > 0, scale, 1.0)
    return x / scale[:, None], scale


def require_events(rows: RegressionRows, cause: int) -> None:
    """Raises NotEstimable where nobody, or nobody of some level of a factor, had the event: its ratio would be 0."""
    with_event = rows.outcome == cause
    if not with_event.any():
        raise NotEstimable("no patient had the event, so there are no hazard ratios")
    for factor in rows.covariates:
        if isinstance(factor, Factor):
            events = np.bincount(factor.codes[with_event], minlength=len(factor.levels))
            if not events.all():
                level = factor.levels[int(np.argmin(events))]
                raise NotEstimable(
                    f"no patient with {factor.name} = {level} had the event, so that its hazard ratio would be 0"
                    if level != factor.levels[0]
                    else f"no patient with {factor.name} = {level}, the reference, had the event, so that the hazard "
                    "ratios of the other levels would be infinite"
                )


def coefficients_of(
    columns: Sequence[Column], coefficients: Floats, covariance: Floats, confidence: float
) -> list[Coefficient]:
    """The hazard ratio of each column with its limits and Wald's test."""
    errors, z = np.sqrt(np.diag(covariance)), normal_quantile(confidence)
    with np.errstate(over="ignore"):  # an upper limit beyond all numbers is infinite
        ratios, lower, upper = (np.exp(coefficients + reach * errors) for reach in (0, -z, z))
    return [
        Coefficient(
            column.covariate,
            column.level,
            column.reference,
            ratio=float(ratios[i]),
            lower=float(lower[i]),
            upper=float(upper[i]),
            coefficient=float(coefficients[i]),
            standard_error=float(errors[i]),
            p_value=ChiSquare.of(float((coefficients[i] / errors[i]) ** 2), 1).p_value,
        )
        for i, column in enumerate(columns)
    ]


def covariate_tests(columns: Sequence[Column], coefficients: Floats, covariance: Floats) -> list[CovariateTest]:
    """Wald's test of the coefficients of each covariate together."""
    return [
        CovariateTest(name, wald_test(coefficients[places], covariance[np.ix_(places, places)]))
        for name, places in places_of(columns).items()
    ]


def places_of(columns: Sequence[Column]) -> dict[str, list[int]]:
    """The places of the columns of each covariate."""
    places: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(column.covariate, []).append(place)
    return places


def wald_test(coefficients: Floats, covariance: Floats) -> ChiSquare:
    """coefficientsᵀ covariance⁻¹ coefficients: that all of them are 0."""
    return ChiSquare.of(float(coefficients @ np.linalg.solve(covariance, coefficients)), len(coefficients))
