"""How much grouping saves a regression: Cox and Fine-Gray on rows with counts against patients one by one.

    python benchmarks/regression.py [PATIENTS]

The results must be the same. Prints ratios, which hold on any machine.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from timeline.survival import Factor, Numeric, RegressionRows, cox_regression, fine_gray

ARMS = ("a", "b", "c")
YEARS = 10
Result = TypeVar("Result")


def timed(call: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    random = np.random.default_rng(1)
    arm, decade = random.integers(0, len(ARMS), patients), random.integers(4, 9, patients)
    event = random.exponential(365.25 * 8 * np.exp(0.3 * arm - 0.2 * (decade - 6)))
    censoring = random.uniform(0, 365.25 * YEARS, patients)
    days = np.minimum(event, censoring).astype(np.int64)
    cause = np.where(event <= censoring, random.integers(1, 3, patients), 0)

    def rows(columns: tuple[np.ndarray, ...], count: np.ndarray | None = None) -> RegressionRows:
        days, cause, arm, decade = columns
        return RegressionRows(days, cause, [Factor("arm", ARMS, arm), Numeric("decade", decade)], count)

    single = (days, cause, arm, decade)
    grouping, (unique, count) = timed(lambda: np.unique(np.stack(single), axis=1, return_counts=True))
    grouped = tuple(unique)
    print(f"{patients:,} patients in {len(count):,} rows with counts, grouped in {grouping:.1f} s")

    def any_cause(columns: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        return (columns[0], np.minimum(columns[1], 1), *columns[2:])

    for name, fit, of in (("Cox", cox_regression, any_cause), ("Fine-Gray", fine_gray, tuple)):
        by_row, one = timed(lambda fit=fit, of=of: fit(rows(of(single))))
        by_count, two = timed(lambda fit=fit, of=of: fit(rows(of(grouped), count)))
        for a, b in zip(one.coefficients, two.coefficients, strict=True):
            if not np.allclose((a.coefficient, a.standard_error), (b.coefficient, b.standard_error), rtol=1e-8):
                sys.exit(f"{name}: the coefficients differ")
        print(f"{name + ':':<12}{by_row / by_count:6.1f} times as fast as patients one by one, with the same result")


if __name__ == "__main__":
    main()
