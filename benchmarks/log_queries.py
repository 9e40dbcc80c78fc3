"""Queries of a store after many small appends against the same store, compacted.

    python benchmarks/log_queries.py [APPENDS] [EVENTS]

EVENTS are imported in bulk first (0: none, so that all of the store comes from small appends). A query is timed from
the snapshot on: looking at the files, opening the engine, making the views, running.
"""

from __future__ import annotations

import shutil
from statistics import median
from typing import Any

from measure import PER_PATIENT, events, folder, number, oncology, ratio, timed

ROUNDS = 15

QUERIES = {
    "count the deaths": "SELECT count(*) AS n FROM log.death",
    "survival from surgery": """
        SELECT r_status, count(*) AS n, sum(date_diff('day', first_surgery, death.start)) AS days
        FROM (SELECT patient, min(start) AS first_surgery, any_value(r_status) AS r_status
              FROM log.surgery WHERE intent = 'curative' GROUP BY patient)
        JOIN log.death AS death USING (patient) GROUP BY r_status ORDER BY r_status""",
    "last cycle before surgery": """
        SELECT count(*) AS n, sum(c.cycle) AS cycles FROM log.surgery AS s
        ASOF JOIN log.chemotherapy AS c ON c.patient = s.patient AND c.start <= s.start""",
    "patients": "SELECT count(*) AS n FROM log.patients",
}


def run(log: Any, sql: str) -> Any:
    from timeline.engine.duckdb import DuckDBEngine

    with DuckDBEngine(log.snapshot()) as engine:
        return engine.query(sql).to_pylist()


def main() -> None:
    from timeline.log import Log

    appends, imported = number(1, 2_000), number(2, 0) // PER_PATIENT
    with folder() as scratch:
        log = Log.create(scratch / "store", oncology())
        if imported:
            log.append(events(range(imported)), source="bulk")
        cohort = events(range(imported, imported + appends))
        for patient in range(appends):
            log.append(cohort.slice(PER_PATIENT * patient, PER_PATIENT), source="visit")
        shutil.copytree(scratch / "store", scratch / "compacted")
        compacted = Log.open(scratch / "compacted")
        compacted.compact()
        files = [len(store.snapshot().files) for store in (log, compacted)]
        print(f"{log.position:,} events, {appends:,} small appends: {files[0]} data files, compacted {files[1]}")
        for name, sql in QUERIES.items():
            assert run(log, sql) == run(compacted, sql)
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(timed(run, log, sql)[0])
                theirs.append(timed(run, compacted, sql)[0])
            times = f"{1000 * median(ours):.0f} ms, compacted {1000 * median(theirs):.0f} ms"
            print(f"{name:26} {times:30} ratio {ratio(ours, theirs):.2f}")


if __name__ == "__main__":
    main()
