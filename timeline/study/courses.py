"""What patients go through: the share in each state over time, and the lanes of swimmer plots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dsl import program
from dsl.sql import Compiled, analyses
from dsl.sql import states as queries
from timeline import survival
from timeline.study.curves import LIMITS
from timeline.study.results import (
    LaneEvent,
    Passage,
    Phase,
    StatesAt,
    StatesCurve,
    StatesGroup,
    StatesResult,
    SwimmerResult,
    SwimmerRow,
)
from timeline.study.risk import Row, group_of, known_labels, left_out
from timeline.survival import NotEstimable

if TYPE_CHECKING:
    from timeline.engine.base import Engine


def states(analysis: program.States, compiled: Compiled, engine: Engine) -> StatesResult:
    """Raises NotEstimable where nobody has a time."""
    subject = analysis.subject
    endpoint = compiled.study.endpoint(subject.endpoint)
    rows = engine.query(queries.stays(compiled, analysis)).to_pylist()
    if not rows:
        raise NotEstimable(f"no member of {subject.cohort} has a time for {subject.endpoint}")
    by_group: dict[str, list[Row]] = {label: [] for label in known_labels(analysis.group)}
    for row in rows:
        by_group.setdefault(group_of(row), []).append(row)
    names = state_names(analysis, endpoint)
    out = analyses.left_out(compiled, queries.observed(analysis))
    return StatesResult(
        subject.endpoint,
        endpoint.label,
        subject.cohort,
        analysis.group.words if analysis.group else None,
        names,
        tuple(_group(label, found, analysis, names) for label, found in by_group.items() if found),
        left_out(engine.query(out).to_pylist()),
    )


def _group(label: str, rows: Sequence[Row], analysis: program.States, names: tuple[str, ...]) -> StatesGroup:
    # Who enters a state on the day of censoring is in it, and at risk of nothing any more.
    at_risk = [row for row in rows if row["start"] == 0 or row["start"] < row["stop"]]
    columns = {key: [int(row[key]) for row in at_risk] for key in ("state", "start", "stop", "to", "patients")}
    curve = survival.state_occupation(
        survival.StateIntervals(
            names, columns["state"], columns["start"], columns["stop"], columns["to"], columns["patients"]
        ),
        limits=LIMITS[analysis.limits],
    )
    passages: dict[tuple[int, int], int] = {}
    for row in rows:
        if row["to"] != queries.STAYS:
            key = (row["state"], row["to"])
            passages[key] = passages.get(key, 0) + row["patients"]
    last = (row for row in rows if row["to"] == queries.STAYS or row["to"] > len(analysis.through))
    return StatesGroup(
        label,
        sum(row["patients"] for row in last),
        tuple(_at(curve, time.in_days) for time in analysis.at),
        tuple(Passage(names[source], names[target], count) for (source, target), count in sorted(passages.items())),
        _from_day_0(curve),
    )


def _at(curve: survival.StateOccupation, day: float) -> StatesAt:
    found = curve.at(day)
    return StatesAt(day, found.share, found.at_risk, found.lower, found.upper)


def _from_day_0(curve: survival.StateOccupation) -> StatesCurve:
    """The curve with its start, and one row a state."""
    unknown = np.full_like(curve.initial, np.nan)
    starts = len(curve.time) > 0 and curve.time[0] == 0

    def rows(first: npt.NDArray[np.float64], columns: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return columns.T if starts else np.vstack([first, columns]).T

    return StatesCurve(
        curve.time if starts else np.concatenate([[0], curve.time]),
        rows(curve.initial, curve.share),
        rows(unknown, curve.lower),
        rows(unknown, curve.upper),
        curve.at_risk.T if starts else np.vstack([curve.at_risk[:1], curve.at_risk]).T,
    )


def state_names(analysis: program.States, endpoint: program.Endpoint) -> tuple[str, ...]:
    """The states in their order: at first, those come through, and what ends the endpoint."""
    return (analysis.start, *(term.label for term in analysis.through), *endpoint.causes)


def swimmer(analysis: program.Swimmer, compiled: Compiled, engine: Engine) -> SwimmerResult:
    events: dict[str, list[LaneEvent]] = {}
    zeros: dict[str, date] = {}
    for lane in analysis.lanes:
        for row in engine.query(queries.lane(compiled, analysis, lane)).to_pylist():
            zeros[row["patient"]] = row["day_zero"]
            events.setdefault(row["patient"], []).append(LaneEvent(lane.name, row["start_day"], row["end_day"]))
    names: tuple[str, ...] = ()
    phases: dict[str, list[Phase]] = {}
    ongoing: dict[str, bool] = {}
    if analysis.phases is not None:
        names = (analysis.phases.start, *(term.label for term in analysis.phases.through))
        for row in engine.query(queries.phases(compiled, analysis)).to_pylist():
            zeros[row["patient"]] = row["day_zero"]
            phases.setdefault(row["patient"], []).append(Phase(names[row["state"]], row["start"], row["stop"]))
            ongoing[row["patient"]] = row["ongoing"]
    (absent,) = engine.query(queries.lanes_left_out(compiled, analysis)).to_pylist()
    last = {
        patient: max(
            *(event.end_day for event in events.get(patient, [])),
            *(phase.end_day for phase in phases.get(patient, [])),
            0,
            0,
        )
        for patient in {**events, **phases}
    }
    return SwimmerResult(
        analysis.cohort,
        tuple(lane.name for lane in analysis.lanes),
        tuple(
            SwimmerRow(
                patient,
                tuple(events.get(patient, ())),
                tuple(phases.get(patient, ())),
                ongoing.get(patient),
                zeros[patient],
            )
            for patient in sorted(last, key=lambda patient: (-last[patient], patient))
        ),
        names,
        analysis.aligned_words or "the index day",
        absent["patients"],
    )
