"""Text to typed values, a column at a time, with a mask of what could not be read.

How values are spelled is stated, so that nothing is guessed: dates as YYYY-MM-DD and decimals with a point, unless a
mapping says otherwise. Empty means missing. Which values the declarations admit is left to the log's door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsl.types import AttributeType, describe
from timeline.events import Precision
from timeline.ingest.dates import ISO, Dates, Days, not_after, not_before

Mask = np.ndarray[Any, np.dtype[np.bool_]]

_INTEGER: Final = "^[+-]?[0-9]{1,18}$"
_NUMBER: Final = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Spelling:
    """How a file writes its values; `decimal` is the sign before the decimals."""

    dates: Dates = ISO
    decimal: str = "."


PLAIN: Final = Spelling()


def parse(texts: pa.Array, type_: pa.DataType, spelling: Spelling = PLAIN) -> tuple[pa.Array, Mask]:
    """The values of a column of texts, and which rows hold a text that cannot be read; those are missing too.

    Dates are whole days here: only the start and the end of an event keep a precision, see `parse_dates`.
    """
    texts = blank_to_missing(texts)
    if pa.types.is_string(type_):
        return texts, np.zeros(len(texts), dtype=bool)
    # A column repeats its values; reading each of them once is several times faster.
    encoded = texts.dictionary_encode()
    values = _reader(type_, spelling)(encoded.dictionary).take(encoded.indices)
    return values, _unread(texts, values)


def parse_dates(texts: pa.Array, dates: Dates = ISO) -> tuple[pa.Array, pa.Array, Mask]:
    """Days, the precision of each as text, and which rows hold a text that is no date."""
    texts = blank_to_missing(texts)
    encoded = texts.dictionary_encode()
    known = [None if text is None else dates.read(text) for text in encoded.dictionary.to_pylist()]
    days = pa.array([item and item.imputed(dates.imputed) for item in known], pa.date32()).take(encoded.indices)
    precisions = pa.array([item and item.precision.value for item in known], pa.string()).take(encoded.indices)
    return days, precisions, _unread(texts, days)


def order_imputed(columns: dict[str, pa.Array]) -> None:
    """Moves an imputed start or end that puts the end before the start, where its month or year allows another day.

    The end then is the day of the start (or the start that of the end); whole days stay as they are.
    """
    given = [name for name in ("start", "end") if f"{name}_precision" in columns]
    if len(given) < 2:
        return
    both = pc.and_(*(columns[name].is_valid() for name in given)).to_numpy(zero_copy_only=False)
    start, end = (_numpy_days(columns[name]) for name in given)
    precisions = [columns[f"{name}_precision"].fill_null("day").to_numpy(zero_copy_only=False) for name in given]
    end = np.where(both, not_before(end, precisions[1], start), end)
    start = np.where(both, not_after(start, precisions[0], end), start)
    for name, moved in (("start", start), ("end", end)):
        absent = columns[name].is_null().to_numpy(zero_copy_only=False)
        columns[name] = pa.array(moved.astype(np.int64).astype(np.int32), mask=absent).cast(pa.date32())


def _numpy_days(days: pa.Array) -> Days:
    found: Days = days.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return found


def blank_to_missing(texts: pa.Array) -> pa.Array:
    """Texts, coded or not, of which none is empty."""
    if pa.types.is_dictionary(texts.type):
        place = pc.index(texts.dictionary, "").as_py()
        if place < 0:
            return texts
        codes = pc.if_else(pc.equal(texts.indices, place), None, texts.indices)
        return pa.DictionaryArray.from_arrays(codes, texts.dictionary)
    blank = pc.equal(texts, "")
    return pc.if_else(blank, None, texts) if pc.any(blank).as_py() else texts


def expectation(
    type_: AttributeType | None, text: str, stored: pa.DataType, spelling: Spelling = PLAIN
) -> tuple[str, str]:
    """What should have stood there, and a hint on what to do about the text that did."""
    if pa.types.is_date(stored):
        return f"a date written {spelling.dates.words}", _date_hint(text, spelling.dates, partial=type_ is None)
    if pa.types.is_boolean(stored):
        return "true or false (also yes, no, 1, 0)", ""
    expected = f"a {describe(type_)}" if type_ is not None else "a number"
    hint = "write decimals with a point" if "," in text and spelling.decimal == "." else ""
    return expected, hint


def _unread(texts: pa.Array, values: pa.Array) -> Mask:
    unread: Mask = pc.and_(texts.is_valid(), values.is_null()).to_numpy(zero_copy_only=False)
    return unread


def _reader(type_: pa.DataType, spelling: Spelling) -> Callable[[pa.Array], pa.Array]:
    if pa.types.is_date(type_):
        return lambda texts: _whole_days(texts, spelling.dates)
    if pa.types.is_boolean(type_):
        return _truths
    if pa.types.is_integer(type_):
        return lambda texts: _matching(texts, _INTEGER).cast(pa.int64())
    return lambda texts: _matching(_with_point(texts, spelling.decimal), _NUMBER).cast(pa.float64())


def _with_point(texts: pa.Array, decimal: str) -> pa.Array:
    if decimal == ".":
        return texts
    # A point would be a sign between thousands here, and 1.234 is not to become 1.234 by chance.
    pointless = pc.if_else(pc.match_substring(texts, "."), None, texts)
    return pc.replace_substring(pointless, decimal, ".")


def _matching(texts: pa.Array, pattern: str) -> pa.Array:
    matched = pc.if_else(pc.match_substring_regex(texts, pattern), texts, None)
    return pc.utf8_ltrim(matched, "+")


def _truths(texts: pa.Array) -> pa.Array:
    place = pc.index_in(pc.utf8_lower(texts), pa.array(list(_TRUTH)))
    return pa.array(list(_TRUTH.values())).take(place)


def _whole_days(texts: pa.Array, dates: Dates) -> pa.Array:
    return pa.array([_whole_day(text, dates) for text in texts.to_pylist()], pa.date32())


def _whole_day(text: str | None, dates: Dates) -> date | None:
    known = None if text is None else dates.read(text)
    return known.first if known is not None and known.precision is Precision.DAY else None


def _date_hint(text: str, dates: Dates, partial: bool) -> str:
    if not partial and dates.read(text) is not None:
        return "give the whole date: only start and end keep how much of a date is known"
    digits = text.replace("-", "")
    if digits.isdigit() and len(digits) == 8 and text.count("-") == 2 and len(text) == 10 and text[4] == "-":
        return "there is no such day" if dates == ISO else "the mapping says how dates are written"
    if dates != ISO:
        return ""
    if "/" in text or "." in text:
        return "year, month and day with hyphens between them; a mapping file can say how the dates are written"
    return ""
