"""SQL for DuckDB as an expert would write it by hand for these questions, on the views of the same store.

The queries stand in `benchmarks/workloads`. They are the limit that a compiler can reach.
"""

from __future__ import annotations

from typing import Any

from benchmarks.suite.data import EVENTS, Place, connect
from benchmarks.suite.outputs import attrition_of, stored, workload
from benchmarks.suite.systems import Timed, of_study
from benchmarks.suite.systems.timeline import fresh

W1 = ("radiotherapy", "registration", "death", "follow_up")
W2 = ("surgery", "recurrence", "progression", "death", "follow_up")
W3 = ("radiotherapy", "metastasis", "imaging", "chemotherapy", "surgery", "patients")
"""What the queries read."""


def load() -> None:
    """Imports that do not count."""
    import duckdb  # noqa: F401

    from timeline.engine import views  # noqa: F401
    from timeline.log import Log  # noqa: F401


def _query(name: str) -> str:
    return workload(name).read_text(encoding="utf-8")


def statements(name: str) -> list[str]:
    return _query(name).strip().rstrip(";").split(";\n")


def _rows(name: str, events: tuple[str, ...]) -> Any:
    def prepare(place: Place) -> Timed:
        load()

        def run() -> Any:
            with connect(place.store, events) as connection:
                return {"rows": connection.sql(_query(name)).to_arrow_table()}

        return run

    return prepare


def _w3(place: Place) -> Timed:
    load()

    def run() -> Any:
        with connect(place.store, W3) as connection:
            make, attrition, members = statements("w3.sql")
            connection.execute(make)
            fell = {step: (patients, unknown) for step, patients, unknown in connection.execute(attrition).fetchall()}
            [(considered,)] = connection.execute("SELECT count(*) FROM log.patients").fetchall()
            untreated = considered - sum(patients for patients, _ in fell.values())
            rows = attrition_of("planned", 11, considered, {**fell, 1: (untreated, 0)})
            return {"members": connection.sql(members).to_arrow_table(), "attrition": rows}

    return run


def _w5(place: Place) -> Timed:
    load()

    def run() -> Any:
        with connect(place.store, EVENTS) as connection:
            shown = "* EXCLUDE (event_id, start_precision, end_precision)"
            parts = " UNION ALL BY NAME ".join(
                f"SELECT '{event}' AS event, {shown} FROM log.{event} WHERE patient = $patient" for event in EVENTS
            )
            query = f"{parts} ORDER BY start, position"
            return {"history": connection.sql(query, params={"patient": place.someone}).to_arrow_table()}

    return run


def _w6(place: Place) -> Timed:
    load()
    folder = fresh(place.folder("export") / "sql")

    def run() -> Any:
        with connect(place.store, tuple(dict.fromkeys((*W1, *W2)))) as connection:
            for name in ("w1", "w2"):
                query = f"SELECT * EXCLUDE (excluded) FROM ({_query(f'{name}.sql')}) WHERE excluded IS NULL"
                connection.execute(f"COPY ({query} ORDER BY patient) TO '{folder / name}.parquet' (FORMAT parquet)")
        return {f"{name} exported": folder / f"{name}.parquet" for name in ("w1", "w2")}

    return run


def _w7(place: Place) -> Timed:
    """The same files into one Parquet file an event type; nothing is checked, nothing numbered, nothing flushed."""
    load()
    folder = fresh(place.folder("import") / "sql")

    def run() -> Any:
        import duckdb

        with duckdb.connect() as connection:
            source = f"read_parquet('{place.histories}/events-*.parquet', union_by_name = true)"
            query = f"COPY (FROM {source}) TO '{folder}' (FORMAT parquet, PARTITION_BY (event), OVERWRITE_OR_IGNORE)"
            connection.execute(query)

            def events_of(event: str) -> Any:
                found = f"SELECT patient, start FROM read_parquet('{folder}/event={event}/*.parquet')"
                return connection.sql(found).to_arrow_table()

            return {"stored": stored(events_of)}

    return run


WORKLOADS = {
    "W1": _rows("w1.sql", W1),
    "W2": _rows("w2.sql", W2),
    "W3": _w3,
    "W4": of_study("sql_study", load, changed=False),
    "W5": _w5,
    "W6": _w6,
    "W7": _w7,
    "W8": of_study("sql_study", load, changed=True),
}
