"""Kaplan-Meier and the log-rank test of a comparison, against the bare GROUP BY of its endpoint table.

    python benchmarks/kaplan_meier.py [PATIENTS] [PAIRS]

The table of patients' rows is made up in DuckDB. Measured are the risk tables with who is left out, the curves of two
groups and the log-rank test; then the whole comparison, with follow-up and Cox's hazard ratio besides.
"""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

from measure import folder, number, ratio

import dsl
from dsl.program import Comparison
from dsl.source import Source
from dsl.sql import compile_study

STUDY = """
event registration once
    arm one of A, B
event follow_up
event death once

cohort enrolled
    index registration.start

endpoint os
    from      registration.start
    until     death
    last seen follow_up

compare os in enrolled by registration.arm at 2 years, 5 years
"""

_DAY = "1 + (-1800 * ln(1 - (hash(i, 1) % 1000003) / 1000003.0))::BIGINT"
_SEEN = "1 + (hash(i, 2) % 3650)::BIGINT"


def main() -> None:
    from timeline import survival
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Log
    from timeline.study.analyses import Analyst
    from timeline.study.attrition import attrition
    from timeline.study.statistics import Statistics

    patients, pairs = number(1, 10_000_000), number(2, 3)
    compiled = compile_study(dsl.compile(Source(STUDY, "study.tql")))
    (group,) = (name for value, name in compiled.columns.items())
    columns = {
        "patient": "'P' || i",
        "enrolled": "true",
        "enrolled.step": "0",
        "enrolled.unknown": "false",
        "os.origin": "DATE '2010-01-01'",
        "os.end": f"DATE '2010-01-01' + least({_DAY}, {_SEEN})::INTEGER",
        "os.time": f"least({_DAY}, {_SEEN})",
        "os.cause": f"CASE WHEN {_DAY} <= {_SEEN} THEN 1 ELSE 0 END",
        "os.reason": f"CASE WHEN {_DAY} <= {_SEEN} THEN 'death' ELSE 'end of follow-up' END",
        "os.excluded": "NULL::VARCHAR",
        group: "CASE WHEN i % 2 = 0 THEN 'A' ELSE 'B' END",
    }
    rows = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
    bare = f'SELECT "{group}", "os.time", "os.cause", "os.reason", count(*) FROM study.patients GROUP BY ALL'
    tested, whole, theirs = [], [], []
    with folder() as scratch:
        log = Log.create(scratch / "store", compiled.study.catalog)
        with DuckDBEngine(log.snapshot()) as engine:
            engine.materialise("patients", f"SELECT {rows} FROM range({patients}) AS numbers(i)")
            cohorts = {"enrolled": attrition(compiled, engine, compiled.study.cohort("enrolled"))}
            (comparison,) = compiled.study.analyses
            assert isinstance(comparison, Comparison)
            for turn in range(pairs + 1):  # the first turn loads the libraries
                times = [perf_counter()]
                tables = (
                    Statistics(compiled, engine, cohorts).risk_tables(comparison.subject, comparison.group).tables()
                )
                curves = [survival.kaplan_meier(table) for table in tables.values()]
                test = survival.log_rank(tables)
                times.append(perf_counter())
                Analyst(compiled, engine, Statistics(compiled, engine, cohorts), cohorts).run(comparison)
                times.append(perf_counter())
                engine.query(bare)
                times.append(perf_counter())
                if turn:
                    for side, (start, end) in zip((tested, whole, theirs), pairwise(times), strict=True):
                        side.append(end - start)
    medians = " and ".join(str(curve.median().time) for curve in curves)
    print(f"{patients:,} patients, {pairs} pairs of runs; medians {medians} days, log-rank {test.statistic:.3f}")
    print(f"curves and log-rank test: {ratio(tested, theirs):.2f} times the bare GROUP BY")
    print(f"the whole comparison:     {ratio(whole, theirs):.2f} times the bare GROUP BY")


if __name__ == "__main__":
    main()
