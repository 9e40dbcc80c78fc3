"""Reading CSV in long form: what comes through, and what is said about what does not."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pytest

from dsl.catalog import Catalog
from timeline.errors import IngestError, Problem
from timeline.ingest import csv as csv_reader
from timeline.ingest import import_file, read_events
from timeline.log import Log


def read(catalog: Catalog, content: str | bytes) -> pa.Table:
    raw = content if isinstance(content, bytes) else content.encode()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "events.csv"
        file.write_bytes(raw)
        return read_events(file, catalog)


def problems(catalog: Catalog, content: str | bytes) -> list[Problem]:
    with pytest.raises(IngestError) as caught:
        read(catalog, content)
    return list(caught.value.problems)


def rows(table: pa.Table) -> list[dict[str, object]]:
    return [{key: value for key, value in row.items() if value is not None} for row in table.to_pylist()]


def test_each_kind_of_value_is_read(catalog: Catalog) -> None:
    table = read(
        catalog,
        "patient,event,start,end,site,lesions,dose,serious,birth_date\n"
        "p1,radiotherapy,2010-01-01,2010-01-05,,,25.5,,\n"
        "p1,metastasis,2010-01-01,,liver,+4,,,\n"
        "p1,adverse_event,2012-02-29,,,,,TRUE,\n"
        "p1,registration,2010-01-01,,,,,,1950-12-31\n",
    )
    therapy, metastasis, adverse, registration = rows(table)
    assert therapy == {
        "patient": "p1",
        "event": "radiotherapy",
        "start": date(2010, 1, 1),
        "end": date(2010, 1, 5),
        "start_precision": "day",
        "end_precision": "day",
        "dose": 25.5,
        "source": "events.csv:2",
    }
    assert (metastasis["site"], metastasis["lesions"]) == ("liver", 4)
    assert (adverse["start"], adverse["serious"]) == (date(2012, 2, 29), True)
    assert registration["birth_date"] == date(1950, 12, 31)


def test_order_of_columns_marks_and_line_endings_do_not_matter(catalog: Catalog) -> None:
    plain = read(catalog, "patient,event,start\np1,death,2010-01-01\np2,death,2011-01-01\n")
    dressed = read(catalog, b'\xef\xbb\xbf"start",patient,event\r\n2010-01-01,p1,death\r\n2011-01-01,p2,death')
    assert dressed.equals(plain)


def test_the_line_of_a_row_is_where_it_begins(catalog: Catalog) -> None:
    table = read(
        catalog,
        "patient,event,start,analyte\n"
        '"p\n1",laboratory,2010-01-01,"a\r\nb"\n'
        "\n"
        "p2,laboratory,2010-01-01,CEA\n"
        ",,,\n"
        "p3,laboratory,2010-01-01,CEA\n",
    )
    assert table["source"].to_pylist() == ["events.csv:2", "events.csv:6", "events.csv:8"]
    assert table["patient"].to_pylist() == ["p\n1", "p2", "p3"]
    assert table["analyte"].to_pylist() == ["a\r\nb", "CEA", "CEA"]


def test_a_header_may_span_lines_only_to_be_refused_on_the_right_one(catalog: Catalog) -> None:
    [problem] = problems(catalog, '"pat\nient",event,start,patient\n')
    assert (problem.column, problem.line) == ("pat\nient", 1)


def test_all_problems_of_all_rows_are_reported_at_once(catalog: Catalog) -> None:
    lines = ["patient,event,start,end,r_status"]
    lines += [f"p{number},surgery,2010-01-01,,R0" for number in range(1, 1000)]
    lines[1] = "p1,surgry,2010-01-01,,R0"
    lines[900] = ",surgery,2010-02-30,2009-01-01,R9"
    found = [(problem.line, problem.column, problem.found) for problem in problems(catalog, "\n".join(lines))]
    assert sorted(found) == [
        (2, "event", "'surgry'"),
        (901, "patient", "nothing"),
        (901, "r_status", "'R9'"),
        (901, "start", "'2010-02-30'"),
    ]


def test_places_stay_right_after_ragged_rows_and_breaks_in_fields(catalog: Catalog) -> None:
    found = problems(
        catalog,
        'patient,event,start\na,b,c,d\n"p\n1",death,x\n1,"2\n3"\n\np2,death,y\n1\n',
    )
    assert [(problem.line, problem.found) for problem in found] == [
        (2, "4 fields"),
        (3, "'x'"),
        (5, "2 fields"),
        (8, "'y'"),
        (9, "1 fields"),
    ]


def test_places_stay_right_across_blocks(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reader, "BLOCK", 256)
    lines = ["patient,event,start"]
    for number in range(200):
        lines.append(f'"p\n{number}",death,{"2010-01-01" if number % 50 else "never"}')
        lines.append("too,short" if number % 40 == 7 else "q,death,2010-01-01")
    text = "\n".join(lines) + "\n"
    found = problems(catalog, text)
    # The date stands on the second line of its row.
    never = [number - 1 for number, line in enumerate(text.split("\n"), start=1) if "never" in line]
    assert [problem.line for problem in found if problem.column == "start"] == never
    short = [number for number, line in enumerate(text.split("\n"), start=1) if line == "too,short"]
    assert [problem.line for problem in found if "fields" in problem.found] == short


@pytest.mark.parametrize(
    ("row", "column", "found", "expected", "hint"),
    [
        ("p1,surgry,2010-01-01,,,", "event", "'surgry'", "a declared event type", "did you mean surgery?"),
        ("p1,surgery,2010-01-01,,r0,", "r_status", "'r0'", "code (R0, R1, R2, RX)", "did you mean R0?"),
        ("p1,death,2010-01-01,,R0,", "r_status", "'R0' on an event death", "nothing", "belongs to surgery"),
        ("p1,death,2010-02-30,,,", "start", "'2010-02-30'", "YYYY-MM-DD", "there is no such day"),
        ("p1,death,2010-13-01,,,", "start", "'2010-13-01'", "YYYY-MM-DD", "there is no such day"),
        ("p1,death,2010-00-10,,,", "start", "'2010-00-10'", "YYYY-MM-DD", "there is no such day"),
        ("p1,death,1900-02-29,,,", "start", "'1900-02-29'", "YYYY-MM-DD", "there is no such day"),
        ("p1,death,0000-01-01,,,", "start", "'0000-01-01'", "YYYY-MM-DD", "there is no such day"),
        ("p1,death,01/02/2010,,,", "start", "'01/02/2010'", "YYYY-MM-DD", "hyphens"),
        ("p1,death, 2010-05-01,,,", "start", "' 2010-05-01'", "YYYY-MM-DD", ""),
        ("p1,death,,,,", "start", "nothing", "a date", ""),
        ("p1,death,2010-01-02,2010-01-01,,", "end", "2010-01-01", "a day on or after the start, 2010-01-02", ""),
        (",death,2010-01-01,,,", "patient", "nothing", "the patient's id", ""),
        ("p1,,2010-01-01,,,", "event", "nothing", "an event type", ""),
        ("p1,metastasis,2010-01-01,,,4.5", "lesions", "'4.5'", "whole number", ""),
        ("p1,metastasis,2010-01-01,,,four", "lesions", "'four'", "whole number", ""),
        ("p1,metastasis,2010-01-01,,,99999999999999999999", "lesions", "'99999999999999999999'", "whole number", ""),
    ],
)
def test_a_wrong_cell_is_named_with_what_belongs_there(
    catalog: Catalog, row: str, column: str, found: str, expected: str, hint: str
) -> None:
    [problem] = problems(catalog, f"patient,event,start,end,r_status,lesions\n{row}\n")
    assert (problem.file, problem.line, problem.column) == ("events.csv", 2, column)
    assert found in problem.found
    assert expected in problem.expected
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("text", "value"),
    [("25", 25.0), ("+25.", 25.0), (".5", 0.5), ("-2e3", -2000.0), ("1E-2", 0.01)],
)
def test_a_number_may_be_spelled_as_numbers_are(catalog: Catalog, text: str, value: float) -> None:
    table = read(catalog, f"patient,event,start,dose\np1,radiotherapy,2010-01-01,{text}\n")
    assert table["dose"].to_pylist() == [value]


@pytest.mark.parametrize(
    ("text", "hint"), [("3,5", "decimals with a point"), ("25 Gy", ""), ("nan", ""), ("1e999", ""), ("0x1F", "")]
)
def test_what_is_no_finite_number_is_refused(catalog: Catalog, text: str, hint: str) -> None:
    [problem] = problems(catalog, f'patient,event,start,dose\np1,radiotherapy,2010-01-01,"{text}"\n')
    assert (problem.line, problem.column) == (2, "dose")
    assert hint in problem.hint


@pytest.mark.parametrize(("text", "value"), [("true", True), ("No", False), ("1", True), ("FALSE", False), ("", None)])
def test_a_truth_value_has_a_few_spellings(catalog: Catalog, text: str, value: bool | None) -> None:
    table = read(catalog, f"patient,event,start,serious\np1,adverse_event,2010-01-01,{text}\n")
    assert table["serious"].to_pylist() == [value]
    [problem] = problems(catalog, "patient,event,start,serious\np1,adverse_event,2010-01-01,maybe\n")
    assert problem.expected == "true or false (also yes, no, 1, 0)"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("patient,event,strt", ["strt", "start"]),
        ("patient,event,start,start", ["second time"]),
        ("patient,event,start,", ["no name"]),
        ("patient;event;start", ["separated by semicolons"]),
        ("event,start", ["also patient"]),
        ("patient,event,start,source", ["source"]),
    ],
)
def test_a_wrong_header_is_refused(catalog: Catalog, header: str, expected: list[str]) -> None:
    with pytest.raises(IngestError) as caught:
        read(catalog, f"{header}\np1,death,2010-01-01\n")
    for words in expected:
        assert words in str(caught.value)
    assert all(problem.line == 1 for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n \r\n", "the file is empty"),
        (b"patient,event,start\n", "no event below it"),
        (b"patient,event,start", "no event below it"),
        (b"patient,event,start\n\n,,\n", "no event below it"),
        (b"PK\x03\x04 workbook", "an Excel workbook"),
        (b"PAR1 columns", "this Parquet file cannot be read"),
        (b"\xff\xfep\0a\0t\0", "UTF-16"),
        (b"\x00\x01\x02\x03", "a binary file"),
        (b"\x89PNG\r\n\x1a\n", "no text in UTF-8"),
    ],
)
def test_a_file_that_holds_no_events_is_refused(catalog: Catalog, content: bytes, message: str) -> None:
    with pytest.raises(IngestError, match=message):
        read(catalog, content)


def test_a_field_that_is_not_utf8_is_located(catalog: Catalog) -> None:
    content = "patient,event,start\np1,death,2010-01-01\nMüller,death,2010-01-01\n".encode("latin-1")
    [problem] = problems(catalog, content)
    assert (problem.line, problem.column, problem.expected) == (3, "patient", "text in UTF-8")


def test_a_quotation_mark_left_open_is_pointed_out(catalog: Catalog) -> None:
    [problem] = problems(catalog, 'patient,event,start\np1,"death,2010-01-01\np2,death,2010-01-01\n')
    assert problem.line == 2
    assert problem.hint == "a quotation mark may not be closed"


def test_a_file_that_is_wrong_all_over_is_counted_not_repeated(catalog: Catalog) -> None:
    content = "patient,event,start\n" + "p1,death,someday\n" * 5_000
    with pytest.raises(IngestError) as caught:
        read(catalog, content)
    assert caught.value.problem_count == 5_000
    assert [problem.line for problem in caught.value.problems[:3]] == [2, 3, 4]
    assert "... and 4980 more" in str(caught.value)


def test_a_file_is_recorded_with_its_lines_and_once_only(catalog: Catalog, tmp_path: Path) -> None:
    log = Log.create(tmp_path / "store", catalog)
    file = tmp_path / "visits.csv"
    file.write_text("patient,event,start\np1,death,2010-01-01\n")
    commit = import_file(log, file, recorded_by="anna").commit
    assert commit is not None
    assert (commit.rows, commit.source, commit.repeated) == (1, "visits.csv", False)
    [row] = log.history("p1").to_pylist()
    assert (row["source"], row["recorded_by"]) == ("visits.csv:2", "anna")
    copy = file.rename(tmp_path / "copy.csv")
    again = import_file(log, copy).commit
    assert again is not None
    assert again.repeated
    assert again.version == commit.version
    assert log.position == 1


def test_a_bad_file_writes_nothing(catalog: Catalog, tmp_path: Path) -> None:
    log = Log.create(tmp_path / "store", catalog)
    file = tmp_path / "visits.csv"
    file.write_text("patient,event,start\np1,death,2010-01-01\np2,death,2010-01-32\n")
    with pytest.raises(IngestError):
        import_file(log, file)
    with pytest.raises(IngestError, match="cannot be read"):
        import_file(log, tmp_path / "missing.csv")
    assert log.position == 0
    assert list((log.path / "data").iterdir()) == []


def test_a_file_becomes_the_table_that_the_log_takes(catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("patient,event,start\np1,death,2010-01-01\n")
    log = Log.create(tmp_path / "store", catalog)
    log.append(read_events(file, catalog), source="visits.csv")
    assert log.history("p1")["source"].to_pylist() == ["visits.csv:2"]
