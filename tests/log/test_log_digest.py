"""The digest of a commit's rows is what its description says, however the rows arrive."""

import hashlib
import struct
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from log_support import MakeEvents

from timeline.events import clinical_schema
from timeline.log import Log, verify
from timeline.log.digest import BLOCK, ContentDigest
from timeline.log.record import Kind
from timeline.log.texts import is_text, newly_coded


def bits(truths: list[bool]) -> bytes:
    padded = [*truths, *[False] * (-len(truths) % 8)]
    return bytes(sum(padded[start + bit] << bit for bit in range(8)) for start in range(0, len(padded), 8))


def texts_as_described(values: list[str | None]) -> bytes:
    words = list(dict.fromkeys(value for value in values if value is not None))
    missing = None in values
    found = struct.pack("<i?", len(words), missing)
    encoded = [word.encode() for word in words]
    found += b"".join(struct.pack("<i", len(word)) for word in encoded) + b"".join(encoded)
    count = len(words) + missing
    if count > 1:
        width = 1 if count <= 256 else 2
        numbers = {word: number for number, word in enumerate(words)}
        found += b"".join(
            numbers.get(value, len(words)).to_bytes(width, "little")  # type: ignore[arg-type]
            for value in values
        )
    return found


def as_described(table: pa.Table) -> str:
    """The digest of a first recording, computed value by value."""
    digest = hashlib.sha256()
    for start in range(0, table.num_rows, BLOCK):
        block = table.slice(start, BLOCK)
        for name in sorted(block.column_names):
            values: list[Any] = block[name].to_pylist()
            if all(value is None for value in values):
                continue
            kind = str(block[name].type)
            digest.update(struct.pack("<i", len(name)) + name.encode() + struct.pack("<i", len(kind)) + kind.encode())
            digest.update(struct.pack("<q", len(values)))
            if kind == "string":
                digest.update(texts_as_described(values))
                continue
            digest.update(bits([value is not None for value in values]))
            given = [value for value in values if value is not None]
            if kind == "bool":
                digest.update(bits(given))
            elif kind == "double":
                digest.update(struct.pack(f"<{len(given)}d", *given))
            elif kind == "int64":
                digest.update(struct.pack(f"<{len(given)}q", *given))
            else:
                digest.update(struct.pack(f"<{len(given)}i", *((day - date(1970, 1, 1)).days for day in given)))
    return digest.hexdigest()


def many(rows: int) -> pa.Table:
    """Rows with texts of one, of few, of 300 and of very many words, with and without missing ones."""
    return pa.table(
        {
            "patient": [f"p{number:07d}" for number in range(rows)],
            "event": ["laboratory"] * rows,
            "start": [date(2010, 1, 1 + number % 28) for number in range(rows)],
            "analyte": [None if number % 3 else f"Ünit {number % 300}" for number in range(rows)],
            "value": [None if number % 2 else number / 8 for number in range(rows)],
            "fasting": [None if number % 5 == 4 else number % 7 == 0 for number in range(rows)],
            "source_line": [number if number % 11 else None for number in range(rows)],
        }
    )


@pytest.mark.parametrize("size", [1, 1_000, 50_000, 1_000_000])
@pytest.mark.parametrize("coded", [True, False])
def test_the_digest_is_as_described_in_tables_of_any_size(size: int, coded: bool) -> None:
    table = many(BLOCK + 5_000) if size > 1 else many(300)
    digest = ContentDigest(Kind.RECORD)
    for start in range(0, table.num_rows, size):
        part = table.slice(start, size)
        columns = [newly_coded(values) if coded and is_text(values.type) else values for values in part.columns]
        digest.update(pa.table(columns, names=part.column_names))
    assert digest.hexdigest() == as_described(table)


def test_what_was_recorded_has_the_digest_that_its_record_states(log: Log, make_events: MakeEvents) -> None:
    rows = make_events({"source": "form 7", "source_line": 12}, {"event": "death", "patient": "p2"}, {"site": "liver"})
    log.append(rows, source="registry")
    read = log.entries()
    assert read["source"].to_pylist() == ["form 7:12", "registry", "registry"]
    names = [name for name in clinical_schema(log.catalog).names if not name.startswith("source")]
    stored = read.select(names).append_column("source", [["form 7", "registry", "registry"]])
    stored = stored.append_column("source_line", pa.array([12, None, None], pa.int64()))
    assert log.snapshot().record.digest == as_described(stored)
    assert verify(log.path).ok


def test_words_that_are_there_twice_count_as_one(log: Log, make_events: MakeEvents) -> None:
    twice = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 1], pa.int32()), ["p1", "p2", "p1"])
    rows = make_events({}, {}, {}, {"event": "death"})
    log.append(rows.set_column(rows.column_names.index("patient"), "patient", twice), source="registry")
    assert log.entries()["patient"].to_pylist() == ["p1", "p2", "p1", "p2"]
    assert verify(log.path).ok
