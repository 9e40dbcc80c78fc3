"""A durable append of one patient's events against a plain `write_deltalake` append to an unpartitioned table.

    python benchmarks/log_append.py [APPENDS]

The two sides take turns, append by append. The log checks the rows, flushes data file, commit file and folders to the
disk, notes the acknowledgement and merges small files as they pile up, and all of that is in its time; the plain
append flushes nothing and merges nothing. Whether an append gets slower with age is measured in pairs, too: 50 more
appends to the old store beside the first 50 of a new one.
"""

from __future__ import annotations

from statistics import mean, median
from typing import Any

from measure import PER_PATIENT, events, folder, number, oncology, ratio, timed

FIRST = 50


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

        fresh = Log.create(scratch / "fresh", oncology())
        late, early = [], []
        for rows in patients[:FIRST]:
            late.append(timed(append, rows)[0])
            early.append(timed(lambda rows=rows: fresh.append(rows, source="visit"))[0])

    print(f"{appends:,} appends of {PER_PATIENT} events each, in milliseconds")
    for name, times in (("timeline append", ours), ("write_deltalake", theirs)):
        print(f"{name}: median {1000 * median(times):6.1f}, mean {1000 * mean(times):6.1f}")
    print(f"an append takes {ratio(ours, theirs):.2f} of a plain append (median of pairs)")
    print(f"all of them take {sum(ours) / sum(theirs):.2f} of the time, merging included")
    print(
        f"{FIRST} more take {ratio(late, early):.2f} times the first {FIRST} of a new store (median of pairs),"
        f" {sum(late) / sum(early):.2f} in all"
    )


if __name__ == "__main__":
    main()
