"""The store as a person calls it: corrections, the log as recorded, verification, compaction, declarations."""

import csv
import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Timeline
from timeline.log import Log, commits, layout

EVENTS = """\
patient,event,start,intent,site,r_status,cause
p1,surgery,2010-01-01,curative,rectum,R0,
p1,death,2012-01-01,,,,cancer
p2,surgery,2011-01-01,curative,liver,R1,
"""


@pytest.fixture
def store(timeline: Timeline, tmp_path: Path) -> Path:
    """Three events: e1 and e2 of p1, e3 of p2."""
    made, file = tmp_path / "trial", tmp_path / "events.csv"
    file.write_text(EVENTS)
    assert timeline("create", made).returncode == 0
    assert timeline("import", made, file, "--by", "anna").returncode == 0
    return made


def test_an_amendment_is_shown_as_it_stands_and_as_it_came(timeline: Timeline, store: Path) -> None:
    done = timeline(
        "amend", store, "e1", "r_status=R1", "start=2010-01-03", "--reason", "second review", "--by", "bert"
    )
    assert (done.returncode, done.stdout) == (
        0,
        "amended 1 event at position 4, as bert; earlier versions stay in the log\n",
    )
    stands = timeline("show", store, "p1").stdout
    assert "r_status: R1" in stands
    assert "r_status: R0" not in stands
    assert "second review" not in stands
    every = timeline("show", store, "p1", "--all").stdout
    assert every.startswith("p1  3 entries")
    for part in ("r_status: R0", "r_status: R1", "2010-01-01", "2010-01-03", "second review", "anna", "bert"):
        assert part in every


def test_a_retraction_hides_the_event_and_keeps_it_in_the_log(timeline: Timeline, store: Path) -> None:
    done = timeline("retract", store, "e1", "e2", "--reason", "another patient of that name")
    assert done.returncode == 0
    assert done.stdout.startswith("retracted 2 events at positions 4 to 5, as ")
    assert timeline("show", store, "p1").returncode == 1
    assert timeline("show", store, "p1", "--all").stdout.count("another patient") == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("amend", "e1", "r_status=R9", "--reason", "x"),
            "e1, column r_status: found 'R9', expected code (R0, R1, R2, RX)",
        ),
        (("amend", "e1", "start=03/01/2010", "--reason", "x"), "start: found '03/01/2010', expected a date"),
        (("amend", "e1", "r_statu=R1", "--reason", "x"), "No event has an attribute r_statu"),
        (("amend", "e1", "cause=cancer", "--reason", "x"), "cause"),
        (("amend", "e1", "r_status", "--reason", "x"), "Write NAME=VALUE"),
        (("amend", "e1", "r_status=R0", "--reason", "x"), "changes nothing"),
        (("amend", "e99", "r_status=R0", "--reason", "x"), "found 'e99', expected the id of an event in the log"),
        (("amend", "e1", "r_status=R1", "--reason", " "), "every amendment needs a reason"),
        (("retract", "e1", "e99", "--reason", "x"), "found 'e99', expected the id of an event in the log"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[:3]),
)
def test_a_correction_that_does_not_fit_is_refused_in_words(
    timeline: Timeline, store: Path, arguments: tuple[str, ...], told: str
) -> None:
    command, *rest = arguments
    refused = timeline(command, store, *rest)
    assert refused.returncode == 3
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
    assert Log.open(store).position == 3


def test_the_log_is_printed_as_recorded_for_a_patient_and_from_a_position(timeline: Timeline, store: Path) -> None:
    timeline("amend", store, "e3", "r_status=R0", "--reason", "second review", "--by", "bert")
    lines = timeline("log", store).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4"]
    assert re.fullmatch(
        r" +4  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  bert  amend  e3  p2  surgery  2011-01-01"
        r"  site: liver, intent: curative, r_status: R0  because second review  from correction",
        lines[3],
    )
    assert timeline("log", store, "--patient", "p2").stdout.splitlines() == [lines[2], lines[3]]
    assert timeline("log", store, "--since", "3").stdout.splitlines() == [lines[2], lines[3]]
    assert timeline("log", store, "--patient", "p1", "--since", "2").stdout.splitlines() == [lines[1]]
    for arguments in (("--patient", "p9"), ("--since", "0")):
        refused = timeline("log", store, *arguments)
        assert (refused.returncode, refused.stdout) == (1, "")


