"""Attrition as a flow in the manner of CONSORT: who stayed on the left, who left beside each arrow, and why.

A step in words tells more to a pointer. Numbers come as words, so that a hidden one stays hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import altair as alt

from timeline.report import shown, words
from timeline.report.html import theme
from timeline.report.stages import stages
from timeline.study.results import AttritionStep, CohortResult

LINE, PADDING, GAP = 15, 8, 26
"""Heights in pixels: of a line of text, of the room around the lines of a box, and of an arrow."""
MAIN, ASIDE = (0.0, 0.44), (0.52, 1.0)
"""From where to where, in shares of the width, the boxes of those who stay and of those who left reach."""
LETTERS = 24
"""How many letters a line of a box holds on a phone's width."""


@dataclass(frozen=True)
class Box:
    """A box at `top` pixels, `height` high, with its lines and what a pointer is told."""

    reach: tuple[float, float]
    top: int
    height: int
    lines: tuple[str, ...]
    told: str


def flow(cohort: CohortResult, cohorts: Sequence[CohortResult] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
    """The chart of a cohort's attrition for a screen, and for paper; `cohorts` are those that it may be made from."""
    boxes, arrows = layout(cohort, cohorts)
    tall = max(box.top + box.height for box in boxes)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[tall, 0], nice=False))
    edges = [(*box.reach, box.top, box.top + box.height, box.told) for box in boxes]
    frames = (
        alt.Chart(theme.data(("x", "x2", "y", "y2", "told_"), edges))
        .mark_rect(filled=True, fill="transparent", stroke=theme.INK, strokeWidth=1)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q", tooltip=alt.Tooltip("told_:N", title="Step"))
    )
    texts = [
        (sum(box.reach) / 2, box.top + PADDING + LINE * (number + 0.5), line)
        for box in boxes
        for number, line in enumerate(box.lines)
    ]
    said = (
        alt.Chart(theme.data(("x", "y", "line_"), texts))
        .mark_text(align="center", baseline="middle")
        .encode(x=x, y=y, text="line_:N")
    )
    lines = (
        alt.Chart(theme.data(("x", "x2", "y", "y2"), arrows))
        .mark_rule(color=theme.FAINT, strokeWidth=1)
        .encode(x=x, x2="x2:Q", y=y, y2="y2:Q")
    )
    made = alt.layer(lines, frames, said)
    return theme.spec(made, "container", tall), theme.spec(made, theme.PAPER_WIDTH, tall)


def layout(
    cohort: CohortResult, cohorts: Sequence[CohortResult] = ()
) -> tuple[list[Box], list[tuple[float, float, int, int]]]:
    """The boxes of a cohort's flow, and the lines between them as (x, x2, y, y2)."""
    centre = sum(MAIN) / 2
    boxes = [_box(MAIN, 0, "Patients in the log", cohort.considered)]
    lines: list[tuple[float, float, int, int]] = []
    steps = [(stage, step) for stage in stages(cohort, cohorts) for step in stage.steps]
    for stage, step in steps:
        above = boxes[-1]
        start = above.top + above.height
        left = _left(step, start + GAP // 2)
        below = start + GAP + left.height
        stayed = f"not “{step.label}”" if step.excluding else step.label
        label = stage.label if step is stage.steps[-1] else stayed
        lines += [
            (centre, centre, start, below),
            (centre, ASIDE[0], left.top + left.height // 2, left.top + left.height // 2),
        ]
        boxes += [left, _box(MAIN, below, label, step.remaining)]
    return boxes, lines


def _box(reach: tuple[float, float], top: int, who: str, number: int) -> Box:
    lines = (*wrap(who, LETTERS), f"n = {shown.count(number)}")
    return Box(reach, top, 2 * PADDING + LINE * len(lines), lines, f"{who}: {shown.patients(number)}")


def _left(step: AttritionStep, top: int) -> Box:
    box = _box(ASIDE, top, words.who_left(step.label, step.excluding), step.fell)
    if not step.unknown:
        return box
    unknown = f"of these unknown: {shown.count(step.unknown)}"
    return Box(ASIDE, top, box.height + LINE, (*box.lines, unknown), f"{box.told}, {unknown}")
