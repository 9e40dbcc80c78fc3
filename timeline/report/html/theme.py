"""How every chart of the report looks, and its two renderings: one that answers to a pointer, one for paper.

Colours are named in the chart by their light form; the style sheet replaces them where a reader prefers dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

INK, FAINT, RULE = "#1d2126", "#5b646d", "#d9dde1"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a63f80", "#6b5b00", "#56606a")
"""Okabe and Ito's palette, its light tones darkened until a thin line is seen on white."""
DASHES = ((1, 0), (7, 3), (2, 2), (9, 3, 2, 3), (4, 2), (12, 4))
"""Told apart without colour too, as on a grey print."""
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
PAPER_WIDTH = 640
HEIGHT = 280


def data(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> alt.InlineData:
    """Rows as the data of a mark; what is not a number is null. Columns whose names end in `_` are texts."""
    return alt.InlineData(values=[dict(zip(columns, map(_short, row), strict=True)) for row in rows])


def _short(value: object) -> object:
    """Six digits place a point on any screen."""
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.6g}")
    return value


def colour(labels: Sequence[str], legend: alt.Legend | None) -> alt.Color:
    return alt.Color("label_:N", scale=alt.Scale(domain=list(labels), range=cycle(COLOURS, len(labels))), legend=legend)


def dash(labels: Sequence[str], legend: alt.Legend | None) -> alt.StrokeDash:
    dashes = [list(pattern) for pattern in cycle(DASHES, len(labels))]
    return alt.StrokeDash("label_:N", scale=alt.Scale(domain=list(labels), range=dashes), legend=legend)


def legend(labels: Sequence[str], symbol: str = "stroke") -> alt.Legend | None:
    """Above the figure, one label a line, so that a long one has room; none for a single label."""
    if len(labels) < 2:
        return None
    return alt.Legend(
        orient="top",
        direction="vertical",
        columns=1,
        title=None,
        labelLimit=0,
        rowPadding=3,
        symbolType=symbol,
        symbolSize=500 if symbol == "stroke" else 120,
        symbolOpacity=1,
        symbolFillColor="transparent" if symbol == "stroke" else alt.Undefined,
        symbolStrokeWidth=2 if symbol == "stroke" else 0,
    )


def cycle(values: Sequence[Any], length: int) -> list[Any]:
    return [values[number % len(values)] for number in range(length)]


def spec(chart: alt.LayerChart | alt.FacetChart | alt.Chart, width: int | str, height: int = HEIGHT) -> dict[str, Any]:
    """The chart as Vega-Lite, without the address of its schema: the file names no place on the network."""
    made = chart.properties(
        width=width,
        height=height,
        background="transparent",
        autosize=alt.AutoSizeParams(type="fit-x" if width == "container" else "pad", contains="padding"),
        padding={"left": 2, "right": 14, "top": 4, "bottom": 4},
    ).configure(
        font="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
        view=alt.ViewConfig(stroke=None),
        aria=False,
        axis=alt.AxisConfig(
            labelColor=INK,
            titleColor=INK,
            domainColor=FAINT,
            tickColor=FAINT,
            gridColor=RULE,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelFlush=False,
            aria=False,
        ),
        legend=alt.LegendConfig(labelColor=INK, labelFontSize=12, aria=False),
        text=alt.MarkConfig(color=INK, fontSize=12),
    )
    plain: dict[str, Any] = made.to_dict(validate=False)
    plain.pop("$schema", None)
    return plain
