"""Whatever the text, diagnostics: no traceback, no hang. `TIMELINE_TEXTS=200000` runs more than the usual sample."""

import os

import pytest

from tests.diagnostics import mutations

COUNT = int(os.environ.get("TIMELINE_TEXTS", "6000"))
SHARES = 6


@pytest.mark.timeout(100 + COUNT // 20)
@pytest.mark.parametrize("share", range(SHARES))
def test_random_and_mutated_texts_get_diagnostics_and_never_a_traceback(share: int) -> None:
    faulty = 0
    for text in mutations.texts(COUNT // SHARES, seed=2029 + share):
        checked, messages = mutations.told(text)
        assert len(messages) == len(checked.diagnostics)
        assert all(one.span is None or one.span.end <= len(one.span.source.text) for one in checked.diagnostics)
        faulty += bool(checked.errors)
    assert faulty > COUNT // SHARES // 2


@pytest.mark.timeout(100 + COUNT // 20)
def test_texts_that_can_be_read_keep_meaning_and_comments_when_laid_out() -> None:
    assert sum(mutations.laid_out(text) for text in mutations.texts(COUNT // 2, seed=1990)) > COUNT // 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "# only a comment",
        "\ufeff# with a mark of the byte order",
        "\ufefflet a = 1\r\nlet b = 2\r\n",
        "# one\r# two\r\n",
    ],
)
def test_texts_without_a_mistake_are_fine(text: str) -> None:
    assert mutations.told(text)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "let a = \x00",
        "let a = 1" * 1000,
        "(" * mutations.LIMIT,
        "let a = " + "(" * 4_000 + ")" * 4_000,
        "let a = " + "not " * 2_000 + "true",
        "let a = " + "-" * 9_000 + "1",
        "let a = " + "1 + " * 2_400 + "1",
        "let a = " + "case when true then " * 400,
        "let a = " + "x." * 4_000 + "y",
        "let a = " + "1" * 9_000,
        'let a = "' + "\\" * 9_000,
        'let a = "' + "x" * 9_000,
        "use\n" * 2_500,
        "let " * 2_500,
        "let a = 'x'\n" * 800,
        "cohort c\n" + "    require 'x'\n" * 600,
        "\n" * 9_000 + "x",
        " " * 9_000 + "x",
        "#" * 9_000 + "\nx",
        "let a = 9999999999 years",
        "let a = nth 99999999999999999999 b",
        "\U0001f9ea" * 100,
        "let \u0301a = 1",
    ],
    ids=range(24),
)
def test_monstrous_texts_get_an_error(text: str) -> None:
    checked, messages = mutations.told(text[: mutations.LIMIT])
    assert checked.errors
    assert all(len(line) < 1000 for message in messages for line in message.splitlines())


@pytest.mark.parametrize("open_", ["(", "not ", "age at (", "case when true then ", "first (", "-("])
def test_nesting_beyond_the_limit_is_told_as_such(open_: str) -> None:
    closing = {"(": ")", "age at (": ")", "first (": ")", "-(": ")", "case when true then ": " end"}.get(open_, "")
    checked, _ = mutations.told(f"use base\nlet a = {open_ * 100}rt.start{closing * 100}")
    assert [one.code for one in checked.errors][:1] in (["S006"], ["S009"])
