"""Draws any result of a study as its figure, with a title and with what it was computed from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from timeline.report import shown, words
from timeline.report.figures import attrition, forest, incidence, states, survival, swimmer
from timeline.report.figures.sheet import Page
from timeline.study.results import (
    AnalysisResult,
    CohortResult,
    ComparisonResult,
    EstimateResult,
    IncidenceResult,
    RegressionResult,
    StatesResult,
    StudyResult,
    SwimmerResult,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(result: AnalysisResult, study: StudyResult, page: Page, as_forest: bool = False) -> Figure:
    """The figure of a result; of a comparison its curves, or with `as_forest` its hazard ratios.

    Raises StudyError where there is nothing to draw, and TypeError for a result that is no figure.
    """
    if study.suppressed_below is not None:
        hidden = shown.suppression_in_figure(study.suppressed_below)
        page = replace(page, notes=(hidden, *page.notes), suppressed=True)
    match result:
        case ComparisonResult() if as_forest:
            return forest.draw(result, page)
        case EstimateResult() | ComparisonResult():
            return survival.draw(result, page)
        case IncidenceResult():
            return incidence.draw(result, page)
        case RegressionResult():
            return forest.draw(result, page)
        case StatesResult():
            return states.draw(result, page)
        case SwimmerResult():
            return swimmer.draw(result, page)
        case CohortResult():
            return attrition.draw(result, study.cohorts, page)
    raise TypeError(f"a {type(result).__name__} has no figure")


def title(result: AnalysisResult, study: StudyResult) -> str:
    """What a figure is called where nobody gave it a title: what the study calls it, and what it shows of whom."""
    match result:
        case CohortResult():
            said = result.label or result.name
        case SwimmerResult(cohort=cohort):
            said = _cohort(cohort, study)
        case EstimateResult() | ComparisonResult() | IncidenceResult() | RegressionResult() | StatesResult():
            said = f"{result.endpoint_label or result.endpoint}: {_cohort(result.cohort, study)}"
            said += f" where {result.where}" if result.where else ""
            landmark = getattr(result, "landmark", None)
            said += "" if landmark is None else f", alive and at risk {words.span(landmark)} after the origin"
        case _:
            raise TypeError(f"a {type(result).__name__} has no figure")
    return f"{result.title}. {said}" if result.title else said


def _cohort(name: str, study: StudyResult) -> str:
    return next((cohort.label for cohort in study.cohorts if cohort.name == name and cohort.label), name)


def source(study: StudyResult) -> str:
    """What a study's figures were computed from, for the metadata of their files."""
    made = study.provenance
    return (
        f"{study.title or made.query}; query sha256 {made.query_hash}; log position {made.position}, head {made.head}; "
        f"catamnesis {made.version}"
    )
