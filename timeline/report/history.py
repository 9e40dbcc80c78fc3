"""One patient's history on a terminal: an event a line, with the attributes that its type declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dsl.catalog import Catalog
from timeline.report.fitting import print_fitting
from timeline.report.words import one_line

if TYPE_CHECKING:
    from timeline.log import Commit


def print_history(
    patient: str, events: Sequence[Mapping[str, Any]], catalog: Catalog, console: Console, corrections: bool = False
) -> None:
    """Print a patient's events as given; with `corrections`, also what each entry did, why, by whom and when."""
    count = f"{len(events)} {'entry' if corrections else 'event'}{'' if len(events) == 1 else 's'}"
    console.print(f"[bold]{escape(one_line(patient))}[/bold]  {count}".replace("entrys", "entries"))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("start", "end", "event", "attributes", "id"):
        table.add_column(name, overflow="fold")
    if corrections:
        for name in ("position", "entry", "reason", "recorded", "by", "source"):
            table.add_column(name, overflow="fold")
    for event in events:
        cells = [
            day_words(event["start"], event.get("start_precision")),
            day_words(event["end"], event.get("end_precision")),
            event["event"],
            attribute_words(event, catalog),
            event["event_id"],
        ]
        if corrections:
            recorded = event["recorded_at"].strftime("%Y-%m-%d %H:%M:%S")
            cells += [str(event["position"]), event["operation"], event["reason"] or "", recorded]
            cells += [event["recorded_by"], event["source"]]
        table.add_row(*(escape(one_line(cell)) for cell in cells))
    print_fitting(table, console)


def day_words(day: date | None, precision: str | None) -> str:
    """A date as far as it is known: `2010`, `2010-06` or `2010-06-15`."""
    if day is None:
        return ""
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision or "day", 10)]


def attribute_words(event: Mapping[str, Any], catalog: Catalog) -> str:
    """The attributes that an event has, as declared, with their units: `target: primary, dose: 25 Gy`."""
    declared = catalog.event(event["event"])
    has = [item for item in (declared.attributes if declared else ()) if event.get(item.name) is not None]
    units = [getattr(item.type, "unit", None) for item in has]
    return ", ".join(
        f"{item.name}: {_value(event[item.name])}" + (f" {unit}" if unit else "")
        for item, unit in zip(has, units, strict=True)
    )


def _value(value: Any) -> str:
    return (
        ("true" if value else "false")
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def entry_lines(entries: Sequence[Mapping[str, Any]], catalog: Catalog) -> Iterator[str]:
    """Entries of the log, one line each, for reading and for searching with other tools."""
    for entry in entries:
        start, end = (day_words(entry[name], entry.get(f"{name}_precision")) for name in ("start", "end"))
        parts = [
            f"{entry['position']:>8}",
            entry["recorded_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            entry["recorded_by"],
            entry["operation"],
            entry["event_id"],
            entry["patient"],
            entry["event"],
            f"{start} to {end}" if end else start,
            attribute_words(entry, catalog),
            f"because {entry['reason']}" if entry["reason"] else "",
            f"from {entry['source']}",
        ]
        yield "  ".join(one_line(part) for part in parts if part)


def commit_line(commit: Commit) -> str:
    """A commit of the log: its number, what it recorded, by whom, from what, and the head of the chain after it."""
    when = commit.recorded_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    entries = f"positions {commit.first} to {commit.position}" if commit.rows else "no entries"
    named = f"batch {commit.batch}" if commit.batch else ""
    parts = [
        f"{commit.version:>6}",
        when,
        commit.recorded_by,
        commit.kind,
        entries,
        f"from {commit.source}",
        named,
        commit.head,
    ]
    return "  ".join(one_line(part) for part in parts if part)
