"""Streams of record batches into files, and files back into record batches: one pair of functions a format.

Parquet and Arrow hold the description of columns and where the data came from in themselves; the other formats have no
room for it, so a file `NAME.metadata.json` stands beside them. SAS transport files are in `sas`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from timeline.errors import ExportError, QueryError

if TYPE_CHECKING:
    import pyarrow as pa

    from timeline.export.dataset import Dataset

Batches = Iterable["pa.RecordBatch"]
Target = Path | IO[bytes]


@dataclass(frozen=True)
class Format:
    """`describes_itself`: metadata are in the file. `streams`: it can be written to a pipe, and in parts."""

    name: str
    suffixes: tuple[str, ...]
    describes_itself: bool
    streams: bool
    write: Callable[[Target, pa.Schema, Batches, Dataset], None]
    read: Callable[[Path], Iterator[pa.RecordBatch]]

    @property
    def suffix(self) -> str:
        return self.suffixes[0]


def _write_parquet(target: Target, schema: pa.Schema, batches: Batches, dataset: Dataset) -> None:
    """Columns whose values repeat get a dictionary; for ids it would be built in vain."""
    import pyarrow.parquet as pq

    coming = iter(batches)
    first = next(coming, None)
    repeating = [] if first is None else [name for name in schema.names if _repeats(first.column(name))]
    with pq.ParquetWriter(target, schema, use_dictionary=repeating or False) as writer:
        for batch in coming if first is None else chain([first], coming):
            writer.write_batch(batch)


def _repeats(values: pa.Array) -> bool:
    import pyarrow.compute as pc

    return 2 * int(pc.count_distinct(values).as_py()) <= len(values)


def _read_parquet(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield from file.iter_batches()


def _write_arrow(target: Target, schema: pa.Schema, batches: Batches, dataset: Dataset) -> None:
    import pyarrow as pa

    with pa.ipc.new_file(target, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _read_arrow(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


def _write_csv(target: Target, schema: pa.Schema, batches: Batches, dataset: Dataset) -> None:
    from pyarrow import csv

    with csv.CSVWriter(target, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _read_csv(path: Path) -> Iterator[pa.RecordBatch]:
    """Every value as the text that stands in the file."""
    from csv import reader

    import pyarrow as pa
    from pyarrow import csv

    with path.open(encoding="utf-8", newline="") as file:
        names = next(reader(file), [])
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    yield from csv.open_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)


def _write_dataset_json(target: Target, schema: pa.Schema, batches: Batches, dataset: Dataset) -> None:
    """CDISC Dataset-JSON 1.1. Dates are texts of ISO 8601 that stand for numbers, truth values Y and N, as in ADaM."""
    if isinstance(target, Path):
        with target.open("wb") as file:
            _write_rows(file, schema, batches, dataset)
    else:
        _write_rows(target, schema, batches, dataset)


def _write_rows(file: IO[bytes], schema: pa.Schema, batches: Batches, dataset: Dataset) -> None:
    head = json.dumps(_dataset_json_head(schema, dataset), ensure_ascii=False, indent=1)
    file.write(f'{head[:-2]},\n "rows": ['.encode())
    separator = "\n  "
    for batch in batches:
        for row in zip(*(_json_values(column) for column in batch.columns), strict=True):
            file.write(f"{separator}{json.dumps(row, ensure_ascii=False, allow_nan=False)}".encode())
            separator = ",\n  "
    file.write(b"\n ]\n}\n")


def _dataset_json_head(schema: pa.Schema, dataset: Dataset) -> dict[str, object]:
    from importlib.metadata import version

    from timeline.export.sas import short_name

    group = short_name(dataset.name)
    columns = []
    for column, field in zip(dataset.columns, schema, strict=True):
        described: dict[str, object] = {
            "itemOID": f"IT.{group}.{column.name}",
            "name": column.name,
            "label": column.label,
            **_dataset_json_type(field.type),
        }
        if column.name in _KEYS:
            described["keySequence"] = _KEYS[column.name]
        columns.append(described)
    return {
        "datasetJSONCreationDateTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "datasetJSONVersion": "1.1.0",
        "fileOID": f"catamnesis.{group}",
        "sourceSystem": {"name": "catamnesis", "version": version("catamnesis")},
        "itemGroupOID": f"IG.{group}",
        "records": dataset.rows,
        "name": group,
        "label": dataset.label,
        "columns": columns,
    }


_KEYS: Final = {"USUBJID": 1, "patient": 1, "event_id": 2}
"""What tells the rows of a dataset apart, and in which order."""


def _dataset_json_type(type_: pa.DataType) -> dict[str, object]:
    import pyarrow as pa

    if pa.types.is_date(type_):
        return {"dataType": "date", "targetDataType": "integer", "displayFormat": "E8601DA."}
    if pa.types.is_integer(type_):
        return {"dataType": "integer"}
    return {"dataType": "double" if pa.types.is_floating(type_) else "string"}


def _json_values(column: pa.Array) -> list[object]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(column.type):
        column = pc.if_else(column, "Y", "N")
    if pa.types.is_date(column.type):
        column = column.cast(pa.string())
    values: list[object] = column.to_pylist()
    return values


def _read_dataset_json(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    found = json.loads(path.read_text(encoding="utf-8"))
    names = [column["name"] for column in found["columns"]]
    texts = [[None if value is None else str(value) for value in values] for values in zip(*found["rows"], strict=True)]
    arrays = [pa.array(values, pa.string()) for values in texts or [[] for _ in names]]
    yield pa.RecordBatch.from_arrays(arrays, names)


def _write_xpt(target: Target, schema: pa.Schema, batches: Batches, dataset: Dataset) -> None:
    from timeline.export.sas import write_xpt

    assert isinstance(target, Path), "a transport file cannot be streamed"
    write_xpt(target, schema, batches, dataset)


def _read_xpt(path: Path) -> Iterator[pa.RecordBatch]:
    from timeline.export.sas import read_xpt

    return read_xpt(path)


FORMATS: Final = {
    format.name: format
    for format in (
        Format("parquet", (".parquet", ".pq"), True, True, _write_parquet, _read_parquet),
        Format("csv", (".csv",), False, True, _write_csv, _read_csv),
        Format("arrow", (".arrow", ".feather"), True, True, _write_arrow, _read_arrow),
        Format("xpt", (".xpt",), False, False, _write_xpt, _read_xpt),
        Format("dataset-json", (".json",), False, False, _write_dataset_json, _read_dataset_json),
    )
}


def format_of(path: Path, name: str | None = None) -> Format:
    """The format of that name, or the one that a file's ending tells; Parquet where it tells none."""
    if name is not None:
        return FORMATS[name]
    for format in FORMATS.values():
        if path.suffix.lower() in format.suffixes:
            return format
    if path.suffix and not path.is_dir():
        endings = ", ".join(format.suffix for format in FORMATS.values())
        raise QueryError(
            f"error: {path} ends in {path.suffix}, which tells no format.",
            hint=f"hint: the endings are {endings}; --format says it otherwise",
        )
    return FORMATS["parquet"]


def sidecar(path: Path) -> Path:
    """The file beside another one that describes it."""
    return path.with_name(f"{path.name}.metadata.json")


def read_description(path: Path, format: Format) -> dict[str, str]:
    """The metadata of an exported file, from itself or from the file beside it. Raises ExportError without any."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if format.name == "parquet":
            found = pq.read_schema(path).metadata or {}
        elif format.name == "arrow":
            with pa.memory_map(str(path)) as source:
                found = pa.ipc.open_file(source).schema.metadata or {}
        else:
            texts: dict[str, str] = json.loads(sidecar(path).read_text(encoding="utf-8"))
            return texts
    except FileNotFoundError as error:
        raise ExportError(f"{error.filename or path} does not exist, so {path} cannot be verified.") from None
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} cannot be read as {format.name}: {error}") from None
    return {key.decode(): value.decode() for key, value in found.items() if key.startswith(b"timeline.")}
