"""A durable append of one patient's events against a plain `write_deltalake` append to an unpartitioned table.

    python benchmarks/log_append.py [APPENDS]

The two sides take turns, append by append. The log checks the rows, flushes data file, commit file and folders to the
disk, notes the acknowledgement and merges small files as they pile up, and all of that is in its time; the plain
append flushes nothing and merges nothing.
"""

from __future__ import annotations

from statistics import mean, median
from typing import Any

from measure import PER_PATIENT, events, folder, number, oncology, ratio, timed

WINDOW = 50


def main() -> None:
    from deltalake import write_deltalake

    from timeline.log import Log

    appends = number(1, 2_000)
    with folder() as scratch:
        log = Log.create(scratch / "store", oncology())
        cohort = events(range(appends))
        patients = [cohort.slice(PER_PATIENT * patient, PER_PATIENT) for patient in range(appends)]
        log.append(events(range(appends, appends + 1)), source="warm-up")
        write_deltalake(scratch / "plain", patients[0])

        def append(rows: Any) -> None:
            log.append(rows, source="visit")

        def write_plainly(rows: Any) -> None:
            write_deltalake(scratch / "plain", rows, mode="append")

        ours, theirs = [], []
        for rows in patients:
            ours.append(timed(append, rows)[0])
            theirs.append(timed(write_plainly, rows)[0])
        assert log.position == PER_PATIENT * (appends + 1)

    print(f"{appends:,} appends of {PER_PATIENT} events each, in milliseconds")
    print("                   first 50 (median)   last 50 (median)   all (median)   all (mean)")
    for name, times in (("timeline append", ours), ("write_deltalake", theirs)):
        first, last = (1000 * median(part) for part in (times[:WINDOW], times[-WINDOW:]))
        print(f"{name:16} {first:>19.1f} {last:>18.1f} {1000 * median(times):>14.1f} {1000 * mean(times):>12.1f}")
    print(f"an append takes {ratio(ours, theirs):.2f} of a plain append (median of pairs), and in all")
    print(f"{sum(ours) / sum(theirs):.2f} of the time; the last 50 take {_growth(ours):.2f} times the first 50")


def _growth(times: list[float]) -> float:
    return median(times[-WINDOW:]) / median(times[:WINDOW])


if __name__ == "__main__":
    main()
