"""A study's results on a terminal. Reads results; computes nothing but shares and units for display."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from timeline.report import words
from timeline.study.results import (
    CohortResult,
    ComparisonResult,
    EstimateResult,
    ExpectationResult,
    HygieneCount,
    IncidenceGroup,
    IncidenceResult,
    LeftOut,
    NumberSummary,
    StudyResult,
    Survived,
    SwimmerResult,
    TableResult,
    TableRow,
)

NAMED_PATIENTS = 6
"""How many of the patients left out a line names; the rest are counted, and all are in the JSON."""


def print_study(result: StudyResult, console: Console) -> None:
    _head(result, console)
    for cohort in result.cohorts:
        _cohort(cohort, console)
    for analysis in result.analyses:
        match analysis:
            case EstimateResult():
                _estimate(analysis, console)
            case ComparisonResult():
                _comparison(analysis, console)
            case IncidenceResult():
                _incidence(analysis, console)
            case TableResult():
                _table(analysis, console)
            case SwimmerResult():
                _swimmer(analysis, console)
            case CohortResult():
                _cohort(analysis, console)
    if result.hygiene:
        _hygiene(result, console)
    if result.expectations:
        _expectations(result, console)


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Rule(Text(text, style="bold"), align="left", style="dim"))


def _grid(*columns: str, title: str | None = None) -> Table:
    """A plain table; a column whose name starts with `>` is set flush right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title=title, title_justify="left")
    for column in columns:
        right = column.startswith(">")
        table.add_column(escape(column.removeprefix(">")), justify="right" if right else "left", overflow="fold")
    return table


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
    _title(console, f"Cohort {cohort.name}: {cohort.label}")
    table = _grid("requirement", ">remain", ">fell", ">of these unknown")
    table.add_row("patients in the log", str(cohort.considered), "", "")
    for step in cohort.steps:
        table.add_row(escape(step.label), str(step.remaining), str(step.fell or ""), str(step.unknown or ""))
    console.print(table)


def _left_out(left_out: tuple[LeftOut, ...], console: Console) -> None:
    for out in left_out:
        named = ", ".join(out.patients[:NAMED_PATIENTS])
        more = f" and {len(out.patients) - NAMED_PATIENTS} more" if len(out.patients) > NAMED_PATIENTS else ""
        console.print(Text(f"left out, {out.reason}: {len(out.patients)} ({named}{more})", style="yellow"))


def _imputed(groups: Sequence[Survived | IncidenceGroup], console: Console) -> None:
    imputed, n = sum(group.imputed for group in groups), sum(group.n for group in groups)
    if imputed:
        console.print(
            Text(f"{imputed} of {n} times start or end on an imputed day: only the month or year is known", "yellow")
        )


def _reasons(group: Survived) -> str:
    return (
        "; ".join(f"{reason.patients} {reason.reason}" for reason in group.reasons if reason.outcome != 1) or "nobody"
    )


def _survived(groups: tuple[Survived, ...], console: Console, group_name: str | None) -> None:
    columns = [group_name] if group_name else []
    table = _grid(*columns, ">n", ">events", ">censored", ">median", "95 % limits", "censored by reason")
    for group in groups:
        median = group.median
        cells = [escape(group.label)] if group_name else []
        table.add_row(
            *cells,
            str(group.n),
            str(group.events),
            str(group.censored),
            words.duration(median.time),
            words.limits(median.lower, median.upper),
            escape(_reasons(group)),
        )
    console.print(table)
    _imputed(groups, console)
    if not any(group.survival for group in groups):
        return
    times = _grid(*columns, ">time", ">survival", "95 % limits", ">at risk", ">events so far")
    for group in groups:
        for at in group.survival:
            cells = [escape(group.label)] if group_name else []
            bounds = "-" if at.lower is None else f"{words.percent(at.lower)} to {words.percent(at.upper)}"
            times.add_row(
                *cells, words.span(at.day), words.percent(at.survival), bounds, str(at.at_risk), str(at.events)
            )
    console.print(times)


def _estimate(result: EstimateResult, console: Console) -> None:
    _title(console, f"{result.endpoint_label} in {result.cohort} (Kaplan-Meier)")
    if result.group is None:
        console.print("no member has a time for this endpoint")
    else:
        _survived((result.group,), console, None)
    _left_out(result.left_out, console)


def _comparison(result: ComparisonResult, console: Console) -> None:
    landmark = f", landmark {words.span(result.landmark)}" if result.landmark is not None else ""
    _title(console, f"{result.endpoint_label} in {result.cohort} by {result.by}{landmark}")
    _survived(result.groups, console, result.by)
    if result.test is not None:
        test = result.test
        console.print(
            f"log-rank: chi-square {test.statistic:.4f} on {test.degrees_of_freedom} df, "
            f"p = {words.p_value(test.p_value)}"
        )
    if result.hazards is not None:
        for ratio in result.hazards.ratios:
            interval = f"{ratio.lower:.2f} to {ratio.upper:.2f}"
            console.print(
                Text(f"hazard ratio (Cox) {ratio.label} against {ratio.reference}: {ratio.ratio:.2f} ({interval})")
            )
    if result.note:
        console.print(Text(f"note: {result.note}", style="yellow"))
    for finding, reason in result.acknowledged:
        console.print(Text(f"acknowledged: {finding}, {reason}", style="yellow"))
    _left_out(result.left_out, console)


