"""Weights of the log-rank family: how much the difference on a day counts, by how many are still at risk there.

What is weighted, and the test, is left to `rank_test`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from timeline.survival.errors import InvalidInput
from timeline.survival.table import Floats

NamedWeights = Literal["log-rank", "gehan-wilcoxon", "tarone-ware", "peto-peto"]


@dataclass(frozen=True)
class FlemingHarrington:
    """W(t) = S(t-)^p · (1 - S(t-))^q with the pooled Kaplan-Meier survival S just before t, and p, q of at least 0.

    p = 1, q = 0 weights early differences, p = 0, q = 1 late ones, p = q = 0 is the log-rank test. R's
    `survdiff(…, rho = p)` is q = 0, and what its help calls the Peto-Peto modification is p = 1, q = 0.
    Source: Fleming and Harrington (1991), Counting Processes and Survival Analysis, section 7.2.
    """

    p: float
    q: float

    def __post_init__(self) -> None:
        for name in ("p", "q"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InvalidInput(f"FlemingHarrington.{name}", "a number of at least 0", getattr(self, name))


Weights = NamedWeights | FlemingHarrington


def weights_on(at_risk: Floats, events: Floats, weights: Weights) -> Floats:
    """W(t) on T days from the n at risk and the d events of all groups together; all arrays of shape (T,).

        log-rank        1
        gehan-wilcoxon  n                         Gehan (1965), Biometrika 52:203-223; Breslow (1970)
        tarone-ware     √n                        Tarone and Ware (1977), Biometrika 64:156-160
        peto-peto       Π_{s ≤ t} (1 - d/(n + 1))   Peto and Peto (1972), JRSS A 135:185-207, the day itself included

    Raises InvalidInput for unknown weights.
    """
    match weights:
        case "log-rank":
            return np.ones_like(at_risk)
        case "gehan-wilcoxon":
            return at_risk
        case "tarone-ware":
            return np.asarray(np.sqrt(at_risk))
        case "peto-peto":
            return np.asarray(np.cumprod(1 - events / (at_risk + 1)), dtype=np.float64)
        case FlemingHarrington(p=p, q=q):
            after = np.cumprod(1 - np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0))
            before = np.concatenate([[1.0], after[:-1]])
            return np.asarray(before**p * (1 - before) ** q)
        case _:
            expected = '"log-rank", "gehan-wilcoxon", "tarone-ware", "peto-peto" or FlemingHarrington(p, q)'
            raise InvalidInput("weights", expected, repr(weights))