def test_commits_are_listed_with_the_heads_of_the_chain(timeline: Timeline, store: Path) -> None:
    lines = timeline("log", store, "--commits").stdout.splitlines()
    heads = [commit.head for commit in Log.open(store).commits()]
    assert [line.split()[-1] for line in lines] == heads
    assert "positions 1 to 3  from events.csv" in lines[1]


def test_verification_prints_the_head_and_knows_a_noted_one(timeline: Timeline, store: Path) -> None:
    done = timeline("verify", store)
    head = Log.open(store).head
    assert done.stdout == f"{store} is as it was recorded: 2 commits, 3 entries\nhead {head}\n"
    timeline("amend", store, "e3", "r_status=R0", "--reason", "second review")
    assert timeline("verify", store, "--head", head).returncode == 0
    unknown = timeline("verify", store, "--head", "0" * 63 + "1")
    assert unknown.returncode == 1
    assert "is not in the chain" in unknown.stdout


def test_verification_names_the_first_commit_that_does_not_fit(timeline: Timeline, store: Path) -> None:
    timeline("amend", store, "e3", "r_status=R0", "--reason", "second review")
    path = layout.commit_file(store, 1)
    path.write_bytes(path.read_bytes().replace(b"anna", b"emma"))
    found = timeline("verify", store)
    assert found.returncode == 1
    assert "the first finding is: commit 1: its record does not fit its head" in found.stdout


def test_a_torn_commit_is_told_and_set_aside_on_request(timeline: Timeline, store: Path) -> None:
    timeline("amend", store, "e3", "r_status=R0", "--reason", "second review")
    seal = commits.seal_of(store, 1)
    layout.acknowledgement_file(store).write_text(json.dumps({"version": 1, "seal": seal}))
    layout.commit_file(store, 2).write_bytes(b"")
    shown = timeline("show", store, "p2")
    assert shown.returncode == 0
    assert "r_status: R1" in shown.stdout
    assert "note: Commit 2 is not whole" in shown.stderr
    waiting = timeline("retract", store, "e3", "--reason", "x")
    assert waiting.returncode == 5
    assert f"Call `timeline verify {store} --repair` first." in waiting.stderr
    repaired = timeline("verify", store, "--repair")
    assert repaired.returncode == 0
    assert "Commit 2 was set aside" in repaired.stdout
    assert "is as it was recorded: 2 commits, 3 entries" in repaired.stdout
    assert timeline("show", store, "p2").stderr == ""


def test_what_was_acknowledged_is_not_set_aside_unless_its_loss_is_accepted(timeline: Timeline, store: Path) -> None:
    layout.commit_file(store, 1).write_bytes(b"")
    refused = timeline("verify", store, "--repair")
    assert refused.returncode == 5
    assert "had been acknowledged" in refused.stderr
    assert layout.commit_file(store, 1).exists()
    accepted = timeline("verify", store, "--repair", "--accept-loss")
    assert accepted.returncode == 0
    assert Log.open(store).position == 0


def test_compaction_says_what_it_did_and_what_it_left_as_it_was(timeline: Timeline, store: Path) -> None:
    before = timeline("log", store).stdout
    head = Log.open(store).head
    done = timeline("compact", store)
    assert done.stdout == (
        "1 data file became 2 data files; events, positions, ids and the hash chain are as they were\n"
    )
    assert timeline("compact", store).stdout == "nothing to merge: 2 data files\n"
    assert timeline("log", store).stdout == before
    assert Log.open(store).head == head
    assert timeline("verify", store).returncode == 0


