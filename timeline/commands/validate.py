"""`timeline validate`: what in a store's histories is not plausible."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.commands.base import FAILED, Command, console, load_query, open_log, progress

if TYPE_CHECKING:
    from rich.console import Console

    from timeline.log import Log
    from timeline.validate import FlaggedEvent, RuleSet, Validation

SHOWN = 20
"""Findings of a rule that the terminal lists; the rest are counted, and all are in the JSON."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument(
        "--rules", type=Path, metavar="FILE.tql", help="rules to check (default: those of the oncology vocabulary)"
    )
    parser.add_argument("--json", action="store_true", help="print all findings as JSON")


def _run(options: argparse.Namespace) -> int:
    from timeline.validate import validate

    log = open_log(options.store)
    rules = _rules(options.rules, log)
    with progress() as report:
        found = validate(log, rules, report)
    if options.json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False, default=date.isoformat))
    else:
        _print(found, console())
    return FAILED if found.findings else 0


def _rules(path: Path | None, log: Log) -> RuleSet:
    from timeline.validate import RuleSet, standard_rules

    return standard_rules(log.catalog) if path is None else RuleSet(load_query(path, log=log).program)


def _print(found: Validation, out: Console) -> None:
    from rich.text import Text

    from timeline.report.words import one_line

    for rule in found.rules:
        findings = [finding for finding in found.findings if finding.rule == rule]
        if not findings:
            continue
        messages = dict.fromkeys(finding.message for finding in findings)
        out.print(Text(f"{rule}: {'; '.join(messages)} ({len(findings):,})", style="bold"))
        for finding in findings[:SHOWN]:
            events = ", ".join(_in_words(event) for event in finding.events)
            doubt = "  (a date of this patient is only partly known)" if finding.partly_dated else ""
            out.print(Text(f"  {one_line(finding.patient)}  {events}{doubt}"), soft_wrap=True)
        if len(findings) > SHOWN:
            out.print(f"  ... and {len(findings) - SHOWN:,} more")
    for skipped in found.skipped:
        out.print(Text(f"not checked, {skipped.rule}: {skipped.reason}", style="yellow"), soft_wrap=True)
    count = len(found.findings)
    patients = len({finding.patient for finding in found.findings})
    what = f"{count:,} finding{'' if count == 1 else 's'} in {patients:,} patient{'' if patients == 1 else 's'}"
    checks = f"{len(found.rules)} checks up to position {found.position:,}"
    out.print(f"{what if count else 'no findings'}: {checks} of {found.store}", soft_wrap=True)


def _in_words(event: FlaggedEvent) -> str:
    """An event by its dates, as far as they are known: `surgery 2010-06 (e17)`."""
    start = _day(event.start, event.start_precision)
    end = f" to {_day(event.end, event.end_precision or 'day')}" if event.end is not None else ""
    return f"{event.event} {start}{end} ({event.event_id})"


def _day(day: date, precision: str) -> str:
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


COMMAND = Command(
    "validate",
    "Check whether the histories in a store are plausible",
    "Events after death, two deaths, surgery before any diagnosis, the same event twice, and more, each with the\n"
    "patient and the ids of the events. Rules are written in the language, so that a store can have its own.\n"
    "The exit code is 0 where nothing is found, and 1 where something is.",
    "  timeline create trial\n"
    "  timeline import trial fixtures/redcap/export.csv --mapping fixtures/redcap/mapping.toml\n"
    "  timeline validate trial",
    _arguments,
    _run,
)
