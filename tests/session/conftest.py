"""A small store of four patients, and sessions on it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

import dsl
from dsl.source import Source
from timeline.log import Log
from timeline.study.reply import Reply
from timeline.study.session import Session

DECLARATIONS = """
event surgery
    site one of liver, lung
event death
event follow_up
"""

EVENTS = [
    ("p1", "surgery", date(2010, 1, 1), "liver"),
    ("p1", "death", date(2010, 4, 11), None),
    ("p2", "surgery", date(2010, 1, 1), "lung"),
    ("p2", "follow_up", date(2011, 1, 1), None),
    ("p3", "surgery", date(2010, 1, 1), "liver"),
    ("p3", "death", date(2010, 7, 20), None),
    ("p4", "follow_up", date(2010, 1, 1), None),
]

STUDY = """\
# who was operated on
cohort operated "Operated on"
    index first surgery

endpoint os "Overall survival"
    from first surgery
    until death
    last seen follow_up

endpoint liver "Survival after liver surgery"
    from first surgery where site = liver
    until death
    last seen follow_up
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store"
    log = Log.create(path, dsl.read_catalog(DECLARATIONS))
    columns = zip(*EVENTS, strict=True)
    names = ("patient", "event", "start", "site")
    log.append(pa.table(dict(zip(names, map(list, columns), strict=True))), source="test")
    return path


@pytest.fixture
def session(store: Path) -> Iterator[Session]:
    with Session(Log.open(store)) as opened:
        yield opened


def submit(session: Session, text: str) -> Reply:
    return session.submit(Source(text, "<prompt>"))
