"""A small vocabulary, a clock and a way to write events down, for the tests of the log."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from dsl.catalog import Attribute, Catalog, EventType
from dsl.types import Boolean, Code, Date, Integer, Number, Text

VOCABULARY = Catalog(
    (
        EventType(
            "surgery",
            (Attribute("site", Code(("rectum", "liver"))), Attribute("r_status", Code(("R0", "R1", "R2")))),
        ),
        EventType("death", (Attribute("cause", Code(("cancer", "other"))),), once=True),
        EventType(
            "laboratory",
            (
                Attribute("analyte", Text()),
                Attribute("value", Number()),
                Attribute("repeats", Integer()),
                Attribute("fasting", Boolean()),
                Attribute("sampled", Date()),
            ),
        ),
    )
)

MakeEvents = Callable[..., pa.Table]


class Clock:
    """A clock that goes on by one second each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2020, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def events(*rows: dict[str, Any]) -> pa.Table:
    """Events from what differs: a surgery of patient p1 on 2010-01-01 where nothing is said."""
    usual = {"patient": "p1", "event": "surgery", "start": date(2010, 1, 1)}
    columns = ["patient", "event", "start", *dict.fromkeys(key for row in rows for key in row if key not in usual)]
    complete = [{**dict.fromkeys(columns), **usual, **row} for row in rows]
    return pa.Table.from_pylist(complete)
