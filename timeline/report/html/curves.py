"""Curves over time: survival, cumulative incidence, and the shares of states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt

from timeline.report import shown
from timeline.report.axis import Axis
from timeline.report.html import theme
from timeline.report.tallies import Tally

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_STEPS = 600
"""More steps of a curve than this are drawn at every so-manieth day: no screen shows the others."""
MOST_READINGS = 300
"""On how many days a pointer reads the curves; where there are more days with an event, on evenly chosen ones."""
LINE = 17
"""Pixels from one line of numbers below the axis to the next."""
NAME = 50
"""Letters of a group's name before it goes on in a line of its own."""
LETTER = 7
"""Pixels that a digit or a letter of them takes at most."""


@dataclass(frozen=True)
class Curve:
    """A step function with limits: arrays of shape (T,), the share from each day until before the next, and `start`
    before the first. `censored` counts those who left unobserved on each day; None draws no ticks. Curves of one
    `group`, one a cause, share their numbers at risk."""

    label: str
    group: str
    start: float
    time: Ints
    share: Floats
    lower: Floats
    upper: Floats
    at_risk: Callable[[float], int]
    """Patients under observation just before a day, or HIDDEN."""
    censored: Ints | None

    def read(self, day: float) -> tuple[float, float, float]:
        """Share and limits on a day; not a number after the last one, unless nobody is left to have the event."""
        place = int(np.searchsorted(self.time, day, side="right")) - 1
        if place < 0:
            return self.start, np.nan, np.nan
        if day > self.time[-1] and 0 < self.share[-1] < 1:
            return np.nan, np.nan, np.nan
        return float(self.share[place]), float(self.lower[place]), float(self.upper[place])


