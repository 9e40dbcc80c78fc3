"""The words of a dot command: split as they are typed, and quoted as completion offers them.

A word in single quotes stands as it is. In double quotes `\\n`, `\\t`, `\\x1b`, `\\u202e` and the like stand for the
characters that tables show so, `\\"` for a quote. A quote inside a word, as in O'Brien, is part of the word.
"""

from __future__ import annotations

import re

_QUOTED = r"""'([^']*)'|"((?:\\.|[^"\\])*)\""""
_FINISHED = re.compile(rf"\s*(?:(?:{_QUOTED})|([^\s'\"]\S*))(?=\s)", re.DOTALL)
_WORD = re.compile(rf"\s*(?:(?:{_QUOTED})(?=\s|$)|(\S+))", re.DOTALL)
_HEX = "[0-9a-fA-F]"
_ESCAPE = re.compile(
    rf"\\(x{_HEX}{{2}}|u(?![dD][89a-fA-F]){_HEX}{{4}}|U00(?:0{_HEX}|10){_HEX}{{4}}|.)", re.DOTALL
)  # no surrogates, and nothing beyond Unicode
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_BARE = re.compile(r"[^\s'\"]\S*")


def split(text: str) -> list[str]:
    """The words of a finished line; a quote that is never closed is part of its word."""
    return [_value(found) for found in _WORD.finditer(text)]


def unfinished(text: str) -> tuple[list[str], str, str]:
    """The finished words of a line that is being typed, and its last one, as it is written and what it says so far."""
    words, position = [], 0
    while (found := _FINISHED.match(text, position)) is not None:
        words.append(_value(found))
        position = found.end()
    typed = text[position:].lstrip()
    if typed.startswith('"'):
        return words, typed, _plain(typed[1:])
    return words, typed, typed.removeprefix("'")


def quoted(word: str) -> str:
    """A word so that `split` gives it back, with nothing in it that would break the line."""
    if word.isprintable() and _BARE.fullmatch(word):
        return word
    if word.isprintable() and "'" not in word:
        return f"'{word}'"
    return '"' + "".join(_written(character) for character in word) + '"'


def _value(found: re.Match[str]) -> str:
    single, double, bare = found.groups()
    if single is not None:
        return single
    return _plain(double) if double is not None else bare


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: _character(found[1]), text)


def _character(escape: str) -> str:
    return chr(int(escape[1:], 16)) if len(escape) > 1 else _CONTROLS.get(escape, escape)


def _written(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]
