"""The rows of a regression: times, outcomes and covariates of patients, or of their intervals.

Fitting a model to them is left to `regression` and `fine_gray`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from timeline.survival.covariates import Covariate, Numeric, require_none_missing
from timeline.survival.errors import InvalidInput
from timeline.survival.table import (
    EVENT,
    Ints,
    IntsLike,
    require_entry_before_time,
    whole_numbers,
)


@dataclass(frozen=True, eq=False)
class RegressionRows:
    """N rows to regress on; arrays of shape (N,).

    `time`, `outcome`, `count` and `entry` are those of `RiskTable`: a row stands for `count` patients alike in all it
    says. A covariate that changes at an event makes two rows of a patient, (0, day] censored with the old value and
    (day, time] with the new one, the second with an `entry`: a patient has never more than one row at a time.
    `stratum` numbers or names the strata, each with a baseline hazard of its own.

    Raises InvalidInput: for no row, arrays of different length, no covariate, two of the same name, a missing stratum,
    or an entry after the origin that is not before its time.
    """

    time: Ints
    outcome: Ints
    count: Ints
    entry: Ints
    stratum: Ints
    covariates: tuple[Covariate, ...]

    def __init__(
        self,
        time: IntsLike,
        outcome: IntsLike,
        covariates: Sequence[Covariate],
        count: IntsLike | None = None,
        entry: IntsLike | None = None,
        stratum: IntsLike | Sequence[str] | None = None,
    ) -> None:
        days = whole_numbers("time", time, minimum=0)
        zeros, ones = np.zeros_like(days), np.ones_like(days)
        columns = {
            "time": days,
            "outcome": whole_numbers("outcome", outcome, minimum=0),
            "count": ones if count is None else whole_numbers("count", count, minimum=1),
            "entry": zeros if entry is None else whole_numbers("entry", entry, minimum=0),
            "stratum": zeros if stratum is None else _numbered(stratum),
        }
        lengths = {name: len(column) for name, column in columns.items()}
        for covariate in covariates:
            lengths[covariate.name] = len(covariate.values if isinstance(covariate, Numeric) else covariate.codes)
        if len(set(lengths.values())) > 1:
            found = ", ".join(f"{length} of {name}" for name, length in lengths.items())
            raise InvalidInput("rows", "arrays of equal length", found)
        if not len(days):
            raise InvalidInput("rows", "at least one patient", "none")
        names = [covariate.name for covariate in covariates]
        if not names or len(set(names)) < len(names):
            raise InvalidInput("covariates", "at least one, each with its own name", ", ".join(names) or "none")
        require_entry_before_time("entry", columns["entry"], days)
        for name, column in columns.items():
            object.__setattr__(self, name, column)
        object.__setattr__(self, "covariates", tuple(covariates))

    @property
    def n(self) -> int:
        """Patients; where covariates change at an event, their intervals."""
        return int(self.count.sum())

    @property
    def events(self) -> int:
        """Events of interest."""
        return int(self.count[self.outcome == EVENT].sum())


def _numbered(stratum: IntsLike | Sequence[str]) -> Ints:
    labels = np.asarray(stratum)
    # Only what is missing differs from itself, or is None.
    require_none_missing(
        "stratum", np.array([label is None or label != label for label in labels.tolist()], dtype=bool)
    )
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)
