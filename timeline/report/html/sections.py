"""What every kind of result needs to become a section of the report.

A result's section is made by the function that registers its type with `section`. What is not registered is named in
the report with a word on where its numbers are, so that nothing goes missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, singledispatch

from timeline.report import shown, words
from timeline.report.axis import at_risk
from timeline.report.html.parts import Section
from timeline.study.histories import Histories
from timeline.study.results import CohortResult, LeftOut, OfEndpoint
from timeline.survival import KaplanMeier
from timeline.survival.incidence import CumulativeIncidence


@dataclass(frozen=True)
class Setting:
    """`data` is the study's title, which says what the data are; `patients` are the histories of the patients in lanes,
    where single patients may be drawn; `cohorts` are those of the study, from which others are made."""

    data: str
    patients: Histories | None = None
    suppressed: int | None = None
    cohorts: Sequence[CohortResult] = ()


@singledispatch
def section(result: object, setting: Setting) -> Section:
    kind = type(result).__name__.removesuffix("Result")
    return Section(
        f"An analysis of the kind {kind}",
        "This report does not draw this kind of analysis; `timeline run … --json FILE` writes its numbers.",
    )


def at_landmark(landmark: float | None) -> str:
    return f", landmark {words.span(landmark)}" if landmark is not None else ""


def ratio_limits(lower: float, upper: float) -> str:
    return f"{shown.ratio(lower)} to {shown.ratio(upper)}"


def imputed_words(numbers: Sequence[int]) -> tuple[str, ...]:
    """How many times rest on a filled-in day, over groups."""
    if not any(numbers):
        return ()
    count = shown.HIDDEN_WORD if shown.HIDDEN in numbers else words.count(sum(numbers))
    return (f"Times that start or end on an imputed day, since only the month or year is known: {count}.",)


def numbers_at_risk(curve: KaplanMeier | CumulativeIncidence, setting: Setting) -> Callable[[float], int]:
    """Patients under observation just before a day; where small numbers are hidden, as far as they are shown."""
    if setting.suppressed is None:
        return curve.table.at_risk
    return partial(at_risk, curve.time, curve.at_risk)


def subject(result: OfEndpoint) -> str:
    """An endpoint, and in whom."""
    return f"{result.endpoint_label} in {words.of_whom(result.cohort, result.where)}"


def titled(title: str, words: str) -> str:
    """What the study calls an analysis, and what it is."""
    return f"{title}: {words}" if title else words


def notes(left_out: Sequence[LeftOut], note: str = "", *more: str) -> tuple[str, ...]:
    """Who is in no estimate, as counts: names of patients are in no report."""
    said = [f"Left out, {item.reason}: {shown.left_out(item)}." for item in left_out]
    return (*([f"{note[:1].upper()}{note[1:]}."] if note else []), *said, *more)
