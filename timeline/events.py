"""What one entry of the log consists of, as columns.

Each row is one version of one event: when it happened (`start`, `end`), what was known of it (the attributes), and
when, by whom and from where that was recorded. The columns of a store follow from its declarations. Whether rows fit
the declarations is checked by `timeline.log.admit`; this module only names and types the columns.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dsl.catalog import Catalog, storage_kind
from dsl.types import AttributeType

if TYPE_CHECKING:
    import pyarrow as pa


class Operation(StrEnum):
    """What an entry does to its event."""

    RECORD = "record"
    AMEND = "amend"
    RETRACT = "retract"


class Precision(StrEnum):
    """How much of a date is known; the rest of it is a stated imputation."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


CLINICAL = ("patient", "event", "start", "end", "start_precision", "end_precision")
"""Columns that say what happened, before the attributes."""

ADMINISTRATIVE = ("event_id", "position", "recorded_at", "recorded_by", "source", "source_line", "operation", "reason")
"""Columns that say how it came into the log, after the attributes."""


def event_id(position: int) -> str:
    """The id of the event that was first recorded at a position: `e` and the position."""
    return f"e{position}"


def first_position(event_id: str) -> int | None:
    """The position that an event id names, or None where the text is no event id."""
    digits = event_id.removeprefix("e")
    valid = event_id.startswith("e") and digits.isascii() and digits.isdigit() and not digits.startswith("0")
    return int(digits) if valid else None


def arrow_type(type_: AttributeType) -> pa.DataType:
    """How an attribute's values are stored."""
    import pyarrow as pa

    match storage_kind(type_):
        case "boolean":
            return pa.bool_()
        case "integer":
            return pa.int64()
        case "number":
            return pa.float64()
        case "date":
            return pa.date32()
        case _:
            return pa.string()


def clinical_schema(catalog: Catalog) -> pa.Schema:
    """What a caller gives for an event: who, what, when, each attribute, and where it was read."""
    import pyarrow as pa

    return pa.schema(
        [
            ("patient", pa.string()),
            ("event", pa.string()),
            ("start", pa.date32()),
            ("end", pa.date32()),
            ("start_precision", pa.string()),
            ("end_precision", pa.string()),
            *((name, arrow_type(type_)) for name, type_ in catalog.columns().items()),
            ("source", pa.string()),
            ("source_line", pa.int64()),
        ]
    )


def storage_schema(catalog: Catalog) -> pa.Schema:
    """Every column of the log, in storage order: clinical, attributes in order of first declaration, administrative.

    An event id is stored as the position that it names.
    """
    import pyarrow as pa

    administrative = {
        "event_id": pa.int64(),
        "position": pa.int64(),
        "recorded_at": pa.timestamp("us", tz="UTC"),
        "recorded_by": pa.string(),
        "source": pa.string(),
        "source_line": pa.int64(),
        "operation": pa.string(),
        "reason": pa.string(),
    }
    clinical = [field for field in clinical_schema(catalog) if field.name not in administrative]
    return pa.schema([*clinical, *administrative.items()])


def entry_schema(catalog: Catalog) -> pa.Schema:
    """The columns of the log as they are read: ids as `e17`, and sources with their line, as `visits.csv:5`."""
    import pyarrow as pa

    read = {"event_id": pa.string(), "source_line": None}
    fields = ((field.name, read.get(field.name, field.type)) for field in storage_schema(catalog))
    return pa.schema([(name, type_) for name, type_ in fields if type_ is not None])
