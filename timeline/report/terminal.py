"""A study's results on a terminal. Reads results; computes nothing but shares and units for display."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from timeline.report import shown
from timeline.report.estimates import print_comparison, print_estimate, print_incidence
from timeline.report.fitting import print_fitting
from timeline.report.layout import grid, heading, note, titled
from timeline.report.models import print_regression, print_states
from timeline.report.shown import HIDDEN
from timeline.report.tables import print_table
from timeline.report.words import one_line
from timeline.study.results import (
    AnalysisResult,
    CohortResult,
    ComparisonResult,
    EstimateResult,
    ExpectationResult,
    FailedResult,
    HygieneCount,
    IncidenceResult,
    RegressionResult,
    StatesResult,
    StudyResult,
    SwimmerResult,
    TableResult,
    WithheldResult,
)


def print_study(result: StudyResult, console: Console) -> None:
    _head(result, console)
    if result.suppressed_below is not None:
        console.print()
        note(console, shown.suppression(result.suppressed_below))
    for cohort in result.cohorts:
        _cohort(cohort, console)
    for analysis in result.analyses:
        print_analysis(analysis, console)
    if result.hygiene:
        _hygiene(result, console)
    if result.expectations:
        _expectations(result, console)


def print_analysis(analysis: AnalysisResult, console: Console) -> None:
    """One analysis, as it stands in a study's report."""
    match analysis:
        case EstimateResult():
            print_estimate(analysis, console)
        case ComparisonResult():
            print_comparison(analysis, console)
        case RegressionResult():
            print_regression(analysis, console)
        case IncidenceResult():
            print_incidence(analysis, console)
        case StatesResult():
            print_states(analysis, console)
        case TableResult():
            print_table(analysis, console)
        case SwimmerResult():
            _swimmer(analysis, console)
        case CohortResult():
            _cohort(analysis, console)
        case FailedResult():
            _failed(analysis, console)
        case WithheldResult():
            _withheld(analysis, console)


def print_checks(items: Sequence[ExpectationResult], console: Console) -> None:
    """Expectations with what was computed."""
    table = grid("printed in", "figure", ">published", ">computed", "verdict")
    for item in items:
        _expectation_rows(table, item)
    print_fitting(table, console)


def _withheld(result: WithheldResult, console: Console) -> None:
    heading(console, titled(result.title) + result.analysis)
    console.print(Text(shown.WITHHELD))


def _failed(result: FailedResult, console: Console) -> None:
    heading(console, titled(result.title) + "An analysis that could not be done")
    place = f"{result.place}: " if result.place else ""
    console.print(Text(f"{place}{result.analysis}", style="bold red"))
    console.print(Text(result.message))
    if result.hint:
        console.print(Text(result.hint, style="dim"))


def _head(result: StudyResult, console: Console) -> None:
    source = result.provenance
    console.print(Rule(style="bold"))
    console.print(Text(result.title or source.query, style="bold"))
    if result.references:
        console.print(Text(", ".join(result.references)))
    console.print(Text(f"query   {source.query}  sha256 {source.query_hash[:12]}", style="dim"))
    console.print(Text(f"store   {source.store}  position {source.position}  head {source.head[:12]}", style="dim"))
    for name, value in source.parameters:
        console.print(Text(f"with    {name} = {value}", style="dim"))
    if source.cutoff:
        console.print(Text(f"data cut-off {source.cutoff}", style="dim"))
    if source.known_by:
        console.print(Text(f"as known by {source.known_by}", style="dim"))


def _cohort(cohort: CohortResult, console: Console) -> None:
    label = f": {cohort.label}" if cohort.label != cohort.name else ""
    heading(console, f"{titled(cohort.title)}Cohort {cohort.name}{label}")
    table = grid("requirement", ">remain", ">fell", ">of these unknown")
    table.add_row("patients in the log", shown.count(cohort.considered), "", "")
    for step in cohort.steps:
        fell, unknown = (shown.count(number) if number else "" for number in (step.fell, step.unknown))
        table.add_row(escape(step.label), shown.count(step.remaining), fell, unknown)
    print_fitting(table, console)


