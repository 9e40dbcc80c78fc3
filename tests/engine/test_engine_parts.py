"""A large log is cut into parts by ranges of patients' ids, whatever characters are in them."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from timeline.engine.duckdb import DuckDBEngine
from timeline.log import Log
from timeline.log.scan import text

MakeEvents = Callable[..., pa.Table]
IDS = ["a", "b'c", 'd"e', "f\x00g", "f\x00h", "ä", "z; --", "🙂"]


def test_every_patient_is_in_one_part(log: Log, make_events: MakeEvents, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(make_events(*({"patient": patient} for patient in IDS)), source="one")
    monkeypatch.setattr("timeline.engine.duckdb.PART_ENTRIES", 2)
    with DuckDBEngine(log.snapshot()) as engine:
        parts = engine.parts()
        found: list[str] = []
        for first, end in parts:
            sides = [f"patient >= {text(first)}" if first is not None else "true"]
            sides += [f"patient < {text(end)}" if end is not None else "true"]
            found += engine.query(f"SELECT patient FROM log.patients WHERE {' AND '.join(sides)}")[
                "patient"
            ].to_pylist()
    assert 1 < len(parts) <= len(IDS) / 2
    assert sorted(found) == sorted(IDS)


def test_a_small_log_is_one_part(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"patient": "a"}), source="one")
    with DuckDBEngine(log.snapshot()) as engine:
        assert list(engine.parts()) == [(None, None)]
