"""What was computed of a store at each moment that a session has been at: going back computes nothing again.

A moment of the log is its position and the head of its chain, so what is kept under it cannot have changed since. One
engine is open at a time: the patients' rows of another moment are computed again where a new question needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timeline.study.evaluation import Evaluation, Key

if TYPE_CHECKING:
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Snapshot

REMEMBERED: Final = 32
"""Of how many moments results are kept, the latest visited ones."""

_Moment = tuple[int, str]


class Evaluations:
    """Evaluations of one store, each with the results of its moment."""

    def __init__(self) -> None:
        self._kept: dict[_Moment, dict[Key, Any]] = {}
        self._open: tuple[_Moment, Evaluation, DuckDBEngine] | None = None

    def at(self, snapshot: Snapshot) -> Evaluation:
        return self._opened(snapshot)[1]

    def engine(self, snapshot: Snapshot) -> DuckDBEngine:
        """The engine over a snapshot; it is closed when another snapshot is asked for."""
        return self._opened(snapshot)[2]

    def close(self) -> None:
        """Free what the engine holds; the results stay known."""
        if self._open is not None:
            self._open[2].close()
            self._open = None

    def _opened(self, snapshot: Snapshot) -> tuple[_Moment, Evaluation, DuckDBEngine]:
        from timeline.engine.duckdb import DuckDBEngine

        moment = snapshot.position, snapshot.record.head
        if self._open is None or self._open[0] != moment:
            self.close()
            engine = DuckDBEngine(snapshot)
            self._open = moment, Evaluation(engine, self._kept_of(moment)), engine
        return self._open

    def _kept_of(self, moment: _Moment) -> dict[Key, Any]:
        kept = self._kept[moment] = self._kept.pop(moment, {})  # now the latest of them
        while len(self._kept) > REMEMBERED:
            del self._kept[next(iter(self._kept))]
        return kept
