"""The counts of patients in a study's results, and the sums that tie them together for whoever reads the report.

Ties that a reader needs medical or other outside knowledge for are not among them: two endpoints that differ in the
deaths of three patients are two endpoints here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from timeline.report.axis import axis, last_day
from timeline.report.redaction.cells import Cell, Counts
from timeline.report.redaction.coarse import month_end
from timeline.study.results import (
    AnalysisResult,
    CohortResult,
    ComparisonResult,
    EstimateResult,
    IncidenceGroup,
    IncidenceResult,
    LeftOut,
    RegressionResult,
    StudyResult,
    Survived,
    TableResult,
    TableRow,
)
from timeline.survival import KaplanMeier, SurvivalAt
from timeline.survival.incidence import CumulativeIncidence, IncidenceAt

Groups = Sequence[Survived | IncidenceGroup]
Grouped = EstimateResult | ComparisonResult | IncidenceResult

LOG: Cell = ("log",)


def ties(result: StudyResult) -> Counts:
    """Every count that the report prints, and every one that follows from two of them."""
    counts = Counts()
    for cohort in result.cohorts:
        counts.add(("cohort", cohort.name), cohort.n)
    for cohort in result.cohorts:
        _attrition(counts, cohort, {item.name for item in result.cohorts})
    _group_sizes(counts, result.analyses)
    for number, analysis in enumerate(result.analyses):
        match analysis:
            case EstimateResult() | ComparisonResult() | IncidenceResult():
                _analysis(counts, analysis, number)
            case TableResult():
                _table(counts, analysis)
            case RegressionResult():
                _regression(counts, analysis, number)
            case _:
                pass
    return counts


def survived(result: Grouped) -> Groups:
    if isinstance(result, EstimateResult):
        return result.groups or ((result.group,) if result.group is not None else ())
    return result.groups


def landmark(result: Grouped) -> float | None:
    return None if isinstance(result, IncidenceResult) else result.landmark


# --- names of cells, which `redact` asks for


def remaining(cohort: CohortResult, step: int) -> Cell:
    return ("cohort", cohort.name) if step == len(cohort.steps) - 1 else ("remaining", cohort.name, step)


def size(result: Grouped | TableResult, label: str, n: int) -> Cell:
    """A group by what forms it: the same in every analysis, as long as it is as large."""
    return ("cohort", result.cohort, n) if result.by is None else ("group", result.cohort, result.by, label, n)


def of_group(result: Grouped, label: str, n: int, what: Cell, value: int) -> Cell:
    """A count within a group: the same wherever the same endpoint is looked at in the same patients.

    Two analyses that differ in their `where` may look alike and count differently, so the value is part of the name.
    """
    return (result.endpoint, landmark(result), size(result, label, n), what, value)


def left_out(number: int, place: int) -> Cell:
    return ("left out", number, place)


def level(table: TableResult, group: int, row: int, place: int) -> Cell:
    """A group's patients with a value; named by the table's own labels, so that another table of them is tied to it."""
    found = table.rows[row].levels[place]
    where = () if table.by is None else (table.by, table.groups[group])
    return ("level", table.cohort, *where, table.rows[row].label, found.name, found.counts[group])


def missing(table: TableResult, group: int, row: int) -> Cell:
    found = table.rows[row]
    return ("missing", table.cohort, table.by, table.groups[group], found.label, found.summaries[group].missing)


def reading_days(result: Grouped) -> tuple[float, ...]:
    """The days at which numbers at risk stand below the figure or in the table."""
    scale = axis(month_end(last_day(times(result))))
    asked = {at.day for group in survived(result) for at in _asked(group)}
    return tuple(sorted({*scale.days, *asked} - {0.0}))


def number_at_risk(group: Survived | IncidenceGroup, day: float) -> int:
    return _curves(group)[0].table.at_risk(day)


def is_delayed(group: Survived | IncidenceGroup) -> bool:
    """Whether some patients came under observation only after the origin, so that numbers at risk can rise."""
    return _curves(group)[0].table.delayed > 0


# --- sums


def _attrition(counts: Counts, cohort: CohortResult, names: set[str]) -> None:
    before = counts.add(LOG, cohort.considered)
    for number, step in enumerate(cohort.steps):
        after = counts.add(remaining(cohort, number), step.remaining)
        fell = counts.add(("fell", cohort.name, number), step.fell)
        counts.sum(before, after, fell)
        counts.sum(fell, counts.add(("unknown", cohort.name, number), step.unknown))
        if number == 0 and step.label.startswith("from "):
            _composed(counts, after, step.label.removeprefix("from ").split(), names)
        before = after


def _composed(counts: Counts, members: Cell, words: Sequence[str], names: set[str]) -> None:
    """`from a and not b` lies within a; `from (a or b)` holds both; what mixes the two is not shown at all."""
    named = [word.strip("()") for place, word in enumerate(words) if place == 0 or words[place - 1] != "not"]
    others = [("cohort", name) for name in named if name in names and ("cohort", name) != members]
    if "or" not in words:
        for other in others:
            counts.sum(other, members)
    elif "and" not in words and "not" not in words:
        for other in others:
            counts.sum(members, other)
    else:
        counts.unprinted.add(members)


def _group_sizes(counts: Counts, analyses: Iterable[AnalysisResult]) -> None:
    """A group as large as it ever is, with its smaller forms inside it; a group of its cohort's name is that cohort."""
    found: dict[tuple[str, str | None, str], list[tuple[Cell, int]]] = {}
    for item in analyses:
        match item:
            case TableResult():
                sizes = list(zip(item.groups, item.sizes, strict=True))
            case EstimateResult() | ComparisonResult() | IncidenceResult():
                sizes = [(group.label, group.n) for group in survived(item)]
            case _:
                continue
        for label, n in sizes:
            counts.add(size(item, label, n), n)
            found.setdefault((item.cohort, item.by, label), []).append((size(item, label, n), n))
    for (cohort, by, label), cells in found.items():
        largest, most = max(cells, key=lambda cell: cell[1])
        for cell, _ in cells:
            if cell != largest:
                counts.sum(largest, cell)
        for whole in (("cohort", cohort), *((("cohort", by),) if label == by else ())):
            if counts.values.get(whole, -1) >= most:
                counts.sum(whole, largest)


