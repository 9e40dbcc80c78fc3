"""Imports into a log: formats, rejected rows, standard input, files seen before and files that changed."""

import csv
import io
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsl.catalog import Catalog
from timeline.errors import IngestError
from timeline.ingest import Imported, import_file, read_events
from timeline.log import Log

HEADER = "patient,event,start,end,site,r_status\n"


@pytest.fixture
def log(tmp_path: Path, catalog: Catalog) -> Log:
    return Log.create(tmp_path / "store", catalog)


def write(folder: Path, content: str, name: str = "visits.csv") -> Path:
    file = folder / name
    file.write_text(content)
    return file


def recorded(log: Log) -> list[tuple[str, str, str]]:
    return [(row["patient"], row["event"], row["start"].isoformat()) for row in log.entries().to_pylist()]


# --- formats


def test_tabs_and_commas_give_the_same_events(catalog: Catalog, tmp_path: Path) -> None:
    content = HEADER + "p1,surgery,2010-01-01,,liver,R0\np2,death,2011-01-01,,,\n"
    commas = read_events(write(tmp_path, content), catalog)
    tabs = read_events(write(tmp_path, content.replace(",", "\t"), "visits.tsv"), catalog)
    assert tabs.drop_columns("source").equals(commas.drop_columns("source"))


def test_parquet_is_taken_as_typed_where_nothing_is_lost(catalog: Catalog, tmp_path: Path) -> None:
    table = pa.table(
        {
            "patient": pa.array([1, 2, 3]),
            "event": pa.array(["metastasis", "radiotherapy", "death"]).dictionary_encode(),
            "start": pa.array([datetime(2010, 1, 1), datetime(2010, 1, 2), datetime(2010, 1, 3)], pa.timestamp("ms")),
            "end": pa.array([None, "2010-01-05", None]),
            "lesions": pa.array([2.0, None, None]),
            "dose": pa.array([None, 25, None], pa.int32()),
            "site": pa.array(["liver", None, None], pa.large_string()),
        }
    )
    pq.write_table(table, tmp_path / "events.parquet")
    rows = read_events(tmp_path / "events.parquet", catalog).to_pylist()
    assert [(row["patient"], row["start"], row["source"]) for row in rows] == [
        ("1", date(2010, 1, 1), "events.parquet:1"),
        ("2", date(2010, 1, 2), "events.parquet:2"),
        ("3", date(2010, 1, 3), "events.parquet:3"),
    ]
    assert (rows[0]["lesions"], rows[0]["site"], rows[1]["dose"], rows[1]["end"]) == (
        2,
        "liver",
        25.0,
        date(2010, 1, 5),
    )


def test_what_parquet_holds_beyond_the_declared_type_is_located(catalog: Catalog, tmp_path: Path) -> None:
    table = pa.table(
        {
            "patient": ["p1", "p2", "p3"],
            "event": ["metastasis"] * 3,
            "start": pa.array([datetime(2010, 1, 1), datetime(2010, 1, 1, 8, 30), None], pa.timestamp("us")),
            "lesions": [1.0, 2.0, 2.5],
        }
    )
    pq.write_table(table, tmp_path / "events.parquet")
    with pytest.raises(IngestError) as caught:
        read_events(tmp_path / "events.parquet", catalog)
    assert sorted((problem.row, problem.column, problem.found) for problem in caught.value.problems) == [
        (2, "start", "2010-01-01 08:30:00"),
        (3, "lesions", "2.5"),
        (3, "start", "nothing"),
    ]


def test_decimals_of_a_parquet_file_are_the_numbers_nearest_to_their_digits(catalog: Catalog, tmp_path: Path) -> None:
    table = pa.table(
        {
            "patient": ["p1", "p2", "p3"],
            "event": ["radiotherapy", "radiotherapy", "metastasis"],
            "start": [date(2010, 1, 1)] * 3,
            "dose": pa.array([Decimal("0.1"), Decimal("50.4"), None], pa.decimal128(38, 20)),
            "lesions": pa.array([None, None, Decimal("3.00")], pa.decimal128(5, 2)),
        }
    )
    pq.write_table(table, tmp_path / "events.parquet")
    rows = read_events(tmp_path / "events.parquet", catalog).to_pylist()
    assert [row["dose"] for row in rows] == [0.1, 50.4, None]
    assert [row["lesions"] for row in rows] == [None, None, 3]
    halves = table.set_column(4, "lesions", pa.array([None, None, Decimal("2.50")], pa.decimal128(5, 2)))
    pq.write_table(halves, tmp_path / "events.parquet")
    with pytest.raises(IngestError, match=r"row 3, column lesions: found '2.50', expected a whole number"):
        read_events(tmp_path / "events.parquet", catalog)


