"""`timeline declare`: declarations that evolve."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import Command, load_query, open_log
from timeline.errors import QueryError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("file", type=Path, metavar="FILE.tql", help="event declarations")
    parser.add_argument("--by", metavar="NAME", help="who declares (default: the system's user)")


def _run(options: argparse.Namespace) -> int:
    log = open_log(options.store)
    declared = load_query(options.file).program.catalog
    if not declared.events:
        raise QueryError(f"{options.file} declares no event type.", hint="A declaration starts with `event NAME`.")
    commit = log.declare(declared, source=options.file.name, recorded_by=options.by)
    if commit.repeated:
        print(f"nothing to do: {options.store} declares this already")
    else:
        print(f"{options.store} now declares {len(log.catalog.events)} event types; earlier versions stay readable")
    return 0


COMMAND = Command(
    "declare",
    "Add event types, attributes and codes to a store",
    "An event type of the same name is replaced; what is narrowed must fit the events that stand, or nothing changes.",
    "  timeline create trial\n  timeline declare trial queries/vocabulary/oncology.tql",
    _arguments,
    _run,
)
