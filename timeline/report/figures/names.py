"""Which figures a study has, what they are called, and which one a person means.

A figure is called as the analysis is written, without its times and acknowledgements: `compare os in enrolled by
radical`. Finding it needs no store. How it is drawn is left to `drawing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsl import program
from dsl.diagnostics import nearest
from dsl.words import span
from timeline.errors import QueryError

PATIENT = "patient"
"""The figure of one patient's history, which every store has."""


@dataclass(frozen=True)
class FigureName:
    """`analysis` is what has to be run for it; None for attrition, which every run has."""

    name: str
    kind: str
    """`survival`, `incidence`, `forest`, `swimmer` or `attrition`."""
    analysis: program.Analysis | None
    endpoint: str = ""
    cohort: str = ""


KINDS = {
    "survival": "Kaplan-Meier curves with numbers at risk",
    "incidence": "cumulative incidence",
    "forest": "forest plot of hazard ratios",
    "swimmer": "swimmer plot",
    "attrition": "attrition flow",
}


def figure_names(study: program.Program) -> list[FigureName]:
    """The figures of a study in its order, then the attrition of each of its cohorts; no name is there twice."""
    found: dict[str, FigureName] = {}
    for analysis in study.analyses:
        for figure in _of(analysis):
            found.setdefault(figure.name, figure)
    for item in study.definitions:
        if isinstance(item, program.Cohort):
            name = f"attrition {item.name}"
            found.setdefault(name, FigureName(name, "attrition", None, cohort=item.name))
    return list(found.values())


def _of(analysis: program.Analysis) -> list[FigureName]:
    match analysis:
        case program.Estimate(subject=subject):
            return [_figure("estimate", "survival", analysis, subject)]
        case program.Comparison(subject=subject, group=group, landmark=landmark):
            by = f" by {group.words}"
            if landmark is not None:
                by += f" landmark {span(landmark)}"
            curves = _figure("compare", "survival", analysis, subject, by)
            return [curves, _figure("hazard_ratios", "forest", analysis, subject, by)]
        case program.Incidence(subject=subject, group=group):
            by = f" by {group.words}" if group is not None else ""
            return [_figure("incidence", "incidence", analysis, subject, by)]
        case program.Swimmer(cohort=cohort):
            return [FigureName(f"swimmer {cohort}", "swimmer", analysis, cohort=cohort)]
    return []


def _figure(word: str, kind: str, analysis: program.Analysis, subject: program.Subject, more: str = "") -> FigureName:
    name = f"{word} {subject.endpoint} in {subject.cohort}{more}"
    return FigureName(name, kind, analysis, subject.endpoint, subject.cohort)


def find(figures: Sequence[FigureName], asked: str, file: str) -> FigureName:
    """The figure that is meant: by its number in the list, its name, its name without the first word, or words that
    stand in no other name; the hazard ratios of a comparison only where they are asked for.

    Raises QueryError, with the figures that come near, where it is none or more than one.
    """
    words = asked.split()
    if asked.isdecimal() and 1 <= int(asked) <= len(figures):
        return figures[int(asked) - 1]
    for shortened in (0, 1):
        exact = [figure for figure in figures if figure.name.split()[shortened:] == words]
        if exact:
            return exact[0]
    having = [figure for figure in figures if words and set(words) <= set(figure.name.split())]
    if len(having) > 1:
        having = [
            figure for figure in having if figure.kind != "forest"
        ] or having  # the curves stand before the ratios
    if len(having) == 1:
        return having[0]
    if having:
        raise QueryError(f"error: `{asked}` may mean {len(having)} figures of {file}.", hint=_choice(having))
    close = nearest(asked, [figure.name for figure in figures])
    near = [figure for figure in figures if figure.name == close] or _sharing(figures, words)
    if near:
        raise QueryError(f"error: {file} has no figure `{asked}`.", hint=f"Did you mean this?\n{_choice(near)}")
    raise QueryError(f"error: {file} has no figure `{asked}`.", hint=f"It has these:\n{_choice(figures)}")


def _sharing(figures: Sequence[FigureName], words: Sequence[str]) -> list[FigureName]:
    """The figures whose names share most words with what was asked, misspelt ones read as the nearest there are."""
    known = sorted({word for figure in figures for word in figure.name.split()})
    meant = {nearest(word, known) or word for word in words}
    shared = [len(meant & set(figure.name.split())) for figure in figures]
    most = max(shared, default=0)
    return [figure for figure, number in zip(figures, shared, strict=True) if number == most and most]


def _choice(figures: Sequence[FigureName]) -> str:
    return "\n".join(f"  {figure.name}" for figure in figures)