def test_a_parquet_column_of_another_kind_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    pq.write_table(pa.table({"patient": ["p"], "event": ["death"], "start": [20100101]}), tmp_path / "events.parquet")
    with pytest.raises(IngestError, match="column start: found values of type int64, expected a date"):
        read_events(tmp_path / "events.parquet", catalog)


def test_a_mapping_reads_parquet_as_it_reads_text(catalog: Catalog, tmp_path: Path) -> None:
    mapping = write(
        tmp_path,
        '[file]\npatient = "id"\ndates = "DD/MM/YYYY"\ndecimal = ","\n'
        '[[event]]\nevent = "radiotherapy"\nstart = "day"\n[event.attributes]\n'
        'dose = { column = "cgy", unit = "cGy" }\ntarget = { column = "t", codes = { 1 = "primary" } }\n',
        "map.toml",
    )
    pq.write_table(
        pa.table({"id": [7], "day": [date(2010, 2, 3)], "cgy": [2550.5], "t": pa.array([1.0])}), tmp_path / "f.parquet"
    )
    [row] = read_events(tmp_path / "f.parquet", catalog, mapping).to_pylist()
    assert (row["patient"], row["start"], row["dose"], row["target"]) == ("7", date(2010, 2, 3), 25.505, "primary")


def test_standard_input_is_read_like_a_file(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (HEADER + "p1,death,2010-01-01,,,\n").encode()
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        found = import_file(log, "-", name="registry export")
    assert found.commit is not None
    assert found.commit.repeated
    assert log.entries()["source"].to_pylist() == ["registry export:2"]


def test_progress_goes_from_nothing_to_the_whole_file(log: Log, tmp_path: Path) -> None:
    file = write(tmp_path, HEADER + "".join(f"p{n},death,2010-01-01,,,\n" for n in range(500)))
    told: list[tuple[int, float]] = []
    import_file(log, file, progress=lambda events, done: told.append((events, done)))
    assert told[-1] == (500, 1.0)


# --- rejected rows

BAD = HEADER + (
    "p1,surgery,2010-01-01,,liver,R0\n"
    "p2,surgery,2010-02-30,,livr,R0\n"
    "p3,surgery,2010-01-01\n"
    ",death,2010-01-01,2009-01-01,,\n"
    "p5,death,2010-01-01,,,\n"
)


def read_rejects(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_good_rows_are_recorded_and_each_bad_one_is_written_with_all_its_reasons(log: Log, tmp_path: Path) -> None:
    found = import_file(log, write(tmp_path, BAD), rejects=tmp_path / "bad.csv")
    assert found.rejected == 3
    assert recorded(log) == [("p1", "surgery", "2010-01-01"), ("p5", "death", "2010-01-01")]
    ragged, second, fourth = read_rejects(tmp_path / "bad.csv")
    assert (second["patient"], second["site"], second["rejected_at"]) == ("p2", "livr", "3")
    assert (
        "start: found '2010-02-30', expected a date written YYYY-MM-DD (there is no such day)"
        in second["rejected_because"]
    )
    assert "site: found 'livr'" in second["rejected_because"]
    assert "did you mean liver?" in second["rejected_because"]
    assert (ragged["rejected_at"], fourth["rejected_at"]) == ("4", "5")
    assert ragged["rejected_because"] == "3 fields, 6 as in the header: p3,surgery,2010-01-01"
    assert fourth["rejected_because"].count("; ") == 1


def test_rejected_rows_can_be_corrected_and_imported(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, BAD), rejects=tmp_path / "bad.csv")
    rows = read_rejects(tmp_path / "bad.csv")
    corrected = [dict(rows[1], start="2010-02-28", site="liver"), dict(rows[2], patient="p4", end="")]
    with (tmp_path / "good.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(corrected)
    import_file(log, tmp_path / "good.csv")
    assert recorded(log)[2:] == [("p2", "surgery", "2010-02-28"), ("p4", "death", "2010-01-01")]


def test_without_rejects_nothing_is_written(log: Log, tmp_path: Path) -> None:
    with pytest.raises(IngestError) as caught:
        import_file(log, write(tmp_path, BAD))
    assert {problem.line for problem in caught.value.problems} == {3, 4, 5}
    assert log.position == 0


def test_a_file_of_which_no_row_fits_records_nothing(log: Log, tmp_path: Path) -> None:
    found = import_file(log, write(tmp_path, HEADER + "p1,deth,2010-01-01,,,\n"), rejects=tmp_path / "bad.csv")
    assert (found.commit, found.rejected, log.position) == (None, 1, 0)
    assert len(read_rejects(tmp_path / "bad.csv")) == 1


def test_a_row_of_several_events_is_taken_whole_or_not_at_all(log: Log, tmp_path: Path) -> None:
    mapping = write(
        tmp_path,
        '[file]\npatient = "id"\n[[event]]\nevent = "diagnosis"\nstart = "dx"\n'
        '[[event]]\nevent = "death"\nstart = "dod"\n',
        "map.toml",
    )
    file = write(tmp_path, "id,dx,dod\np1,2010-01-01,2011-01-01\np2,2010-01-01,never\n,2010-01-01,2011-01-01\n")
    import_file(log, file, mapping=mapping, rejects=tmp_path / "bad.csv")
    assert {patient for patient, _, _ in recorded(log)} == {"p1"}
    second, third = read_rejects(tmp_path / "bad.csv")
    assert (second["id"], second["dod"]) == ("p2", "never")
    # One cell, though both events of the row lack it.
    assert third["rejected_because"] == "id: found nothing, expected the patient's id"


def test_every_bad_row_of_a_file_that_is_wrong_all_over_is_written(log: Log, tmp_path: Path) -> None:
    lines = [f"p{n},{'death' if n % 3 else 'deth'},{'2010-01-01' if n % 2 else 'x'},,," for n in range(6_000)]
    found = import_file(log, write(tmp_path, HEADER + "\n".join(lines) + "\n"), rejects=tmp_path / "bad.csv")
    good = [n for n in range(6_000) if n % 3 and n % 2]
    assert found.rejected == 6_000 - len(good)
    assert [patient for patient, _, _ in recorded(log)] == [f"p{n}" for n in good]
    reasons = {row["patient"]: row["rejected_because"].count("found") for row in read_rejects(tmp_path / "bad.csv")}
    assert reasons == {f"p{n}": (not n % 3) + (not n % 2) for n in range(6_000) if n not in good}


def test_no_file_of_rejects_is_left_where_the_import_fails(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **others: object) -> None:
        raise IngestError("the disk is full")

    write(tmp_path, "what was there before", "bad.csv")
    file = write(tmp_path, BAD)
    monkeypatch.setattr(Log, "append", fail)
    with pytest.raises(IngestError):
        import_file(log, file, rejects=tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_text() == "what was there before"
    assert not list(tmp_path.glob("*.unfinished"))


# --- seen before, and changed

FIRST = HEADER + "p1,surgery,2010-01-01,,liver,R0\np1,follow_up,2010-06-01,,,\np2,surgery,2010-02-01,,,R1\n"
GROWN = FIRST + "p2,follow_up,2010-07-01,,,\np1,follow_up,2010-06-01,,,\n"
CORRECTED = GROWN.replace("R1", "R0")


def test_a_file_that_grew_adds_what_is_new(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST))
    found = import_file(log, write(tmp_path, GROWN))
    assert found.commit is not None
    # The second visit of p1 on one day is one more than the log had.
    assert (found.commit.rows, found.known, found.gone) == (2, 3, ())
    assert log.entries(since=4)["source"].to_pylist() == ["visits.csv:5", "visits.csv:6"]
    assert import_file(log, write(tmp_path, GROWN)).commit == log_commit(log, repeated=True)


def log_commit(log: Log, repeated: bool) -> Any:
    from dataclasses import replace

    return replace(list(log.commits())[-1], repeated=repeated)


@pytest.mark.parametrize("rows", [3, 30_000])
def test_of_two_imports_of_one_file_at_once_one_wins(log: Log, tmp_path: Path, rows: int) -> None:
    days = "".join(f"p{number},follow_up,2010-01-01,,,\n" for number in range(rows))
    file = write(tmp_path, HEADER + days)
    won: list[Imported] = []

    def meanwhile(events: int, done: float) -> None:
        if not won:
            won.append(import_file(Log.open(log.path), file))

    lost = import_file(log, file, progress=meanwhile)
    assert won[0].commit is not None
    assert lost.commit is not None
    assert (won[0].commit.repeated, lost.commit.repeated) == (False, True)
    assert lost.commit.version == won[0].commit.version
    assert log.position == rows
    live = {found.path for found in log.snapshot().files}
    assert set((log.path / "data").iterdir()) == live


@pytest.mark.parametrize("batch", [None, "visits"])
@pytest.mark.parametrize("rows", [3, 30_000])
def test_of_two_versions_of_a_file_at_once_the_second_adds_what_is_new(
    log: Log, tmp_path: Path, rows: int, batch: str | None
) -> None:
    days = [f"p{number},follow_up,2010-01-01,,,\n" for number in range(rows)]
    file = write(tmp_path, HEADER + "".join(days))
    grown = write(
        tmp_path, HEADER + "".join([*days, "p0,death,2011-01-01,,,\n", "p1,deth,2011-01-01,,,\n"]), "grown.csv"
    )
    won: list[Imported] = []

    def meanwhile(events: int, done: float) -> None:
        if not won:
            won.append(import_file(Log.open(log.path), file, batch=batch))

    second = import_file(log, grown, name="visits.csv", batch=batch, rejects=tmp_path / "bad.csv", progress=meanwhile)
    assert won[0].commit is not None
    assert second.commit is not None
    assert (second.commit.rows, second.known, second.earlier) == (1, rows, (won[0].commit,))
    # Read twice, and yet each row is counted and rejected once.
    assert (second.rows, second.rejected, len(read_rejects(tmp_path / "bad.csv"))) == (rows + 1, 1, 1)
    assert log.position == rows + 1
    live = {found.path for found in log.snapshot().files}
    assert set((log.path / "data").iterdir()) == live


def test_of_two_versions_of_a_file_at_once_the_second_is_told_what_is_gone(log: Log, tmp_path: Path) -> None:
    file = write(tmp_path, FIRST)
    other = write(tmp_path, CORRECTED, "corrected.csv")
    won: list[Imported] = []

    def meanwhile(events: int, done: float) -> None:
        if not won:
            won.append(import_file(Log.open(log.path), file))

    with pytest.raises(IngestError, match="1 of its events are not in this one any more: e3"):
        import_file(log, other, name="visits.csv", progress=meanwhile)
    assert log.position == 3


def test_the_same_rows_in_another_order_are_nothing_new(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST))
    header, *rows = FIRST.splitlines()
    found = import_file(log, write(tmp_path, "\n".join([header, *reversed(rows)]) + "\n"))
    assert (found.commit, found.known) == (None, 3)
    assert log.position == 3


def test_a_file_with_changed_rows_is_refused_and_shows_what_is_gone_and_what_is_new(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST))
    with pytest.raises(IngestError) as caught:
        import_file(log, write(tmp_path, CORRECTED))
    assert "1 of its events are not in this one any more: e3" in str(caught.value)
    assert "2 events are as before and 3 are new" in str(caught.value)
    assert log.position == 3


