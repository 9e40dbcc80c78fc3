"""polars and lifelines: lazy frames over the files, one query a workload, so that columns and filters are pushed down.

Conditions are true, false or null, and polars combines them as the language does.
"""

from __future__ import annotations

from typing import Any

from benchmarks.suite.data import EVENTS, Place
from benchmarks.suite.outputs import attrition_of, stored
from benchmarks.suite.systems import Timed, of_study
from benchmarks.suite.systems.timeline import fresh

ORDER = ("start", "position")


def load() -> None:
    """Imports that do not count."""
    import polars  # noqa: F401


def scan(place: Place, event: str) -> Any:
    import polars as pl

    return pl.scan_parquet(place.file(event))


def last_day() -> Any:
    import polars as pl

    return pl.coalesce("end", "start")


def first_of(column: str | Any) -> Any:
    """The value that the first event has, also where it is missing."""
    import polars as pl

    return (pl.col(column) if isinstance(column, str) else column).sort_by(*ORDER).first()


def last_of(column: str | Any) -> Any:
    import polars as pl

    return (pl.col(column) if isinstance(column, str) else column).sort_by(*ORDER).last()


def is_any(condition: Any) -> Any:
    """Whether an event of the group meets the condition; unknown where one perhaps does and none surely."""
    return condition.any(ignore_nulls=False)


def endpoint(rows: Any, ends: list[tuple[str, int, str]]) -> Any:
    """Rows of an endpoint from the columns `origin`, `seen` and those of the days that can end it, with their causes.

    The days stand in the order in which they count on one day.
    """
    import polars as pl

    ended = pl.min_horizontal([day for day, _, _ in ends])
    end = pl.coalesce(ended, "seen")
    counted = end >= pl.col("origin")
    cause: Any = pl.lit(0)
    reason: Any = pl.lit("end of follow-up")
    for day, number, words in reversed(ends):
        cause = pl.when(pl.col(day) == ended).then(number).otherwise(cause)
        reason = pl.when(pl.col(day) == ended).then(pl.lit(words)).otherwise(reason)
    return rows.select(
        "patient",
        "origin",
        end=pl.when(counted).then(end),
        time=pl.when(counted).then((end - pl.col("origin")).dt.total_days()),
        cause=pl.when(counted).then(cause),
        reason=pl.when(counted).then(reason),
        excluded=pl.when(end.is_null())
        .then(pl.lit("no follow-up"))
        .when(end < pl.col("origin"))
        .then(pl.lit("end before origin")),
    )


def seen(place: Place) -> Any:
    return scan(place, "follow_up").group_by("patient").agg(seen=last_day().max())


def survival(place: Place) -> Any:
    """W1, to be collected."""
    import polars as pl

    treated = scan(place, "radiotherapy").group_by("patient").agg(origin=pl.col("start").min())
    treated = treated.join(scan(place, "registration").select("patient"), on="patient", how="semi")
    died = scan(place, "death").join(treated, on="patient").filter(pl.col("start") >= pl.col("origin"))
    rows = treated.join(died.group_by("patient").agg(died=pl.col("start").min()), on="patient", how="left")
    return endpoint(rows.join(seen(place), on="patient", how="left"), [("died", 1, "death")])


def recurrence_free(place: Place) -> Any:
    """W2, to be collected."""
    import polars as pl

    surgery = scan(place, "surgery").filter(pl.col("intent") == "curative")
    cleared = surgery.group_by("patient").agg(origin=pl.col("start").max(), after=last_of(last_day()))
    rows = cleared.join(seen(place), on="patient", how="left")
    for event, condition in (
        ("recurrence", pl.col("start") > pl.col("after")),
        ("progression", pl.col("start") > pl.col("after")),
        ("death", pl.col("start") >= pl.col("origin")),
    ):
        found = scan(place, event).select("patient", "start").join(cleared, on="patient").filter(condition)
        rows = rows.join(found.group_by("patient").agg(pl.col("start").min().alias(event)), on="patient", how="left")
    ends = [("recurrence", 1, "recurrence"), ("progression", 1, "progression"), ("death", 0, "died without recurrence")]
    return endpoint(rows, ends)


def _rows(make: Any) -> Any:
    def prepare(place: Place) -> Timed:
        load()
        return lambda: {"rows": make(place).collect()}

    return prepare