def _swimmer(result: SwimmerResult, console: Console) -> None:
    """One line a patient: a letter for each event, one column two months; phases as shades, `>` where it goes on."""
    heading(console, titled(result.title) + f"Swimmer plot: {result.cohort}, day 0 is {result.aligned}")
    letters = _letters(result.lanes)
    shades = dict(zip(result.phases, itertools.cycle("─━═╌"), strict=False))
    signs = [*((sign, name) for name, sign in shades.items()), *((letter, lane) for lane, letter in letters.items())]
    console.print(Text(", ".join(f"{sign} {name}" for sign, name in signs) + "; one column is two months"))
    for row in result.rows:
        cells: dict[int, str] = {}
        for phase in row.phases:
            for column in range(max(0, phase.start_day) // 61, max(0, phase.end_day) // 61 + 1):
                cells[column] = shades[phase.state]
        for event in row.events:
            for column in range(max(0, event.start_day) // 61, max(0, event.end_day) // 61 + 1):
                cells[column] = letters[event.event]
        line = "".join(cells.get(column, "·") for column in range(max(cells, default=0) + 1))
        console.print(Text(f"{one_line(row.patient):<12} {line}{'>' if row.ongoing else ''}"))
    if result.without_day:
        note(console, f"without a day 0, and not shown: {shown.count(result.without_day)}")


def _letters(lanes: tuple[str, ...]) -> dict[str, str]:
    """A letter for each lane: its first that no lane before it took."""
    letters: dict[str, str] = {}
    for lane in lanes:
        free = [letter for letter in lane.upper() + "0123456789" if letter.isalnum() and letter not in letters.values()]
        letters[lane] = free[0]
    return letters


def _hygiene(result: StudyResult, console: Console) -> None:
    heading(console, "Hygiene: what could bias these estimates")
    for item in result.hygiene:
        clear = item.counted and not item.concerns_anyone
        style = "" if clear or item.acknowledged is not None else "yellow"
        console.print(Text(f"{item.rule} ({item.code}), {item.place}: {item.message}", style=style))
        if clear:
            console.print(Text("  on these data it concerns no patient", style="green"))
        for count in item.counts:
            if count.patients or count.events is not None:
                console.print(Text(f"  {_concerned(count)}"))
        if item.acknowledged is not None:
            console.print(Text(f"  acknowledged: {item.acknowledged}"))


def _concerned(count: HygieneCount) -> str:
    group = f"{count.group}: " if count.group is not None else ""
    if count.members == HIDDEN:
        return f"{group}patients are concerned; how many is not shown"
    if count.events is not None:
        return f"{group}{count.members} patients, {count.events} events"
    days = "" if count.person_days is None else f", {count.person_days} person-days between the origin and what decided"
    return f"{group}{count.patients} of {count.members} patients{days}"


def _expectations(result: StudyResult, console: Console) -> None:
    if result.suppressed_below is not None:
        heading(console, "Published figures")
        console.print(Text(shown.uncompared(len(result.expectations))))
        return
    for title, items in (("Published figures", result.published), ("Implied by what is published", result.implied)):
        if items:
            heading(console, title)
            print_checks(items, console)
    if result.contradicted:
        heading(console, "Where the paper contradicts itself")
        for item in result.contradicted:
            for check in item.checks:
                verdict = "contradicted, as stated" if item.passes else "holds, though stated as contradicted"
                console.print(Text(f"{item.place}: {check.claim}", style="bold"))
                console.print(Text(f"  published {check.published}, computed {check.computed}: {verdict}"))
            console.print(Text(f"  {item.contradicted}"))
    console.print()
    if result.implied:
        implied = sum(item.passes for item in result.implied)
        console.print(Text(f"{implied} of {len(result.implied)} figures implied by the published ones hold"))
    if result.failed:
        count = len(result.failed)
        console.print(Text(f"{count} of {len(result.analyses)} analyses could not be done", style="bold red"))
    reproduced = sum(item.passes for item in result.published)
    stated = sum(item.passes for item in result.contradicted)
    whole = "" if stated == len(result.contradicted) else f" of {len(result.contradicted)}"
    line = (
        f"{reproduced} of {len(result.published)} published figures reproduced; {stated}{whole} contradicted, as stated"
    )
    console.print(Text(line, style="bold green" if result.reproduced else "bold red"))


def _expectation_rows(table: Table, item: ExpectationResult) -> None:
    for number, check in enumerate(item.checks):
        sign = "" if check.operator == "=" else f"{check.operator} "
        verdict = Text("holds", style="green") if check.holds else Text("DIFFERS", style="bold red")
        place = escape(item.place or f"line {item.line}") if number == 0 else ""
        table.add_row(place, escape(check.claim), sign + check.published, check.computed, verdict)
