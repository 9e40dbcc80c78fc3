"""One result of a session as if a study had asked for it alone: what a figure and a report of it are drawn from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dsl import ir, program
from dsl.source import Source
from dsl.types import Date
from timeline.errors import QueryError
from timeline.study.results import AnalysisResult, CohortResult, StudyResult
from timeline.study.run import provenance

if TYPE_CHECKING:
    from timeline.study.session import Session

EVERYONE = "every patient"
"""The cohort behind a curve without one; no name of the language has a blank in it, so none can be taken already."""


def excerpt(session: Session, result: AnalysisResult, cohorts: tuple[CohortResult, ...] | None = None) -> StudyResult:
    """A result with where it comes from, and with its cohort where no `cohorts` are given."""
    if cohorts is None:
        name = result.name if isinstance(result, CohortResult) else getattr(result, "cohort", None)
        cohorts = () if name is None else (session.attrition(name),)
    study = session.study
    made = provenance(session.checked, str(session.log.path), session.snapshot)
    return StudyResult(study.title, study.references, made, cohorts, (result,), ())


def plotted(session: Session, name: str, cohort: str | None = None, by: str | None = None) -> StudyResult:
    """What a figure of a definition shows: the attrition of a cohort, or the estimate of an endpoint.

    An endpoint is estimated in everyone who has an origin where no cohort is named. Raises QueryError for what has no
    figure, TextError for a group that the language refuses.
    """
    found = session.definition(name)
    if isinstance(found, program.Cohort):
        return excerpt(session, session.attrition(name))
    if not isinstance(found, program.Endpoint):
        raise QueryError(f"`{name}` is no endpoint and no cohort.", hint="Only these have a figure.")
    if cohort is not None:
        asked = f"compare {name} in {cohort} by {by}" if by is not None else f"estimate {name} in {cohort}"
        return excerpt(session, session.ask(Source(asked, "<plot>")).analyses[0])
    has_origin = program.Requirement("has an origin", ir.IsKnown(ir.EndpointField(name, "origin", Date())))
    everyone = program.Cohort(EVERYONE, "Every patient with an origin", None, None, (has_origin,))
    estimate = program.Estimate(program.Subject(name, EVERYONE))
    study = replace(session.study, definitions=(*session.study.definitions, everyone))
    asking = study.asking([estimate])
    answered = session.answer(asking, [EVERYONE])
    return excerpt(session, answered.analyses[0], answered.cohorts)
