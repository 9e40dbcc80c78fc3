"""How the data files are laid out: what each choice costs in size, whole scans, a join, and one patient's rows.

    python -m benchmarks.layout [PATIENTS]

The surgeries, recurrences and contacts of the suite's histories are written with each choice in turn, the others as in
the first line. Times are of the processor, on one thread, in processes of their own: medians of rounds that take turns.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks.histories import write_histories
from benchmarks.measure import folder, in_own_process, number

EVENTS = ("surgery", "recurrence", "follow_up")
ROUNDS = 3
REPEATED = 3
RESULTS = Path(__file__).parent / "results" / "layout" / "layout.json"


@dataclass(frozen=True)
class Layout:
    """`files` is into how many files each event type is cut; `surrogate` adds an integer for the patient."""

    row_group: int = 122_880
    compression: str = "snappy"
    by_patient: bool = True
    dictionary: bool = True
    surrogate: bool = False
    files: int = 1


BASE = Layout()

CHOICES = {
    "by patient, groups of 122,880, snappy": BASE,
    "in order of the dates": replace(BASE, by_patient=False),
    "row groups of 10,000": replace(BASE, row_group=10_000),
    "row groups of 30,720": replace(BASE, row_group=30_720),
    "row groups of 61,440": replace(BASE, row_group=61_440),
    "row groups of 500,000": replace(BASE, row_group=500_000),
    "no dictionary of patients": replace(BASE, dictionary=False),
    "zstd, level 1": replace(BASE, compression="zstd-1"),
    "zstd, level 3": replace(BASE, compression="zstd-3"),
    "a number for each patient": replace(BASE, surrogate=True),
    "4 files a type": replace(BASE, files=4),
    "16 files a type": replace(BASE, files=16),
}

_GROUPED = """
WITH cleared AS (
    SELECT {key}, max(start) AS origin FROM {surgery} WHERE intent = 'curative' GROUP BY {key}
), relapsed AS (
    SELECT {key}, min(start) AS day FROM {recurrence} JOIN cleared USING ({key}) WHERE start > origin GROUP BY {key}
), seen AS (
    SELECT {key}, max(start) AS day FROM {follow_up} GROUP BY {key}
)
SELECT count(*), sum(coalesce(relapsed.day, seen.day) - origin)
FROM cleared LEFT JOIN relapsed USING ({key}) LEFT JOIN seen USING ({key})
"""
"""Time to recurrence after the last curative operation, as W2 of the suite has it."""


def write(source: Path, target: Path, layout: Layout) -> int:
    """The files of a layout; gives their bytes."""
    import duckdb
    import pyarrow.parquet as pq

    compression, _, level = layout.compression.partition("-")
    target.mkdir()
    # A registry's contacts come in by date, those of all patients mixed.
    order = "patient, start, position" if layout.by_patient else "start, hash(position)"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW events AS FROM '{source}/events-*.parquet'")
        for event in EVENTS:
            rows = connection.sql(
                "SELECT * REPLACE (row_number() OVER (ORDER BY patient, start) AS position),"
                " substr(patient, 2)::BIGINT AS number"
                f" FROM (SELECT *, 0::BIGINT AS position FROM events WHERE event = '{event}') ORDER BY {order}"
            ).to_arrow_table()
            rows = rows.drop_columns(
                [name for name in rows.column_names if rows[name].null_count == rows.num_rows]
                + ([] if layout.surrogate else ["number"])
            )
            counting = {name: "DELTA_BINARY_PACKED" for name in ("position", "number") if name in rows.column_names}
            plain = {*counting, *(() if layout.dictionary else ("patient",))}
            each = -(-rows.num_rows // layout.files)
            for part in range(layout.files):
                pq.write_table(
                    rows.slice(part * each, each),
                    target / f"{event}-{part:02d}.parquet",
                    row_group_size=layout.row_group,
                    compression=compression,
                    compression_level=int(level) if level else None,
                    use_dictionary=[name for name in rows.column_names if name not in plain],
                    column_encoding=counting,
                )
    return sum(path.stat().st_size for path in target.iterdir())


def measured(target: Path, key: str, patient: str) -> dict[str, float]:
    """Seconds of the processor for a scan of every column, the grouped query with joins, and one patient's rows."""
    import duckdb

    def read(event: str) -> str:
        return f"read_parquet('{target}/{event}-*.parquet')"

    def scan() -> None:
        for event in EVENTS:
            columns = [column[0] for column in connection.sql(f"DESCRIBE FROM {read(event)}").fetchall()]
            hashed = ", ".join(f'"{column}"' for column in columns)
            connection.execute(f"SELECT bit_xor(hash({hashed})) FROM {read(event)}").fetchall()

    def grouped() -> None:
        connection.execute(_GROUPED.format(key=key, **{event: read(event) for event in EVENTS})).fetchall()

    def history() -> None:
        for event in EVENTS:
            connection.execute(f"SELECT * FROM {read(event)} WHERE patient = '{patient}'").fetchall()

    with duckdb.connect(config={"threads": 1}) as connection:
        return {work.__name__: _processor(work) for work in (scan, grouped, history)}


def _processor(work: Callable[[], None]) -> float:
    def once() -> float:
        start = process_time()
        work()
        return process_time() - start

    return median(once() for _ in range(REPEATED))


@contextmanager
def histories(patients: int) -> Iterator[tuple[Path, Path]]:
    """The histories of so many patients, and a folder beside them."""
    with folder() as scratch:
        (scratch / "histories").mkdir()
        write_histories(scratch / "histories", patients)
        yield scratch / "histories", scratch


def main() -> None:
    patients = number(1, 1_000_000)
    found: dict[str, dict[str, Any]] = {}
    with histories(patients) as (source, scratch):
        targets = {name: scratch / str(place) for place, name in enumerate(CHOICES)}
        for name, layout in CHOICES.items():
            size = in_own_process(write, source, targets[name], layout).result
            found[name] = {"layout": asdict(layout), "bytes": size}
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in CHOICES}
        for _ in range(ROUNDS):
            for name, layout in CHOICES.items():
                key = "number" if layout.surrogate else "patient"
                run = in_own_process(measured, targets[name], key, f"P{patients // 2:09d}")
                rounds[name].append(run.result)
    for name, runs in rounds.items():
        found[name] |= {work: median(run[work] for run in runs) for work in runs[0]}
    keep(patients, found)
    print("\n".join(table(found)))


def keep(patients: int, found: dict[str, dict[str, Any]]) -> None:
    """Writes what was measured as JSON, with what it was measured on."""
    import duckdb
    import pyarrow as pa

    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    versions = {"duckdb": duckdb.__version__, "pyarrow": pa.__version__, "python": platform.python_version()}
    kept = {"patients": patients, "rounds": ROUNDS, "versions": versions, "measured": found}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def table(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The lines of a table in Markdown; times are of the processor."""
    yield "| | size, MB | whole scan, ms | join and group, ms | one patient, ms |"
    yield "|---|---:|---:|---:|---:|"
    for name, row in found.items():
        times = " | ".join(f"{1000 * row[work]:.0f}" for work in ("scan", "grouped"))
        yield f"| {name} | {row['bytes'] / 1e6:.1f} | {times} | {1000 * row['history']:.1f} |"


if __name__ == "__main__":
    sys.exit(main())
