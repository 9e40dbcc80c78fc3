"""Runs workloads on this program and on others, in pairs that take turns, and keeps what was measured as JSON.

    python -m benchmarks.suite --patients 50000 --workloads "W1 W2" --against "sql pandas"

Each run is a process of its own. Before any time counts, every system runs once, and its tables must be those of this
program; where they are not, the differing rows are shown and the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.suite import report
from benchmarks.suite.compare import differences
from benchmarks.suite.data import Place, make
from benchmarks.suite.runs import Failed, Run, run
from benchmarks.suite.systems import NAMES, OURS, WORKLOADS, missing


def main() -> int:
    options = _options()
    place = Place(options.data, options.patients)
    workloads = options.workloads.split() or list(WORKLOADS)
    chosen = options.against.split()
    absent = {name: why for name in NAMES if name != OURS and (why := missing(name, options.aces))}
    for name, why in absent.items():
        print(f"without {NAMES[name]}: {why}")
    others = {
        workload: [name for name in WORKLOADS[workload] if name not in absent and (not chosen or name in chosen)]
        for workload in workloads
    }
    taking_part = {name for names in others.values() for name in names}
    make(place, csv="r" in taking_part, meds="aces" in taking_part)
    with tempfile.TemporaryDirectory(prefix="timeline-benchmark-") as scratch:
        for workload, names in others.items():
            kept = _Workload(workload, place, Path(scratch) / workload, options.aces)
            if wrong := kept.check(names):
                print(wrong, file=sys.stderr)
                return 1
            if options.pairs:
                measured = {name: kept.pairs(name, options.pairs) for name in names}
                report.keep(options.results, place, workload, measured, absent, options.aces)
                report.show(workload, measured)
    return 0


class _Workload:
    """A workload on the data of one place."""

    def __init__(self, name: str, place: Place, scratch: Path, aces: Path | None) -> None:
        self._name = name
        self._place = place
        self._scratch = scratch
        self._aces = aces

    def check(self, names: list[str]) -> str:
        """Runs every system once; words on the first one that gives something else, empty where none does."""
        print(f"{self._name}: comparing the results", flush=True)
        self._run(OURS)
        for name in names:
            try:
                self._run(name)
            except Failed as error:
                return f"{self._name}: {NAMES[name]} failed\n{error}"
            if found := differences(self._scratch / OURS, self._scratch / name):
                return f"{self._name}: {NAMES[name]} gives another result\n{found}"
        return ""

    def pairs(self, other: str, pairs: int) -> list[tuple[Run, Run]]:
        """Runs of this program and of another, in turn."""
        measured = []
        for number in range(1, pairs + 1):
            print(f"{self._name}: {NAMES[other]}, pair {number} of {pairs}", flush=True)
            measured.append((self._run(OURS), self._run(other)))
        return measured

    def _run(self, system: str) -> Run:
        return run(system, self._name, self._place, self._scratch / system, self._aces)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.suite", description=__doc__)
    parser.add_argument("--patients", type=int, default=50_000, help="default: %(default)s")
    parser.add_argument("--workloads", default="", help="such as 'W1 W4'; default: all")
    parser.add_argument("--against", default="", help=f"of {' '.join(name for name in NAMES if name != OURS)}")
    parser.add_argument("--pairs", type=int, default=5, help="runs of each system; 0 compares the results only")
    parser.add_argument("--data", type=Path, default=Path("benchmarks/data"), help="where the histories are kept")
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results"), help="where the figures are kept")
    parser.add_argument("--aces", type=Path, help="the Python of an environment that has es-aces")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
