"""A large log is computed part by part; what comes out is what comes out of the whole."""

from pathlib import Path

import pytest

from tests.study.support import MORE, run
from timeline.engine.duckdb import DuckDBEngine
from timeline.log import Log
from timeline.report.json import write_json

ASKED = """
cohort operated "Operated on"
    from    all_patients
    require any surgery
table     all_patients show registration.sex, registration.arm
estimate  os in all_patients at 100 days
compare   os in all_patients by registration.sex
estimate  os in operated
"""


@pytest.mark.parametrize("entries", [1, 7, 12])
def test_parts_give_what_the_whole_gives(
    larger: Log, entries: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(larger, ASKED)
    monkeypatch.setattr("timeline.engine.duckdb.PART_ENTRIES", entries)
    with DuckDBEngine(larger.snapshot()) as engine:
        assert len(engine.parts()) > 1
    parted = run(larger, ASKED)
    write_json(whole, tmp_path / "whole.json")
    write_json(parted, tmp_path / "parted.json")
    assert (tmp_path / "parted.json").read_text() == (tmp_path / "whole.json").read_text()
    assert parted.cohorts[0].considered == len(MORE)
