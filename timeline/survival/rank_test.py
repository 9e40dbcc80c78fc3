"""The log-rank family: do groups differ in how fast their patients have the event?

lifelines computes the plain test. Weights, strata, delayed entry and the expected numbers, which it does not have, come
from the few lines of linear algebra here, which a test holds equal to lifelines where both apply. Which days count how
much is left to `rank_weights`, tests for trend and of pairs to `rank_trend` and `rank_pairs`; how large a difference
is, to `hazard`; the test for competing causes to `gray`.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from timeline.survival import by_lifelines
from timeline.survival.chi_square import ChiSquare
from timeline.survival.errors import NotEstimable
from timeline.survival.groups import RankTest, Scores, require_two, side_by_side, variance_of_sums_to_zero
from timeline.survival.rank_weights import Weights, weights_on
from timeline.survival.table import RiskTable, require_single_cause

# Tables by group, or by stratum and then by group.
Groups = Mapping[str, RiskTable] | Mapping[str, Mapping[str, RiskTable]]
Strata = Mapping[str, Mapping[str, RiskTable]]

ONLY_STRATUM: Literal[""] = ""


def rank_test(groups: Groups, weights: Weights = "log-rank") -> RankTest:
    """The weighted log-rank test between two or more groups: tables by group, or by stratum and then by group.

    Observed, expected and variance are summed over the strata, so patients are compared only with those of their own
    stratum; weights are of each stratum's own. A stratum may lack some of the groups; groups are reported in the order
    in which they first appear. With delayed entry those who have not entered are not at risk.
    Raises InvalidInput for fewer than two groups, competing causes, or unknown weights; NotEstimable where no
    comparison is possible.
    Source: Klein and Moeschberger (2003), Survival Analysis, sections 7.3 and 7.5; R's `survdiff(…, rho)`.
    """
    sizes, scores = scores_of(groups, weights)
    test = scores.chi_square()
    strata = list(strata_of(groups).values())
    if weights == "log-rank" and len(strata) == 1 and by_lifelines.applies(list(strata[0].values())):
        together = zip(strata[0].items(), scores.compared(), strict=True)
        compared = {label: table for (label, table), expects in together if expects}
        test = ChiSquare.of(by_lifelines.log_rank_statistic(compared), len(compared) - 1)
    return RankTest(test.statistic, test.degrees_of_freedom, test.p_value, scores.parts(sizes))


def log_rank(tables: Mapping[str, RiskTable]) -> RankTest:
    """The log-rank test between two or more groups, each a risk table under its label; see `rank_test`.

    Source: Mantel (1966), Cancer Chemotherapy Reports 50:163-170, with the hypergeometric variance for ties.
    """
    return rank_test(tables)


def stratified_log_rank(strata: Strata) -> RankTest:
    """The log-rank test between groups within strata: tables by stratum, then by group; see `rank_test`.

    Source: Mantel (1966); R's `survdiff(… + strata(…))`.
    """
    return rank_test(strata)


def scores_of(groups: Groups, weights: Weights) -> tuple[dict[str, int], Scores]:
    """Patients by group, and the scores of the groups summed over the strata."""
    strata = strata_of(groups)
    sizes: dict[str, int] = {}
    for tables in strata.values():
        for label, table in tables.items():
            require_single_cause(f"tables[{label!r}]", table)
            sizes[label] = sizes.get(label, 0) + table.n
    place = {label: group for group, label in enumerate(require_two(sizes))}
    observed, expected = np.zeros(len(sizes)), np.zeros(len(sizes))
    variance, size = np.zeros((len(sizes), len(sizes))), 0.0
    for tables in strata.values():
        scores, here = _scores(tables, weights), [place[label] for label in tables]
        observed[here] += scores.observed
        expected[here] += scores.expected
        variance[np.ix_(here, here)] += scores.variance
        size += scores.size
    if not size and any(table.events for tables in strata.values() for table in tables.values()):
        raise NotEstimable("the test gives every day with an event a weight of 0, so the groups cannot be compared")
    return sizes, Scores(observed, expected, variance, size)


def strata_of(groups: Groups) -> Strata:
    """The groups by stratum: one stratum where they come without."""
    tables = {label: table for label, table in groups.items() if isinstance(table, RiskTable)}
    strata = {label: table for label, table in groups.items() if not isinstance(table, RiskTable)}
    return {**strata, ONLY_STRATUM: tables} if tables else strata


def _scores(tables: Mapping[str, RiskTable], weights: Weights) -> Scores:
    """With d events among n at risk on a day of weight w, of whom d_k and n_k in group k:

    observed_k = Σ w d_k,   expected_k = Σ w d n_k / n
    variance_jk = Σ w² d (n - d) / (n - 1) · (n_k / n) (δ_jk - n_j / n)
    """
    groups = side_by_side(tables)
    n, d = groups.at_risk.sum(axis=0), groups.events.sum(axis=0)
    w = weights_on(n, d, weights)
    share = groups.at_risk / n
    spread = w**2 * d * (n - d) / np.maximum(n - 1, 1)  # a single patient at risk leaves nothing to compare: n - d is 0
    return Scores(
        observed=(w * groups.events).sum(axis=1),
        expected=(share * w * d).sum(axis=1),
        variance=variance_of_sums_to_zero((share * spread) @ share.T),
        size=float((w**2 * d).sum()),
    )
