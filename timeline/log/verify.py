"""Verification: does the store still say what was recorded, and does every byte stand as it was written?

Four things are compared, each with what does not follow from it: the commit files with their seals and hash chain
(`chain`), the data files with the hashes in their names, the table's own state with its commit files, and the rows
with the digests in the records (`contents`). Nothing is changed; setting aside what a power cut tore is left to
`repair`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError

from timeline.errors import StoreError, TimelineError
from timeline.events import storage_schema
from timeline.log import contents, layout
from timeline.log.chain import Chain, Finding, follow
from timeline.log.declarations import Declarations
from timeline.log.durable import file_hash, plain_errors
from timeline.log.write import STATISTICS

_NAMED_BY_HASH: Final = re.compile(r"-([0-9a-f]{64})\.parquet$")


@dataclass(frozen=True)
class Verification:
    """The head of the chain as far as it could be followed, what it covers, and everything that does not fit."""

    head: str
    position: int
    commits: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def first(self) -> Finding | None:
        """The finding at the earliest commit; those that concern no commit come last."""
        return min(self.findings, key=lambda finding: (finding.version is None, finding.version or 0), default=None)


def verify(path: str | Path, *, noted: str | None = None, progress: contents.Progress | None = None) -> Verification:
    """Reads everything in a store. `noted` is a head that somebody wrote down earlier: the chain must contain it.

    Raises StoreError where there is no store, or where it cannot be read by this user.
    """
    root = Path(path)
    if not (root / layout.DELTA_LOG).is_dir() or not (root / layout.CONTROL).is_dir():
        raise StoreError(f"{root}: there is no store of clinical timelines here.")
    with plain_errors(root, "verifying it"):
        chain = follow(root)
        if noted is not None and noted not in chain.heads:
            chain.report(None, f"the head that was noted, {noted}, is not in the chain")
        columns = chain.columns
        if columns is not None and not chain.broken:
            damaged = list(_damaged_files(root, chain))
            chain.findings += [*_state(root, chain, columns), *_declarations(root, chain, columns), *damaged]
            if not damaged:
                schema = pa.schema(columns.to_arrow())
                chain.findings += contents.compare(root, chain.live, schema, chain.records, progress)
    return Verification(chain.head, chain.position, len(chain.heads), tuple(chain.findings))


def _damaged_files(root: Path, chain: Chain) -> Iterator[Finding]:
    """Data files that are missing or changed, at the first commit whose entries they hold."""
    for path, (version, add) in chain.live.items():
        file = root / path
        named = _NAMED_BY_HASH.search(file.name)
        if not file.exists():
            fault = "is missing"
        elif file.stat().st_size != add.size:
            fault = f"has {file.stat().st_size} bytes, expected {add.size}"
        elif named is not None and file_hash(file) != named[1]:
            fault = "is not as it was written"
        else:
            continue
        first, last = add.bounds.get("position") or (None, None)
        entries = "" if first is None else f"; it holds entries from position {first} to {last}"
        yield Finding(_commit_of(chain, first, version), f"the data file {file.name} {fault}{entries}")


def _state(root: Path, chain: Chain, columns: Schema) -> Iterator[Finding]:
    """Differences between what the commit files say and what the table's reader makes of its checkpoints."""
    try:
        table = DeltaTable(str(root), version=chain.version)
        actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    except (DeltaError, OSError) as error:
        yield Finding(None, f"the table cannot be opened, so a checkpoint may be damaged: {error}")
        return
    # A store from before a column had bounds keeps the setting that it was made with.
    bounded = [column for column in STATISTICS if column in chain.settings.get(layout.BOUNDED, "").split(",")]
    stated = {path: (add.size, add.rows, *map(add.bounds.get, bounded)) for path, (_, add) in chain.live.items()}
    read = {
        action["path"]: (action["size_bytes"], action["num_records"], *_bounds(action, bounded)) for action in actions
    }
    settings = (table.schema().to_json(), table.metadata().configuration)
    if stated != read or settings != (columns.to_json(), chain.settings):
        yield Finding(None, "the table's checkpoint does not say what its commit files say")


def _bounds(action: dict[str, Any], columns: Iterable[str]) -> Iterator[tuple[Any, Any] | None]:
    for column in columns:
        low, high = action.get(f"min.{column}"), action.get(f"max.{column}")
        yield None if low is None or high is None else (low, high)


def _declarations(root: Path, chain: Chain, columns: Schema) -> Iterator[Finding]:
    """Declarations that cannot be read, or that name columns which the table lacks."""
    declarations = Declarations(root)
    present = {field.name for field in columns.fields}
    for version, record in chain.records:
        if record.declared != version:
            continue
        try:
            missing = set(storage_schema(declarations.of(record)).names) - present
        except TimelineError as error:
            yield Finding(version, error.message)
            continue
        if missing:
            yield Finding(version, f"it declares {', '.join(sorted(missing))}, which the table has no column for")


def _commit_of(chain: Chain, position: int | None, otherwise: int) -> int:
    """The commit that recorded a position."""
    if position is None:
        return otherwise
    return next(
        (version for version, record in chain.records if record.first <= position <= record.position), otherwise
    )
