"""SAS transport files, version 5, as submissions to authorities ask for them.

The format knows numbers and texts only. Dates are numbers with the format DATE9., truth values the texts Y and N. Names
have at most eight letters, digits and underscores, labels at most 40 bytes, texts at most 200.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from timeline.errors import ExportError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from timeline.export.dataset import Dataset

LONGEST_NAME: Final = 8
LONGEST_LABEL: Final = 40
LONGEST_TEXT: Final = 200
TEXT_BYTES: Final = 100
NUMBER_BYTES: Final = 35
"""What one value takes in memory while a file is made, as measured; the library that writes needs all rows at once."""

EPOCH: Final = (date(1970, 1, 1) - date(1960, 1, 1)).days
"""SAS counts days from the start of 1960."""


def short_name(name: str) -> str:
    """A name as SAS takes it."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.upper()).strip("_")
    return (plain if plain[:1].isalpha() else f"_{plain}")[:LONGEST_NAME]


def short_names(names: Sequence[str]) -> list[str]:
    """Names as SAS takes them, each once: where two would become one, the later has a number at its end."""
    found: list[str] = []
    for name in names:
        short, number = short_name(name), 1
        while short in found:
            number += 1
            short = f"{short_name(name)[: LONGEST_NAME - len(str(number))]}{number}"
        found.append(short)
    return found


def cut(text: str, most: int) -> str:
    """The text without what goes beyond a number of bytes in UTF-8."""
    return text.encode()[:most].decode(errors="ignore")


def write_xpt(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], dataset: Dataset) -> None:
    """Write all rows, and read them back: the library that writes says nothing of a disk that is full.

    Raises ExportError for a text that is too long for the format, and for more rows than `most_rows`.
    """
    import pyarrow as pa
    import pyreadstat

    if dataset.rows > (most := most_rows(schema)):
        raise ExportError(
            f"{dataset.name} has {dataset.rows:,} rows, and about {most:,} fit into this machine's memory as a SAS "
            "transport file, which is made in one piece.",
            hint="Export fewer with --in COHORT, or to dataset-json or Parquet, which are written by the row.",
        )
    table = pa.Table.from_batches(batches, schema)
    names = short_names(table.column_names)
    frame = _frame(table, names)
    labels: dict[str, str | None] = {
        name: _label(column.name, column.label, name) for name, column in zip(names, dataset.columns, strict=True)
    }
    dates = {name: "DATE9." for name, field in zip(names, schema, strict=True) if pa.types.is_date(field.type)}
    try:
        pyreadstat.write_xport(
            frame,
            str(path),
            file_label=cut(dataset.label, LONGEST_LABEL),
            column_labels=labels,
            table_name=short_name(dataset.name),
            file_format_version=5,
            variable_format=dates,
        )
        written = len(pyreadstat.read_xport(str(path), usecols=names[:1])[0])
    except pyreadstat.ReadstatError as error:
        raise ExportError(f"{path.name} could not be written: {error}", hint=_IS_IT_FULL) from None
    if written != table.num_rows:
        raise ExportError(f"{path.name}: {written:,} of {table.num_rows:,} rows were written.", hint=_IS_IT_FULL)


def most_rows(schema: pa.Schema) -> int:
    """How many rows of some columns this machine's memory holds while a file is made of them."""
    import pyarrow as pa

    texts = len([field for field in schema if pa.types.is_string(field.type) or pa.types.is_boolean(field.type)])
    return _memory() // max(1, texts * TEXT_BYTES + (len(schema) - texts) * NUMBER_BYTES)


def _memory() -> int:
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


_IS_IT_FULL: Final = "Is the disk full? Nothing of the export is left."


def read_xpt(path: Path) -> Iterator[pa.RecordBatch]:
    """Every value as text; dates as ISO 8601."""
    import pyarrow as pa
    import pyreadstat

    frame, _ = pyreadstat.read_xport(str(path))
    columns = {name: pa.array([_text(value) for value in frame[name]], pa.string()) for name in frame.columns}
    yield pa.RecordBatch.from_pydict(columns)


def _text(value: Any) -> str | None:
    if value is None or value != value:  # a missing number is not equal to itself
        return None
    return f"{value:.17g}" if isinstance(value, float) else str(value)


def _label(name: str, label: str, short: str) -> str:
    """The label; behind the study's own name for the column where SAS cannot have that."""
    full = label if name.upper() == short or name.upper() in label.upper() else f"{name}: {label}"
    return cut(full, LONGEST_LABEL)


def _frame(table: pa.Table, names: list[str]) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    columns: dict[str, Any] = {}
    for name, field, values in zip(names, table.schema, table.columns, strict=True):
        if pa.types.is_boolean(field.type):
            values = pc.if_else(values, "Y", "N")
        if pa.types.is_string(values.type):
            longest = pc.max(pc.binary_length(values)).as_py() or 0
            if longest > LONGEST_TEXT:
                raise ExportError(
                    f"{field.name} has a text of {longest} bytes, and a SAS transport file takes {LONGEST_TEXT}.",
                    hint="Export to another format, such as Parquet or dataset-json.",
                )
            columns[name] = values.fill_null("").to_pandas()
        elif pa.types.is_date(field.type):
            columns[name] = values.cast(pa.int32()).cast(pa.float64()).to_pandas() + EPOCH
        else:
            columns[name] = values.cast(pa.float64()).to_pandas()
    return pd.DataFrame(columns)