def test_declarations_are_widened_and_a_narrowing_names_the_events_in_its_way(
    timeline: Timeline, store: Path, tmp_path: Path
) -> None:
    wider = tmp_path / "wider.tql"
    wider.write_text('event biopsy "Tissue is taken"\n    site one of rectum, liver\n')
    done = timeline("declare", store, wider)
    assert done.stdout == f"{store} now declares 20 event types; earlier versions stay readable\n"
    assert timeline("declare", store, wider).stdout == f"nothing to do: {store} declares this already\n"
    narrower = tmp_path / "narrower.tql"
    narrower.write_text("event surgery\n    site one of rectum\n    intent one of curative, palliative\n")
    refused = timeline("declare", store, narrower)
    assert refused.returncode == 3
    assert "column site: found 'liver' in e3, expected one of rectum" in refused.stderr
    assert "column r_status: found 'R0' in e1" in refused.stderr
    assert "Amend or retract these events first" in refused.stderr
    assert Log.open(store).catalog.event("surgery").attribute("r_status") is not None  # type: ignore[union-attr]


def test_a_study_names_the_head_of_what_it_read(timeline: Timeline, store: Path, tmp_path: Path) -> None:
    """Results as they were known then carry the head of then, whatever was recorded since."""
    log = Log.open(store)
    [_, imported] = log.commits()
    timeline("amend", store, "e3", "r_status=R0", "--reason", "second review")
    query, results = tmp_path / "study.tql", tmp_path / "results.json"
    query.write_text(
        f'use oncology\n\nknown by {imported.recorded_at:%Y-%m-%dT%H:%M:%S.%f}Z\n\ncohort all_patients "All"\n'
        '    require "operated" any surgery where r_status = R1\n\nexpect count(all_patients) = 1\n'
    )
    done = timeline("run", query, "--store", store, "--json", results)
    assert done.returncode == 0, done.stdout + done.stderr
    provenance = json.loads(results.read_text())["provenance"]
    assert (provenance["position"], provenance["head"]) == (3, imported.head)


HOSTILE = [
    "it's",
    'a "b"; DROP TABLE x',
    "nul\0nul",
    "line\nbreak",
    "escape \x1b[31mred\x1b[0m",
    "\N{RIGHT-TO-LEFT OVERRIDE}turned",
    "[bold]markup[/bold]",
    "\N{GRINNING FACE} Müller",
    "' OR 1=1 --",
]


def test_texts_of_any_kind_are_kept_as_they_are_and_shown_on_one_line(timeline: Timeline, tmp_path: Path) -> None:
    store, file, results = tmp_path / "trial", tmp_path / "events.csv", tmp_path / "results.json"
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["patient", "event", "start", "analyte"])
        # Each row twice, so that the check for duplicates has something to say of every patient.
        rows.writerows([text, "laboratory", "2010-01-01", text] for text in HOSTILE for _ in range(2))
    timeline("create", store)
    assert timeline("import", store, file).returncode == 0
    log = Log.open(store)
    assert [log.history(text)["analyte"].to_pylist() for text in HOSTILE] == [[text, text] for text in HOSTILE]
    recorded, validated = timeline("log", store), timeline("validate", store)
    assert len(recorded.stdout.splitlines()) == 2 * len(HOSTILE)
    shown = ["".join(c if c.isprintable() else repr(c)[1:-1] for c in text) for text in HOSTILE]
    for printed in (recorded, validated):
        assert [text for text in shown if text not in printed.stdout] == []
        assert not {"\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}", "\0"} & set(printed.stdout)
    found = json.loads(timeline("validate", store, "--json").stdout)
    assert {finding["patient"] for finding in found["findings"]} == set(HOSTILE)
    for text in ("escape \x1b[31mred\x1b[0m", "[bold]markup[/bold]"):
        history = timeline("show", store, text).stdout
        assert history.splitlines()[0] == f"{shown[HOSTILE.index(text)]}  2 events"
        assert "\x1b" not in history
    query = tmp_path / "study.tql"
    query.write_text(
        'use oncology\n\ncohort measured "Measured"\n    require "a value" any laboratory\n'
        f"expect count(measured) = {len(HOSTILE)}\n"
    )
    assert timeline("run", query, "--store", store, "--json", results).returncode == 0
