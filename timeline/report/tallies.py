"""The numbers below a curve, on paper and in the report alike: patients at risk, and those who left so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timeline.report.axis import at_risk
from timeline.study.results import IncidenceGroup, Survived


@dataclass(frozen=True)
class Tally:
    """One kind of count at each day asked for, a row a group."""

    title: str
    counts: tuple[tuple[int, ...], ...]


def of_survival(groups: Sequence[Survived], days: Sequence[float], suppressed: bool) -> tuple[Tally, ...]:
    """Patients at risk just before each day, and those with the event and censored until and on it.

    Who left when is in no report that hides small numbers: there, patients at risk alone, as far as they may be shown.
    """
    if suppressed:
        return (_shown_at_risk(groups, days),)
    found = [[group.curve.at(day) for day in days] for group in groups]
    return (
        Tally("At risk", tuple(tuple(at.at_risk for at in row) for row in found)),
        Tally("Events", tuple(tuple(at.events for at in row) for row in found)),
        Tally("Censored", tuple(tuple(at.censored for at in row) for row in found)),
    )


def of_incidence(groups: Sequence[IncidenceGroup], days: Sequence[float], suppressed: bool) -> tuple[Tally, ...]:
    """The same, with those whom each cause took in place of the event."""
    if suppressed:
        return (_shown_at_risk(groups, days),)
    found = [[[cause.curve.at(day) for day in days] for cause in group.causes] for group in groups]
    causes = [cause.cause for cause in groups[0].causes]
    return (
        Tally("At risk", tuple(tuple(at.at_risk for at in group[0]) for group in found)),
        *(
            Tally(f"{cause[:1].upper()}{cause[1:]}", tuple(tuple(at.events for at in group[number]) for group in found))
            for number, cause in enumerate(causes)
        ),
        Tally("Censored", tuple(tuple(at.censored for at in group[0]) for group in found)),
    )


def _shown_at_risk(groups: Sequence[Survived] | Sequence[IncidenceGroup], days: Sequence[float]) -> Tally:
    curves = [group.curve if isinstance(group, Survived) else group.causes[0].curve for group in groups]
    rows = (tuple(at_risk(curve.time, curve.at_risk, day) for day in days) for curve in curves)
    return Tally("At risk", tuple(rows))
