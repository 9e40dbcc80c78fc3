"""Confidence limits that several estimators share. Standard errors are left to each estimator."""

from statistics import NormalDist
from typing import Literal

import numpy as np

from timeline.survival.errors import InvalidInput
from timeline.survival.table import Floats

# Survival and incidence are sums and products of ratios of patient counts, which floating point gets right to about
# 1e-13, while the smallest step of a real curve is one patient in all: anything closer than this to a level is on it.
LEVEL_TOLERANCE = 1e-9

Limits = Literal["log-log", "log", "plain"]


def require_share(argument: str, value: float) -> None:
    """Raises InvalidInput unless `value` lies between 0 and 1, both excluded."""
    if not 0 < value < 1:
        raise InvalidInput(argument, "a number between 0 and 1", value)


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval reaches to each side: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def limits_of(share: Floats, standard_error: Floats, confidence: float, limits: Limits) -> tuple[Floats, Floats]:
    """Limits of probabilities p with their standard errors, arrays of equal shape; lower first.

        log-log   exp(-exp( log(-log p) ± z · standard_error / (p log p) ))
        log       p · exp(± z · standard_error / p), at most 1
        plain     p ± z · standard_error, at least 0 and at most 1

    NaN where p is 0, which has no standard error, and on the log-log scale where p is 1, which it cannot bound.
    Source: Kalbfleisch and Prentice (2002), The Statistical Analysis of Failure Time Data, section 1.4; R's
    `conf.type`. Raises InvalidInput for other limits.
    """
    reach = normal_quantile(confidence) * standard_error
    match limits:
        case "log-log":
            p = np.where((share > 0) & (share < 1 - LEVEL_TOLERANCE), share, np.nan)
            centre, width = np.log(-np.log(p)), reach / (p * np.log(p))
            # p log p is negative, and so is `width`: subtracting it raises the centre, which lowers the probability.
            return np.exp(-np.exp(centre - width)), np.exp(-np.exp(centre + width))
        case "log":
            p = np.where(share > 0, share, np.nan)
            return p * np.exp(-reach / p), np.minimum(p * np.exp(reach / p), 1)
        case "plain":
            p = np.where(share > 0, share, np.nan)
            return np.maximum(p - reach, 0), np.minimum(p + reach, 1)
        case _:
            raise InvalidInput("limits", '"log-log", "log" or "plain"', repr(limits))