def test_what_is_new_of_a_changed_file_can_be_asked_for(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST))
    found = import_file(log, write(tmp_path, CORRECTED), new=True)
    assert found.commit is not None
    assert (found.commit.rows, found.known, found.gone) == (3, 2, ("e3",))


def test_an_event_that_was_amended_is_known_in_both_versions(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST))
    log.amend({"e3": {"r_status": "R0"}}, reason="source document")
    assert import_file(log, write(tmp_path, FIRST + "p3,death,2012-01-01,,,\n")).known == 3
    found = import_file(log, write(tmp_path, CORRECTED + "p3,death,2012-01-01,,,\n"))
    assert (found.known, found.gone) == (4, ())
    assert [row[:2] for row in recorded(log)[-2:]] == [("p2", "follow_up"), ("p1", "follow_up")]


def test_an_event_that_was_retracted_does_not_come_back(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST))
    log.retract(["e2"], reason="another patient")
    found = import_file(log, write(tmp_path, FIRST + "p3,death,2012-01-01,,,\n"))
    assert found.known == 3
    assert log.history("p1")["event"].to_pylist() == ["surgery"]
    without = FIRST.replace("p1,follow_up,2010-06-01,,,\n", "") + "p3,death,2012-01-01,,,\n"
    assert import_file(log, write(tmp_path, without)).gone == ()


