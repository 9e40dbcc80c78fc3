"""What was measured, as lines on the terminal and as JSON with all that is needed to measure it again."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.suite.data import Place
from benchmarks.suite.runs import THREADS, Run
from benchmarks.suite.systems import NAMES

_PACKAGES = ("duckdb", "pyarrow", "deltalake", "pandas", "polars", "lifelines", "numpy")

Pairs = list[tuple[Run, Run]]


def figures(pairs: Pairs, other: str = "their", peak: Callable[[Iterable[int]], int] = max) -> dict[str, float | int]:
    """Medians of both sides, and how many times as long the other takes: the median of the ratios of the pairs.

    `other` is what the other side's figures are named after, `peak` how several runs give one amount of memory.
    """
    ours, theirs = zip(*pairs, strict=True)
    return {
        "pairs": len(pairs),
        "ratio": median(their.seconds / our.seconds for our, their in pairs),
        "processor_ratio": median(their.processor / our.processor for our, their in pairs),
        "seconds": median(run.seconds for run in ours),
        "processor": median(run.processor for run in ours),
        "peak": peak(run.peak for run in ours),
        f"{other}_seconds": median(run.seconds for run in theirs),
        f"{other}_processor": median(run.processor for run in theirs),
        f"{other}_peak": peak(run.peak for run in theirs),
    }


def show(workload: str, measured: dict[str, Pairs]) -> None:
    print(f"{workload:<4}{'':24}{'they':>9}{'timeline':>10}{'ratio':>8}{'CPU ratio':>11}{'memory, MiB':>20}")
    for name, pairs in measured.items():
        found = figures(pairs)
        times = f"{found['their_seconds']:8.2f}s{found['seconds']:9.2f}s{found['ratio']:8.2f}"
        memory = f"{found['their_peak'] / 2**20:,.0f} and {found['peak'] / 2**20:,.0f}"
        print(f"    {NAMES[name]:<24}{times}{found['processor_ratio']:11.2f}{memory:>20}", flush=True)


def keep(
    folder: Path, place: Place, workload: str, measured: dict[str, Pairs], absent: dict[str, str], aces: Path | None
) -> None:
    """Writes the figures of a workload beside those of the others; what was measured before of these systems goes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{place.label}.json"
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept.update(patients=place.patients, events=_events(place), absent=absent, machine=machine())
    kept["versions"] = {**kept.get("versions", {}), **versions("r" in measured, aces if "aces" in measured else None)}
    when = datetime.now(UTC).date().isoformat()
    found = kept.setdefault("workloads", {}).setdefault(workload, {})
    for name, pairs in measured.items():
        load = round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None
        found[name] = {
            "date": when,
            "commit": commit(),
            "load": load,
            **{key: _short(value) for key, value in figures(pairs).items()},
        }
    kept["workloads"] = dict(sorted(kept["workloads"].items()))
    path.write_text(f"{json.dumps(kept, indent=1)}\n", encoding="utf-8")


def _short(value: float | int) -> float | int:
    return value if isinstance(value, int) else float(f"{value:.4g}")


def _events(place: Place) -> int:
    from timeline.log import Log

    return Log.open(place.store).position


def machine() -> dict[str, Any]:
    found: dict[str, Any] = {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": THREADS,
    }
    if hasattr(os, "sysconf"):
        found["memory"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        models = [
            line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")
        ]
        found["processor"] = models[0] if models else ""
    return found


def versions(r: bool = False, aces: Path | None = None) -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    if r:
        asked = 'for (p in c("base", "survival", "data.table")) cat(p, as.character(packageVersion(p)), "\\n")'
        for line in _said(["Rscript", "-e", asked]).splitlines():
            name, number = line.split()
            found["R" if name == "base" else name] = number
    if aces is not None:
        asked = "from importlib.metadata import version as v; print(v('es-aces'), v('polars'))"
        found["es-aces"], found["polars of es-aces"] = _said([str(aces), "-c", asked]).split()
    return found


def _said(command: list[str]) -> str:
    """What a command prints; nothing where it fails, as git does outside a checkout."""
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def commit() -> str:
    return _said(["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"])


def command(kept: dict[str, Any]) -> str:
    """How the figures can be measured again."""
    return f"make bench PATIENTS={kept['patients']}"
