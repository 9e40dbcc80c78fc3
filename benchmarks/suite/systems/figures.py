"""The figures of a study's results by name: what W4 and W8 compare.

Names are `os in enrolled, radical: median`; a value that is not there, such as a median not reached, is None.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from timeline.study.results import StudyResult

Figure = tuple[str, float | None]

SUMMARY = ("known", "missing", "mean", "sd", "min", "q1", "median", "q3", "max")


def figures(result: StudyResult) -> list[dict[str, Any]]:
    from timeline.study.results import ComparisonResult, EstimateResult, IncidenceResult, TableResult

    found: list[Figure] = []
    for analysis in result.analyses:
        match analysis:
            case TableResult():
                found += _table(analysis)
            case EstimateResult():
                found += _groups(f"{analysis.endpoint} in {analysis.cohort}", analysis.groups)
            case ComparisonResult():
                name = f"{analysis.endpoint} in {analysis.cohort} by {analysis.by}"
                found += _groups(name, analysis.groups)
                assert analysis.test is not None, analysis.note
                found += [(f"{name}: chi-square", analysis.test.statistic), (f"{name}: p", analysis.test.p_value)]
            case IncidenceResult():
                found += _incidence(analysis)
            case _:
                raise AssertionError(analysis)
    return as_rows(found)


def as_rows(found: list[Figure]) -> list[dict[str, Any]]:
    return [{"name": name, "value": None if value is None else float(value)} for name, value in found]


def _table(table: Any) -> Iterator[Figure]:
    yield "table: n", table.sizes[0]
    for row in table.rows:
        for summary in row.summaries:
            yield from ((f"table, {row.label}: {part}", getattr(summary, part)) for part in SUMMARY)
        for level in row.levels:
            yield f"table, {row.label}: {level.name or 'missing'}", level.counts[0]


def _groups(name: str, groups: Any) -> Iterator[Figure]:
    for group in groups:
        label = f"{name}, {group.label}" if len(groups) > 1 else name
        yield f"{label}: n", group.n
        yield f"{label}: events", group.events
        yield f"{label}: median", group.median.time
        yield from ((f"{label}: at {at.day:g} days", at.survival) for at in group.survival)


def _incidence(analysis: Any) -> Iterator[Figure]:
    [group] = analysis.groups
    name = f"{analysis.endpoint} in {analysis.cohort}"
    yield f"{name}: n", group.n
    for cause in group.causes:
        yield f"{name}, {cause.cause}: events", cause.events
        yield from ((f"{name}, {cause.cause}: at {at.day:g} days", at.incidence) for at in cause.incidence)
