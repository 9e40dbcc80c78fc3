"""Confidence limits that several estimators share. Standard errors are left to each estimator."""

from statistics import NormalDist

import numpy as np

from timeline.survival.errors import InvalidInput
from timeline.survival.table import Floats

# Survival and incidence are sums and products of ratios of patient counts, which floating point gets right to about
# 1e-13, while the smallest step of a real curve is one patient in all: anything closer than this to a level is on it.
LEVEL_TOLERANCE = 1e-9


def require_share(argument: str, value: float) -> None:
    """Raises InvalidInput unless `value` lies between 0 and 1, both excluded."""
    if not 0 < value < 1:
        raise InvalidInput(argument, "a number between 0 and 1", value)


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval reaches to each side: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def log_log_limits(share: Floats, standard_error: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Limits of probabilities, on the scale on which they stay between 0 and 1; arrays of equal shape.

    exp(-exp( log(-log p) ± z · standard_error / (p log p) )), lower first; NaN where p is 0 or 1, which the scale
    cannot bound. Source: Kalbfleisch and Prentice (2002), The Statistical Analysis of Failure Time Data, section 1.4;
    R's `conf.type = "log-log"`.
    """
    bounded = (share > 0) & (share < 1 - LEVEL_TOLERANCE)
    p = np.where(bounded, share, np.nan)
    width = normal_quantile(confidence) * standard_error / (p * np.log(p))
    centre = np.log(-np.log(p))
    # p log p is negative, and so is `width`: subtracting it raises the centre, which lowers the probability.
    return np.exp(-np.exp(centre - width)), np.exp(-np.exp(centre + width))
