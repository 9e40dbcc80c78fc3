"""The partial likelihood of a regression, its slope and its curvature, from sums over risk sets.

Nothing here loops over rows: each row adds to the days on which it is at risk, each day's events are handled together.
Finding the maximum is left to `newton`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from timeline.survival.rows import RegressionRows
from timeline.survival.table import EVENT, Floats, Ints

Sums = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class EventDays:
    """The T days with events, by stratum and day: `stratum` and `time`, shape (T,), and the number of `events`.

    `rows`, shape (M,), are the rows with the event, and `day` the place of each among the T.
    """

    stratum: Ints
    time: Ints
    events: Ints
    rows: Ints
    day: Ints

    @classmethod
    def of(cls, rows: RegressionRows, cause: int = EVENT) -> "EventDays":
        """The days on which the rows have that outcome."""
        with_event = np.flatnonzero(rows.outcome == cause)
        keys, day = np.unique(_keys(rows.stratum, rows.time, rows.time)[with_event], return_inverse=True)
        base = int(rows.time.max()) + 1
        events = np.bincount(day, weights=rows.count[with_event], minlength=len(keys)).astype(np.int64)
        return cls(keys // base, keys % base, events, with_event, day)

    def on(self, values: Floats) -> Floats:
        """The sum of `values`, one a row with the event, on each day."""
        return np.asarray(np.bincount(self.day, weights=values, minlength=len(self.time)), dtype=np.float64)


def sums_at_risk(rows: RegressionRows, days: EventDays) -> Sums:
    """What sums one value a row over those at risk on each day of their stratum: shape (N,) in, (T,) out.

    Sums run from the last day back, so that small risk sets are not what is left of large ones.
    """
    keys = _keys(days.stratum, days.time, rows.time)
    start = np.searchsorted(keys, _keys(rows.stratum, np.zeros_like(rows.time), rows.time))
    after_entry = np.searchsorted(keys, _keys(rows.stratum, rows.entry, rows.time), side="right")
    first = np.where(rows.entry > 0, after_entry, start)
    end = np.searchsorted(keys, _keys(rows.stratum, rows.time, rows.time), side="right")
    at_risk = first < end
    first, end, chosen = first[at_risk], end[at_risk], np.flatnonzero(at_risk)
    late = first > start[at_risk]
    next_stratum = np.searchsorted(days.stratum, days.stratum, side="right")

    def from_day_on(values: Floats, day: Ints) -> Floats:
        total = np.bincount(day, weights=values, minlength=len(keys) + 1)[::-1].cumsum()[::-1]
        return np.asarray(total[:-1] - total[next_stratum], dtype=np.float64)

    def sums(values: Floats) -> Floats:
        present = values[chosen]
        at_or_after = from_day_on(present, end - 1)
        return at_or_after - from_day_on(present[late], first[late] - 1) if late.any() else at_or_after

    return sums


def _keys(stratum: Ints, time: Ints, all_times: Ints) -> Ints:
    return stratum * (int(all_times.max()) + 1) + time


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The partial likelihood at one point: its logarithm, and per event day what its derivatives are made of.

    `observed`, shape (P, T), are the covariates summed over a day's events. The others are sums over those at risk with
    hazard r: s0 = Σ r, s1 = Σ r x, s2 = Σ r x xᵀ; and the same over those with the event: e0, e1, e2.

    With D events on a day, the l-th of them (from 0) sees everyone but the share f = l / D of those with the event
    (Efron), so that its mean covariate is (s1 - f e1) / (s0 - f e0). `w[i, j]` is Σ_l f^j / (s0 - f e0)^i.
    """

    log_likelihood: float
    observed: Floats
    s1: Floats
    s2: Floats
    e1: Floats
    e2: Floats
    w: npt.NDArray[np.float64]

    @property
    def residuals(self) -> Floats:
        """Observed minus expected covariates of each day's events (Schoenfeld), shape (P, T)."""
        expected = self.w[1, 0] * self.s1 - self.w[1, 1] * self.e1
        return np.asarray(self.observed - expected)

    def score(self) -> Floats:
        """The slope of the log-likelihood, shape (P,)."""
        return np.asarray(self.residuals.sum(axis=1))

    def information(self, weights: Floats | float = 1.0) -> Floats:
        """Minus its curvature, shape (P, P): the covariance of the covariates at risk, summed over the events.

        With `weights`, shape (T,), each day counts so often.
        """
        w = self.w * weights
        second = np.einsum("t,ijt->ij", w[1, 0], self.s2) - np.einsum("t,ijt->ij", w[1, 1], self.e2)
        cross = (w[2, 1] * self.s1) @ self.e1.T
        return np.asarray(
            second - (w[2, 0] * self.s1) @ self.s1.T + cross + cross.T - (w[2, 2] * self.e1) @ self.e1.T,
        )


@dataclass(frozen=True, eq=False)
class PartialLikelihood:
    """The partial likelihood as a function of P coefficients, for a design of shape (P, N).

    With `efron`, a day's events leave one after the other on average; otherwise all of them see all at risk (Breslow).
    """

    design: Floats
    count: Ints
    days: EventDays
    sums: Sums
    efron: bool = True

    def at(self, coefficients: Floats) -> Likelihood:
        """The likelihood at these coefficients, shape (P,).

        Source: Efron (1977), JASA 72:557-565, as in Therneau and Grambsch (2000), Modeling Survival Data, section 3.3:

            log L = Σ_days ( Σ_events η - Σ_l log(s0 - l/D e0) ),   η = xᵀ coefficients,   r = exp η
        """
        x, rows = self.design, self.days.rows
        eta = coefficients @ x
        highest = float(eta.max())
        hazard = np.asarray(self.count * np.exp(eta - highest), dtype=np.float64)
        with_event = hazard[rows]
        s0, e0 = self.sums(hazard), self.days.on(with_event)
        weights, logs = self._efron_weights(s0, e0)
        log_likelihood = float(((eta[rows] - highest) * self.count[rows]).sum() - logs.sum())
        return Likelihood(
            log_likelihood,
            observed=np.array([self.days.on(column * self.count[rows]) for column in x[:, rows]]),
            s1=np.array([self.sums(hazard * column) for column in x]),
            s2=_squares(x, hazard, self.sums),
            e1=np.array([self.days.on(with_event * column) for column in x[:, rows]]),
            e2=_squares(x[:, rows], with_event, self.days.on),
            w=weights,
        )

    def _efron_weights(self, s0: Floats, e0: Floats) -> tuple[Floats, Floats]:
        d = self.days.events
        day = np.repeat(np.arange(len(d)), d)
        share = (np.arange(len(day)) - (np.cumsum(d) - d)[day]) / d[day] if self.efron else np.zeros(len(day))
        left = s0[day] - share * e0[day]
        starts = np.cumsum(d) - d
        weights = np.zeros((3, 3, len(d)))
        by_power = {1: 1 / left, 2: 1 / left**2}
        for i, j in ((1, 0), (1, 1), (2, 0), (2, 1), (2, 2)):
            weights[i, j] = np.add.reduceat(by_power[i], starts)
            by_power[i] *= share
        return weights, np.log(left)


def _squares(x: Floats, hazard: Floats, sums: Sums) -> Floats:
    found = np.empty((len(x), len(x), 0))
    for i in range(len(x)):
        for j in range(i + 1):
            total = sums(hazard * x[i] * x[j])
            found = np.empty((len(x), len(x), len(total))) if not found.size else found
            found[i, j] = found[j, i] = total
    return found
