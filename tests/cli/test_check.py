"""`timeline check`: exit codes, what is printed, and how little is loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Timeline

CLEAN = "use oncology\nlet rt = first radiotherapy\ncohort c\n    index    rt\nattrition c\n"
WARNED = CLEAN + "let unread = first surgery\n"
HEAVY = {"duckdb", "pandas", "lifelines", "matplotlib", "pyarrow", "deltalake", "sqlglot", "rich", "numpy", "scipy"}


@pytest.fixture
def query(tmp_path: Path) -> Path:
    return tmp_path / "study.tql"


def test_a_query_without_a_mistake_is_told_as_such(query: Path, timeline: Timeline) -> None:
    query.write_text(CLEAN)
    done = timeline("check", query)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no errors" in done.stdout


def test_all_errors_are_told_in_one_go_with_their_places(query: Path, timeline: Timeline) -> None:
    query.write_text(CLEAN + "let a == 1\nlet b = frist\nlet d = rt.dosis\n")
    done = timeline("check", query)
    assert done.returncode == 2
    assert [f":{line}:" in done.stdout for line in (6, 7, 8)] == [True, True, True]
    assert "3 errors" in done.stdout.splitlines()[-1]


def test_warnings_fail_only_where_that_is_asked_for(query: Path, timeline: Timeline) -> None:
    query.write_text(WARNED)
    assert timeline("check", query).returncode == 0
    assert timeline("check", query, "--strict").returncode == 1
    query.write_text(WARNED + "let a == 1\n")
    assert timeline("check", query, "--strict").returncode == 2


def test_findings_as_json_name_code_place_and_help(query: Path, timeline: Timeline) -> None:
    query.write_text("let a = 1\nlet b = aa\n")
    done = timeline("check", query, "--json")
    assert done.returncode == 2
    found = [one for one in json.loads(done.stdout) if one["severity"] == "error"]
    assert found == [
        {
            "code": "N001",
            "severity": "error",
            "message": "nothing is called `aa`",
            "file": str(query),
            "line": 2,
            "column": 9,
            "end_line": 2,
            "end_column": 11,
            "expected": None,
            "hint": "did you mean `a`?",
        }
    ]


def test_json_of_a_clean_query_is_an_empty_list(query: Path, timeline: Timeline) -> None:
    query.write_text(CLEAN)
    assert json.loads(timeline("check", query, "--json").stdout) == []


def test_a_parameter_can_be_given_and_is_checked(query: Path, timeline: Timeline) -> None:
    query.write_text("use oncology\nparameter gap = 42 days\nrule r flag surgery within gap of 2010-01-01\n")
    assert timeline("check", query, "--set", "gap=14 days").returncode == 0
    assert "T001" in timeline("check", query, "--set", "gap=2010-01-01").stdout
    assert "N012" in timeline("check", query, "--set", "gaps=14 days").stdout
    assert "no `=`" in timeline("check", query, "--set", "gap").stderr


def test_several_queries_are_checked_even_if_one_cannot_be_read(query: Path, timeline: Timeline) -> None:
    query.write_text("let a == 1\n")
    done = timeline("check", query.with_name("missing.tql"), query)
    assert done.returncode == 2
    assert "missing.tql" in done.stderr
    assert "S003" in done.stdout


def test_a_query_comes_from_standard_input_too(timeline: Timeline) -> None:
    done = timeline("check", "-", stdin="let a == 1\n")
    assert done.returncode == 2
    assert "<standard input>:1:7" in done.stdout


def test_the_event_types_of_a_store_are_known_where_one_is_given(
    query: Path, empty_store: Path, timeline: Timeline
) -> None:
    query.write_text("rule r flag surgery\n")
    assert timeline("check", query).returncode == 2
    assert timeline("check", query, "--store", empty_store).returncode == 0


def test_checking_loads_no_database_no_statistics_and_no_sql() -> None:
    program = (
        "import sys\n"
        "from timeline.cli import main\n"
        "code = main(['check', 'queries/m1.tql', 'queries/colon.tql'])\n"
        f"print(code, sorted({HEAVY!r} & set(sys.modules)), 'dsl.sql' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 [] False"
