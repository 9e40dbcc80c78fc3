"""Amendments and retractions: new entries about earlier events, each with its reason; nothing is changed in place.

An amendment is a whole new version of an event, so that reading the last entry of an event is enough. The event keeps
its id, patient and type: an event of the wrong patient or type is retracted and recorded anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from dsl.catalog import Catalog
from timeline.errors import CorrectionError, Problem
from timeline.events import ADMINISTRATIVE, CLINICAL, Operation, first_position
from timeline.log.admit import Door
from timeline.log.declarations import Declarations
from timeline.log.digest import ContentDigest
from timeline.log.problems import Problems, Rows, in_words, nearest
from timeline.log.read import Snapshot, entries_of, snapshot_of
from timeline.log.record import Kind, Record
from timeline.log.rows import Numbering, corrected, first_positions
from timeline.log.serial import commit_serially
from timeline.log.table import Change, Table
from timeline.log.write import NewFile, delete, write_mixed

Changes = Mapping[str, Mapping[str, Any]]
"""For each event id the columns that change, with their new values; None where a value was wrong and none is known."""

_FIXED: Final = ("patient", "event")


@dataclass(frozen=True)
class Correction:
    """Who corrects, on whose word, and why."""

    operation: Operation
    reason: str
    source: str
    recorded_by: str


def amend(
    table: Table, declarations: Declarations, changes: Changes, why: Correction, clock: Callable[[], datetime]
) -> int:
    """Gives the version of the commit. Raises CorrectionError, with nothing written, for what cannot be amended."""

    def versions(found: pa.Table, catalog: Catalog) -> pa.Table:
        rows = [_amended(row, changes[row["event_id"]]) for row in found.to_pylist()]
        return _admitted(rows, catalog)

    return _correct(table, declarations, list(changes), why, clock, versions)


def retract(
    table: Table, declarations: Declarations, event_ids: Iterable[str], why: Correction, clock: Callable[[], datetime]
) -> int:
    """Gives the version of the commit. Raises CorrectionError, with nothing written, for what cannot be retracted."""

    def voids(found: pa.Table, catalog: Catalog) -> pa.Table:
        return found.select(CLINICAL)

    return _correct(table, declarations, list(dict.fromkeys(event_ids)), why, clock, voids)


def _correct(
    table: Table,
    declarations: Declarations,
    event_ids: list[str],
    why: Correction,
    clock: Callable[[], datetime],
    versions: Callable[[pa.Table, Catalog], pa.Table],
) -> int:
    """Commits one entry for each event, worked out from the version in force when the commit is made."""
    if not why.reason.strip():
        raise CorrectionError(f"Nothing was written: every {_noun(why)} needs a reason.")
    if not event_ids:
        raise CorrectionError(f"Nothing was written: no event to {why.operation} was named.")
    files: list[NewFile] = []

    def prepare(last: Record) -> tuple[Record, Change]:
        catalog = declarations.of(last)
        snapshot = snapshot_of(table, catalog, last.position, last)
        found = _in_force(snapshot, event_ids, why)
        numbering = Numbering(last.position + 1, max(clock(), last.recorded_at), why.recorded_by)
        rows = versions(found, catalog)
        for name, value in (("reason", why.reason), ("source", why.source)):
            rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
        rows = rows.append_column("event_id", first_positions(found["event_id"]))
        digest = ContentDigest(Kind(why.operation.value))
        digest.update(rows)
        delete(table.root, files)
        files[:] = [write_mixed(table.root, corrected(rows, why.operation, numbering, catalog), "corrections")]
        record = Record(
            kind=Kind(why.operation.value),
            first=numbering.first,
            position=last.position + rows.num_rows,
            recorded_at=numbering.recorded_at,
            recorded_by=why.recorded_by,
            source=why.source,
            declared=last.declared,
            digest=digest.hexdigest(),
            previous=last.head,
        )
        return record, Change(add=files)

    try:
        return commit_serially(table, f"the {_noun(why)}", prepare)
    except BaseException:
        table.discard(files)
        raise


def _in_force(snapshot: Snapshot, event_ids: list[str], why: Correction) -> pa.Table:
    """The versions in force of the named events, in the order of their names."""
    found = entries_of(snapshot, event_ids, in_force=True)
    standing = dict(zip(found["event_id"].to_pylist(), range(found.num_rows), strict=True))
    absent = [event_id for event_id in event_ids if event_id not in standing]
    recorded = set(entries_of(snapshot, absent)["event_id"].to_pylist())
    problems = []
    for event_id in absent:
        if event_id not in recorded:
            hint = "" if first_position(event_id) else "event ids look like e17; `timeline show` prints them"
            problems.append(Problem(repr(event_id), "the id of an event in the log", hint))
        else:
            hint = "record the event anew if it took place after all"
            problems.append(Problem(f"{event_id}, which has been retracted", "an event that stands", hint))
    if problems:
        raise CorrectionError(f"Nothing was written: the {_noun(why)} does not fit the log.", problems=problems)
    return found.take(pa.array([standing[event_id] for event_id in event_ids], pa.int64()))


def _amended(row: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    event_id = row["event_id"]
    for column in changes:
        if column in _FIXED:
            raise CorrectionError(
                f"Nothing was written: the {column} of an event cannot be amended ({event_id}).",
                hint="Retract the event and record it anew, each with its reason.",
            )
        if column not in row or column in ADMINISTRATIVE:
            hint = nearest(column, [name for name in row if name not in (*_FIXED, *ADMINISTRATIVE)])
            raise CorrectionError(
                f"Nothing was written: an event {row['event']} has no {column!r}.", hint=hint[:1].upper() + hint[1:]
            )
    amended = {**row, **changes}
    for date in ("start", "end"):
        # A new date is known to the day unless the amendment says otherwise.
        if date in changes and f"{date}_precision" not in changes:
            amended[f"{date}_precision"] = None
    if all(amended[name] == row[name] for name in changes):
        raise CorrectionError(f"Nothing was written: the amendment of {event_id} changes nothing.")
    return amended


def _admitted(rows: list[dict[str, Any]], catalog: Catalog) -> pa.Table:
    """The new versions as typed rows. Raises CorrectionError with all that the declarations do not admit."""
    door = Door(catalog)
    problems = Problems()
    versions = [_version(row, door, problems) for row in rows]
    if problems.count:
        raise CorrectionError(
            "Nothing was written: the amendment does not fit the declarations.",
            problems=problems.kept,
            problem_count=problems.count,
        )
    return pa.concat_tables(versions).drop_columns(["source", "source_line"])


def _version(row: Mapping[str, Any], door: Door, problems: Problems) -> pa.Table:
    columns = {}
    reported = {}
    for field in door.schema:
        value = row.get(field.name)
        try:
            columns[field.name] = pa.array([value], field.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            problem = Problem(repr(value), in_words(field.type), file=row["event_id"], column=field.name)
            problems.add([problem], 1)
            reported[field.name] = np.array([True])
            columns[field.name] = pa.nulls(1, field.type)
    return door.check(columns, Rows(row["event_id"], first_row=None, reported=reported), problems)


def _noun(why: Correction) -> str:
    return "amendment" if why.operation is Operation.AMEND else "retraction"
