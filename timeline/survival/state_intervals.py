"""Stays of patients in states: from which day to which, and what came next. What they say is left to `states`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from timeline.survival.errors import InvalidInput
from timeline.survival.table import Ints, IntsLike, require_entry_before_time, whole_numbers

STAYS = -1  # where a stay ends by censoring: the patient stays in the state, as far as is known
NEVER = -1  # where a transition did not happen


@dataclass(frozen=True, eq=False)
class StateIntervals:
    """`count` patients are in state `state` from day `start` to day `stop`, and then move to state `to`.

    Arrays of equal length, a row a stay; states are numbered by their place in `states`, which is the order of the
    course: a patient moves only to a later state. `to` is `STAYS` (-1) where the patient is censored in the state. A
    stay that starts on day 0 is at risk on day 0 too; one that starts later from the day after: start < t ≤ stop.

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
        states: Sequence[str],
        state: IntsLike,
        start: IntsLike,
        stop: IntsLike,
        to: IntsLike,
        count: IntsLike | None = None,
    ) -> None:
        stops = whole_numbers("stop", stop, minimum=0)
        columns = {
            "state": whole_numbers("state", state, minimum=0),
            "start": whole_numbers("start", start, minimum=0),
            "stop": stops,
            "to": whole_numbers("to", to, minimum=STAYS),
            "count": np.ones_like(stops) if count is None else whole_numbers("count", count, minimum=1),
        }
        if len({len(column) for column in columns.values()}) > 1:
            lengths = ", ".join(f"{len(column)} of {name}" for name, column in columns.items())
            raise InvalidInput("intervals", "arrays of equal length", lengths)
        if not len(stops):
            raise InvalidInput("intervals", "at least one", "none")
        if len(states) < 2 or len(set(states)) < len(states):
            raise InvalidInput("states", "at least two, each with its own name", ", ".join(states) or "none")
        _require("state", columns["state"] < len(states), f"numbers below {len(states)}", columns["state"])
        later = (columns["to"] == STAYS) | ((columns["to"] > columns["state"]) & (columns["to"] < len(states)))
        _require("to", later, f"{STAYS} or a later state below {len(states)}", columns["to"])
        require_entry_before_time("start", columns["start"], stops)
        object.__setattr__(self, "states", tuple(states))
        for name, column in columns.items():
            object.__setattr__(self, name, column)

    @classmethod
    def illness_death(
        cls,
        first: IntsLike,
        time: IntsLike,
        dead: IntsLike,
        count: IntsLike | None = None,
        states: tuple[str, str, str] = ("disease-free", "recurrence", "dead"),
    ) -> Self:
        """The stays of rows with these transition times: `first` is the day of recurrence, `NEVER` (-1) where there was
        none, `time` the day on which observation ends, and `dead` 1 where it ends by death, 0 where by censoring.

        Who recurs on the day of death goes from the first state to death at once; who recurs on the day of censoring
        is censored with recurrence; who recurs on day 0 starts with it.
        Raises InvalidInput, also for a recurrence after `time`.
        """
        firsts = whole_numbers("first", first, minimum=NEVER)
        times = whole_numbers("time", time, minimum=0)
        deaths = whole_numbers("dead", dead, minimum=0)
        counts = np.ones_like(times) if count is None else whole_numbers("count", count, minimum=1)
        if not len(firsts) == len(times) == len(deaths) == len(counts):
            lengths = f"{len(firsts)}, {len(times)}, {len(deaths)} and {len(counts)}"
            raise InvalidInput("first, time, dead, count", "arrays of equal length", lengths)
        _require("dead", deaths <= 1, "0 or 1", deaths)
        _require("first", firsts <= times, "no recurrence after the time", firsts)
        end = np.where(deaths == 1, 2, STAYS)
        at_once = (firsts == NEVER) | ((firsts == times) & (deaths == 1) & (firsts > 0))
        recurs = (firsts > 0) & ~at_once
        ill = (firsts == 0) | (recurs & (firsts < times))
        free = at_once | recurs
        zeros = np.zeros_like(times)
        return cls(
            states,
            state=np.concatenate([zeros[free], zeros[ill] + 1]),
            start=np.concatenate([zeros[free], firsts[ill]]),
            stop=np.concatenate([np.where(recurs, firsts, times)[free], times[ill]]),
            to=np.concatenate([np.where(recurs, 1, end)[free], end[ill]]),
            count=np.concatenate([counts[free], counts[ill]]),
        )

    def at_risk(self, days: npt.NDArray[np.float64] | Ints) -> Ints:
        """Patients under observation in each of the K states just before each of T ascending days: shape (T, K)."""
        first = np.where(self.start > 0, np.searchsorted(days, self.start, side="right"), 0)
        end = np.searchsorted(days, self.stop, side="right")
        size = (len(days) + 1, len(self.states))
        entered, left = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        np.add.at(entered, (first, self.state), self.count)
        np.add.at(left, (end, self.state), self.count)
        return np.asarray((entered - left).cumsum(axis=0)[:-1])


def _require(argument: str, holds: npt.NDArray[np.bool_], expected: str, values: Ints) -> None:
    if not holds.all():
        row = int(np.argmin(holds))
        raise InvalidInput(argument, expected, f"{values[row]} in row {row}")
