"""Immortal time: what must be found by the text alone, and what must not."""

import pytest

from tests.lint.support import findings, places, warnings

FOUND = {
    "a covariate of a model": "cox os in treated on radical",
    "a stratum": "compare os in treated by registration.sex stratified by radical",
    "the groups of an estimate": "estimate os in treated by radical",
    "the members whose states are shown": (
        'cohort later from treated require radical\nstates os in later through first surgery as "operated on"'
    ),
    "a group of a later event": "compare os in treated by radical",
    "a group that any later event makes": "compare os in treated by any recurrence",
    "a group of the outcome itself": "compare os in treated by os.happened",
    "a group of another endpoint": "compare os in treated by rfs.time > 6 months",
    "a number of events": "compare os in treated by count(chemotherapy) >= 6",
    "the end of an event that is not the origin's": "compare rfs in treated by (first chemotherapy).end is known",
    "an outcome that hangs on what follows the end": (
        "endpoint relapse from rt until first recurrence before (last follow_up) last seen follow_up\n"
        "endpoint later from relapse.end until death last seen follow_up\n"
        "compare later in treated by relapse.happened"
    ),
    "a group in a window after the origin": "compare os in treated by any surgery within 6 months after rt",
    "a window that ends on a later event": "compare os in treated by any imaging before (first recurrence)",
    "the only event": "compare os in treated by (only surgery).site",
    "the age at a later event": "compare os in treated by age at (first recurrence) >= 60 years",
    "a case that reads a later event": 'compare os in treated by case when any recurrence then "yes" else "no" end',
    "a date set beside a later event": "compare os in treated by (first surgery).start < (rt.start + 6 months)",
    "an event that can be of a later day": "compare rfs in treated by (first pathology where site = rectum).trg = 1",
    "the last of more than the origin is of": "compare rfs in treated by (last surgery).site",
    "a p-value": "expect p_value(os in treated by radical) > 0.05",
    "a chi-square": "expect chi_square(os in treated by radical) > 0",
    "a hazard ratio": "expect hazard_ratio(os in treated by radical) < 1",
    "a median behind a `where`": "expect median(os in treated where radical) > 1 day",
    "survival behind a `where`": "expect survival(os in treated where not radical at 1 year) > 0 %",
    "the condition behind the cohort of an estimate": "estimate os in treated where radical",
    "the condition behind the cohort of a model": "cox os in treated where radical on registration.sex",
    "groups whose states are shown": 'states os in treated by radical through first surgery as "operated on"',
    "an incidence": "incidence os in treated by radical",
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_what_reads_the_future_is_found(text: str) -> None:
    assert len(warnings(text, "immortal_time")) == 1


SETTLED = {
    "a condition that changes as it happens": "cox os in treated on (any surgery) as it happens",
    "a covariate at a landmark": "cox os in treated on radical landmark 12 months",
    "what is known when observation begins": (
        "endpoint late from rt entering at operation until death last seen follow_up\n"
        "compare late in treated by (any surgery where intent = curative and r_status = R0)"
    ),
    "what the patient is": "compare os in treated by registration.sex",
    "the age at the origin": "compare os in treated by age at rt >= 60 years",
    "an attribute of the origin's event": "compare os in treated by rt.fractions = 5",
    "the length of the origin's event": "compare os in treated by rt.end - rt.start > 7 days",
    "an event before": "compare os in treated by any metastasis before rt",
    "an event on or before": "compare os in treated by any metastasis where site = liver on or before rt",
    "an event shortly before": "compare os in treated by (last laboratory within 30 days before rt).value > 5",
    "an event on the day": "compare os in treated by any metastasis on rt",
    "an event by a date before": "compare os in treated by any metastasis on or before rt.start - 1 month",
    "a condition on the start": "compare os in treated by any metastasis where start <= rt.start",
    "a condition on the start, by a selection that has conditions of its own": (
        "compare rfs in treated by any imaging where start <= (first surgery where intent = curative).start"
    ),
    "the first of what the origin is the first of": "compare os in treated by (first radiotherapy).target = primary",
    "what the last of all is the last of": "compare rfs in treated by radical",
    "a part of what the last of all is the last of": (
        "compare rfs in treated by any surgery where site = liver and intent = curative and r_status = R0"
    ),
    "pathology of an operation of the day": "compare rfs in treated by (first pathology on operation).trg = 1",
    "pathology by the operation": "compare rfs in treated by (last pathology on or before operation).ypn = N0",
    "the first operation": "compare rfs in treated by (first surgery where intent = curative).site = rectum",
    "a nested event before": "compare rfs in treated by any imaging before (first surgery where intent = curative)",
    "the origin of another endpoint": "compare rfs in treated by rfs.origin >= 2010-01-01",
    "a landmark": "compare os in treated by radical landmark 12 months",
    "a landmark in a statistic": "expect p_value(os in treated by radical landmark 12 months) > 0.05",
    "no group at all": "estimate os in treated",
    "a summary of values, which no time at risk is in": "expect median(os.time in treated where radical) > 1 day",
    "a count of events": "expect events(os in treated where radical) > 1",
}


@pytest.mark.parametrize("text", SETTLED.values(), ids=SETTLED)
def test_what_is_settled_at_the_origin_is_not_found(text: str) -> None:
    assert warnings(text, "immortal_time") == []


def test_a_group_is_pointed_at() -> None:
    assert places("compare os in treated by radical at 2 years", "immortal_time") == ["radical"]


def test_a_message_names_the_events_and_the_remedy() -> None:
    (found,) = warnings("compare os in treated by radical", "immortal_time")
    assert "`surgery`" in found.message
    assert "`os`" in found.message
    assert found.hint is not None
    assert "landmark" in found.hint


def test_a_cohort_of_the_future_is_found_in_every_analysis_of_it() -> None:
    cohort = 'cohort operated "Operated" from treated require "operated" any surgery\n'
    text = cohort + "estimate os in operated compare os in operated by registration.sex"
    assert len(warnings(text, "immortal_time")) == 2


def test_a_cohort_built_from_one_of_the_future_is_found_too() -> None:
    cohorts = 'cohort a "A" from treated require "operated" any surgery cohort b "B" from a and not treated\n'
    assert len(warnings(cohorts + "estimate os in b", "immortal_time")) == 1


def test_a_cohort_that_is_settled_is_not_found() -> None:
    cohort = 'cohort staged "Staged" from treated require "liver" any metastasis where site = liver on or before rt\n'
    assert warnings(cohort + "estimate os in staged", "immortal_time") == []


def test_a_cohort_that_waits_for_the_landmark_is_not_found() -> None:
    cohort = 'cohort seen "Seen" from treated require "seen" any follow_up where start <= rt.start + 6 months\n'
    assert len(warnings(cohort + "estimate os in seen", "immortal_time")) == 1
    assert warnings(cohort + "compare os in seen by radical landmark 6 months", "immortal_time") == []


def test_an_arm_is_settled_where_time_starts_with_the_allocation_and_open_where_it_starts_before() -> None:
    endpoint = "endpoint late from randomisation until death last seen follow_up\n"
    cohort = "cohort everyone index registration\n"
    assert warnings(endpoint + cohort + "compare late in everyone by randomisation.arm", "immortal_time") == []
    assert len(warnings(cohort + "compare os in everyone by randomisation.arm", "immortal_time")) == 1


def test_the_index_day_counts_as_on_or_before_the_origin_and_is_left_to_the_data() -> None:
    text = "compare rfs in treated by any metastasis on or before rt"
    assert warnings(text, "immortal_time") == []
    assert len(findings(text, "late_entry")) == 1


def test_no_data_are_asked_where_the_text_proves_the_order_of_index_day_and_origin() -> None:
    assert findings("estimate os in treated", "late_entry") == []


COHORTS = {
    "an event at any time": ("any surgery", 1),
    "an event after": ("any surgery after rt", 1),
    "an excluded event": ("no recurrence", 1),
    "an event before": ("any metastasis before rt", 0),
    "who the patient is": ("registration.sex = male", 0),
    "the age at the index day": ("age at rt >= 18 years", 0),
    "the index event": ("rt.fractions = 5", 0),
}


@pytest.mark.parametrize(("condition", "number"), COHORTS.values(), ids=COHORTS)
def test_a_requirement_is_held_to_the_index_day(condition: str, number: int) -> None:
    cohort = f'cohort chosen "Chosen" index rt require "this" {condition}\nestimate os in chosen'
    assert len(warnings(cohort, "future_condition")) == number


def test_a_cohort_without_an_index_day_is_judged_where_it_is_analysed() -> None:
    cohort = 'cohort chosen "Chosen" require "this" any surgery\nestimate rfs in chosen'
    assert warnings(cohort, "future_condition") == []


def test_how_many_events_a_course_comes_to_have_is_found_where_it_can_be_an_event() -> None:
    start = (
        "event scan\n    count integer\nevent cycle\nevent death\nevent follow_up\n"
        'cohort treated "Treated" index first scan\n'
        'endpoint os "Overall survival" from first scan until death last seen follow_up\n'
    )
    text = "compare os in treated by (first ((courses of cycle with gaps up to 0 days) or scan)).count >= 2"
    assert len(warnings(text, "immortal_time", start)) == 1
    assert warnings("compare os in treated by (first scan).count >= 2", "immortal_time", start) == []
