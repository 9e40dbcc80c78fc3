"""Sections of the report: Tables of characteristics, lanes of patients, attrition, and what failed."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.words import plain
from timeline.report import shown, words
from timeline.report.axis import axis
from timeline.report.html import other_charts, patient
from timeline.report.html.flow import flow
from timeline.report.html.parts import Figure, Grid, Section
from timeline.report.html.sections import Setting, section, titled
from timeline.study.results import (
    CohortResult,
    FailedResult,
    SwimmerResult,
    TableResult,
    TableRow,
    WithheldResult,
)


@section.register
def _(result: TableResult, setting: Setting) -> Section:
    by = f" by {result.by}" if result.by else ""
    heads = [f"{group} (n = {shown.count(size)})" for group, size in zip(result.groups, result.sizes, strict=True)]
    extras = [name for name, wanted in (("SMD", "smd"), ("p", "tests"), ("test", "tests")) if _wanted(result, wanted)]
    rows = [cells for row in result.rows for cells in _table_rows(row, result.sizes, extras)]
    size = sum(result.sizes) if shown.HIDDEN not in result.sizes else shown.HIDDEN
    headline = f"{shown.patients(size)}, {len(result.rows)} characteristic{'' if len(result.rows) == 1 else 's'}."
    grid = Grid(
        f"Characteristics of {result.cohort}{by}", ("characteristic", *heads, *extras), tuple(rows), left=("test",)
    )
    return Section(
        titled(result.title, f"characteristics of {result.cohort}{by}")
        if result.title
        else f"Characteristics of {result.cohort}{by}",
        headline,
        grids=(grid,),
    )


def _wanted(result: TableResult, extra: str) -> bool:
    return any(extra in name for name in result.extras)


def _table_rows(row: TableRow, sizes: tuple[int, ...], extras: Sequence[str]) -> list[tuple[str, ...]]:
    told = {
        "SMD": "" if row.difference is None else f"{row.difference:.2f}",
        "p": "" if row.test is None else words.p_value(row.test.p_value),
        "test": "" if row.test is None else row.test.name,
    }
    more = [told[name] for name in extras]
    if not row.summaries:
        counted = [
            (
                f"\u2003{'missing' if level.name is None else level.name}",
                *(shown.share(count, size) for count, size in zip(level.counts, sizes, strict=True)),
            )
            for level in row.levels
        ]
        return [(row.label, *("" for _ in sizes), *more), *counted]
    unit = f", {row.unit}" if row.unit else ""
    found = row.summaries
    lines = [(f"{row.label}{unit}", *("" for _ in sizes), *more)]
    lines.append(("\u2003median (IQR)", *(_centre(item.median, item.q1, item.q3) for item in found)))
    if any(item.min is None or item.min == item.min for item in found):
        lines.append(("\u2003range", *(_between(item.min, item.max) for item in found)))
    lines.append(("\u2003mean (SD)", *(_mean(item.mean, item.sd) for item in found)))
    if any(item.missing for item in found):
        counts = (shown.share(item.missing, size) for item, size in zip(found, sizes, strict=True))
        lines.append(("\u2003missing", *counts))
    return lines


def _centre(median: float | None, low: float | None, high: float | None) -> str:
    if median is None:
        return "-"
    between = f" ({_between(low, high)})" if low is not None and low == low else ""
    return f"{shown.number(median)}{between}"


def _between(low: float | None, high: float | None) -> str:
    return "-" if low is None else f"{shown.number(low)} to {shown.number(high)}"


def _mean(mean: float | None, sd: float | None) -> str:
    if mean is None or mean != mean:
        return shown.number(mean)
    return shown.number(mean) + ("" if sd is None else f" ({shown.number(sd)})")


@section.register
def _(result: SwimmerResult, setting: Setting) -> Section:
    title = titled(result.title, f"Swimmer plot: {result.cohort}")
    counts = tuple(
        (plain(lane), shown.count(_with(result, lane)), shown.count(_events(result, lane))) for lane in result.lanes
    )
    without = (
        [f"{shown.patients(result.without_day)} without {result.aligned} have no lane."] if result.without_day else []
    )
    if setting.patients is None:
        told = "Lanes of single patients are drawn only with `--patients`, numbered anew and without names."
        grid = Grid("Events that the lanes would show", ("event", "patients with it", "events"), counts)
        size = f"{shown.patients(len(result.rows))} with any of these events."
        return Section(title, size, (), (grid,), (told, *without))
    scale = axis(max((other_charts.reach(row)[1] for row in result.rows), default=0))
    live, still = other_charts.lanes(result.rows, result.lanes, result.phases, scale)
    longest = other_charts.MOST_LANES
    over = len(result.rows) - longest
    left = [f"Drawn are the {longest} longest histories; {over} shorter ones are left out."] if over > 0 else []
    told = ", ".join(f"{events} {lane} in {patients} of them" for lane, patients, events in counts)
    headline = f"{shown.patients(len(result.rows))}, day 0 is {result.aligned}; {told}."
    figure = Figure(live, still, f"Swimmer plot. {title}. {headline}", "A lane a patient, the longest history first.")
    one = patient.timelines(result.rows[:longest], setting.patients, result.phases, scale)
    return Section(title, headline, (figure, one) if one else (figure,), (), (*left, *without))


def _with(result: SwimmerResult, lane: str) -> int:
    return sum(any(event.event == lane for event in row.events) for row in result.rows)


def _events(result: SwimmerResult, lane: str) -> int:
    return sum(event.event == lane for row in result.rows for event in row.events)


@section.register
def _(result: CohortResult, setting: Setting) -> Section:
    grid = attrition(result)
    headline = f"{shown.patients(result.n)} of {shown.count(result.considered)} in the log."
    live, still = flow(result, setting.cohorts)
    said = "; ".join(f"{step.label}: {shown.count(step.remaining)} remain" for step in result.steps)
    told = f"Flow of patients. {grid.caption}. {headline} {said}."
    figure = Figure(live, still, told, "Who stayed, and who left at a step.")
    return Section(grid.caption, headline, (figure,), (grid,))


def attrition(result: CohortResult) -> Grid:
    """At each step of a cohort who stayed, and who left."""
    title = titled(result.title, f"{result.name}: {result.label}" if result.label else result.name)
    unknown = any(step.unknown for step in result.steps)
    rows = [("patients in the log", shown.count(result.considered), *("",) * (1 + unknown))]
    for step in result.steps:
        counts = (step.remaining, step.fell, *((step.unknown,) if unknown else ()))
        rows.append((step.label, *map(shown.count, counts)))
    return Grid(title, ("requirement", "remain", "fell", *(("of these unknown",) if unknown else ())), tuple(rows))


@section.register
def _(result: WithheldResult, setting: Setting) -> Section:
    return Section(titled(result.title, result.analysis), shown.WITHHELD)


@section.register
def _(result: FailedResult, setting: Setting) -> Section:
    hint = (result.hint,) if result.hint else ()
    return Section(result.analysis, f"This analysis could not be done: {result.message}", notes=(result.place, *hint))
