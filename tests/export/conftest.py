"""Stores to export from, and the command line in this process."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dsl import Checked
from timeline.cli import main
from timeline.commands.base import load_query
from timeline.ingest import import_file
from timeline.log import Log

ROOT = Path(__file__).resolve().parents[2]
M1, COLON = ROOT / "queries" / "m1.tql", ROOT / "queries" / "colon.tql"


@dataclass(frozen=True)
class Study:
    query: Path
    store: Path

    @property
    def log(self) -> Log:
        return Log.open(self.store)

    @property
    def checked(self) -> Checked:
        return load_query(self.query, log=self.log)


def make_store(folder: Path, events: Path, query: Path) -> Study:
    log = Log.create(folder / "store", load_query(query).program.catalog)
    import_file(log, events)
    return Study(query, folder / "store")


@pytest.fixture(scope="session")
def m1(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The reconstructed M1 cohort: synthetic, no patient's data."""
    return make_store(tmp_path_factory.mktemp("m1"), ROOT / "fixtures/m1/events.csv", M1)


@pytest.fixture(scope="session")
def colon(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("colon")
    subprocess.run([sys.executable, ROOT / "fixtures/colon/convert.py", folder / "events.csv"], check=True)
    return make_store(folder, folder / "events.csv", COLON)


def course(folder: Path, events: str, query: str, header: str = "patient,event,start") -> Study:
    """A store with a few events in the oncology vocabulary, and a query on it."""
    (folder / "events.csv").write_text(f"{header}\n{events}", encoding="utf-8")
    (folder / "study.tql").write_text(f"use oncology\n{query}\n", encoding="utf-8")
    return make_store(folder, folder / "events.csv", folder / "study.tql")


Export = Callable[..., int]


@pytest.fixture
def export() -> Export:
    """Calls `timeline export` for a study; the result is the exit code."""

    def call(study: Study, *arguments: str | Path) -> int:
        return main(["export", str(study.query), *map(str, arguments), "--store", str(study.store)])

    return call


@pytest.fixture
def verify() -> Export:
    def call(file: Path, store: Path) -> int:
        return main(["export", "--verify", str(file), "--store", str(store)])

    return call
