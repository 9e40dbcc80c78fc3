"""Stores with a small vocabulary, for the tests of the log."""

from pathlib import Path

import pytest
from log_support import VOCABULARY, Clock, MakeEvents, events

from dsl.catalog import Catalog
from timeline.log import Log


@pytest.fixture
def vocabulary() -> Catalog:
    return VOCABULARY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_events() -> MakeEvents:
    return events


@pytest.fixture
def log(tmp_path: Path, clock: Clock) -> Log:
    return Log.create(tmp_path / "store", VOCABULARY, recorded_by="anna", clock=clock)
