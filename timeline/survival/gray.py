"""Gray's test: do groups differ in the cumulative incidence of one cause, others competing?

It compares the risk of having had the event at all, where a log-rank test on `RiskTable.cause_specific()` compares the
rate among those still at risk. The incidence itself is left to `incidence`.
"""

from collections.abc import Mapping

import numpy as np

from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.groups import RankTest, Scores, SideBySide, require_two, side_by_side, sizes
from timeline.survival.limits import LEVEL_TOLERANCE
from timeline.survival.table import EVENT, Floats, RiskTable, require_no_delayed_entry


def grays_test(tables: Mapping[str, RiskTable], cause: int = EVENT) -> RankTest:
    """Gray's test between two or more groups, each a risk table under its label; all other causes compete.

    Raises InvalidInput for fewer than two groups, a cause below 1, or delayed entry; NotEstimable where nothing can
    be compared.
    Source: Gray (1988), Annals of Statistics 16:1141-1154, with weights of 1 (his ρ = 0). Days with several events are
    treated as in R's `cmprsk::cuminc`.
    """
    if cause < EVENT:
        raise InvalidInput("cause", f"a number of at least {EVENT}", cause)
    for label, table in require_two(tables).items():
        require_no_delayed_entry(f"tables[{label!r}]", table, "Gray's test")
    scores = _scores(side_by_side(tables, cause))
    test = scores.chi_square()
    return RankTest(test.statistic, test.degrees_of_freedom, test.p_value, scores.parts(sizes(tables)))


def _scores(groups: SideBySide) -> Scores:
    """The score of each group, and its variance as a sum of squares over days and groups.

    In group k, on one day: n_k at risk, d_k events, e_k competing; S_k survival without either, F_k incidence, both
    just before the day, S_k⁺ just after it. Those who had a competing event would still be free of this one: they are
    kept in the risk set h_k (1 - F_k), with h_k = n_k / S_k. Over the groups: d = Σ d_k, h = Σ h_k, and the pooled
    incidence F⁺ after the day grows by d / h.

        expected_k = Σ_days d · h_k (1 - F_k) / Σ_j h_j (1 - F_j)
        variance_ij = Σ_days Σ_k x_ik x_jk · v_k   for the event, plus the same for competing events, where
            a_ik = h_i (δ_ik - h_k / h)            c_ik = Σ_{days so far} a_ik · d / (h (1 - F)),  C_ik its last value
            events:     x_ik = a_ik + (1 - (1 - F⁺) / S_k⁺) (C_ik - c_ik)
                        v_k = d S_k / (h n_k) · (1 - (d - 1) / (h S_k - 1))
            competing:  x_ik = -((1 - F⁺) / S_k⁺) (C_ik - c_ik)
                        v_k = e_k (S_k / n_k)² · (1 - (e_k - 1) / (n_k - 1))

    A group of which nobody is at risk has no part in a day. The last factor of each v_k, 1 where there is one event, is
    the correction for ties. Where S_k⁺ is 0, its quotient is taken as 0, and competing events add no variance. Once a
    group is gone F can pass 1, which only the variance notices.
    """
    at_risk, events, competing = groups.at_risk, groups.events, groups.competing
    present = at_risk > 0
    n = np.where(present, at_risk, 1.0)
    after = (1 - (events + competing) / n).cumprod(axis=1)
    before = _just_before(after, 1)
    d = events.sum(axis=0)
    incidence_before = _just_before(np.cumsum(before * events / n, axis=1), 0)

    h_k = np.divide(at_risk, before, out=np.zeros_like(before), where=present)
    h = h_k.sum(axis=0)
    free = h_k * (1 - incidence_before)
    expected = d * free / free.sum(axis=0)

    pooled = np.cumsum(d / h)
    free_before = 1 - _just_before(pooled, 0)
    if (np.abs(free_before[d > 0]) < LEVEL_TOLERANCE).any():
        raise NotEstimable(
            "the pooled incidence is exactly 1 while patients are still at risk, which the test divides by"
        )
    a = h_k[:, None, :] * (np.eye(len(n))[:, :, None] - h_k / h)
    c = np.cumsum(a * np.divide(d, h * free_before, out=np.zeros_like(d), where=d > 0), axis=2)
    ahead = c[:, :, -1:] - c
    quotient = np.divide(1 - pooled, after, out=np.zeros_like(after), where=after > 0)
    x_events = a + (1 - quotient) * ahead
    x_competing = -quotient * ahead

    v_events = np.where(present, d * before / (h * n) * _tie_correction(d, h * before), 0)
    v_competing = np.where(after > 0, competing * (before / n) ** 2 * _tie_correction(competing, n), 0)
    variance = np.einsum("ikt,jkt,kt->ij", x_events, x_events, v_events, optimize=True)
    variance += np.einsum("ikt,jkt,kt->ij", x_competing, x_competing, v_competing, optimize=True)
    return Scores(events.sum(axis=1), expected.sum(axis=1), variance, size=float(d.sum()))


def _just_before(after: Floats, start: float) -> Floats:
    """The same step function just before each day rather than just after it; days along the last axis."""
    first = np.full_like(after[..., :1], start)
    return np.concatenate([first, after[..., :-1]], axis=-1)


def _tie_correction(events: Floats, at_risk: Floats) -> Floats:
    several = events > 1
    return 1 - np.where(several, events - 1, 0) / np.where(several, at_risk - 1, 1)
