"""Completion knows the place: each text is what stands before the cursor."""

import pytest

import dsl
from dsl.source import Source
from timeline.repl.arguments import quoted, split
from timeline.repl.commands import COMMANDS
from timeline.repl.complete import completions, fuzzy
from timeline.repl.vocabulary import Vocabulary, vocabulary

STUDY = """
event surgery "An operation"
    site     one of liver, lung, rectum
    r_status one of R0, R1
event registration once
    sex one of female, male
event death

let clearance = last surgery where r_status = R0
cohort operated index first surgery
endpoint os from first surgery until death
"""


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    study = dsl.compile(Source(STUDY))
    ids = ["M1-001", "M1-002", "p 3", "two\nlines", 'O\'Brien "Bob" 😀']
    return vocabulary(study, lambda typed: [one for one in ids if typed in one], ["oncology"])


def offered(before: str, words: Vocabulary, unasked: bool = False) -> list[str]:
    return [item.word for item in completions(before, words, COMMANDS, unasked)]


def test_a_line_starts_with_a_statement(words: Vocabulary) -> None:
    assert offered("coh", words)[0] == "cohort"
    assert offered("", words)[:3] == ["let", "cohort", "endpoint"]


def test_an_event_type_follows_a_pick(words: Vocabulary) -> None:
    assert offered("let x = first ", words) == ["surgery", "registration", "death", "clearance"]
    assert offered("let x = at least 2 su", words) == ["surgery"]


def test_attributes_of_that_event_come_first_behind_where(words: Vocabulary) -> None:
    assert offered("let x = first surgery where ", words)[:4] == ["start", "end", "site", "r_status"]


def test_codes_of_that_attribute_follow_a_comparison(words: Vocabulary) -> None:
    assert offered("let x = first surgery where site = ", words) == ["liver", "lung", "rectum"]
    assert offered("let x = first surgery where site in (liver, l", words) == ["liver", "lung"]
    assert offered("clearance.r_status != ", words) == ["R0", "R1"]


def test_a_dot_is_followed_by_the_parts_of_what_is_before_it(words: Vocabulary) -> None:
    assert offered("clearance.", words) == ["start", "end", "site", "r_status"]
    assert offered("os.", words) == ["time", "happened", "outcome", "reason", "origin", "end"]
    assert offered("registration.s", words) == ["start", "sex"]
    assert offered("(first surgery).si", words) == ["site"]


def test_the_outcomes_of_an_endpoint_are_codes(words: Vocabulary) -> None:
    assert offered("os.outcome = ", words) == ["event", "competing", "censored"]


def test_an_analysis_is_of_an_endpoint_in_a_cohort(words: Vocabulary) -> None:
    assert offered("estimate ", words) == ["os"]
    assert offered("estimate os in ", words) == ["operated"]
    assert offered("median(os in ", words) == ["operated"]
    assert offered("count(", words)[0] == "operated"


def test_a_file_follows_use(words: Vocabulary) -> None:
    assert offered("use on", words) == ["oncology"]


def test_commands_complete_themselves_and_their_arguments(words: Vocabulary) -> None:
    assert offered(".ex", words)[0] == ".explain"
    assert offered(".describe su", words) == ["surgery"]
    assert "os" in offered(".sql ", words)
    assert offered(".explain os M1", words) == ["M1-001", "M1-002"]
    assert offered(".explain os M1-001 ", words) == []


def test_an_id_with_a_blank_is_offered_in_quotes(words: Vocabulary) -> None:
    assert offered(".show p", words) == ["'p 3'"]


def test_an_id_that_is_offered_is_read_back_as_it_is(words: Vocabulary) -> None:
    for typed in ("two", '"two', r'"two\nli', "O'B", r'"O\'Brien \"B', "😀", "'p 3"):
        (written,) = offered(f".explain os {typed}", words)
        (patient,) = [one for one in words.patients("") if quoted(one) == written]
        assert split(f".explain os {written}") == [".explain", "os", patient]
    (unfinished,) = completions(".show 'p ", words, COMMANDS)
    assert (unfinished.word, unfinished.length) == ("'p 3'", len("'p "))


def test_nothing_is_offered_inside_a_text_or_a_remark(words: Vocabulary) -> None:
    assert offered('endpoint x "Over', words) == []
    assert offered("count(operated)  # an", words) == []


def test_unasked_only_what_must_follow_is_offered(words: Vocabulary) -> None:
    assert offered("endpoint os\n    ", words, unasked=True) == []
    assert offered("endpoint os\n    fr", words, unasked=True)[0] == "from"
    assert offered("let x = first ", words, unasked=True) != []


def test_letters_in_order_are_enough() -> None:
    assert fuzzy("metastasis_first", "mtf") == 2
    assert fuzzy("metastasis_first", "first") == 1
    assert fuzzy("metastasis_first", "meta") == 0
    assert fuzzy("metastasis_first", "xyz") is None
