"""W4 and W8 in pandas: a frame of patients, and from it arrays that lifelines estimates from."""

from __future__ import annotations

from typing import Any

from benchmarks.suite.data import Place
from benchmarks.suite.systems import estimates
from benchmarks.suite.systems.figures import SUMMARY, Figure, as_rows
from benchmarks.suite.systems.m1 import ANALYSES, CONDITIONS, GRADES, LEVELS, NUMBERS, Analysis, attrition, members
from benchmarks.suite.systems.pandas import counts, first, is_any, last, last_day, latest, read


def run(place: Place, changed: bool) -> Any:
    import pandas as pd

    patients = _patients(place, GRADES[changed])
    counted = patients.groupby(list(CONDITIONS), dropna=False, observed=True).size().reset_index()
    truth = [[None if pd.isna(value) else bool(value) for value in row] for row in counted[list(CONDITIONS)].to_numpy()]
    combinations = [[*row, int(count)] for row, count in zip(truth, counted.iloc[:, -1], strict=True)]
    figures = _table(patients[patients["enrolled"]])
    for analysis in ANALYSES:
        figures += estimates.estimate(analysis, _groups(patients, analysis))
    return {"attrition": attrition(combinations), "figures": as_rows(figures)}


def _patients(place: Place, grades: tuple[str, ...]) -> Any:
    import pandas as pd

    who = pd.Index(read(place, "patients")["patient"])
    p = pd.DataFrame(index=who)
    rt = first(read(place, "radiotherapy", "start", "end"))
    p["rt"], p["rt_end"], p["rt_last"] = rt["start"], rt["end"], last_day(rt)
    cycles = read(place, "chemotherapy", "start")
    p["first_cycle"] = first(cycles)["start"]
    p["cycles"] = cycles["patient"].value_counts(sort=False)
    _operations(place, p)
    registration = read(place, "registration", "start", "end", "sex", "birth_date")
    entered = first(registration)
    p["registration"], p["registration_last"], p["sex"] = entered["start"], last_day(entered), entered["sex"]
    p["birth_date"] = first(registration[registration["birth_date"].notna()])["birth_date"]
    p["seen"] = latest(read(place, "follow_up", "start", "end"))
    _relapses(place, p)
    _tumour(place, p)
    _deaths(place, p)
    p["treated"], p["registered"] = p["rt"].notna(), p["registration"].notna()
    p["enrolled"] = p["treated"] & p["registered"]
    p["age"] = _years(p["birth_date"], p["rt"])
    p["adult"] = _years(p["birth_date"], p["registration"]) >= 18
    p["rt_to_ct"] = (p["first_cycle"] - p["rt_end"]).dt.days
    p["six_cycles"] = p["cycles"] == 6
    p["relapsed"], p["cleared_again"] = p["relapse"].notna(), p["again"].notna()
    p["pcr"] = p["trg"].isin(grades).astype("boolean").where(p["trg"].notna())
    p["radical"] = p[list(members("radical"))].fillna(False).all(axis=1)
    event = p[["relapse", "progression"]].min(axis=1)
    for name, origin, days, seen in (
        ("os", "rt", [p["died"]], "seen"),
        ("rfs", "cleared", [event, p["died_cleared"]], "seen"),
        ("followed", "rt", [p["closed"]], "closed_seen"),
        ("clearance", "cleared", [p["died_cleared"]], "seen"),
        ("relapse", "relapse", [p["died_relapsed"]], "seen"),
        ("second", "again", [p["second_relapse"], p["died_again"]], "seen"),
    ):
        p[f"{name}_time"], p[f"{name}_cause"] = _ended(p[origin], days, p[seen])
    return p


