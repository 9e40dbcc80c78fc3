"""`timeline fmt`: files laid out anew, or only told about; what cannot be read stays as it is."""

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Timeline

ROUGH = "let  a=1 # why\nlet longer =2\n"
FINE = "let a      = 1  # why\nlet longer = 2\n"


@pytest.fixture
def query(tmp_path: Path) -> Path:
    found = tmp_path / "study.tql"
    found.write_text(ROUGH)
    return found


def test_a_file_is_laid_out_and_then_left_alone(query: Path, timeline: Timeline) -> None:
    assert timeline("fmt", query).returncode == 0
    assert query.read_text() == FINE
    before = query.stat().st_mtime_ns
    assert timeline("fmt", query).stdout == ""
    assert query.stat().st_mtime_ns == before


def test_the_check_fails_where_something_would_change_and_writes_nothing(query: Path, timeline: Timeline) -> None:
    done = timeline("fmt", "--check", query)
    assert (done.returncode, str(query) in done.stdout, query.read_text()) == (1, True, ROUGH)
    query.write_text(FINE)
    assert timeline("fmt", "--check", query).returncode == 0


def test_the_difference_is_printed_and_nothing_is_written(query: Path, timeline: Timeline) -> None:
    done = timeline("fmt", "--diff", query)
    assert (done.returncode, query.read_text()) == (0, ROUGH)
    assert "-let  a=1 # why" in done.stdout
    assert "+let a      = 1  # why" in done.stdout
    assert timeline("fmt", "--diff", "--check", query).returncode == 1


def test_standard_input_goes_to_standard_output(timeline: Timeline) -> None:
    done = timeline("fmt", "-", stdin=ROUGH)
    assert (done.returncode, done.stdout) == (0, FINE)


def test_a_file_with_a_syntax_error_is_refused_and_the_others_are_laid_out(query: Path, timeline: Timeline) -> None:
    wrong = query.with_name("wrong.tql")
    wrong.write_text("let  a == 1\n")
    done = timeline("fmt", wrong, query)
    assert done.returncode == 2
    assert "error[S003]" in done.stderr
    assert "wrong.tql:1:8" in done.stderr
    assert wrong.read_text() == "let  a == 1\n"
    assert query.read_text() == FINE


def test_carriage_returns_and_a_byte_order_mark_go(query: Path, timeline: Timeline) -> None:
    query.write_bytes("\ufefflet a = 1\r\n".encode())
    assert timeline("fmt", "--check", query).returncode == 1
    assert timeline("fmt", query).returncode == 0
    assert query.read_bytes() == b"let a = 1\n"


def test_a_link_and_the_permissions_of_its_file_stay(query: Path, timeline: Timeline) -> None:
    query.chmod(0o640)
    link = query.with_name("link.tql")
    link.symlink_to(query)
    assert timeline("fmt", link).returncode == 0
    assert link.is_symlink()
    assert (query.read_text(), stat.S_IMODE(query.stat().st_mode)) == (FINE, 0o640)


def test_a_missing_file_is_told(query: Path, timeline: Timeline) -> None:
    done = timeline("fmt", query.with_name("nowhere.tql"))
    assert done.returncode == 2
    assert "nowhere.tql cannot be read" in done.stderr


def test_the_wrapped_layout_of_a_file_is_what_its_check_accepts(query: Path, timeline: Timeline) -> None:
    query.write_text("cohort c require " + " and ".join(f"any event_{number} before rt" for number in range(20)) + "\n")
    assert timeline("fmt", query).returncode == 0
    assert timeline("fmt", "--check", query).returncode == 0
