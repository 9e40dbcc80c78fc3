"""A store in Python: what it holds, its patients' histories, and studies on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.api.study import Study
from timeline.log import Log
from timeline.study.session import Moment, Session

if TYPE_CHECKING:
    import pandas as pd


class Store:
    """An open store at a moment. `log` is the log itself, for appending and corrections."""

    def __init__(self, path: str | Path, at: Moment | None = None) -> None:
        self.log = Log.open(Path(path))
        self._at: Moment = self.log.position if at is None else at
        with Session(self.log, self._at) as session:
            self._snapshot = session.snapshot

    @property
    def path(self) -> Path:
        return self.log.path

    @property
    def position(self) -> int:
        """How many entries of the log are seen. What is recorded later is not, until the store is opened again."""
        return self._snapshot.position

    def study(self, query: str | Path | None = None, **parameters: str | float) -> Study:
        """A study on the store: that of a query file, or an empty one to define things in.

        Parameters are given as the language writes them: `gap="60 days"`. Raises QueryError where the file cannot be
        read, and TextError, with all diagnostics, where it has an error.
        """
        session = Session(self.log, self._at, {name: str(value) for name, value in parameters.items()})
        if query is not None:
            session.load(query)
        return Study(session)

    def events(self) -> pd.DataFrame:
        """The event types: how many events of how many patients, from when to when, and what they are."""
        import pandas as pd

        from timeline.study.counts import counts

        declared = list(self._snapshot.catalog)
        with Session(self.log, self._at) as session:
            rows = counts(session.engine, declared)
        about = [{"about": event.doc} for event in declared]
        columns = ["event", "events", "patients", "first", "last", "about"]
        found = [{**row, **said} for row, said in zip(rows, about, strict=True)]
        return pd.DataFrame(found, columns=columns).set_index("event")

    def history(self, patient: str) -> pd.DataFrame:
        """A patient's events as they are seen, by start; attributes that no event of the patient has are left out.

        Raises TimelineError where the patient has none.
        """
        import pandas as pd

        with Session(self.log, self._at) as session:
            events: list[Mapping[str, object]] = list(session.history(patient))
        return pd.DataFrame(events).dropna(axis="columns", how="all").set_index("event_id")

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r}, position {self.position})"
