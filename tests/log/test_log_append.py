"""What the log promises about recording events and reading them back."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from log_support import Clock, MakeEvents

from dsl.catalog import Attribute, Catalog, EventType
from dsl.types import Number, Text
from timeline.errors import DeclarationError, IngestError, StoreError
from timeline.log import Log


def test_what_was_recorded_is_read_back_with_its_origin(log: Log, make_events: MakeEvents) -> None:
    events = make_events(
        {"site": "liver", "r_status": "R0", "end": date(2010, 1, 2)},
        {"event": "laboratory", "analyte": "CEA", "value": 3.5, "repeats": 2, "fasting": False},
        {"event": "laboratory", "start": date(2010, 1, 3), "sampled": date(2009, 12, 31)},
    )
    commit = log.append(events, source="registry", recorded_by="bert")
    [surgery, laboratory, sampled] = log.history("p1").to_pylist()
    assert (surgery["site"], surgery["r_status"], surgery["end"]) == ("liver", "R0", date(2010, 1, 2))
    assert (surgery["start_precision"], surgery["end_precision"]) == ("day", "day")
    assert (laboratory["analyte"], laboratory["value"], laboratory["repeats"]) == ("CEA", 3.5, 2)
    assert laboratory["fasting"] is False
    assert laboratory["end_precision"] is None
    assert sampled["sampled"] == date(2009, 12, 31)
    for row in (surgery, laboratory, sampled):
        assert (row["source"], row["recorded_by"], row["operation"]) == ("registry", "bert", "record")
        assert row["recorded_at"] == commit.recorded_at


def test_positions_and_ids_run_on_over_commits(log: Log, make_events: MakeEvents) -> None:
    first = log.append(make_events({}, {}), source="a")
    second = log.append(make_events({}, {}, {}), source="b")
    assert (first.first, first.position, first.rows) == (1, 2, 2)
    assert (second.first, second.position, second.rows) == (3, 5, 3)
    assert log.position == 5
    assert log.history("p1")["event_id"].to_pylist() == ["e1", "e2", "e3", "e4", "e5"]


def test_each_row_keeps_its_own_source(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"source": "form 7"}, {}), source="registry")
    assert log.history("p1")["source"].to_pylist() == ["form 7", "registry"]


def test_a_history_is_by_start_then_by_order_of_recording(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"start": date(2010, 5, 1)}, {"start": date(2010, 1, 1)}), source="a")
    log.append(make_events({"start": date(2010, 5, 1)}, {"patient": "p2"}), source="b")
    assert log.history("p1")["event_id"].to_pylist() == ["e2", "e1", "e3"]
    assert log.history("p1", all=True)["event_id"].to_pylist() == ["e1", "e2", "e3"]
    assert log.history("nobody").num_rows == 0


def test_another_process_sees_what_was_acknowledged(log: Log, make_events: MakeEvents) -> None:
    other = Log.open(log.path)
    log.append(make_events({}), source="a")
    assert other.position == 1
    other.append(make_events({}), source="b")
    assert log.position == 2
    assert log.head == other.head == Log.open(log.path).head
    assert other.catalog == log.catalog


def test_a_large_batch_is_read_back_in_order_of_recording(log: Log) -> None:
    count = 30_000
    patients = [f"p{number % 7}" for number in range(count)]
    kinds = ["surgery", "death", "laboratory"]
    batch = pa.table(
        {
            "patient": patients,
            "event": [kinds[number % 3] for number in range(count)],
            "start": pa.array([number % 4000 for number in range(count)], pa.int32()).cast(pa.date32()),
            "value": [float(number) if number % 3 == 2 else None for number in range(count)],
        }
    )
    progress: list[int] = []
    commit = log.append(iter(batch.to_batches(max_chunksize=4_000)), source="bulk", progress=progress.append)
    assert commit.rows == count
    assert progress[-1] == count
    history = log.history("p3", all=True)
    expected = [number for number in range(count) if number % 7 == 3]
    assert history["position"].to_pylist() == [number + 1 for number in expected]
    assert history["event_id"].to_pylist() == [f"e{number + 1}" for number in expected]
    assert history["event"].to_pylist() == [kinds[number % 3] for number in expected]
    assert history["value"].to_pylist() == [float(number) if number % 3 == 2 else None for number in expected]
    types = {file.events for file in log.snapshot().files}
    assert types == {(kind, kind) for kind in kinds}


def test_a_large_batch_that_lost_the_race_takes_the_next_positions(log: Log, make_events: MakeEvents) -> None:
    rows = pa.concat_tables([make_events({}, {"event": "death"})] * 12_000)

    def interrupted() -> Iterator[pa.Table]:
        yield rows
        Log.open(log.path).append(make_events({"patient": "other"}), source="faster")
        yield rows

    commit = log.append(interrupted(), source="slow")
    assert (commit.first, commit.position) == (2, 48_001)
    history = log.history("p1", all=True)
    assert history["position"].to_pylist() == list(range(2, 48_002))
    assert history["event_id"].to_pylist() == [f"e{position}" for position in range(2, 48_002)]
    assert set(history["recorded_at"].to_pylist()) == {commit.recorded_at}
    assert commit.recorded_at >= log.history("other")["recorded_at"][0].as_py()


def test_one_bad_row_keeps_the_whole_batch_out(log: Log, make_events: MakeEvents) -> None:
    bulk = pa.concat_tables([make_events({"r_status": "R0"})] * 30_000)
    bad = pa.concat_tables([bulk, make_events({"r_status": "R7"}), bulk, make_events({"r_status": "r0"})])
    with pytest.raises(IngestError) as caught:
        log.append(bad, source="registry")
    assert [problem.row for problem in caught.value.problems] == [30_001, 60_002]
    assert log.position == 0
    assert list((log.path / "data").iterdir()) == []


@pytest.mark.parametrize(
    ("row", "column", "found", "hint"),
    [
        ({"patient": ""}, "patient", "nothing", ""),
        ({"patient": None}, "patient", "nothing", ""),
        ({"start": None}, "start", "nothing", ""),
        ({"event": "surgry"}, "event", "'surgry'", "did you mean surgery?"),
        ({"event": None}, "event", "nothing", ""),
        ({"end": date(2009, 12, 31)}, "end", "2009-12-31", ""),
        ({"r_status": "RO"}, "r_status", "'RO'", "did you mean R0 or R1 or R2?"),
        ({"cause": "cancer"}, "cause", "'cancer' on an event surgery, which has no attribute cause", ""),
        ({"event": "laboratory", "value": float("nan")}, "value", "nan", ""),
        ({"event": "laboratory", "value": float("inf")}, "value", "inf", ""),
        ({"start_precision": "week"}, "start_precision", "'week'", ""),
        ({"end_precision": "day"}, "end_precision", "'day'", ""),
    ],
)
def test_a_row_that_the_declarations_do_not_admit_is_refused(
    log: Log, make_events: MakeEvents, row: dict[str, object], column: str, found: str, hint: str
) -> None:
    with pytest.raises(IngestError) as caught:
        log.append(make_events({}, row), source="registry")
    [problem] = caught.value.problems
    assert (problem.row, problem.column, problem.found) == (2, column, found)
    assert hint in problem.hint
    assert log.position == 0


def test_columns_of_another_type_or_name_are_refused(log: Log, make_events: MakeEvents) -> None:
    def refusal(table: pa.Table) -> str:
        with pytest.raises(IngestError) as caught:
            log.append(table, source="registry")
        return str(caught.value)

    good = make_events({})
    assert "column r_statu: found a column that no event type declares" in refusal(
        good.append_column("r_statu", [["R0"]])
    )
    assert "did you mean r_status?" in refusal(good.append_column("r_statu", [["R0"]]))
    assert "expected a column start" in refusal(good.drop_columns(["start"]))
    assert "column start: found int64" in refusal(good.set_column(2, "start", [[14610]]))
    assert "column patient: found int64" in refusal(good.set_column(0, "patient", [[1]]))
    afternoon = pa.array([datetime(2010, 1, 1, 15)], pa.timestamp("us"))
    assert "column start: found timestamp" in refusal(good.set_column(2, "start", afternoon))
    assert "there are no events" in refusal(good.slice(0, 0))
    assert log.position == 0


def test_dictionaries_large_strings_and_midnights_are_taken(log: Log) -> None:
    table = pa.table(
        {
            "patient": pa.array(["p1"], pa.large_string()),
            "event": pa.array(["surgery"]).dictionary_encode(),
            "start": pa.array([datetime(2010, 1, 1)], pa.timestamp("ns")),
        }
    )
    log.append(table, source="pandas")
    assert log.history("p1")["start"].to_pylist() == [date(2010, 1, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "it's",
        'a "b"',
        "a;b,c",
        "nul\0nul",
        "line\nbreak\r\n",
        "\N{GRINNING FACE} Müller",
        "'; DROP TABLE log; --",
        "%s {} \\",
    ],
)
def test_texts_and_patients_go_through_unchanged(log: Log, make_events: MakeEvents, text: str) -> None:
    log.append(make_events({"patient": text, "event": "laboratory", "analyte": text}), source=text, recorded_by=text)
    [row] = Log.open(log.path).history(text).to_pylist()
    assert (row["patient"], row["analyte"], row["source"], row["recorded_by"]) == (text, text, text, text)


def test_a_batch_is_recorded_once_under_its_name(log: Log, make_events: MakeEvents) -> None:
    first = log.append(make_events({}), source="a", batch="visit 1")
    again = Log.open(log.path).append(make_events({}), source="a", batch="visit 1")
    assert again.repeated
    assert (again.version, again.head, log.position) == (first.version, first.head, 1)
    with pytest.raises(IngestError, match="batch named 'visit 1' is in the log already, with other events"):
        log.append(make_events({"r_status": "R1"}), source="a", batch="visit 1")
    assert log.position == 1


def test_content_is_recorded_once_whatever_it_is_called(log: Log, make_events: MakeEvents) -> None:
    first = log.append(make_events({}), source="a", content="5f")
    again = log.append(make_events({}), source="copy of a", content="5f")
    assert again.repeated
    assert again.version == first.version
    assert not log.append(make_events({}), source="a", content="60").repeated


def test_the_state_at_a_position_has_the_declarations_of_then(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({}, {}), source="a")
    log.append(make_events({}), source="b")
    snapshot = log.snapshot(position=1)
    assert snapshot.position == 1
    assert snapshot.catalog == log.catalog
    assert log.snapshot(position=0).files == ()
    with pytest.raises(StoreError, match="no position 4; the log reaches 3"):
        log.snapshot(position=4)


def test_known_by_sees_what_was_recorded_until_then(log: Log, make_events: MakeEvents, clock: Clock) -> None:
    first = log.append(make_events({}), source="a")
    clock.now += timedelta(days=1)
    log.append(make_events({}), source="b")
    assert log.snapshot(known_by=first.recorded_at).position == 1
    assert log.snapshot(known_by=first.recorded_at - timedelta(microseconds=1)).position == 0
    assert log.snapshot(known_by=date(2020, 1, 1)).position == 1
    assert log.snapshot(known_by=date(2020, 1, 2)).position == 2
    with pytest.raises(StoreError, match="nothing was known by 2019-12-31"):
        log.snapshot(known_by=date(2019, 12, 31))


def test_recording_times_never_run_backwards(log: Log, make_events: MakeEvents, clock: Clock) -> None:
    first = log.append(make_events({}), source="a")
    clock.now = datetime(2001, 1, 1, tzinfo=UTC)
    assert log.append(make_events({}), source="b").recorded_at == first.recorded_at


def test_a_store_is_not_made_over_something_else(tmp_path: Path, vocabulary: Catalog) -> None:
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="the folder is not empty"):
        Log.create(occupied, vocabulary)
    with pytest.raises(StoreError, match="this is a file"):
        Log.create(occupied / "letter.txt", vocabulary)
    Log.create(tmp_path / "store", vocabulary)
    with pytest.raises(StoreError, match="a store exists here already"):
        Log.create(tmp_path / "store", vocabulary)
    assert os.listdir(occupied) == ["letter.txt"]


def test_a_store_needs_an_event_type(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="no event type is declared"):
        Log.create(tmp_path / "store", Catalog())
    assert not (tmp_path / "store").exists()


def test_what_is_no_store_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store here"):
        Log.open(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="not a store of clinical timelines"):
        Log.open(tmp_path)


def test_declarations_that_cannot_share_a_table_are_refused(tmp_path: Path) -> None:
    clash = Catalog((EventType("a", (Attribute("x", Text()),)), EventType("b", (Attribute("x", Number()),))))
    with pytest.raises(DeclarationError, match="attribute x holds one kind of value in the event type a"):
        Log.create(tmp_path / "store", clash)
    twins = Catalog((EventType("a"), EventType("A")))
    with pytest.raises(DeclarationError, match="differ in capital letters only"):
        Log.create(tmp_path / "store", twins)
    with pytest.raises(DeclarationError, match="No event type can be called patients"):
        Log.create(tmp_path / "store", Catalog((EventType("patients"),)))
    reserved = Catalog((EventType("a", (Attribute("where", Text()),)),))
    with pytest.raises(DeclarationError, match="cannot be written down"):
        Log.create(tmp_path / "store", reserved)
    assert not (tmp_path / "store").exists()
