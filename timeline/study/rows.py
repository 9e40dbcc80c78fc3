"""The patients' rows of a study, kept by the engine as one table: `study.patients`.

Of a large log they are computed part by part: a patient's row needs nobody else's events, so that what is held in
between stays small however many patients there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dsl.sql import Compiled

if TYPE_CHECKING:
    from timeline.engine.base import Engine

TABLE = "patients"


def keep_rows(compiled: Compiled, engine: Engine, progress: Callable[[str], None] = lambda words: None) -> None:
    """Have the engine keep the rows that a study compiles to."""
    parts = engine.parts()
    for number, (first, end) in enumerate(parts, 1):
        of_all = f", part {number} of {len(parts)}" if len(parts) > 1 else ""
        progress(f"selecting events and computing endpoints{of_all}")
        keep = engine.materialise if number == 1 else engine.add
        keep(TABLE, compiled.sql_of(first, end))
