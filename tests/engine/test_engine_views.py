"""What an engine shows of a snapshot."""

import json
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from timeline.engine.base import COLUMNS
from timeline.engine.duckdb import DuckDBEngine
from timeline.errors import EngineError
from timeline.log import Log

MakeEvents = Callable[..., pa.Table]


def test_each_event_type_is_a_view_with_its_own_columns(log: Log, make_events: MakeEvents) -> None:
    log.append(
        make_events(
            {"r_status": "R0", "end": date(2010, 1, 2)},
            {"event": "death", "patient": "p2", "cause": "cancer"},
            {"event": "laboratory", "analyte": "CEA", "value": 3.5},
        ),
        source="registry",
    )
    with DuckDBEngine(log.snapshot()) as engine:
        for event in log.catalog:
            columns = engine.query(f"SELECT * FROM log.{event.name}").column_names
            assert columns == [*COLUMNS, *(attribute.name for attribute in event.attributes)]
        [surgery] = engine.query("SELECT * FROM log.surgery").to_pylist()
        assert (surgery["patient"], surgery["event_id"], surgery["position"]) == ("p1", "e1", 1)
        assert (surgery["start"], surgery["end"], surgery["r_status"]) == (date(2010, 1, 1), date(2010, 1, 2), "R0")
        assert engine.query("SELECT value FROM log.laboratory")["value"].to_pylist() == [3.5]
        assert engine.query("SELECT * FROM log.patients ORDER BY ALL")["patient"].to_pylist() == ["p1", "p2"]


def test_a_store_without_events_has_all_views_and_no_rows(log: Log) -> None:
    with DuckDBEngine(log.snapshot()) as engine:
        assert engine.position == 0
        for view in ("patients", *(event.name for event in log.catalog)):
            assert engine.query(f"SELECT * FROM log.{view}").num_rows == 0
        assert engine.query("SELECT start + 1 FROM log.surgery").schema.types == [pa.date32()]


def test_an_engine_sees_its_snapshot_only(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"patient": "a"}, {"patient": "b"}), source="one")
    with DuckDBEngine(log.snapshot(position=1)) as early, DuckDBEngine(log.snapshot()) as later:
        log.append(make_events({"patient": "c"}), source="two")
        assert early.query("SELECT patient FROM log.surgery")["patient"].to_pylist() == ["a"]
        assert early.query("SELECT patient FROM log.patients")["patient"].to_pylist() == ["a"]
        assert later.query("SELECT count(*) AS n FROM log.surgery")["n"].to_pylist() == [2]
    with DuckDBEngine(log.snapshot()) as engine:
        assert engine.query("SELECT count(*) AS n FROM log.patients")["n"].to_pylist() == [3]


def test_a_result_is_kept_for_later_queries(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"patient": "a"}, {"patient": "a", "start": date(2009, 1, 1)}), source="one")
    with DuckDBEngine(log.snapshot()) as engine:
        engine.materialise('odd "name"', "SELECT patient, min(start) AS first FROM log.surgery GROUP BY ALL")
        result = engine.query('SELECT * FROM study."odd ""name"""')
        assert result.to_pylist() == [{"patient": "a", "first": date(2009, 1, 1)}]


def test_a_query_reads_one_scan_with_its_columns_and_conditions(
    log: Log, make_events: MakeEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timeline.engine.sandbox.SMALL", 0)
    log.append(make_events({"r_status": "R0"}, {"event": "death"}), source="one")
    log.append(make_events({"r_status": "R1"}), source="two")
    with DuckDBEngine(log.snapshot()) as engine:
        plan = engine.explain("SELECT r_status FROM log.surgery WHERE start > DATE '2009-01-01'")
    assert plan.count("READ_PARQUET") == 1
    assert "r_status" in plan
    assert "start > '2009-01-01'" in plan
    assert "patient" not in plan


def test_a_query_that_fails_says_why(log: Log) -> None:
    with DuckDBEngine(log.snapshot()) as engine:
        with pytest.raises(EngineError, match="no_such_table"):
            engine.query("SELECT * FROM no_such_table")
        with pytest.raises(EngineError, match="cannot read this query"):
            engine.query("SELECT FROM WHERE")
        assert engine.query("SELECT 1 AS one")["one"].to_pylist() == [1]


def test_only_the_files_and_row_groups_that_can_hold_it_are_read(
    log: Log, make_events: MakeEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timeline.log.write.ROW_GROUP", 2_048)
    monkeypatch.setattr("timeline.engine.sandbox.SMALL", 0)
    patients = [f"p{number:05d}" for number in range(6_000)]
    log.append(make_events(*({"patient": patient} for patient in patients)), source="surgery")
    log.append(make_events({"event": "death", "patient": "p00001"}), source="death")
    query = "EXPLAIN (ANALYZE, FORMAT JSON) SELECT r_status FROM log.surgery WHERE patient = 'p05000'"
    with DuckDBEngine(log.snapshot()) as engine:
        engine.query("SELECT 1 FROM log.surgery WHERE false")
        [[_, profile]] = engine._connection.execute(query).fetchall()
    found = json.loads(profile)["query"]
    assert (found["total_row_groups_scanned"], found["total_row_groups_to_scan"]) == (1, 3)
