"""Entries through a pipe: what is printed, and the exit code."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from dsl import read_catalog
from tests.cli.conftest import ROOT, call
from tests.session.conftest import DECLARATIONS, STUDY, store
from timeline.log import Log

__all__ = ["store"]


def repl(store: Path, text: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return call("repl", store, *arguments, stdin=text)


def test_values_and_tables_are_printed_and_the_exit_code_is_zero(store: Path) -> None:
    done = repl(store, f"{STUDY}\ncount(operated)\nmedian(os in operated)\nos.outcome\n")
    assert done.returncode == 0, done.stderr
    assert "3\n" in done.stdout
    assert "200 days" in done.stdout
    assert "known of 3 of 4 patients" in done.stdout


def test_an_error_is_told_with_its_line_and_the_rest_is_run(store: Path) -> None:
    done = repl(store, f"{STUDY}\ncount(operatd)\ncount(operated)\n")
    assert done.returncode == 2
    line = STUDY.count("\n") + 2
    assert f"<standard input>:{line}:7" in done.stderr
    assert "did you mean `operated`?" in done.stderr
    assert "3\n" in done.stdout


def test_a_redefinition_says_what_it_changes_and_answers_again(store: Path) -> None:
    changed = "endpoint os\n    from (first surgery).start + 10 days\n    until death\n"
    done = repl(store, f"{STUDY}\nmedian(os in operated)\n{changed}")
    assert done.returncode == 0, done.stderr
    assert "os changed" in done.stdout
    assert "again, since it changed: median(os in operated)" in done.stdout
    assert "190 days" in done.stdout  # 200 - 10


def test_an_expectation_that_does_not_hold_is_the_exit_code(store: Path) -> None:
    done = repl(store, f'{STUDY}\nexpect count(operated) = 4 "Table 1"\n')
    assert done.returncode == 1
    assert "DIFFERS" in done.stdout


def test_commands_answer(store: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.tql"
    text = f"""{STUDY}
