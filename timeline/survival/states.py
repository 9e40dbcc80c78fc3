"""The share of patients in each state over time: alive disease-free, with recurrence, dead.

The Aalen-Johansen estimate of occupation probabilities for a progressive course, in which nobody returns to a state.
How one patient's states follow from events is decided before; how they are stacked is left to the figures.
"""

from dataclasses import dataclass
from typing import Self

from timeline.survival.table import Floats, Ints, IntsLike


@dataclass(frozen=True, eq=False)
class StateIntervals:
    """Stays in states: `count` patients are in state `state` from day `start` to day `stop`, then move to `to`.

    Arrays of equal length; states are numbered by their place in `states`, which is the order of the course: a patient
    moves only to a later state. `to` is `STAYS` (-1) where the patient is censored in the state. A stay that starts on
    day 0 is at risk on day 0 too; one that starts later from the day after, start < t ≤ stop.

    Raises InvalidInput.
    """

    states: tuple[str, ...]
    state: Ints
    start: Ints
    stop: Ints
    to: Ints
    count: Ints

    def __init__(
        self,
        states: tuple[str, ...],
        state: IntsLike,
        start: IntsLike,
        stop: IntsLike,
        to: IntsLike,
        count: IntsLike,
    ) -> None:
        raise NotImplementedError

    @classmethod
    def illness_death(
        cls,
        first: IntsLike,
        time: IntsLike,
        dead: IntsLike,
        count: IntsLike | None = None,
        states: tuple[str, str, str] = ("disease-free", "recurrence", "dead"),
    ) -> Self:
        """Stays from each row's transition times: `first` is the day of recurrence, NEVER (-1) where there was none;
        `time` the day on which observation ends, `dead` 1 where it ends by death and 0 where by censoring.

        Who recurs on the day of death goes from the first state to death at once, and who recurs on the day of
        censoring is censored with recurrence. Who recurs on day 0 starts with recurrence.
        Raises InvalidInput, also for a recurrence after `time`.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class SharesAt:
    """The share in each state at `day`, in the order of the states, and the patients under observation in each."""

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

    def at(self, day: float) -> SharesAt:
        """The shares at `day`, what happened on it included; None once nobody who could still move is observed."""
        raise NotImplementedError


def state_occupation(intervals: StateIntervals) -> StateOccupation:
    """The share in each state over time.

        p(t) = p(0) Π_{s ≤ t} (I + dA(s)),   dA_jk(s) = d_jk / n_j for j ≠ k,  dA_jj = -Σ_k dA_jk

    d_jk patients move from j to k on a day, of n_j in state j just before it. p(0) is where those are who are observed
    on day 0; should nobody be, everyone starts in the first state.
    Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5:141-150; R's
    `survfit(Surv(start, stop, event) ~ 1, id = …)` with `pstate`.
    """
    raise NotImplementedError
