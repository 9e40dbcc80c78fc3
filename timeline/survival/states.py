"""The share of patients in each state over time: alive disease-free, with recurrence, dead.

The Aalen-Johansen estimate of occupation probabilities for a progressive course, in which nobody returns to a state.
How one patient's stays follow from transition times is left to `state_intervals`.
"""

from dataclasses import dataclass

import numpy as np

from timeline.survival.limits import LEVEL_TOLERANCE
from timeline.survival.state_intervals import STAYS, StateIntervals
from timeline.survival.table import Floats, Ints, require_day


@dataclass(frozen=True)
class SharesAt:
    """The share in each state at `day`, in the order of the states, and the patients under observation in each.

    `share` is None after the last day on which anyone was observed, unless all are in the last state by then.
    """

    day: float
    share: tuple[float, ...] | None
    at_risk: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class StateOccupation:
    """Shares in K states: steps on the T days on which anyone moved or was censored.

    `share` has shape (T, K) and its rows sum to 1; `initial`, shape (K,), holds before the first day; `at_risk`, shape
    (T, K), are the patients under observation in each state just before the day.
    """

    states: tuple[str, ...]
    time: Ints
    initial: Floats
    share: Floats
    at_risk: Ints
    intervals: StateIntervals

    def at(self, day: float) -> SharesAt:
        """The shares at `day` (in days, 0 or later), what happened on it included."""
        require_day("day", day)
        steps = int(np.searchsorted(self.time, day, side="right"))
        share = self.share[steps - 1] if steps else self.initial
        at_risk = tuple(int(one) for one in self.intervals.at_risk(np.array([day]))[0])
        if day > self.time[-1] and share[-1] < 1 - LEVEL_TOLERANCE:
            return SharesAt(day, None, at_risk)
        return SharesAt(day, tuple(float(one) for one in share), at_risk)


def state_occupation(intervals: StateIntervals) -> StateOccupation:
    """The share in each state over time.

        p(t) = p(0) Π_{s ≤ t} (I + dA(s)),   dA_jk(s) = d_jk / n_j for j ≠ k,  dA_jj = -Σ_k dA_jk

    d_jk patients move from j to k on a day, of n_j in state j just before it. p(0) is where those are who are observed
    from day 0 on; should nobody be, everyone starts in the first state.
    Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5:141-150; R's
    `survfit(Surv(start, stop, event) ~ 1, id = …)` with `pstate`.
    """
    k = len(intervals.states)
    time, place = np.unique(intervals.stop, return_inverse=True)
    at_risk = intervals.at_risk(time)
    moves = intervals.to != STAYS
    moved = np.zeros((len(time), k, k))
    np.add.at(moved, (place[moves], intervals.state[moves], intervals.to[moves]), intervals.count[moves])
    step = moved / np.maximum(at_risk, 1)[:, :, None]
    step[:, range(k), range(k)] = 1 - step.sum(axis=2)
    initial = _initial(intervals)
    share, now = np.empty((len(time), k)), initial
    for day in range(len(time)):
        now = share[day] = now @ step[day]
    return StateOccupation(intervals.states, time, initial, share, at_risk, intervals)


def _initial(intervals: StateIntervals) -> Floats:
    from_origin = intervals.start == 0
    if not from_origin.any():
        return np.asarray(np.eye(len(intervals.states))[0])
    patients = intervals.count[from_origin]
    counts = np.bincount(intervals.state[from_origin], weights=patients, minlength=len(intervals.states))
    return np.asarray(counts / counts.sum(), dtype=np.float64)
