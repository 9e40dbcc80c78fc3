"""`timeline compact`: small data files merged into large ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import Command, open_log


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")


def _run(options: argparse.Namespace) -> int:
    before, after = open_log(options.store).compact()
    print(f"{before} data files became {after}; events, positions, ids and the hash chain are as they were")
    return 0


COMMAND = Command(
    "compact",
    "Merge small data files",
    "The log does it by itself as it grows; this does it at once.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n  timeline compact trial",
    _arguments,
    _run,
)
