"""The words of the language as the prompt needs them, read off the grammar without building its parser."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_COMMENT = re.compile(r"^//.*$", re.MULTILINE)
_LITERAL = re.compile(r'"([a-z_]+)"')


@cache
def keywords() -> frozenset[str]:
    """Every word that the grammar spells out."""
    language = find_spec("dsl")  # found, not imported: the first prompt does not wait for it
    assert language is not None
    assert language.origin is not None
    grammar = Path(language.origin).with_name("grammar.lark").read_text(encoding="utf-8")
    return frozenset([*_LITERAL.findall(_COMMENT.sub("", grammar)), "in", "event", "censored", "excluded"])


@cache
def functions() -> tuple[str, ...]:
    """The functions of values and of cohorts."""
    from dsl.program import ENDPOINT_STATISTICS, SUMMARIES

    return tuple(dict.fromkeys(("count", "share", *SUMMARIES, *ENDPOINT_STATISTICS)))
