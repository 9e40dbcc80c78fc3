"""Reading texts: what is kept after an error, whole words, and the tables between processes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dsl import parser, syntax
from dsl.advice.keywords import RESERVED
from dsl.parser import parse, parse_expression
from dsl.source import Source

ROOT = Path(__file__).resolve().parents[2]


def kept(text: str) -> list[str]:
    file, _ = parse(Source(text))
    return [type(statement).__name__ for statement in file.statements]


def codes(text: str) -> list[str]:
    return [one.code for one in parse(Source(text))[1]]


def test_an_error_hides_no_other_statement() -> None:
    text = "let a = 1\nlet b == 2\ncohort c\n    require any d\nexpect count(c) = 'x'\nlet e = 5\n"
    assert kept(text) == ["Let", "Cohort", "Let"]
    assert codes(text) == ["S003", "S003"]


def test_a_statement_before_a_misspelt_keyword_is_kept() -> None:
    assert kept("let a = 1\ncohrot c\n    require any d\nlet e = 5\n") == ["Let", "Let"]


def test_every_broken_part_of_a_statement_is_told() -> None:
    assert codes("cohort c\n    require 'x'\n    index a.b\n    require y &\nlet z = ;") == ["S003", "S003", "S003"]
    assert codes("endpoint e\n    from == a\n    until 'b'\n    censor ;\n") == ["S003", "S003", "S003"]


def test_expectations_of_a_broken_test_are_not_taken_for_those_of_the_study() -> None:
    text = 'test "t"\n    given 2010-01-01 a(b = c)\n    expect d\n    expect e\nlet f = 1\n'
    assert kept(text) == ["Let"]


def test_what_a_broken_statement_would_have_defined_is_known() -> None:
    file, _ = parse(Source("let a == 1\nuse x\nendpoitn c from a\ncohort b require 'x'\nuse ;\n"))
    assert [(broken.word, broken.name) for broken in file.broken] == [
        ("let", "a"),
        ("endpoint", "c"),
        ("cohort", "b"),
        ("use", ""),
    ]


def test_all_bad_literals_of_a_statement_are_told() -> None:
    assert codes('let a = "\\q" = 2010-02-30\nlet b = 2010-13') == ["S003", "S005", "S005"]


@pytest.mark.parametrize("text", ["requires any a", "requireany a", "fromb", "indexa"])
def test_a_keyword_is_a_whole_word(text: str) -> None:
    assert codes(f"cohort c\n    {text}\n") == ["S001"]


def test_a_number_and_its_unit_need_no_space_between_them() -> None:
    assert parse_expression(Source("30days")) == parse_expression(Source("30 days"))


def test_carriage_returns_and_a_byte_order_mark_change_nothing() -> None:
    assert parse(Source("\ufefflet a = 1\r\nlet b = 2\r\n"))[0] == parse(Source("let a = 1\nlet b = 2\n"))[0]


def test_nodes_do_not_change() -> None:
    name = parse_expression(Source("a"))[0]
    assert isinstance(name, syntax.Name)
    with pytest.raises(AttributeError, match="do not change"):
        name.text = "b"  # type: ignore[misc]


# --- reserved words


def _keywords() -> list[str]:
    found = {text for text in parser._keywords() if text.isalpha() and text.islower()}
    return sorted(found)


NAME_PLACES = [
    "let {} = 1",
    "let a = {}",
    "let a = {} + 1",
    "let a = ({})",
    "let a = {}.b",
    "let a = first {}",
    "let a = first {} where b",
    "let a = first b after {}",
    "let a = any {}",
    "cohort {} from a",
    "cohort c from {}",
    "cohort c require {}",
    "cohort c require {} = 1 and {} > 2",
    "endpoint {} from a until b",
    "endpoint e from {} until {}, {} censor {} last seen {}",
    "event {}",
    "estimate {} in {} at 3 days",
    "compare {} in {} by {} landmark 3 days",
    "table {} by {} show {}, {}",
    "swimmer {} lanes {}, {}",
    "expect count({}) = 3",
    "expect count({} where {}) = 3",
    'test "t" given 2010-01-01 {} expect {} = event',
]


@pytest.mark.parametrize("word", _keywords())
def test_a_word_is_reserved_unless_it_can_be_a_name_everywhere(word: str) -> None:
    """A keyword that is not reserved can be defined and used; one that cannot be used is reserved."""
    refused = [place for place in NAME_PLACES if codes(place.replace("{}", word))]
    assert not refused or word in RESERVED


# --- the parse tables


def _read_in(cache: Path | str, home: Path) -> subprocess.CompletedProcess[str]:
    program = "from dsl.parser import parse; from dsl.source import Source; print(len(parse(Source('let a = 1'))[1]))"
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, cwd=ROOT, check=False
    )


def _tables(cache: Path) -> list[Path]:
    return list((cache / "catamnesis").iterdir())


def test_the_tables_are_kept_and_read_again(tmp_path: Path) -> None:
    assert _read_in(tmp_path, tmp_path).stdout == "0\n"
    (kept_file,) = _tables(tmp_path)
    before = kept_file.stat()
    assert _read_in(tmp_path, tmp_path).stdout == "0\n"
    assert kept_file.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\x80\x04."], ids=["empty", "nonsense", "short"])
def test_damaged_tables_are_made_anew_without_a_word(damage: bytes, tmp_path: Path) -> None:
    _read_in(tmp_path, tmp_path)
    (kept_file,) = _tables(tmp_path)
    whole = kept_file.read_bytes()
    kept_file.write_bytes(damage or whole[: len(whole) // 2])
    done = _read_in(tmp_path, tmp_path)
    assert (done.stdout, done.stderr) == ("0\n", "")
    mended = kept_file.stat().st_mtime_ns
    assert _read_in(tmp_path, tmp_path).stdout == "0\n"
    assert kept_file.stat().st_mtime_ns == mended


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder would be")
    assert (done := _read_in(blocked, tmp_path)).stdout == "0\n"
    assert done.stderr == ""
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(stat.S_IREAD | stat.S_IEXEC)
    assert _read_in(closed, closed).stdout == "0\n"


def test_processes_that_start_together_do_not_disturb_each_other(tmp_path: Path) -> None:
    program = "from dsl.parser import parse; from dsl.source import Source; print(len(parse(Source('let a = 1'))[1]))"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate(timeout=60)[0] for process in running] == ["0\n"] * 4
    assert len(_tables(tmp_path)) == 1
