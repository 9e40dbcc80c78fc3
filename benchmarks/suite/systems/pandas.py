"""pandas and lifelines, in the way in which a data scientist would write it: the files are read with the columns that
are needed, events are picked by `drop_duplicates` since they are sorted, anchors are mapped onto events.

Conditions on events are counted twice, once where they surely hold and once where they are unknown; see `is_any`.
"""

from __future__ import annotations

from typing import Any

from benchmarks.suite.data import EVENTS, Place
from benchmarks.suite.outputs import attrition_of, stored
from benchmarks.suite.systems import Timed, of_study
from benchmarks.suite.systems.timeline import fresh


def load() -> None:
    """Imports that do not count."""
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401


def read(place: Place, event: str, *columns: str) -> Any:
    """The events of a type, by patient, start and order of recording."""
    import pyarrow.parquet as pq

    return pq.read_table(place.file(event), columns=["patient", *columns]).to_pandas(date_as_object=False)


def last_day(events: Any) -> Any:
    return events["end"].fillna(events["start"])


def first(events: Any) -> Any:
    """The first event of each patient, under the patient."""
    return events.drop_duplicates("patient").set_index("patient")


def last(events: Any) -> Any:
    return events.drop_duplicates("patient", keep="last").set_index("patient")


def latest(events: Any) -> Any:
    """The latest last day of each patient's events."""
    return last_day(events).groupby(events["patient"], sort=False).max()


def counts(events: Any, condition: Any) -> Any:
    """How many events of each patient meet a condition."""
    return events.loc[condition, "patient"].value_counts(sort=False)


def is_any(patients: Any, surely: Any, perhaps: Any = None) -> Any:
    """True where an event surely meets a condition, unknown where one perhaps does."""
    import pandas as pd

    found = pd.array(surely.reindex(patients, fill_value=0).to_numpy() > 0, dtype="boolean")
    if perhaps is not None:
        found[~found.to_numpy(dtype=bool) & (perhaps.reindex(patients, fill_value=0).to_numpy() > 0)] = pd.NA
    return pd.Series(found, index=patients)


def endpoint(origin: Any, ends: list[tuple[Any, int, str]], seen: Any) -> Any:
    """Rows of an endpoint: of each patient with an origin the earliest end, else the day last seen.

    `ends` are days with their cause and reason, in the order in which they count on one day.
    """
    import numpy as np
    import pandas as pd

    days = [day.reindex(origin.index) for day, _, _ in ends]
    ended = pd.concat(days, axis=1).min(axis=1) if len(days) > 1 else days[0]
    end = ended.fillna(seen.reindex(origin.index))
    counted = end >= origin
    which = [(day == ended).to_numpy() for day in days]
    cause = np.select(which, [number for _, number, _ in ends], 0)
    reason = np.select(which, [words for _, _, words in ends], "end of follow-up")
    excluded = np.select([end.isna(), ~counted], ["no follow-up", "end before origin"], "")
    return pd.DataFrame(
        {
            "origin": origin,
            "end": end.where(counted),
            "time": (end - origin).dt.days.where(counted).astype("Int64"),
            "cause": pd.Series(cause, index=origin.index).where(counted).astype("Int64"),
            "reason": pd.Series(reason, index=origin.index).where(counted, None),
            "excluded": pd.Series(excluded, index=origin.index).where(~counted, None),
        }
    )


def survival(place: Place) -> Any:
    """W1."""
    rt = first(read(place, "radiotherapy", "start"))["start"]
    rt = rt[rt.index.isin(read(place, "registration")["patient"])]
    deaths = read(place, "death", "start")
    died = first(deaths[deaths["start"] >= deaths["patient"].map(rt)])["start"]
    seen = latest(read(place, "follow_up", "start", "end"))
    return endpoint(rt, [(died, 1, "death")], seen).rename_axis("patient").reset_index()


def recurrence_free(place: Place) -> Any:
    """W2."""
    surgery = read(place, "surgery", "start", "end", "intent")
    cleared = last(surgery[surgery["intent"] == "curative"])
    origin, after = cleared["start"], last_day(cleared)

    def found(event: str, anchor: Any) -> Any:
        events = read(place, event, "start")
        return first(events[events["start"] > events["patient"].map(anchor)])["start"]

    deaths = read(place, "death", "start")
    died = first(deaths[deaths["start"] >= deaths["patient"].map(origin)])["start"]
    ends = [
        (found("recurrence", after), 1, "recurrence"),
        (found("progression", after), 1, "progression"),
        (died, 0, "died without recurrence"),
    ]
    seen = latest(read(place, "follow_up", "start", "end"))
    return endpoint(origin, ends, seen).rename_axis("patient").reset_index()


def _rows(make: Any) -> Any:
    def prepare(place: Place) -> Timed:
        load()
        return lambda: {"rows": make(place)}

    return prepare


