"""ACES on W3, run by the Python of an environment that has es-aces: members and their index days.

    aces/bin/python aces_cohort.py W3 MEDS OUT

ACES has no attrition and no unknown: what is not known is a code of its own. Reading the MEDS files is part of the
time, as reading is for every system; making them is not.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import polars as pl
from aces.config import TaskExtractorConfig
from aces.predicates import get_predicates_df
from aces.query import query
from omegaconf import DictConfig

TASK = Path(__file__).resolve().parents[2] / "workloads" / "w3.yaml"


def main() -> None:
    _, data, out = sys.argv[1:]
    used, start = time.process_time(), time.perf_counter()
    task = TaskExtractorConfig.load(config_path=str(TASK))
    given = DictConfig({"path": str(Path(data) / "0.parquet"), "standard": "meds", "ts_format": None})
    found = query(task, get_predicates_df(task, given))
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    patient = pl.format("P{}", pl.col("subject_id").cast(pl.String).str.zfill(9))
    members = found.select(patient=patient, index=pl.col("trigger").dt.date())
    members.write_parquet(Path(out) / "members.parquet")
    print(json.dumps({"seconds": seconds, "processor": processor}))


if __name__ == "__main__":
    main()
