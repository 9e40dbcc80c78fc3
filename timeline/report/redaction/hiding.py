"""Which counts of a study are hidden, and the others as they may be shown."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.report.redaction import ties
from timeline.report.redaction.cells import Cell
from timeline.report.shown import HIDDEN, HIDDEN_PATIENTS
from timeline.study.results import LeftOut, StudyResult


class Hiding:
    """What is decided for all counts of a study together, where those from 1 to `below` - 1 must not be told."""

    def __init__(self, result: StudyResult, below: int) -> None:
        self.below = below
        self._counts = ties.ties(result)
        self._hidden = self._counts.hidden(below)

    def shows(self, *cells: Cell) -> bool:
        return not self._hidden.intersection(cells)

    def count(self, cell: Cell) -> int:
        return HIDDEN if cell in self._hidden else self._counts.values[cell]

    def left_out(self, items: Sequence[LeftOut], number: int) -> tuple[LeftOut, ...]:
        """Those left out of the analysis with this number: how many, and never who."""
        return tuple(
            LeftOut(item.reason, ("",) * len(item.patients))
            if self.shows(ties.left_out(number, place))
            else LeftOut(item.reason, HIDDEN_PATIENTS)
            for place, item in enumerate(items)
        )
