"""Dates, numbers and units as they are written elsewhere."""

import re

from dsl.advice.dates import WRITTEN_DATE, not_a_date
from dsl.advice.slip import WINDOW_STARTS, WORD, Slip
from dsl.diagnostics import Diagnostic, nearest
from dsl.source import Span


def other_date(slip: Slip) -> Diagnostic | None:
    start = slip.source.text.rfind("\n", 0, slip.offset) + 1
    for match in WRITTEN_DATE.finditer(slip.source.text, start, slip.offset + 12):
        if match.start() <= slip.offset < match.end():
            return not_a_date(Span(slip.source, match.start(), match.end()))
    return None


def decimal_comma(slip: Slip) -> Diagnostic | None:
    if slip.word != "," or slip.last is None or slip.last.type != "INTEGER":
        return None
    match = re.compile(r"\d+").match(slip.source.text, slip.offset + 1)
    if match is None or slip.last.end_pos != slip.offset:
        return None
    span = Span(slip.source, slip.last.start_pos or 0, match.end())
    whole = f"{slip.last}{match.group()}"
    hint = f"write `{slip.last}.{match.group()}`" + (
        f", or `{whole}` if thousands are meant" if len(match.group()) == 3 else ""
    )
    return Diagnostic("S001", "a number has a decimal point and no other sign", span, hint=hint)


_UNITS = {
    **dict.fromkeys(["d", "dy", "dys", "dag", "dagen"], "days"),
    **dict.fromkeys(["w", "wk", "wks"], "weeks"),
    **dict.fromkeys(["m", "mo", "mos", "mon", "mth", "mths"], "months"),
    **dict.fromkeys(["y", "yr", "yrs", "a"], "years"),
}


def unit(slip: Slip) -> Diagnostic | None:
    if slip.last is None or slip.last.type not in ("INTEGER", "NUMBER") or "DURATION_UNIT" not in slip.accepts:
        return None
    word = WORD.match(slip.source.text, slip.offset)
    if word is None:
        return None
    span = Span(slip.source, slip.offset, word.end())
    found = word.group().lower()
    if re.fullmatch(r"(hour|minute|second|min|sec|hr|h)s?", found):
        return Diagnostic(
            "S001", f"time is counted in days, not in {word.group()}", span, "`days`, `weeks`, `months` or `years`"
        )
    unit = _UNITS.get(found) or nearest(found, ["days", "weeks", "months", "years"])
    if unit is None and slip.kind == "NAME":
        hint = "numbers stand alone; a declaration says in which unit an attribute is"
        return Diagnostic("S001", f"`{word.group()}` is not a unit of time", span, None, hint)
    if unit is None or found in ("and", "or", "of"):
        return None
    message = f"`{word.group()}` is not a unit of time"
    return Diagnostic("S001", message, span, "`days`, `weeks`, `months` or `years`", f"write `{slip.last} {unit}`")


_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(slip: Slip) -> Diagnostic | None:
    if slip.word.lower() not in _NUMBERS or "INTEGER" not in slip.accepts:
        return None
    return slip.says(f"`{slip.word}` is not a number", hint=f"write `{_NUMBERS.index(slip.word.lower())}`")


def ordinal(slip: Slip) -> Diagnostic | None:
    if slip.kind == "INTEGER" and slip.last is not None and slip.last.type in ("FIRST", "LAST"):
        return slip.says("a selection is one event", hint="write `nth 2 …`, or `first …` of the events after another")
    if slip.last is not None and slip.last.type == "INTEGER" and re.fullmatch(r"st|nd|rd|th", slip.word):
        return slip.says(f"`{slip.last}{slip.word}` is not a word of the language", hint=f"write `nth {slip.last}`")
    return None


def window_form(slip: Slip) -> Diagnostic | None:
    """`within 30 days surgery`, `surgery 30 days after rt`"""
    if slip.last is not None and slip.last.type == "DURATION_UNIT" and {"OF", "BEFORE"} <= slip.accepts:
        shown = f"within {slip.before[-2]} {slip.last}"
        return slip.says(
            "a `within` says of what", hint=f"write `{shown} of …`, `{shown} before …` or `{shown} after …`"
        )
    match = re.match(r"(\d+ \w+) (before|after|of)\b", slip.rest)
    if match and slip.accepts >= WINDOW_STARTS:
        hint = f"write `within {match.group(1)} {match.group(2)} …`"
        return slip.says(f"`{slip.word}` does not belong here", hint=hint)
    return None
