"""The share of patients in each state over time: alive disease-free, with recurrence, dead.

The Aalen-Johansen estimate of occupation probabilities for a progressive course, in which nobody returns to a state,
with its standard error.
How one patient's stays follow from transition times is left to `state_intervals`.
"""

from dataclasses import dataclass

import numpy as np

from timeline.survival.limits import LEVEL_TOLERANCE, Limits, limits_of, require_share
from timeline.survival.state_intervals import STAYS, StateIntervals
from timeline.survival.table import Floats, Ints, require_day


@dataclass(frozen=True)
class SharesAt:
    """The share in each state at `day`, in the order of the states, and the patients under observation in each.

    `share` is None after the last day on which anyone was observed, unless all are in the last state by then. Limits
    are None where there are none: see `limits_of`.
    """

    day: float
    share: tuple[float, ...] | None
    at_risk: tuple[int, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]


@dataclass(frozen=True, eq=False)
class StateOccupation:
    """Shares in K states: steps on the T days on which anyone moved or was censored.

    `share` has shape (T, K) and its rows sum to 1; `initial`, shape (K,), holds before the first day; `at_risk`, shape
    (T, K), are the patients under observation in each state just before the day. `standard_error`, `lower` and `upper`,
    shape (T, K), are those of the shares.
    """

    states: tuple[str, ...]
    time: Ints
    initial: Floats
    share: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    confidence: float
    limits: Limits
    intervals: StateIntervals

    def at(self, day: float) -> SharesAt:
        """The shares at `day` (in days, 0 or later), what happened on it included."""
        require_day("day", day)
        steps = int(np.searchsorted(self.time, day, side="right"))
        share = self.share[steps - 1] if steps else self.initial
        at_risk = tuple(int(one) for one in self.intervals.at_risk(np.array([day]))[0])
        none = (None,) * len(self.states)
        if day > self.time[-1] and share[-1] < 1 - LEVEL_TOLERANCE:
            return SharesAt(day, None, at_risk, none, none)
        lower, upper = (_known(curve[steps - 1]) if steps else none for curve in (self.lower, self.upper))
        return SharesAt(day, tuple(float(one) for one in share), at_risk, lower, upper)


def _known(row: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(one) else float(one) for one in row)


def state_occupation(
    intervals: StateIntervals, confidence: float = 0.95, limits: Limits = "log-log"
) -> StateOccupation:
    """The share in each state over time.

        p(t) = p(0) Π_{s ≤ t} (I + dA(s)),   dA_jk(s) = d_jk / n_j for j ≠ k,  dA_jj = -Σ_k dA_jk

    d_jk patients move from j to k on a day, of n_j in state j just before it. p(0) is where those are who are observed
    from day 0 on; should nobody be, everyone starts in the first state.

    Its covariance follows from day to day, the moves of a day out of a state being multinomial (Greenwood's formula
    where there is one state to leave): with P(s) = I + dA(s), P_j its row j, and C(0) that of the multinomial p(0),

        C(s) = P(s)ᵀ C(s-) P(s) + Σ_j p_j(s-)² (diag P_j - P_jᵀ P_j) / n_j

    Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5:141-150; Andersen, Borgan, Gill and Keiding
    (1993), Statistical Models Based on Counting Processes, equation 4.4.20; R's
    `survfit(Surv(start, stop, event) ~ 1, id = …)` with `pstate`, and `etm(…, covariance = TRUE)`.
    Raises InvalidInput for a confidence that is not between 0 and 1, and other limits.
    """
    require_share("confidence", confidence)
    k = len(intervals.states)
    time, place = np.unique(intervals.stop, return_inverse=True)
    at_risk = intervals.at_risk(time)
    moves = intervals.to != STAYS
    moved = np.zeros((len(time), k, k))
    np.add.at(moved, (place[moves], intervals.state[moves], intervals.to[moves]), intervals.count[moves])
    step = moved / np.maximum(at_risk, 1)[:, :, None]
    step[:, range(k), range(k)] = 1 - step.sum(axis=2)
    initial, patients = _initial(intervals)
    share, now = np.empty((len(time), k)), initial
    variance, covariance = np.empty((len(time), k)), _multinomial(initial) / max(patients, 1)
    for day in range(len(time)):
        moving = sum(
            (now[j] ** 2 / at_risk[day, j] * _multinomial(step[day, j]) for j in np.flatnonzero(at_risk[day])),
            start=np.zeros((k, k)),
        )
        covariance = step[day].T @ covariance @ step[day] + moving
        now = share[day] = now @ step[day]
        variance[day] = covariance.diagonal()
    # Where all are in one state, rounding would leave the square root of 1e-18 of a variance that is 0.
    certain = (share < LEVEL_TOLERANCE) | (share > 1 - LEVEL_TOLERANCE)
    error = np.where(certain, 0, np.sqrt(np.maximum(variance, 0)))
    lower, upper = limits_of(share, error, confidence, limits)
    return StateOccupation(
        intervals.states, time, initial, share, error, lower, upper, at_risk, confidence, limits, intervals
    )


def _multinomial(shares: Floats) -> Floats:
    """The covariance of one draw."""
    return np.asarray(np.diag(shares) - np.outer(shares, shares))


def _initial(intervals: StateIntervals) -> tuple[Floats, int]:
    """Where patients are on day 0, and how many."""
    from_origin = intervals.start == 0
    if not from_origin.any():
        return np.asarray(np.eye(len(intervals.states))[0]), 0
    patients = intervals.count[from_origin]
    counts = np.bincount(intervals.state[from_origin], weights=patients, minlength=len(intervals.states))
    return np.asarray(counts / counts.sum(), dtype=np.float64), int(counts.sum())
