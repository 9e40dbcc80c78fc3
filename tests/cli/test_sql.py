"""`timeline sql`: a definition as SQL to read or to run elsewhere."""

from pathlib import Path

import duckdb
import pytest
import sqlglot

from tests.cli.conftest import ROOT, Timeline

M1 = ROOT / "queries" / "m1.tql"


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "postgres", "trino"])
def test_a_definition_prints_as_named_steps_with_its_label(dialect: str, timeline: Timeline) -> None:
    done = timeline("sql", M1, "rfs", "--dialect", dialect)
    assert done.returncode == 0, done.stderr
    assert "endpoint rfs: Recurrence-free survival" in done.stdout
    assert "died without recurrence" in done.stdout
    assert sqlglot.parse_one(done.stdout, read=dialect).ctes[-1].alias == "rfs"


def test_duckdb_runs_what_is_printed(timeline: Timeline, tmp_path: Path) -> None:
    query = tmp_path / "study.tql"
    query.write_text("event death\nlet died = (first death).start\n")
    done = timeline("sql", query, "died")
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA log")
        connection.execute("CREATE TABLE log.patients AS SELECT unnest(['a', 'b']) AS patient")
        connection.execute(
            "CREATE TABLE log.death AS SELECT 'a' AS patient, 'e1' AS event_id, 1 AS position, "
            "DATE '2010-01-02' AS start, NULL::DATE AS \"end\""
        )
        rows = connection.execute(done.stdout).fetchall()
    assert sorted((patient, str(day)) for patient, day in rows) == [("a", "2010-01-02"), ("b", "None")]


def test_an_unknown_name_is_told_with_the_nearest(timeline: Timeline) -> None:
    refused = timeline("sql", M1, "radicl")
    assert refused.returncode == 2
    assert "`radical`" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_name_that_an_engine_would_cut_off_is_refused(timeline: Timeline, tmp_path: Path) -> None:
    query = tmp_path / "study.tql"
    name = "a" * 60
    query.write_text(f"event death\nlet {name} = first death\n")
    assert timeline("sql", query, name).returncode == 0
    refused = timeline("sql", query, name, "--dialect", "postgres")
    assert refused.returncode == 2
    assert "63 bytes" in refused.stderr