def _left_out(counts: Counts, items: Sequence[LeftOut], number: int) -> list[Cell]:
    return [counts.add(left_out(number, place), len(item.patients)) for place, item in enumerate(items)]


def _analysis(counts: Counts, result: Grouped, number: int) -> None:
    groups = survived(result)
    cohort: Cell = ("cohort", result.cohort)
    sizes = [size(result, group.label, group.n) for group in groups]
    out = _left_out(counts, result.left_out, number)
    if cohort in counts.values and counts.values[cohort] >= sum(counts.values[cell] for cell in (*sizes, *out)):
        counts.sum(cohort, *sizes, *out)
    within = [_within(counts, result, group, n) for group, n in zip(groups, sizes, strict=True)]
    if result.by is not None:
        _over_groups(counts, result, sum(group.n for group in groups), within)


def _within(counts: Counts, result: Grouped, group: Survived | IncidenceGroup, n: Cell) -> dict[Cell, Cell]:
    """What is told of one group, by what it is."""
    found: dict[Cell, Cell] = {}

    def cell(what: Cell, value: int) -> Cell:
        found[what] = counts.add(of_group(result, group.label, group.n, what, value), value)
        return found[what]

    counts.sum(n, cell("imputed", group.imputed))
    counts.sum(n, cell("entered late", _curves(group)[0].table.delayed))
    censored = cell("censored", group.censored)
    if isinstance(group, Survived):
        counts.sum(n, cell("events", group.events), censored)
        reasons = [cell(("reason", item.reason), item.patients) for item in group.reasons if item.outcome == 0]
        if sum(counts.values[reason] for reason in reasons) <= group.censored:
            counts.sum(censored, *reasons)
    else:
        counts.sum(n, censored, *(cell(("cause", cause.cause), cause.events) for cause in group.causes))
    before = n
    for day in reading_days(result):
        now = cell(("at risk", day), number_at_risk(group, day))
        if is_delayed(group):
            counts.unprinted.add(now)
        else:
            counts.sum(before, now)
            before = now
    return found


def _over_groups(counts: Counts, result: Grouped, n: int, within: Sequence[dict[Cell, Cell]]) -> None:
    """Groups add up to the same endpoint in all of them, which another analysis may print."""
    for what in dict.fromkeys(what for cells in within for what in cells):
        parts = [cells[what] for cells in within if what in cells]
        total = sum(counts.values[part] for part in parts)
        whole: Cell = (result.endpoint, landmark(result), ("cohort", result.cohort, n), what, total)
        counts.sum(counts.add(whole, total, printed=False), *parts)


def _table(counts: Counts, table: TableResult) -> None:
    sizes = [size(table, group, n) for group, n in zip(table.groups, table.sizes, strict=True)]
    cohort: Cell = ("cohort", table.cohort)
    if counts.values.get(cohort, -1) >= sum(table.sizes):
        counts.sum(cohort, *sizes)
    for number, row in enumerate(table.rows):
        for group, n in enumerate(sizes):
            if row.levels:
                cells = [counts.add(level(table, group, number, i), row.levels[i].counts[group]) for i in _places(row)]
                counts.sum(n, *cells)
            else:
                counts.sum(n, counts.add(missing(table, group, number), row.summaries[group].missing))
        if table.by is not None:
            _level_totals(counts, table, number)


def _level_totals(counts: Counts, table: TableResult, number: int) -> None:
    row = table.rows[number]
    for place in _places(row):
        total = sum(row.levels[place].counts)
        whole: Cell = ("level", table.cohort, row.label, row.levels[place].name, total)
        counts.add(whole, total, printed=False)
        counts.sum(whole, *(level(table, group, number, place) for group in range(len(table.groups))))


def _places(row: TableRow) -> range:
    return range(len(row.levels))


def _regression(counts: Counts, result: RegressionResult, number: int) -> None:
    n = counts.add(("regression", number, "n"), result.n)
    cohort: Cell = ("cohort", result.cohort)
    out = _left_out(counts, result.left_out, number)
    if counts.values.get(cohort, -1) >= result.n + sum(counts.values[cell] for cell in out):
        counts.sum(cohort, n, *out)
    counts.sum(n, counts.add(("regression", number, "events"), result.events))
    covariates: dict[str, list[Cell]] = {}
    for place, effect in enumerate(result.effects):
        if effect.n is not None:
            cell = counts.add(("regression", number, "effect", place), effect.n)
            covariates.setdefault(effect.covariate, []).append(cell)
    for cells in covariates.values():
        if sum(counts.values[cell] for cell in cells) <= result.n:
            counts.sum(n, *cells)


def _curves(group: Survived | IncidenceGroup) -> list[KaplanMeier] | list[CumulativeIncidence]:
    return [group.curve] if isinstance(group, Survived) else [cause.curve for cause in group.causes]


def _asked(group: Survived | IncidenceGroup) -> Iterable[SurvivalAt | IncidenceAt]:
    if isinstance(group, Survived):
        return group.survival
    return [at for cause in group.causes for at in cause.incidence]


def times(result: Grouped) -> list[npt.NDArray[np.int64]]:
    """The days of every curve of an analysis."""
    return [curve.time for group in survived(result) for curve in _curves(group)]
