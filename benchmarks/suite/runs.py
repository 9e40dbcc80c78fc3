"""One run of one system: a process on two processors, its time, and the most memory it ever held."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.suite.data import Place

THREADS = 2

_LIMITS = dict.fromkeys(
    ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "R_DATATABLE_NUM_THREADS"),
    str(THREADS),
)
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Run:
    """Wall and processor time of the call in seconds; `peak` is the memory of the whole process in bytes."""

    seconds: float
    processor: float
    peak: int


class Failed(Exception):
    """A system that ended with an error, with what it wrote last."""


def run(system: str, workload: str, place: Place, out: Path, aces: Path | None = None) -> Run:
    """Runs a workload; its tables are in the folder `out` afterwards. Raises Failed."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = _command(system, workload, place, out.resolve(), aces)
    with open(out / "errors.txt", "w+b") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=_ROOT,
            env={**os.environ, **_LIMITS},
            preexec_fn=_two_processors,
        )
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise Failed(errors.read().decode(errors="replace")[-4000:])
    for path in out.glob("*.csv"):
        _to_parquet(path)
    figures = json.loads(said.decode().strip().splitlines()[-1])
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(figures["seconds"], figures["processor"], used.ru_maxrss * unit)


def _command(system: str, workload: str, place: Place, out: Path, aces: Path | None) -> list[str]:
    scripts = Path(__file__).with_name("external")
    if system == "r":
        return [
            "Rscript",
            "--vanilla",
            str(scripts / "study.R"),
            workload,
            str(place.folder("csv").resolve()),
            str(out),
        ]
    if system == "aces":
        meds = str(place.folder("meds").resolve())
        return [str(aces), str(scripts / "aces_cohort.py"), workload, meds, str(out)]
    root = str(place.root.resolve())
    return [sys.executable, "-m", "benchmarks.suite.child", system, workload, root, str(place.patients), str(out)]


def _to_parquet(path: Path) -> None:
    """A table that R wrote, with the types that it cannot tell."""
    import duckdb

    types = {"patient": "VARCHAR", "origin": "DATE", "end": "DATE", "reason": "VARCHAR", "excluded": "VARCHAR"}
    types |= {"time": "BIGINT", "cause": "BIGINT", "name": "VARCHAR", "value": "DOUBLE"}
    with path.open(encoding="utf-8") as file:
        columns = file.readline().strip().replace('"', "").split(",")
    known = {name: types[name] for name in columns if name in types}
    found = f"read_csv('{path}', header = true, nullstr = ['', 'NA'], types = {known})"
    duckdb.sql(f"COPY (FROM {found}) TO '{path.with_suffix('.parquet')}' (FORMAT parquet)")


def _two_processors() -> None:
    """The same processors for all, where the system can say so; libraries that count them see two."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
