"""Kaplan-Meier: the survival curve with its limits, survival at a time, quantiles, and how long patients were followed.

lifelines fits the curve on the weighted table, which gives the same numbers as the patients one by one. Competing
causes are left to `incidence`, comparisons of groups to `rank_test` and `hazard`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from timeline.survival.errors import InvalidInput
from timeline.survival.limits import LEVEL_TOLERANCE, require_share
from timeline.survival.table import Floats, Ints, RiskTable, require_single_cause

Plateau = Literal["start", "midpoint"]


@dataclass(frozen=True)
class SurvivalAt:
    """Survival at one time, `day` in days.

    `at_risk` are the patients under observation just before `day`; `events` and `censored` those until and on it.
    `survival` is None after the last patient's time, unless it has come down to 0 by then: nobody was followed so long.
    The limits are None there, and where survival is 1 or 0, which the log-log scale cannot bound.
    """

    day: float
    survival: float | None
    lower: float | None
    upper: float | None
    at_risk: int
    events: int
    censored: int


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
        lower, upper   = exp(-exp( log(-log S) ± z · standard_error / (S log S) ))

    The last is R's `conf.type = "log-log"`. As in R, the limits are NaN where S is 1 or 0, and so is the standard error
    where S is 0.
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

    @property
    def n(self) -> int:
        """Patients."""
        return int(self.at_risk[0])

    def at(self, day: float) -> SurvivalAt:
        """Survival at `day` (in days, 0 or later), events and censorings on that day included."""
        if not day >= 0:
            raise InvalidInput("day", "a time of at least 0", day)
        steps = int(np.searchsorted(self.time, day, side="right"))
        events, censored = int(self.events[:steps].sum()), int(self.censored[:steps].sum())
        at_risk = int(self.at_risk[self.time >= day].max(initial=0))
        if steps == 0:
            return SurvivalAt(day, 1.0, None, None, at_risk, events, censored)
        survival = float(self.survival[steps - 1])
        if day > self.time[-1] and survival > 0:
            return SurvivalAt(day, None, None, None, at_risk, events, censored)
        lower, upper = float(self.lower[steps - 1]), float(self.upper[steps - 1])
        if np.isnan(lower):
            return SurvivalAt(day, survival, None, None, at_risk, events, censored)
        return SurvivalAt(day, survival, lower, upper, at_risk, events, censored)

    def quantile(self, probability: float, plateau: Plateau = "start") -> Quantile:
        """The smallest t with S(t) ≤ 1 - probability; its limits are where the curves of the limits get there.

        Where the curve runs exactly at that level, `plateau="midpoint"` takes the middle of the stretch (up to the last
        patient's time, should the curve end on it), as R's `survfit` does; "start" its beginning.
        Source: Brookmeyer and Crowley (1982), Biometrics 38:29-41, with the limits of the curve on the log-log scale.
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


def kaplan_meier(table: RiskTable, confidence: float = 0.95) -> KaplanMeier:
    """The Kaplan-Meier curve of one group.

    Without any event survival is 1 throughout, and no quantile is reached.
    Raises InvalidInput for a table with competing causes, and for a confidence that is not between 0 and 1.
    """
    from lifelines import KaplanMeierFitter

    require_single_cause("table", table)
    require_share("confidence", confidence)
    steps = table.steps()
    with np.errstate():  # lifelines changes numpy's error handling for the whole process; leaving this block undoes it
        fit = KaplanMeierFitter(alpha=1 - confidence)
        fit.fit(table.time, event_observed=table.outcome, weights=table.count)
        survival = fit.survival_function_.loc[steps.time].to_numpy()[:, 0]
        lower, upper = fit.confidence_interval_.loc[steps.time].to_numpy().T
    bounded = (survival > 0) & (survival < 1)
    return KaplanMeier(
        time=steps.time,
        survival=survival,
        standard_error=_greenwood(survival, steps.at_risk, steps.events),
        lower=np.where(bounded, lower, np.nan),
        upper=np.where(bounded, upper, np.nan),
        at_risk=steps.at_risk,
        events=steps.events,
        censored=steps.censored,
        confidence=confidence,
    )


def median_follow_up(table: RiskTable, confidence: float = 0.95) -> Quantile:
    """Median follow-up by the reverse Kaplan-Meier method: censoring is the event, and any cause ends follow-up.

    A patient with an event on a day on which others are censored still counts as at risk of being censored on that
    day, as in R's `survfit(Surv(time, status == 0))`; `prodlim(reverse = TRUE)` takes such patients out first.
    Source: Schemper and Smith (1996), Controlled Clinical Trials 17:343-346.
    """
    return kaplan_meier(table.reversed(), confidence).median()


def _greenwood(survival: Floats, at_risk: Ints, events: Ints) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return survival * np.sqrt(np.cumsum(events / (at_risk * (at_risk - events).astype(np.float64))))


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
