"""Bulk import from Parquet against a plain `write_deltalake` of the same data.

    python benchmarks/log_import.py [EVENTS] [PAIRS]

Both sides stream the same file, each run in a process of its own, ours into a store that another one has made. The
plain side writes the columns as they are; the import checks every value against the declarations, adds id, position,
time, author and source to each row, splits the events by type, hashes what it writes, and flushes it to the disk.
Beside the time that passed stands that of the processors, which tells how much there was to do also where other
programs keep them busy.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from os import cpu_count, getloadavg
from pathlib import Path
from statistics import median
from time import process_time

from measure import PER_PATIENT, folder, in_own_process, number, ratio, write_events


def create(store: Path) -> None:
    from timeline.cli import main as timeline

    timeline(["create", str(store)])


def import_events(store: Path, file: Path) -> int:
    from timeline.cli import main as timeline
    from timeline.log import Log

    timeline(["import", str(store), str(file)])
    return Log.open(store).position


def write_plainly(table: Path, file: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from deltalake import write_deltalake

    source = pq.ParquetFile(file)
    write_deltalake(table, pa.RecordBatchReader.from_batches(source.schema_arrow, source.iter_batches(262_144)))
    return int(source.metadata.num_rows)


def with_processor_time(side: Callable[[Path, Path], int], written: Path, file: Path) -> tuple[int, float]:
    """What a side returns, and the seconds that all processors together spent on it."""
    before = process_time()
    return side(written, file), process_time() - before


def main() -> None:
    patients, pairs = number(1, 20_000_000) // PER_PATIENT, number(2, 3)
    with folder() as scratch:
        file = scratch / "events.parquet"
        in_own_process(write_events, file, patients)
        ours, theirs = [], []
        for _ in range(pairs):
            for side, runs in ((import_events, ours), (write_plainly, theirs)):
                if side is import_events:
                    in_own_process(create, scratch / "written")
                run = in_own_process(with_processor_time, side, scratch / "written", file)
                assert run.result[0] == patients * PER_PATIENT
                runs.append(run)
                shutil.rmtree(scratch / "written")
    size = patients * PER_PATIENT
    print(f"{size:,} events, {pairs} pairs of runs")
    for name, runs in (("timeline import", ours), ("write_deltalake", theirs)):
        seconds, peak = median(run.seconds for run in runs), max(run.peak for run in runs)
        spent = median(run.result[1] for run in runs)
        print(f"{name}: {seconds:.1f} s ({spent:.1f} s of processors), at most {peak / 2**20:,.0f} MiB of memory")
    share = ratio([run.seconds for run in theirs], [run.seconds for run in ours])
    work = ratio([run.result[1] for run in theirs], [run.result[1] for run in ours])
    print(f"speed of the import: {share:.2f} of a plain write; by the time of processors {work:.2f}")
    print(f"processes that wanted a processor meanwhile: {getloadavg()[0]:.1f}, processors: {cpu_count()}")


if __name__ == "__main__":
    main()
