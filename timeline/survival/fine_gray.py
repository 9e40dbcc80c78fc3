"""The Fine-Gray regression: subdistribution hazard ratios, covariates against the incidence of one cause.

The likelihood is that of `partial_likelihood` with risk sets in which those with a competing event stay, weighted by
how likely they would still be uncensored. How fast the event comes among those still at risk is left to `regression`.
"""

from dataclasses import dataclass

import numpy as np

from timeline.survival.chi_square import ChiSquare
from timeline.survival.covariates import columns_of
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.limits import require_share
from timeline.survival.newton import maximum
from timeline.survival.partial_likelihood import EventDays, Likelihood, PartialLikelihood
from timeline.survival.regression import (
    Coefficient,
    CovariateTest,
    coefficients_of,
    covariate_tests,
    require_events,
    standardised,
    wald_test,
)
from timeline.survival.rows import RegressionRows
from timeline.survival.table import CENSORED, EVENT, Floats, Ints

NO_SPREAD = 1e-10
"""A robust variance that is a smaller part of the model's own is 0 but for rounding."""


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

    Who had a competing event on day s stays at risk of this one with weight G(t-) / G(s-) on day t > s, with G the
    Kaplan-Meier curve of not being censored, of all rows together. A day's events see all at risk (Breslow), and the
    covariance is the sandwich that counts G as estimated. For G those with an event on a day count as at risk of being
    censored on it. Covariates are those at the origin.
    Raises InvalidInput for delayed entry, strata, and a cause below 1; NotEstimable as `cox_regression` does,
    and where the robust variance is 0.
    Source: Fine and Gray (1999), JASA 94:496-509; R's `cmprsk::crr`. `survival::finegray` with `coxph` takes those with
    an event on a day out before it counts the censored, averages over ties, and takes G as known: its coefficients are
    the same where no two patients share a day, its standard errors are others.
    """
    require_share("confidence", confidence)
    if cause < EVENT:
        raise InvalidInput("cause", f"a number of at least {EVENT}", cause)
    if late := int(rows.count[rows.entry > 0].sum()):
        expected = "patients observed from the origin: the Fine-Gray model does not allow delayed entry"
        raise InvalidInput("entry", expected, f"{late} patients who entered later")
    if (rows.stratum != rows.stratum[0]).any():
        raise InvalidInput("stratum", "one stratum: the Fine-Gray model is fitted without strata", "several")
    require_events(rows, cause)
    x, scale = standardised(rows)
    days = EventDays.of(rows, cause)
    weights = _Weights.of(rows, days, cause)
    columns = columns_of(rows.covariates)
    found = maximum(
        PartialLikelihood(x, rows.count, days, weights.sums, efron=False), [str(column) for column in columns]
    )
    hazard = np.exp(found.coefficients @ x - float((found.coefficients @ x).max()))
    meat = _meat(rows, x, hazard, weights, days, found.likelihood)
    bread = found.covariance
    if np.linalg.eigvals(bread @ meat).real.min() < NO_SPREAD:
        raise NotEstimable(
            "the limits of the hazard ratios were not found: the patients do not differ in what they add to them, "
            "as where all of them have the event on one day"
        )
    covariance = bread @ meat @ bread / np.outer(scale, scale)
    coefficients = found.coefficients / scale
    outcomes = (rows.outcome == CENSORED, (rows.outcome != CENSORED) & (rows.outcome != cause))
    censored, competing = (int(rows.count[chosen].sum()) for chosen in outcomes)
    return FineGray(
        coefficients=tuple(coefficients_of(columns, coefficients, covariance, confidence)),
        covariates=tuple(covariate_tests(columns, coefficients, covariance)),
        n=rows.n,
        events=int(days.events.sum()),
        competing=competing,
        censored=censored,
        log_likelihood=found.likelihood.log_likelihood,
        log_likelihood_at_one=found.at_zero.log_likelihood,
        wald=wald_test(coefficients, covariance),
        covariance=covariance,
        cause=cause,
        confidence=confidence,
    )


@dataclass(frozen=True, eq=False)
class _Weights:
    """Sums over those at risk of the subdistribution, and the weights that they rest on.

    `on_day`, shape (T,), is G(t-) on the event days; `own`, shape (N,), G(s-) on each row's day; `competing`, shape
    (K,), the rows with a competing event. `first`, shape (N,), is the first event day that is later than the row's own.
    """

    on_day: Floats
    own: Floats
    competing: Ints
    first: Ints

    @classmethod
    def of(cls, rows: RegressionRows, days: EventDays, cause: int) -> "_Weights":
        times, place = np.unique(rows.time, return_inverse=True)
        left = np.bincount(place, weights=rows.count)
        at_risk = left[::-1].cumsum()[::-1]
        censored = np.bincount(place, weights=rows.count * (rows.outcome == CENSORED), minlength=len(times))
        before = np.concatenate([[1.0], np.cumprod((at_risk - censored) / at_risk)[:-1]])
        return cls(
            on_day=before[np.searchsorted(times, days.time)],
            own=before[place],
            competing=np.flatnonzero((rows.outcome != CENSORED) & (rows.outcome != cause)),
            first=np.searchsorted(days.time, rows.time, side="right"),
        )

    def sums(self, values: Floats) -> Floats:
        """Σ of `values`, one a row, each with its weight on the event day: shape (N,) in, (T,) out."""
        size = len(self.on_day) + 1
        at_risk = np.bincount(self.first, weights=values, minlength=size)[:0:-1].cumsum()[::-1]
        gone = np.bincount(
            self.first[self.competing], weights=values[self.competing] / self.own[self.competing], minlength=size
        )
        return np.asarray(at_risk + self.on_day * gone.cumsum()[:-1])


def _meat(
    rows: RegressionRows, x: Floats, hazard: Floats, weights: _Weights, days: EventDays, here: Likelihood
) -> Floats:
    """Σ_i (η_i + ψ_i)(η_i + ψ_i)ᵀ, shape (P, P).

    With r_i the hazard of a row, w_i(t) its weight, z̄ the weighted mean of x at risk and dΛ = d / Σ w r on event days:

        η_i = δ_i (x_i - z̄(s_i)) - r_i Σ_t w_i(t) (x_i - z̄(t)) dΛ(t)          s_i the row's day, δ_i 1 for the event
        ψ_i = c_i q(s_i) / n(s_i) - Σ_{u ≤ s_i} q(u) dc(u) / n(u)²              c_i 1 where censored, dc of n at risk
        q(u) = Σ_{competing, s_i < u} r_i Σ_{t ≥ u} w_i(t) (x_i - z̄(t)) dΛ(t)

    ψ is what it costs to estimate G: R's `crrvv`. Fine and Gray (1999), section 3.
    """
    s0 = weights.sums(rows.count * hazard)
    step = np.asarray(days.events / s0, dtype=np.float64)
    mean = np.array([weights.sums(rows.count * hazard * column) for column in x]) / s0
    grown, grown_mean = _cumulative(step), _cumulative(mean * step)
    later, later_mean = (_still_to_come(values * weights.on_day) for values in (step, mean * step))

    eta = -hazard * (x * grown[weights.first] - grown_mean[:, weights.first])
    gone = weights.competing
    share = hazard[gone] / weights.own[gone]
    eta[:, gone] -= share * (x[:, gone] * later[weights.first[gone]] - later_mean[:, weights.first[gone]])
    eta[:, days.rows] += x[:, days.rows] - mean[:, days.day]

    times, place = np.unique(rows.time, return_inverse=True)
    at_risk = np.bincount(place, weights=rows.count)[::-1].cumsum()[::-1]
    censored = np.bincount(place, weights=rows.count * (rows.outcome == CENSORED), minlength=len(times))
    ahead = np.searchsorted(days.time, times)

    def carried(values: Floats) -> Floats:
        on_day = np.bincount(place[gone], weights=rows.count[gone] * share * values, minlength=len(times))
        return _cumulative(np.asarray(on_day, dtype=np.float64))[:-1]

    carried_x = np.array([carried(column) for column in x[:, gone]])
    q = carried_x * later[ahead] - carried(np.ones(len(gone))) * later_mean[:, ahead]
    psi = -np.cumsum(q * censored / at_risk**2, axis=1)[:, place] + (rows.outcome == CENSORED) * (q / at_risk)[:, place]
    total = eta + psi
    return np.asarray((rows.count * total) @ total.T)


def _cumulative(values: Floats) -> Floats:
    """Sums of what comes before each place along the last axis, and of everything at the end: one longer."""
    return np.concatenate([np.zeros_like(values[..., :1]), np.cumsum(values, axis=-1)], axis=-1)


def _still_to_come(values: Floats) -> Floats:
    """Sums from each place on along the last axis, and 0 at the end: one longer."""
    return np.concatenate([np.cumsum(values[..., ::-1], axis=-1)[..., ::-1], np.zeros_like(values[..., :1])], axis=-1)
