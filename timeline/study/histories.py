"""The whole histories of the patients in a study's lanes, for a report that is asked for single patients.

Free texts and dates among the attributes are left out: a name, a hospital or a day of birth tells who a patient is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dsl.catalog import EventType
from dsl.types import Date, Text
from timeline.study.results import StudyResult, SwimmerResult

if TYPE_CHECKING:
    from timeline.log import Log


@dataclass(frozen=True)
class PastEvent:
    """An event, with what was recorded of it: names, values and units. `end` is `start` where it has none."""

    event: str
    start: date
    end: date
    recorded: tuple[tuple[str, str | int | float | bool, str], ...] = ()


Histories = Mapping[str, Sequence[PastEvent]]
"""By patient, all events in their order."""


def histories(result: StudyResult, log: Log, most: int) -> Histories:
    """Of the patients in the `most` longest lanes of each swimmer plot, as the log stood when the study was run.

    What happened after the data cut-off is not there.
    """
    swimmers = [item for item in result.analyses if isinstance(item, SwimmerResult)]
    found: dict[str, list[PastEvent]] = {row.patient: [] for item in swimmers for row in item.rows[:most]}
    position, cutoff = result.provenance.position, result.provenance.cutoff or date.max
    declared = {event.name: event for event in log.snapshot(position).catalog}
    for event in log.histories(list(found), position).to_pylist():
        if event["start"] <= cutoff:
            ended = event["end"] is not None and event["end"] <= cutoff
            end = event["end"] if ended else event["start"]
            recorded = _recorded(event, declared[event["event"]])
            found[event["patient"]].append(PastEvent(event["event"], event["start"], end, recorded))
    return found


def _recorded(event: Mapping[str, Any], declared: EventType) -> tuple[tuple[str, str | int | float | bool, str], ...]:
    return tuple(
        (attribute.name, event[attribute.name], getattr(attribute.type, "unit", None) or "")
        for attribute in declared.attributes
        if not isinstance(attribute.type, Text | Date) and event.get(attribute.name) is not None
    )
