"""The day on which a condition becomes true for good, and conditions that have none."""

from datetime import date

import pytest

import dsl
from dsl import program
from dsl.onset import NotSettled, onset
from dsl.program import Onset, TurnsTrue, WhenAll
from dsl.source import Source
from tests.helpers import given_events
from tests.oracle import Oracle
from tests.spec.record import DECLARATIONS

DEFINITIONS = """
cohort operated
    index    first chemotherapy
    require  "operated"  any surgery where site = liver
cohort never
    exclude  "two cycles"  at least 2 chemotherapy
endpoint relapse
    from       first surgery
    until      recurrence
    last seen  follow_up
endpoint moving
    from       last surgery
    until      recurrence
    last seen  follow_up
let second = nth 2 surgery
let last_one = last surgery
let sites = distinct(site of surgery before (first recurrence))
"""
EVENTS = """
    2010-01-10 surgery(site: rectum, r_status: R0)
    2010-02-01 chemotherapy(cycle: 1)
    2010-03-05 surgery(site: liver, r_status: R1)
    2010-04-01 chemotherapy(cycle: 2)
    2010-05-01 recurrence(site: lung)
    2010-09-01 follow_up
"""

DAYS = {
    "any surgery": "2010-01-10",
    "any surgery where site = liver": "2010-03-05",
    "any surgery where site = lung": None,
    "at least 2 surgery": "2010-03-05",
    "(first surgery).r_status = R0": "2010-01-10",
    "(first surgery).r_status = R1": None,
    "second.r_status = R1": "2010-03-05",
    "second is known": "2010-03-05",
    "any surgery where site = liver and r_status = R1": "2010-03-05",
    "(any surgery where site = liver) and any chemotherapy": "2010-03-05",
    "(any surgery where site = lung) or any chemotherapy": "2010-02-01",
    "not (no surgery)": "2010-01-10",
    "not (at most 1 chemotherapy)": "2010-04-01",
    "not ((no recurrence) and second.r_status = R0)": "2010-03-05",
    "(first surgery).start > 2010-01-01": "2010-01-10",
    "(first chemotherapy).start - (first surgery).start < 30 days": "2010-02-01",
    "any chemotherapy after (first recurrence)": None,
    "any recurrence after second": "2010-05-01",
    "all surgery where site = rectum before (first recurrence) have r_status = R0": "2010-05-01",
    "no surgery within 10 days after (first surgery)": "2010-01-20",
    "sites = 2": "2010-05-01",
    "operated": "2010-03-05",
    "relapse.happened": "2010-05-01",
    "relapse.origin > 2010-01-01": "2010-01-10",
    "true": "0001-01-01",
}
"""By condition: from when on it is true of the patient with the events above."""

NEVER = {
    "relapse.time > 30 days": "only when follow-up is over",
    "moving.happened": "another event can follow",
    "no recurrence": "another of the recurrence events can follow",
    "at most 2 surgery": "another of the surgery events can follow",
    "all surgery have r_status = R0": "another of the surgery events can follow",
    "count(surgery) >= 2": "another of the surgery events can follow",
    "last_one.r_status = R1": "another event can follow",
    "(only surgery) is known": "another event can follow",
    "not (second is known)": "what is not so yet can become so",
    "second is missing": "what is not so yet can become so",
    "not operated": "what is not so yet can become so",
    "never": "another of the chemotherapy events can follow",
    "any recurrence after last_one": "another event can follow",
    "any (courses of chemotherapy with gaps up to 30 days) where count > 1": "a course goes on",
    "case when second.r_status = R1 then 1 when (first chemotherapy).cycle = 1 then 2 end = 1": "different events",
}


def compiled(condition: str) -> tuple[program.Program, Onset]:
    text = f'{DECLARATIONS}\n{DEFINITIONS}\nlet asked = {condition}\ntest "t" given {EVENTS} expect true\n'
    study = dsl.compile(Source(text, "study.tql"))
    asked = study.definition("asked")
    assert isinstance(asked, program.LetValue)

    def definition(name: str) -> program.Definition:
        found = study.definition(name)
        assert found is not None
        return found

    return study, onset(asked.value, definition)


def evaluated(oracle: Oracle, found: Onset) -> date | None:
    match found:
        case TurnsTrue(day=day):
            value: date | None = oracle.value(day)
            return value
        case WhenAll(parts=parts):
            days = [evaluated(oracle, part) for part in parts]
            known = [day for day in days if day is not None]
            return max(known) if len(known) == len(days) else None
        case _:
            return min((day for part in found.parts if (day := evaluated(oracle, part)) is not None), default=None)


@pytest.mark.parametrize("condition", DAYS)
def test_the_day_is_that_of_the_event_that_decides(condition: str) -> None:
    study, found = compiled(condition)
    oracle = Oracle(study, given_events(study.tests[0].given))
    expected = DAYS[condition]
    assert evaluated(oracle, found) == (date.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize("condition", NEVER)
def test_what_can_change_has_no_day_and_says_why(condition: str) -> None:
    with pytest.raises(NotSettled) as refused:
        compiled(condition)
    assert NEVER[condition] in refused.value.why
