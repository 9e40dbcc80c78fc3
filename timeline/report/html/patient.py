"""One patient's timeline: a row an event type, phases behind them. A reader chooses the lane; paper has the first one.

Lanes are numbered as in the swimmer plot. What the chosen lane shows stands below it in words, too: see `figures.js`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import altair as alt

from dsl.words import plain
from timeline.report.axis import Axis
from timeline.report.html import theme
from timeline.report.html.parts import Figure
from timeline.study.histories import Histories, PastEvent
from timeline.study.results import SwimmerRow

MOST_EVENTS = 3000
"""Lanes can be chosen as long as they have no more events than so many together, so that the report stays small."""
ROW = 20
"""Pixels from one event type to the next."""
PHASES = ("#bcd5e8", "#e6e2d3", "#e3b9a6", "#cfd4d9")


def timelines(rows: Sequence[SwimmerRow], histories: Histories, phases: Sequence[str], axis: Axis) -> Figure | None:
    """The figure of the first lanes; None where there is no event to show."""
    lanes = _that_fit([histories.get(row.patient, ()) for row in rows])
    numbered = list(enumerate(zip(rows, lanes, strict=False), 1))
    events = [_event(number, row, event, axis) for number, (row, lane) in numbered for event in lane]
    if not events:
        return None
    spans = [
        (number, phase.state, phase.start_day / axis.size, phase.end_day / axis.size)
        for number, (row, _) in numbered
        for phase in row.phases
    ]
    chosen = alt.param(name="lane", value=1, bind=alt.binding_select(options=[n for n, _ in numbered], name="Lane "))
    first = [[row for row in table if row[0] == 1] for table in (events, spans)]
    said = "; ".join(_words(row) for row in first[0])
    fewer = "" if len(lanes) == len(rows) else f" The first {len(lanes)} of {len(rows)} lanes can be chosen."
    return Figure(
        theme.spec(_chart(events, spans, phases, axis, chosen), "container", _height(events)),
        theme.spec(_chart(first[0], first[1], phases, axis), theme.PAPER_WIDTH, _height(first[0])),
        f"Timeline of one patient, a row an event type. Lane 1, by day: {said}.",
        "One patient's timeline; days count from day 0 of the lane. Free texts and dates are left out. "
        f"On paper: lane 1.{fewer}",
        chosen=True,
    )


def _that_fit(lanes: Sequence[Sequence[PastEvent]]) -> list[Sequence[PastEvent]]:
    so_far = accumulate(len(lane) for lane in lanes)
    return [lane for lane, events in zip(lanes, so_far, strict=True) if events <= MOST_EVENTS]


def _event(number: int, row: SwimmerRow, event: PastEvent, axis: Axis) -> tuple[Any, ...]:
    assert row.day_zero is not None, "a lane with a history has a day 0"
    start, end = ((day - row.day_zero).days for day in (event.start, event.end))
    days = str(start) if start == end else f"{start} to {end}"
    told = ", ".join(f"{plain(name)} {_value(value)} {unit}".strip() for name, value, unit in event.recorded)
    return number, plain(event.event), start / axis.size, end / axis.size, days, told


def _value(value: str | int | float | bool) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
    return plain(str(value))


def _words(row: tuple[Any, ...]) -> str:
    _, event, _, _, days, told = row
    return f"{days} {event}" + (f" ({told})" if told else "")


def _types(events: Sequence[tuple[Any, ...]]) -> list[str]:
    """Event types by the earliest time at which any lane has one."""
    return list(dict.fromkeys(event[1] for event in sorted(events, key=lambda event: event[2])))


def _height(events: Sequence[tuple[Any, ...]]) -> int:
    return ROW * len(_types(events))


def _chart(
    events: Sequence[tuple[Any, ...]],
    spans: Sequence[tuple[Any, ...]],
    phases: Sequence[str],
    axis: Axis,
    chosen: alt.Parameter | None = None,
) -> alt.LayerChart | alt.FacetChart:
    """The lane that is chosen, or all that there is."""
    days = alt.Axis(title=f"{axis.unit.capitalize()} from day 0", format="~g", tickCount=10)
    x = alt.X("x:Q", axis=days, scale=alt.Scale(nice=False, padding=8))
    rows = alt.Axis(title=None, ticks=False, domain=False, labelLimit=200, grid=True)
    y = alt.Y("event_:N", scale=alt.Scale(domain=_types(events)), axis=rows)
    tooltip = [
        alt.Tooltip("event_:N", title="Event"),
        alt.Tooltip("day_:N", title="Day"),
        alt.Tooltip("told_:N", title="Recorded"),
    ]
    parts: list[alt.Chart | alt.LayerChart | alt.FacetChart] = []
    if spans:
        fill = alt.Scale(domain=list(phases), range=theme.cycle(PHASES, len(phases)))
        behind = _chosen(alt.Chart(theme.data(("lane", "phase_", "x", "x2"), spans)), chosen).mark_rect(opacity=0.5)
        colour = alt.Color("phase_:N", scale=fill, legend=theme.legend(phases, "square"))
        whole = {"y": alt.value(0), "y2": alt.value(_height(events))}
        parts.append(behind.encode(x=x, x2="x2:Q", color=colour, **whole))
    base = _chosen(alt.Chart(), chosen).encode(x=x, y=y, tooltip=tooltip)
    lasting = base.mark_rule(strokeWidth=6, color=theme.COLOURS[0]).encode(x2="x2:Q")
    starts = base.mark_point(filled=True, size=60, color=theme.INK, opacity=1)
    columns = ("lane", "event_", "x", "x2", "day_", "told_")
    parts.append(alt.layer(lasting, starts, data=theme.data(columns, events)))
    made = alt.layer(*parts)
    return made if chosen is None else made.add_params(chosen)


def _chosen(chart: alt.Chart, chosen: alt.Parameter | None) -> alt.Chart:
    return chart if chosen is None else chart.transform_filter(alt.datum.lane == chosen)
