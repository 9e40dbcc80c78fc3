"""Files that cannot be imported: every problem is told with its place, nothing is written, nobody sees a traceback."""

from pathlib import Path

import pytest

from tests.cli.conftest import Timeline

HEADER = "patient,event,start,end,site,r_status\n"
BAD_INPUT = 3

CASES = {
    "an unknown event": (HEADER + "P1,surgry,2010-01-01,,liver,R0\n", ["line 2, column event", "surgry", "surgery"]),
    "an undeclared attribute": (
        "patient,event,start,end,sites\nP1,surgery,2010-01-01,,liver\n",
        ["column sites", "site"],
    ),
    "an undeclared code": (HEADER + "P1,surgery,2010-01-01,,livr,R0\n", ["line 2, column site", "livr", "liver"]),
    "an attribute of another event": (HEADER + "P1,death,2010-01-01,,liver,\n", ["line 2, column site", "death"]),
    "an unparsable date": (HEADER + "P1,surgery,soon,,liver,R0\n", ["line 2, column start", "soon", "YYYY-MM-DD"]),
    "an impossible date": (HEADER + "P1,surgery,2010-02-30,,liver,R0\n", ["line 2, column start", "2010-02-30"]),
    "an end before its start": (HEADER + "P1,surgery,2010-02-03,2010-02-01,,\n", ["line 2, column end", "2010-02-01"]),
    "a missing patient": (HEADER + ",surgery,2010-02-03,,liver,R0\n", ["line 2, column patient"]),
    "a missing start": (HEADER + "P1,surgery,,,liver,R0\n", ["line 2, column start"]),
    "a wrong header": ("a,b,c\n1,2,3\n", ["line 1", "patient, event, start"]),
    "an empty file": ("", ["empty"]),
    "a row that is too long": (HEADER + "P1,surgery,2010-02-03,,liver,R0,extra\n", ["line 2"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_with_a_mistake_is_refused_with_its_place(
    case: str, empty_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    text, expected = CASES[case]
    file = tmp_path / "events.csv"
    file.write_text(text, encoding="utf-8")
    refused = timeline("import", empty_store, file)
    assert refused.returncode == BAD_INPUT, refused.stderr
    for part in expected:
        assert part in refused.stderr
    assert "Traceback" not in refused.stderr
    # Nothing was written: the good row below is the first event of the log.
    file.write_text(HEADER + "P1,surgery,2010-01-01,,liver,R0\n", encoding="utf-8")
    assert "positions 1 to 1" in timeline("import", empty_store, file).stdout


def test_a_binary_file_is_refused(empty_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(bytes(range(256)) * 8)
    refused = timeline("import", empty_store, file)
    assert refused.returncode == BAD_INPUT
    assert "UTF-8" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_two_bad_rows_far_apart_are_both_told_with_line_and_column(
    empty_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    rows = [f"P{number},surgery,2010-01-01,,liver,R0" for number in range(1, 1001)]
    rows[0] = "P1,surgery,2010-13-01,,liver,R0"
    rows[899] = "P900,surgery,2010-01-01,,liver,R9"
    file = tmp_path / "events.csv"
    file.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    refused = timeline("import", empty_store, file)
    assert refused.returncode == BAD_INPUT
    assert "line 2, column start" in refused.stderr  # 1 header + row 1
    assert "line 901, column r_status" in refused.stderr  # 1 header + row 900


def test_a_missing_file_is_refused(empty_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    refused = timeline("import", empty_store, tmp_path / "nowhere.csv")
    assert refused.returncode == BAD_INPUT
    assert "nowhere.csv" in refused.stderr
    assert "Traceback" not in refused.stderr
