"""Many queries over one store: read once what they share, run beside each other, each with its outputs.

A plan is a TOML file. Every run sees the log at one position. A run that fails is reported and stops no other. What is
done is noted in `.batch.json` beside the outputs, so that the next call of the same plan runs only what is missing or
has changed: a run is done while its query, its parameters, its outputs and the position of the log are the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dsl.diagnostics import did_you_mean, listing
from timeline.errors import Problem, QueryError, StudyError, TimelineError

if TYPE_CHECKING:
    from dsl import Checked
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Log, Snapshot
    from timeline.study.results import StudyResult

STATE: Final = ".batch.json"
_RUN_KEYS: Final = {"name": str, "query": str, "set": dict, "json": str, "report": str, "export": list}
_EXPORT_KEYS: Final = {"names": list, "out": str, "format": str, "in": str, "with": list, "study_id": str}

Load = Callable[[Path, Mapping[str, str]], "Checked"]
"""Checks a query with parameters; raises QueryError where it has an error."""


@dataclass(frozen=True)
class ExportPlan:
    """`out` is a file for one name, and a folder for several or all."""

    out: str
    names: tuple[str, ...] = ()
    format: str | None = None
    cohort: str | None = None
    beside: tuple[str, ...] = ()
    study_id: str | None = None


@dataclass(frozen=True)
class Run:
    """One query with the files that it is to give; their places are below the plan's `out`."""

    name: str
    query: Path
    parameters: tuple[tuple[str, str], ...] = ()
    json: str | None = None
    report: str | None = None
    exports: tuple[ExportPlan, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(path for path in (self.json, self.report, *(export.out for export in self.exports)) if path)


@dataclass(frozen=True)
class Plan:
    """`suppress_below` hides small numbers of patients in the results of all runs."""

    store: Path
    out: Path
    runs: tuple[Run, ...]
    suppress_below: int | None = None

    def suppressed(self, below: int) -> Plan:
        """The same plan with numbers from 1 to `below` - 1 hidden. Raises QueryError where a run exports rows."""
        if exporting := [run.name for run in self.runs if run.exports]:
            raise QueryError(
                f"error: nothing can be hidden in rows of single patients as exported by {', '.join(exporting)}.",
                hint="Give the exports a plan of their own, or leave out --suppress-below.",
            )
        return replace(self, suppress_below=below)


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


# --- the plan


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises QueryError with every problem of it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise QueryError(f"error: {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise QueryError(f"error: {path} is not TOML: {error}.") from None
    problems: list[Problem] = []
    _check_keys(given, {"store": str, "out": str, "run": list}, ("store", "run"), str(path), problems)
    runs = [_read_run(item, number, str(path), problems) for number, item in enumerate(_tables(given.get("run")), 1)]
    names = Counter(run.name for run in runs if run is not None)
    outputs = Counter(output for run in runs if run is not None for output in run.outputs)
    for what, counts in (("name", names), ("output", outputs)):
        for text, count in counts.items():
            if count > 1:
                problems.append(Problem(f"the {what} {text} {count} times", "each once", file=str(path)))
    if problems:
        raise QueryError(f"error: {path} is no plan.", problems=problems)

    def place(written: str | Path) -> Path:
        return Path(os.path.normpath(path.parent / written))

    placed = tuple(replace(run, query=place(run.query)) for run in runs if run is not None)
    return Plan(place(given["store"]), place(given.get("out", ".")), placed)


def _tables(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _read_run(given: dict[str, Any], number: int, file: str, problems: list[Problem]) -> Run | None:
    before = len(problems)
    place = f"{file}, run {number}"
    _check_keys(given, _RUN_KEYS, ("query",), place, problems)
    exports = _tables(given.get("export"))
    for item in exports:
        _check_keys(item, _EXPORT_KEYS, ("out",), f"{place}, export", problems)
    if len(problems) > before:
        return None
    name = given.get("name") or Path(given["query"]).stem
    planned = tuple(
        ExportPlan(
            item["out"],
            tuple(item.get("names", ())),
            item.get("format"),
            item.get("in"),
            tuple(item.get("with", ())),
            item.get("study_id"),
        )
        for item in exports
    )
    outputs = (given.get("json"), given.get("report"))
    if not any(outputs) and not planned:
        outputs = (f"{name}.json", f"{name}.txt")
    parameters = tuple((key, str(value)) for key, value in given.get("set", {}).items())
    return Run(name, Path(given["query"]), parameters, *outputs, planned)


def _check_keys(
    given: Mapping[str, Any],
    known: Mapping[str, type],
    required: tuple[str, ...],
    place: str,
    problems: list[Problem],
) -> None:
    for key, value in given.items():
        if key not in known:
            hint = did_you_mean(key, known) or f"it may be {listing(known)}"
            problems.append(Problem(f"the key {key}", "a key of a plan", hint, file=place))
        elif not isinstance(value, known[key]):
            expected = {"str": "a text", "list": "a list", "dict": "a table"}[known[key].__name__]
            problems.append(Problem(f"{value!r} for {key}", expected, file=place))
    problems.extend(Problem(f"no {key}", f"a value for {key}", file=place) for key in required if key not in given)


# --- what is to be done


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


def _note(plan: Plan, job: Job, outcome: Outcome) -> None:
    from timeline.log.durable import replace_file

    state = _read_state(plan)
    # Where small numbers are hidden, a figure that holds is the number itself: the file lies beside the results.
    reproduced = outcome.reproduced if plan.suppress_below is None else None
    state[job.run.name] = {"fingerprint": job.fingerprint, "reproduced": reproduced}
    replace_file(plan.out / STATE, json.dumps(state, indent=2).encode())


# --- doing it


def run_batch(
    plan: Plan, log: Log, waiting: list[Job], *, workers: int | None = None, memory_limit: str
) -> Iterator[Outcome]:
    """Do the runs; each outcome comes when it is there. Ctrl-C stops them all and keeps what is done."""
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log.durable import replace_file

    plan.out.mkdir(parents=True, exist_ok=True)
    if not (plan.out / STATE).exists():
        replace_file(plan.out / STATE, b"{}")  # from here on, what is in the folder is the batch's own
    position = log.position
    for known_by in dict.fromkeys(job.checked.program.known_by for job in waiting):
        group = [job for job in waiting if job.checked.program.known_by == known_by]
        snapshot = log.snapshot(known_by=known_by) if known_by is not None else log.snapshot(position)
        with DuckDBEngine(snapshot, memory_limit=memory_limit) as engine:
            if group[1:]:
                engine.keep("patients", ())
            declared = {event.name for event in snapshot.catalog}
            for event, attributes in shared(group).items():
                if event in declared:
                    engine.keep(event, sorted(attributes & _attributes(snapshot, event)))
            yield from _beside_each_other(plan, str(log.path), snapshot, engine, group, workers)


def _attributes(snapshot: Snapshot, event: str) -> set[str]:
    declared = snapshot.catalog.event(event)
    return {attribute.name for attribute in declared.attributes} if declared is not None else set()


def _beside_each_other(
    plan: Plan, store: str, snapshot: Snapshot, engine: DuckDBEngine, group: list[Job], workers: int | None
) -> Iterator[Outcome]:
    count = min(workers or os.cpu_count() or 1, len(group))
    declared = {event.name for event in snapshot.catalog}
    branches: list[DuckDBEngine] = []

    def branch(job: Job, number: int) -> DuckDBEngine:
        branches.append(engine.branch(f"run {number}", sorted(declared & set(job.reads))))
        return branches[-1]

    with ThreadPoolExecutor(count, thread_name_prefix="run") as pool:
        running: dict[Future[Outcome], Job] = {}
        try:
            number = 0
            for job in group:
                own = [branch(job, number + part) for part in range(1 + len(job.run.exports))]
                number += len(own)
                running[pool.submit(_do, plan, store, snapshot, own, job)] = job
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    job, outcome = running.pop(future), future.result()
                    if outcome.state == "done":
                        _note(plan, job, outcome)
                    yield outcome
        except BaseException:
            for future in running:
                future.cancel()
            for interrupted in branches:
                interrupted.interrupt()
            raise
        finally:
            wait(running)
            for closing in branches:
                closing.close()


def _do(plan: Plan, store: str, snapshot: Snapshot, engines: list[DuckDBEngine], job: Job) -> Outcome:
    """All outputs of one run; whatever goes wrong with it is its outcome."""
    run = job.run
    try:
        reproduced = None
        if run.json is not None or run.report is not None:
            reproduced = _study(plan, store, snapshot, engines[0], job)
        for export, engine in zip(run.exports, engines[1:], strict=True):
            _export(plan, store, snapshot, engine, job, export)
    except TimelineError as error:
        return Outcome(run, "failed", str(error))
    except Exception as error:
        return Outcome(run, "failed", f"{type(error).__name__}: {error} (this is a mistake of the program)")
    return Outcome(run, "done", reproduced=reproduced)


def _study(plan: Plan, store: str, snapshot: Snapshot, engine: DuckDBEngine, job: Job) -> bool:
    """The results as JSON and as a report: HTML where the file's name says so, else as it is on a terminal."""
    from timeline.export import files
    from timeline.report.json import study_json
    from timeline.report.redaction import redact
    from timeline.study.evaluation import Evaluation
    from timeline.study.run import evaluate

    result = evaluate(job.checked, store, snapshot, Evaluation(engine))
    shown = result if plan.suppress_below is None else redact(result, plan.suppress_below)
    texts: dict[str, Callable[[], str]] = {}
    if job.run.json is not None:
        texts[job.run.json] = lambda: study_json(shown)
    if job.run.report is not None:
        html = job.run.report.endswith(".html")
        texts[job.run.report] = lambda: _html(shown, job.checked) if html else _terminal(shown)
    for output, text in texts.items():
        target = plan.out / output
        target.parent.mkdir(parents=True, exist_ok=True)
        with files.staged(target) as stage:
            (stage / target.name).write_text(text(), encoding="utf-8")
            files.publish(stage, target.absolute().parent, [target.name])
    if result.failed:
        raise StudyError(f"{len(result.failed)} of its analyses could not be done; its outputs say which, and why.")
    return result.reproduced


def _html(result: StudyResult, checked: Checked) -> str:
    from timeline.report.html.page import report
    from timeline.report.html.run_facts import run_facts

    return report(result, checked, run_facts())


def _terminal(result: StudyResult) -> str:
    from io import StringIO

    from rich.console import Console

    from timeline.report.terminal import print_study

    text = StringIO()
    print_study(result, Console(file=text, width=120, highlight=False))
    return text.getvalue()


def _export(plan: Plan, store: str, snapshot: Snapshot, engine: DuckDBEngine, job: Job, export: ExportPlan) -> None:
    from timeline.export.export import Source, Wanted, datasets
    from timeline.export.output import write_file, write_folder
    from timeline.export.writers import format_of

    target = plan.out / export.out
    target.parent.mkdir(parents=True, exist_ok=True)
    format = format_of(target, export.format)
    wanted = Wanted(export.names, export.cohort, export.beside, export.study_id)
    source = Source(job.checked, store, snapshot, engine)
    found = datasets(source, wanted)
    if len(export.names) == 1:
        write_file(source, wanted, found[0], format, target, force=True)
    else:
        write_folder(source, wanted, found, format, target, force=True)
