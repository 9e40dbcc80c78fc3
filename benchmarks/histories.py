"""Realistic colorectal histories of any number of patients, made up in SQL: about 20 events each, seeded.

    python benchmarks/histories.py PATIENTS FOLDER [SEED]

Writes `FOLDER/events-00001.parquet` and so on: the long form that `timeline import` takes, in the event types of
`queries/vocabulary/oncology.tql`, so that the M1 study runs on it. Shares and times follow the reconstructed M1 cohort
and the colon trial. Among the patients are those whom a study has to leave out or count apart: attributes and whole
events that are missing, several events on one day, radiotherapy with an end and without, a recurrence on the day of
death, patients who were never registered, operated on or seen again. They are no one's histories.

Files hold `CHUNK` patients each, and a patient's events do not depend on the number of patients or of the file, so
memory does not grow with the number of patients.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

CHUNK = 100_000
"""Patients of a file."""

SEED = 20_100_401

_PROFILE = Path(__file__).with_name("histories_profile.sql")
_EVENTS = Path(__file__).with_name("histories_events.sql")


def write_histories(folder: Path, patients: int, seed: int = SEED) -> list[Path]:
    """The files, in the order in which they are to be imported. What is in the folder already is replaced."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("events-*.parquet"):
        old.unlink()
    paths = []
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "temp_directory": str(folder)}) as connection:
        connection.execute(f"CREATE MACRO draw(i, what) AS (hash(i, what, {seed:d}) % 1000003) / 1000003.0")
        for number, first in enumerate(range(0, patients, CHUNK), 1):
            paths.append(folder / f"events-{number:05d}.parquet")
            last = min(first + CHUNK, patients)
            profile = _PROFILE.read_text(encoding="utf-8").format(first=first, last=last)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE profile AS {profile}")
            events = _EVENTS.read_text(encoding="utf-8")
            connection.execute(f"COPY ({events}) TO '{paths[-1]}' (FORMAT parquet, ROW_GROUP_SIZE 122880)")
    return paths


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    start = perf_counter()
    paths = write_histories(Path(sys.argv[2]), int(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else SEED)
    size = sum(path.stat().st_size for path in paths) / 2**20
    print(f"{int(sys.argv[1]):,} patients in {len(paths)} files, {size:,.0f} MiB, in {perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
