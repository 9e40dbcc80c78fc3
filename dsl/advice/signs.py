"""Signs, quotes and comments of other languages and of word processors."""

import re

from dsl.advice.slip import WORD, Slip
from dsl.diagnostics import Diagnostic
from dsl.source import Span


def open_text(slip: Slip) -> Diagnostic | None:
    if slip.kind or slip.word != '"':
        return None
    span = Span(slip.source, slip.offset, slip.offset + len(slip.rest.rstrip()))
    return Diagnostic("S004", "this text is not closed", span, 'a closing `"` on the same line')


_QUOTED = re.compile(r"'([^'\n]*)'|‘([^’\n]*)’|“([^”\n]*)”|„([^“”\n]*)[“”]|`([^`\n]*)`|«([^»\n]*)»")


def other_quotes(slip: Slip) -> Diagnostic | None:
    if slip.kind or slip.word not in "'‘’“”„`«»":
        return None
    match = _QUOTED.match(slip.source.text, slip.offset)
    if match is None:
        return slip.says(f"`{slip.word}` is not a quote of the language", code="S003", hint='write `"`')
    span = Span(slip.source, match.start(), match.end())
    text = next(group for group in match.groups() if group is not None)
    if slip.word == "`":
        return slip.says("names stand without quotes", span=span, hint=f"write `{text}`", code="S003")
    return slip.says("texts stand in straight double quotes", span=span, hint=f'write `"{text}"`', code="S003")


_SIGNS = {
    "===": "=",
    "==": "=",
    "<>": "!=",
    "!==": "!=",
    "^=": "!=",
    "~=": "!=",
    "=>": ">=",
    "=<": "<=",
    ":=": "=",
    "<-": "=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "*",
    "÷": "/",
    "²": "2",
}


def formula(slip: Slip) -> Diagnostic | None:
    """`compare os ~ arm`"""
    if slip.word != "~" or slip.statement not in ("estimate", "compare", "incidence", "table"):
        return None
    hint = f"write `{slip.statement} ENDPOINT in COHORT by VALUE`"
    return slip.says("groups follow `by`", hint=hint, code="S003")


def other_signs(slip: Slip) -> Diagnostic | None:
    text = slip.source.text
    for length in (3, 2, 1):
        for start in (slip.offset - 1, slip.offset):
            found = text[max(0, start) : start + length]
            if found in _SIGNS and start + len(found) > slip.offset:
                span = Span(slip.source, max(0, start), max(0, start) + len(found))
                return Diagnostic(
                    "S003", f"`{found}` is not a sign of the language", span, hint=f"write `{_SIGNS[found]}`"
                )
    return None


_ADVICE = {
    ";": "nothing closes a statement; the next one starts with its keyword",
    "{": "write parentheses: `(…)`",
    "}": "write parentheses: `(…)`",
    "\\": "newlines mean nothing, so nothing is needed to go on in the next line",
    "^": "there are no powers; multiply",
    "$": "names stand by themselves: `name`, `event.attribute`",
    "@": "names stand by themselves: `name`, `event.attribute`",
    "?": "write `is known` or `is missing`, or a `case`",
    "~": "write `not`",
    "\u00a0": "this is a no-break space, as word processors make it; write an ordinary one",
    "\x00": "the file is not plain text",
}


_COMMENT = re.compile(r"[ \t]*(//|/\*|--|<!--|%|\*)")


def comment(slip: Slip) -> Diagnostic | None:
    text = slip.source.text
    match = re.compile(r"(//|/\*|--|<!--)").match(text, slip.offset)
    match = match or _COMMENT.match(text, text.rfind("\n", 0, slip.offset) + 1)
    if match is None:
        return None
    span = Span(slip.source, match.start(1), match.end(1))
    return Diagnostic("S003", f"`{match.group(1)}` does not start a comment", span, hint="a comment starts with `#`")


_R_SIGNS = {
    "%>%": "events are narrowed with `where` and windows",
    "|>": "events are narrowed with `where` and windows",
    "%in%": "write `in (a, b)`",
}


def r_sign(slip: Slip) -> Diagnostic | None:
    sign = next((sign for sign in _R_SIGNS if slip.source.text.startswith(sign, slip.offset)), None)
    if sign is None:
        return None
    span = Span(slip.source, slip.offset, slip.offset + len(sign))
    return Diagnostic("S003", f"`{sign}` is not a sign of the language", span, hint=_R_SIGNS[sign])


def bracket(slip: Slip) -> Diagnostic | None:
    if slip.word[:1] != "[":
        return None
    if slip.last is not None and str(slip.last) == "in":
        hint = "a list stands in parentheses: `in (a, b)`"
    elif slip.last is not None and slip.last.type in ("NAME", "MEMBER"):
        hint = f"which events are meant is said with `where`: `{slip.last} where …`"
    else:
        hint = "write parentheses: `(…)`"
    span = Span(slip.source, slip.offset, slip.offset + 1)
    return Diagnostic("S003", "brackets hold the unit of an attribute, nothing else", span, hint=hint)


def closing(slip: Slip) -> Diagnostic | None:
    if slip.word != ")" or slip.kind != "RPAR":
        return None
    text = slip.source.text[slip.begin : slip.offset]
    opened = sum((token == "(") - (token == ")") for token in slip.before)
    if opened <= 0:
        return slip.says("this parenthesis closes nothing", hint="leave it out, or open one before")
    if text.rstrip().endswith("("):
        return slip.says("nothing stands between these parentheses")
    return None


def character(slip: Slip) -> Diagnostic | None:
    if slip.kind:
        return None
    if slip.word == "$" and slip.last is not None and slip.last.type == "NAME":
        return slip.says(
            "`$` does not belong here", code="S003", hint=f"a part is taken with a dot: `(first {slip.last}).NAME`"
        )
    word = WORD.match(slip.source.text, slip.offset)
    if word is not None:
        return slip.says(f"`{word.group()}` does not belong here", span=Span(slip.source, slip.offset, word.end()))
    shown = f"`{slip.word}`" if slip.word.isprintable() else f"the character U+{ord(slip.word):04X}"
    return slip.says(f"{shown} does not belong here", code="S003", hint=_ADVICE.get(slip.word))
