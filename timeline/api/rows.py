"""What a definition says of each patient: a query that runs when its rows are asked for, in whatever form.

The columns are those of `timeline.study.relations`. Nothing goes through Python row by row: Arrow is handed over as the
database gives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from timeline.api.display import frame_html
from timeline.errors import QueryError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from timeline.study.results import CohortResult
    from timeline.study.session import Session

SHOWN = 10
"""Rows of which a notebook shows the first ones."""


class Rows:
    """The rows of a definition: of every patient of the log, or with `in_` of the members of a cohort.

    `beside` names values and cohorts whose columns are added under their own names.
    """

    def __init__(self, session: Session, name: str, in_: str | None, beside: Sequence[str]) -> None:
        self._session = session
        self.name = name
        self.sql = session.rows(name, in_, beside)

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table, by patient."""
        return self._session.engine.query(f"SELECT * FROM ({self.sql}) ORDER BY patient")

    def to_batches(self) -> pa.RecordBatchReader:
        """The rows in batches, in no order, for results that do not fit in memory."""
        return self._session.engine.stream(self.sql)

    def to_pandas(self) -> pd.DataFrame:
        """All rows by patient; dates are datetime64, a value that is missing is NaN, NaT or None."""
        frame: pd.DataFrame = self.to_arrow().to_pandas(date_as_object=False)
        return frame

    def to_polars(self) -> pl.DataFrame:
        """All rows by patient, without a copy. Raises QueryError where polars is not installed."""
        try:
            import polars
        except ImportError:
            raise QueryError("polars is not installed.", hint="Install polars, or take to_arrow().") from None
        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def to_duckdb(self) -> duckdb.DuckDBPyRelation:
        """A relation of DuckDB: nothing is computed before it is used; it lives as long as the study is open."""
        return self._session.engine.relation(self.sql)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _repr_html_(self) -> str:
        frame = self.to_pandas()
        return frame_html(frame.head(SHOWN), f"{self.name}: {len(frame)} patients", len(frame))


class Endpoint(Rows):
    """An endpoint: `time` in days, `cause` (0 censored, 1 the event, 2 and more competing), days and reasons."""

    def to_lifelines(self) -> pd.DataFrame:
        """Ready for lifelines: `duration` in days and `event`, by patient, with the columns that were put `beside`.

        Only patients who have a time are in it; `event` is true for the event of interest and false for whatever else
        ended observation, so it gives the cause-specific view where events compete.
        """
        frame = self.to_pandas().set_index("patient")
        frame = frame[frame["time"].notna()]
        beside = [name for name in frame.columns if name not in _ENDPOINT]
        ready = frame[["time", "cause", *beside]].rename(columns={"time": "duration", "cause": "event"})
        ready["duration"] = ready["duration"].astype("int64")
        ready["event"] = ready["event"] == 1
        return ready


class Cohort(Rows):
    """A cohort: `member`, the `index` day, and for who is not in it the `step` at which, and whether for want of
    knowledge (`unknown`)."""

    def __init__(self, session: Session, name: str, beside: Sequence[str]) -> None:
        super().__init__(session, name, None, beside)

    @property
    def attrition(self) -> CohortResult:
        """How many patients remained at each step."""
        return self._session.attrition(self.name)

    @property
    def n(self) -> int:
        return self.attrition.n

    def patients(self) -> list[str]:
        """The ids of the members, in order."""
        query = f"SELECT patient FROM ({self.sql}) WHERE member ORDER BY patient"
        found: list[str] = self._session.engine.query(query)["patient"].to_pylist()
        return found

    def _repr_html_(self) -> str:
        from timeline.api.display import html

        return html(self.attrition)


def _endpoint_columns() -> frozenset[str]:
    from timeline.study.relations import ENDPOINT

    return frozenset(["patient", *ENDPOINT])


_ENDPOINT: Any = _endpoint_columns()
