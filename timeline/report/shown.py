"""Numbers in words, where a number may be hidden: a count of HIDDEN, or a time or share that is not a number."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from timeline.report import words
from timeline.study.results import LeftOut

HIDDEN: Final = -1
"""Stands for a count that must not be shown."""

HIDDEN_PATIENTS: Final = ("",)
"""Stands for patients whose number must not be shown."""

HIDDEN_WORD: Final = "hidden"

WITHHELD: Final = "It is withheld, since what it shows could tell a small number of patients."


def count(number: int) -> str:
    return HIDDEN_WORD if number == HIDDEN else words.count(number)


def total(numbers: Iterable[int]) -> int:
    """The sum of counts; HIDDEN where one of them is."""
    counts = tuple(numbers)
    return HIDDEN if HIDDEN in counts else sum(counts)


def patients(number: int) -> str:
    return f"{count(number)} patient{'' if number == 1 else 's'}"


def left_out(out: LeftOut) -> str:
    """How many were left out: names of patients are in no report."""
    return HIDDEN_WORD if out.patients == HIDDEN_PATIENTS else patients(len(out.patients))


def share(part: int, whole: int) -> str:
    """A count with its percentage, where both may be shown."""
    return count(part) if HIDDEN in (part, whole) else words.share(part, whole)


def duration(days: float | None, unit: words.Unit) -> str:
    return HIDDEN_WORD if _hidden(days) else words.duration(days, unit)


def limits(lower: float | None, upper: float | None, unit: words.Unit) -> str:
    return HIDDEN_WORD if _hidden(lower) or _hidden(upper) else words.limits(lower, upper, unit)


def percent(part: float | None) -> str:
    return HIDDEN_WORD if _hidden(part) else words.percent(part)


def percent_limits(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return "-"
    return HIDDEN_WORD if _hidden(lower) else f"{words.percent(lower)} to {words.percent(upper)}"


def number(value: float | None) -> str:
    return HIDDEN_WORD if _hidden(value) else words.number(value)


def ratio(value: float) -> str:
    """Two decimals, or two digits where it is small."""
    if math.isinf(value):
        return "infinite"
    return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{value:.2g}"


def suppression(below: int) -> str:
    """What a reader has to know of results in which small numbers are hidden."""
    return (
        f"Numbers of patients from 1 to {below - 1} are hidden, and so are numbers from which they could be computed. "
        f"Curves are coarsened: each step gathers at least {below} events, on whole months and in whole percents; "
        "survival at a time is read off them; a curve whose patients or events are hidden is left out. Extremes are "
        "left out, and so are comparisons with published figures."
    )


def suppression_in_figure(below: int) -> str:
    """The same in a line below a figure."""
    return (
        f"Numbers of patients from 1 to {below - 1} are hidden, and so are numbers from which they could be computed; "
        "curves are coarsened."
    )


def is_withheld(*shares: npt.NDArray[np.float64]) -> bool:
    """Whether no part of any of these curves may be shown."""
    return all(len(share) > 0 and bool(np.isnan(share).all()) for share in shares)


def uncompared(figures: int) -> str:
    """Why published figures are not compared where small numbers are hidden."""
    return (
        f"The study states {figures} figures. Whether they hold is not shown here: a figure that holds would tell the "
        "very number that is hidden elsewhere."
    )


def _hidden(value: float | None) -> bool:
    return value is not None and math.isnan(value)