def _w3(place: Place) -> Timed:
    load()

    def run() -> Any:
        import polars as pl

        treated = scan(place, "radiotherapy").group_by("patient").agg(rt=pl.col("start").min())
        days = (pl.col("start") - pl.col("rt")).dt.total_days()

        def near(event: str, first: int | None, last: int, **found: Any) -> Any:
            events = scan(place, event).join(treated, on="patient")
            inside = days <= last if first is None else days.is_between(first, last)
            return events.filter(inside).group_by("patient").agg(**found)

        inside = pl.col("site").is_in(["liver", "lung"])
        ct, response = pl.col("modality") == "CT", pl.col("response")
        parts = [
            near("metastasis", None, 0, r1=is_any(inside & (days >= -180)), elsewhere=is_any(~inside)),
            near("imaging", -90, 0, r3=is_any(ct)),
            near(
                *("imaging", 1, 180),
                r7=is_any(ct & response.is_not_null()),
                grew=is_any(ct & (response == "progressive")),
            ),
            near(
                *("chemotherapy", None, 240),
                soon=days.is_between(1, 60).any(),
                before=(days <= 0).any(),
                given=(days > 0).sum(),
            ),
            near("surgery", 1, 400, r9=is_any(pl.col("intent") == "curative"), operations=pl.len()),
        ]
        rows = treated
        for part in parts:
            # A patient without events has none, which a missing row does not tell from unknown.
            rows = rows.join(part.with_columns(here=True), on="patient", how="left")
            names = [name for name in part.collect_schema().names() if name not in ("patient", "given", "operations")]
            there = pl.col("here").is_not_null()
            rows = rows.with_columns(pl.when(there).then(pl.col(name)).otherwise(False).alias(name) for name in names)
            rows = rows.drop("here")
        requirements = [
            pl.col("r1"), ~pl.col("elsewhere"), pl.col("r3"), pl.col("soon"), ~pl.col("before"),
            pl.col("given").fill_null(0) >= 4, pl.col("r7"), ~pl.col("grew"), pl.col("r9"),
            pl.col("operations").fill_null(0) <= 3,
        ]  # fmt: skip
        step, unknown = pl.lit(0), pl.lit(False)
        for number, requirement in reversed(list(enumerate(requirements, 2))):
            met = requirement.fill_null(False)
            step = pl.when(~met).then(number).otherwise(step)
            unknown = pl.when(~met).then(requirement.is_null()).otherwise(unknown)
        stepped = rows.select("patient", index="rt", step=step, unknown=unknown).collect()
        considered = scan(place, "patients").select(pl.len()).collect().item()
        lost = stepped.filter(pl.col("step") > 0).group_by("step").agg(pl.len(), pl.col("unknown").sum())
        fell = {number: (count, unknown) for number, count, unknown in lost.rows()}
        fell[1] = (considered - len(stepped), 0)
        members = stepped.filter(pl.col("step") == 0).select("patient", "index")
        return {"members": members, "attrition": attrition_of("planned", 11, considered, fell)}

    return run


def _w5(place: Place) -> Timed:
    load()

    def run() -> Any:
        import polars as pl

        parts = [
            scan(place, event).filter(pl.col("patient") == place.someone).with_columns(event=pl.lit(event))
            for event in EVENTS
        ]
        return {"history": pl.concat(parts, how="diagonal").sort(*ORDER).collect()}

    return run


def _w6(place: Place) -> Timed:
    load()
    folder = fresh(place.folder("export") / "polars")

    def run() -> Any:
        import polars as pl

        for name, make in (("w1", survival), ("w2", recurrence_free)):
            rows = make(place).filter(pl.col("excluded").is_null()).drop("excluded").sort("patient")
            rows.sink_parquet(folder / f"{name}.parquet")
        return {f"{name} exported": folder / f"{name}.parquet" for name in ("w1", "w2")}

    return run


def _w7(place: Place) -> Timed:
    load()
    folder = fresh(place.folder("import") / "polars")

    def run() -> Any:
        import polars as pl

        for number, path in enumerate(sorted(place.histories.glob("events-*.parquet"))):
            for (event,), rows in pl.read_parquet(path).partition_by("event", as_dict=True).items():
                (folder / event).mkdir(exist_ok=True)
                kept = [column.name for column in rows if column.null_count() < len(rows)]
                rows.select(kept).write_parquet(folder / event / f"{number}.parquet")

        def events_of(event: str) -> Any:
            return pl.read_parquet(folder / event / "*.parquet", columns=["patient", "start"]).to_arrow()

        return {"stored": stored(events_of)}

    return run


WORKLOADS = {
    "W1": _rows(survival),
    "W2": _rows(recurrence_free),
    "W3": _w3,
    "W4": of_study("polars_study", load, changed=False),
    "W5": _w5,
    "W6": _w6,
    "W7": _w7,
    "W8": of_study("polars_study", load, changed=True),
}
