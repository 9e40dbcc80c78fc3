"""The record that each commit of the log carries, and how records are chained.

A record says what its commit added, who recorded it, when, from where, and the digest of its rows. Its `head` is the
SHA-256 of the record together with the head before it, so that no earlier commit can change without changing every
later head. Which rows the digest covers is left to `digest`; where records are stored is left to `table`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timezone
from enum import StrEnum
from typing import Any, Final

GENESIS: Final = "0" * 64
"""The head before the first commit, and the seal before the first commit file."""

FORMAT: Final = 1
"""The form of the stamp; a later form has a higher number, and an older program refuses it by name."""


class Kind(StrEnum):
    """What a commit did. The first three add entries to the log and are named as the operation of those."""

    RECORD = "record"
    AMEND = "amend"
    RETRACT = "retract"
    CREATE = "create"
    DECLARE = "declare"


@dataclass(frozen=True)
class Record:
    """One commit of the log.

    `first` to `position` are the positions of the entries that it added (`first` is `position + 1` where it added
    none). `declared` is the Delta version whose record holds the declarations in force; that one has their text.
    `content` is the SHA-256 of the file that the entries came from, `batch` the name that the caller gave them.
    """

    kind: Kind
    first: int
    position: int
    recorded_at: datetime
    recorded_by: str
    source: str
    declared: int
    digest: str
    previous: str
    head: str = ""
    batch: str | None = None
    content: str | None = None
    declarations: str | None = None

    @property
    def rows(self) -> int:
        return self.position - self.first + 1

    def with_head(self) -> "Record":
        return replace(self, head=self.expected_head())

    def expected_head(self) -> str:
        """The head that follows from the other fields: SHA-256 of them as JSON, keys sorted, ASCII, no spaces."""
        covered = {key: value for key, value in self.to_json().items() if key != "head"}
        canonical = json.dumps(covered, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        values["recorded_at"] = self.recorded_at.isoformat(timespec="microseconds")
        return {key: value for key, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Record":
        """Raises KeyError, TypeError or ValueError where the values are no record."""
        given = dict(values)
        given["kind"] = Kind(given["kind"])
        given["recorded_at"] = datetime.fromisoformat(given["recorded_at"])
        record = cls(**given)
        _require(int, record.first, record.position, record.declared)
        _require(str, record.recorded_by, record.source, record.digest, record.previous, record.head)
        _require(str, *(value for value in (record.batch, record.content, record.declarations) if value is not None))
        _require(timezone, record.recorded_at.tzinfo)
        return record


@dataclass(frozen=True)
class Stamp:
    """What the log writes into a commit file of the table.

    A commit that only rearranges files repeats the record before it, with `compaction` set. `seal` covers the bytes
    of every commit file before this one: SHA-256 of the earlier seal and the file, so that a change of any byte in
    the history of the table shows, also of those that the chain of records does not cover.
    """

    record: Record
    seal: str
    compaction: bool = False

    def to_json(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**values, "record": self.record.to_json(), "format": FORMAT}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Stamp":
        """Raises KeyError, TypeError or ValueError where the values are no stamp."""
        if values["format"] != FORMAT:
            raise ValueError(f"format {values['format']!r}, expected {FORMAT}")
        given = {key: value for key, value in values.items() if key != "format"}
        given["record"] = Record.from_json(given["record"])
        stamp = cls(**given)
        _require(bool, stamp.compaction)
        bytes.fromhex(stamp.seal)
        return stamp


def _require(kind: type, *values: object) -> None:
    for value in values:
        if not isinstance(value, kind):
            raise TypeError(f"{value!r} where {kind.__name__} is expected")


def next_seal(seal: str, commit_file: bytes) -> str:
    """The seal after one more commit file."""
    return hashlib.sha256(bytes.fromhex(seal) + commit_file).hexdigest()
