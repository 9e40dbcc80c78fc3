"""Tables of a cohort's characteristics: counts and summaries by group, and on request how well the groups balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dsl import ir, program
from dsl.sql import Compiled, tables
from dsl.sql.analyses import group_labels
from dsl.sql.models import is_number
from dsl.types import Age, Boolean, Date, Duration
from timeline.study import balance
from timeline.study.results import BalanceTest, Level, NumberSummary, TableResult, TableRow

if TYPE_CHECKING:
    from timeline.engine.base import Engine

UNKNOWN = "unknown"
"""The column of those whose group is not known: shown, and in no test."""


def table(analysis: program.Table, compiled: Compiled, engine: Engine) -> TableResult:
    sizes: dict[str | None, int] = {}
    for row in engine.query(tables.group_sizes(compiled, analysis)).to_pylist():
        sizes[row["group"]] = row["patients"]
    groups = [group for group in sizes if group is not None]
    if analysis.group is not None and isinstance(analysis.group.value.type, Boolean):
        groups = [label for label in group_labels(analysis.group) if label in sizes]
    columns: list[str | None] = [*groups, *([None] if None in sizes else [])]
    rows = tuple(_row(analysis, shown, columns, compiled, engine) for shown in analysis.shown)
    missing = UNKNOWN if analysis.group is not None else "all"
    return TableResult(
        analysis.cohort,
        analysis.group.words if analysis.group else None,
        tuple(missing if group is None else group for group in columns),
        tuple(sizes[group] for group in columns),
        rows,
        analysis.extras,
    )


def _row(
    analysis: program.Table, shown: program.Shown, columns: Sequence[str | None], compiled: Compiled, engine: Engine
) -> TableRow:
    known = [place for place, group in enumerate(columns) if group is not None]
    if is_number(shown.value):
        type_ = shown.value.type
        unit = {Duration: "days", Age: "years"}.get(type(type_), getattr(type_, "unit", None) or "")
        found = {
            row.pop("group"): NumberSummary(**row)
            for row in engine.query(tables.summary(compiled, analysis, shown)).to_pylist()
        }
        summaries = tuple(found[group] for group in columns)
        compared = [summaries[place] for place in known]
        test: BalanceTest | None = None
        if "tests" in analysis.extras:
            counts = engine.query(tables.values(compiled, analysis, shown)).to_pylist()
            test = balance.rank_test([_values(counts, columns[place]) for place in known])
        elif "mean_tests" in analysis.extras:
            test = balance.mean_test(compared)
        difference = balance.difference_of_means(compared) if "smd" in analysis.extras else None
        return TableRow(shown.label, unit, summaries=summaries, difference=difference, test=test)
    by_level: dict[str | None, dict[str | None, int]] = {}
    for row in engine.query(tables.levels(compiled, analysis, shown)).to_pylist():
        by_level.setdefault(row["level"], {})[row["group"]] = row["patients"]
    levels = tuple(
        Level(name, tuple(by_level.get(name, {}).get(group, 0) for group in columns))
        for name in _level_order(shown.value, by_level)
    )
    cross = [[level.counts[place] for place in known] for level in levels if level.name is not None]
    test = balance.count_test(cross) if {"tests", "mean_tests"} & set(analysis.extras) else None
    difference = balance.difference_of_shares(cross) if "smd" in analysis.extras else None
    return TableRow(shown.label, "", levels=levels, difference=difference, test=test)


def _values(counts: Sequence[dict[str, Any]], group: str | None) -> list[tuple[float, int]]:
    return [(row["value"], row["patients"]) for row in counts if row["group"] == group]


def _level_order(value: ir.Value, counts: dict[str | None, dict[str | None, int]]) -> list[str | None]:
    """Declared order for codes, calendar order for dates, most frequent first for text; missing values last."""
    known = [name for name in counts if name is not None]
    codes = getattr(value.type, "codes", ())
    if codes:
        ordered = [code for code in codes if code in counts]
    elif isinstance(value.type, Date):
        ordered = sorted(known)
    elif isinstance(value.type, Boolean):
        ordered = sorted(known, reverse=True)
    else:
        ordered = sorted(known, key=lambda name: (-sum(counts[name].values()), name))
    return [*ordered, *([None] if None in counts else [])]
