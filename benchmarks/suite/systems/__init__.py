"""The systems that are compared, a module each.

A module has `WORKLOADS`: for each workload that it can do, a function that takes the place and prepares what does not
count (imports, and for W8 the first run), and gives the call that is timed. That call gives Arrow tables by name, which
must be the same from every system; what it returns in other forms is converted afterwards, outside the time.
"""

import subprocess
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shutil import which

from benchmarks.suite.data import Place

Timed = Callable[[], object]
Workload = Callable[[Place], Timed]


def of_study(module: str, load: Callable[[], None], changed: bool) -> Workload:
    """W4 by the module of a system that has it, or with `changed` W8, which is all of it again."""

    def prepare(place: Place) -> Timed:
        load()
        import lifelines.statistics  # noqa: F401

        run: Callable[[Place, bool], object] = import_module(f"{__name__}.{module}").run
        return lambda: run(place, changed)

    return prepare


OURS = "timeline"
IN_PYTHON = {"timeline": "timeline", "sql": "duckdb", "pandas": "pandas", "polars": "polars"}
"""Systems that run in this Python, with the package that each needs."""

NAMES = {
    "timeline": "timeline",
    "sql": "DuckDB SQL by hand",
    "pandas": "pandas + lifelines",
    "polars": "polars + lifelines",
    "r": "R survival + data.table",
    "aces": "ACES",
}

WORKLOADS = {
    "W1": ("sql", "pandas", "polars", "r"),
    "W2": ("sql", "pandas", "polars", "r"),
    "W3": ("sql", "pandas", "polars", "aces"),
    "W4": ("sql", "pandas", "polars", "r"),
    "W5": ("sql", "pandas", "polars"),
    "W6": ("sql", "pandas", "polars"),
    "W7": ("sql", "pandas", "polars"),
    "W8": ("sql", "pandas", "polars"),
}
"""Against whom each workload is run."""


def _has_r() -> bool:
    asked = 'quit(status = !all(c("data.table", "survival") %in% rownames(installed.packages())))'
    return bool(which("Rscript")) and subprocess.run(["Rscript", "-e", asked], capture_output=True).returncode == 0


def missing(system: str, aces: Path | None) -> str | None:
    """Why a system cannot take part here; None where it can."""
    if system == "r":
        return None if _has_r() else "R with data.table and survival is not installed"
    if system == "aces":
        return None if aces is not None and aces.exists() else "no Python environment with es-aces was named (--aces)"
    return None if find_spec(IN_PYTHON[system]) else f"{IN_PYTHON[system]} is not installed"
