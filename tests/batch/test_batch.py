"""Many queries over one store: the results of single runs, failures that stop nothing, runs that are resumed."""

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.export.conftest import Study, course
from timeline.batch import work
from timeline.batch.jobs import STATE
from timeline.cli import main
from timeline.engine.duckdb import DuckDBEngine

Captured = pytest.CaptureFixture[str]
REFUSED = 2


def write_plan(folder: Path, store: Path, runs: str) -> str:
    plan = folder / "plan.toml"
    plan.write_text(f'store = "{store}"\nout = "out"\n{runs}', encoding="utf-8")
    return str(plan)


EVENTS = """\
1,surgery,2010-01-01
1,death,2010-04-11
2,surgery,2010-01-01
2,follow_up,2011-01-01
3,surgery,2010-01-01
3,death,2010-07-20
"""
QUERY = """\
cohort operated "Operated on" index first surgery
endpoint os "Overall survival" from first surgery until death last seen follow_up
estimate os in operated
expect median(os in operated) = 200 days "Table 1"
"""
RUNS = """
[[run]]
query = "study.tql"

[[run]]
name = "files"
query = "study.tql"
[[run.export]]
names = ["os"]
out = "deep/os.parquet"
[[run.export]]
names = ["os", "events"]
out = "both"
"""


@pytest.fixture
def small(tmp_path: Path) -> Study:
    """Three patients: one dies after 100 days, one after 200, one is last seen after a year."""
    return course(tmp_path, EVENTS, QUERY)


def results(file: Path) -> dict[str, Any]:
    """The results with twelve digits: a mean is summed in the order in which threads come to it."""
    found: dict[str, Any] = json.loads(file.read_text(), parse_float=lambda text: float(f"{float(text):.12g}"))
    return found


def test_a_batch_gives_what_single_runs_give(small: Study, tmp_path: Path, capsys: Captured) -> None:
    query, store = str(small.query), str(small.store)
    assert main(["batch", write_plan(tmp_path, small.store, RUNS)]) == 0
    assert "2 of 2 runs done" in capsys.readouterr().out
    assert main(["run", query, "--store", store, "--json", str(tmp_path / "single.json")]) == 0
    assert results(tmp_path / "out" / "study.json") == results(tmp_path / "single.json")
    assert "1 of 1 published figures reproduced" in (tmp_path / "out" / "study.txt").read_text()
    assert main(["export", query, "os", "--store", store, "-o", str(tmp_path / "os.parquet")]) == 0
    assert (tmp_path / "out/deep/os.parquet").read_bytes() == (tmp_path / "os.parquet").read_bytes()
    assert len(pd.read_parquet(tmp_path / "out/both/events.parquet")) == 6


def test_small_numbers_are_hidden_in_all_results_of_a_batch(small: Study, tmp_path: Path, capsys: Captured) -> None:
    outputs = 'json = "study.json"\nreport = "study.html"\n[[run]]\nname = "text"\nquery = "study.tql"\n'
    plan = write_plan(tmp_path, small.store, f'[[run]]\nquery = "study.tql"\n{outputs}')
    assert main(["batch", plan, "--suppress-below", "5"]) == 0
    found = json.loads((tmp_path / "out/study.json").read_text())
    assert (found["suppressed_below"], found["reproduced"], found["cohorts"][0]["n"]) == (5, "hidden", "hidden")
    for output in ("study.html", "text.txt"):
        words = " ".join((tmp_path / "out" / output).read_text(encoding="utf-8").split())
        assert "Numbers of patients from 1 to 4 are hidden" in words
    assert '"reproduced": true' not in (tmp_path / "out" / STATE).read_text()
    capsys.readouterr()
    assert main(["batch", plan, "--suppress-below", "5"]) == 0
    assert "study: done before" in capsys.readouterr().out
    assert main(["batch", plan]) == 0  # the same results, with nothing hidden, are others
    assert json.loads((tmp_path / "out/study.json").read_text())["cohorts"][0]["n"] == 3


def test_rows_of_patients_are_not_exported_where_small_numbers_are_hidden(
    small: Study, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["batch", write_plan(tmp_path, small.store, RUNS), "--suppress-below", "5"]) == REFUSED
    assert "nothing can be hidden in rows of single patients as exported by files." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_done_is_not_done_again_and_what_is_gone_is(small: Study, tmp_path: Path, capsys: Captured) -> None:
    plan = write_plan(tmp_path, small.store, RUNS)
    assert main(["batch", plan]) == 0
    (tmp_path / "out" / "study.txt").unlink()
    capsys.readouterr()
    assert main(["batch", plan]) == 0
    told = capsys.readouterr().out.splitlines()
    assert set(told) == {"files: done before", "study: done", "2 of 2 runs done"}
    assert (tmp_path / "out" / "study.txt").exists()
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


