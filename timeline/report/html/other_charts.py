"""Charts that are no curves: lanes of patients, hazard ratios, stacked states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from textwrap import wrap
from typing import Any

import altair as alt

from dsl.words import plain
from timeline.report import shown
from timeline.report.axis import Axis, at_risk
from timeline.report.html import theme
from timeline.report.html.curves import MOST_STEPS, Curve, readings, thinned
from timeline.study.results import Effect, StatesCurve, SwimmerRow
from timeline.survival import HazardRatio

MOST_LANES = 300
"""A swimmer plot draws the longest histories up to this many, and says how many it leaves out."""
LANE, SMALLEST_LANE, TALLEST = 14, 4, 1200
NAME = 28
"""Letters of a name beside a hazard ratio before it goes on in a line of its own, so that a phone has room for both."""


def lanes(
    rows: Sequence[SwimmerRow], events: Sequence[str], phases: Sequence[str], axis: Axis
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A lane a patient, numbered anew from the longest history: phases as bars, events as marks in their days."""
    drawn = rows[:MOST_LANES]
    numbers = range(1, len(drawn) + 1)
    kinds = [plain(event) for event in events]
    spans = [
        (
            number,
            plain(event.event),
            event.start_day / axis.size,
            event.end_day / axis.size,
            _days(event.start_day, event.end_day),
        )
        for number, row in zip(numbers, drawn, strict=True)
        for event in row.events
    ]
    whole = [
        (number, first / axis.size, last / axis.size, "ongoing" if row.ongoing else "")
        for number, row in zip(numbers, drawn, strict=True)
        for first, last in [reach(row)]
    ]
    stretches = [
        (number, phase.state, phase.start_day / axis.size, phase.end_day / axis.size)
        for number, row in zip(numbers, drawn, strict=True)
        for phase in row.phases
    ]
    y = alt.Y(
        "lane:O",
        axis=alt.Axis(
            title="Patients, numbered anew", labels=len(drawn) <= 60, ticks=False, domain=False, labelOverlap=True
        ),
    )
    days = alt.Axis(title=f"{axis.unit.capitalize()} from day 0", grid=True, format="~g", tickCount=10)
    x = alt.X("x:Q", axis=days, scale=alt.Scale(nice=False))
    parts = [
        alt.Chart(theme.data(("lane", "x", "x2", "ends_"), whole))
        .mark_rule(color=theme.FAINT, strokeWidth=1)
        .encode(x=x, x2="x2:Q", y=y)
    ]
    if stretches:
        greys = alt.Scale(
            domain=list(phases), range=theme.cycle(("#bcd5e8", "#e6e2d3", "#e3b9a6", "#cfd4d9"), len(phases))
        )
        parts.append(
            alt.Chart(theme.data(("lane", "phase_", "x", "x2"), stretches))
            .mark_bar(height={"band": 0.8})
            .encode(
                x=x, x2="x2:Q", y=y, color=alt.Color("phase_:N", scale=greys, legend=theme.legend(phases, "square"))
            )
        )
    scale = alt.Scale(domain=kinds, range=theme.cycle(theme.COLOURS, len(kinds)))
    marks = alt.Chart(theme.data(("lane", "event_", "x", "x2", "days_"), spans))
    tooltip = [
        alt.Tooltip("lane:O", title="Lane"),
        alt.Tooltip("event_:N", title="Event"),
        alt.Tooltip("days_:N", title="Day"),
    ]
    fill = alt.Color("event_:N", scale=scale, legend=_marks_legend())
    shape = alt.Shape(
        "event_:N",
        scale=alt.Scale(domain=kinds, range=theme.cycle(theme.SHAPES, len(kinds))),
        legend=_marks_legend(),
    )
    height = max(SMALLEST_LANE, min(LANE, TALLEST // max(len(drawn), 1)))
    long = [row for row in spans if row[3] > row[2]]
    if long:
        bars = alt.Chart(theme.data(("lane", "event_", "x", "x2", "days_"), long)).mark_bar(height=max(2, height // 2))
        own = alt.Color("event_:N", scale=scale, legend=None)
        parts.append(bars.encode(x=x, x2="x2:Q", y=y, color=own, tooltip=tooltip))
    parts.append(
        marks.mark_point(filled=True, size=height * 3, opacity=1).encode(
            x=x, y=y, color=fill, shape=shape, tooltip=tooltip
        )
    )
    arrows = [(number, end) for number, _, end, ends in whole if ends == "ongoing"]
    if arrows:
        parts.append(
            alt.Chart(theme.data(("lane", "x"), arrows))
            .mark_point(shape="triangle-right", filled=True, size=height * 4, color=theme.FAINT, xOffset=5)
            .encode(x=x, y=y)
        )
    made = alt.layer(*parts).resolve_scale(color="independent", shape="independent")
    tall = height * max(len(drawn), 1)
    return theme.spec(made, "container", tall), theme.spec(made, theme.PAPER_WIDTH, tall)


def _marks_legend() -> alt.Legend:
    """Below the lanes, since that of the phases stands above, and both beside each other are wider than a phone."""
    return alt.Legend(orient="bottom", direction="horizontal", columns=2, title=None, labelLimit=0, symbolSize=90)


def _days(start: int, end: int) -> str:
    return str(start) if start == end else f"{start} to {end}"


def reach(row: SwimmerRow) -> tuple[int, int]:
    """The first and the last day of a lane, day 0 among them."""
    first = [*(event.start_day for event in row.events), *(phase.start_day for phase in row.phases)]
    last = [*(event.end_day for event in row.events), *(phase.end_day for phase in row.phases)]
    return min([0, *first]), max([0, *last])


@dataclass(frozen=True)
class Ratio:
    """A hazard ratio with its limits; without `found`, what others are compared with."""

    name: str
    found: Effect | HazardRatio | None


def forest(ratios: Sequence[Ratio], of: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Hazard ratios of covariates or groups with their limits on a logarithmic axis, and the line of no effect.

    Infinite limits are cut.
    """
    finite = [each.found for each in ratios if each.found is not None and 0 < each.found.ratio < 1e6]
    low = min((e.lower for e in finite if e.lower > 1e-3), default=0.1)
    high = max((e.upper for e in finite if e.upper < 1e3), default=10.0)
    low, high = min(low, 0.5) / 1.2, max(high, 2.0) * 1.2
    lines = {each.name: "\n".join(wrap(each.name, NAME)) for each in ratios}
    rows = [
        (lines[each.name], found.ratio, max(found.lower, low), min(found.upper, high), _limits(found))
        for each in ratios
        if (found := each.found) is not None and low <= found.ratio <= high
    ]
    base = alt.Chart(theme.data(("name_", "x", "l", "u", "told_"), rows))
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    ticks = [value for value in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if low <= value <= high]
    x = alt.X("x:Q", scale=scale, axis=alt.Axis(title="Hazard ratio (logarithmic axis)", values=ticks, format="~g"))
    # A name without a mark has its line too: what the others are compared with, and a ratio beyond the axis.
    y = alt.Y(
        "name_:N",
        scale=alt.Scale(domain=list(lines.values())),
        axis=alt.Axis(
            title=None,
            labelExpr="split(datum.label, '\\n')",
            labelLimit=260,
            labelLineHeight=14,
            domain=False,
            ticks=False,
        ),
    )
    tooltip = [alt.Tooltip("name_:N", title=of), alt.Tooltip("told_:N", title="Hazard ratio")]
    one = alt.Chart(theme.data(("x",), [(1,)])).mark_rule(color=theme.FAINT, strokeDash=[4, 3]).encode(x=x)
    made = alt.layer(
        one,
        base.mark_rule(color=theme.INK, strokeWidth=1.5).encode(x=alt.X("l:Q", scale=scale), x2="u:Q", y=y),
        base.mark_point(filled=True, shape="square", size=90, color=theme.COLOURS[0], opacity=1).encode(
            x=x, y=y, tooltip=tooltip
        ),
    )
    tall = (12 + 14 * max(said.count("\n") + 1 for said in lines.values())) * len(lines) + 10
    return theme.spec(made, "container", tall), theme.spec(made, theme.PAPER_WIDTH, tall)


def _limits(found: Effect | HazardRatio) -> str:
    return f"{shown.ratio(found.ratio)} ({shown.ratio(found.lower)} to {shown.ratio(found.upper)})"


def states(names: Sequence[str], curve: StatesCurve, axis: Axis, since: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The share of patients in each state, stacked in the order of the states from the bottom.

    A pointer reads the limits, for which a stack has no room.
    """
    rows = [
        (name, place, float(curve.time[i]) / axis.size, float(curve.shares[place, i]))
        for i in thinned(len(curve.time), MOST_STEPS)
        for place, name in enumerate(names)
    ]
    fills = theme.cycle(("#9cc3e0", "#f0c27b", "#8a5a44", "#b8b8b8", "#c9a0c0"), len(names))
    made = (
        alt.Chart(theme.data(("label_", "place", "x", "s"), rows))
        .mark_area(interpolate="step-after", stroke="#ffffff", strokeWidth=0.5)
        .encode(
            x=alt.X(
                "x:Q",
                scale=alt.Scale(domain=[0, axis.last], nice=False),
                axis=alt.Axis(
                    title=f"{axis.unit.capitalize()} since {since}", values=list(axis.ticks), format="~g", grid=False
                ),
            ),
            y=alt.Y(
                "s:Q",
                stack="zero",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", title="Share of patients"),
            ),
            color=alt.Color(
                "label_:N", scale=alt.Scale(domain=list(names), range=fills), legend=theme.legend(names, "square")
            ),
            order="place:Q",
        )
    )
    read = [_as_curve(name, place, curve) for place, name in enumerate(names)]
    live = alt.layer(made, *readings(read, axis, "Share of patients", dots=False))
    return theme.spec(live, "container"), theme.spec(made, theme.PAPER_WIDTH)


def _as_curve(name: str, place: int, states: StatesCurve) -> Curve:
    lower, upper = states.lower[place], states.upper[place]
    numbers = partial(at_risk, states.time, states.at_risk[place])
    return Curve(name, name, 1.0 - min(place, 1), states.time, states.shares[place], lower, upper, numbers, None)
