"""What every part of a terminal report is laid out with: headings, plain tables, notes."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from timeline.report import shown
from timeline.report.words import one_line
from timeline.study.results import IncidenceGroup, LeftOut, Survived

NAMED_PATIENTS = 6
"""How many of the patients left out a line names; the rest are counted, and all are in the JSON."""


def heading(console: Console, text: str) -> None:
    console.print()
    title = Text(text, style="bold")
    # A rule would cut a title that is longer than its line.
    console.print(Rule(title, align="left", style="dim") if title.cell_len + 2 <= console.width else title)


def titled(title: str) -> str:
    """What the study calls an analysis, before what it is."""
    return f"{title}: " if title else ""


def grid(*columns: str, title: str | None = None) -> Table:
    """A plain table; a column whose name starts with `>` is set flush right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title=title, title_justify="left")
    for column in columns:
        right = column.startswith(">")
        table.add_column(escape(column.removeprefix(">")), justify="right" if right else "left", overflow="fold")
    return table


def note(console: Console, text: str) -> None:
    """Something that a reader has to know of a result."""
    console.print(Text(text, style="yellow"))


def print_left_out(left_out: tuple[LeftOut, ...], console: Console) -> None:
    for out in left_out:
        if not any(out.patients):
            note(console, f"left out, {out.reason}: {shown.left_out(out)}")
            continue
        named = ", ".join(one_line(patient) for patient in out.patients[:NAMED_PATIENTS])
        more = f" and {len(out.patients) - NAMED_PATIENTS} more" if len(out.patients) > NAMED_PATIENTS else ""
        note(console, f"left out, {out.reason}: {len(out.patients)} ({named}{more})")


def print_imputed(groups: Sequence[Survived | IncidenceGroup], console: Console) -> None:
    imputed, n = shown.total(group.imputed for group in groups), shown.total(group.n for group in groups)
    if imputed:
        many = f"{shown.count(imputed)} of {shown.count(n)}"
        note(console, f"{many} times start or end on an imputed day: only the month or year is known")
