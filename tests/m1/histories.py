"""The rows of the fixture's file as text, patient by patient, and how to pick from them."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "fixtures" / "m1" / "reconstruct.py"
CSV = PROGRAM.with_name("events.csv")

Row = dict[str, str]
Histories = dict[str, list[Row]]


def read() -> Histories:
    rows = defaultdict(list)
    with CSV.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["patient"]].append(row)
    return dict(rows)


def all_rows(histories: Histories) -> Iterator[Row]:
    for rows in histories.values():
        yield from rows


def of(rows: list[Row], *kinds: str, **where: str) -> list[Row]:
    """The events of these kinds with these values."""
    return [row for row in rows if row["event"] in kinds and all(row[name] == value for name, value in where.items())]


def start(row: Row) -> date:
    return date.fromisoformat(row["start"])


def starts(rows: list[Row], *kinds: str, **where: str) -> list[date]:
    return [start(row) for row in of(rows, *kinds, **where)]
