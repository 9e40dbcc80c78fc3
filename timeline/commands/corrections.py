"""`timeline amend` and `timeline retract`: corrections as new entries of the log, each with its reason."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timeline.commands.base import Command, open_log
from timeline.errors import CorrectionError

if TYPE_CHECKING:
    from timeline.log import Commit, Log


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("events", nargs="+", metavar="EVENT", help="event ids, as `timeline show` prints them")
    parser.add_argument("--reason", required=True, metavar="WHY", help="why; kept in the log")
    parser.add_argument("--by", metavar="NAME", help="who corrects (default: the system's user)")


def _amend_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("event", metavar="EVENT", help="an event id, as `timeline show` prints it")
    parser.add_argument(
        "changes", nargs="+", metavar="NAME=VALUE", help="start, end or an attribute; NAME= alone makes it missing"
    )
    parser.add_argument("--reason", required=True, metavar="WHY", help="why; kept in the log")
    parser.add_argument("--by", metavar="NAME", help="who corrects (default: the system's user)")


def _amend(options: argparse.Namespace) -> int:
    log = open_log(options.store)
    changes = {options.event: _changes(log, options.changes)}
    _tell(log.amend(changes, reason=options.reason, recorded_by=options.by), "amended")
    return 0


def _retract(options: argparse.Namespace) -> int:
    log = open_log(options.store)
    _tell(log.retract(options.events, reason=options.reason, recorded_by=options.by), "retracted")
    return 0


def _tell(commit: Commit, done: str) -> None:
    events = f"{commit.rows} event{'' if commit.rows == 1 else 's'}"
    first, last = commit.first, commit.position
    where = f"position {last}" if first == last else f"positions {first} to {last}"
    print(f"{done} {events} at {where}, as {commit.recorded_by}; earlier versions stay in the log")


def _changes(log: Log, written: list[str]) -> Mapping[str, Any]:
    """The values in the types that the declarations give them."""
    from dsl.types import Date

    types = {"start": Date(), "end": Date(), **log.catalog.columns()}
    found: dict[str, Any] = {}
    for change in written:
        name, sign, text = change.partition("=")
        if not sign:
            raise CorrectionError(f"{change}: found no `=`.", hint="Write NAME=VALUE, such as r_status=R1.")
        if name in found:
            raise CorrectionError(f"{name} is given twice.", hint="One value is needed.")
        if name not in types:
            from dsl.diagnostics import did_you_mean

            near = (did_you_mean(name, types) or "").replace("`", "")
            raise CorrectionError(f"No event has an attribute {name}.", hint=near.capitalize())
        found[name] = _value(name, text, types[name]) if text else None
    return found


def _value(name: str, text: str, type_: Any) -> str | int | float | bool | date:
    import pyarrow as pa

    from dsl.types import describe
    from timeline.events import arrow_type
    from timeline.ingest.values import parse

    values, unread = parse(pa.array([text]), arrow_type(type_))
    if unread[0]:
        raise CorrectionError(f"{name}: found {text!r}, expected a {describe(type_)}.")
    found: str | int | float | bool | date = values[0].as_py()
    return found


_STORE = "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"

AMEND = Command(
    "amend",
    "Record a new version of an event",
    "The earlier version stays in the log; queries see the new one. The reason is part of the record.",
    f'{_STORE}  timeline amend trial e1 n_category=N1 --reason "second reading of the MRI"',
    _amend_arguments,
    _amend,
)
RETRACT = Command(
    "retract",
    "Void events that should not have been recorded",
    "They stay in the log with the reason; no query sees them any more.",
    f'{_STORE}  timeline retract trial e2 e3 --reason "images of another patient"',
    _arguments,
    _retract,
)
