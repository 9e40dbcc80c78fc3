"""What the systems read, made once and kept: histories, a store with corrections, and the same events for the others.

Each system starts from what suits it, holding the same current events: this program and SQL by hand from the store,
pandas and polars from one Parquet file an event type, R from one CSV file an event type, ACES from MEDS.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.histories import write_histories

CORRECTED = 2_000
"""Of about so many patients at most an event is amended after the import, and of as many one is retracted: of one in
500, and where there are few patients of about ten."""

EVENTS = (
    "registration",
    "diagnosis",
    "metastasis",
    "imaging",
    "radiotherapy",
    "chemotherapy",
    "surgery",
    "pathology",
    "recurrence",
    "progression",
    "recurrence_treatment",
    "follow_up",
    "death",
    "close_out",
    "end_of_treatment",
)
"""Event types that the histories have."""


@dataclass(frozen=True)
class Place:
    """A folder with the data of a number of patients."""

    root: Path
    patients: int

    @property
    def label(self) -> str:
        for size, letter in ((1_000_000, "m"), (1_000, "k")):
            if self.patients >= size and self.patients % size == 0:
                return f"{self.patients // size}{letter}"
        return str(self.patients)

    def folder(self, what: str) -> Path:
        return self.root / f"{what}-{self.label}"

    @property
    def store(self) -> Path:
        return self.folder("store")

    @property
    def histories(self) -> Path:
        return self.folder("histories")

    @property
    def someone(self) -> str:
        """A patient in the middle, whose history W5 asks for."""
        return f"P{self.patients // 2:09d}"

    def file(self, event: str) -> Path:
        """The current events of a type as Parquet."""
        return self.folder("events") / f"{event}.parquet"


def make(place: Place, csv: bool, meds: bool) -> None:
    """Makes what is not there yet."""
    _once(place.histories, lambda folder: write_histories(folder, place.patients))
    _once(place.store, lambda folder: make_store(folder, place))
    _once(place.folder("events"), lambda folder: _write_events(folder, place))
    if csv:
        _once(place.folder("csv"), lambda folder: _write_csv(folder, place))
    if meds:
        _once(place.folder("meds"), lambda folder: _write_meds(folder, place))


def _once(folder: Path, make_in: Any) -> None:
    if folder.exists():
        return
    print(f"making {folder}", flush=True)
    half = folder.with_name(f"{folder.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.parent.mkdir(parents=True, exist_ok=True)
    make_in(half)
    half.rename(folder)


def make_store(store: Path, place: Place, corrected: bool = True) -> None:
    """Imports the histories, then corrects a few events as a registry does in the course of time."""
    from benchmarks.measure import oncology
    from timeline.ingest import import_file
    from timeline.log import Log

    log = Log.create(store, oncology())
    for path in sorted(place.histories.glob("events-*.parquet")):
        import_file(log, str(path))
    if not corrected:
        return
    log.compact()
    amended, retracted = _corrections(log, place.patients)
    if amended:
        log.amend(amended, reason="source data verification")
    if retracted:
        log.retract(retracted, reason="contact of another patient")


def _corrections(log: Any, patients: int) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Margins read again, recurrences dated a week earlier, contacts that were another patient's."""
    from timeline.engine.duckdb import DuckDBEngine

    every = max(min(500, patients // 10), patients // CORRECTED, 1)
    with DuckDBEngine(log.snapshot()) as engine:

        def some(event: str, what: int) -> list[dict[str, Any]]:
            query = f"SELECT event_id, start FROM log.{event} WHERE hash(patient, {what}) % {every} = 0"
            found: list[dict[str, Any]] = engine.query(f"{query} ORDER BY position").to_pylist()
            return found

        margins = {row["event_id"]: {"r_status": "R1"} for row in some("surgery", 1)}
        margins = {event: change for event, change in margins.items() if event not in _with_margin(engine, "R1")}
        earlier = {row["event_id"]: {"start": row["start"] - timedelta(days=7)} for row in some("recurrence", 2)}
        voided = [row["event_id"] for row in some("follow_up", 3)]
    return {**margins, **earlier}, voided


def _with_margin(engine: Any, status: str) -> set[str]:
    found = engine.query(f"SELECT event_id FROM log.surgery WHERE r_status = '{status}'")
    return set(found["event_id"].to_pylist())


def connect(store: Path, events: Iterable[str]) -> Any:
    """DuckDB with views of the current events of some types in the schema `log`; `patients` is all patients."""
    import duckdb

    from timeline.engine import views
    from timeline.log import Log

    snapshot = Log.open(store).snapshot()
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA log")
    # The order of events as one number, which DuckDB compares faster than a pair.
    connection.execute("CREATE MACRO moment(day, position) AS (day - DATE '0001-01-01') * 1099511627776 + position")
    corrected: set[str] = set()
    if snapshot.correction_files:
        connection.execute(views.corrections_table(snapshot))
        found = connection.execute(f"SELECT DISTINCT event FROM {views.CORRECTIONS}").fetchall()
        corrected = {event for (event,) in found}
    for name in events:
        event = snapshot.catalog.event(name)
        if event is None:
            connection.execute(views.patients_view(snapshot, bool(corrected)))
        else:
            connection.execute(views.event_view(snapshot, event, name in corrected))
    return connection


def _write_events(folder: Path, place: Place) -> None:
    """One Parquet file an event type, by patient, start and order of recording; `position` breaks ties."""
    folder.mkdir()
    with connect(place.store, (*EVENTS, "patients")) as connection:
        for event in EVENTS:
            shown = "* EXCLUDE (event_id, start_precision, end_precision)"
            query = f"SELECT {shown} FROM log.{event} ORDER BY patient, start, position"
            connection.execute(f"COPY ({query}) TO '{folder / event}.parquet' (FORMAT parquet)")
        query = "SELECT patient FROM log.patients ORDER BY patient"
        connection.execute(f"COPY ({query}) TO '{folder}/patients.parquet' (FORMAT parquet)")


def _write_csv(folder: Path, place: Place) -> None:
    import duckdb

    folder.mkdir()
    for event in (*EVENTS, "patients"):
        duckdb.sql(f"COPY (FROM '{place.file(event)}') TO '{folder / event}.csv' (FORMAT csv)")


def _write_meds(folder: Path, place: Place) -> None:
    """The events that W3 reads in the Medical Event Data Standard: subject, time, code; one code an event.

    A code holds what the cohort asks of the event, as MEDS has it: `metastasis//liver`, `imaging//CT//partial`.
    """
    import duckdb

    folder.mkdir()
    coded = {
        "radiotherapy": "'radiotherapy'",
        "metastasis": "'metastasis//' || coalesce(site, 'unknown')",
        "imaging": "'imaging//' || coalesce(modality, 'unknown') || '//' || coalesce(response, 'unknown')",
        "chemotherapy": "'chemotherapy'",
        "surgery": "'surgery//' || coalesce(intent, 'unknown')",
    }
    parts = " UNION ALL ".join(
        f"SELECT substr(patient, 2)::BIGINT AS subject_id, start::TIMESTAMP AS time, {code} AS code, "
        f"NULL::FLOAT AS numeric_value FROM '{place.file(event)}'"
        for event, code in coded.items()
    )
    duckdb.sql(f"COPY ({parts} ORDER BY subject_id, time, code) TO '{folder}/0.parquet' (FORMAT parquet)")
