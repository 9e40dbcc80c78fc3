"""Endpoints whose parts do nothing, names that nothing reads, and what acknowledgements do."""

import pytest

import dsl
from dsl.source import Source
from tests.lint.support import STUDY, check, findings, places, warnings
from timeline.library import Library

IDLE = [
    "until death censor death",
    "until recurrence, death censor death",
    "until recurrence censor recurrence where site = liver",
    "until recurrence competing recurrence where site = liver",
    'until recurrence competing death as "death" censor death where cause = other',
    "until first recurrence after rt censor recurrence after rt",
]
ACTIVE = [
    "until recurrence censor death",
    "until death where cause = cancer censor death",
    "until death where cause = cancer competing death where cause = other",
    "until recurrence where site = liver censor recurrence",
    "until recurrence, death",
    "until recurrence competing death",
]


@pytest.mark.parametrize("parts", IDLE)
def test_an_ending_that_is_the_event_already_is_found(parts: str) -> None:
    text = f"endpoint e from rt {parts} last seen follow_up\nestimate e in treated"
    assert len(warnings(text, "idle_censor")) == 1


@pytest.mark.parametrize("parts", ACTIVE)
def test_an_ending_that_can_come_first_is_not_found(parts: str) -> None:
    text = f"endpoint e from rt {parts} last seen follow_up\nestimate e in treated"
    assert warnings(text, "idle_censor") == []


def test_an_idle_ending_is_pointed_at() -> None:
    text = "endpoint e from rt until recurrence, death censor death where cause = other\nestimate e in treated"
    assert places(text, "idle_censor") == ["death where cause = other"]


EARLY = [
    "first recurrence",
    "last surgery",
    "rt.start - 1 day",
    "first recurrence before rt",
    "operation.start + 30 days",
]
LATE = [
    "recurrence",
    "death",
    "first recurrence after rt",
    "first recurrence on or after rt",
    "first recurrence after (first chemotherapy after rt)",
    "rt.start + 5 years",
    "rt.end",
    "2020-12-31",
    "first surgery within 6 months after rt",
    "first surgery between rt and 2012-12-31",
]


@pytest.mark.parametrize("term", EARLY)
@pytest.mark.parametrize("word", ["until", "until death competing"])
def test_a_selection_made_without_regard_to_the_origin_is_found(term: str, word: str) -> None:
    text = f"endpoint e from rt {word} {term} last seen follow_up\nestimate e in treated"
    assert len(warnings(text, "event_before_origin")) == 1


@pytest.mark.parametrize("term", LATE)
def test_an_event_on_or_after_the_origin_is_not_found(term: str) -> None:
    text = f"endpoint e from rt until {term} last seen follow_up\nestimate e in treated"
    assert warnings(text, "event_before_origin") == []


def unused(text: str, start: str = STUDY) -> list[str]:
    return [finding.message.split("`")[1] for finding in findings(text, "unused_name", start)]


def test_names_that_nothing_reads_are_found() -> None:
    text = """use oncology
parameter gap = 30 days
let rt   = first radiotherapy
let idle = first surgery
cohort treated index rt
cohort nobody  index rt
endpoint os  from rt until death
endpoint dfs from rt until recurrence
estimate os in treated
"""
    assert unused(text, start="") == ["gap", "idle", "nobody", "dfs"]


@pytest.mark.parametrize(
    "use",
    [
        "estimate os in treated table treated show idle.site",
        "cohort chosen index idle estimate os in chosen",
        "endpoint late from idle until death estimate late in treated",
        "estimate os in treated let later = idle.start table treated show later",
        "expect count(treated where idle is known) = 0",
        'estimate os in treated test "t" given 2010-01-01 surgery expect idle is known',
        "estimate os in treated rule early flag chemotherapy before idle",
    ],
)
def test_a_name_that_anything_reads_is_not_found(use: str) -> None:
    assert "idle" not in unused("let idle = first surgery\n" + use)


def test_a_file_that_analyses_nothing_is_there_to_be_used() -> None:
    assert unused("") == []


