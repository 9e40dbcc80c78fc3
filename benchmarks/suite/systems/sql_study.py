"""W4 and W8 in SQL by hand: a table of patients, and from it small tables that lifelines estimates from."""

from __future__ import annotations

from typing import Any

from benchmarks.suite.data import EVENTS, Place, connect
from benchmarks.suite.outputs import workload
from benchmarks.suite.systems import estimates
from benchmarks.suite.systems.figures import SUMMARY, Figure, as_rows
from benchmarks.suite.systems.m1 import ANALYSES, CONDITIONS, GRADES, LEVELS, NUMBERS, Analysis, attrition, members

READ = tuple(event for event in EVENTS if event not in ("imaging", "end_of_treatment"))

_COLUMNS = {
    "treated": "rt IS NOT NULL",
    "registered": "registered IS NOT NULL",
    "adult": "age_registered >= 18",
    "six_cycles": "coalesce(cycles, 0) = 6",
    "relapsed": "relapse IS NOT NULL",
    "cleared_again": "again IS NOT NULL",
    "alive": "NOT dead",
}
"""Conditions that are no column of the table."""


def run(place: Place, changed: bool) -> Any:
    grades = ", ".join(f"'{grade}'" for grade in GRADES[changed])
    with connect(place.store, (*READ, "patients")) as connection:
        connection.execute(workload("w4.sql").read_text(encoding="utf-8").replace("{grades}", f"({grades})"))
        shown = ", ".join(_condition(name) for name in CONDITIONS)
        combinations = connection.execute(f"SELECT {shown}, count(*) FROM patients GROUP BY ALL").fetchall()
        figures = _table(connection)
        for analysis in ANALYSES:
            figures += estimates.estimate(analysis, _groups(connection, analysis))
    return {"attrition": attrition(combinations), "figures": as_rows(figures)}


def _condition(name: str) -> str:
    return _COLUMNS.get(name, name)


def _groups(connection: Any, analysis: Analysis) -> dict[str, estimates.Group]:
    time, cause, by = f"{analysis.time}_time", f"{analysis.time}_cause", analysis.by or "true"
    conditions = " AND ".join([*map(_condition, members(analysis.cohort)), f"{time} IS NOT NULL", f"{by} IS NOT NULL"])
    query = f"SELECT {by} AS label, {time}, {cause}, count(*) AS n FROM patients WHERE {conditions} GROUP BY ALL"
    found = connection.execute(query).fetchnumpy()
    groups = {}
    for value in (True, False) if analysis.by else (True,):
        rows = found["label"] == value
        columns = (found[name][rows] for name in (time, cause, "n"))
        groups[f"{'' if value else 'not '}{analysis.by}"] = tuple(columns)
    return groups


def _table(connection: Any) -> list[Figure]:
    parts = "count({0}), count(*) - count({0}), avg({0}), stddev_samp({0}), min({0}), quantile_cont({0}, 0.25), "
    parts += "median({0}), quantile_cont({0}, 0.75), max({0})"
    shown = ", ".join(parts.format(column) for column in NUMBERS.values())
    [(number, *values)] = connection.execute(f"SELECT count(*), {shown} FROM patients WHERE enrolled").fetchall()
    found: list[Figure] = [("table: n", number)]
    names = [f"table, {label}: {part}" for label in NUMBERS for part in SUMMARY]
    found += zip(names, values, strict=True)
    for label, column in LEVELS.items():
        query = f"SELECT coalesce({column}, 'missing'), count(*) FROM patients WHERE enrolled GROUP BY ALL"
        found += ((f"table, {label}: {level}", count) for level, count in connection.execute(query).fetchall())
    return found
