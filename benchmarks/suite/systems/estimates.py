"""Estimates with lifelines, for the systems that have no statistics of their own; with Aalen-Johansen in numpy.

lifelines moves tied times at random before it estimates competing causes, so its own Aalen-Johansen estimate has no
place in a comparison of results.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.suite.systems.figures import Figure
from benchmarks.suite.systems.m1 import Analysis

Group = tuple[Any, Any, Any]
"""Times in days, causes (0 censored, 1 the event, 2 a competing one), and how many patients each row stands for."""


def estimate(analysis: Analysis, groups: dict[str, Group]) -> list[Figure]:
    """The figures of an analysis; the groups by label, the only one of an analysis without groups under any."""
    if analysis.causes:
        [group] = groups.values()
        return _incidence(analysis, *group)
    found: list[Figure] = []
    for label, group in groups.items():
        name = analysis.name if analysis.by is None else f"{analysis.name}, {label}"
        found += _survival(name, analysis.at, *group)
    return found + (_log_rank(analysis.name, groups) if analysis.by else [])


def _survival(name: str, at: tuple[float, ...], time: Any, cause: Any, weight: Any) -> list[Figure]:
    from lifelines import KaplanMeierFitter

    happened = cause == 1
    curve = KaplanMeierFitter().fit(time, happened, weights=weight)
    count = len(time) if weight is None else int(weight.sum())
    events = int(happened.sum()) if weight is None else int(weight[happened].sum())
    median = float(curve.median_survival_time_)
    found: list[Figure] = [(f"{name}: n", count), (f"{name}: events", events)]
    found.append((f"{name}: median", None if np.isinf(median) else median))
    for day in at:
        survival = float(curve.predict(day))
        found.append((f"{name}: at {day:g} days", survival if day <= time.max() or survival == 0 else None))
    return found


def _log_rank(name: str, groups: dict[str, Group]) -> list[Figure]:
    from lifelines.statistics import multivariate_logrank_test

    label = np.repeat(np.arange(len(groups)), [len(time) for time, _, _ in groups.values()])
    time, cause = (np.concatenate([group[part] for group in groups.values()]) for part in (0, 1))
    weights = [weight for _, _, weight in groups.values()]
    weight = None if weights[0] is None else np.concatenate(weights)
    test = multivariate_logrank_test(time, label, cause == 1, weights=weight)
    return [(f"{name}: chi-square", float(test.test_statistic)), (f"{name}: p", float(test.p_value))]


def _incidence(analysis: Analysis, time: Any, cause: Any, weight: Any) -> list[Figure]:
    """F_k(t) = Σ_{s ≤ t} S(s-) · d_k(s) / n(s), S the Kaplan-Meier estimate of having had no event of any kind."""
    causes = len(analysis.causes)
    days, place = np.unique(time, return_inverse=True)
    left = np.stack([np.bincount(place[cause == k], _of(weight, cause == k), len(days)) for k in range(causes + 1)])
    total = left.sum(axis=0)
    at_risk = total[::-1].cumsum()[::-1]
    hazard = left[1:] / at_risk
    before = np.concatenate([[1.0], np.cumprod(1 - hazard.sum(axis=0))[:-1]])
    incidence = np.cumsum(before * hazard, axis=1)
    found: list[Figure] = [(f"{analysis.name}: n", int(total.sum()))]
    for number, name in enumerate(analysis.causes):
        label = f"{analysis.name}, {name}"
        found.append((f"{label}: events", int(left[number + 1].sum())))
        for day in analysis.at:
            last = np.searchsorted(days, day, side="right") - 1
            followed = day <= days[-1] or np.isclose(before[-1] * (1 - hazard[:, -1].sum()), 0)
            value = (0.0 if last < 0 else float(incidence[number, last])) if followed else None
            found.append((f"{label}: at {day:g} days", value))
    return found


def _of(weight: Any, rows: Any) -> Any:
    return None if weight is None else weight[rows]
