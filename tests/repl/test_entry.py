"""When an entry runs, and how a text without a terminal falls into entries."""

import pytest

from timeline.repl.entry import entries, is_complete

AT_ONCE = [
    "count(enrolled)",
    "median(os in enrolled)",
    ".events",
    ".show 'p 1'",
    "",
    "let rt = first radiotherapy",
    "estimate os in enrolled at 2 years",
    'endpoint os from rt until death as "died"',
    "cohort all index first surgery",
    "let x = frist surgery )",  # wrong, and no further line would mend it
    "count(enrolled)  # a remark",
    'let x = "a # b"',
]
NEEDS_MORE = [
    "let rt =",
    "median(os in enrolled",
    "let x = case when a then b",
    "endpoint os",
    "endpoint os from rt",
    "cohort all",
    "cohort all\n    index first surgery",  # could have one more requirement
    "event surgery",
    "count(enrolled) +",
    "let x = first surgery where  # to be continued",
]


@pytest.mark.parametrize("text", AT_ONCE)
def test_what_could_end_runs_at_once(text: str) -> None:
    assert is_complete(text)


@pytest.mark.parametrize("text", NEEDS_MORE)
def test_what_needs_more_goes_on_on_a_new_line(text: str) -> None:
    assert not is_complete(text)


@pytest.mark.parametrize("text", [text for text in NEEDS_MORE if "#" not in text])
def test_a_blank_line_runs_whatever_there_is(text: str) -> None:
    assert is_complete(f"{text}\n    ")


def test_indented_lines_belong_to_the_entry_above() -> None:
    text = "cohort all\n    index first surgery\n    require any death\ncount(all)\n"
    assert list(entries(text.splitlines(keepends=True))) == [
        (1, "cohort all\n    index first surgery\n    require any death\n"),
        (4, "count(all)\n"),
    ]


def test_a_line_that_is_not_indented_goes_on_where_the_entry_could_not_end() -> None:
    text = "let x =\nfirst surgery\n.events\ncount(x)"
    assert [entry for _, entry in entries(text.splitlines(keepends=True))] == [
        "let x =\nfirst surgery\n",
        ".events\n",
        "count(x)\n",
    ]


def test_a_remark_above_a_statement_stays_with_it() -> None:
    text = "count(a)\n\n# who died\nlet x = first death\n"
    assert [entry.strip() for _, entry in entries(text.splitlines(keepends=True))] == [
        "count(a)\n\n# who died",
        "let x = first death",
    ]
