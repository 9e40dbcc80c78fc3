"""Each rule has a page, and the examples on it are what it says they are."""

import re
from pathlib import Path

import pytest

import dsl
from dsl.diagnostics import CATALOGUE
from dsl.lint.catalogue import RULES
from dsl.source import Source
from timeline.library import Library

PAGES = Path(__file__).resolve().parents[2] / "docs" / "lint"
OTHERS = {"unknown_finding": "L011", "nothing_to_acknowledge": "L012"}
CODES = {**{name: rule.code for name, rule in RULES.items()}, **OTHERS}


def example(name: str, kind: str) -> str | None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    found = re.findall(rf"^```tql {kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(found) <= 1
    return found[0] if found else None


def codes(text: str) -> list[str]:
    """The codes that a program is told, and those left to the data."""
    checked = dsl.check(Source(text, "example.tql"), load=Library())
    counted = {RULES[item.rule].code for item in checked.findings if RULES[item.rule].counted}
    return sorted({item.code for item in checked.diagnostics} | counted)


def test_every_lint_code_has_a_page_and_every_page_a_code() -> None:
    assert set(CODES.values()) == {code for code in CATALOGUE if code.startswith("L")}
    assert {page.stem for page in PAGES.glob("*.md")} == {*CODES, "README"}


@pytest.mark.parametrize("name", CODES)
def test_a_page_is_headed_by_code_name_and_title(name: str) -> None:
    head = (PAGES / f"{name}.md").read_text(encoding="utf-8").splitlines()[0]
    assert head.startswith(f"# {CODES[name]} `{name}`: ")
    if name in RULES:
        assert head.endswith(CATALOGUE[CODES[name]].title)
    assert f"| {CODES[name]} | [`{name}`]({name}.md) |" in (PAGES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CODES)
def test_the_first_example_of_a_page_has_the_finding(name: str) -> None:
    text = example(name, "found")
    assert text is not None
    assert CODES[name] in codes(text)


@pytest.mark.parametrize("name", [name for name in CODES if not (name in RULES and RULES[name].counted)])
def test_the_second_example_of_a_page_has_no_warning_at_all(name: str) -> None:
    text = example(name, "clean")
    assert text is not None
    assert [item.message for item in dsl.check(Source(text, "example.tql"), load=Library()).diagnostics] == []
