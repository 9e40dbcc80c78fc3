"""What lifelines estimates exactly on a risk table: the Kaplan-Meier curve and the log-rank test.

Not with delayed entry, where lifelines has those who enter on a day at risk on that day and refuses a curve that comes
down to 0 before everyone has entered; `curve` and `rank_test` then take the sums that they need anyway. lifelines is
imported with the first estimate.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from timeline.survival.table import Floats, Ints, RiskTable


class FittedCurve(NamedTuple):
    """Survival just after each of T days and its limits on the log-log scale: arrays of shape (T,)."""

    survival: Floats
    lower: Floats
    upper: Floats


def applies(tables: Sequence[RiskTable]) -> bool:
    """Whether nobody enters late."""
    return not any(table.delayed for table in tables)


def fitted_curve(table: RiskTable, days: Ints, confidence: float) -> FittedCurve:
    from lifelines import KaplanMeierFitter

    with np.errstate():  # lifelines changes numpy's error handling for the whole process; leaving this block undoes it
        fit = KaplanMeierFitter(alpha=1 - confidence)
        fit.fit(table.time, event_observed=table.outcome, weights=table.count)
        survival = fit.survival_function_.loc[days].to_numpy()[:, 0]
        lower, upper = fit.confidence_interval_.loc[days].to_numpy().T
    bounded = (survival > 0) & (survival < 1)
    return FittedCurve(survival, np.where(bounded, lower, np.nan), np.where(bounded, upper, np.nan))


def log_rank_statistic(tables: Mapping[str, RiskTable]) -> float:
    """The chi-square statistic of groups that can all be compared."""
    from lifelines.statistics import multivariate_logrank_test

    rows = list(tables.values())
    with np.errstate():
        fit = multivariate_logrank_test(
            np.concatenate([table.time for table in rows]),
            np.repeat(np.arange(len(rows)), [len(table.time) for table in rows]),
            np.concatenate([table.outcome for table in rows]),
            weights=np.concatenate([table.count for table in rows]),
        )
    return float(fit.test_statistic)
