"""Amendments and retractions as an engine shows them."""

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from timeline.engine.duckdb import DuckDBEngine
from timeline.log import Log

MakeEvents = Callable[..., pa.Table]


@pytest.fixture
def corrected(log: Log, make_events: MakeEvents) -> Log:
    """Entries 1 to 4 recorded, then e1 amended twice (5, 6), e2 retracted (7), e4 amended and retracted (8, 9)."""
    log.append(
        make_events(
            {"patient": "a", "r_status": "R0"},
            {"patient": "b", "r_status": "R0"},
            {"patient": "c", "r_status": "R0"},
            {"patient": "d", "event": "death", "cause": "cancer"},
        ),
        source="registry",
    )
    log.amend({"e1": {"r_status": "R1"}}, reason="audit")
    log.amend({"e1": {"r_status": "R2", "start": date(2011, 1, 1)}}, reason="audit")
    log.retract(["e2"], reason="audit")
    log.amend({"e4": {"cause": "other"}}, reason="audit")
    log.retract(["e4"], reason="audit")
    return log


def surgeries(engine: DuckDBEngine) -> list[tuple[str, int, str]]:
    rows = engine.query("SELECT patient, position, r_status FROM log.surgery ORDER BY position").to_pylist()
    return [(row["patient"], row["position"], row["r_status"]) for row in rows]


@pytest.mark.parametrize(
    ("position", "expected", "deaths", "patients"),
    [
        (3, [("a", 1, "R0"), ("b", 2, "R0"), ("c", 3, "R0")], [], ["a", "b", "c"]),
        (4, [("a", 1, "R0"), ("b", 2, "R0"), ("c", 3, "R0")], ["cancer"], ["a", "b", "c", "d"]),
        (5, [("a", 1, "R1"), ("b", 2, "R0"), ("c", 3, "R0")], ["cancer"], ["a", "b", "c", "d"]),
        (6, [("a", 1, "R2"), ("b", 2, "R0"), ("c", 3, "R0")], ["cancer"], ["a", "b", "c", "d"]),
        (7, [("a", 1, "R2"), ("c", 3, "R0")], ["cancer"], ["a", "c", "d"]),
        (8, [("a", 1, "R2"), ("c", 3, "R0")], ["other"], ["a", "c", "d"]),
        (9, [("a", 1, "R2"), ("c", 3, "R0")], [], ["a", "c"]),
    ],
)
@pytest.mark.parametrize("compacted", [False, True])
def test_only_versions_in_force_are_seen(
    corrected: Log,
    position: int,
    expected: list[tuple[str, int, str]],
    deaths: list[str],
    patients: list[str],
    compacted: bool,
) -> None:
    if compacted:
        corrected.compact()
    with DuckDBEngine(corrected.snapshot(position=position)) as engine:
        assert surgeries(engine) == expected
        assert engine.query("SELECT cause FROM log.death")["cause"].to_pylist() == deaths
        found = engine.query("SELECT patient FROM log.patients ORDER BY patient")["patient"].to_pylist()
        assert found == patients


def test_an_amended_event_keeps_its_place_among_those_of_its_day(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"r_status": "R0"}, {"r_status": "R1"}), source="registry")
    log.amend({"e1": {"r_status": "R2"}}, reason="audit")
    with DuckDBEngine(log.snapshot()) as engine:
        first = engine.query("SELECT first(r_status ORDER BY start, position) AS first FROM log.surgery")
        assert first["first"].to_pylist() == ["R2"]


def test_corrections_of_one_type_leave_the_scans_of_others_as_they_are(corrected: Log) -> None:
    with DuckDBEngine(corrected.snapshot()) as engine:
        assert "corrections" not in engine.explain("SELECT * FROM log.imaging").lower()
        plan = engine.explain("SELECT patient FROM log.surgery WHERE r_status = 'R2'")
        assert plan.count("READ_PARQUET") == 1


def test_an_attribute_that_was_declared_later_is_missing_in_earlier_events(log: Log, make_events: MakeEvents) -> None:
    from dataclasses import replace

    from dsl.catalog import Attribute, Catalog
    from dsl.types import Integer

    log.append(make_events({"patient": "a"}, {"patient": "b"}), source="registry")
    surgery = log.catalog.event("surgery")
    assert surgery is not None
    log.declare(Catalog((replace(surgery, attributes=(*surgery.attributes, Attribute("minutes", Integer()))),)))
    log.append(make_events({"patient": "c", "minutes": 90}), source="registry")
    log.amend({"e2": {"minutes": 75}}, reason="audit")
    with DuckDBEngine(log.snapshot()) as engine:
        rows = engine.query("SELECT patient, minutes FROM log.surgery ORDER BY patient").to_pylist()
        assert [(row["patient"], row["minutes"]) for row in rows] == [("a", None), ("b", 75), ("c", 90)]


def test_an_engine_on_some_patients_sees_no_one_else(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events(*({"patient": patient, "site": "liver"} for patient in ("a", "b", "c"))), source="visit")
    log.amend({"e1": {"site": "lung"}, "e2": {"site": "lung"}}, reason="audit")
    with DuckDBEngine(log.snapshot().of_patients(["b"])) as engine:
        assert engine.query("SELECT patient, site FROM log.surgery").to_pylist() == [{"patient": "b", "site": "lung"}]
        assert engine.query("SELECT patient FROM log.patients")["patient"].to_pylist() == ["b"]
    with DuckDBEngine(log.snapshot().of_patients(["nobody"])) as engine:
        assert engine.query("SELECT patient FROM log.surgery").num_rows == 0
        assert engine.query("SELECT patient FROM log.patients").num_rows == 0