def _incidence(result: IncidenceResult, console: Console) -> None:
    _title(console, f"{result.endpoint_label} in {result.cohort} (cumulative incidence, Aalen-Johansen)")
    columns = [result.by] if result.by else []
    table = _grid(*columns, "cause", ">n", ">events", ">time", ">incidence", "95 % limits", ">at risk")
    for group in result.groups:
        for cause in group.causes:
            head = [escape(group.label)] if result.by else []
            head += [escape(cause.cause), str(group.n), str(cause.events)]
            if not cause.incidence:
                table.add_row(*head, "", "", "", "")
            for at in cause.incidence:
                bounds = "-" if at.lower is None else f"{words.percent(at.lower)} to {words.percent(at.upper)}"
                table.add_row(*head, words.span(at.day), words.percent(at.incidence), bounds, str(at.at_risk))
    console.print(table)
    _imputed(result.groups, console)
    for name, test in result.tests:
        if test is not None:
            console.print(
                Text(
                    f"Gray's test, {name}: chi-square {test.statistic:.4f} on {test.degrees_of_freedom} df, "
                    f"p = {words.p_value(test.p_value)}"
                )
            )
    _left_out(result.left_out, console)


def _table(result: TableResult, console: Console) -> None:
    by = f" by {result.by}" if result.by else ""
    _title(console, f"Table: {result.cohort}{by}")
    heads = [f">{group} (n = {size})" for group, size in zip(result.groups, result.sizes, strict=True)]
    table = _grid("", *heads)
    for row in result.rows:
        for cells in _table_rows(row, result.sizes):
            table.add_row(*cells)
    console.print(table)


def _table_rows(row: TableRow, sizes: tuple[int, ...]) -> list[list[str]]:
    if row.summaries:
        unit = f", {row.unit}" if row.unit else ""
        lines = [[escape(f"{row.label}{unit}: median (range)"), *(_median(item) for item in row.summaries)]]
        if any(item.missing for item in row.summaries):
            lines.append(["  missing", *(str(item.missing) for item in row.summaries)])
        return lines
    lines = [[escape(row.label), *("" for _ in sizes)]]
    for level in row.levels:
        name = "missing" if level.name is None else level.name
        counts = (words.share(count, size) for count, size in zip(level.counts, sizes, strict=True))
        lines.append([f"  {escape(name)}", *counts])
    return lines


def _median(item: NumberSummary) -> str:
    if item.median is None:
        return "-"
    return f"{words.number(item.median)} ({words.number(item.min)} - {words.number(item.max)})"


def _swimmer(result: SwimmerResult, console: Console) -> None:
    """One line a patient: a letter for each event, one column a month."""
    _title(console, f"Swimmer plot: {result.cohort}")
    letters = _letters(result.lanes)
    console.print(
        Text(", ".join(f"{letter} {lane}" for lane, letter in letters.items()) + "; one column is two months")
    )
    for row in result.rows:
        cells: dict[int, str] = {}
        for event in row.events:
            for column in range(max(0, event.start_day) // 61, max(0, event.end_day) // 61 + 1):
                cells[column] = letters[event.event]
        line = "".join(cells.get(column, "·") for column in range(max(cells, default=0) + 1))
        console.print(Text(f"{row.patient:<12} {line}"))


def _letters(lanes: tuple[str, ...]) -> dict[str, str]:
    """A letter for each lane: its first that no lane before it took."""
    letters: dict[str, str] = {}
    for lane in lanes:
        free = [letter for letter in lane.upper() + "0123456789" if letter.isalnum() and letter not in letters.values()]
        letters[lane] = free[0]
    return letters


def _hygiene(result: StudyResult, console: Console) -> None:
    _title(console, "Hygiene: what could bias these estimates")
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
    if count.events is not None:
        return f"{group}{count.members} patients, {count.events} events"
    days = "" if count.person_days is None else f", {count.person_days} person-days between the origin and what decided"
    return f"{group}{count.patients} of {count.members} patients{days}"


def _expectations(result: StudyResult, console: Console) -> None:
    for title, items in (("Published figures", result.published), ("Implied by what is published", result.implied)):
        if items:
            _title(console, title)
            table = _grid("printed in", "figure", ">published", ">computed", "verdict")
            for item in items:
                _expectation_rows(table, item)
            console.print(table)
    if result.contradicted:
        _title(console, "Where the paper contradicts itself")
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
