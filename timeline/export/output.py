"""Datasets to files: each is streamed from the engine into a file with all that is known of where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from timeline.errors import ExportError
from timeline.export import files
from timeline.export.dataset import Dataset
from timeline.export.export import Source, Wanted, study_id_of
from timeline.export.provenance import Request, file_metadata
from timeline.export.writers import Format, Target, sidecar

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Written:
    """A file, or a folder of parts, and what is in it; `companion` holds the patients who are not."""

    path: Path
    dataset: Dataset
    companion: Path | None = None


def write_file(
    source: Source, wanted: Wanted, dataset: Dataset, format: Format, path: Path, *, force: bool = False
) -> Written:
    """One dataset into one file, beside it those who are not in it. All of it appears, or nothing.

    Raises ExportError where it cannot be written there.
    """
    names = _names(dataset, format, path.name)
    companion = path.with_name(_companion_name(path.name))
    stale = [name for name in _own_names(format, companion.name) if name not in names]
    for name in [*names, *stale]:
        files.require_free(path.with_name(name), force)
    with files.staged(path) as stage:
        for number, name in enumerate(_write(source, wanted, dataset, format, stage, path.name)):
            assert name == names[number], "files are published in the order in which they were announced"
        files.publish(stage, path.absolute().parent, names)
        for name in stale:
            # It would speak of patients of an earlier export who have a time now.
            path.with_name(name).unlink(missing_ok=True)
    return Written(path, dataset, companion if dataset.companion is not None else None)


def write_folder(
    source: Source,
    wanted: Wanted,
    found: Sequence[Dataset],
    format: Format,
    folder: Path,
    *,
    rows_per_file: int | None = None,
    force: bool = False,
) -> list[Written]:
    """Several datasets into a folder, one file each, or with `rows_per_file` one folder of parts each.

    Raises ExportError where they cannot be written there.
    """
    names = [dataset.name if rows_per_file else f"{dataset.name}{format.suffix}" for dataset in found]
    files.require_folder(folder, names, force)
    written = []
    with files.staged(folder) as stage:
        for dataset, name in zip(found, names, strict=True):
            companion = _companion_name(f"{dataset.name}{format.suffix}")
            if rows_per_file:
                _write_parts(source, wanted, dataset, format, stage / name, rows_per_file)
                if dataset.companion is not None:
                    _write_companion(source, wanted, dataset, format, stage, companion)
            else:
                _write(source, wanted, dataset, format, stage, name)
            beside = folder / companion if dataset.companion is not None else None
            written.append(Written(folder / name, dataset, beside))
        stale = [_companion_name(f"{dataset.name}{format.suffix}") for dataset in found if dataset.companion is None]
        files.publish_folder(stage, folder, [name for left in stale for name in _own_names(format, left)])
    return written


def write_stream(source: Source, wanted: Wanted, dataset: Dataset, format: Format, stream: IO[bytes]) -> None:
    """One dataset to a pipe, in a format that can be written in one go."""
    _stream(source, dataset, format, stream, _request(source, wanted, dataset, format))


def _names(dataset: Dataset, format: Format, name: str) -> list[str]:
    """The files that one dataset becomes, in the order in which they appear: its own last."""
    own = _own_names(format, name)
    return own if dataset.companion is None else [*_own_names(format, _companion_name(name)), *own]


def _own_names(format: Format, name: str) -> list[str]:
    return [name] if format.describes_itself else [sidecar(Path(name)).name, name]


def _companion_name(name: str) -> str:
    path = Path(name)
    return f"{path.stem}.without-time{path.suffix}"


def _request(source: Source, wanted: Wanted, dataset: Dataset, format: Format) -> Request:
    return Request(dataset.name, wanted.cohort, wanted.beside, study_id_of(source.checked, wanted), format.name)


def _write(source: Source, wanted: Wanted, dataset: Dataset, format: Format, stage: Path, name: str) -> list[str]:
    """Writes a dataset, and its companion first; gives the names of the files."""
    before = []
    if dataset.companion is not None:
        before = _write_companion(source, wanted, dataset, format, stage, _companion_name(name))
    request = _request(source, wanted, dataset, format)
    return [*before, *_write_one(source, dataset, format, stage / name, request)]


def _write_companion(
    source: Source, wanted: Wanted, dataset: Dataset, format: Format, stage: Path, name: str
) -> list[str]:
    assert dataset.companion is not None
    request = replace(_request(source, wanted, dataset, format), companion=True)
    return _write_one(source, dataset.companion, format, stage / name, request)


def _write_one(source: Source, dataset: Dataset, format: Format, path: Path, request: Request) -> list[str]:
    with files.plain_errors(path):
        metadata = _stream(source, dataset, format, path, request)
        if not format.describes_itself:
            text = json.dumps(metadata, indent=2, ensure_ascii=False)
            sidecar(path).write_text(f"{text}\n", encoding="utf-8")
    return _own_names(format, path.name)


def _stream(source: Source, dataset: Dataset, format: Format, target: Target, request: Request) -> dict[str, str]:
    metadata = file_metadata(source.checked, source.store, source.snapshot, dataset, request)
    reader = source.engine.stream(dataset.sql)
    schema = dataset.schema(reader.schema, metadata)
    format.write(target, schema, _counted(reader, schema, dataset), dataset)
    return metadata


def _counted(batches: pa.RecordBatchReader, schema: pa.Schema, dataset: Dataset) -> Iterator[pa.RecordBatch]:
    """The batches with their descriptions; fewer or more rows than were counted before are an error, not a file."""
    import pyarrow as pa

    rows = 0
    for batch in batches:
        rows += batch.num_rows
        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
    if rows != dataset.rows:
        raise ExportError(f"{dataset.name}: {rows:,} rows came where {dataset.rows:,} had been counted.")


def _write_parts(
    source: Source, wanted: Wanted, dataset: Dataset, format: Format, folder: Path, rows_per_file: int
) -> None:
    """Files of a certain number of rows in order, the last one with the rest; an empty dataset is one empty file."""
    with files.plain_errors(folder):
        folder.mkdir()
        metadata = file_metadata(
            source.checked, source.store, source.snapshot, dataset, _request(source, wanted, dataset, format)
        )
        reader = source.engine.stream(dataset.sql)
        schema = dataset.schema(reader.schema, metadata)
        batches = _counted(reader, schema, dataset)
        rest: list[pa.RecordBatch] = []
        for number in range(max(1, -(-dataset.rows // rows_per_file))):
            path = folder / f"part-{number + 1:05d}{format.suffix}"
            format.write(path, schema, _take(batches, rest, rows_per_file), dataset)
            if not format.describes_itself:
                sidecar(path).write_text(json.dumps(metadata, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        for _ in batches:
            raise ExportError(f"{dataset.name}: more rows came than had been counted.")


def _take(batches: Iterator[pa.RecordBatch], rest: list[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The next rows of a stream; what goes beyond them is kept in `rest` for the next call."""
    while rows > 0:
        batch = rest.pop() if rest else next(batches, None)
        if batch is None:
            return
        if batch.num_rows > rows:
            rest.append(batch.slice(rows))
        yield batch.slice(0, rows)
        rows -= batch.num_rows
