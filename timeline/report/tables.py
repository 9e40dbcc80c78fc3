"""Tables of characteristics on a terminal and as CSV, from one set of cells."""

import csv
import io
import re
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from timeline.errors import StudyError
from timeline.report import shown, words
from timeline.report.fitting import print_fitting
from timeline.report.layout import grid, heading, titled
from timeline.report.shown import HIDDEN, HIDDEN_WORD
from timeline.study.results import NumberSummary, StudyResult, TableResult, TableRow


def print_table(result: TableResult, console: Console) -> None:
    by = f" by {result.by}" if result.by else ""
    heading(console, titled(result.title) + f"Table: {result.cohort}{by}")
    names, *rows = table_cells(result)
    table = grid(names[0], *(f">{name}" for name in names[1:]))
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    print_fitting(table, console)
    for name in dict.fromkeys(row.test.name for row in result.rows if row.test is not None):
        labels = ", ".join(row.label for row in result.rows if row.test is not None and row.test.name == name)
        console.print(Text(f"{name}: {labels}", style="dim"))
    if "smd" in result.extras:
        pair = "" if len(result.groups) <= 2 else ", the largest between any two groups"
        console.print(Text(f"SMD: standardized mean difference{pair}", style="dim"))


def table_cells(result: TableResult) -> list[list[str]]:
    """The table as texts: a row of headings, then a row for each line."""
    compared = bool({"tests", "mean_tests"} & set(result.extras))
    extras = [*(["SMD"] if "smd" in result.extras else []), *(["p"] if compared else [])]
    heads = [f"{group} (n = {shown.count(size)})" for group, size in zip(result.groups, result.sizes, strict=True)]
    lines = [["", *heads, *extras]]
    for row in result.rows:
        first, *more = _lines(row, result.sizes)
        numbers = ["-" if row.difference is None else f"{row.difference:.3f}"] if "smd" in result.extras else []
        numbers += ["-" if row.test is None else words.p_value(row.test.p_value)] if compared else []
        lines += [[*first, *numbers], *([*line, *("" for _ in extras)] for line in more)]
    return lines


def _lines(row: TableRow, sizes: tuple[int, ...]) -> list[list[str]]:
    if row.summaries:
        unit = f", {row.unit}" if row.unit else ""
        lines = [
            [f"{row.label}{unit}: median (range)", *(_median(item) for item in row.summaries)],
            ["  quartiles", *(_pair(item.q1, item.q3, " - ") for item in row.summaries)],
            ["  mean (SD)", *(_mean(item) for item in row.summaries)],
        ]
        if any(item.missing for item in row.summaries):
            counts = (shown.share(item.missing, size) for item, size in zip(row.summaries, sizes, strict=True))
            lines.append(["  missing", *counts])
        return lines
    lines = [[row.label, *("" for _ in sizes)]]
    missing = next((level.counts for level in row.levels if level.name is None), tuple(0 for _ in sizes))
    for level in row.levels:
        whole = sizes if level.name is None else tuple(map(_known, sizes, missing))
        counts = (shown.share(count, size) for count, size in zip(level.counts, whole, strict=True))
        lines.append([f"  {'missing' if level.name is None else level.name}", *counts])
    return lines


def _known(size: int, missing: int) -> int:
    return HIDDEN if HIDDEN in (size, missing) else size - missing


def _median(item: NumberSummary) -> str:
    if item.median is None:
        return "-"
    return shown.number(item.median) + (f" ({_pair(item.min, item.max, ' - ')})" if item.min == item.min else "")


def _mean(item: NumberSummary) -> str:
    if item.mean is None:
        return "-"
    return f"{shown.number(item.mean)} ({shown.number(item.sd)})"


def _pair(low: float | None, high: float | None, sign: str) -> str:
    if low is None:
        return "-"
    return HIDDEN_WORD if low != low else f"{words.number(low)}{sign}{words.number(high)}"


def table_csv(result: TableResult) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table_cells(result))
    return text.getvalue()


def write_tables(result: StudyResult, folder: Path) -> list[Path]:
    """Every table of the study as a CSV file: `table-1-enrolled.csv`, `table-2-…`. Raises StudyError."""
    tables = [item for item in result.analyses if isinstance(item, TableResult)]
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, table in enumerate(tables, 1):
            name = re.sub(r"[^\w-]+", "_", f"{table.cohort} by {table.by}" if table.by else table.cohort).strip("_")
            path = folder / f"table-{number}-{name}.csv"
            path.write_text(table_csv(table), encoding="utf-8")
            written.append(path)
    except OSError as error:
        raise StudyError(f"{folder}: the tables cannot be written: {error.strerror}.") from None
    return written
