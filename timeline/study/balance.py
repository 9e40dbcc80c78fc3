"""How alike groups are in a characteristic: standardized differences and tests, from counts and summaries alone.

Missing values are in none of them. A difference is the largest between any two of the groups; None stands where a
quantity has no value, such as the test of one group.
"""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from timeline.study.results import BalanceTest, NumberSummary

SMALL_EXPECTED = 5
"""Below so many expected patients in a cell, the chi-square distribution is no good approximation (Cochran's rule)."""

Cross = Sequence[Sequence[int]]
"""Patients by level, then by group."""


def difference_of_means(groups: Sequence[NumberSummary]) -> float | None:
    """|m₁ - m₂| / √((s₁² + s₂²) / 2), of means m and standard deviations s.

    Source: Austin (2009), Statistics in Medicine 28:3083-3107, equation 1.
    """
    found = []
    for one, two in combinations(groups, 2):
        if one.mean is None or two.mean is None or one.sd is None or two.sd is None:
            return None
        spread = math.sqrt((one.sd**2 + two.sd**2) / 2)
        if not spread and one.mean != two.mean:
            return None
        found.append(abs(one.mean - two.mean) / spread if spread else 0.0)
    return max(found, default=None)


def difference_of_shares(cross: Cross) -> float | None:
    """√((p - q)' S⁻¹ (p - q)) for the shares p and q of all levels but one in two groups, with

        S_kk = (p_k (1 - p_k) + q_k (1 - q_k)) / 2        S_kl = -(p_k p_l + q_k q_l) / 2

    For two levels this is |p - q| / √((p (1 - p) + q (1 - q)) / 2).
    Source: Yang and Dalton (2012), SAS Global Forum, paper 335.
    """
    counts = np.array(cross, dtype=np.float64)
    if counts.size == 0 or (counts.sum(axis=0) == 0).any():
        return None
    shares = counts / counts.sum(axis=0)
    found = [_distance(shares[:, one], shares[:, two]) for one, two in combinations(range(shares.shape[1]), 2)]
    known = [distance for distance in found if distance is not None]
    return max(known, default=None) if len(known) == len(found) else None


def _distance(p: npt.NDArray[np.float64], q: npt.NDArray[np.float64]) -> float | None:
    there = (p > 0) | (q > 0)
    p, q = p[there][1:], q[there][1:]
    if np.array_equal(p, q):
        return 0.0
    spread = -(np.outer(p, p) + np.outer(q, q)) / 2
    np.fill_diagonal(spread, (p * (1 - p) + q * (1 - q)) / 2)
    if np.linalg.matrix_rank(spread) < len(p):
        return None
    return float(math.sqrt((p - q) @ np.linalg.solve(spread, p - q)))


def rank_test(groups: Sequence[Sequence[tuple[float, int]]]) -> BalanceTest | None:
    """Kruskal and Wallis's test, for two groups Wilcoxon's rank-sum test (normal approximation, no continuity
    correction), of groups that are given as values with how many patients have them.

        H = (12 / (N (N + 1)) Σ R_j² / n_j - 3 (N + 1)) / (1 - Σ (t³ - t) / (N³ - N))

    R_j is the sum of ranks in group j of n_j; t patients are tied at a value, and share the mean of their ranks.
    Source: Kruskal and Wallis (1952), JASA 47:583-621; R's `kruskal.test`.
    """
    from scipy.stats import chi2

    groups = [group for group in groups if group]
    values = np.array([value for group in groups for value, _ in group])
    count = np.array([patients for group in groups for _, patients in group], dtype=np.float64)
    place = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    if len(groups) < 2 or len(np.unique(values)) < 2:
        return None
    _, tie = np.unique(values, return_inverse=True)
    tied = np.bincount(tie, weights=count)
    rank = (np.cumsum(tied) - (tied - 1) / 2)[tie]
    n = float(count.sum())
    size = np.bincount(place, weights=count)
    ranks = np.bincount(place, weights=count * rank)
    h = 12 / (n * (n + 1)) * float((ranks**2 / size).sum()) - 3 * (n + 1)
    h /= 1 - float((tied**3 - tied).sum()) / (n**3 - n)
    name = "Wilcoxon rank-sum test" if len(groups) == 2 else "Kruskal-Wallis test"
    return BalanceTest(name, float(chi2.sf(h, len(groups) - 1)))


def mean_test(groups: Sequence[NumberSummary]) -> BalanceTest | None:
    """Welch's test of means without the assumption of equal variances; for two groups his t test.

        F = Σ w_j (m_j - m)² / (k - 1) / (1 + 2 (k - 2) / (k² - 1) L)      w_j = n_j / s_j²,  m = Σ w_j m_j / Σ w_j
        L = Σ (1 - w_j / Σ w)² / (n_j - 1)                                 on k - 1 and (k² - 1) / (3 L) degrees

    Source: Welch (1951), Biometrika 38:330-336; R's `oneway.test`, and `t.test` for two groups.
    """
    from scipy.stats import f

    given = [(group.known, group.mean, group.sd) for group in groups if group.mean is not None and group.sd]
    if len(given) < 2 or len(given) < sum(group.known > 0 for group in groups):
        return None
    n, mean, sd = (np.array(part, dtype=np.float64) for part in zip(*given, strict=True))
    k, weight = len(given), n / sd**2
    centre = (weight * mean).sum() / weight.sum()
    spread = float(((1 - weight / weight.sum()) ** 2 / (n - 1)).sum())
    statistic = float((weight * (mean - centre) ** 2).sum()) / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * spread)
    name = "Welch's t test" if k == 2 else "Welch's ANOVA"
    return BalanceTest(name, float(f.sf(statistic, k - 1, (k**2 - 1) / (3 * spread))))


def count_test(cross: Cross) -> BalanceTest | None:
    """Pearson's chi-square test without continuity correction; of four cells with a small expected count, Fisher's.

    Source: R's `chisq.test(…, correct = FALSE)` and `fisher.test`.
    """
    from scipy.stats import chi2_contingency, fisher_exact

    if not cross:
        return None
    counts = np.array(cross, dtype=np.int64)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    if min(counts.shape) < 2:
        return None
    test = chi2_contingency(counts, correction=False)
    small = bool((test.expected_freq < SMALL_EXPECTED).any())
    if small and counts.shape == (2, 2):
        return BalanceTest("Fisher's exact test", float(fisher_exact(counts).pvalue))
    name = "chi-square test" + (f" (some expected counts below {SMALL_EXPECTED})" if small else "")
    return BalanceTest(name, float(test.pvalue))
