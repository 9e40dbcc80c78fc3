"""Dates as files write them, also where only the month or the year is known.

A pattern says how dates are written: `YYYY-MM-DD`, `D.M.YYYY`, `DD-MON-YYYY`. Its parts are YYYY, MM or M, DD or D,
MON (Jan, Feb, …), and hh, mm, ss for a time of day, which is read and left out. A date without its day, or without day
and month, is a partial date: it keeps its precision and takes an imputed day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import numpy as np

from timeline.events import Precision

Days = np.ndarray[Any, np.dtype[np.datetime64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Imputed(StrEnum):
    """The day that a partial date takes.

    The middle is the default: the 15th of a month, 1 July of a year. It is off by at most 16 days or half a year, and
    by nothing on average, while the first or the last day moves every time in one direction.
    """

    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"


@dataclass(frozen=True)
class Known:
    """A date as far as it is known: a day, or the first day of the month or year."""

    first: date
    precision: Precision

    def imputed(self, rule: Imputed) -> date:
        match self.precision, rule:
            case (Precision.DAY, _) | (_, Imputed.FIRST):
                return self.first
            case Precision.MONTH, Imputed.MIDDLE:
                return self.first.replace(day=15)
            case Precision.YEAR, Imputed.MIDDLE:
                return self.first.replace(month=7)
        period = np.datetime64(self.first, "M" if self.precision is Precision.MONTH else "Y")
        last: date = ((period + 1).astype("datetime64[D]") - 1).item()
        return last


_UNKNOWN: Final = r"00|UN|UNK|XX|\?\?"
_PARTS: Final = {
    "YYYY": r"(?P<year>\d{4})",
    "MON": r"(?P<name>[A-Za-z]{3})",
    "MM": rf"(?P<month>\d{{2}}|{_UNKNOWN})",
    "M": rf"(?P<month>\d{{1,2}}|{_UNKNOWN})",
    "DD": rf"(?P<day>\d{{2}}|{_UNKNOWN})",
    "D": rf"(?P<day>\d{{1,2}}|{_UNKNOWN})",
    "hh": r"\d{2}",
    "mm": r"\d{2}",
    "ss": r"\d{2}(?:\.\d+)?",
}
_TOKEN: Final = re.compile("YYYY|MON|MM|M|DD|D|hh|mm|ss")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY, _MONTH, _TIME = ("DD", "D"), ("MM", "M", "MON"), ("hh", "mm", "ss")


@dataclass(frozen=True)
class DatePattern:
    """How whole dates are written. Raises ValueError, saying why, where the pattern does not name year, month and day
    once each."""

    text: str

    def __post_init__(self) -> None:
        tokens = _TOKEN.findall(self.text)
        for kind, name in ((("YYYY",), "the year as YYYY"), (_MONTH, "the month as MM, M or MON"), (_DAY, "the day")):
            if sum(token in kind for token in tokens) != 1:
                raise ValueError(f"{name} has to be there once")
        if re.search("[A-Za-z]", _TOKEN.sub("", self.text).replace("T", "").replace("Z", "")):
            raise ValueError("letters stand for parts of the date only")

    @cached_property
    def partial(self) -> tuple[str, ...]:
        """How the month alone and the year alone are written."""
        month = _without(_without_time(self._pieces), _DAY)
        return "".join(month), "".join(_without(month, _MONTH))

    @cached_property
    def _pieces(self) -> list[str]:
        return [piece for piece in re.split(f"({_TOKEN.pattern})", self.text) if piece]

    @cached_property
    def _expressions(self) -> list[re.Pattern[str]]:
        return [re.compile(_expression(text), re.IGNORECASE) for text in dict.fromkeys((self.text, *self.partial))]

    def read(self, text: str) -> Known | None:
        """None where the text is no such date, or there is no such day."""
        for expression in self._expressions:
            if found := expression.fullmatch(text):
                return _known(found.groupdict())
        return None


@dataclass(frozen=True)
class Dates:
    """How the dates of a column are written, in one of several ways, and the day that partial ones take."""

    patterns: tuple[DatePattern, ...] = (DatePattern("YYYY-MM-DD"),)
    imputed: Imputed = Imputed.MIDDLE

    def read(self, text: str) -> Known | None:
        return next((known for pattern in self.patterns if (known := pattern.read(text)) is not None), None)

    @property
    def words(self) -> str:
        """What is expected, for a message."""
        return " or ".join(pattern.text for pattern in self.patterns)

    @property
    def partial_words(self) -> str:
        return ", ".join(dict.fromkeys(text for pattern in self.patterns for text in pattern.partial))


ISO: Final = Dates()


def not_before(days: Days, precision: Any, bound: Days) -> Days:
    """Imputed days moved up to a bound that lies later in the same month or year; whole days stay as they are."""
    return np.where((days < bound) & (_last(days, precision) >= bound), bound, days)


def not_after(days: Days, precision: Any, bound: Days) -> Days:
    """Imputed days moved down to a bound that lies earlier in the same month or year."""
    return np.where((days > bound) & (_first(days, precision) <= bound), bound, days)


def _first(days: Days, precision: Any) -> Days:
    month, year = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    return _by_precision(days, month.astype(days.dtype), year.astype(days.dtype), precision)


def _last(days: Days, precision: Any) -> Days:
    month, year = days.astype("datetime64[M]") + 1, days.astype("datetime64[Y]") + 1
    return _by_precision(days, month.astype(days.dtype) - 1, year.astype(days.dtype) - 1, precision)


def _by_precision(day: Days, month: Days, year: Days, precision: Any) -> Days:
    return np.where(precision == Precision.MONTH.value, month, np.where(precision == Precision.YEAR.value, year, day))


def _expression(text: str) -> str:
    return "".join(_PARTS.get(piece, re.escape(piece)) for piece in re.split(f"({_TOKEN.pattern})", text))


def _without_time(pieces: list[str]) -> list[str]:
    place = next((place for place, piece in enumerate(pieces) if piece in _TIME), None)
    return pieces if place is None else pieces[: place - 1]


def _without(pieces: list[str], part: tuple[str, ...]) -> list[str]:
    """The pieces without a part and the sign that joined it to the others."""
    place = next(place for place, piece in enumerate(pieces) if piece in part)
    start, stop = place, place + 1
    if place + 1 < len(pieces) and pieces[place + 1] not in _PARTS:
        stop += 1
    elif place > 0 and pieces[place - 1] not in _PARTS:
        start -= 1
    # Between two parts that stay, their own sign has to stay too.
    return pieces[:start] + pieces[stop:]


def _known(parts: dict[str, str | None]) -> Known | None:
    year, month, day = parts["year"], _month(parts), _number(parts.get("day"))
    assert year is not None
    if month is None and day is not None:
        return None
    precision = Precision.YEAR if month is None else Precision.MONTH if day is None else Precision.DAY
    try:
        return Known(date(int(year), month or 1, day or 1), precision)
    except ValueError:
        return None


def _month(parts: dict[str, str | None]) -> int | None:
    name = parts.get("name")
    if name is None:
        return _number(parts.get("month"))
    # 0 is no month, so that an unknown name is refused like one.
    return None if name.upper() == "UNK" else next(_places(name.lower()), 99)


def _places(name: str) -> Iterator[int]:
    yield from (number for number, known in enumerate(_MONTHS, start=1) if known == name)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() and int(text) else None
