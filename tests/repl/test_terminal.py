"""The prompt in a terminal, as a person drives it: a pseudo-terminal with keys and a screen."""

import os
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import monotonic

import numpy as np
import pexpect
import pyarrow as pa
import pyarrow.compute as pc
import pyte
import pytest

import dsl
from tests.cli.conftest import ROOT
from tests.session.conftest import DECLARATIONS, STUDY, store
from timeline.log import Log

__all__ = ["store"]

PATIENTS = 1_000_000
ROWS = 40
TAB, ENTER, CTRL_C, CTRL_D, CTRL_R = "\t", "\r", "\x03", "\x04", "\x12"


class Terminal:
    """A prompt with a person at it, who sees what a screen shows."""

    def __init__(self, store: Path, home: Path, *arguments: str, columns: int = 100, **environment: str) -> None:
        settings = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(home), "TERM": "xterm-256color"}
        settings |= {"PAGER": "cat", **environment}
        # What stands around the tests says nothing of this terminal: not its colours, nor its size.
        for name in {"NO_COLOR", "COLUMNS", "LINES"} - environment.keys():
            settings.pop(name, None)
        self.drawn = ""
        self.screen = pyte.Screen(columns, ROWS)
        self._stream = pyte.Stream(self.screen)
        command = ["-m", "timeline.cli", "repl", str(store), *arguments]
        self.child = pexpect.spawn(
            sys.executable, command, env=settings, encoding="utf-8", dimensions=(ROWS, columns), cwd=ROOT
        )
        self.screen.write_process_input = self.child.send  # where its cursor is, when it is asked
        self.sees("timeline>")
        self.sees(r"as of \d+")  # the store is open

    def types(self, keys: str) -> None:
        self.child.send(keys)

    def enters(self, text: str) -> None:
        """Type an entry and run it; a statement over several lines is closed by an empty one."""
        for line in text.splitlines():
            self.child.send(line + ENTER)
        if "\n" in text:
            self.child.send(ENTER)

    def sees(self, text: str, seconds: float = 90) -> None:
        """Wait until the screen shows a text."""
        end = monotonic() + seconds
        while not re.search(text, self.shown(), re.MULTILINE):
            assert monotonic() < end, f"{text!r} is not to be seen:\n{self.shown()}"
            self._look()

    def shown(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def leaves(self) -> int:
        self.child.send(CTRL_D)
        self.child.expect(pexpect.EOF, timeout=90)
        self.child.close()
        assert self.child.exitstatus is not None
        return int(self.child.exitstatus)

    def _look(self) -> None:
        try:
            news = self.child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return
        self.drawn += news
        self._stream.feed(news)


@pytest.fixture
def terminal(store: Path, tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(store, tmp_path / "state")
    yield opened
    opened.child.close(force=True)


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a million patients, each with an operation, a death and a last contact."""
    path = tmp_path_factory.mktemp("million") / "store"
    numbers = pa.array(np.arange(PATIENTS)).cast(pa.string())
    patients = pc.binary_join_element_wise(pa.scalar("p"), numbers, "")
    random = np.random.default_rng(20130301)

    def events(name: str, low: int, high: int) -> pa.Table:
        days = pa.array(random.integers(low, high, PATIENTS).astype(np.int32)).cast(pa.date32())
        return pa.table({"patient": patients, "event": pa.array([name] * PATIENTS), "start": days})

    log = Log.create(path, dsl.read_catalog(DECLARATIONS))
    tables = [events("surgery", 14000, 15000), events("death", 15000, 20000), events("follow_up", 15000, 18000)]
    log.append(tables, source="generated")
    return path


def test_an_entry_over_several_lines_runs_at_an_empty_line(terminal: Terminal) -> None:
    terminal.enters('cohort operated "Operated on"\nindex first surgery')
    terminal.sees("defined operated")
    terminal.enters("count(operated)")
    terminal.sees("^3$")
    assert terminal.leaves() == 0


def test_tab_completes_what_the_place_needs(terminal: Terminal) -> None:
    terminal.types("let operation = first surg" + TAB)
    terminal.sees("first surgery")
    terminal.types(" where site = lu" + TAB)
    terminal.sees("site = lung")
    terminal.types(ENTER + ENTER)
    terminal.sees("defined operation")
    terminal.enters("operation")
    terminal.sees("known of 1 of 4 patients")
    assert terminal.leaves() == 0


def test_tab_writes_any_patients_id(tmp_path: Path, store: Path) -> None:
    rows = {"patient": ["two\nlines 😀"], "event": ["surgery"], "start": [date(2012, 3, 4)]}
    Log.open(store).append(pa.table(rows), source="test")
    terminal = Terminal(store, tmp_path / "state")
    terminal.types(".show two" + TAB)
    terminal.sees(r'\.show "two\\nlines 😀"')
    terminal.types(ENTER)
    terminal.sees("2012-03-04")
    assert terminal.leaves() == 0


def test_an_error_points_below_what_was_typed_and_the_session_goes_on(terminal: Terminal) -> None:
    terminal.enters("count(first surgry)")
    terminal.sees(r"count\(first surgry\)\n( +)\| +\^{6}")
    terminal.enters("surgery")
    terminal.sees("known of 4 of 4 patients")
    assert terminal.leaves() == 0


def test_ctrl_c_at_the_prompt_clears_the_line(terminal: Terminal) -> None:
    terminal.types("let unfinished = ")
    terminal.sees("unfinished")
    terminal.types(CTRL_C)
    terminal.sees(r"unfinished =\ntimeline>$")
    terminal.enters("surgery")
    terminal.sees("known of 4 of 4 patients")
    assert terminal.leaves() == 0


def test_ctrl_c_stops_a_query_over_a_million_patients_and_keeps_the_session(million: Path, tmp_path: Path) -> None:
    terminal = Terminal(million, tmp_path / "state")
    try:
        terminal.enters(STUDY.replace("\n\n", "\n"))
        terminal.sees("defined")
        terminal.types("median(os in operated)" + ENTER)
        terminal.sees("selecting events")
        terminal.types(CTRL_C)
        terminal.sees("interrupted; the session is as it was")
        terminal.enters(".timer")
        terminal.sees("timer on")
        terminal.enters("count(operated)")
        terminal.sees(f"^{PATIENTS:,}$")
        assert terminal.leaves() == 0
    finally:
        terminal.child.close(force=True)


def test_history_is_there_after_a_restart_and_can_be_searched(store: Path, tmp_path: Path) -> None:
    first = Terminal(store, tmp_path / "state")
    first.enters("let operation = first surgery")
    first.sees("defined operation")
    first.enters("count(surgery)")
    first.sees("known of")
    assert first.leaves() == 0
    second = Terminal(store, tmp_path / "state")
    second.types("\x1b[A\x1b[A")  # up, up
    second.sees("let operation = first surgery")
    second.types(CTRL_C)
    second.sees("^timeline>$")
    second.types(CTRL_R + "count(s")
    second.sees(r"^.*count\(surgery\)")
    second.types(ENTER + ENTER)
    second.sees("known of")
    assert second.leaves() == 0
    assert (tmp_path / "state" / "catamnesis" / "history").stat().st_mode & 0o077 == 0


def test_what_was_typed_before_is_suggested(store: Path, tmp_path: Path) -> None:
    first = Terminal(store, tmp_path / "state")
    first.enters("count(surgery where site = liver)")
    first.sees("known of")
    first.types("count(surg")
    first.sees(r"(?s)known of.*count\(surgery where site = liver\)")
    first.types("\x1b[C" + ENTER)  # right takes the suggestion
    first.sees(r"(?s)known of.*known of")
    assert first.leaves() == 0


def test_no_colour_is_respected(store: Path, tmp_path: Path) -> None:
    terminal = Terminal(store, tmp_path / "state", NO_COLOR="1")
    terminal.types("count(nobody)" + ENTER)
    terminal.sees("error")
    assert not re.search(r"\x1b\[([0-9;]*;)?[39][0-7](;[0-9;]*)?m", terminal.drawn)
    assert terminal.leaves() == 0


def test_a_narrow_terminal_is_enough(store: Path, tmp_path: Path) -> None:
    terminal = Terminal(store, tmp_path / "state", columns=40)
    terminal.enters("surgery")
    terminal.sees("patients")
    terminal.enters("count(nobody_of_that_name)")
    terminal.sees(r"\| +\^+$")
    terminal.enters("let x = first death surgery")
    terminal.sees(r"= expected: a window \(`before`,\n {6}`after`,")  # folded between words
    assert terminal.leaves() == 0


def test_tab_takes_the_only_choice_and_enter_then_goes_on(terminal: Terminal) -> None:
    terminal.types("endpoint os" + ENTER + "from first surg")
    terminal.sees(r"surgery +an event type")  # the menu is open
    terminal.types(TAB + ENTER + "until death" + ENTER + ENTER)
    terminal.sees("defined os")
    assert terminal.leaves() == 0
