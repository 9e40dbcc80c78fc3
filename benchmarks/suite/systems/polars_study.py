"""W4 and W8 in polars: a frame of patients, and from it arrays that lifelines estimates from."""

from __future__ import annotations

from datetime import date
from typing import Any

from benchmarks.suite.data import Place
from benchmarks.suite.systems import estimates
from benchmarks.suite.systems.figures import SUMMARY, Figure, as_rows
from benchmarks.suite.systems.m1 import ANALYSES, CONDITIONS, GRADES, LEVELS, NUMBERS, Analysis, attrition, members
from benchmarks.suite.systems.polars import first_of, is_any, last_day, last_of, scan, seen


def run(place: Place, changed: bool) -> Any:
    import polars as pl

    patients = _patients(place, GRADES[changed]).collect()
    combinations = patients.group_by(CONDITIONS).agg(pl.len()).rows()
    figures = _table(patients.filter(pl.col("enrolled")))
    for analysis in ANALYSES:
        figures += estimates.estimate(analysis, _groups(patients, analysis))
    return {"attrition": attrition(combinations), "figures": as_rows(figures)}


def _patients(place: Place, grades: tuple[str, ...]) -> Any:
    import polars as pl

    start, site, intent = pl.col("start"), pl.col("site"), pl.col("intent")
    curative = intent == "curative"
    of_event = {"start": start, "last": last_day()}

    def group(events: Any, **found: Any) -> Any:
        return events.group_by("patient").agg(**found)

    def earliest(events: Any, name: str) -> Any:
        return group(events, **{name: start.min()})

    rows = scan(place, "patients")
    anchors = [
        group(scan(place, "radiotherapy"), rt=start.min(), rt_end=first_of("end"), rt_last=first_of(last_day())),
        group(scan(place, "chemotherapy"), first_cycle=start.min(), cycles=pl.len()),
        group(
            scan(place, "surgery"),
            operated=pl.lit(True),
            primary_resected=is_any((site == "rectum") & curative),
            liver_resected=is_any((site == "liver") & curative),
            lung_resected=is_any((site == "lung") & curative),
            free_margins=is_any(curative) & ~is_any(curative & (pl.col("r_status") != "R0")),
            resected=is_any(site == "rectum"),
        ),
        group(scan(place, "surgery").filter(curative), cleared=start.max(), cleared_last=last_of(last_day())),
        group(
            scan(place, "registration"),
            registration=start.min(),
            registration_last=first_of(last_day()),
            sex=first_of("sex"),
        ),
        group(
            scan(place, "registration").filter(pl.col("birth_date").is_not_null()), birth_date=first_of("birth_date")
        ),
        seen(place),
    ]
    for anchor in anchors:
        rows = rows.join(anchor, on="patient", how="left")
    # Computed once, since everything that follows rests on it.
    rows = rows.collect().lazy()
    days = rows.select("patient", "rt", "rt_last", "cleared", "cleared_last", "registration_last")

    def beside(event: str, other: Any = days) -> Any:
        return scan(place, event).join(other, on="patient")

    recurrences = beside("recurrence").filter(start > pl.col("cleared_last"))
    recurrences = recurrences.select("patient", "site", "position", **of_event).collect().lazy()
    relapse = group(recurrences, relapse=start.min(), relapse_last=first_of("last"))
    recurrences = recurrences.join(relapse, on="patient")
    on_relapse = recurrences.filter(start <= pl.col("relapse_last"))
    distant = group(on_relapse, distant=is_any(site != "rectum"))
    following = earliest(recurrences.filter(start > pl.col("relapse_last")), "next_relapse")
    relapse = relapse.join(distant, on="patient", how="left").join(following, on="patient", how="left")
    treated = beside("recurrence_treatment", relapse).filter(
        (pl.col("residual") == "none")
        & (start >= pl.col("relapse"))
        & (start < pl.col("next_relapse").fill_null(date(9999, 12, 31)))
    )
    treated = group(treated, again=start.min(), again_last=first_of(last_day()))
    relapse = relapse.join(treated, on="patient", how="left").collect().lazy()
    rectal = site == "rectum"
    found = [
        relapse.drop("relapse_last"),
        group(scan(place, "diagnosis").filter(rectal), t=first_of("t_category"), n=first_of("n_category")),
        group(
            beside("diagnosis"),
            diagnosed=pl.lit(True),
            adenocarcinoma=is_any(
                (start <= pl.col("registration_last"))
                & rectal
                & (pl.col("histology") == "adenocarcinoma")
                & (pl.col("confirmed") == "histology")
            ),
        ),
        group(
            beside("metastasis"),
            staged=pl.lit(True),
            in_liver=pl.col("lesions").filter((start <= pl.col("rt_last")) & (site == "liver")).sum(),
            in_lung=pl.col("lesions").filter((start <= pl.col("rt_last")) & (site == "lung")).sum(),
            metastatic=is_any((start <= pl.col("rt_last")) & site.is_in(["liver", "lung"])),
        ),
        group(beside("pathology").filter(rectal & (start <= pl.col("cleared_last"))), trg=first_of("trg")),
        earliest(beside("progression").filter(start > pl.col("cleared_last")), "progression"),
        earliest(
            recurrences.join(relapse, on="patient").filter(start > pl.col("again_last")), "second_relapse"
        ),
        group(
            beside("death").join(relapse, on="patient", how="left"),
            dead=pl.lit(True),
            died=start.filter(start >= pl.col("rt")).min(),
            died_cleared=start.filter(start >= pl.col("cleared")).min(),
            died_relapsed=start.filter(start >= pl.col("relapse")).min(),
            died_again=start.filter(start >= pl.col("again")).min(),
        ),
        group(beside("close_out"), closed=start.filter(start >= pl.col("rt")).min(), closed_seen=last_day().max()),
    ]  # fmt: skip
    for part in found:
        rows = rows.join(part, on="patient", how="left")
    return _worked_out(rows, grades)


