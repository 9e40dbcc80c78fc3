"""Rows of a table of characteristics with small numbers hidden."""

from __future__ import annotations

import math
from dataclasses import replace

from timeline.report.redaction import ties
from timeline.report.redaction.hiding import Hiding
from timeline.report.shown import HIDDEN
from timeline.study.results import NumberSummary, TableResult, TableRow

NAN = math.nan
MEDIAN, QUARTILES = 2, 4
"""A median is shown of this many times N values or more, quartiles of that many: N patients lie on each side."""


def row(hiding: Hiding, table: TableResult, place: int) -> TableRow:
    found = table.rows[place]
    if found.levels:
        cells = [
            [ties.level(table, group, place, i) for group in range(len(table.groups))] for i in range(len(found.levels))
        ]
        levels = tuple(
            replace(item, counts=tuple(map(hiding.count, line))) for item, line in zip(found.levels, cells, strict=True)
        )
        if hiding.shows(*(cell for line in cells for cell in line)):
            return replace(found, levels=levels)
        return replace(found, levels=levels, difference=None, test=None)
    summaries = tuple(_summary(hiding, table, place, group, item) for group, item in enumerate(found.summaries))
    if any(item.mean is not None and math.isnan(item.mean) for item in summaries):
        summaries = tuple(replace(item, mean=NAN, sd=NAN) for item in summaries)
        return replace(found, summaries=summaries, difference=None, test=None)
    return replace(found, summaries=summaries)


def _summary(hiding: Hiding, table: TableResult, place: int, group: int, item: NumberSummary) -> NumberSummary:
    known = item.known
    missing = hiding.count(ties.missing(table, group, place))
    mean = item.mean if known >= MEDIAN * hiding.below else NAN
    return NumberSummary(
        known=HIDDEN,
        missing=missing,
        mean=mean,
        sd=item.sd if mean == mean else NAN,
        min=NAN,
        q1=item.q1 if known >= QUARTILES * hiding.below else NAN,
        median=item.median if known >= MEDIAN * hiding.below else NAN,
        q3=item.q3 if known >= QUARTILES * hiding.below else NAN,
        max=NAN,
    )
