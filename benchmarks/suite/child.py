"""One workload on one system in a process of its own.

    python -m benchmarks.suite.child SYSTEM WORKLOAD ROOT PATIENTS OUT

Prepares, times the call alone, then writes its tables to the folder OUT and a line of JSON to standard output: wall and
processor time in seconds. The memory is left to the parent, which sees all that the process ever held.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

from benchmarks.suite.data import Place
from benchmarks.suite.outputs import names_of, table_of


def main() -> None:
    system, workload, root, patients, out = sys.argv[1:]
    module = importlib.import_module(f"benchmarks.suite.systems.{system}")
    with redirect_stdout(sys.stderr):
        run = module.WORKLOADS[workload](Place(Path(root), int(patients)))
        used, start = time.process_time(), time.perf_counter()
        found = run()
        seconds, processor = time.perf_counter() - start, time.process_time() - used
    write(Path(out), workload, found)
    print(json.dumps({"seconds": seconds, "processor": processor}))


def write(folder: Path, workload: str, found: dict[str, object]) -> None:
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    for name in names_of(workload):
        if name in found:
            pq.write_table(table_of(name, found[name]), folder / f"{name}.parquet")


if __name__ == "__main__":
    main()
