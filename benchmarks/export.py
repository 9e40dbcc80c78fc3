"""Export of endpoint rows by streaming against DuckDB's own COPY of the same query, and the memory that it takes.

    python benchmarks/export.py [PATIENTS] [FOLDER]

Makes a store with that many patients (10 million by default) in FOLDER, or takes the one that is there. Each side runs
in a process of its own: it computes the patients' rows in the same way, then writes the same query to Parquet. Prints
the ratio of the times of writing, and the most memory that the exporting process held at any time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EVENTS = """
event treatment
    arm  one of A, B
event death
event follow_up
"""
QUERY = """
let arm = (first treatment).arm
cohort treated index first treatment
endpoint os "Overall survival"
    from       first treatment
    until      death
    last seen  follow_up
compare os in treated by arm
"""
CHUNK = 500_000
LIMIT = 2 * 1024
"""MiB that an export may take."""


def make_store(store: Path, patients: int) -> None:
    import numpy as np
    import pyarrow as pa

    import dsl
    from timeline.log import Log

    random = np.random.default_rng(1)
    log = Log.create(store, dsl.read_catalog(EVENTS))

    def tables(first: int) -> list[pa.Table]:
        count = min(CHUNK, patients - first)
        ids = pa.array([f"patient-{number:09d}" for number in range(first, first + count)])
        start = random.integers(14_000, 16_000, count)
        died = random.random(count) < 0.6
        end = start + random.integers(1, 3_000, count)

        def table(event: str, who: np.ndarray, days: np.ndarray, **more: pa.Array) -> pa.Table:
            kind = pa.array([event]).take(pa.array(np.zeros(who.sum(), np.int32)))
            columns = {"patient": ids.filter(pa.array(who)), "event": kind}
            return pa.table({**columns, "start": pa.array(days[who].astype(np.int32)).cast(pa.date32()), **more})

        arm = pa.array(["A", "B"]).take(pa.array(random.integers(0, 2, count)))
        everyone = np.ones(count, bool)
        return [table("treatment", everyone, start, arm=arm), table("death", died, end), table("follow_up", ~died, end)]

    parts = (table for first in range(0, patients, CHUNK) for table in tables(first))
    log.append(parts, source="benchmark")


def measure(side: str, folder: Path) -> None:
    """Runs in a process of its own: prints the seconds of writing and the most memory in MiB."""
    import resource

    from timeline.commands.base import load_query
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.export.export import Source, Wanted, datasets
    from timeline.export.output import write_file
    from timeline.export.writers import FORMATS
    from timeline.log import Log

    log = Log.open(folder / "store")
    checked = load_query(folder / "study.tql", log=log)
    snapshot = log.snapshot()
    wanted = Wanted(("os",))
    begin = time.perf_counter()
    with DuckDBEngine(snapshot, memory_limit="1GB") as engine:
        source = Source(checked, str(log.path), snapshot, engine)
        [dataset] = datasets(source, wanted)
        computed, busy = time.perf_counter(), time.process_time()
        out = folder / f"{side}.parquet"
        if side == "export":
            write_file(source, wanted, dataset, FORMATS["parquet"], out, force=True)
        else:
            copy(engine, dataset.sql, out, snapshot.root)
        written, worked = time.perf_counter(), time.process_time() - busy
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {
        "compute": computed - begin,
        "write": written - computed,
        "processor": worked,
        "memory": memory,
        "rows": dataset.rows,
    }
    print(json.dumps({**found, "bytes": out.stat().st_size}))


def copy(engine: object, sql: str, out: Path, store: Path) -> None:
    """DuckDB's own COPY in the same sandbox, which reaches the folder of the data files only."""
    from timeline.log.layout import DATA

    inside = (store / DATA).resolve() / out.name
    engine._connection.execute(f"COPY ({sql}) TO '{inside}' (FORMAT parquet)")  # type: ignore[attr-defined]
    inside.replace(out)


def main() -> None:
    if sys.argv[1:2] == ["--side"]:
        measure(sys.argv[2], Path(sys.argv[3]))
        return
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary)
        if not (folder / "store").exists():
            folder.mkdir(parents=True, exist_ok=True)
            make_store(folder / "store", patients)
        (folder / "study.tql").write_text(QUERY)
        sides = {}
        for side in ("copy", "export"):
            command = [sys.executable, __file__, "--side", side, str(folder)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            sides[side] = json.loads(done.stdout)
        ours, theirs = sides["export"], sides["copy"]
        speed = theirs["write"] / ours["write"]
        print(f"{ours['rows']:,} endpoint rows, computed by the same SQL")
        print(f"writing them:  {speed:5.2f} times as fast as DuckDB's COPY of the same query (at least 0.5)")
        print(f"processor:     {ours['processor'] / theirs['processor']:5.2f} times the processor time of COPY")
        memory = f"{ours['memory']:5,.0f} MiB at most (under {LIMIT:,})"
        print(f"memory:        {memory}; with COPY {theirs['memory']:,.0f} MiB")
        print(f"the files:     {ours['bytes'] / theirs['bytes']:5.2f} times as large as COPY's")
        if speed < 0.5 or ours["memory"] >= LIMIT:
            sys.exit("slower or larger than promised")


if __name__ == "__main__":
    main()
