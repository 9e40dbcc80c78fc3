"""Kaplan-Meier: the survival curve with its limits, survival at a time and given a time, and quantiles.

lifelines fits the curve and its limits on the log-log scale, on the weighted table, which gives the same numbers as the
patients one by one; with delayed entry the product is taken here. Competing causes are left to `incidence`, comparisons
of groups to `rank_test` and `hazard`, how long patients were followed to `follow_up`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from timeline.survival import by_lifelines
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.limits import LEVEL_TOLERANCE, Limits, limits_of, require_share
from timeline.survival.table import Floats, Ints, RiskTable, require_day, require_single_cause

Plateau = Literal["start", "midpoint"]


@dataclass(frozen=True)
class SurvivalAt:
    """Survival at one time, `day` in days.

    `at_risk` are the patients under observation just before `day`; `events` and `censored` those until and on it.
    `survival` is None after the last patient's time, unless it has come down to 0 by then: nobody was followed so long.
    The limits are None there, where survival is 0, and on the log-log scale where it is 1.
    """

    day: float
    survival: float | None
    lower: float | None
    upper: float | None
    at_risk: int
    events: int
    censored: int


@dataclass(frozen=True)
class ConditionalSurvival:
    """Survival at `day` of those without the event on day `given`, both in days, with its limits.

    `survival` and the limits are None as in `SurvivalAt`. `at_risk` are the patients under observation just after
    `given`, on whom the estimate rests.
    """

    day: float
    given: float
    survival: float | None
    lower: float | None
    upper: float | None
    at_risk: int


@dataclass(frozen=True)
class Quantile:
    """The time by which a share `probability` of the patients has had the event, in days, with its limits.

    None means not reached: the curve, or its limit, stays above 1 - probability.
    """

    probability: float
    time: float | None
    lower: float | None
    upper: float | None
    confidence: float


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """A Kaplan-Meier curve: its steps on the T distinct days on which someone left observation, arrays of shape (T,).

    Survival is 1 before the first of them, and S(t) holds from its day until before the next:

        S(t) = Π_{s ≤ t} (1 - d_s / n_s)                                 d events among n at risk on day s
        standard_error = S(t) · √( Σ_{s ≤ t} d_s / (n_s (n_s - d_s)) )   Greenwood (1926)

    `lower` and `upper` are on the scale `limits`, see `limits_of`. As in R, the limits are NaN where S is 0, on the
    log-log scale also where it is 1, and so is the standard error where S is 0. With delayed entry the risk set may be
    used up while others are still to enter; from then on S is 0, as in R.
    """

    time: Ints
    survival: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Ints
    events: Ints
    censored: Ints
    confidence: float
    limits: Limits
    table: RiskTable

    @property
    def n(self) -> int:
        """Patients, also those who entered later."""
        return self.table.n

    def at(self, day: float) -> SurvivalAt:
        """Survival at `day` (in days, 0 or later), events and censorings on that day included."""
        require_day("day", day)
        steps = int(np.searchsorted(self.time, day, side="right"))
        events, censored = int(self.events[:steps].sum()), int(self.censored[:steps].sum())
        at_risk = self.table.at_risk(day)
        survival, error = (1.0, 0.0) if steps == 0 else (self.survival[steps - 1], self.standard_error[steps - 1])
        if day > self.time[-1] and survival > 0:
            return SurvivalAt(day, None, None, None, at_risk, events, censored)
        lower, upper = self._limits(float(survival), float(error))
        return SurvivalAt(day, float(survival), lower, upper, at_risk, events, censored)

    def conditional(self, day: float, given: float) -> ConditionalSurvival:
        """Survival at `day` of those without the event on day `given`, S(day) / S(given).

        It is the curve of those still under observation after `given`, with Greenwood's sum over `given` < s ≤ `day`:
        R's `survfit(…, start.time = given)`, whose start includes the day itself.
        Raises InvalidInput unless 0 ≤ given ≤ day; NotEstimable where nobody was without the event and under
        observation after `given`.
        """
        require_day("given", given)
        if not day >= given:
            raise InvalidInput("day", f"a time of at least {given:g}, which it is given", day)
        later = self.time > given
        at_risk = int(self.at_risk[later][0]) if later.any() else 0
        if not at_risk or self.at(given).survival == 0:
            raise NotEstimable(f"nobody was without the event and under observation after day {given:g}")
        if day > self.time[-1] and self.survival[-1] > 0:
            return ConditionalSurvival(day, given, None, None, None, at_risk)
        chosen = later & (self.time <= day)
        survival = _product(self.at_risk[chosen], self.events[chosen])
        error = _greenwood(survival, self.at_risk[chosen], self.events[chosen])
        estimate = (float(survival[-1]), float(error[-1])) if chosen.any() else (1.0, 0.0)
        return ConditionalSurvival(day, given, estimate[0], *self._limits(*estimate), at_risk)

    def _limits(self, survival: float, standard_error: float) -> tuple[float | None, float | None]:
        found = limits_of(np.array([survival]), np.array([standard_error]), self.confidence, self.limits)
        lower, upper = (float(limit[0]) for limit in found)
        return (None, None) if np.isnan(lower) else (lower, upper)

    def quantile(self, probability: float, plateau: Plateau = "start") -> Quantile:
        """The smallest t with S(t) ≤ 1 - probability; its limits are where the curves of the limits get there.

        Where the curve runs exactly at that level, `plateau="midpoint"` takes the middle of the stretch (up to the last
        patient's time, should the curve end on it), as R's `survfit` does; "start" its beginning.
        Source: Brookmeyer and Crowley (1982), Biometrics 38:29-41, with the limits of the curve on its scale.
        """
        require_share("probability", probability)
        if plateau not in ("start", "midpoint"):
            raise InvalidInput("plateau", '"start" or "midpoint"', repr(plateau))
        level = 1 - probability
        time, lower, upper = (
            _reaches(level, self.time, curve, plateau) for curve in (self.survival, self.lower, self.upper)
        )
        return Quantile(probability, time, lower, upper, self.confidence)

    def median(self, plateau: Plateau = "start") -> Quantile:
        """The smallest t with S(t) ≤ 0.5, and its limits; see `quantile`."""
        return self.quantile(0.5, plateau)


def kaplan_meier(table: RiskTable, confidence: float = 0.95, limits: Limits = "log-log") -> KaplanMeier:
    """The Kaplan-Meier curve of one group, with delayed entry where the table has it.

    Without any event survival is 1 throughout, and no quantile is reached.
    Raises InvalidInput for a table with competing causes, a confidence that is not between 0 and 1, and other limits.
    Source: Kaplan and Meier (1958), JASA 53:457-481; R's `survfit(…, conf.type = limits)`.
    """
    require_single_cause("table", table)
    require_share("confidence", confidence)
    steps = table.steps()
    fitted = by_lifelines.fitted_curve(table, steps.time, confidence) if by_lifelines.applies([table]) else None
    survival = fitted.survival if fitted else _product(steps.at_risk, steps.events)
    standard_error = _greenwood(survival, steps.at_risk, steps.events)
    lower, upper = limits_of(survival, standard_error, confidence, limits)
    if fitted and limits == "log-log":
        lower, upper = fitted.lower, fitted.upper
    return KaplanMeier(
        time=steps.time,
        survival=survival,
        standard_error=standard_error,
        lower=lower,
        upper=upper,
        at_risk=steps.at_risk,
        events=steps.events,
        censored=steps.censored,
        confidence=confidence,
        limits=limits,
        table=table,
    )


def _product(at_risk: Ints, events: Ints) -> Floats:
    return np.asarray(np.cumprod((at_risk - events) / at_risk), dtype=np.float64)


def _greenwood(survival: Floats, at_risk: Ints, events: Ints) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(survival * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events).astype(np.float64)))))


def _reaches(level: float, time: Ints, curve: Floats, plateau: Plateau) -> float | None:
    reached = curve <= level * (1 + LEVEL_TOLERANCE)
    if not reached.any():
        return None
    first = int(np.argmax(reached))
    if plateau == "start" or curve[first] < level * (1 - LEVEL_TOLERANCE):
        return float(time[first])
    below = curve < level * (1 - LEVEL_TOLERANCE)
    end = time[np.argmax(below)] if below.any() else time[-1]
    return float(time[first] + end) / 2
