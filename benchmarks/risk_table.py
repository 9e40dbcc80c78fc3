"""How much a risk table saves: Kaplan-Meier and the log-rank test on weighted rows against patients one by one.

    python benchmarks/risk_table.py [PATIENTS]

The rows go to lifelines, the tables to this package, and the results may differ by roundings only. Prints ratios, which
hold on any machine.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from timeline.survival import RiskTable, kaplan_meier, log_rank

GROUPS = 3
YEARS = 10
Result = TypeVar("Result")


def timed(call: Callable[[], Result], times: int = 3) -> tuple[float, Result]:
    """The shortest of a few runs, in seconds, and the result."""
    shortest, result = float("inf"), None
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        shortest = min(shortest, time.perf_counter() - start)
    assert result is not None
    return shortest, result


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    random = np.random.default_rng(1)
    group = np.sort(random.integers(0, GROUPS, patients))
    event = random.exponential(365.25 * (5 + group))
    censoring = random.uniform(0, 365.25 * YEARS, patients)
    days = np.minimum(event, censoring).astype(np.int64)
    outcome = (event <= censoring).astype(np.int64)

    def by_row() -> tuple[list[KaplanMeierFitter], float]:
        curves = [KaplanMeierFitter().fit(days[group == g], outcome[group == g]) for g in range(GROUPS)]
        return curves, float(multivariate_logrank_test(days, group, outcome).test_statistic)

    def make_tables() -> dict[str, RiskTable]:
        return {str(g): RiskTable.from_patients(days[group == g], outcome[group == g]) for g in range(GROUPS)}

    making, tables = timed(make_tables)
    by_table, (curves, test) = timed(lambda: ([kaplan_meier(table) for table in tables.values()], log_rank(tables)))
    rows, (fits, statistic) = timed(by_row, times=1)

    for curve, fit in zip(curves, fits, strict=True):
        if not np.allclose(curve.survival, fit.survival_function_.loc[curve.time].to_numpy()[:, 0], rtol=1e-10, atol=0):
            sys.exit("the curves differ")
    if not np.isclose(test.statistic, statistic, rtol=1e-8, atol=0):
        sys.exit(f"the log-rank statistics differ: {test.statistic} and {statistic}")
    size = sum(len(table.time) for table in tables.values())
    print(f"{patients:,} patients in {GROUPS} groups: risk tables of {size:,} rows, the same results")
    print(f"estimates from risk tables:            {rows / by_table:6.1f} times as fast as from rows")
    print(f"with the tables made from rows, too:   {rows / (by_table + making):6.1f} times as fast as from rows")


if __name__ == "__main__":
    main()
