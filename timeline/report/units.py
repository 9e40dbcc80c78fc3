"""The one unit of the times that a table of groups shows together."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.report.words import Unit, unit
from timeline.study.results import ComparisonResult, Survived
from timeline.survival import Quantile


def medians(groups: Sequence[Survived]) -> Unit:
    return unit(days for group in groups for days in _times(group.median))


def quantiles(groups: Sequence[Survived]) -> Unit:
    return unit(days for group in groups for item in group.quantiles for days in _times(item))


def means(groups: Sequence[Survived]) -> Unit:
    found = [group.restricted_mean for group in groups if group.restricted_mean is not None]
    return unit(days for mean in found for days in (mean.mean, mean.lower, mean.upper))


def differences(result: ComparisonResult) -> Unit:
    return unit(
        days for mean in result.means for days in (mean.difference, mean.difference_lower, mean.difference_upper)
    )


def follow_up(groups: Sequence[Survived]) -> Unit:
    found = [group.follow_up for group in groups if group.follow_up is not None]
    return unit(days for item in found for days in (*_times(item.median), item.shortest, item.longest))


def _times(found: Quantile) -> tuple[float | None, ...]:
    return found.time, found.lower, found.upper
