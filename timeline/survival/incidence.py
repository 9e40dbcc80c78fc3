"""Cumulative incidence of one cause while others compete: the Aalen-Johansen estimate.

lifelines moves tied times at random to fit it, so that two runs differ; the estimate is a cumulative sum, done here
exactly. Comparing groups is left to `gray`.
"""

from dataclasses import dataclass

import numpy as np

from timeline.survival.errors import InvalidInput
from timeline.survival.limits import LEVEL_TOLERANCE, Limits, limits_of, require_share
from timeline.survival.table import EVENT, Floats, Ints, RiskTable, Steps, require_day


@dataclass(frozen=True)
class IncidenceAt:
    """Incidence at one time, `day` in days.

    `at_risk` are the patients under observation just before `day`; `events`, `competing` and `censored` those until and
    on it. `incidence` is None after the last patient's time, unless nobody was left to censor by then. The limits are
    None there, where incidence is 0, and on the log-log scale where it is 1.
    """

    day: float
    incidence: float | None
    lower: float | None
    upper: float | None
    at_risk: int
    events: int
    competing: int
    censored: int


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """The cumulative incidence of `cause`: steps on the T distinct days on which someone left, arrays of shape (T,).

    Incidence is 0 before the first of them, and F(t) holds from its day until before the next. With n at risk, d events
    of the cause and D of any cause on a day, and S the Kaplan-Meier survival without any cause just before it:

        F(t) = Σ_{s ≤ t} S_s d_s / n_s
        standard_error² = Σ_{s ≤ t}  (F(t) - F(s))² D_s / (n_s (n_s - D_s)) + S_s² d_s (n_s - d_s) / n_s³
                                     - 2 (F(t) - F(s)) S_s d_s / n_s²

    This is the delta method with multinomial ties: without competing causes it is Greenwood's formula, and 1 - F the
    Kaplan-Meier curve. R's `survfit` gives the same; `cmprsk::cuminc` and SAS's ERROR=AALEN a slightly larger one. With
    delayed entry the formula stands, while `survfit` then has the infinitesimal jackknife over patients, which differs.
    The limits are those of F on the scale `limits`, see `limits_of`; on the log-log scale NaN where F is 0 or 1.
    Source: Marubini and Valsecchi (1995), Analysing Survival Data from Clinical Trials, section 10.3.
    """

    time: Ints
    incidence: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    events: Ints
    competing: Ints
    censored: Ints
    cause: int
    confidence: float
    limits: Limits
    table: RiskTable

    @property
    def n(self) -> int:
        """Patients, also those who entered later."""
        return self.table.n

    def at(self, day: float) -> IncidenceAt:
        """Incidence at `day` (in days, 0 or later), what happened on that day included."""
        require_day("day", day)
        steps = int(np.searchsorted(self.time, day, side="right"))
        at_risk = self.table.at_risk(day)
        events, competing, censored = (
            int(counts[:steps].sum()) for counts in (self.events, self.competing, self.censored)
        )
        incidence, lower, upper = self._estimate(day, steps)
        return IncidenceAt(day, incidence, lower, upper, at_risk, events, competing, censored)

    def _estimate(self, day: float, steps: int) -> tuple[float | None, float | None, float | None]:
        if steps == 0:
            return 0.0, None, None
        if day > self.time[-1] and self.censored[-1] > 0:
            return None, None, None
        incidence, lower, upper = (float(curve[steps - 1]) for curve in (self.incidence, self.lower, self.upper))
        return (incidence, None, None) if np.isnan(lower) else (incidence, lower, upper)


def cumulative_incidence(
    table: RiskTable, cause: int = EVENT, confidence: float = 0.95, limits: Limits = "log-log"
) -> CumulativeIncidence:
    """The cumulative incidence of `cause` in one group, all other causes competing, with delayed entry where it has it.

    A cause that nobody had has an incidence of 0 throughout.
    Raises InvalidInput for a cause below 1, a confidence that is not between 0 and 1, and other limits.
    Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5:141-150; R's `survfit`.
    """
    if cause < EVENT:
        raise InvalidInput("cause", f"a number of at least {EVENT}", cause)
    require_share("confidence", confidence)
    steps = table.steps(cause)
    survival = np.cumprod(1 - (steps.events + steps.competing) / steps.at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum(before * steps.events / steps.at_risk)
    # Where everyone had the event, rounding would leave the square root of 1e-18 of a variance that is 0.
    complete = incidence > 1 - LEVEL_TOLERANCE
    standard_error = np.where(complete, 0, _standard_error(steps, before, np.diff(incidence, prepend=0)))
    lower, upper = limits_of(incidence, standard_error, confidence, limits)
    return CumulativeIncidence(
        time=steps.time,
        incidence=incidence,
        standard_error=standard_error,
        lower=lower,
        upper=upper,
        at_risk=steps.at_risk,
        events=steps.events,
        competing=steps.competing,
        censored=steps.censored,
        cause=cause,
        confidence=confidence,
        limits=limits,
        table=table,
    )


def _standard_error(steps: Steps, before: Floats, increment: Floats) -> Floats:
    """The square root of the sum in `CumulativeIncidence`, kept up to date from day to day.

    Multiplying (F(t) - F(s))² out would subtract numbers that are many times larger than the result.
    """
    n, d = steps.at_risk.astype(np.float64), steps.events.astype(np.float64)
    left = n - d - steps.competing
    greenwood = np.divide(n - left, n * left, out=np.zeros_like(n), where=left > 0)  # nothing grows after the last one
    so_far = _sum_before(greenwood)
    linear = np.cumsum(increment * so_far)  # Σ (F(t) - F(s)) · greenwood
    quadratic = np.cumsum(increment * (2 * (linear - increment * so_far) + increment * so_far))
    own = np.cumsum(before**2 * d * (n - d) / n**3)
    shared = np.cumsum(increment * _sum_before(before * d / n**2))
    return np.sqrt(np.maximum(quadratic + own - 2 * shared, 0))


def _sum_before(terms: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(terms)[:-1]])
