"""One patient's entries are found by bounds, in few files, and are what reading everything would give."""

import json
import subprocess
import sys

import pyarrow.compute as pc
import pytest
from log_support import Clock, MakeEvents

from dsl.catalog import Catalog
from timeline.log import Log, layout, read, verify
from timeline.log.write import LONGEST_BOUND


def test_files_that_cannot_hold_a_patient_are_not_read(log: Log, make_events: MakeEvents) -> None:
    for patient in ("a", "b", "c"):
        log.append(make_events({"patient": patient}), source="visit")
    snapshot = log.snapshot()
    own = snapshot.of_patients(["b"])
    assert (len(snapshot.files), len(own.files)) == (3, 1)
    for file in snapshot.files:
        if file not in own.files:
            file.path.unlink()
    assert read.current(own)["event_id"].to_pylist() == ["e2"]


def test_every_history_is_a_part_of_the_whole_log(log: Log, make_events: MakeEvents) -> None:
    patients = ["p1", "it's", 'a "b"', "ä", "P1", "p10"]
    for round_ in range(3):
        log.append(make_events(*({"patient": patient, "site": "liver"} for patient in patients)), source=f"{round_}")
    log.amend({"e2": {"site": "rectum"}, "e9": {"r_status": "R1"}}, reason="audit")
    log.retract(["e3"], reason="audit")
    whole = log.entries()
    for patient in patients:
        assert log.history(patient, all=True).equals(whole.filter(pc.equal(whole["patient"], patient)).combine_chunks())
    # One of the three of each was recorded at positions 2, 8 and 14; 3 is retracted.
    assert log.history("it's")["event_id"].to_pylist() == ["e2", "e8", "e14"]
    assert log.history("it's")["site"].to_pylist() == ["rectum", "liver", "liver"]
    assert log.history('a "b"')["event_id"].to_pylist() == ["e9", "e15"]
    assert log.histories(["p1", "ä"])["event_id"].to_pylist() == ["e1", "e4", "e7", "e10", "e13", "e16"]
    assert log.histories([]).num_rows == log.history("nobody").num_rows == 0


@pytest.mark.parametrize(("length", "bounded"), [(LONGEST_BOUND, True), (LONGEST_BOUND + 1, False)])
def test_a_very_long_id_is_not_kept_as_a_bound(log: Log, make_events: MakeEvents, length: int, bounded: bool) -> None:
    long = "p" * length
    log.append(make_events({"patient": long}, {"patient": "a"}), source="visit")
    assert [file.patients is not None for file in log.snapshot().files] == [bounded]
    assert log.history(long).num_rows == log.history("a").num_rows == 1
    assert verify(log.path).ok


def test_a_store_without_bounds_of_patients_stays_readable(
    tmp_path_factory: pytest.TempPathFactory,
    vocabulary: Catalog,
    clock: Clock,
    make_events: MakeEvents,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    earlier = layout.CONFIGURATION | {layout.BOUNDED: "event,operation,position"}
    monkeypatch.setattr(layout, "CONFIGURATION", earlier)
    log = Log.create(tmp_path_factory.mktemp("earlier") / "store", vocabulary, clock=clock)
    for patient in ("a", "b"):
        log.append(make_events({"patient": patient}), source="visit")
    monkeypatch.undo()
    log.append(make_events({"patient": "c"}), source="visit")
    assert [file.patients for file in log.snapshot().files] == [None, None, None]
    assert log.history("b")["event_id"].to_pylist() == ["e2"]
    assert verify(log.path).ok


def test_bounds_that_do_not_fit_the_patients_of_a_file_are_found(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"patient": "b"}), source="visit")
    path = layout.commit_file(log.path, 1)
    path.write_text(path.read_text().replace(r"\"patient\": \"b\"", r"\"patient\": \"c\""))
    texts = [finding.text for finding in verify(log.path).findings]
    assert any("does not fit its rows" in text for text in texts), texts


def test_reading_a_history_imports_no_pandas(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"patient": "a"}), source="visit")
    program = (
        "import sys, json; from timeline.log import Log;"
        f"found = Log.open({str(log.path)!r}).history('a').num_rows;"
        "print(json.dumps([found, 'pandas' in sys.modules]))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == [1, False]
