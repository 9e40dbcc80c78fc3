"""What each rule of compilation is worth: a query with the rule and without it, with the same result.

    python -m benchmarks.rules --patients 50000 --large 1000000 --pairs 5

Each run is a process of its own; the two sides take turns. After each pair their tables are compared, and a difference
ends the benchmark before any time is kept. Results go to `benchmarks/results/rules.json` and, by
`python -m benchmarks.suite.page`, to `docs/performance.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import folder, in_own_process
from benchmarks.suite.compare import differences
from benchmarks.suite.data import Place, make
from benchmarks.suite.outputs import workload
from benchmarks.suite.report import commit, figures, machine, versions
from benchmarks.suite.runs import Run
from benchmarks.without import M1_ROWS, RULES, Rule

SMALL = 50
"""Patients of the small store."""

RESULTS = Path(__file__).with_name("results") / "rules.json"


def main() -> int:
    options = _options()
    sizes = {"small": SMALL, "usual": options.patients, "large": options.large}
    for rule in (RULES[name] for name in options.rules.split(",") if name) if options.rules else RULES.values():
        for place in (Place(options.data, sizes[size]) for size in rule.sizes):
            make(place, csv=False, meds=False)
            pairs: list[tuple[Run, Run]] = []
            with folder() as scratch:
                for _ in range(options.pairs):
                    pairs.append((run(rule, True, place, scratch), run(rule, False, place, scratch)))
                    if found := differences(scratch / _side(True), scratch / _side(False)):
                        print(f"{rule.name}: another result without the rule\n{found}", file=sys.stderr)
                        return 1
            found = figures(pairs, "without", lambda peaks: int(median(peaks)))
            keep(options.results, rule, place, found)
            show(rule, place, found)
    return 0


def _side(on: bool) -> str:
    return "with" if on else "without"


def run(rule: Rule, on: bool, place: Place, scratch: Path) -> Run:
    """One side, whose tables are in a folder of `scratch` afterwards."""
    out = str(scratch / _side(on))
    return in_own_process(measured, rule.name, on, str(place.root), place.patients, out).result


def measured(name: str, on: bool, root: str, patients: int, out: str) -> Run:
    """The call alone, timed. Writes its tables to the folder `out`."""
    rule = RULES[name]
    call = prepared(rule.workload, Place(Path(root), patients))
    with nullcontext() if on else rule.off():
        used, start = time.process_time(), time.perf_counter()
        found = call()
        seconds, processor = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    write(Path(out), found)
    return Run(seconds, processor, peak)


def prepared(name: str, place: Place) -> Callable[[], Any]:
    """What is timed: a workload of the suite, the rows of the M1 study, or the rows of a query of this benchmark."""
    from benchmarks.suite.systems import timeline

    if name == M1_ROWS:
        return _m1_rows(place)
    if name.endswith(".tql"):
        return timeline.rows_of(name, "rfs", "operated")(place)
    return timeline.WORKLOADS[name](place)


def _m1_rows(place: Place) -> Callable[[], Any]:
    """The rows that the analyses of the study count over, with as little else as possible."""
    from benchmarks.suite.systems.timeline import load
    from dsl.program import Cohort, Endpoint
    from dsl.sql import compile_rows
    from timeline.commands.base import load_query
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Log
    from timeline.study.rows import TABLE, keep_rows

    load()
    study = load_query(workload("w4.tql")).program
    names = [item.name for item in study.definitions if isinstance(item, Cohort | Endpoint)]
    snapshot = Log.open(place.store).snapshot()

    def call() -> Any:
        engine = DuckDBEngine(snapshot)
        keep_rows(compile_rows(study, names, events=False), engine)
        # What tells whether two sides have the same rows, asked outside the time.
        return {"rows": lambda: engine.query(f"SELECT patient, hash(p::VARCHAR) AS row FROM study.{TABLE} AS p")}

    return call


def write(out: Path, found: dict[str, Any]) -> None:
    import pyarrow.parquet as pq

    from benchmarks.suite.outputs import table_of

    out.mkdir(parents=True, exist_ok=True)
    for name, table in found.items():
        pq.write_table(table() if callable(table) else table_of(name, table), out / f"{name}.parquet")


def keep(path: Path, rule: Rule, place: Place, found: dict[str, Any]) -> None:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept.update(machine=machine(), versions=versions())
    load = round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None
    rules = kept.setdefault("rules", {})
    rules.setdefault(rule.name, {})[str(place.patients)] = {
        "workload": rule.workload,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "load": load,
        **{key: value if isinstance(value, int) else float(f"{value:.4g}") for key, value in found.items()},
    }
    kept["rules"] = {name: rules[name] for name in RULES if name in rules}
    path.write_text(f"{json.dumps(kept, indent=1)}\n", encoding="utf-8")


def show(rule: Rule, place: Place, found: dict[str, Any]) -> None:
    times = f"{found['processor']:7.2f}s{found['without_processor']:8.2f}s{found['processor_ratio']:7.2f}"
    memory = f"{found['peak'] / 2**20:,.0f} and {found['without_peak'] / 2**20:,.0f} MiB"
    print(f"{rule.name:<22}{rule.workload:<10}{place.patients:>9,}{times}{found['ratio']:7.2f}{memory:>22}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--patients", type=int, default=50_000, help="default: %(default)s")
    parser.add_argument("--large", type=int, default=1_000_000, help="for rules about size; default: %(default)s")
    parser.add_argument("--rules", default="", help=f"some of: {', '.join(RULES)}")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each side; default: %(default)s")
    parser.add_argument("--data", type=Path, default=Path("benchmarks/data"), help="where the histories are kept")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures are kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
