"""Studies run once, for all tests of their reports."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dsl import Checked, check
from timeline.library import Library, read_source
from timeline.report.html.run_facts import RunFacts
from timeline.study.histories import Histories, histories
from timeline.study.results import StudyResult
from timeline.study.run import run_study

ROOT = Path(__file__).resolve().parents[2]
FACTS = RunFacts(
    "timeline run study.tql --report out.html", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), (("duckdb", "2.0"),)
)


@dataclass(frozen=True)
class Run:
    result: StudyResult
    checked: Checked
    patients: Histories


def run(query: Path, events: Path, folder: Path) -> Run:
    """A study on a new store with the events of a file."""
    from timeline.log import Log

    store = folder / "store"
    for arguments in (["create", store], ["import", store, events]):
        subprocess.run([sys.executable, "-m", "timeline.cli", *map(str, arguments)], check=True, cwd=ROOT, timeout=120)
    log = Log.open(store)
    checked = check(read_source(query), log.catalog, Library())
    assert not checked.errors
    result = run_study(checked, log)
    return Run(result, checked, histories(result, log, 300))


@pytest.fixture(scope="session")
def m1(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(ROOT / "queries/m1.tql", ROOT / "fixtures/m1/events.csv", tmp_path_factory.mktemp("m1"))


@pytest.fixture(scope="session")
def colon(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("colon")
    subprocess.run([sys.executable, ROOT / "fixtures/colon/convert.py", folder / "events.csv"], check=True)
    return run(ROOT / "queries/colon.tql", folder / "events.csv", folder)
