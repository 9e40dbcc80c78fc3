"""What the benchmarks share: runs in processes of their own, ratios of pairs, and a cohort to measure on.

Two sides are always run in turn, so that a machine whose speed drifts slows both; what counts is the ratio of a pair.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

PER_PATIENT = 15
"""Events of a patient of the cohort."""

_PATIENTS = """
SELECT 'P' || lpad(patient::VARCHAR, 9, '0') AS patient, event,
    DATE '2008-01-01' + (hash(patient) % 3000)::INTEGER + days + (hash(patient, nth) % 20)::INTEGER AS start,
    CASE WHEN event IN ('radiotherapy', 'chemotherapy') THEN start + 4 END AS "end",
    CASE event WHEN 'diagnosis' THEN 'rectum' WHEN 'metastasis' THEN 'liver'
        WHEN 'surgery' THEN ['rectum', 'liver', 'lung'][(hash(patient, 1) % 3)::INT + 1] END AS site,
    CASE WHEN event = 'surgery' THEN ['curative', 'palliative'][(hash(patient, 2) % 2)::INT + 1] END AS intent,
    CASE WHEN event = 'surgery' THEN ['R0', 'R0', 'R1', 'R2'][(hash(patient, 3) % 4)::INT + 1] END AS r_status,
    CASE WHEN event = 'radiotherapy' THEN 25.0::DOUBLE END AS dose,
    CASE WHEN event = 'chemotherapy' THEN 'CAPOX-B' END AS regimen,
    CASE WHEN event = 'chemotherapy' THEN nth - 4 END AS cycle,
    CASE WHEN event = 'laboratory' THEN 'CEA' END AS analyte,
    CASE WHEN event = 'laboratory' THEN (hash(patient, nth, 4) % 10000)::DOUBLE / 100 END AS "value",
    CASE WHEN event = 'follow_up' THEN ['none', 'present', 'unknown'][(hash(patient, 5) % 3)::INT + 1] END AS disease,
    CASE WHEN event = 'death' THEN ['cancer', 'other'][(hash(patient, 6) % 2)::INT + 1] END AS cause
FROM range({first}, {last}) AS patients(patient), (VALUES
    (1, 'registration', 0), (2, 'diagnosis', 5), (3, 'metastasis', 10), (4, 'radiotherapy', 30),
    (5, 'chemotherapy', 50), (6, 'chemotherapy', 71), (7, 'chemotherapy', 92), (8, 'laboratory', 45),
    (9, 'laboratory', 66), (10, 'laboratory', 87), (11, 'imaging', 120), (12, 'surgery', 150),
    (13, 'recurrence', 500), (14, 'follow_up', 800), (15, 'death', 1200)) AS course(nth, event, days)
ORDER BY patients.patient, nth
"""


@dataclass(frozen=True)
class Run:
    """Wall time in seconds, the largest amount of memory that the process held, in bytes, and what was returned."""

    seconds: float
    peak: int
    result: Any


def in_own_process(function: Callable[..., Any], *arguments: Any) -> Run:
    """Calls a function of a module in a new process, which times the call alone."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_report, args=(sender, function, arguments))
    process.start()
    sender.close()
    try:
        return receiver.recv()
    except EOFError:
        sys.exit(f"{function.__name__} failed")
    finally:
        process.join()


def _report(sender: Any, function: Callable[..., Any], arguments: Sequence[Any]) -> None:
    seconds, result = timed(function, *arguments)
    unit = 1 if sys.platform == "darwin" else 1024
    sender.send(Run(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, result))


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    start = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - start, result


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of pairs that were measured in turn."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def number(position: int, default: int) -> int:
    """An argument of the command line that is a number: `20000000` or `20_000_000`."""
    return int(sys.argv[position]) if len(sys.argv) > position else default


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards; TMPDIR says on which disk."""
    with TemporaryDirectory(prefix="timeline-benchmark-") as name:
        yield Path(name)


def events(patients: range) -> Any:
    """The events of some patients as an Arrow table, in the columns of the long form."""
    import duckdb

    return duckdb.sql(_PATIENTS.format(first=patients.start, last=patients.stop)).to_arrow_table()


def write_events(path: Path, patients: int) -> None:
    """A Parquet file with the events of all patients, patient by patient."""
    import duckdb

    with duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(path.parent)}) as connection:
        query = _PATIENTS.format(first=0, last=patients)
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 122880)")


def oncology() -> Any:
    """The event types that come with the program."""
    import dsl
    from timeline.library import Library, read_source, standard_library

    path = standard_library() / "vocabulary" / "oncology.tql"
    return dsl.check(read_source(path), load=Library()).program.catalog
