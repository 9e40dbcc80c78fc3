"""Which figures a study has, what they are called, and which one a person means.

A figure is called what the study titles it, and as the analysis is written, without its times and acknowledgements:
`compare os in enrolled by radical`. Finding it needs no store. How it is drawn is left to `drawing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dsl import program
from dsl.diagnostics import nearest
from dsl.ir import CalendarSpan
from dsl.words import span
from timeline.errors import QueryError

PATIENT = "patient"
"""The figure of one patient's history, which every store has."""


@dataclass(frozen=True)
class FigureName:
    """`analysis` is what has to be run for it; None for attrition that no analysis asks for: every run has it."""

    name: str
    kind: str
    """A key of KINDS."""
    analysis: program.Analysis | None
    cohort: str
    title: str = ""
    """What the study calls it; empty where it does not say."""


KINDS = {
    "survival": "Kaplan-Meier curves with numbers at risk",
    "incidence": "cumulative incidence",
    "forest": "forest plot of hazard ratios",
    "states": "share of patients in each state",
    "swimmer": "swimmer plot",
    "attrition": "attrition flow",
}


def figure_names(study: program.Program) -> list[FigureName]:
    """The figures of a study in its order, then the attrition of each of the other cohorts; no name is there twice."""
    found: dict[str, FigureName] = {}
    for analysis in study.analyses:
        for figure in _of(analysis):
            found.setdefault(figure.name, figure)
    for item in study.definitions:
        if isinstance(item, program.Cohort):
            name = f"attrition {item.name}"
            found.setdefault(name, FigureName(name, "attrition", None, item.name))
    return list(found.values())


def _of(analysis: program.Analysis) -> list[FigureName]:
    match analysis:
        case program.Estimate():
            return [_figure("estimate", "survival", analysis, _groups(analysis))]
        case program.Comparison():
            ratios = replace(_figure("hazard_ratios", "forest", analysis, _groups(analysis)), title="")
            return [_figure("compare", "survival", analysis, _groups(analysis)), ratios]
        case program.Regression(model=model, covariates=covariates):
            on = f" on {', '.join(covariate.label for covariate in covariates)}"
            return [_figure(model, "forest", analysis, on + _landmark(analysis.landmark))]
        case program.Incidence(group=group):
            return [_figure("incidence", "incidence", analysis, f" by {group.words}" if group is not None else "")]
        case program.States(group=group):
            return [_figure("states", "states", analysis, f" by {group.words}" if group is not None else "")]
        case program.Swimmer(cohort=cohort, phases=phases, title=title):
            along = f" along {phases.subject.endpoint}" if phases is not None else ""
            return [FigureName(f"swimmer {cohort}{along}", "swimmer", analysis, cohort, title)]
        case program.Attrition(cohort=cohort, title=title):
            return [FigureName(f"attrition {cohort}", "attrition", analysis, cohort, title)]
    return []


_OfEndpoint = program.Estimate | program.Comparison | program.Regression | program.Incidence | program.States


def _figure(word: str, kind: str, analysis: _OfEndpoint, more: str = "") -> FigureName:
    subject = analysis.subject
    where = f" where {subject.where_words}" if subject.where_words else ""
    name = f"{word} {subject.endpoint} in {subject.cohort}{where}{more}"
    return FigureName(name, kind, analysis, subject.cohort, analysis.title)


def _groups(analysis: program.Estimate | program.Comparison) -> str:
    by = f" by {analysis.group.words}" if analysis.group is not None else ""
    return by + _landmark(analysis.landmark)


def _landmark(after: CalendarSpan | None) -> str:
    return f" landmark {span(after)}" if after is not None else ""


def find(figures: Sequence[FigureName], asked: str, file: str) -> FigureName:
    """The figure that is meant: by its number in the list, its title, its name, its name without the first word, or
    words that stand in no other name; the hazard ratios of a comparison only where they are asked for.

    Raises QueryError, with the figures that come near, where it is none or more than one.
    """
    words = asked.split()
    if asked.isdecimal() and 1 <= int(asked) <= len(figures):
        return figures[int(asked) - 1]
    titled = [figure for figure in figures if figure.title and figure.title.casefold() == asked.casefold()]
    if titled:
        return titled[0]
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
    close = nearest(asked, [name for figure in figures for name in (figure.name, figure.title) if name])
    near = [figure for figure in figures if close in (figure.name, figure.title)] or _sharing(figures, words)
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
    return "\n".join(f"  {figure.name}" + (f" ({figure.title})" if figure.title else "") for figure in figures)
