"""`timeline explain`: a definition in plain English, and the trace of one patient."""

from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Timeline

M1 = ROOT / "queries" / "m1.tql"
EVENTS = """patient,event,start,end,site,intent,r_status
A,surgery,2010-01-01,,lung,curative,R0
A,surgery,2010-02-01,2010-02-03,liver,curative,R1
A,recurrence,2010-02-02,,liver,,
A,recurrence,2010-05-04,,,,
A,death,2009-12-01,,,,
A,follow_up,2011-01-01,,,,
B,follow_up,2011-01-01,,,,
"""
STUDY = """use oncology
let clearance = last surgery where intent = curative
let relapse   = first recurrence where site != lung after clearance
cohort operated "Operated on"
    index    clearance
    require  "on the liver"  any surgery where site = liver
    require  "margins"       all surgery where intent = curative have r_status = R0
endpoint rfs "Recurrence-free survival"
    from       clearance
    until      first recurrence after clearance, (first death).start as "death"
    last seen  follow_up
"""


@pytest.fixture
def trial(tmp_path: Path, timeline: Timeline) -> tuple[Path, Path]:
    """A query and a store."""
    query, store, events = tmp_path / "study.tql", tmp_path / "store", tmp_path / "events.csv"
    query.write_text(STUDY)
    events.write_text(EVENTS)
    assert timeline("create", store).returncode == 0
    assert timeline("import", store, events).returncode == 0
    return query, store


def explained(timeline: Timeline, trial: tuple[Path, Path], name: str, patient: str = "A") -> list[str]:
    query, store = trial
    done = timeline("explain", query, name, "--store", store, "--patient", patient)
    assert done.returncode == 0, done.stderr
    return [line.strip() for line in done.stdout.splitlines()]


def test_a_definition_reads_like_a_protocol(timeline: Timeline) -> None:
    done = timeline("explain", M1, "rfs")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "Endpoint rfs: Recurrence-free survival Time runs in days from the start of clearance." in text
    assert "On one day, the event counts before the censoring." in text
    assert "clearance The last surgery where the intent is curative." in text
    _, used = text.split("It is used in: ")
    assert "Kaplan-Meier estimate of rfs in all_sites" in used


def test_a_whole_study_is_said_where_no_name_is_given(timeline: Timeline) -> None:
    done = timeline("explain", M1)
    assert done.returncode == 0, done.stderr
    assert "Cohort radical" in done.stdout
    assert "Printed (A1 Abstract): the number of members of enrolled = 50." in done.stdout


def test_an_endpoint_is_traced_to_its_events(timeline: Timeline, trial: tuple[Path, Path]) -> None:
    lines = explained(timeline, trial, "rfs")
    assert "origin: clearance: 2010-02-01 (e2)" in lines
    # The operation of 1 February ends on the 3rd, so the recurrence found on the 2nd comes before that window.
    assert "window: after 2010-02-03 (the last day of clearance)" in lines
    assert "e3 recurrence on 2010-02-02: no, it does not start after the last day of clearance" in lines
    assert "e4 recurrence on 2010-05-04: yes ← this one" in lines
    [death] = [line for line in lines if line.startswith("until") and "death" in line]
    assert death.endswith("2009-12-01 (e5), before the origin: does not count")
    # 27 days of February, 31 of March, 30 of April, 4 of May
    assert lines[-1].startswith("→ from 2010-02-01 (e2) to 2010-05-04 (e4): 92 days, event")


def test_a_selection_that_a_window_rests_on_is_traced_too(timeline: Timeline, trial: tuple[Path, Path]) -> None:
    query, store = trial
    query.write_text(STUDY + "let next = first recurrence after (last surgery where intent = curative)\n")
    lines = explained(timeline, (query, store), "next")
    where = "the last day of the last surgery where the intent is curative"
    found = lines[lines.index("let next") :]
    assert found[:3] == [
        "let next",
        f"the first recurrence after {where}: e4",
        f"window: after 2010-02-03 ({where})",
    ]
    assert f"{where}: 2010-02-03 (e2)" in found
    assert "e2 surgery on 2010-02-01: yes ← this one" in found


def test_the_deciding_event_is_shown_however_many_were_looked_at(timeline: Timeline, tmp_path: Path) -> None:
    query, store, events = tmp_path / "study.tql", tmp_path / "store", tmp_path / "events.csv"
    query.write_text("use oncology\nlet seen = last follow_up\n")
    days = "".join(f"A,follow_up,2010-01-{day:02}\n" for day in range(1, 31))
    events.write_text("patient,event,start\n" + days)
    assert timeline("create", store).returncode == 0
    assert timeline("import", store, events).returncode == 0
    lines = explained(timeline, (query, store), "seen")
    assert lines[-2:] == ["e30 follow up on 2010-01-30: yes ← this one", "and 17 more events"]  # 30 - 12 - 1


def test_a_requirement_is_traced_to_the_event_that_decides_it(timeline: Timeline, trial: tuple[Path, Path]) -> None:
    lines = explained(timeline, trial, "operated")
    assert "there is at least one surgery where the site is liver: true (e2)" in lines
    assert "e2 surgery on 2010-02-01: yes, but the r status is not R0 ← this one" in lines
    assert lines[-1] == "→ not a member: margins is not met"


def test_what_is_not_known_is_unknown(timeline: Timeline, trial: tuple[Path, Path]) -> None:
    lines = explained(timeline, trial, "relapse")
    assert "e4 recurrence on 2010-05-04: unknown whether the site is not lung" in lines
    assert [line for line in lines if line.endswith(": none")]


def test_who_has_no_origin_has_no_time_and_it_says_so(timeline: Timeline, trial: tuple[Path, Path]) -> None:
    lines = explained(timeline, trial, "rfs", "B")
    assert lines[-1] == "→ no time: no origin"


def test_a_cut_off_hides_events_from_the_trace(timeline: Timeline, trial: tuple[Path, Path]) -> None:
    query, store = trial
    query.write_text(STUDY + "cutoff 2010-04-01\n")
    lines = explained(timeline, (query, store), "rfs")
    assert "e4 recurrence on 2010-05-04: no, it lies behind the cut-off" in lines
    # 27 days of February, 31 of March, 1 of April
    assert lines[-1].startswith("→ from 2010-02-01 (e2) to 2010-04-01 (no event): 59 days, censored, “data cut-off”")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("operatd",), "`operated`"),
        (("rfs", "--patient", "A"), "--store"),
        (("rfs", "--store", "STORE"), "--patient"),
        (("--store", "STORE", "--patient", "A"), "one definition"),
        (("rfs", "--store", "STORE", "--patient", "a"), "Did you mean A?"),
    ],
)
def test_a_mistake_is_told(arguments: tuple[str, ...], told: str, timeline: Timeline, trial: tuple[Path, Path]) -> None:
    query, store = trial
    refused = timeline("explain", query, *(str(store) if word == "STORE" else word for word in arguments))
    assert refused.returncode in (1, 2)
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
