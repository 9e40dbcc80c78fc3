"""Restricted mean survival time: the average time without the event within a horizon.

lifelines gives the area under the curve, without a standard error. Differences and ratios of groups are left to
`mean_contrast`.
"""

import math
from dataclasses import dataclass

import numpy as np

from timeline.survival.curve import kaplan_meier
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.limits import normal_quantile
from timeline.survival.table import RiskTable


@dataclass(frozen=True)
class RestrictedMean:
    """Mean time without the event within `horizon`, all in days; limits are mean ± z · standard_error."""

    horizon: float
    mean: float
    standard_error: float
    lower: float
    upper: float
    confidence: float


def restricted_mean(table: RiskTable, horizon: float, confidence: float = 0.95) -> RestrictedMean:
    """The area under the Kaplan-Meier curve from 0 to `horizon`.

        standard_error² = Σ A_s² d_s / (n_s (n_s - d_s))    over days s before the horizon, A_s the area from s on

    Raises InvalidInput for a horizon that is not above 0, and as `kaplan_meier` does; NotEstimable for a horizon after
    the last patient's time, unless everyone had the event by then: the curve is not known there.
    Source: Klein and Moeschberger (2003), Survival Analysis, section 4.5; R's `survfit(…)` with `rmean`, and `survRM2`.
    """
    if not 0 < horizon < math.inf:
        raise InvalidInput("horizon", "a time above 0", horizon)
    curve = kaplan_meier(table, confidence)
    if horizon > table.last and curve.survival[-1] > 0:
        raise NotEstimable(
            f"the mean within {horizon:g} days is not known: nobody was followed beyond day {table.last}"
        )
    within = curve.time < horizon
    edges = np.concatenate([[0.0], curve.time[within], [horizon]])
    areas = np.diff(edges) * np.concatenate([[1.0], curve.survival[within]])
    beyond = np.cumsum(areas[:0:-1])[::-1]
    events = curve.events[within].astype(np.float64)
    stay = curve.at_risk[within] - events
    # Where nobody stays, nothing lies beyond: that day adds no variance.
    terms = np.divide(beyond**2 * events, (stay + events) * stay, out=np.zeros_like(events), where=stay > 0)
    mean, standard_error = float(areas.sum()), math.sqrt(terms.sum())
    reach = normal_quantile(confidence) * standard_error
    return RestrictedMean(horizon, mean, standard_error, mean - reach, mean + reach, confidence)
