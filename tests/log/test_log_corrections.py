"""Amendments and retractions: new entries, visible ones, and refusals that change nothing."""

from datetime import date

import pytest
from log_support import MakeEvents

from timeline.errors import CorrectionError
from timeline.log import Log, verify


def test_an_amended_event_keeps_its_id_and_place(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"r_status": "R0", "site": "liver"}, {"r_status": "R1"}), source="registry")
    commit = log.amend({"e1": {"r_status": "R2"}}, reason="pathology was revised", recorded_by="bert")
    assert (commit.kind, commit.first, commit.position) == ("amend", 3, 3)
    [amended, other] = log.history("p1").to_pylist()
    assert (amended["event_id"], amended["position"]) == ("e1", 1)
    assert (amended["r_status"], amended["site"]) == ("R2", "liver")
    assert (amended["reason"], amended["recorded_by"]) == ("pathology was revised", "bert")
    assert (other["event_id"], other["r_status"]) == ("e2", "R1")


def test_the_log_shows_each_version_as_it_was_recorded(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"r_status": "R0"}), source="registry")
    log.amend({"e1": {"r_status": "R1"}}, reason="typing error")
    log.amend({"e1": {"r_status": None}}, reason="not examined after all")
    log.retract(["e1"], reason="another patient's")
    entries = log.history("p1", all=True).to_pylist()
    assert [entry["event_id"] for entry in entries] == ["e1"] * 4
    assert [entry["position"] for entry in entries] == [1, 2, 3, 4]
    assert [entry["operation"] for entry in entries] == ["record", "amend", "amend", "retract"]
    assert [entry["r_status"] for entry in entries] == ["R0", "R1", None, None]
    assert [entry["reason"] for entry in entries] == [
        None,
        "typing error",
        "not examined after all",
        "another patient's",
    ]
    assert log.history("p1").num_rows == 0


def test_what_is_known_later_does_not_change_what_was_known(log: Log, make_events: MakeEvents) -> None:
    recorded = log.append(make_events({"r_status": "R0"}), source="registry")
    amended = log.amend({"e1": {"r_status": "R1"}}, reason="typing error")
    log.retract(["e1"], reason="another patient's")
    assert log.snapshot(known_by=recorded.recorded_at).position == 1
    assert log.snapshot(known_by=amended.recorded_at).position == 2
    assert log.entries(since=2)["operation"].to_pylist() == ["amend", "retract"]


def test_a_new_date_is_known_to_the_day(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"start_precision": "month"}), source="registry")
    log.amend({"e1": {"site": "liver"}}, reason="was left out")
    assert log.history("p1")["start_precision"].to_pylist() == ["month"]
    log.amend({"e1": {"start": date(2010, 1, 17)}}, reason="letter arrived")
    assert log.history("p1")["start_precision"].to_pylist() == ["day"]
    log.amend({"e1": {"start": date(2010, 7, 1), "start_precision": "year"}}, reason="letter was wrong")
    assert log.history("p1")["start_precision"].to_pylist() == ["year"]


def test_several_events_are_corrected_in_one_commit(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({}, {}, {"event": "death"}), source="registry")
    commit = log.amend({"e3": {"cause": "other"}, "e1": {"site": "liver"}}, reason="audit")
    assert commit.rows == 2
    assert log.entries(since=4)["event_id"].to_pylist() == ["e3", "e1"]
    assert log.retract(["e2", "e1", "e2"], reason="audit").rows == 2
    assert log.history("p1")["event_id"].to_pylist() == ["e3"]
    assert verify(log.path).ok


def test_an_event_recorded_by_bulk_import_is_corrected_too(log: Log, make_events: MakeEvents) -> None:
    rows = make_events(*({"patient": f"p{number % 10}"} for number in range(100)))
    log.append(iter([rows] * 250), source="bulk")
    log.amend({"e12345": {"r_status": "R2"}}, reason="audit")
    log.retract(["e12355"], reason="audit")
    # Event n belongs to patient (n - 1) % 10; both corrected ones to patient 4.
    history = log.history("p4")
    assert history.num_rows == 25_000 // 10 - 1
    assert history.filter(history["r_status"].is_valid())["event_id"].to_pylist() == ["e12345"]
    assert verify(log.path).ok


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"e9": {"site": "liver"}}, "found 'e9', expected the id of an event in the log"),
        ({"e3": {"site": "liver"}}, "found 'e3', expected the id of an event in the log"),
        ({"17": {"site": "liver"}}, "event ids look like e17"),
        ({"e2": {"site": "liver"}}, "found e2, which has been retracted"),
        ({"e1": {"sit": "liver"}}, "an event surgery has no 'sit'.\nDid you mean site?"),
        ({"e1": {"cause": "other"}}, "found 'other' on an event surgery, which has no attribute cause"),
        ({"e1": {"site": "livr"}}, "did you mean liver?"),
        ({"e1": {"site": 7}}, "e1, column site: found 7, expected text"),
        ({"e1": {"start": "2010-01-01"}}, "e1, column start: found '2010-01-01', expected a date"),
        ({"e1": {"start": None}}, "e1, column start: found nothing, expected a date"),
        ({"e1": {"end": date(2009, 1, 1)}}, "expected a day on or after the start"),
        ({"e1": {"patient": "p2"}}, "the patient of an event cannot be amended"),
        ({"e1": {"event": "death"}}, "the event of an event cannot be amended"),
        ({"e1": {"recorded_by": "x"}}, "an event surgery has no 'recorded_by'"),
        ({"e1": {"site": "rectum"}}, "the amendment of e1 changes nothing"),
        ({"e1": {}}, "the amendment of e1 changes nothing"),
        ({}, "no event to amend was named"),
    ],
)
def test_an_amendment_that_does_not_fit_is_refused(
    log: Log, make_events: MakeEvents, changes: dict[str, dict[str, object]], message: str
) -> None:
    log.append(make_events({"site": "rectum"}, {}), source="registry")
    log.retract(["e2"], reason="another patient's")
    with pytest.raises(CorrectionError) as caught:
        log.amend(changes, reason="audit")
    assert message in str(caught.value)
    assert log.position == 3


def test_every_correction_needs_a_reason(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({}), source="registry")
    with pytest.raises(CorrectionError, match="every amendment needs a reason"):
        log.amend({"e1": {"site": "liver"}}, reason=" ")
    with pytest.raises(CorrectionError, match="every retraction needs a reason"):
        log.retract(["e1"], reason="")
    assert log.position == 1


def test_one_refused_correction_keeps_the_others_out(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({}, {}), source="registry")
    with pytest.raises(CorrectionError) as caught:
        log.retract(["e1", "e8", "e9"], reason="audit")
    assert len(caught.value.problems) == 2
    assert log.history("p1").num_rows == 2


def test_a_correction_is_made_of_the_version_in_force(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"site": "liver"}), source="registry")
    other = Log.open(log.path)
    other.amend({"e1": {"r_status": "R1"}}, reason="audit")
    log.amend({"e1": {"site": "rectum"}}, reason="audit")
    [row] = log.history("p1").to_pylist()
    assert (row["site"], row["r_status"]) == ("rectum", "R1")
