"""Commit files of the table, one by one: written whole or not at all, read, and judged whole or torn.

Everything here works on the JSON files themselves, since they are what a power cut tears and what tampering changes.
Which files are live after all commits is left to `table`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from deltalake import Schema

from timeline.errors import DamageError
from timeline.log import layout
from timeline.log.actions import STAMP, Action, commit_info
from timeline.log.durable import replace_file, sync_file, sync_folder
from timeline.log.record import GENESIS, Stamp, next_seal
from timeline.log.write import STATISTICS


class LostRace(Exception):
    """Another writer committed first; the caller looks at the new state and tries again."""


@dataclass(frozen=True)
class Added:
    """A data file that a commit adds, with what it states of the file's rows; None where it does not say."""

    path: str
    size: int
    rows: int | None
    bounds: Mapping[str, tuple[Any, Any]]
    data_change: bool

    @classmethod
    def from_action(cls, values: Mapping[str, Any]) -> Added:
        """Raises ValueError, KeyError, TypeError or AttributeError where the values are not an add action."""
        path, size, stats = values["path"], values["size"], json.loads(values.get("stats") or "{}")
        if not isinstance(path, str) or "\0" in path or not isinstance(size, int):
            raise ValueError("a file without a path and a size")
        lowest, highest = stats.get("minValues", {}), stats.get("maxValues", {})
        stated = (column for column in STATISTICS if column in lowest and column in highest)
        bounds = {column: (lowest[column], highest[column]) for column in stated}
        for column, pair in bounds.items():
            if not all(isinstance(value, int if column == "position" else str) for value in pair):
                raise ValueError(f"bounds of {column} that are of another kind")
        return cls(path, size, stats.get("numRecords"), bounds, bool(values["dataChange"]))


@dataclass(frozen=True)
class CommitFile:
    """One commit file as it is on the disk. What it holds is read when it is asked for, and may raise ValueError."""

    version: int
    content: bytes

    @cached_property
    def actions(self) -> list[Action]:
        """The lines of the file, each a JSON object."""
        actions = [json.loads(line) for line in self.content.decode().split("\n") if line]
        if not all(isinstance(action, dict) for action in actions):
            raise ValueError("a line is no JSON object")
        return actions

    def of(self, kind: str) -> list[dict[str, Any]]:
        found = [action[kind] for action in self.actions if kind in action]
        if not all(isinstance(values, dict) for values in found):
            raise ValueError(f"an action {kind} is no JSON object")
        return found

    @cached_property
    def added(self) -> list[Added]:
        try:
            return [Added.from_action(values) for values in self.of("add")]
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"an add action cannot be read: {error}") from error

    @cached_property
    def removed(self) -> list[str]:
        return [str(values.get("path")) for values in self.of("remove")]

    @cached_property
    def metadata(self) -> tuple[Schema, dict[str, str]] | None:
        """The columns and settings that the commit gives the table, or None where it leaves them."""
        try:
            found = [
                (Schema.from_json(values["schemaString"]), values["configuration"]) for values in self.of("metaData")
            ]
        except (KeyError, TypeError) as error:
            raise ValueError(f"the columns of the table cannot be read: {error}") from error
        return found[-1] if found else None

    @cached_property
    def stamp(self) -> Stamp | None:
        """The log's stamp; None for a commit of another program."""
        values = next((info[STAMP] for info in self.of("commitInfo") if STAMP in info), None)
        if values is None:
            return None
        try:
            return Stamp.from_json(values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"its stamp cannot be read: {error}") from error


@dataclass(frozen=True)
class Torn:
    """The first commit at the end of the log that is not whole, and whether it had been acknowledged."""

    version: int
    reason: str
    acknowledged: bool


@dataclass(frozen=True)
class Acknowledged:
    """The last version known to have been acknowledged (-1: none), with the seal after it."""

    version: int
    seal: str


