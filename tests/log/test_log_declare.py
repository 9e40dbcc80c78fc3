"""Declarations that evolve, and what keeps them from evolving past the events."""

from dataclasses import replace

import pytest
from log_support import VOCABULARY, MakeEvents

from dsl.catalog import Attribute, Catalog, EventType
from dsl.types import Code, Integer, Number, Text
from timeline.errors import DeclarationError, IngestError
from timeline.log import Log, verify


def surgery(*attributes: Attribute, once: bool = False) -> Catalog:
    return Catalog((EventType("surgery", attributes, once=once),))


SITE = Attribute("site", Code(("rectum", "liver")))
STATUS = Attribute("r_status", Code(("R0", "R1", "R2")))


def test_types_attributes_and_codes_are_added(log: Log, make_events: MakeEvents) -> None:
    recorded = log.append(make_events({"site": "liver"}), source="registry")
    added = Catalog(
        (
            EventType(
                "surgery",
                (Attribute("site", Code(("rectum", "liver", "lung"))), STATUS, Attribute("mm", Integer("mm"))),
            ),
            EventType("imaging", (Attribute("modality", Code(("CT", "MRI"))),)),
        )
    )
    commit = log.declare(added, recorded_by="anna")
    assert (commit.kind, commit.rows) == ("declare", 0)
    assert [event.name for event in log.catalog] == ["surgery", "death", "laboratory", "imaging"]
    log.append(make_events({"site": "lung", "mm": 12}, {"event": "imaging", "modality": "CT"}), source="registry")
    assert Log.open(log.path).catalog == log.catalog
    assert log.history("p1")["mm"].to_pylist() == [None, 12, None]
    assert log.snapshot(position=0).catalog == log.snapshot(known_by=recorded.recorded_at).catalog == VOCABULARY
    assert log.snapshot(position=1).catalog == log.catalog
    assert verify(log.path).ok


def test_declaring_what_is_declared_changes_nothing(log: Log) -> None:
    commit = log.declare(Catalog((EventType("imaging"),)))
    again = log.declare(Catalog((EventType("imaging"),)))
    assert again.repeated
    assert again.version == commit.version
    assert log.declare(VOCABULARY).repeated


@pytest.mark.parametrize(
    ("catalog", "expected"),
    [
        (surgery(SITE, Attribute("r_status", Code(("R0", "R2")))), "found 'R1' in e2, expected one of R0, R2"),
        (surgery(SITE), "found 'R1' in e2, expected no value: the attribute is not declared any more"),
        (surgery(STATUS), "found 'liver' in e1, expected no value"),
        (surgery(SITE, STATUS, once=True), "found e2, one of 2 of patient p1, expected one surgery a patient"),
    ],
)
def test_a_narrowing_that_events_break_is_refused_with_those_events(
    log: Log, make_events: MakeEvents, catalog: Catalog, expected: str
) -> None:
    log.append(make_events({"site": "liver"}, {"r_status": "R1"}), source="registry")
    with pytest.raises(DeclarationError) as caught:
        log.declare(catalog)
    assert expected in str(caught.value)
    assert log.catalog == VOCABULARY


def test_a_narrowing_that_fits_the_events_as_they_stand_is_taken(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"r_status": "R1"}, {"r_status": "R2"}, {"r_status": "R0"}), source="registry")
    log.amend({"e1": {"r_status": "R0"}}, reason="audit")
    log.retract(["e2"], reason="audit")
    log.declare(surgery(SITE, Attribute("r_status", Code(("R0",)))))
    with pytest.raises(IngestError):
        log.append(make_events({"r_status": "R1"}), source="registry")
    assert log.history("p1", all=True)["r_status"].to_pylist() == ["R1", "R2", "R0", "R0", None]


def test_an_amendment_into_what_is_to_be_narrowed_counts(log: Log, make_events: MakeEvents) -> None:
    log.append(make_events({"r_status": "R0"}), source="registry")
    log.amend({"e1": {"r_status": "R2"}}, reason="audit")
    with pytest.raises(DeclarationError, match="found 'R2' in e1"):
        log.declare(surgery(SITE, Attribute("r_status", Code(("R0", "R1")))))


def test_a_unit_changes_only_while_nobody_has_a_value(log: Log, make_events: MakeEvents) -> None:
    def laboratory(unit: str) -> Catalog:
        [event] = [event for event in VOCABULARY if event.name == "laboratory"]
        attributes = tuple(
            replace(attribute, type=Number(unit)) if attribute.name == "value" else attribute
            for attribute in event.attributes
        )
        return Catalog((replace(event, attributes=attributes),))

    log.declare(laboratory("ug/l"))
    log.append(make_events({"event": "laboratory", "value": 3.5}), source="registry")
    with pytest.raises(DeclarationError, match=r"found 3.5 in e1, expected no value: it becomes number \[mg/l\]"):
        log.declare(laboratory("mg/l"))


def test_a_column_keeps_its_kind_of_value(log: Log) -> None:
    with pytest.raises(DeclarationError, match="holds one kind of value"):
        log.declare(Catalog((EventType("imaging", (Attribute("site", Number()),)),)))
    log.declare(surgery(STATUS))
    with pytest.raises(DeclarationError, match="site is stored as string and cannot become double"):
        log.declare(Catalog((EventType("imaging", (Attribute("site", Number()),)),)))
    with pytest.raises(DeclarationError, match="differ in capital letters only"):
        log.declare(Catalog((EventType("imaging", (Attribute("Cause", Text()),)),)))


def test_values_of_an_attribute_that_is_not_declared_any_more_stay_in_the_log(
    log: Log, make_events: MakeEvents
) -> None:
    log.append(make_events({"site": "liver"}, {"site": "rectum"}), source="registry")
    log.retract(["e1", "e2"], reason="audit")
    log.declare(surgery(STATUS))
    assert log.entries()["site"].to_pylist() == ["liver", "rectum", None, None]
    log.compact()
    assert log.entries()["site"].to_pylist() == ["liver", "rectum", None, None]
    assert verify(log.path).ok
