"""Bad programs and their messages in full; every code is triggered, explained and documented."""

import re

import pytest

import dsl
from dsl.diagnostics import CATALOGUE, render
from dsl.explanations import EXPLANATIONS
from dsl.source import Source
from tests.diagnostics import catalogue, corpus

CASES = list(corpus.cases())
CODES = [code for code in CATALOGUE if not code.startswith(corpus.LINT)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_bad_program_is_told_what_is_wrong(case: corpus.Case) -> None:
    assert corpus.message(case) == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_case_is_about_its_code_and_points_into_a_text(case: corpus.Case) -> None:
    found = corpus.diagnostics(case)
    assert case.code in {one.code for one in found}
    assert all(one.span is not None and one.span.start <= one.span.end for one in found)


def test_colour_is_added_around_the_same_text_and_only_where_it_is_asked_for() -> None:
    [found] = dsl.check(Source("let a == 1\n", "study.tql")).errors
    plain, coloured = render(found), render(found, colour=True)
    assert "\x1b" not in plain
    assert coloured.startswith("\x1b[1;31merror[S003]\x1b[0m")
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_there_are_many_bad_programs() -> None:
    assert len({case.program for case in CASES}) == len(CASES) >= 80


def test_every_code_has_a_case_and_an_explanation() -> None:
    assert sorted({case.code for case in CASES if not case.code.startswith(corpus.LINT)}) == sorted(CODES)
    assert sorted(EXPLANATIONS) == sorted(CODES)


def test_the_page_of_all_codes_is_in_step() -> None:
    assert catalogue.PAGE.read_text(encoding="utf-8") == catalogue.page()


@pytest.mark.parametrize("name", sorted(corpus.FILES))
def test_the_files_of_the_cases_are_as_good_or_bad_as_they_say(name: str) -> None:
    errors = dsl.check(Source(corpus.FILES[name], f"{name}.tql"), load=corpus.Files()).errors
    assert bool(errors) == (name != "base")


def test_one_broken_definition_is_told_once_however_often_it_is_used() -> None:
    text = "let a = nothing\n" + "".join(f"let a{number} = a\n" for number in range(100))
    assert [one.code for one in dsl.check(Source(text)).errors] == ["N001"]


def test_a_missing_file_does_not_bury_its_error_under_unknown_names() -> None:
    text = "use nowhere\n" + "".join(f"let a{number} = first event{number} where x = y\n" for number in range(100))
    assert [one.code for one in dsl.check(Source(text)).errors] == ["N008"]


def test_all_independent_errors_are_told_in_one_go() -> None:
    text = (
        "let a = 1 ==\n"
        "endpoint e\n    from nobody\n    until nothing\n"
        "cohort c\n    require 'x'\n    require  y &\n    index never\n"
        "let last_one = unknown_name\n"
    )
    assert [one.code for one in dsl.check(Source(text)).errors] == ["S003", "N001", "N001", "S003", "S003", "N001"]
