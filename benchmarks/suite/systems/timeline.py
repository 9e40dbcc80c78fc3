"""This program, through what a person calls: an open store, a study, rows, results, an export, an import."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.suite.data import Place, make_store
from benchmarks.suite.outputs import ROWS, stored, workload
from benchmarks.suite.systems import Timed

if TYPE_CHECKING:
    from timeline.study.results import StudyResult

CHANGED = "let pcr = (first pathology where site = rectum on or before clearance).trg in (1, 2)"
"""The definition that W8 changes: a near complete response counts as complete."""


def load() -> None:
    """Imports that do not count; a benchmark of its own measures them."""
    import lifelines.statistics  # noqa: F401
    import sqlglot.dialects.duckdb  # noqa: F401

    import timeline.engine.duckdb
    import timeline.export.output
    import timeline.export.writers
    import timeline.study.analyses
    import timeline.study.run
    import timeline.study.session  # noqa: F401


def rows_of(name: str, endpoint: str, cohort: str) -> Any:
    def prepare(place: Place) -> Timed:
        load()
        from timeline.api.store import Store

        def run() -> Any:
            with Store(place.store).study(workload(name)) as study:
                found = study.endpoint(endpoint, in_=cohort).to_duckdb()
                return {"rows": found.project(", ".join(f'"{part}"' for part in ROWS)).to_arrow_table()}

        return run

    return prepare


def _w3(place: Place) -> Timed:
    load()
    from timeline.api.store import Store

    def run() -> Any:
        with Store(place.store).study(workload("w3.tql")) as study:
            attrition = study.session.attrition("planned")
            # The rows that were counted are there still; an export reads them in the same way.
            members = study.session.engine.query(
                'SELECT patient, "planned.index_day" AS "index" FROM study.patients WHERE planned'
            )
        return {"members": members, "attrition": _attrition([attrition])}

    return run


def _attrition(cohorts: Any) -> list[dict[str, Any]]:
    return [
        {
            "cohort": cohort.name,
            "step": number,
            "remaining": step.remaining,
            "fell": step.fell,
            "unknown": step.unknown,
        }
        for cohort in cohorts
        for number, step in enumerate(cohort.steps, 1)
    ]


def _w4(place: Place) -> Timed:
    load()
    from timeline.api.store import Store

    def run() -> Any:
        with Store(place.store).study(workload("w4.tql")) as study:
            return _study_tables(study.session.run())

    return run


def _w8(place: Place) -> Timed:
    """In a session the definitions are the session's own, since those of a used file cannot be replaced."""
    load()
    from dsl.source import Source
    from timeline.api.store import Store
    from timeline.library import standard_library

    m1 = standard_library() / "m1.tql"
    definitions = m1.read_text(encoding="utf-8").partition("# --- what the report shows")[0]
    analyses = workload("w4.tql").read_text(encoding="utf-8").partition('"../../queries/m1.tql"')[2]
    study = Store(place.store).study()
    study.session.define(Source(definitions + analyses, str(m1)))
    study.session.run()

    def run() -> Any:
        study.session.define(Source(CHANGED, "<changed>"))
        return _study_tables(study.session.run())

    return run


def _study_tables(result: StudyResult) -> Any:
    from benchmarks.suite.systems.figures import figures

    return {"attrition": _attrition(result.cohorts), "figures": figures(result)}


def _w5(place: Place) -> Timed:
    load()
    from timeline.log import Log

    return lambda: {"history": Log.open(place.store).history(place.someone)}


def _w6(place: Place) -> Timed:
    load()
    from timeline.cli import main

    folder = fresh(place.folder("export") / "timeline")

    def run() -> Any:
        for name, endpoint, cohort in (("w1", "os", "enrolled"), ("w2", "rfs", "cleared")):
            out = str(folder / f"{name}.parquet")
            query = str(workload(f"{name}.tql"))
            main(["export", query, endpoint, "--store", str(place.store), "--in", cohort, "-o", out])
        return {f"{name} exported": folder / f"{name}.parquet" for name in ("w1", "w2")}

    return run


def _w7(place: Place) -> Timed:
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.ingest import import_file  # noqa: F401
    from timeline.log import Log

    folder = fresh(place.folder("import")) / "timeline"

    def run() -> Any:
        make_store(folder, place, corrected=False)
        with DuckDBEngine(Log.open(folder).snapshot()) as engine:
            return {"stored": stored(lambda event: engine.query(f"SELECT patient, start FROM log.{event}"))}

    return run


def fresh(folder: Path) -> Path:
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


WORKLOADS = {
    "W1": rows_of("w1.tql", "os", "enrolled"),
    "W2": rows_of("w2.tql", "rfs", "cleared"),
    "W3": _w3,
    "W4": _w4,
    "W5": _w5,
    "W6": _w6,
    "W7": _w7,
    "W8": _w8,
}