def write(root: Path, version: int, actions: Sequence[Action], stamp: Stamp) -> None:
    """Makes a commit file, durably. Raises LostRace where another writer has made that version.

    The file is flushed under another name first and then linked to its own, which fails if that exists: so a commit
    file is whole from the moment it can be seen. The stamp comes last, as the mark of a whole file.
    """
    content = "\n".join(json.dumps(action, separators=(",", ":")) for action in (*actions, commit_info(stamp)))
    final = layout.commit_file(root, version)
    unseen = root / layout.CONTROL / f"commit-{uuid4().hex}"
    try:
        unseen.write_bytes(content.encode())
        sync_file(unseen)
        os.link(unseen, final)
    except FileExistsError as error:
        raise LostRace from error
    finally:
        unseen.unlink(missing_ok=True)
    sync_folder(final.parent)


def read(root: Path, version: int) -> CommitFile:
    """Raises StoreError where the store is gone, DamageError where the file is missing or cannot be understood."""
    path = layout.commit_file(root, version)
    try:
        file = CommitFile(version, path.read_bytes())
        _ = file.stamp, file.added, file.removed, file.metadata
    except FileNotFoundError:
        layout.require_there(root)
        raise DamageError(f"{root}: the commit file {path.name} is missing.") from None
    except ValueError as error:
        raise DamageError(f"{root}: the commit file {path.name} cannot be read: {error}") from error
    return file


def next_versions(root: Path, version: int) -> int:
    """The last of the versions that follow a version without a gap; the version itself where none does."""
    while layout.commit_file(root, version + 1).exists():
        version += 1
    return version


def last_version(root: Path) -> int | None:
    """The highest version that has a commit file."""
    known = acknowledged(root).version
    if known >= 0 and layout.commit_file(root, known).exists():
        return next_versions(root, known)
    versions = [int(path.stem) for path in (root / layout.DELTA_LOG).glob("*.json") if path.stem.isdigit()]
    return max(versions, default=None)


def find_torn(root: Path, last: int) -> Torn | None:
    """Looks back from the last version for one that is whole, and tells the one after it."""
    torn = None
    for version in range(last, -1, -1):
        reason = fault(root, version)
        if reason is None:
            break
        torn = Torn(version, reason, acknowledged=version <= acknowledged(root).version)
    return torn


def fault(root: Path, version: int) -> str | None:
    """Why a commit is not whole: its own file is cut or unreadable, or a data file that it adds is; None if it is."""
    path = layout.commit_file(root, version)
    try:
        file = CommitFile(version, path.read_bytes())
        _ = file.stamp, file.added, file.removed, file.metadata
        if not file.of("commitInfo"):
            return f"{path.name} is empty or cut off"
    except FileNotFoundError:
        return f"{path.name} is missing"
    except ValueError:
        return f"{path.name} is cut off or overwritten"
    for add in file.added:
        data = root / add.path
        if not data.exists():
            return f"its data file {data.name} is missing"
        if data.stat().st_size != add.size:
            return f"its data file {data.name} has {data.stat().st_size} bytes, expected {add.size}"
    return None


def seal_of(root: Path, version: int) -> str:
    """The seal over the commit files up to a version, begun at the last one that states the seal before it."""
    following = []
    seal = GENESIS
    for earlier in range(version, -1, -1):
        file = read(root, earlier)
        following.append(file.content)
        if file.stamp is not None:
            seal = file.stamp.seal
            break
    for content in reversed(following):
        seal = next_seal(seal, content)
    return seal


def acknowledge(root: Path, version: int, seal: str) -> None:
    """Notes that a version is durable; a version that is lower than the one noted changes nothing."""
    if version > acknowledged(root).version:
        replace_file(layout.acknowledgement_file(root), json.dumps({"version": version, "seal": seal}).encode())


def acknowledged(root: Path) -> Acknowledged:
    """What is noted; version -1 where nothing readable is, since a power cut may take the note but no commit."""
    try:
        values = json.loads(layout.acknowledgement_file(root).read_bytes())
        return Acknowledged(int(values["version"]), str(values["seal"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Acknowledged(-1, GENESIS)
