"""Rules from IR to IR: what each makes of a study, and that the study gives the same rows."""

from datetime import date

import pytest

import dsl
from benchmarks.without import nothing_rewritten
from dsl import ir, program
from dsl.rewrite import count_events_once, take_the_first
from dsl.source import Source
from dsl.sql import compile_study
from tests.helpers import MemoryLog
from tests.oracle import Event

EVENTS = """
event surgery
    site    text
    intent  text
event recurrence
    site    text
"""

LOG = {
    "two operations on one day": [
        Event("surgery", "1.1", 1, date(2010, 5, 1), None, {"site": "liver", "intent": "palliative"}),
        Event("surgery", "1.2", 2, date(2010, 5, 1), None, {"site": "rectum", "intent": "curative"}),
        Event("recurrence", "1.3", 3, date(2011, 5, 1), None, {"site": "lung"}),
    ],
    "recorded in another order": [
        Event("surgery", "2.1", 1, date(2010, 6, 1), None, {"site": None, "intent": "curative"}),
        Event("surgery", "2.2", 2, date(2010, 4, 1), None, {"site": "lung", "intent": None}),
    ],
    "a site that is missing": [Event("surgery", "3.1", 1, date(2010, 1, 1), None, {"site": None, "intent": None})],
    "no operation": [Event("recurrence", "4.1", 1, date(2010, 1, 1), None, {"site": "liver"})],
}


def study(text: str) -> program.Program:
    checked = dsl.check(Source(f"{EVENTS}\n{text}\n", "test.tql"))
    assert checked.program is not None
    return checked.program


def value(written: program.Program) -> ir.Node:
    [found] = (item.value for item in written.definitions if isinstance(item, program.LetValue))
    return found


def test_the_first_of_several_becomes_the_first() -> None:
    assert value(take_the_first(study("let x = (nth 1 surgery).site"))) == value(study("let x = (first surgery).site"))


def test_the_second_of_several_stays() -> None:
    written = study("let x = (nth 2 surgery).site")
    assert take_the_first(written) == written


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (
            '(surgery where site = "liver") or (surgery where intent = "curative")',
            'surgery where site = "liver" or intent = "curative"',
        ),
        ('(surgery where site = "liver") or surgery', "surgery"),
        (
            '((surgery where site = "liver") or (surgery where site = "lung")) or (surgery where intent = "curative")',
            'surgery where site = "liver" or site = "lung" or intent = "curative"',
        ),
    ],
)
def test_branches_over_one_event_type_become_one(written: str, becomes: str) -> None:
    merged = value(count_events_once(study(f"let x = count({written})")))
    assert _flat(merged) == _flat(value(study(f"let x = count({becomes})")))


def _flat(node: ir.Node) -> list[str]:
    """The node's parts without those that only join: `a or (b or c)` is `a or b or c`."""
    return [repr(part) for part in node.walk() if not isinstance(part, ir.Or | ir.Filter | ir.Aggregate)]


def test_branches_over_different_event_types_stay() -> None:
    written = study('let x = count((surgery where site = "liver") or recurrence)')
    assert count_events_once(written) == written


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("take_the_first", "let x = (nth 1 surgery).site"),
        ("take_the_first", 'let x = (nth 1 surgery where intent = "curative").start'),
        ("count_events_once", 'let x = count((surgery where site = "liver") or (surgery where intent = "curative"))'),
        ("count_events_once", 'let x = no ((surgery where site = "liver") or (surgery where intent = "curative"))'),
    ],
)
def test_a_rule_changes_the_sql_and_no_row(rule: str, text: str) -> None:
    log = MemoryLog()
    written = study(text)
    log.load(written.catalog, LOG)
    with nothing_rewritten(rule)():
        without = compile_study(written).sql()
    assert compile_study(written).sql() != without
    rows = log.query(without)
    assert len(rows) == len(LOG)
    assert log.query(compile_study(written).sql()) == rows
    log.close()
