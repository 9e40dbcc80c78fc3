"""Real processes: the command line as a person calls it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
M1_EVENTS = ROOT / "fixtures" / "m1" / "events.csv"

Timeline = Callable[..., "subprocess.CompletedProcess[str]"]


def call(*arguments: str | Path, cwd: Path = ROOT, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run `timeline` with the arguments; nothing is raised whatever its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "160"}
    return subprocess.run(
        [sys.executable, "-m", "timeline.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        input=stdin,
        timeout=120,
        check=False,
    )


@pytest.fixture
def timeline() -> Timeline:
    return call


@pytest.fixture(scope="session")
def m1_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the reconstructed M1 cohort."""
    store = tmp_path_factory.mktemp("m1") / "store"
    assert call("create", store).returncode == 0
    assert call("import", store, M1_EVENTS).returncode == 0
    return store


@pytest.fixture
def empty_store(tmp_path: Path) -> Path:
    store = tmp_path / "store"
    assert call("create", store).returncode == 0
    return store
