"""A file is compared with what its own query gives at the position that it records."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.export.conftest import Export, Study, course

QUERY = """
parameter gap = 30 days
let op   = first surgery
let late = first recurrence after op
endpoint rfs "RFS" from op.start + gap until recurrence last seen follow_up
cohort c index first surgery
"""
EVENTS = (
    "1,surgery,2010-01-01\n1,recurrence,2011-01-01\n"
    "2,surgery,2010-01-01\n2,follow_up,2012-01-01\n3,surgery,2010-01-01\n"
)

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return course(tmp_path, EVENTS, QUERY)


@pytest.fixture
def file(study: Study, export: Export, tmp_path: Path) -> Path:
    assert export(study, "rfs", "-o", tmp_path / "rfs.parquet", "--set", "gap=10 days", "--with", "late") == 0
    return tmp_path / "rfs.parquet"


def test_a_file_holds_after_the_log_has_moved_on_and_the_query_is_gone(
    study: Study, file: Path, verify: Export, capsys: Captured
) -> None:
    study.log.append(pa.table({"patient": ["1"], "event": ["surgery"], "start": [date(2009, 1, 1)]}), source="later")
    study.log.retract(["e2"], reason="never happened")
    study.query.unlink()
    assert verify(file, study.store) == 0
    assert "is what position 5" in capsys.readouterr().out


def test_the_parameter_that_was_set_is_used_again(study: Study, file: Path) -> None:
    assert pq.read_table(file)["STARTDT"].to_pylist() == [date(2010, 1, 11)] * 2  # 2010-01-01 + 10 days


def test_the_first_value_that_differs_is_named(study: Study, file: Path, verify: Export, capsys: Captured) -> None:
    table = pq.read_table(file)
    changed = pc.if_else(pc.equal(table["USUBJID"], "2"), 999, table["AVAL"]).cast(pa.int32())
    pq.write_table(table.set_column(table.schema.get_field_index("AVAL"), table.schema.field("AVAL"), changed), file)
    assert verify(file, study.store) == 1
    told = capsys.readouterr().out
    assert "row 2 (patient 2), column AVAL: 999 in the file, 721 from the store" in told  # 2010-01-11 to 2012-01-01


def test_a_row_that_is_gone_is_named(study: Study, file: Path, verify: Export, capsys: Captured) -> None:
    table = pq.read_table(file)
    pq.write_table(table.slice(0, 1), file)
    assert verify(file, study.store) == 1
    assert "row 2 (patient 2) is not in the file" in capsys.readouterr().out


def test_a_row_too_many_is_named(study: Study, file: Path, verify: Export, capsys: Captured) -> None:
    table = pq.read_table(file)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), file)
    assert verify(file, study.store) == 1
    assert "row 3 (patient 1) is in the file, and the store does not give it" in capsys.readouterr().out


def test_another_store_is_told(file: Path, m1: Study, verify: Export, capsys: Captured) -> None:
    assert verify(file, m1.store) == 1
    assert "has no commit with the head" in capsys.readouterr().out


def test_a_query_changed_in_the_metadata_is_told(study: Study, file: Path, verify: Export, capsys: Captured) -> None:
    table = pq.read_table(file)
    metadata = {**table.schema.metadata, b"timeline.query": b"let a = 1"}
    pq.write_table(table.replace_schema_metadata(metadata), file)
    assert verify(file, study.store) == 8
    assert "the query in its metadata is not the one that its hash names" in capsys.readouterr().err


def test_a_file_that_is_no_export_is_told(study: Study, tmp_path: Path, verify: Export, capsys: Captured) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    (tmp_path / "text.csv").write_text("a\n1\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and then nothing")
    for name in ("other.parquet", "text.csv", "broken.parquet", "missing.parquet"):
        assert verify(tmp_path / name, study.store) == 8
    told = capsys.readouterr().err
    assert told.count("error:") == 4
    assert "says nothing of where it came from" in told


def test_the_file_of_those_without_a_time_is_verified_too(study: Study, file: Path, verify: Export) -> None:
    assert verify(file.with_name("rfs.without-time.parquet"), study.store) == 0


def test_what_was_known_at_a_time_is_verified(study: Study, export: Export, verify: Export, tmp_path: Path) -> None:
    study.log.retract(["e2"], reason="never happened")
    knew = max(commit.recorded_at for commit in study.log.commits() if commit.kind == "record")
    study.query.write_text(f"known by {knew.isoformat()}\n{study.query.read_text()}")
    assert export(study, "rfs", "-o", tmp_path / "knew.parquet") == 0
    assert pq.read_table(tmp_path / "knew.parquet")["USUBJID"].to_pylist() == ["1", "2"]  # the recurrence stands
    assert verify(tmp_path / "knew.parquet", study.store) == 0
