"""`timeline create`: a new store."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import Command, rendered
from timeline.errors import QueryError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE", help="folder to make; it must not exist yet, or be empty")
    parser.add_argument(
        "--events", type=Path, metavar="FILE.tql", help="event declarations (default: the oncology vocabulary)"
    )
    parser.add_argument("--by", metavar="NAME", help="who creates it (default: the system's user)")


def _run(options: argparse.Namespace) -> int:
    import dsl
    from timeline.library import Library, read_source, standard_library
    from timeline.log import Log

    path = options.events or standard_library() / "vocabulary" / "oncology.tql"
    checked = dsl.check(read_source(path), load=Library())
    if checked.errors:
        raise QueryError(rendered(checked.diagnostics))
    catalog = checked.program.catalog
    if not catalog.events:
        raise QueryError(f"{path} declares no event type.", hint="A declaration starts with `event NAME`.")
    log = Log.create(options.store, catalog, recorded_by=options.by)
    print(f"created {log.path} with {len(catalog.events)} event types")
    return 0


COMMAND = Command(
    "create",
    "Make a new, empty store",
    "A store keeps the declarations that it was made with; only declared events can be recorded in it.",
    "  timeline create trial",
    _arguments,
    _run,
)
