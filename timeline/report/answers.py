"""What was asked of a session, and what that changed, on a terminal of any width. Reads results; computes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dsl.diagnostics import Diagnostic, render
from dsl.types import Age, Duration
from timeline.report import words
from timeline.report.fitting import print_fitting
from timeline.report.terminal import print_analysis, print_checks
from timeline.study.results import Answer, ColumnResult, StatisticResult

if TYPE_CHECKING:
    from rich.console import Console

    from timeline.study.evaluation import Found
    from timeline.study.reply import Reply


def print_reply(reply: Reply, console: Console) -> None:
    """What was defined, what that changed, and what was asked."""
    print_warnings(reply.warnings, console)
    if reply.defined and not reply.found:
        console.print(Text(f"defined {_listed(reply.defined)}", style="dim"))
    if reply.replaced:
        rests = f"; {_listed(reply.changed)} {_rest(reply.changed)} on it" if reply.changed else ""
        console.print(Text(f"{_listed(reply.replaced)} changed{rests}", style="yellow"))
    for asked, found in reply.again:
        console.print(Text(f"again, since it changed: {' '.join(asked.split())}", style="yellow"))
        print_found(found, console)
    if reply.found is not None:
        print_found(reply.found, console)


def print_warnings(warnings: Sequence[Diagnostic], console: Console) -> None:
    for warning in warnings:
        console.print(Text.from_ansi(render(warning, colour=console.is_terminal and not console.no_color)))


def print_found(found: Found, console: Console) -> None:
    for cohort in found.cohorts:
        print_analysis(cohort, console)
    for analysis in found.analyses:
        print_analysis(analysis, console)
    for answer in found.answers:
        print_answer(answer, console)
    if found.expectations:
        print_checks(found.expectations, console)


def statistic_words(found: StatisticResult) -> str:
    """A statistic as a person reads it: with its unit, a count with its share."""
    value = found.value
    if value is None:
        return "not reached" if "not reached" in found.units else "no value"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | date):
        return str(value)
    if found.is_age:
        return f"{value:g} years"
    if "%" in found.units:
        return words.percent(value, 2)
    if "day" in found.units:
        longer = words.duration(value, words.unit([value]))
        return f"{value:g} days" + ("" if longer.endswith("d") else f" ({longer})")
    if found.share is not None and isinstance(value, int):
        counted = words.count(value)
        return f"{counted} ({words.percent(found.share)})" if found.share != 1 else counted
    return f"{value:.6g}"


def print_answer(answer: Answer, console: Console) -> None:
    match answer:
        case StatisticResult():
            console.print(Text(statistic_words(answer), style="bold"))
        case ColumnResult():
            unit = {Duration: "days", Age: "years"}.get(type(answer.type), getattr(answer.type, "unit", None) or "")
            head = f"value, {unit}" if unit else "value"
            print_rows([{"patient": patient, head: value} for patient, value in answer.rows], console)
            more = f"; the first {len(answer.rows)} are shown" if len(answer.rows) < answer.patients else ""
            console.print(
                Text(
                    f"known of {words.count(answer.known)} of {words.count(answer.patients)} patients{more}",
                    style="dim",
                )
            )


def print_counts(rows: Sequence[Mapping[str, Any]], console: Console) -> None:
    """A plain table in which every whole number counts something."""
    print_rows(rows, console, lambda value: words.count(value) if type(value) is int else cell(value))


def print_rows(rows: Sequence[Mapping[str, Any]], console: Console, shown: Callable[[Any], str] | None = None) -> None:
    """A plain table. What comes from outside cannot break a line or move the cursor."""
    shown = shown or cell
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in rows[0] if rows else ():
        numbers = any(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)
        table.add_column(escape(name), justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(shown(value)) for value in row.values()))
    print_fitting(table, console)


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return words.one_line(str(value))


def _listed(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _rest(names: Sequence[str]) -> str:
    return "rests" if len(names) == 1 else "rest"
