"""Restricted mean survival times of two groups compared: their difference and their ratio."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from timeline.survival.chi_square import ChiSquare
from timeline.survival.errors import NotEstimable
from timeline.survival.groups import require_reference, require_two
from timeline.survival.limits import normal_quantile
from timeline.survival.mean import RestrictedMean, restricted_mean
from timeline.survival.table import RiskTable


@dataclass(frozen=True)
class Contrast:
    """A difference or a ratio with its limits, and the p-value of the test that there is none."""

    value: float
    lower: float
    upper: float
    standard_error: float
    p_value: float


@dataclass(frozen=True)
class RestrictedMeanContrast:
    """`label` against `reference` within one horizon: their means (days), the difference (days) and the ratio.

    `ratio` is None where a mean is 0; its standard error is that of the logarithm.
    """

    label: str
    reference: str
    horizon: float
    mean: RestrictedMean
    reference_mean: RestrictedMean
    difference: Contrast
    ratio: Contrast | None
    confidence: float


def contrast_restricted_means(
    tables: Mapping[str, RiskTable], horizon: float, reference: str | None = None, confidence: float = 0.95
) -> tuple[RestrictedMeanContrast, ...]:
    """Each group against `reference` (the first), with means within the same horizon (days).

        difference   m - m₀                   standard_error = √(se² + se₀²)
        ratio        m / m₀                   standard_error of its logarithm = √((se / m)² + (se₀ / m₀)²)
        limits       difference ± z · standard_error;   ratio · exp(± z · standard_error)
        p_value      of (difference / standard_error)², (log ratio / standard_error)²: chi-square, 1 degree of freedom

    Raises InvalidInput for fewer than two groups or an unknown reference, and as `restricted_mean` does; NotEstimable
    also where no group has a standard error: nobody had the event within the horizon.
    Source: Royston and Parmar (2013), BMC Medical Research Methodology 13:152; Uno et al. (2014), JCO 32:2380-2385;
    R's `survRM2::rmst2`, unadjusted.
    """
    reference = require_reference(require_two(tables), reference)
    means = {label: _named(label, table, horizon, confidence) for label, table in tables.items()}
    return tuple(
        _contrast(label, reference, mean, means[reference]) for label, mean in means.items() if label != reference
    )


def _named(label: str, table: RiskTable, horizon: float, confidence: float) -> RestrictedMean:
    try:
        return restricted_mean(table, horizon, confidence)
    except NotEstimable as error:
        raise NotEstimable(f"group {label!r}: {error}") from error


def _contrast(label: str, reference: str, one: RestrictedMean, two: RestrictedMean) -> RestrictedMeanContrast:
    z = normal_quantile(one.confidence)
    difference, error = one.mean - two.mean, math.hypot(one.standard_error, two.standard_error)
    if not error:
        raise NotEstimable(
            f"the means of {label!r} and {reference!r} have no standard error to compare them by: "
            f"within {one.horizon:g} days nobody of them had the event, or everybody on one day"
        )
    ratio = None
    if one.mean > 0 and two.mean > 0:
        log_ratio = math.log(one.mean / two.mean)
        log_error = math.hypot(one.standard_error / one.mean, two.standard_error / two.mean)
        bounds = (math.exp(log_ratio - z * log_error), math.exp(log_ratio + z * log_error))
        p_value = ChiSquare.of((log_ratio / log_error) ** 2, 1).p_value
        ratio = Contrast(one.mean / two.mean, *bounds, log_error, p_value)
    p_value = ChiSquare.of((difference / error) ** 2, 1).p_value
    return RestrictedMeanContrast(
        label,
        reference,
        one.horizon,
        mean=one,
        reference_mean=two,
        difference=Contrast(difference, difference - z * error, difference + z * error, error, p_value),
        ratio=ratio,
        confidence=one.confidence,
    )
