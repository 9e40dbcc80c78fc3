"""The way from the patients of the log to a cohort, by the cohorts that it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timeline.study.results import AttritionStep, CohortResult


@dataclass(frozen=True)
class Stage:
    """The steps from the box before to the box of `label`, in which `n` patients are."""

    label: str
    n: int
    steps: tuple[AttritionStep, ...]


def stages(cohort: CohortResult, cohorts: Sequence[CohortResult]) -> list[Stage]:
    """A stage for each cohort on the way, itself last.

    Its first step may be that of being a member of another one: that one's stages then stand in its place.
    """
    steps, before = cohort.steps, list[Stage]()
    base = next((other for other in cohorts if steps and steps[0].label == f"from {other.name}"), None)
    if base is not None and base.n == steps[0].remaining:
        before, steps = stages(base, cohorts), steps[1:]
    return [*before, Stage(cohort.label or cohort.name, cohort.n, steps)]
