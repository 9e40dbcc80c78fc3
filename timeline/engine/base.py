"""The contract of an engine: what a study may count on, whatever runs its SQL.

An engine shows a snapshot of the log as views in the schema `log`: one for each declared event type, named as it, with
the columns `COLUMNS` and the type's attributes, and `log.patients` with the column patient. Only current versions are
seen: an amended event once, as amended last; a retracted one not at all. Everything else, also which SQL to run, is
left to the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self

if TYPE_CHECKING:
    import pyarrow as pa

LOG_SCHEMA: Final = "log"
"""Where the views of the log are."""

STUDY_SCHEMA: Final = "study"
"""Where materialised results are."""

PATIENTS: Final = "patients"
"""The view of every patient with at least one current event."""

COLUMNS: Final = ("patient", "event_id", "position", "start", "end", "start_precision", "end_precision")
"""What each event view has before the attributes.

`position` is that of the event's first recording, also after an amendment: it breaks ties on one day.
"""


Part = tuple[str | None, str | None]
"""Patients from an id on, and before another, in binary order; None where there is no limit."""


class Engine(Protocol):
    """An open engine; a context manager that frees what it holds."""

    @property
    def position(self) -> int:
        """How many entries of the log the views see."""

    def query(self, sql: str) -> pa.Table:
        """The result of one SELECT. Raises EngineError where it is anything else, or fails."""

    def stream(self, sql: str) -> pa.RecordBatchReader:
        """The result of one SELECT in batches, for results larger than memory. Raises EngineError as `query` does."""

    def materialise(self, name: str, sql: str) -> None:
        """Keeps the result of one SELECT as the table `study.NAME`, in place of an earlier one of that name."""

    def add(self, name: str, sql: str) -> None:
        """Adds the result of one SELECT to a table that was materialised."""

    def parts(self) -> Sequence[Part]:
        """The patients in ranges of their ids, each of which can be computed at once; one part with all, as a rule."""

    def interrupt(self) -> None:
        """Makes what is being run fail soon; may be called from another thread."""

    def explain(self, sql: str) -> str:
        """How the engine would run a SELECT, for people."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