def _operations(place: Place, p: Any) -> None:
    surgery = read(place, "surgery", "start", "end", "site", "intent", "r_status")
    curative, perhaps = surgery["intent"] == "curative", surgery["intent"].isna()
    site, somewhere = surgery["site"], surgery["site"].isna()
    cleared = last(surgery[curative])
    p["cleared"], p["cleared_last"] = cleared["start"], last_day(cleared)
    p["operated"] = p.index.isin(surgery["patient"])
    p["resected"] = is_any(p.index, counts(surgery, site == "rectum"), counts(surgery, somewhere))
    for where in ("rectum", "liver", "lung"):
        may_be = ((site == where) | somewhere) & (curative | perhaps)
        p[f"{where}_resected"] = is_any(
            p.index, counts(surgery, (site == where) & curative), counts(surgery, may_be & (somewhere | perhaps))
        )
    p["primary_resected"] = p["rectum_resected"]
    unclear = surgery["r_status"].isna()
    against = surgery["r_status"].notna() & (surgery["r_status"] != "R0")
    unknown = (curative | perhaps) & (against | unclear) & (perhaps | unclear)
    any_curative = is_any(p.index, counts(surgery, curative), counts(surgery, perhaps))
    p["free_margins"] = any_curative & ~is_any(p.index, counts(surgery, curative & against), counts(surgery, unknown))


def _relapses(place: Place, p: Any) -> None:
    found = read(place, "recurrence", "start", "end", "site")
    found = found[found["start"] > found["patient"].map(p["cleared_last"])]
    relapse = first(found)
    p["relapse"], p["relapse_last"] = relapse["start"], last_day(relapse)
    after = found["start"] > found["patient"].map(p["relapse_last"])
    p["next_relapse"] = first(found[after])["start"]
    on = found[~after]
    p["distant"] = is_any(
        p.index, counts(on, on["site"].notna() & (on["site"] != "rectum")), counts(on, on["site"].isna())
    )
    treated = read(place, "recurrence_treatment", "start", "end", "residual")
    start, until = treated["start"], treated["patient"].map(p["next_relapse"])
    inside = (start >= treated["patient"].map(p["relapse"])) & ((start < until) | until.isna())
    again = first(treated[inside & (treated["residual"] == "none")])
    p["again"], p["again_last"] = again["start"], last_day(again)
    p["second_relapse"] = first(found[found["start"] > found["patient"].map(p["again_last"])])["start"]
    progressions = read(place, "progression", "start")
    after = progressions["start"] > progressions["patient"].map(p["cleared_last"])
    p["progression"] = first(progressions[after])["start"]


def _tumour(place: Place, p: Any) -> None:
    import numpy as np

    columns = ("start", "site", "histology", "confirmed", "t_category", "n_category")
    diagnoses = read(place, "diagnosis", *columns)
    tumour = first(diagnoses[diagnoses["site"] == "rectum"])
    registered = diagnoses["patient"].map(p["registration_last"])
    wanted = {"site": "rectum", "histology": "adenocarcinoma", "confirmed": "histology"}
    surely = diagnoses["start"] <= registered
    maybe = surely | registered.isna()
    for name, value in wanted.items():
        surely &= diagnoses[name] == value
        maybe &= (diagnoses[name] == value) | diagnoses[name].isna()
    p["adenocarcinoma"] = is_any(p.index, counts(diagnoses, surely), counts(diagnoses, maybe))
    t, n = tumour["t_category"].reindex(p.index), tumour["n_category"].reindex(p.index)
    some = n.isin(["N1", "N2"])
    choices = {
        "T2N0": (t == "T2") & (n == "N0"),
        "T2N1": (t == "T2") & (n == "N1"),
        "T3N0": (t == "T3") & (n == "N0"),
        "T3N1-2": (t == "T3") & some,
        "T4N0": (t == "T4") & (n == "N0"),
        "T4N1-2": (t == "T4") & some,
    }
    p["stage"] = np.select(list(choices.values()), list(choices), "missing")
    metastases = read(place, "metastasis", "start", "site", "lesions")
    treated = metastases["patient"].map(p["rt_last"])
    before, site = metastases["start"] <= treated, metastases["site"]
    for where in ("liver", "lung"):
        chosen = metastases[before & (site == where)]
        lesions = chosen["lesions"].groupby(chosen["patient"], sort=False).sum().reindex(p.index, fill_value=0)
        p[f"{where}_lesions"] = lesions
        p[f"{where}_treated"] = (lesions == 0).astype("boolean") | p[f"{where}_resected"]
    organs = site.isin(["liver", "lung"])
    maybe = (before | treated.isna()) & (organs | site.isna())
    p["metastatic"] = is_any(p.index, counts(metastases, before & organs), counts(metastases, maybe))
    liver, lung = p["liver_lesions"] > 0, p["lung_lesions"] > 0
    p["sites"] = np.select([liver & lung, liver, lung], ["lung and liver", "liver", "lung"], "missing")
    grades = read(place, "pathology", "start", "site", "trg")
    on_time = grades["start"] <= grades["patient"].map(p["cleared_last"])
    p["trg"] = first(grades[(grades["site"] == "rectum") & on_time])["trg"]


