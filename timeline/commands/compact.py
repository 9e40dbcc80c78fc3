"""`timeline compact`: small data files merged into large ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import Command, open_log


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")


def _run(options: argparse.Namespace) -> int:
    log = open_log(options.store)
    version = log.version
    before, after = log.compact()
    if log.version == version:
        print(f"nothing to merge: {_files(before)}")
    else:
        print(f"{_files(before)} became {_files(after)}; events, positions, ids and the hash chain are as they were")
    return 0


def _files(count: int) -> str:
    return f"{count} data file{'' if count == 1 else 's'}"


COMMAND = Command(
    "compact",
    "Merge small data files",
    "The log does it by itself as it grows; this does it at once.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n  timeline compact trial",
    _arguments,
    _run,
)
