"""Plausibility: each rule finds what it is for, and nothing in histories that are sound."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import dsl
from dsl.catalog import Catalog
from dsl.source import Source
from timeline.cli import main
from timeline.errors import StudyError
from timeline.ingest import import_file
from timeline.library import standard_library
from timeline.log import Log
from timeline.log.checks import Checks
from timeline.validate import DUPLICATE, Finding, RuleSet, standard_rules, validate

ROOT = Path(__file__).parents[2]
History = list[dict[str, Any]]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return dsl.read_catalog((standard_library() / "vocabulary" / "oncology.tql").read_text())


@pytest.fixture
def log(tmp_path: Path, catalog: Catalog) -> Log:
    return Log.create(tmp_path / "store", catalog)


def happened(event: str, start: str, end: str | None = None, **attributes: object) -> dict[str, Any]:
    last = date.fromisoformat(end) if end else None
    return {"patient": "p1", "event": event, "start": date.fromisoformat(start), "end": last, **attributes}


def record(log: Log, *events: dict[str, Any]) -> None:
    columns = list(dict.fromkeys(name for event in events for name in event))
    log.append(pa.Table.from_pylist([dict.fromkeys(columns) | event for event in events]), source="test")


def check(log: Log) -> list[tuple[str, list[str]]]:
    """The rule and the event ids of each finding."""
    found = validate(log, standard_rules(log.catalog)).findings
    return [(finding.rule, [event.event_id for event in finding.events]) for finding in found]


SOUND: History = [
    happened("registration", "2010-01-10", birth_date=date(1950, 1, 1)),
    happened("randomisation", "2010-01-10"),
    happened("diagnosis", "2010-01-01"),
    happened("chemotherapy", "2010-02-01", "2010-02-21", cycle=1),
    happened("chemotherapy", "2010-02-22", "2010-03-14", cycle=2),
    happened("surgery", "2010-05-01", site="rectum"),
    happened("surgery", "2010-05-01", site="liver"),
    happened("pathology", "2010-05-01"),
    happened("follow_up", "2011-05-01"),
    happened("recurrence", "2011-06-01"),
    happened("death", "2012-01-01"),
    happened("close_out", "2015-01-01"),
]


def test_a_sound_history_has_no_findings(log: Log) -> None:
    record(log, *SOUND)
    assert check(log) == []


@pytest.mark.parametrize(
    ("rule", "implausible", "flagged", "plausible"),
    [
        (
            "event_after_death",
            [happened("death", "2010-01-01"), happened("imaging", "2010-01-02")],
            ["e2"],
            [happened("death", "2010-01-01"), happened("imaging", "2010-01-01")],
        ),
        (
            "contact_after_death",
            [happened("death", "2010-01-01"), happened("follow_up", "2010-03-01")],
            ["e2"],
            [happened("death", "2010-01-01"), happened("follow_up", "2010-01-01")],
        ),
        (
            "follow_up_too_short",
            [happened("follow_up", "2010-01-01"), happened("recurrence", "2010-01-02")],
            ["e2"],
            [
                happened("follow_up", "2010-01-01"),
                happened("recurrence", "2010-01-02"),
                happened("death", "2010-02-01"),
            ],
        ),
        (
            "surgery_before_diagnosis",
            [happened("surgery", "2010-01-01"), happened("diagnosis", "2010-01-02")],
            ["e1"],
            [happened("surgery", "2010-01-02"), happened("diagnosis", "2010-01-02")],
        ),
        (
            "surgery_before_diagnosis",
            [
                happened("surgery", "2010-01-01"),
                happened("diagnosis", "2010-01-02"),
                happened("surgery", "2010-01-03"),
            ],
            ["e1"],
            [happened("surgery", "2010-01-01")],
        ),
        (
            "overlapping_cycles",
            [
                happened("chemotherapy", "2010-01-01", "2010-01-22", cycle=1),
                happened("chemotherapy", "2010-01-22", "2010-02-10", cycle=2),
                happened("chemotherapy", "2010-02-11", cycle=3),
            ],
            ["e1", "e2"],
            [
                happened("chemotherapy", "2010-01-01", "2010-01-21", cycle=1),
                happened("chemotherapy", "2010-01-22", cycle=2),
            ],
        ),
        (
            "birth_after_registration",
            [happened("registration", "2010-01-01", birth_date=date(2010, 1, 1))],
            ["e1"],
            [happened("registration", "2010-01-01", birth_date=date(2009, 12, 31))],
        ),
        (
            DUPLICATE,
            [happened("laboratory", "2010-01-01", analyte="CEA", value=2.5)] * 2,
            ["e1", "e2"],
            [
                happened("laboratory", "2010-01-01", analyte="CEA", value=2.5),
                happened("laboratory", "2010-01-01", analyte="CEA", value=2.6),
                happened("laboratory", "2010-01-01", analyte="CEA"),
                happened("laboratory", "2010-01-02", analyte="CEA", value=2.5),
                happened("laboratory", "2010-01-01", analyte="CEA", value=2.5) | {"patient": "p2"},
            ],
        ),
    ],
)
def test_a_rule_finds_what_it_is_for_and_no_more(
    log: Log, tmp_path: Path, catalog: Catalog, rule: str, implausible: History, flagged: list[str], plausible: History
) -> None:
    record(log, *implausible)
    assert check(log) == [(rule, flagged)]
    other = Log.create(tmp_path / "other", catalog)
    record(other, *plausible)
    assert check(other) == []


@pytest.mark.parametrize(
    ("rule", "event"),
    [("died_twice", "death"), ("registered_twice", "registration"), ("randomised_twice", "randomisation")],
)
def test_what_happens_once_is_found_twice(log: Log, rule: str, event: str) -> None:
    record(
        log,
        happened(event, "2010-01-01"),
        happened(event, "2010-02-01"),
        happened(event, "2010-02-01") | {"patient": "p2"},
    )
    assert check(log) == [(rule, ["e1"]), (rule, ["e2"])]


def test_an_end_before_its_start_is_found_should_it_ever_be_there(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    # The door refuses it, so it is told to look away.
    monkeypatch.setattr(Checks, "_dates", lambda *arguments: None)
    record(
        log, happened("radiotherapy", "2010-01-05", "2010-01-04"), happened("chemotherapy", "2010-01-05", "2010-01-05")
    )
    assert check(log) == [("end_before_start", ["e1"])]


def test_a_finding_is_gone_once_it_is_corrected(log: Log) -> None:
    record(log, happened("surgery", "2010-01-01"), happened("diagnosis", "2010-01-02"), happened("death", "2011-01-01"))
    record(log, happened("death", "2012-01-01"))
    assert [rule for rule, _ in check(log)] == ["died_twice", "died_twice", "surgery_before_diagnosis"]
    log.retract(["e4"], reason="entered for another patient")
    log.amend({"e2": {"start": date(2010, 1, 1)}}, reason="source document")
    assert check(log) == []


def test_a_finding_says_that_a_date_of_the_patient_is_only_partly_known(log: Log) -> None:
    record(log, happened("death", "2010-06-15", start_precision="month"), happened("follow_up", "2010-06-20"))
    record(
        log,
        happened("death", "2010-06-15") | {"patient": "p2"},
        happened("follow_up", "2010-06-20") | {"patient": "p2"},
    )
    found = validate(log, standard_rules(log.catalog)).findings
    assert [(finding.rule, finding.patient, finding.partly_dated) for finding in found] == [
        ("contact_after_death", "p1", True),
        ("contact_after_death", "p2", False),
    ]


def test_rules_that_a_store_cannot_answer_are_named(tmp_path: Path) -> None:
    small = dsl.read_catalog("event death once\nevent surgery\n    site text\n")
    log = Log.create(tmp_path / "small", small)
    record(log, happened("surgery", "2010-01-01", site="rectum"), happened("surgery", "2010-01-01", site="rectum"))
    found = validate(log, standard_rules(small))
    assert found.rules == ("died_twice", DUPLICATE)
    assert [finding.rule for finding in found.findings] == [DUPLICATE]
    reasons = {skipped.rule: skipped.reason for skipped in found.skipped}
    assert "diagnosis" in reasons["surgery_before_diagnosis"]
    assert len(reasons) == 9


def test_a_store_can_have_rules_of_its_own(log: Log) -> None:
    record(log, happened("surgery", "2010-01-01"), happened("radiotherapy", "2010-02-01"))
    text = 'let late = radiotherapy after (first surgery)\nrule late "radiotherapy comes first" flag late'
    text = text.replace("rule late ", "rule late_radiotherapy ")
    rules = RuleSet(dsl.compile(Source(text, "own.tql"), log.catalog))
    [finding] = validate(log, rules).findings
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.message) == ("late_radiotherapy", "radiotherapy comes first")
    assert [(event.event, event.start, event.source) for event in finding.events] == [
        ("radiotherapy", date(2010, 2, 1), "test")
    ]


def test_rules_on_undeclared_events_are_refused(tmp_path: Path) -> None:
    log = Log.create(tmp_path / "small", dsl.read_catalog("event death once\n"))
    rules = RuleSet(dsl.compile(Source("event birth\nrule born flag birth", "own.tql")))
    with pytest.raises(StudyError, match="the event type birth"):
        validate(log, rules)


def test_the_command_prints_findings_and_its_exit_code_tells(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    record(log, *SOUND)
    assert main(["validate", str(log.path)]) == 0
    assert "no findings: 11 checks up to position 12" in capsys.readouterr().out
    record(log, happened("surgery", "2013-01-01", site="lung"), happened("death", "2012-07-01", start_precision="year"))
    assert main(["validate", str(log.path)]) == 1
    printed = capsys.readouterr().out
    assert "event_after_death: the patient had died before (1)\n  p1  surgery 2013-01-01 (e13)  (a date" in printed
    assert "p1  death 2012 (e14)  (a date of this patient is only partly known)" in printed
    assert "3 findings in 1 patient" in printed
    assert main(["validate", str(log.path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["position"] == 14
    assert [finding["events"][0]["event_id"] for finding in found["findings"]] == ["e13", "e11", "e14"]


def test_no_rule_finds_anything_in_the_m1_histories(log: Log) -> None:
    import_file(log, ROOT / "fixtures" / "m1" / "events.csv")
    assert [rule for rule, _ in check(log) if rule != DUPLICATE] == []


def test_nothing_is_found_in_the_colon_trial(log: Log, tmp_path: Path) -> None:
    events = tmp_path / "colon.csv"
    subprocess.run(
        [sys.executable, ROOT / "fixtures" / "colon" / "convert.py", events], check=True, capture_output=True
    )
    import_file(log, events)
    assert check(log) == []
