"""Colours for what is typed: the words of the grammar, texts, numbers, dates and remarks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from timeline.repl.words import keywords

_TOKEN = re.compile(
    r'(?P<remark>#.*)|(?P<text>"(?:\\.|[^"\\])*"?)|(?P<date>\d{4}-\d{2}(?:-\d{2})?)|(?P<number>\d*\.?\d+)'
    r"|(?P<member>\.[^\W\d]\w*)|(?P<word>[^\W\d]\w*)|(?P<other>.)"
)


def pieces(line: str) -> Iterator[tuple[str, str]]:
    """The line in pieces, each with what it is; a keyword that starts the line is a `statement`, the rest is ``."""
    if line.lstrip().startswith("."):
        yield "command", line
        return
    for found in _TOKEN.finditer(line):
        word = found[0]
        match found.lastgroup:
            case "word" if word in keywords():
                yield "keyword" if line[: found.start()].strip() else "statement", word
            case "word" if line[found.end() : found.end() + 1] == "(":
                yield "function", word
            case "word" | "member" | "other" | None:
                yield "", word
            case kind:
                yield kind, word


class QueryLexer(Lexer):
    """`pieces` for prompt_toolkit; the classes are styled in `loop`."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines = document.lines

        def line(number: int) -> StyleAndTextTuples:
            if number >= len(lines):
                return []
            return [(f"class:{kind}" if kind else "", text) for kind, text in pieces(lines[number])]

        return line
