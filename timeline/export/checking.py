"""Whether a file still says what the store gives: it is computed again as it was asked for, and compared by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import dsl
from dsl.diagnostics import render
from timeline.errors import ExportError
from timeline.export.export import Source, Wanted, datasets
from timeline.export.output import write_file
from timeline.export.provenance import Recorded, RecordedFiles, read_metadata
from timeline.export.writers import Format, format_of, read_description

if TYPE_CHECKING:
    import pyarrow as pa

    from timeline.log import Log, Snapshot


@dataclass(frozen=True)
class Compared:
    """What was found: `rows` that are the same, and the first `difference` in words, where there is one."""

    recorded: Recorded
    rows: int
    difference: str | None


def verify_export(path: Path, log: Log, memory_limit: str) -> Compared:
    """Compare an exported file, or a folder of parts, with what its query gives at the position that it records.

    Raises ExportError where the file cannot be read or says nothing of where it came from.
    """
    parts = sorted(part for part in path.iterdir() if part.name.startswith("part-")) if path.is_dir() else [path]
    parts = [part for part in parts if not part.name.endswith(".metadata.json")]
    if not parts or not parts[0].is_file():
        raise ExportError(f"{path} is no exported file.", hint="Name a file that `timeline export` wrote.")
    format = format_of(parts[0])
    recorded = read_metadata(read_description(parts[0], format), str(path))
    if recorded.head not in (commit.head for commit in log.commits()):
        return Compared(recorded, 0, f"the log of {log.path} has no commit with the head {recorded.head}")
    checked = _checked(recorded, log.snapshot(recorded.position), str(path))
    with _made_again(recorded, checked, log, format, memory_limit) as again:
        rows, difference = _compare((row for part in parts for row in _rows(part, format)), _rows(again, format))
    return Compared(recorded, rows, difference)


def _checked(recorded: Recorded, snapshot: Snapshot, file: str) -> dsl.Checked:
    from timeline.study.run import query_hash

    if query_hash(recorded.sources) != recorded.query_hash:
        raise ExportError(f"{file} cannot be verified: the query in its metadata is not the one that its hash names.")
    checked = dsl.check(recorded.query, snapshot.catalog, RecordedFiles(recorded.sources), recorded.parameters)
    if checked.errors:
        raise ExportError(f"{file} cannot be verified: its query has an error.\n{render(checked.errors[0])}")
    if query_hash(checked.sources) != recorded.query_hash:
        raise ExportError(f"{file} cannot be verified: the files that its query uses could not be told apart.")
    return checked


@contextmanager
def _made_again(
    recorded: Recorded, checked: dsl.Checked, log: Log, format: Format, memory_limit: str
) -> Iterator[Path]:
    """A file of the same format with what the same request gives now."""
    from timeline.engine.duckdb import DuckDBEngine

    request = recorded.request
    snapshot = log.snapshot(recorded.position)
    wanted = Wanted((request.name,), request.cohort, request.beside, request.study_id)
    with (
        DuckDBEngine(snapshot, memory_limit=memory_limit) as engine,
        TemporaryDirectory(prefix="timeline-verify-") as folder,
    ):
        source = Source(checked, str(log.path), snapshot, engine)
        [dataset] = datasets(source, wanted)
        if request.companion:
            if dataset.companion is None:
                raise ExportError(f"Every patient has a time of {request.name} now, and the file lists some without.")
            dataset = dataset.companion
        path = Path(folder) / f"again{format.suffix}"
        write_file(source, wanted, dataset, format, path)
        yield path


def _rows(path: Path, format: Format) -> Iterator[pa.RecordBatch]:
    try:
        yield from format.read(path)
    except (OSError, ValueError, KeyError) as error:
        raise ExportError(f"{path} cannot be read as {format.name}: {error}") from None


def _compare(found: Iterator[pa.RecordBatch], expected: Iterator[pa.RecordBatch]) -> tuple[int, str | None]:
    """How many rows are the same from the first on, and the first difference."""
    rows = 0
    ours, theirs = next(found, None), next(expected, None)
    while ours is not None and theirs is not None:
        if ours.schema.names != theirs.schema.names or ours.schema.types != theirs.schema.types:
            return rows, _columns_differ(ours.schema, theirs.schema)
        common = min(ours.num_rows, theirs.num_rows)
        left, right = ours.slice(0, common), theirs.slice(0, common)
        if not left.equals(right):
            return _first_difference(left, right, rows)
        rows += common
        ours = ours.slice(common) if ours.num_rows > common else next(found, None)
        theirs = theirs.slice(common) if theirs.num_rows > common else next(expected, None)
    if ours is not None and ours.num_rows:
        return rows, f"row {rows + 1} ({_who(ours, 0)}) is in the file, and the store does not give it"
    if theirs is not None and theirs.num_rows:
        return rows, f"row {rows + 1} ({_who(theirs, 0)}) is not in the file"
    return rows, None


def _columns_differ(ours: pa.Schema, theirs: pa.Schema) -> str:
    found = {field.name: str(field.type) for field in ours}
    expected = {field.name: str(field.type) for field in theirs}
    for name in [*expected, *found]:
        if found.get(name) != expected.get(name):
            kinds = f"{found.get(name, 'missing')} in the file, {expected.get(name, 'missing')} from the store"
            return f"the column {name} is {kinds}"
    return "the columns stand in another order"


def _first_difference(left: pa.RecordBatch, right: pa.RecordBatch, before: int) -> tuple[int, str | None]:
    for row, (ours, theirs) in enumerate(zip(left.to_pylist(), right.to_pylist(), strict=True)):
        for name, value in ours.items():
            # A missing number is not equal to itself.
            if value != theirs[name] and not (value != value and theirs[name] != theirs[name]):
                where = f"row {before + row + 1} ({_who(left, row)}), column {name}"
                return before + row, f"{where}: {value!r} in the file, {theirs[name]!r} from the store"
    return before + left.num_rows, None


def _who(batch: pa.RecordBatch, row: int) -> str:
    for name in ("USUBJID", "patient"):
        if name in batch.schema.names:
            return f"patient {batch.column(name)[row].as_py()}"
    return "no patient"
