"""The attrition of a cohort: who fell at each step, and for whom the step was not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsl import ir, program
from dsl.sql import Compiled, analyses
from timeline.study.results import AttritionStep, CohortResult

if TYPE_CHECKING:
    from timeline.engine.base import Engine


def attritions(
    compiled: Compiled, engine: Engine, cohorts: Sequence[program.Cohort], considered: int | None = None
) -> dict[str, CohortResult]:
    """By name: how many of the patients in the log remained at each step of a cohort, from the rows that the engine
    holds.

    `considered` is how many patients there are, where not all have a row: the others lack what the first step of every
    cohort asks for.
    """
    if not cohorts:
        return {}
    counted: dict[str, dict[int, tuple[int, int]]] = {cohort.name: {} for cohort in cohorts}
    for row in engine.query(analyses.attrition(compiled, list(counted))).to_pylist():
        counts = counted[row["cohort"]]
        fell, unknown = counts.get(row["step"], (0, 0))
        counts[row["step"]] = (fell + row["patients"], unknown + (row["patients"] if row["unknown"] else 0))
    for counts in counted.values():
        if considered is not None:
            fell, unknown = counts.get(1, (0, 0))
            counts[1] = (fell + considered - sum(patients for patients, _ in counts.values()), unknown)
    return {cohort.name: _attrition(cohort, counted[cohort.name]) for cohort in cohorts}


def _attrition(cohort: program.Cohort, counts: dict[int, tuple[int, int]]) -> CohortResult:
    """`counts` gives, for each step at which patients fell (0: members), how many, and of how many it was unknown."""
    considered = remaining = sum(fell for fell, _ in counts.values())
    asked = [(f"from {cohort_words(cohort.base)}", False)] if cohort.base is not None else []
    asked += [("has an index date", False)] if cohort.index is not None else []
    asked += [(requirement.label, requirement.excluding) for requirement in cohort.requirements]
    steps = []
    for number, (label, excluding) in enumerate(asked, 1):
        fell, unknown = counts.get(number, (0, 0))
        remaining -= fell
        steps.append(AttritionStep(label, remaining, fell, unknown, excluding))
    return CohortResult(cohort.name, cohort.label, considered, tuple(steps), remaining)


def cohort_words(base: ir.Value) -> str:
    """The composition of a cohort in words: `enrolled and not withdrawn`."""
    match base:
        case ir.CohortRef(name=name) | ir.LetRef(name=name):
            return name
        case ir.Not(operand=operand):
            return f"not {cohort_words(operand)}"
        case ir.And(operands=operands):
            return " and ".join(cohort_words(operand) for operand in operands)
        case ir.Or(operands=operands):
            return "(" + " or ".join(cohort_words(operand) for operand in operands) + ")"
    return "a condition"