def test_a_file_of_another_name_stands_for_itself(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST))
    found = import_file(log, write(tmp_path, GROWN, "others.csv"))
    assert found.commit is not None
    assert (found.commit.rows, found.earlier) == (5, ())
    import_file(log, write(tmp_path, GROWN + "p9,death,2010-01-01,,,\n"), name="third")
    assert log.position == 3 + 5 + 6


def test_a_batch_goes_on_under_its_name(log: Log, tmp_path: Path) -> None:
    import_file(log, write(tmp_path, FIRST, "may.csv"), batch="visits")
    import_file(log, write(tmp_path, GROWN, "june.csv"), batch="visits")
    found = import_file(log, write(tmp_path, GROWN + "p9,death,2010-01-01,,,\n", "july.csv"), batch="visits")
    assert found.known == 5
    assert [commit.batch for commit in log.commits()][1:] == ["visits", "visits (2)", "visits (3)"]


def test_another_mapping_makes_another_import_of_the_same_file(log: Log, tmp_path: Path) -> None:
    text = '[file]\npatient = "id"\n[[event]]\nevent = "death"\nstart = "day"\n'
    file = write(tmp_path, "id,day,note\np1,2010-01,x\n", "deaths.csv")
    mapping = write(tmp_path, text.replace("[[", 'ignore = "note"\n[[', 1), "map.toml")
    import_file(log, file, mapping=mapping)
    again = import_file(log, file, mapping=mapping)
    assert again.commit is not None
    assert again.commit.repeated
    mapping.write_text(mapping.read_text().replace("[[", 'imputed_day = "last"\n[[', 1))
    with pytest.raises(IngestError, match="1 of its events are not in this one any more: e1"):
        import_file(log, file, mapping=mapping)