def test_a_run_that_fails_stops_no_other_and_is_run_again(small: Study, tmp_path: Path, capsys: Captured) -> None:
    broken = tmp_path / "broken.tql"
    broken.write_text("use oncology\nlet a = first surgry\n")
    nobody = tmp_path / "nobody.tql"
    nobody.write_text(
        "use oncology\ncohort c index first randomisation\n"
        "endpoint os from first surgery until death last seen follow_up\nestimate os in c\n"
    )
    queries = f'[[run]]\nquery = "{broken}"\n[[run]]\nquery = "{nobody}"\n'
    runs = f'{queries}[[run]]\nquery = "{small.query}"\njson = "study.json"\n'
    plan = write_plan(tmp_path, small.store, runs)
    assert main(["batch", plan]) == 1
    told = capsys.readouterr()
    assert {"broken: failed", "nobody: failed", "study: done", "1 of 3 runs done, 2 failed"} == set(
        told.out.splitlines()
    )
    assert "did you mean `surgery`?" in told.err
    assert "Traceback" not in told.err
    assert "1 of its analyses could not be done" in told.err
    broken.write_text("use oncology\nlet a = first surgery\n")
    assert main(["batch", plan]) == 1
    assert {"broken: done", "study: done before", "nobody: failed"} <= set(capsys.readouterr().out.splitlines())


def test_a_dry_run_shows_what_would_run_and_writes_nothing(small: Study, tmp_path: Path, capsys: Captured) -> None:
    assert main(["batch", write_plan(tmp_path, small.store, RUNS), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert f"study: would run {small.query}" in told
    assert "deep/os.parquet" in told
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


def test_what_several_runs_read_is_read_once(small: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    keep = DuckDBEngine.keep
    monkeypatch.setattr(DuckDBEngine, "keep", lambda self, event, names: (kept.append(event), keep(self, event, names)))
    (tmp_path / "a.tql").write_text("use oncology\ncohort c require any surgery where site = liver\n")
    (tmp_path / "b.tql").write_text("use oncology\ncohort c require (any surgery) and (any death)\n")
    runs = "".join(f'[[run]]\nquery = "{name}.tql"\n' for name in "ab")
    assert main(["batch", write_plan(tmp_path, small.store, runs)]) == 0
    assert kept == ["patients", "surgery"]


def test_a_run_stopped_by_ctrl_c_keeps_what_is_done(
    small: Study, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = work.note

    def note(*arguments: object) -> None:
        done(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "note", note)
    plan = write_plan(tmp_path, small.store, RUNS)
    assert main(["batch", plan, "--jobs", "1"]) == 130
    assert len(json.loads((tmp_path / "out" / STATE).read_text())) == 1
    monkeypatch.undo()
    assert main(["batch", plan]) == 0
    assert "done before" in capsys.readouterr().out


ENDLESS = "SELECT count(*) AS n FROM range(10000000) AS a, range(500) AS b WHERE a.range + b.range < 0"


@pytest.mark.parametrize("stage", ["materialise", "stream"])
def test_ctrl_c_in_mid_query_leaves_nothing_half_done_and_the_rest_is_resumed(
    stage: str, small: Study, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporting = threading.Event()
    ask = getattr(DuckDBEngine, stage)

    def ask_endlessly(self: DuckDBEngine, *arguments: str) -> object:
        if not exporting.is_set():
            return ask(self, *arguments)
        press = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        press.start()
        return ask(self, *arguments[:-1], ENDLESS)

    def export(*arguments: object) -> None:
        exporting.set()
        batch_export(*arguments)  # type: ignore[arg-type]

    batch_export = work._export
    monkeypatch.setattr(work, "_export", export)
    monkeypatch.setattr(DuckDBEngine, stage, ask_endlessly)
    plan = write_plan(tmp_path, small.store, RUNS)
    assert main(["batch", plan, "--jobs", "1"]) == 130
    told = capsys.readouterr()
    assert told.out == "study: done\n"
    assert "Traceback" not in told.err
    left = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")}
    assert left <= {STATE, "study.json", "study.txt", "deep"}
    monkeypatch.undo()
    assert main(["batch", plan]) == 0
    assert set(capsys.readouterr().out.splitlines()) == {"study: done before", "files: done", "2 of 2 runs done"}


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
