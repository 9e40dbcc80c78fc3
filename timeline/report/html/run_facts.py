"""How a report came about, besides its results: the command, the time, and the versions of what computed it."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

COMPUTED_BY = (
    "deltalake",
    "duckdb",
    "sqlglot",
    "lark",
    "pyarrow",
    "numpy",
    "scipy",
    "pandas",
    "lifelines",
    "altair",
    "vl-convert-python",
    "great-tables",
)


@dataclass(frozen=True)
class RunFacts:
    command: str
    at: datetime
    versions: tuple[tuple[str, str], ...]


def run_facts(arguments: Sequence[str] | None = None) -> RunFacts:
    """Of this process, now."""
    from importlib.metadata import version

    given = sys.argv[1:] if arguments is None else arguments
    versions = [("Python", platform.python_version()), *((name, version(name)) for name in COMPUTED_BY)]
    return RunFacts(shlex.join(["timeline", *given]), datetime.now(UTC).replace(microsecond=0), tuple(versions))