def test_names_of_used_files_are_left_alone() -> None:
    text = "use endpoints/rfs\ncohort members index registration\nattrition members\nexpect count(members) > 0"
    assert unused(text, start="") == []


def test_an_acknowledged_finding_is_no_warning_and_stays_a_finding() -> None:
    text = 'compare os in treated by radical acknowledge immortal_time "as published"'
    (finding,) = findings(text, "immortal_time")
    assert finding.acknowledged == "as published"
    assert warnings(text, "immortal_time") == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('let idle = first surgery acknowledge unused_name "x"\nestimate os in treated', "unused_name"),
        ('let idle = first surgery "doc" acknowledge unused_name "x"\nestimate os in treated', "unused_name"),
        ('parameter gap = 1 day acknowledge unused_name "x"\nestimate os in treated', "unused_name"),
        (
            'cohort c index rt require "a" any surgery acknowledge future_condition "x"\nestimate rfs in c',
            "future_condition",
        ),
        (
            'endpoint e from rt until death censor death acknowledge idle_censor "x"\nestimate e in treated',
            "idle_censor",
        ),
        ('table treated show age at rt >= 0 years acknowledge always_true "x"', "always_true"),
        ('estimate os in treated rule r flag surgery after rt before rt acknowledge empty_window "x"', "empty_window"),
        ('expect median(os in treated where radical) = 1 day "here" acknowledge immortal_time "x"', "immortal_time"),
        ('incidence os in treated by radical acknowledge immortal_time "x"', "immortal_time"),
        ('compare os in treated by registration.sex acknowledge tiny_group "x"', "tiny_group"),
    ],
)
def test_every_statement_can_acknowledge_what_is_found_in_it(text: str, rule: str) -> None:
    found = [item.acknowledged for item in findings(text, rule) if item.acknowledged is not None]
    assert found == ["x"]
    assert [item.code for item in check(text).diagnostics if item.code in ("L011", "L012")] == []


def test_an_acknowledgement_reaches_no_other_statement() -> None:
    text = """compare os in treated by radical acknowledge immortal_time "as published"
compare os in treated by any surgery
"""
    assert places(text, "immortal_time") == ["any surgery"]


def test_an_acknowledgement_reaches_no_other_rule() -> None:
    text = 'compare os in treated by radical acknowledge always_true "why"'
    assert len(warnings(text, "immortal_time")) == 1
    assert [item.code for item in check(text).diagnostics if item.code == "L012"] == ["L012"]


def test_a_misspelt_acknowledgement_is_an_error_that_names_the_rule() -> None:
    (error,) = check('compare os in treated by radical acknowledge imortal_time "why"').errors
    assert error.code == "L011"
    assert error.hint == "did you mean `immortal_time`?"


def test_an_acknowledgement_in_a_test_has_nothing_to_acknowledge() -> None:
    text = 'test "t" given 2010-01-01 radiotherapy expect rt is known acknowledge immortal_time "why"'
    assert [item.code for item in check(text).diagnostics] == ["L012"]


def test_nothing_is_looked_for_in_a_program_with_an_error() -> None:
    text = "compare os in treated by radicall"
    assert dsl.check(Source(STUDY + text, "study.tql"), load=Library()).findings == ()


def test_definitions_of_a_used_file_are_the_business_of_that_file() -> None:
    class Files(Library):
        def __call__(self, path: str, user: Source) -> Source | None:
            flawed = "use oncology\nlet nowhere = first surgery after (first death) before (first death)\n"
            return Source(flawed, "flawed.tql") if path == "flawed" else super().__call__(path, user)

    text = "use flawed\ncohort members index registration\ntable members show nowhere.site"
    assert dsl.check(Source(text, "study.tql"), load=Files()).diagnostics == ()
    own = (
        "use oncology\nlet nowhere = first surgery after (first death) before (first death)\n" + text.split("\n", 1)[1]
    )
    assert [item.code for item in dsl.check(Source(own, "study.tql"), load=Files()).diagnostics] == ["L003"]