def _worked_out(rows: Any, grades: tuple[str, ...]) -> Any:
    import polars as pl

    def at_least_0(name: str) -> Any:
        return pl.col(name).fill_null(0)

    has = {name: pl.col(name).is_not_null() for name in ("rt", "registration", "relapse", "again", "operated", "dead")}

    # A patient without events of a type has none: what is_any says of a patient who has some, stays.
    def of_some(name: str, there: str) -> Any:
        return pl.when(pl.col(there).is_not_null()).then(pl.col(name)).otherwise(False)

    liver, lung = at_least_0("in_liver"), at_least_0("in_lung")
    rows = rows.with_columns(
        age=_years("birth_date", "rt"),
        rt_to_ct=(pl.col("first_cycle") - pl.col("rt_end")).dt.total_days(),
        treated=has["rt"],
        registered=has["registration"],
        adult=_years("birth_date", "registration") >= 18,
        primary_resected=of_some("primary_resected", "operated"),
        liver_treated=(liver == 0) | of_some("liver_resected", "operated"),
        lung_treated=(lung == 0) | of_some("lung_resected", "operated"),
        free_margins=of_some("free_margins", "operated"),
        resected=of_some("resected", "operated"),
        six_cycles=at_least_0("cycles") == 6,
        relapsed=has["relapse"],
        distant=of_some("distant", "relapse"),
        cleared_again=has["again"],
        alive=~has["dead"],
        pcr=pl.col("trg").is_in(list(grades)),
        sites=pl.when((liver > 0) & (lung > 0))
        .then(pl.lit("lung and liver"))
        .when(liver > 0)
        .then(pl.lit("liver"))
        .when(lung > 0)
        .then(pl.lit("lung")),
        stage=_stage(),
    )
    rows = rows.with_columns(
        operated=has["operated"],
        adenocarcinoma=of_some("adenocarcinoma", "diagnosed"),
        metastatic=of_some("metastatic", "staged"),
        enrolled=pl.col("treated") & pl.col("registered"),
        event=pl.min_horizontal("relapse", "progression"),
    )
    return rows.with_columns(
        radical=pl.all_horizontal(pl.col(name).fill_null(False) for name in members("radical")),
        **_ended("os", "rt", "died", None, "seen"),
        **_ended("rfs", "cleared", "event", "died_cleared", "seen"),
        **_ended("followed", "rt", "closed", None, "closed_seen"),
        **_ended("clearance", "cleared", "died_cleared", None, "seen"),
        **_ended("relapse", "relapse", "died_relapsed", None, "seen"),
        **_ended("second", "again", "second_relapse", "died_again", "seen"),
    )