def _deaths(place: Place, p: Any) -> None:
    deaths = read(place, "death", "start")
    p["alive"] = ~p.index.isin(deaths["patient"])
    for name, origin in (
        ("died", "rt"),
        ("died_cleared", "cleared"),
        ("died_relapsed", "relapse"),
        ("died_again", "again"),
    ):
        p[name] = first(deaths[deaths["start"] >= deaths["patient"].map(p[origin])])["start"]
    closed = read(place, "close_out", "start", "end")
    p["closed"] = first(closed[closed["start"] >= closed["patient"].map(p["rt"])])["start"]
    p["closed_seen"] = latest(closed)


def _ended(origin: Any, days: list[Any], seen: Any) -> tuple[Any, Any]:
    import numpy as np
    import pandas as pd

    ended = pd.concat(days, axis=1).min(axis=1) if len(days) > 1 else days[0]
    end = ended.fillna(seen)
    cause = np.select([(day == ended).to_numpy() for day in days], range(1, len(days) + 1), 0)
    return (end - origin).dt.days.where(end >= origin), cause


def _years(born: Any, today: Any) -> Any:
    """Completed years; who was born on 29 February completes one on 28 February where the year has no 29th."""
    years = today.dt.year - born.dt.year
    day = born.dt.day.where(~((born.dt.month == 2) & (born.dt.day == 29) & ~today.dt.is_leap_year), 28)
    too_early = (today.dt.month < born.dt.month) | ((today.dt.month == born.dt.month) & (today.dt.day < day))
    return (years - too_early).astype("Int64")


def _groups(patients: Any, analysis: Analysis) -> dict[str, estimates.Group]:
    time, cause = f"{analysis.time}_time", f"{analysis.time}_cause"
    inside = patients[list(members(analysis.cohort))].fillna(False).all(axis=1) & patients[time].notna()
    groups = {}
    for value in (True, False) if analysis.by else (True,):
        rows = patients[inside if analysis.by is None else inside & (patients[analysis.by] == value).fillna(False)]
        label = f"{'' if value else 'not '}{analysis.by}"
        groups[label] = (rows[time].to_numpy(), rows[cause].to_numpy(), None)
    return groups


def _table(enrolled: Any) -> list[Figure]:
    found: list[Figure] = [("table: n", len(enrolled))]
    for label, name in NUMBERS.items():
        column = enrolled[name].dropna().astype(float)
        values = (
            *(len(column), len(enrolled) - len(column), column.mean(), column.std(), column.min()),
            *(column.quantile(0.25), column.median(), column.quantile(0.75), column.max()),
        )
        found += zip((f"table, {label}: {part}" for part in SUMMARY), values, strict=True)
    for label, name in LEVELS.items():
        counted = enrolled[name].fillna("missing").value_counts()
        found += ((f"table, {label}: {level}", count) for level, count in counted.items())
    return found
