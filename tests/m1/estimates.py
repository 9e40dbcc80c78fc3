"""Kaplan-Meier and log-rank estimates as the figures of the M1 study need them, from lifelines."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

HALF = 0.5 + 1e-9
"""Products such as 35/36 * 34/35 * … reach one half only up to rounding."""


class Times(NamedTuple):
    """Days and whether the event happened, of the patients whose time is known."""

    days: "pd.Series[float]"
    happened: "pd.Series[bool]"


def times(patients: pd.DataFrame, days: str, happened: str) -> Times:
    known = patients[patients[days].notna()]
    return Times(known[days].astype(float), known[happened].astype(bool))


def survival(observed: Times, day: float) -> float:
    """The Kaplan-Meier estimate at a time; NaN without patients."""
    if observed.days.empty:
        return math.nan
    return float(_fit(observed).predict(day))


def median(observed: Times) -> float:
    """The smallest time at which the estimate is 0.5 or less; NaN where it is not reached."""
    return _median(observed, midpoint=False)


def midpoint_median(observed: Times) -> float:
    """As `median`, but the middle of the interval on which the estimate is exactly 0.5, as R's survfit has it."""
    return _median(observed, midpoint=True)


def reverse_median(observed: Times) -> float:
    """Median follow-up: the Kaplan-Meier median with the event and censoring exchanged."""
    return median(Times(observed.days, ~observed.happened))


def log_rank(one: Times, other: Times) -> float:
    """Two-sided p-value; NaN where a group or all events are missing."""
    if one.days.empty or other.days.empty or not (one.happened.any() or other.happened.any()):
        return math.nan
    return float(logrank_test(one.days, other.days, one.happened, other.happened).p_value)


def _fit(observed: Times) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit(observed.days, observed.happened)


def _median(observed: Times, *, midpoint: bool) -> float:
    if observed.days.empty:
        return math.nan
    curve = _fit(observed).survival_function_.iloc[:, 0]
    reached = curve.index[curve <= HALF]
    if reached.empty:
        return math.nan
    beyond = curve.index[curve < 1 - HALF]
    if midpoint and not beyond.empty and not math.isclose(reached[0], beyond[0]):
        return float(np.mean([reached[0], beyond[0]]))
    return float(reached[0])
