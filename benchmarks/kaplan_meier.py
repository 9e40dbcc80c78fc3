"""Kaplan-Meier and the log-rank test of a comparison, against the bare GROUP BY of its endpoint table.

    python benchmarks/kaplan_meier.py [PATIENTS] [PAIRS]

The table of patients' rows is made up in DuckDB. The comparison is the program's own: risk table, who is left out,
curves with limits and follow-up for two groups, the log-rank test and the hazard ratio.
"""

from __future__ import annotations

from time import perf_counter

from measure import folder, number, ratio

import dsl
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
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Log
    from timeline.study.analyses import Analyst
    from timeline.study.attrition import attrition
    from timeline.study.results import ComparisonResult
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
    bare = f'SELECT "{group}", "os.time", "os.cause", count(*) FROM study.patients GROUP BY ALL'
    ours, theirs = [], []
    with folder() as scratch:
        log = Log.create(scratch / "store", compiled.study.catalog)
        with DuckDBEngine(log.snapshot()) as engine:
            engine.materialise("patients", f"SELECT {rows} FROM range({patients}) AS numbers(i)")
            cohorts = {"enrolled": attrition(compiled, engine, compiled.study.cohort("enrolled"))}
            for turn in range(pairs + 1):  # the first turn loads the libraries
                start = perf_counter()
                analyst = Analyst(compiled, engine, Statistics(compiled, engine, cohorts), cohorts)
                result = analyst.run(compiled.study.analyses[0])
                middle = perf_counter()
                engine.query(bare)
                if turn:
                    ours.append(middle - start)
                    theirs.append(perf_counter() - middle)
    assert isinstance(result, ComparisonResult)
    assert result.test is not None
    print(f"{patients:,} patients, {pairs} pairs of runs: log-rank chi-square {result.test.statistic:.3f}")
    print(f"the whole comparison: {ratio(ours, theirs):.2f} times the bare GROUP BY")


if __name__ == "__main__":
    main()