def _w3(place: Place) -> Timed:
    load()

    def run() -> Any:
        import pandas as pd

        rt = first(read(place, "radiotherapy", "start"))["start"]

        def near(event: str, *columns: str) -> Any:
            events = read(place, event, "start", *columns)
            events["days"] = (events["start"] - events["patient"].map(rt)).dt.days
            return events[events["days"].notna()]

        metastases, scans, cycles = (
            near("metastasis", "site"),
            near("imaging", "modality", "response"),
            near("chemotherapy"),
        )
        operations = near("surgery", "intent")
        before = metastases[metastases["days"] <= 0]
        soon = before["days"] >= -180
        staging = scans[scans["days"].between(-90, 0)]
        after = scans[scans["days"].between(1, 180)]
        ct, not_ct = after["modality"] == "CT", after["modality"].notna() & (after["modality"] != "CT")
        grew, not_grown = (
            after["response"] == "progressive",
            after["response"].notna() & (after["response"] != "progressive"),
        )
        operated = operations[operations["days"].between(1, 400)]
        everyone = rt.index

        def number(events: Any, condition: Any) -> Any:
            return counts(events, condition).reindex(everyone, fill_value=0)

        def always(truth: Any) -> Any:
            return pd.Series(pd.array(truth.to_numpy(), dtype="boolean"), index=everyone)

        inside = before["site"].isin(["liver", "lung"])
        requirements = [
            is_any(everyone, counts(before, soon & inside), counts(before, soon & before["site"].isna())),
            ~is_any(everyone, counts(before, ~inside & before["site"].notna()), counts(before, before["site"].isna())),
            is_any(everyone, counts(staging, staging["modality"] == "CT"), counts(staging, staging["modality"].isna())),
            always(number(cycles, cycles["days"].between(1, 60)) > 0),
            always(number(cycles, cycles["days"] <= 0) == 0),
            always(number(cycles, cycles["days"].between(1, 240)) >= 4),
            is_any(
                everyone,
                counts(after, ct & after["response"].notna()),
                counts(after, ~ct & ~not_ct & after["response"].notna()),
            ),
            ~is_any(everyone, counts(after, ct & grew), counts(after, ~not_ct & ~not_grown)),
            is_any(
                everyone,
                counts(operated, operated["intent"] == "curative"),
                counts(operated, operated["intent"].isna()),
            ),
            always(number(operated, operated["days"].notna()) <= 3),
        ]
        considered = len(read(place, "patients"))
        fell = {1: (considered - len(rt), 0)}
        inside_so_far = pd.Series(True, index=everyone)
        for step, requirement in enumerate(requirements, 2):
            met = requirement.fillna(False).astype(bool)
            lost = inside_so_far & ~met
            fell[step] = (int(lost.sum()), int((lost & requirement.isna()).sum()))
            inside_so_far &= met
        members = rt[inside_so_far].rename("index").rename_axis("patient").reset_index()
        return {"members": members, "attrition": attrition_of("planned", 11, considered, fell)}

    return run


def _w5(place: Place) -> Timed:
    load()

    def run() -> Any:
        import pandas as pd

        wanted = [("patient", "==", place.someone)]
        parts = [pd.read_parquet(place.file(event), filters=wanted).assign(event=event) for event in EVENTS]
        found = [part for part in parts if len(part)]
        history = pd.concat(found, ignore_index=True).sort_values(["start", "position"])
        return {"history": history.astype({"lesions": "Int64", "fractions": "Int64"})}

    return run


def _w6(place: Place) -> Timed:
    load()
    folder = fresh(place.folder("export") / "pandas")

    def run() -> Any:
        for name, make in (("w1", survival), ("w2", recurrence_free)):
            rows = make(place)
            timed = rows[rows["excluded"].isna()].drop(columns="excluded").sort_values("patient")
            timed.to_parquet(folder / f"{name}.parquet", index=False)
        return {f"{name} exported": folder / f"{name}.parquet" for name in ("w1", "w2")}

    return run


def _w7(place: Place) -> Timed:
    load()
    folder = fresh(place.folder("import") / "pandas")

    def run() -> Any:
        import pandas as pd

        for number, path in enumerate(sorted(place.histories.glob("events-*.parquet"))):
            events = pd.read_parquet(path)
            for event, rows in events.groupby("event", sort=False):
                (folder / str(event)).mkdir(exist_ok=True)
                rows.dropna(axis="columns", how="all").to_parquet(folder / str(event) / f"{number}.parquet")
        return {"stored": stored(lambda event: pd.read_parquet(folder / event, columns=["patient", "start"]))}

    return run


WORKLOADS = {
    "W1": _rows(survival),
    "W2": _rows(recurrence_free),
    "W3": _w3,
    "W4": of_study("pandas_study", load, changed=False),
    "W5": _w5,
    "W6": _w6,
    "W7": _w7,
    "W8": of_study("pandas_study", load, changed=True),
}
