"""`timeline batch`: many queries over one store, as a plan says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timeline.commands.base import FAILED, Command, load_query, open_log, stoppable
from timeline.commands.suppression import add_suppression

MEMORY: Final = "50%"
"""What the engine takes of the machine's memory by default: beyond it, it works on the disk."""

if TYPE_CHECKING:
    from dsl import Checked
    from timeline.batch.jobs import Job, Outcome
    from timeline.batch.plan import Plan


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", type=Path, metavar="PLAN.toml", help="which queries, and which outputs of each")
    parser.add_argument("--dry-run", action="store_true", help="show what would run, and run nothing")
    parser.add_argument("--force", action="store_true", help="run everything again, also what is done")
    add_suppression(parser)
    parser.add_argument("--jobs", type=int, metavar="N", help="runs at a time (default: one a core)")
    parser.add_argument("--memory", default=MEMORY, metavar="SIZE", help="for the engine (default: %(default)s)")


def _run(options: argparse.Namespace) -> int:
    from timeline.batch.jobs import jobs
    from timeline.batch.plan import read_plan
    from timeline.batch.work import run_batch

    plan = read_plan(options.plan)
    if options.suppress_below is not None:
        plan = plan.suppressed(options.suppress_below)
    log = open_log(plan.store)

    def load(query: Path, parameters: Mapping[str, str]) -> Checked:
        return load_query(query, [f"{name}={value}" for name, value in parameters.items()], log)

    waiting, known = jobs(plan, log, load, force=options.force)
    failed = _told(known)
    if options.dry_run:
        _show(plan, waiting)
        return FAILED if failed else 0
    with stoppable():
        for outcome in run_batch(plan, log, waiting, workers=options.jobs, memory_limit=options.memory):
            failed += _told([outcome])
    total = len(plan.runs)
    print(f"{total - failed} of {total} runs done" + (f", {failed} failed" if failed else ""))
    return FAILED if failed else 0


def _told(outcomes: list[Outcome]) -> int:
    """Prints what became of runs; gives the number of those that failed."""
    for outcome in outcomes:
        differs = "; not every expectation holds" if outcome.reproduced is False else ""
        print(f"{outcome.run.name}: {outcome.state}{differs}", flush=True)
        if outcome.words:
            indented = outcome.words.replace("\n", "\n  ")
            print(f"{outcome.run.name}:\n  {indented}", file=sys.stderr)
    return sum(outcome.state == "failed" for outcome in outcomes)


def _show(plan: Plan, waiting: list[Job]) -> None:
    from timeline.batch.jobs import shared

    for job in waiting:
        print(f"{job.run.name}: would run {job.run.query}")
        for output in job.run.outputs:
            print(f"  to {plan.out / output}")
    if waiting:
        print(f"read once for several runs: {', '.join(sorted(shared(waiting))) or 'nothing'}")


COMMAND = Command(
    "batch",
    "Run many queries over one store, as a plan says",
    "What several queries read is read once, and they run beside each other. A run that fails stops no other; calling "
    "the plan again runs what is missing or has changed. The exit code is 1 if a run failed. With --suppress-below "
    "every result hides what that of `run` hides, and a plan that exports rows of patients is refused. docs/export.md "
    "describes plans.",
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline batch fixtures/m1/plan.toml --dry-run",
    _arguments,
    _run,
)
