"""Log-rank tests: do groups differ in how fast their patients have the event?

lifelines computes the plain test. It has no strata and reports no expected numbers: those come from the few lines of
linear algebra here, which a test holds equal to lifelines where both apply. How large a difference is, is left to
`hazard`; the test for competing causes to `gray`.
"""

from collections.abc import Mapping

import numpy as np

from timeline.survival.groups import RankTest, Scores, require_two, side_by_side, sizes, variance_of_sums_to_zero
from timeline.survival.table import RiskTable, require_single_cause


def log_rank(tables: Mapping[str, RiskTable]) -> RankTest:
    """The log-rank test between two or more groups, each a risk table under its label.

    Raises InvalidInput for fewer than two groups or competing causes; NotEstimable where no comparison is possible.
    Source: Mantel (1966), Cancer Chemotherapy Reports 50:163-170, with the hypergeometric variance for ties.
    """
    from lifelines.statistics import multivariate_logrank_test

    scores = _scores(require_two(tables))
    rows = [table for table, compared in zip(tables.values(), scores.compared(), strict=True) if compared]
    with np.errstate():  # lifelines changes numpy's error handling for the whole process; leaving this block undoes it
        fit = multivariate_logrank_test(
            np.concatenate([table.time for table in rows]),
            np.repeat(np.arange(len(rows)), [len(table.time) for table in rows]),
            np.concatenate([table.outcome for table in rows]),
            weights=np.concatenate([table.count for table in rows]),
        )
    return RankTest(float(fit.test_statistic), len(rows) - 1, float(fit.p_value), scores.parts(sizes(tables)))


def stratified_log_rank(strata: Mapping[str, Mapping[str, RiskTable]]) -> RankTest:
    """The log-rank test between groups within strata: tables by stratum, then by group.

    Observed, expected and variance are summed over the strata, so patients are compared only with those of their own
    stratum. A stratum may lack some of the groups; groups are reported in the order in which they first appear.
    Raises InvalidInput for fewer than two groups or competing causes; NotEstimable where no comparison is possible.
    Source: Mantel (1966); R's `survdiff(… + strata(…))`.
    """
    n: dict[str, int] = {}
    for tables in strata.values():
        for label, table in tables.items():
            n[label] = n.get(label, 0) + table.n
    place = {label: group for group, label in enumerate(require_two(n))}
    total = Scores(np.zeros(len(n)), np.zeros(len(n)), np.zeros((len(n), len(n))))
    for tables in strata.values():
        scores, here = _scores(tables), [place[label] for label in tables]
        total.observed[here] += scores.observed
        total.expected[here] += scores.expected
        total.variance[np.ix_(here, here)] += scores.variance
    test = total.chi_square()
    return RankTest(test.statistic, test.degrees_of_freedom, test.p_value, total.parts(n))


def _scores(tables: Mapping[str, RiskTable]) -> Scores:
    """With d events among n at risk on a day, of whom d_k and n_k in group k:

    observed_k = Σ d_k,   expected_k = Σ d n_k / n,   variance_jk = Σ d (n - d) / (n - 1) · (n_k / n) (δ_jk - n_j / n)
    """
    for label, table in tables.items():
        require_single_cause(f"tables[{label!r}]", table)
    groups = side_by_side(tables)
    n, d = groups.at_risk.sum(axis=0), groups.events.sum(axis=0)
    share = groups.at_risk / n
    spread = d * (n - d) / np.maximum(n - 1, 1)  # a single patient at risk leaves nothing to compare: n - d is 0 then
    return Scores(
        observed=groups.events.sum(axis=1),
        expected=(share * d).sum(axis=1),
        variance=variance_of_sums_to_zero((share * spread) @ share.T),
    )
