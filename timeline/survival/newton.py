"""The coefficients at which a partial likelihood is greatest, or why there are none.

What the likelihood is, is left to `partial_likelihood`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from timeline.survival.chi_square import ChiSquare
from timeline.survival.errors import NotEstimable
from timeline.survival.partial_likelihood import Likelihood, PartialLikelihood
from timeline.survival.table import Floats

STEPS = 60
# Steps are measured by how far they move the log hazard ratio between the extremes of a covariate. Newton's method
# squares the error: the step after one of 1e-7 would be about 1e-14.
SMALL = 1e-7
# Where the likelihood has no maximum, each step is about 1 for ever while the gain falls by e each time; where it has
# one, steps of this length gain more than this until they shrink.
LONG, FLAT = 0.05, 1e-11
# Far from the maximum the curvature says little about where it is: no step moves a log hazard ratio by more than this.
LONGEST = 4.0
# A covariate whose variance among those at risk is less than this share of itself once the others are known is a
# combination of them, but for rounding.
COLLINEAR = 1e-10


@dataclass(frozen=True, eq=False)
class Maximum:
    """Coefficients, shape (P,), the likelihood there and where all are 0, and the inverse of the information."""

    coefficients: Floats
    covariance: Floats
    likelihood: Likelihood
    at_zero: Likelihood

    @property
    def likelihood_ratio(self) -> ChiSquare:
        """Twice the gain of the log-likelihood."""
        gain = self.likelihood.log_likelihood - self.at_zero.log_likelihood
        return ChiSquare.of(max(0.0, 2 * gain), len(self.coefficients))

    @property
    def score(self) -> ChiSquare:
        """The slope at 0, squared, over its variance."""
        slope = self.at_zero.score()
        return ChiSquare.of(float(slope @ np.linalg.solve(self.at_zero.information(), slope)), len(slope))


def maximum(likelihood: PartialLikelihood, names: Sequence[str]) -> Maximum:
    """The maximum of a likelihood whose columns have these names, by Newton's method with halved steps.

    Raises NotEstimable where a column does not vary among those at risk or follows from others, where its coefficient
    grows without bound, and where no maximum is found.
    """
    x = likelihood.design
    reach = np.ptp(x, axis=1)
    coefficients = np.zeros(len(x))
    at_zero = here = likelihood.at(coefficients)
    _require_rank(here.information(), reach, names)
    for _ in range(STEPS):
        step = _newton_step(here)
        if step is None or not np.isfinite(step).all():
            break
        length = float(np.abs(step * reach).max())
        if length > LONG and abs(float(step @ here.score())) < FLAT:
            break
        there, step = _uphill(likelihood, coefficients, here, step * (LONGEST / max(length, LONGEST)))
        coefficients, here = coefficients + step, there
        if length < SMALL:
            covariance = np.asarray(np.linalg.inv(here.information()), dtype=np.float64)
            return Maximum(coefficients, covariance, here, at_zero)
    most = int(np.argmax(np.abs(coefficients * reach)))
    if np.abs(coefficients * reach)[most] > 10:
        limit = "infinite" if coefficients[most] > 0 else "0"
        raise NotEstimable(
            f"the hazard ratio of {names[most]} would be {limit}: with the other covariates it separates the patients "
            "with the event from those at risk; leave it out or merge levels"
        )
    raise NotEstimable(f"the hazard ratios were not found: the fit did not converge in {STEPS} steps")


def _newton_step(here: Likelihood) -> Floats | None:
    try:
        return np.asarray(np.linalg.solve(here.information(), here.score()))
    except np.linalg.LinAlgError:
        return None


def _uphill(
    likelihood: PartialLikelihood, coefficients: Floats, here: Likelihood, step: Floats
) -> tuple[Likelihood, Floats]:
    """The likelihood after the step, halved until it is no lower than here but for rounding."""
    rounding = 1e-12 * (1 + abs(here.log_likelihood))
    with np.errstate(all="ignore"):
        for _ in range(40):
            there = likelihood.at(coefficients + step)
            # A step so long that hazards are beyond all numbers has no likelihood.
            if here.log_likelihood - rounding <= there.log_likelihood < np.inf:
                return there, step
            step = step / 2
    return here, np.zeros_like(step)


def _require_rank(information: Floats, reach: Floats, names: Sequence[str]) -> None:
    spread = np.sqrt(np.maximum(np.diag(information), 0))
    for name, own, whole in zip(names, spread, reach, strict=True):
        if own <= np.sqrt(COLLINEAR) * 1e-3 * whole or whole == 0:
            raise NotEstimable(f"{name} does not vary among the patients at risk at any event; leave it out")
    correlation = information / np.outer(spread, spread)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < COLLINEAR:
        involved = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > 1e-4]
        raise NotEstimable(f"{' and '.join(involved)} follow from each other, so they have no separate hazard ratios")
