"""Stores with the oncology vocabulary, for the tests of the engine."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import dsl
from timeline.log import Log

VOCABULARY = Path(__file__).parents[2] / "queries" / "vocabulary" / "oncology.tql"


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log.create(tmp_path / "it's a store", dsl.read_catalog(VOCABULARY.read_text()))


@pytest.fixture
def make_events() -> Callable[..., pa.Table]:
    """Events from what differs: a surgery of patient p1 on 2010-01-01 where nothing is said."""

    def make(*rows: dict[str, Any]) -> pa.Table:
        usual = {"patient": "p1", "event": "surgery", "start": date(2010, 1, 1)}
        columns = ["patient", "event", "start", *dict.fromkeys(key for row in rows for key in row if key not in usual)]
        return pa.Table.from_pylist([{**dict.fromkeys(columns), **usual, **row} for row in rows])

    return make
