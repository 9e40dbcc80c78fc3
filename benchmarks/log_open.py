"""Opening a large store against importing DuckDB.

    python benchmarks/log_open.py [EVENTS]

The store is filled by bulk imports of a twentieth each. Both sides run in new processes, in turn. Opening is timed
with the modules loaded that it needs: the last whole commit is found, its declarations are read, and a snapshot says
which files hold the events.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from measure import PER_PATIENT, events, folder, in_own_process, number, oncology, ratio, timed

PARTS = 20
ROUNDS = 7


def fill(store: Path, patients: int) -> None:
    from timeline.log import Log

    log = Log.create(store, oncology())
    part = events(range(patients // PARTS))
    for _ in range(PARTS):
        log.append(part, source="bulk")


def open_store(store: Path) -> tuple[float, int, int]:
    """Seconds, and how many events and files the open store has."""
    from timeline.log import Log

    def opened() -> tuple[int, int]:
        log = Log.open(store)
        return log.position, len(log.snapshot().files)

    seconds, (position, files) = timed(opened)
    return seconds, position, files


def import_duckdb() -> float:
    def load() -> None:
        import duckdb  # noqa: F401

    return timed(load)[0]


def main() -> None:
    patients = number(1, 100_000_000) // PER_PATIENT
    with folder() as scratch:
        filling = in_own_process(fill, scratch / "store", patients)
        print(f"filled in {filling.seconds:.0f} s")
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(in_own_process(open_store, scratch / "store").result)
            theirs.append(in_own_process(import_duckdb).result)
    seconds = [run[0] for run in ours]
    print(f"{ours[0][1]:,} events in {ours[0][2]} data files: open in {1000 * median(seconds):.0f} ms")
    print(f"import of DuckDB: {1000 * median(theirs):.0f} ms; ratio {ratio(seconds, theirs):.2f}")


if __name__ == "__main__":
    main()
