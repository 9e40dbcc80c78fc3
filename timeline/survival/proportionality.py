"""Are hazards proportional? The Grambsch-Therneau test of a Cox regression."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from timeline.survival.chi_square import ChiSquare
from timeline.survival.covariates import columns_of
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.partial_likelihood import EventDays
from timeline.survival.regression import CovariateTest, CoxRegression, likelihood_of, places_of
from timeline.survival.rows import RegressionRows
from timeline.survival.table import Floats, RiskTable

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
    """The test of the fit of these rows.

    It is the score test of the covariates x·g(t) added to the model. With r the Schoenfeld residuals of a day's events
    and V the covariance of the covariates at risk on it (Efron's average over the events), in sums over the days:

        u = (0, Σ g r),   I = [[Σ V, Σ g V], [Σ g V, Σ g² V]],   statistic = uᵀ I⁻¹ u

    for all covariates, or with only one covariate's rows and columns of the second half, whose levels are tested
    together. g(t) is 1 - S(t-) with the Kaplan-Meier survival of all rows without strata ("km"), t ("identity"), the
    rank of t among all rows, ties averaged ("rank"), or log t ("log"); less its mean over the events.
    Raises InvalidInput for an unknown transform, for "log" with an event on day 0, and for a fit of other covariates;
    NotEstimable where g(t) is the same at all events.
    Source: Grambsch and Therneau (1994), Biometrika 81:515-526; R's `cox.zph` since survival 3.0, which has the exact V
    of each day where it was once approximated by the mean of all.
    """
    columns = columns_of(rows.covariates)
    if [(c.covariate, c.level) for c in fit.coefficients] != [(c.covariate, c.level) for c in columns]:
        raise InvalidInput("fit", "the regression of these rows", "one of other covariates")
    likelihood, scale = likelihood_of(rows)
    here = likelihood.at(np.array([c.coefficient for c in fit.coefficients]) * scale)
    g = _transformed(rows, likelihood.days, transform)
    p = len(columns)
    u = np.concatenate([np.zeros(p), here.residuals @ g])
    main, cross, own = here.information(), here.information(g), here.information(g**2)
    information = np.block([[main, cross], [cross, own]])

    def test(places: list[int]) -> ChiSquare:
        chosen = [*range(p), *(p + place for place in places)]
        slope = u[chosen]
        try:
            statistic = float(slope @ np.linalg.solve(information[np.ix_(chosen, chosen)], slope))
        except np.linalg.LinAlgError as error:
            raise NotEstimable("too few events to see whether hazards are proportional") from error
        return ChiSquare.of(statistic, len(places))

    return ProportionalityTest(
        tuple(CovariateTest(name, test(places)) for name, places in places_of(columns).items()),
        test(list(range(p))),
        transform,
    )


def _transformed(rows: RegressionRows, days: EventDays, transform: Transform) -> Floats:
    """g on each event day less its mean over the events, scaled to a spread of 1, which the test does not notice."""
    time: Floats = days.time.astype(np.float64)
    match transform:
        case "km":
            steps = RiskTable(rows.time, rows.outcome, rows.count, rows.entry).steps()
            survival = np.cumprod((steps.at_risk - steps.events) / steps.at_risk)
            g = 1 - np.concatenate([[1.0], survival])[np.searchsorted(steps.time, days.time)]
        case "identity":
            g = time
        case "rank":
            times, at = np.unique(rows.time, return_inverse=True)
            patients = np.bincount(at, weights=rows.count)
            ranks = np.cumsum(patients) - (patients - 1) / 2
            g = ranks[np.searchsorted(times, days.time)]
        case "log":
            if not (days.time > 0).all():
                raise InvalidInput("transform", '"km", "identity" or "rank" with an event on day 0', '"log"')
            g = np.log(time)
        case _:
            raise InvalidInput("transform", '"km", "identity", "rank" or "log"', repr(transform))
    g = g - np.average(g, weights=days.events)
    spread = np.sqrt(np.average(g**2, weights=days.events))
    if not spread > 1e-12 * max(1.0, float(np.abs(g).max())):
        raise NotEstimable("all events fall on one day, so that no hazard ratio can be seen to change")
    return np.asarray(g / spread)