def chart(
    curves: Sequence[Curve],
    axis: Axis,
    title: str,
    since: str,
    tallies: Sequence[Tally],
    medians: Sequence[float] = (),
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The live and the still figure, with the `tallies` of each of the curves' groups below the axis on its ticks.

    From one half a line leads down to the axis at each of the `medians`, in days.
    """
    bands = _bands(curves, axis, title, since, _gutter(tallies))
    drawn = [*_guides(medians, axis, title), *bands, *_ticks(curves, axis), *_numbers(curves, axis, tallies)]
    still = alt.layer(*drawn)
    live = alt.layer(*drawn, *readings(curves, axis, title))
    return theme.spec(live, "container"), theme.spec(still, theme.PAPER_WIDTH)


def _x(axis: Axis, since: str) -> alt.X:
    return alt.X(
        "x:Q",
        scale=alt.Scale(domain=[0, max(axis.ticks[-1], axis.last)], nice=False),
        axis=alt.Axis(
            title=f"{axis.unit.capitalize()} since {since}", values=list(axis.ticks), format="~g", grid=False
        ),
    )


def _guides(medians: Sequence[float], axis: Axis, title: str) -> list[alt.Chart]:
    if not medians:
        return []
    falls = [(day / axis.size, day / axis.size, 0.0, 0.5) for day in medians]
    rows = [(0.0, max(medians) / axis.size, 0.5, 0.5), *falls]
    line = alt.Chart(theme.data(("x", "x2", "y", "y2"), rows)).mark_rule(color=theme.FAINT, strokeDash=[1, 3])
    return [line.encode(x=alt.X("x:Q"), x2=alt.X2("x2:Q"), y=alt.Y("y:Q", title=title), y2=alt.Y2("y2:Q"))]


def _bands(curves: Sequence[Curve], axis: Axis, title: str, since: str, gutter: int) -> list[alt.Chart]:
    labels = [curve.label for curve in curves]
    rows = [(curve.label, *row) for curve in curves for row in _steps(curve, axis)]
    base = alt.Chart(theme.data(("label_", "x", "s", "l", "u"), rows)).encode(x=_x(axis, since))
    y = alt.Y(
        "s:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", title=title, tickCount=5, minExtent=gutter),
    )
    legend = theme.legend(labels)
    return [
        base.mark_area(interpolate="step-after", opacity=0.14).encode(
            y=alt.Y("l:Q", scale=alt.Scale(domain=[0, 1]), title=title),
            y2=alt.Y2("u:Q"),
            color=theme.colour(labels, legend),
        ),
        base.mark_line(interpolate="step-after", strokeWidth=2).encode(
            y=y, color=theme.colour(labels, legend), strokeDash=theme.dash(labels, legend)
        ),
    ]


def _steps(curve: Curve, axis: Axis) -> list[tuple[float, float, float, float]]:
    """The days on which a curve changes, and the last one on which it is known."""
    known = np.flatnonzero(~np.isnan(curve.share))
    share = curve.share[known]
    changes = known[np.flatnonzero(np.diff(share, prepend=curve.start) != 0)]
    rows = [(0.0, curve.start, curve.start, curve.start)]
    for i in changes[thinned(len(changes), MOST_STEPS)]:
        day, lower = float(curve.time[i]) / axis.size, float(curve.lower[i])
        if np.isnan(lower):
            # Limits hold until the day from which there are none: the band ends there, not with its last step.
            rows.append((day, *rows[-1][1:]))
        rows.append((day, float(curve.share[i]), lower, float(curve.upper[i])))
    if len(known):
        rows.append((float(curve.time[known[-1]]) / axis.size, *rows[-1][1:]))
    return rows


def _ticks(curves: Sequence[Curve], axis: Axis) -> list[alt.Chart]:
    rows = [
        (curve.label, float(day) / axis.size, curve.read(float(day))[0])
        for curve in curves
        if curve.censored is not None
        for day in _few(curve.time[curve.censored > 0])
    ]
    if not rows:
        return []
    labels = [curve.label for curve in curves]
    stroke = alt.Chart(theme.data(("label_", "x", "s"), rows)).mark_point(
        shape="stroke", angle=90, size=70, strokeWidth=1.3, opacity=1
    )
    return [stroke.encode(x=alt.X("x:Q"), y=alt.Y("s:Q"), color=theme.colour(labels, theme.legend(labels)))]


def _few(days: Ints) -> Ints:
    chosen: Ints = days[thinned(len(days), MOST_STEPS)]
    return chosen


def _gutter(tallies: Sequence[Tally]) -> int:
    """Pixels left of the plot for what the lines below the axis are called: a single one says it in its heading."""
    if len(tallies) == 1:
        return 0
    first = max(len(_cell(row[0])) for tally in tallies for row in tally.counts)
    return round(LETTER * (max(len(tally.title) for tally in tallies) + first / 2)) + 10


def _numbers(curves: Sequence[Curve], axis: Axis, tallies: Sequence[Tally]) -> list[alt.Chart]:
    """Below a heading, group by group, a line for each of the tallies."""
    top, gutter = theme.HEIGHT + 52, _gutter(tallies)
    heading = "Numbers at risk" if len(tallies) == 1 else "Patients at risk, and those who left so far"
    parts = [_text([heading], -gutter, top, theme.INK, bold=bool(gutter))]
    groups = list({curve.group: curve for curve in curves}.values())
    own = len(groups) == len(curves) and len(groups) > 1
    for number, curve in enumerate(groups):
        paint = theme.cycle(theme.COLOURS, len(curves))[number] if own else theme.INK
        if len(groups) > 1:
            name = wrap(curve.group, NAME)
            parts.append(_text(name, -gutter, top + LINE, paint, bold=True))
            top += LINE * len(name)
        top += LINE
        if gutter:
            parts.append(_text([tally.title for tally in tallies], -gutter, top, paint))
        rows = [
            (tick, "\n".join(_cell(tally.counts[number][place]) for tally in tallies))
            for place, tick in enumerate(axis.ticks)
        ]
        numbers = alt.Chart(theme.data(("x", "t_"), rows)).mark_text(color=paint, lineBreak="\n", lineHeight=LINE)
        parts.append(numbers.encode(x=alt.X("x:Q"), y=alt.value(top), text=alt.Text("t_:N")))
        top += LINE * (len(tallies) - 1) + (4 if gutter else 0)
    return parts


def _text(lines: Sequence[str], left: float, top: float, colour: str, bold: bool = False) -> alt.Chart:
    """Lines of words in pixels, whatever the axes show."""
    words = alt.Chart(theme.data(("t_",), [("\n".join(lines),)])).mark_text(
        align="left", color=colour, fontWeight="bold" if bold else "normal", lineBreak="\n", lineHeight=LINE
    )
    placed: alt.Chart = words.encode(x=alt.value(left), y=alt.value(top), text=alt.Text("t_:N"))
    return placed


def _cell(number: int) -> str:
    """A count below the axis; a dot where it is hidden."""
    return "·" if number == shown.HIDDEN else shown.count(number)


def readings(curves: Sequence[Curve], axis: Axis, title: str, dots: bool = True) -> list[alt.Chart]:
    """What a pointer tells: a strip for each day that is read, from half way before it to half way after it.

    `dots` mark the curves there; shares that are stacked are not where their numbers say.

    Strips stand in place of Vega-Lite's nearest points, whose tooltips look for their texts in the wrong place.
    """
    days = np.unique(np.concatenate([[0], *(curve.time for curve in curves)]))
    days = days[thinned(len(days), MOST_READINGS)]
    edges = np.concatenate([[0], (days[1:] + days[:-1]) / 2, days[-1:]]) / axis.size
    columns = [
        "x",
        "from",
        "to",
        "day_",
        *(f"s{i}" for i in range(len(curves))),
        *(f"t{i}_" for i in range(len(curves))),
    ]
    rows = []
    for day, low, high in zip(days.tolist(), edges.tolist(), edges[1:].tolist(), strict=False):
        read = [curve.read(day) for curve in curves]
        told = [_told(curve, day, found) for curve, found in zip(curves, read, strict=True)]
        rows.append((day / axis.size, low, high, _day(day, axis), *(share for share, _, _ in read), *told))
    pointed = alt.selection_point(name="pointed", on="pointerover", clear="pointerout", fields=["day_"], empty=False)
    base = alt.Chart(theme.data(columns, rows)).encode(x=alt.X("x:Q"))
    tooltip = [alt.Tooltip("day_:N", title=axis.unit.capitalize())]
    titles = [curve.label for curve in curves] if len(curves) > 1 else [title]
    tooltip += [alt.Tooltip(f"t{i}_:N", title=said) for i, said in enumerate(titles)]
    rule = base.mark_rule(color=theme.FAINT).encode(
        opacity=alt.when(pointed).then(alt.value(0.7)).otherwise(alt.value(0))
    )
    marks = [
        base.mark_point(filled=True, size=60, color=theme.COLOURS[i % len(theme.COLOURS)]).encode(
            y=alt.Y(f"s{i}:Q"), opacity=alt.when(pointed).then(alt.value(1)).otherwise(alt.value(0))
        )
        for i in range(len(curves) if dots else 0)
    ]
    strips = base.mark_rect(color="transparent").encode(
        x=alt.X("from:Q"), x2=alt.X2("to:Q"), y=alt.value(0), y2=alt.value(theme.HEIGHT), tooltip=tooltip
    )
    return [rule, *marks, strips.add_params(pointed)]


def thinned(length: int, most: int) -> Ints:
    """Which of so many places to keep: all, or `most` of them at even distances, the first and the last among them."""
    return np.unique(np.linspace(0, max(length - 1, 0), min(length, most)).astype(np.int64))


def _day(day: int, axis: Axis) -> str:
    return f"{day / axis.size:.2f} (day {day})" if axis.size != 1 else str(day)


def _told(curve: Curve, day: float, found: tuple[float, float, float]) -> str:
    share, lower, upper = found
    number = curve.at_risk(day)
    if share != share:
        return "not shown" if number == shown.HIDDEN else "nobody followed so long"
    limits = f" ({100 * lower:.1f} to {100 * upper:.1f})" if lower == lower else ""
    risk = "" if number in (0, shown.HIDDEN) else f", {shown.count(number)} at risk"
    return f"{100 * share:.1f} %{limits}{risk}"