def _ended(name: str, origin: str, event: str, competing: str | None, seen: str) -> dict[str, Any]:
    import polars as pl

    ended = pl.min_horizontal(event, competing) if competing else pl.col(event)
    end = pl.coalesce(ended, seen)
    cause = pl.when(pl.col(event) == ended).then(1)
    cause = cause.when(ended.is_not_null()).then(2).otherwise(0) if competing else cause.otherwise(0)
    days = (end - pl.col(origin)).dt.total_days()
    return {f"{name}_time": pl.when(end >= pl.col(origin)).then(days), f"{name}_cause": cause}


def _years(born: str, today: str) -> Any:
    import polars as pl

    years = pl.col(today).dt.year() - pl.col(born).dt.year()
    birthday = pl.col(born).dt.offset_by(pl.format("{}y", years))
    return years - (birthday > pl.col(today)).cast(pl.Int32)


def _stage() -> Any:
    import polars as pl

    t, n = pl.col("t"), pl.col("n")
    some = n.is_in(["N1", "N2"])
    return (
        pl.when((t == "T2") & (n == "N0")).then(pl.lit("T2N0"))
        .when((t == "T2") & (n == "N1")).then(pl.lit("T2N1"))
        .when((t == "T3") & (n == "N0")).then(pl.lit("T3N0"))
        .when((t == "T3") & some).then(pl.lit("T3N1-2"))
        .when((t == "T4") & (n == "N0")).then(pl.lit("T4N0"))
        .when((t == "T4") & some).then(pl.lit("T4N1-2"))
    )  # fmt: skip


def _groups(patients: Any, analysis: Analysis) -> dict[str, estimates.Group]:
    import polars as pl

    time, cause = f"{analysis.time}_time", f"{analysis.time}_cause"
    inside = patients.filter(*members(analysis.cohort), pl.col(time).is_not_null())
    groups = {}
    for value in (True, False) if analysis.by else (True,):
        rows = inside if analysis.by is None else inside.filter(pl.col(analysis.by) == value)
        label = f"{'' if value else 'not '}{analysis.by}"
        groups[label] = (rows[time].to_numpy(), rows[cause].to_numpy(), None)
    return groups


def _table(enrolled: Any) -> list[Figure]:
    import polars as pl

    found: list[Figure] = [("table: n", len(enrolled))]
    for label, name in NUMBERS.items():
        column = pl.col(name)
        [values] = enrolled.select(
            known=column.count(),
            missing=column.null_count(),
            mean=column.mean(),
            sd=column.std(),
            min=column.min(),
            q1=column.quantile(0.25, "linear"),
            median=column.median(),
            q3=column.quantile(0.75, "linear"),
            max=column.max(),
        ).rows()
        found += zip((f"table, {label}: {part}" for part in SUMMARY), values, strict=True)
    for label, name in LEVELS.items():
        counted = enrolled.group_by(pl.col(name).fill_null("missing")).agg(pl.len()).rows()
        found += ((f"table, {label}: {level}", count) for level, count in counted)
    return found
