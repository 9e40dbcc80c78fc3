"""A benchmark whose results differ fails before anything is timed."""

import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks.suite import __main__ as suite
from benchmarks.suite.data import Place
from benchmarks.suite.runs import Failed, Run, run


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Systems that were run, in order; each gives the number of days that `DAYS` says."""
    found: list[str] = []

    def run(system: str, workload: str, place: Place, out: Path, aces: Path | None = None) -> Run:
        found.append(system)
        out.mkdir(parents=True, exist_ok=True)
        query = f"SELECT 'P1' AS patient, {DAYS.get(system, 90)} AS time"
        duckdb.sql(f"COPY ({query}) TO '{out}/rows.parquet' (FORMAT parquet)")
        return Run(2.0 if system == "sql" else 1.0, 1.0, 2**20)

    monkeypatch.setattr(suite, "run", run)
    monkeypatch.setattr(suite, "make", lambda *arguments, **options: None)
    monkeypatch.setattr("benchmarks.suite.report._events", lambda place: 1)
    results = tmp_path / "results"
    arguments = ["suite", "--workloads", "W1", "--against", "sql pandas", "--pairs", "2", "--results", str(results)]
    monkeypatch.setattr(sys, "argv", arguments)
    return found


DAYS: dict[str, int] = {}


def test_another_result_fails_the_benchmark_and_shows_the_rows(
    called: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(DAYS, "pandas", 91)
    assert suite.main() == 1
    assert called == ["timeline", "sql", "pandas"]
    said = capsys.readouterr().err
    assert "pandas + lifelines gives another result" in said
    assert "90" in said
    assert "91" in said
    assert not (tmp_path / "results").exists()


def test_pairs_take_turns_and_their_ratio_is_kept(called: list[str], tmp_path: Path) -> None:
    assert suite.main() == 0
    assert called == ["timeline", "sql", "pandas", *["timeline", "sql"] * 2, *["timeline", "pandas"] * 2]
    [kept] = (tmp_path / "results").glob("*.json")
    found = duckdb.sql(f"SELECT workloads.W1.sql.ratio, workloads.W1.pandas.ratio FROM '{kept}'").fetchall()
    assert found == [(2.0, 1.0)]


def test_a_system_that_ends_with_an_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(Failed, match=r"No such file or directory|StoreError|no store"):
        run("timeline", "W1", Place(tmp_path, 10), tmp_path / "out")
