"""Dates in the notations of other places."""

import re
from calendar import month_abbr

from dsl.diagnostics import Diagnostic
from dsl.source import Span

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
WRITTEN_DATE = re.compile(
    r"(?!\d{4}-\d\d-\d\d\b)(?:\d{1,2}([/.-])\d{1,2}\1\d{4}|\d{4}([/.-])\d{1,2}\2\d{1,2}"
    rf"|\d{{1,2}}[- ]?(?:{_MONTHS})[a-z]*[-, ]{{0,2}}\d{{4}})",
    re.IGNORECASE,
)
"""A date as it is written elsewhere: `01/02/2010`, `2010/2/1`, `1.2.2010`, `01FEB2010`, `1 Feb 2010`."""


def not_a_date(span: Span) -> Diagnostic:
    """The diagnostic of a date in another notation, with the readings that it may have."""
    found = re.findall(r"\d+|[A-Za-z]+", span.text)
    day, month, year = found if len(found[0]) < 4 else reversed(found)
    readings = []
    for one, other in ((day, month), (month, day)):
        number = _month(other)
        if 1 <= number <= 12 and one.isdigit() and 1 <= int(one) <= 31:
            readings.append(f"`{year}-{number:02}-{int(one):02}`")
        if len(found[0]) == 4 or not month.isdigit():
            break
    hint = f"write {' or '.join(dict.fromkeys(readings))}" if readings else None
    return Diagnostic("S005", f"`{span.text}` is not how a date is written", span, "year-month-day: `2010-12-31`", hint)


def _month(word: str) -> int:
    if word.isdigit():
        return int(word)
    return [name.lower() for name in month_abbr].index(word[:3].lower())
