"""Which runs of a plan are to be done, and the note of those that are."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from timeline.batch.plan import Plan, Run
from timeline.errors import TimelineError

if TYPE_CHECKING:
    from dsl import Checked
    from timeline.log import Log

STATE: Final = ".batch.json"
"""The note, beside the outputs."""

Load = Callable[[Path, Mapping[str, str]], "Checked"]
"""Checks a query with parameters; raises QueryError where it has an error."""


@dataclass(frozen=True)
class Outcome:
    """What became of a run: `done`, `done before` or `failed`, and why it failed; `reproduced` as in a study."""

    run: Run
    state: str
    words: str = ""
    reproduced: bool | None = None


@dataclass
class Job:
    """A run that is to be done: its checked query, and what identifies what it would give."""

    run: Run
    checked: Checked
    fingerprint: str
    reads: dict[str, set[str]] = field(default_factory=dict)


def jobs(plan: Plan, log: Log, load: Load, *, force: bool = False) -> tuple[list[Job], list[Outcome]]:
    """The runs that are to be done, and what is known of the others: done before, or wrong."""
    state = {} if force else _read_state(plan)
    waiting: list[Job] = []
    outcomes: list[Outcome] = []
    position, head = log.position, log.head
    first_time = not force and not (plan.out / STATE).exists()
    for run in plan.runs:
        if first_time and (strange := [output for output in run.outputs if (plan.out / output).exists()]):
            words = f"{plan.out / strange[0]} is there already, and no batch wrote it. --force replaces it."
            outcomes.append(Outcome(run, "failed", words))
            continue
        try:
            checked = load(run.query, dict(run.parameters))
        except TimelineError as error:
            outcomes.append(Outcome(run, "failed", str(error)))
            continue
        fingerprint = _fingerprint(run, checked, position, head, plan.suppress_below)
        whole = all((plan.out / output).exists() for output in run.outputs)
        if whole and state.get(run.name, {}).get("fingerprint") == fingerprint:
            outcomes.append(Outcome(run, "done before", reproduced=state[run.name].get("reproduced")))
        else:
            waiting.append(Job(run, checked, fingerprint, _reads(run, checked)))
    return waiting, outcomes


def shared(waiting: list[Job]) -> dict[str, set[str]]:
    """Event types that more than one run reads, with the attributes that any of them reads."""
    counts = Counter(event for job in waiting for event in job.reads)
    found: dict[str, set[str]] = {}
    for job in waiting:
        for event, attributes in job.reads.items():
            if counts[event] > 1:
                found.setdefault(event, set()).update(attributes)
    return found


def _reads(run: Run, checked: Checked) -> dict[str, set[str]]:
    from dsl.reads import attributes_read

    study = checked.program
    if any("events" in export.names for export in run.exports):
        return {event.name: {attribute.name for attribute in event.attributes} for event in study.catalog}
    return {
        event.name: {name for name in attributes_read(study)[event.name] if event.attribute(name) is not None}
        for event in study.catalog
        if event.name in attributes_read(study)
    }


def _fingerprint(run: Run, checked: Checked, position: int, head: str, below: int | None) -> str:
    from timeline.study.run import program_version, query_hash

    parts = [query_hash(checked.sources), program_version(), position, head, run.parameters, run.json, run.report]
    parts += [] if below is None else [below]
    text = json.dumps([*parts, [asdict(export) for export in run.exports]])
    return hashlib.sha256(text.encode()).hexdigest()


def _read_state(plan: Plan) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads((plan.out / STATE).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def note(plan: Plan, job: Job, outcome: Outcome) -> None:
    from timeline.log.durable import replace_file

    state = _read_state(plan)
    # Where small numbers are hidden, a figure that holds is the number itself: the file lies beside the results.
    reproduced = outcome.reproduced if plan.suppress_below is None else None
    state[job.run.name] = {"fingerprint": job.fingerprint, "reproduced": reproduced}
    replace_file(plan.out / STATE, json.dumps(state, indent=2).encode())
