"""The runs of a batch done, each with its outputs, over one engine that has read what they share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from timeline.batch.jobs import STATE, Job, Outcome, note, shared
from timeline.batch.plan import ExportPlan, Plan
from timeline.errors import StudyError, TimelineError

if TYPE_CHECKING:
    from dsl import Checked
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Log, Snapshot
    from timeline.study.results import StudyResult


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
                        note(plan, job, outcome)
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
