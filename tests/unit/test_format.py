"""Canonical layout: what a text means and all its comments stay, and a second time changes nothing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.diagnostics import LanguageError
from dsl.format import WIDTH, format_text
from dsl.parser import parse
from dsl.source import Source

QUERIES = Path(__file__).resolve().parents[2] / "queries"


def laid_out(text: str) -> str:
    return format_text(Source(text))


# --- layout


def test_names_of_neighbouring_definitions_share_a_column() -> None:
    assert laid_out("let a=1 let longer = 2\n\n\n\nlet c=3") == "let a      = 1\nlet longer = 2\n\nlet c = 3\n"


def test_the_keywords_of_a_cohort_stand_in_a_column_and_its_labels_too() -> None:
    text = 'cohort c "C" from b index rt require "one" x require "longer" y exclude z'
    assert laid_out(text) == (
        'cohort c "C"\n'
        "    from     b\n"
        "    index    rt\n"
        '    require  "one"     x\n'
        '    require  "longer"  y\n'
        "    exclude  z\n"
    )


def test_a_condition_on_the_members_stands_behind_the_cohort() -> None:
    assert laid_out("cox os in c where (any x) on y") == "cox os in c where (any x) on y\n".replace("cox os", "cox  os")


def test_the_keywords_of_an_endpoint_stand_in_a_column() -> None:
    text = 'endpoint e like o "E" from a until b , c as "c" censor d last seen f'
    assert laid_out(text) == (
        'endpoint e like o "E"\n    from       a\n    until      b, c as "c"\n    censor     d\n    last seen  f\n'
    )


def test_analyses_and_the_places_of_expectations_stand_in_columns() -> None:
    text = 'estimate os in a at 1 year,2 year\nattrition a\nexpect count(a)=5 "A1"\nexpect count(abc)=50(5%) "A2"'
    assert laid_out(text) == (
        "estimate   os in a at 1 year, 2 years\n"
        "attrition  a\n"
        'expect count(a) = 5           "A1"\n'
        'expect count(abc) = 50 (5 %)  "A2"\n'
    )


def test_a_case_of_several_branches_takes_a_line_a_branch() -> None:
    assert laid_out("let a = case when b then 1 when c then 2 else 3 end") == (
        "let a = case\n            when b then 1\n            when c then 2\n            else 3\n        end\n"
    )
    assert laid_out("let a = case when b then 1 else 3 end") == "let a = case when b then 1 else 3 end\n"


def test_a_test_lists_its_events_below_each_other() -> None:
    text = 'test "t" given 2010-01-01 a 2010-02-01 to 2010-02-03 b(c:1,d:"x") recorded 2011-01-01 expect e expect not f'
    assert laid_out(text) == (
        'test "t"\n'
        "    given   2010-01-01 a\n"
        '            2010-02-01 to 2010-02-03 b(c: 1, d: "x") recorded 2011-01-01\n'
        "    expect  e\n"
        "    expect  not f\n"
    )


def test_long_requirements_are_wrapped_before_a_word_and_no_line_is_too_long() -> None:
    condition = " and ".join(f"any surgery where site = liver before marker_{number}" for number in range(6))
    text = laid_out(f'cohort c require "label" {condition}')
    assert max(map(len, text.splitlines())) <= WIDTH
    assert all(line.split()[0] in ("cohort", "require", "and", "where", "before", "any") for line in text.splitlines())


# --- comments


def test_comments_stay_at_ends_of_lines_between_parts_and_at_the_end_of_the_file() -> None:
    text = "# the head\n\nlet a = 1 # why\ncohort c # who\n  # before the part\n  require x # because\n\n\n# the end\n"
    assert laid_out(text) == (
        "# the head\n\n"
        "let a = 1  # why\n"
        "cohort c  # who\n"
        "    # before the part\n"
        "    require  x  # because\n\n"
        "# the end\n"
    )


def test_a_sign_inside_a_text_or_a_unit_starts_no_comment() -> None:
    text = 'event a  "no # comment"\n    b  number [#/l]\n'
    assert laid_out(text) == text.replace("a  ", "a ")


def test_a_comment_inside_an_expression_is_kept() -> None:
    assert laid_out("let a = x # one\n  and y # two\nlet b = z") == "let a = x and y  # one\n# two\nlet b = z\n"


def test_blank_lines_keep_groups_apart_and_never_pile_up() -> None:
    assert laid_out("\n\nlet a = 1\n\n\n\n# b\nlet b = 2\nlet c = 3\n\n") == "let a = 1\n\n# b\nlet b = 2\nlet c = 3\n"


@pytest.mark.parametrize("text", ["", "\n \n", "# only\n", "# one\n\n# two\n"])
def test_texts_without_statements_are_laid_out(text: str) -> None:
    assert laid_out(text) == text.strip() + ("\n" if text.strip() else "")


def test_a_text_with_a_syntax_error_is_refused_with_all_of_them() -> None:
    with pytest.raises(LanguageError) as refused:
        laid_out("let a == 1\nlet b = 2\nlet c = 'x'\n")
    assert [one.code for one in refused.value.diagnostics] == ["S003", "S003"]


def test_names_need_not_be_known() -> None:
    assert laid_out("let  a = nothing") == "let a = nothing\n"


@pytest.mark.parametrize("path", sorted(QUERIES.rglob("*.tql")), ids=lambda path: path.stem)
def test_queries_keep_their_meaning_and_their_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    once = laid_out(text)
    assert parse(Source(once))[0] == parse(Source(text))[0]
    assert laid_out(once) == once
    assert once.count("#") == text.count("#")


# --- generated texts

NAMES = st.sampled_from(["a", "rt", "surgery", "a_long_name_that_takes_room", "x1", "é"])
TEXTS = st.sampled_from(['""', '"label"', '"with # and \\" in it"', '"' + "long " * 12 + '"'])
GAPS = st.sampled_from([" ", "  ", "\n", "\n\n\n", " # note\n", "\n# note\n", "\n\n  # one\n# two\n\n", "\r\n", "\t"])


def _glue(*parts: "str | st.SearchStrategy[str]") -> st.SearchStrategy[str]:
    """The parts with any white space and comments between them."""
    pieces = [part if isinstance(part, st.SearchStrategy) else st.just(part) for part in parts]
    return st.tuples(*(item for piece in pieces for item in (piece, GAPS))).map(lambda found: "".join(found))


def _several(part: st.SearchStrategy[str], sign: str) -> st.SearchStrategy[str]:
    return st.lists(part, min_size=1, max_size=4).map(f" {sign} ".join)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = _glue("(", inner, ")")
    narrowed = st.one_of(
        _glue("where", inner),
        _glue("before", NAMES),
        _glue("on or after", NAMES),
        _glue("within 30 days of", group),
        _glue("between", NAMES, "and", group),
    )
    return st.one_of(
        group,
        _several(group, "and"),
        _several(group, "or"),
        _several(group, "+"),
        _glue("not", group),
        _glue(group, ">=", group),
        _glue(group, "is known"),
        _glue(group, "not in (", _several(NAMES, ","), ")"),
        _glue("any", NAMES, narrowed),
        _glue("all", NAMES, narrowed, "have", group),
        _glue("at least 2", NAMES),
        _glue("(", "first", NAMES, narrowed, narrowed, ")", ".", "start"),
        _glue("age at", NAMES),
        _glue("case when", group, "then", group, "when", NAMES, "then", group, "else", NAMES, "end"),
        _glue("count", "(", NAMES, narrowed, ")"),
        _glue("sum", "(", NAMES, "of", NAMES, narrowed, ")"),
        _glue("(", "courses of", NAMES, "with gaps up to 42 day", ")"),
    )


LEAVES = st.one_of(NAMES, TEXTS, st.sampled_from(["1", ".5", "30 day", "1 weeks", "2010-01-31", "true", "-3", "a.b.c"]))
EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=8)
STATEMENTS = st.one_of(
    _glue("let", NAMES, "=", EXPRESSIONS),
    _glue("let", NAMES, "=", EXPRESSIONS, TEXTS),
    _glue("parameter", NAMES, "= 42 days", TEXTS),
    _glue("study", TEXTS, "reference", TEXTS),
    _glue("use", NAMES.filter(str.isascii)),
    _glue("event", NAMES, TEXTS, "site", "one of", "a", ",", '"b c"', TEXTS, "dose number [mg/m2]"),
    _glue("cohort", NAMES, TEXTS, "from", NAMES, "require", TEXTS, EXPRESSIONS, "exclude", EXPRESSIONS),
    _glue("endpoint", NAMES, "from", NAMES, "until", EXPRESSIONS, "as", TEXTS, ",", NAMES, "last seen", NAMES),
    _glue("estimate", NAMES, "in", NAMES, "at 1 year", ", 2 years"),
    _glue("compare", NAMES, "in", NAMES, "by", EXPRESSIONS, "landmark 3 months", "acknowledge", NAMES, TEXTS),
    _glue("table", NAMES, "by", EXPRESSIONS, "show", EXPRESSIONS, TEXTS, ",", NAMES),
    _glue("attrition", NAMES),
    _glue("incidence", NAMES, "in", NAMES),
    _glue("cutoff", "2010-12-31"),
    _glue("known", "by", "2010-12-31T12:00"),
    _glue("swimmer", NAMES, "lanes", _several(NAMES, ",")),
    _glue("expect", "count(a) = 5", "contradicted", TEXTS, TEXTS),
    _glue("expect", "median(", NAMES, "in", NAMES, "where", EXPRESSIONS, ") = 27 (54 %)", TEXTS),
    _glue("rule", NAMES, TEXTS, "flag", NAMES, "where", EXPRESSIONS),
    _glue("test", TEXTS, "given", "2010-01-01", NAMES, "(", NAMES, ":", "3", ")", "expect", EXPRESSIONS),
)
PROGRAMS = st.lists(STATEMENTS, max_size=6).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(PROGRAMS)
def test_layout_keeps_the_meaning_and_is_final(text: str) -> None:
    file, problems = parse(Source(text))
    assert not problems, problems[0]
    once = laid_out(text)
    assert parse(Source(once))[0] == file
    assert laid_out(once) == once
    assert once.count("#") == text.count("#")


@settings(max_examples=100, deadline=None)
@given(PROGRAMS)
def test_lines_have_no_space_at_their_end_and_blank_lines_never_follow_each_other(text: str) -> None:
    lines = laid_out(text).split("\n")
    assert all(line == line.rstrip() for line in lines)
    assert "\n\n\n" not in "\n".join(lines)
