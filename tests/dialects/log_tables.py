"""The reconstructed M1 cohort as the tables that compiled SQL reads, for engines other than the store's."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlglot import exp

import dsl
from dsl.catalog import EventType, storage_kind
from dsl.program import Program
from dsl.source import Source
from dsl.sql.values import literal
from timeline.library import Library, read_source

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"text": "TEXT", "boolean": "BOOLEAN", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE"}
READ = {
    "text": str,
    "boolean": lambda text: text == "true",
    "integer": int,
    "number": float,
    "date": date.fromisoformat,
}

MORE = """
let two_sites    = first (recurrence or progression) after clearance
let cycles_apart = courses of chemotherapy with gaps up to 30 days
let how_many     = count(cycles_apart)
let second_course = (nth 2 (courses of chemotherapy with gaps up to 21 days)).start
let sole_surgery = (only surgery).start
let late_cycle   = last chemotherapy where cycle > 2 before clearance
let mean_dose    = mean(oxaliplatin of chemotherapy)
let sites        = distinct(site of surgery)
let half_way     = rt.start + (clearance.start - rt.start) / 2
let leap         = age at 2012-02-29
let month_end    = rt.start - 3 months + 1 day
let any_unknown  = at least 2 imaging where response = progressive
let few          = at most 1 surgery where r_status = R1

endpoint either "Recurrence or death"
    from       rt.start
    until      two_sites as "relapse", death
    last seen  follow_up, imaging
"""
"""Constructs that the published study does not use."""


def study() -> Program:
    source = read_source(ROOT / "queries" / "m1.tql")
    # Definitions go before the first test, since what follows a test belongs to it.
    text = source.text
    first = text.index("\ntest ")
    return dsl.compile(Source(text[:first] + MORE + text[first:], source.name), load=Library())


def columns(event: EventType) -> dict[str, str]:
    found = {"patient": "TEXT", "event_id": "TEXT", "position": "BIGINT", "start": "DATE", "end": "DATE"}
    return {**found, **{item.name: KINDS[storage_kind(item.type)] for item in event.attributes}}


def tables(program: Program) -> Iterator[tuple[str, dict[str, str], list[list[Any]]]]:
    """Name, columns with their types, and rows of each table."""
    with (ROOT / "fixtures" / "m1" / "events.csv").open(newline="") as file:
        events = list(csv.DictReader(file))
    yield "patients", {"patient": "TEXT"}, [[patient] for patient in dict.fromkeys(row["patient"] for row in events)]
    for event in program.catalog:
        kinds = {item.name: storage_kind(item.type) for item in event.attributes}
        rows = []
        for position, row in enumerate(events, 1):
            if row["event"] == event.name:
                days = [date.fromisoformat(row[name]) if row.get(name) else None for name in ("start", "end")]
                values = [READ[kind](row[name]) if row.get(name) else None for name, kind in kinds.items()]
                rows.append([row["patient"], f"e{position}", position, *days, *values])
        yield event.name, columns(event), rows


def statements(program: Program, dialect: str) -> Iterator[str]:
    """SQL that makes the schema `log` with all tables and rows."""
    yield exp.Create(this=exp.to_identifier("log"), kind="SCHEMA").sql(dialect)
    for name, kinds, rows in tables(program):
        target = exp.table_(exp.to_identifier(name, quoted=True), db="log")
        definitions = [
            exp.ColumnDef(this=exp.to_identifier(column, quoted=True), kind=exp.DataType.build(kind))
            for column, kind in kinds.items()
        ]
        schema = exp.Schema(this=target.copy(), expressions=definitions)
        yield exp.Create(this=schema, kind="TABLE").sql(dialect)
        if rows:
            tuples = [
                exp.Tuple(expressions=[exp.null() if value is None else literal(value) for value in row])
                for row in rows
            ]
            yield exp.Insert(this=target, expression=exp.Values(expressions=tuples)).sql(dialect)


def plain(value: Any) -> str:
    """A value as every engine's clients can be made to give it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) or type(value).__name__ == "Decimal":
        return f"{float(value):.9g}"
    return str(value)