.events
.describe surgery
.show p1
.sql os
.explain os
.explain os p4
.asof 3
count(operated)
.asof now
.timer on
.save {saved}
.save {saved}
"""
    done = repl(store, text)
    assert re.search(r"^surgery +3 +3 +2010-01-01", done.stdout, re.MULTILINE)
    assert re.search(r"^ +liver +2 *$", done.stdout, re.MULTILINE)
    assert "2010-04-11" in done.stdout
    assert "WITH" in done.stdout
    assert "no origin" in done.stdout
    assert "position 3 of 7" in done.stdout
    assert "position 7 of 7" in done.stdout
    assert f"{saved} exists already" in done.stderr
    assert done.returncode == 2
    assert saved.read_text(encoding="utf-8").startswith("# who was operated on\ncohort operated")
    assert call("check", saved).returncode == 2  # it reads event types that the store declares
    again = repl(store, "count(operated)\n", str(saved))
    assert again.stdout == "3\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (".explan os", "did you mean `.explain`?"),
        (".describe surgry", "did you mean `surgery`?"),
        (".sql oss", "did you mean `os`?"),
        (".show nobody", "has no event of a patient 'nobody'"),
        (".asof 99", "there is no position 99"),
        (".asof yesterday", "is no date and no position"),
        (".explain", "is written `.explain NAME [PATIENT]`"),
        (".load nowhere.tql", "nowhere.tql cannot be read"),
        (".load .", "cannot be read"),
    ],
)
def test_what_is_amiss_with_a_command_is_said_in_a_line(store: Path, line: str, said: str) -> None:
    done = repl(store, f"{STUDY}\n{line}\ncount(operated)\n")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode != 0
    assert "3\n" in done.stdout


def test_help_names_every_command(store: Path) -> None:
    from timeline.repl.commands import COMMANDS

    done = repl(store, ".help\n.help explain\n")
    assert done.returncode == 0
    assert all(command.usage.split()[0] in done.stdout for command in COMMANDS.values())


def test_an_endpoint_is_plotted_here_and_in_a_file(store: Path, tmp_path: Path) -> None:
    done = repl(store, f"{STUDY}\n.plot os {tmp_path}/os.svg\n.plot os in operated\n.plot operated\n")
    assert done.returncode == 0, done.stderr
    assert "<svg" in (tmp_path / "os.svg").read_text(encoding="utf-8")
    assert "100%" in done.stdout
    assert "did you mean `os`" in repl(store, f"{STUDY}\n.plot oss\n").stderr


def test_an_endpoint_is_exported(store: Path, tmp_path: Path) -> None:
    done = repl(store, f"{STUDY}\n.export os {tmp_path}/os.csv\n")
    assert done.returncode == 0, done.stderr
    assert "os.csv: 3 rows" in done.stdout
    assert (tmp_path / "os.csv").read_text(encoding="utf-8").count("\n") == 1 + 3
    again = repl(store, f"{STUDY}\n.export os {tmp_path}/os.csv\n.export oss {tmp_path}/x.csv\n")
    assert again.returncode == 8
    assert "did you mean `os`" in again.stderr


def test_quit_ends_the_text(store: Path) -> None:
    done = repl(store, ".quit\ncount(nobody)\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_read_runs_a_file_and_names_it_in_diagnostics(store: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.tql"
    script.write_text(f"{STUDY}\ncount(operated)\n\ncount(nobody)\n", encoding="utf-8")
    done = repl(store, f".read {script}\n")
    assert "3\n" in done.stdout
    assert f"{script}:{STUDY.count(chr(10)) + 4}:7" in done.stderr


def test_a_store_that_vanishes_is_told_and_ends_nothing(store: Path) -> None:
    arguments = [sys.executable, "-m", "timeline.cli", "repl", str(store)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, stdin=-1, stdout=-1, stderr=-1, text=True, env=environment, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{STUDY}\ncount(operated)\n.timer off\n")
        process.stdin.flush()
        while process.stdout.readline() != "3\n":
            pass
        shutil.rmtree(store)
        out, said = process.communicate("count(operated where any death)\n.events\n.help\n", timeout=60)
    assert "Traceback" not in said
    assert said.count(f"error: {store} is gone") == 2
    assert ".explain" in out
    assert process.returncode == 4


def test_no_store_is_told_before_anything_is_read(tmp_path: Path) -> None:
    done = repl(tmp_path / "none", "count(x)\n")
    assert done.returncode == 4
    assert done.stderr.startswith("error: ")


def test_a_terminal_that_knows_no_unicode_gets_marks_in_its_place(store: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "timeline.cli", "repl", str(store)],
        input=f'{STUDY}\nlet größe = "Maß 🙂"\ngröße\noperated\n'.encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
        cwd=ROOT,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"Operated on" in done.stdout


def test_forty_columns_are_enough(store: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "40"}
    done = subprocess.run(
        [sys.executable, "-m", "timeline.cli", "repl", str(store)],
        input=f"{STUDY}\noperated\nestimate os in operated at 100 days\n.events\n",
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        check=True,
    )
    assert max(map(len, done.stdout.splitlines())) <= 40


def test_a_reader_that_leaves_ends_it_quietly(store: Path) -> None:
    script = "".join("os.outcome\n" for _ in range(200))
    command = f"{sys.executable} -m timeline.cli repl {store} | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        input=f"{STUDY}\n{script}",
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_ids_with_newlines_quotes_and_emoji_can_be_asked_for(tmp_path: Path) -> None:
    awkward = {"two\nlines": r'"two\nlines"', 'O\'Brien "Bob"': r'"O\'Brien \"Bob\""', "smile 😀": "'smile 😀'"}
    log = Log.create(tmp_path / "store", read_catalog(DECLARATIONS))
    for number, patient in enumerate(awkward):
        rows = {"patient": [patient] * 2, "event": ["surgery", "death"], "start": [date(2010, 1, 1 + number)] * 2}
        log.append(pa.table(rows), source="test")
    asked = "".join(f".show {written}\n.explain os {written}\n" for written in awkward.values())
    done = repl(tmp_path / "store", f'{STUDY}\n{asked}.show "no\\nbody"\nos.time\n.export os {tmp_path}/os.csv\n')
    for shown in (r"two\nlines  2 events", 'O\'Brien "Bob"  2 events', "smile 😀  2 events"):
        assert done.stdout.count(shown) == 2  # the history, and above the explanation
    assert all(f"2010-01-0{number}" in done.stdout for number in (1, 2, 3))
    assert done.stderr.splitlines()[0].endswith(r"has no event of a patient 'no\nbody'.")
    rows = pd.read_csv(tmp_path / "os.csv")
    assert sorted(rows["USUBJID"]) == sorted(awkward)
