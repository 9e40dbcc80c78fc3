"""Many queries over one store: the results of single runs, failures that stop nothing, runs that are resumed."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.export.conftest import M1, Study, course, m1
from timeline.batch import STATE
from timeline.cli import main
from timeline.engine.duckdb import DuckDBEngine

__all__ = ["m1"]  # a fixture

Captured = pytest.CaptureFixture[str]
REFUSED = 2


def write_plan(folder: Path, store: Path, runs: str) -> str:
    plan = folder / "plan.toml"
    plan.write_text(f'store = "{store}"\nout = "out"\n{runs}', encoding="utf-8")
    return str(plan)


RUNS = f"""
[[run]]
query = "{M1}"

[[run]]
name = "files"
query = "{M1}"
[[run.export]]
names = ["rfs"]
out = "deep/rfs.parquet"
[[run.export]]
names = ["os", "events"]
out = "both"
"""


def results(file: Path) -> dict[str, Any]:
    """The results with twelve digits: a mean is summed in the order in which threads come to it."""
    found: dict[str, Any] = json.loads(file.read_text(), parse_float=lambda text: float(f"{float(text):.12g}"))
    return found


def test_a_batch_gives_what_single_runs_give(m1: Study, tmp_path: Path, capsys: Captured) -> None:
    assert main(["batch", write_plan(tmp_path, m1.store, RUNS)]) == 0
    assert "2 of 2 runs done" in capsys.readouterr().out
    assert main(["run", str(M1), "--store", str(m1.store), "--json", str(tmp_path / "single.json")]) == 0
    assert results(tmp_path / "out" / "m1.json") == results(tmp_path / "single.json")
    assert "80 of 80 published figures reproduced" in (tmp_path / "out" / "m1.txt").read_text()
    assert main(["export", str(M1), "rfs", "--store", str(m1.store), "-o", str(tmp_path / "rfs.parquet")]) == 0
    assert (tmp_path / "out/deep/rfs.parquet").read_bytes() == (tmp_path / "rfs.parquet").read_bytes()
    assert len(pd.read_parquet(tmp_path / "out/both/events.parquet")) == 1800


def test_what_is_done_is_not_done_again_and_what_is_gone_is(m1: Study, tmp_path: Path, capsys: Captured) -> None:
    plan = write_plan(tmp_path, m1.store, RUNS)
    assert main(["batch", plan]) == 0
    (tmp_path / "out" / "m1.txt").unlink()
    capsys.readouterr()
    assert main(["batch", plan]) == 0
    told = capsys.readouterr().out.splitlines()
    assert set(told) == {"files: done before", "m1: done", "2 of 2 runs done"}
    assert (tmp_path / "out" / "m1.txt").exists()
    assert main(["batch", plan, "--force"]) == 0
    assert "files: done\n" in capsys.readouterr().out


def test_a_log_that_has_moved_on_makes_every_run_due(tmp_path: Path, capsys: Captured) -> None:
    study = course(tmp_path, "1,surgery,2010-01-01\n", "cohort c index first surgery\nexpect count(c) = 1")
    plan = write_plan(tmp_path, study.store, f'[[run]]\nquery = "{study.query}"\n')
    assert main(["batch", plan]) == 0
    study.log.retract(["e1"], reason="never happened")
    assert main(["batch", plan]) == 0
    told = capsys.readouterr().out
    assert "study: done; not every expectation holds" in told
    assert json.loads((tmp_path / "out/study.json").read_text())["reproduced"] is False


def test_a_run_that_fails_stops_no_other_and_is_run_again(m1: Study, tmp_path: Path, capsys: Captured) -> None:
    broken = tmp_path / "broken.tql"
    broken.write_text("use oncology\nlet a = first surgry\n")
    nobody = tmp_path / "nobody.tql"
    nobody.write_text(
        "use oncology\ncohort c index first randomisation\n"
        "endpoint os from first surgery until death last seen follow_up\nestimate os in c\n"
    )
    runs = f'[[run]]\nquery = "{broken}"\n[[run]]\nquery = "{nobody}"\n[[run]]\nquery = "{M1}"\njson = "m1.json"\n'
    plan = write_plan(tmp_path, m1.store, runs)
    assert main(["batch", plan]) == 1
    told = capsys.readouterr()
    assert {"broken: failed", "nobody: failed", "m1: done", "1 of 3 runs done, 2 failed"} == set(told.out.splitlines())
    assert "did you mean `surgery`?" in told.err
    assert "Traceback" not in told.err
    assert "1 of its analyses could not be done" in told.err
    broken.write_text("use oncology\nlet a = first surgery\n")
    assert main(["batch", plan]) == 1
    assert {"broken: done", "m1: done before", "nobody: failed"} <= set(capsys.readouterr().out.splitlines())


def test_a_dry_run_shows_what_would_run_and_writes_nothing(m1: Study, tmp_path: Path, capsys: Captured) -> None:
    assert main(["batch", write_plan(tmp_path, m1.store, RUNS), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert f"m1: would run {M1}" in told
    assert "deep/rfs.parquet" in told
    assert "read once for several runs: " in told
    assert not (tmp_path / "out").exists()


def test_a_file_that_no_batch_wrote_is_kept_unless_forced(tmp_path: Path, capsys: Captured) -> None:
    study = course(tmp_path, "1,surgery,2010-01-01\n", "cohort c index first surgery\nexpect count(c) = 1")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.json").write_text("years of work")
    plan = write_plan(tmp_path, study.store, f'[[run]]\nquery = "{study.query}"\njson = "thesis.json"\n')
    assert main(["batch", plan]) == 1
    assert "thesis.json is there already" in capsys.readouterr().err
    assert (tmp_path / "out" / "thesis.json").read_text() == "years of work"
    assert main(["batch", plan, "--force"]) == 0
    assert "cohorts" in json.loads((tmp_path / "out" / "thesis.json").read_text())


def test_what_several_runs_read_is_read_once(m1: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    keep = DuckDBEngine.keep
    monkeypatch.setattr(DuckDBEngine, "keep", lambda self, event, names: (kept.append(event), keep(self, event, names)))
    (tmp_path / "a.tql").write_text("use oncology\ncohort c require any surgery where site = liver\n")
    (tmp_path / "b.tql").write_text("use oncology\ncohort c require (any surgery) and (any death)\n")
    runs = "".join(f'[[run]]\nquery = "{name}.tql"\n' for name in "ab")
    assert main(["batch", write_plan(tmp_path, m1.store, runs)]) == 0
    assert kept == ["patients", "surgery"]


def test_a_run_stopped_by_ctrl_c_keeps_what_is_done(
    m1: Study, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    from timeline import batch

    done = batch._note

    def note(*arguments: object) -> None:
        done(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "_note", note)
    plan = write_plan(tmp_path, m1.store, RUNS)
    assert main(["batch", plan, "--jobs", "1"]) == 130
    assert len(json.loads((tmp_path / "out" / STATE).read_text())) == 1
    monkeypatch.undo()
    assert main(["batch", plan]) == 0
    assert "done before" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("store = 'x'\n[[run]]\nqery = 'a.tql'\n", ["the key qery", "did you mean `query`?", "no query"]),
        ("[[run]]\nquery = 'a.tql'\n", ["no store"]),
        ("store = 1\nrun = []\n", ["1 for store", "a text"]),
        ("store = 'x'\n[[run]]\nquery = 'a.tql'\n[[run]]\nquery = 'b/a.tql'\n", ["the name a 2 times"]),
        ("store = \n", ["is not TOML"]),
    ],
)
def test_a_plan_with_a_mistake_is_refused(text: str, expected: list[str], tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "plan.toml").write_text(text)
    assert main(["batch", str(tmp_path / "plan.toml")]) == REFUSED
    told = capsys.readouterr().err
    for words in ["plan.toml", *expected]:
        assert words in told


def test_a_plan_that_is_not_there_is_told(tmp_path: Path, capsys: Captured) -> None:
    assert main(["batch", str(tmp_path / "none.toml")]) == REFUSED
    assert "cannot be read" in capsys.readouterr().err
