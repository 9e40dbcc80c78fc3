"""How long patients were followed, and how completely: what a reader needs to know before any curve.

What the patients had in that time is left to the other modules.
"""

from dataclasses import dataclass

import numpy as np

from timeline.survival.curve import Plateau, Quantile, kaplan_meier
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.limits import Limits
from timeline.survival.table import CENSORED, IntsLike, RiskTable, whole_numbers


@dataclass(frozen=True)
class FollowUp:
    """Follow-up of one group, in days.

    `median` is that of the reverse Kaplan-Meier method. `shortest` and `longest` are times under observation of all
    patients, however they ended; `shortest_censored` and `longest_censored` of those who ended without any event, None
    where there are none.
    """

    median: Quantile
    shortest: int
    longest: int
    shortest_censored: int | None
    longest_censored: int | None
    n: int
    censored: int


@dataclass(frozen=True)
class Completeness:
    """Clark's C = observed / potential, both in patient-days: 1 where nobody was lost before the cut-off."""

    observed: int
    potential: int
    completeness: float


def median_follow_up(table: RiskTable, confidence: float = 0.95, limits: Limits = "log-log") -> Quantile:
    """Median follow-up by the reverse Kaplan-Meier method: censoring is the event, and any cause ends follow-up.

    A patient with an event on a day on which others are censored still counts as at risk of being censored on that
    day, as in R's `survfit(Surv(time, status == 0))`; `prodlim(reverse = TRUE)` takes such patients out first.
    Source: Schemper and Smith (1996), Controlled Clinical Trials 17:343-346.
    """
    return kaplan_meier(table.reversed(), confidence, limits).median()


def follow_up(
    table: RiskTable, confidence: float = 0.95, limits: Limits = "log-log", plateau: Plateau = "start"
) -> FollowUp:
    """The median with its limits, see `median_follow_up`, and the range, of one group; any cause ends follow-up.

    With delayed entry times still count from the origin. Raises as `kaplan_meier` does.
    """
    censored = table.time[table.outcome == CENSORED]
    return FollowUp(
        median=kaplan_meier(table.reversed(), confidence, limits).median(plateau),
        shortest=int(table.time[0]),
        longest=table.last,
        shortest_censored=int(censored[0]) if len(censored) else None,
        longest_censored=int(censored[-1]) if len(censored) else None,
        n=table.n,
        censored=table.censored,
    )


def completeness_of_follow_up(
    time: IntsLike, outcome: IntsLike, potential: IntsLike, count: IntsLike | None = None
) -> Completeness:
    """Clark's C of patients with these times and outcomes, arrays of equal length as in `RiskTable`.

    `potential` are the days from each row's origin to the cut-off. A patient who had an event could not be followed
    beyond it, so their potential time is their time:

        C = Σ time / Σ (time where there was an event, potential where not)

    Raises InvalidInput for a censored row whose time is after its potential, for arrays of different length or with
    negative numbers; NotEstimable where there is no potential time at all.
    Source: Clark, Altman and De Stavola (2002), Lancet 359:1309-1310.
    """
    times, outcomes, potentials = (
        whole_numbers(name, values, minimum=0)
        for name, values in (("time", time), ("outcome", outcome), ("potential", potential))
    )
    counts = np.ones_like(times) if count is None else whole_numbers("count", count, minimum=1)
    if not len(times) == len(outcomes) == len(potentials) == len(counts):
        lengths = f"{len(times)}, {len(outcomes)}, {len(potentials)} and {len(counts)}"
        raise InvalidInput("time, outcome, potential, count", "arrays of equal length", lengths)
    until_cut_off = outcomes == CENSORED
    if (wrong := until_cut_off & (times > potentials)).any():
        row = int(np.argmax(wrong))
        raise InvalidInput(
            "potential",
            "no patient followed beyond the cut-off",
            f"{potentials[row]} with time {times[row]} in row {row}",
        )
    observed = int((times * counts).sum())
    possible = int((np.where(until_cut_off, potentials, times) * counts).sum())
    if not possible:
        raise NotEstimable("nobody could be followed for a day, so completeness has no meaning")
    return Completeness(observed, possible, observed / possible)
