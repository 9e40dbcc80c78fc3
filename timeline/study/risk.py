"""The risk tables of one subject by group, with the reasons for which patients left and with who was left out."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from dsl import program
from dsl.sql import analyses
from dsl.sql.analyses import EPOCH
from dsl.types import Boolean
from timeline import survival
from timeline.study.results import FollowUp, LeftOut, ReasonCount
from timeline.survival.table import CENSORED, EVENT

WHOLE = "all"
"""What the only group is called where there are no groups."""

Row = dict[str, Any]


class RiskTables:
    """Counts of patients by group, time, outcome and reason, as the risk table's query gives them.

    `labels` are the groups in their order, where that is known before anyone is in them; `seen` are the reasons that
    mean that a patient was last seen then, with nothing that ended the time. Such a patient could have been followed
    until the study's `cutoff`, else until the last day on which anyone in the analysis was observed.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        out: Sequence[Row],
        imputed: Sequence[Row] = (),
        labels: Sequence[str] = (),
        seen: Sequence[str] = (),
        strata: int = 0,
        cutoff: date | None = None,
    ) -> None:
        by_group: dict[str, list[Row]] = {label: [] for label in labels}
        for row in rows:
            by_group.setdefault(group_of(row), []).append(row)
        self.rows = {label: rows for label, rows in by_group.items() if rows}
        self.empty = [label for label in labels if label not in self.rows]
        self.left_out = left_out(out)
        self._imputed = {group_of(row): int(row["patients"]) for row in imputed}
        self._until = cutoff or max((row["last"] for row in rows), default=EPOCH)
        self._seen = frozenset(seen)
        self._strata = strata
        self._curves: dict[tuple[str, survival.Limits], survival.KaplanMeier] = {}

    def table(self, label: str, only_event: bool = True) -> survival.RiskTable:
        """Times and outcomes of a group. With `only_event`, competing events censor: the cause-specific view."""
        found = _table(self.rows[label])
        return found.cause_specific() if only_event else found

    def tables(self, only_event: bool = True) -> dict[str, survival.RiskTable]:
        return {label: self.table(label, only_event) for label in self.rows}

    def curve(self, label: str, limits: survival.Limits = "log-log") -> survival.KaplanMeier:
        """The Kaplan-Meier curve of a group, fitted once."""
        if (label, limits) not in self._curves:
            self._curves[label, limits] = survival.kaplan_meier(self.table(label), limits=limits)
        return self._curves[label, limits]

    def by_stratum(self) -> dict[str, survival.RiskTable] | dict[str, dict[str, survival.RiskTable]]:
        """The groups' tables, by stratum first where there are strata."""
        if not self._strata:
            return self.tables()
        strata: dict[str, dict[str, list[Row]]] = {}
        for label, rows in self.rows.items():
            for row in rows:
                stratum = ", ".join(str(row[f"stratum {number}"]) for number in range(1, self._strata + 1))
                strata.setdefault(stratum, {}).setdefault(label, []).append(row)
        return {
            stratum: {label: _table(groups[label]).cause_specific() for label in self.rows if label in groups}
            for stratum, groups in sorted(strata.items())
        }

    def regression_rows(self) -> survival.RegressionRows:
        """The groups as a factor, the first as its reference, within the strata."""
        pairs = [(place, row) for place, rows in enumerate(self.rows.values()) for row in rows]
        rows = [row for _, row in pairs]
        return survival.RegressionRows(
            _column(rows, "time"),
            np.where(_column(rows, "outcome") == EVENT, EVENT, CENSORED),
            [survival.Factor("group", tuple(self.rows), [place for place, _ in pairs])],
            _column(rows, "patients"),
            _column(rows, "entry"),
            [", ".join(str(row.get(f"stratum {number}")) for number in range(1, self._strata + 1)) for row in rows],
        )

    @property
    def plain(self) -> bool:
        """Whether there are neither strata nor delayed entries."""
        return not self._strata and not any(row.get("entry") for rows in self.rows.values() for row in rows)

    def follow_up(self, label: str) -> FollowUp:
        """How long a group was followed: only who was last seen alive could have been followed longer."""
        rows = self.rows[label]
        outcome = [CENSORED if row["outcome"] == CENSORED and row["reason"] in self._seen else EVENT for row in rows]
        table = survival.RiskTable(_column(rows, "time"), outcome, _column(rows, "patients"), _column(rows, "entry"))
        found = survival.follow_up(table)
        until = (self._until - EPOCH).days
        potential = sum(
            row["patients"] * until - int(row["starts"]) if end == CENSORED else row["patients"] * row["time"]
            for row, end in zip(rows, outcome, strict=True)
        )
        complete = int((table.time * table.count).sum()) / potential if potential else None
        return FollowUp(found.median, found.shortest_censored, found.longest_censored, complete, self._until)

    def imputed(self, label: str) -> int:
        """How many times of a group start or end on an imputed day."""
        return self._imputed.get(label, 0)

    def reasons(self, label: str) -> tuple[ReasonCount, ...]:
        counts: dict[tuple[int, str], int] = {}
        for row in self.rows[label]:
            key = (row["outcome"], row["reason"])
            counts[key] = counts.get(key, 0) + row["patients"]
        order = sorted(counts, key=lambda key: (key[0] == 0, key[0], -counts[key], key[1]))
        return tuple(ReasonCount(outcome, reason, counts[outcome, reason]) for outcome, reason in order)


def known_labels(group: program.Group | None) -> tuple[str, ...]:
    """Groups whose place is known before anyone is in them: the sides of a condition, and the reference, first."""
    if group is None:
        return ()
    if not isinstance(group.value.type, Boolean):
        return (group.reference,) if group.reference is not None else ()
    yes, no = analyses.group_labels(group)
    return (no, yes) if group.reference == "false" else (yes, no)


def left_out(rows: Sequence[Row]) -> tuple[LeftOut, ...]:
    """Who is in no estimate, by reason, from rows of reason and patient."""
    reasons: dict[str, list[str]] = {}
    for row in rows:
        reasons.setdefault(row["reason"], []).append(row["patient"])
    return tuple(LeftOut(reason, tuple(patients)) for reason, patients in reasons.items())


def group_of(row: Row) -> str:
    return row["group"] or WHOLE


def _column(rows: Sequence[Row], name: str) -> Any:
    return np.array([row.get(name, 0) for row in rows], dtype=np.int64)


def _table(rows: Sequence[Row]) -> survival.RiskTable:
    return survival.RiskTable(*(_column(rows, name) for name in ("time", "outcome", "patients", "entry")))
