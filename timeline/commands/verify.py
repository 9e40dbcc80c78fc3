"""`timeline verify`: whether the store still says what was recorded."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import FAILED, Command, progress


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE")
    parser.add_argument("--head", metavar="HASH", help="a head that was noted earlier: the chain must contain it")
    parser.add_argument("--repair", action="store_true", help="first set aside what a power cut tore")
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="with --repair, also set aside a last commit that was acknowledged and is damaged",
    )


def _run(options: argparse.Namespace) -> int:
    from timeline.log.repair import repair
    from timeline.log.verify import verify

    if options.repair:
        for line in repair(options.store, accept_loss=options.accept_loss) or ["nothing to repair"]:
            print(line)
    with progress() as report:
        found = verify(
            options.store,
            noted=options.head,
            progress=lambda done, whole: report(f"{done:,} of {whole:,} entries read"),
        )
    for finding in found.findings:
        print(finding)
    if not found.ok:
        print(f"NOT as it was recorded; the first finding is: {found.first}")
        return FAILED
    print(f"{options.store} is as it was recorded: {found.commits:,} commits, {found.position:,} entries")
    print(f"head {found.head}")
    return 0


COMMAND = Command(
    "verify",
    "Check that the store is as it was recorded",
    "Recomputes the hash chain over every commit's content and compares every file with what was written. Write the "
    "head down somewhere else: with --head, nobody can rewrite the whole log unseen.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n  timeline verify trial",
    _arguments,
    _run,
)
