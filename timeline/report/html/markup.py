"""HTML from texts. Everything that is not markup already is escaped here, and only here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import NewType

Markup = NewType("Markup", str)
"""Text that is HTML."""

_UNIT = re.compile(r"(?<=\d) (?=(?:%|y|mo|d|years?|months?|days?)(?!\w))")

VOID = {"meta", "link", "br", "hr"}


def tag(name: str, /, *content: str | Markup | None, **attributes: str | bool | None) -> Markup:
    """An element around content that is HTML already.

    An attribute of True has no value, one of None or False is left out; `class_` and `for_` lose their underscore, and
    other underscores become hyphens.
    """
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inner = "".join(part for part in content if part)
    return Markup(f"<{name}{given}>" if name in VOID else f"<{name}{given}>{inner}</{name}>")


def text(words: str) -> Markup:
    return Markup(escape(words, quote=False))


def unbroken(words: str) -> str:
    """The same words; no line is broken between a number and its unit."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", words)


def join(parts: Iterable[str], by: str = "\n") -> Markup:
    return Markup(by.join(parts))


def paragraph(words: str, class_: str | None = None) -> Markup:
    return tag("p", text(words), class_=class_)
