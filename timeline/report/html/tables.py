"""Tables of the report: great-tables sets them, the report's one style sheet dresses them."""

from __future__ import annotations

import re

from timeline.report.html.markup import Markup, tag, text, unbroken
from timeline.report.html.parts import Grid

MOST_KEPT = 24
"""Tables of so many rows or fewer are not broken over pages."""

_TABLE = re.compile(r"<table.*</table>", re.DOTALL)


def table(grid: Grid, identity: str) -> Markup:
    """A grid as HTML, in a box that scrolls where the screen is narrow."""
    import pandas as pd
    from great_tables import GT

    names = [f"c{number}" for number in range(len(grid.columns))]
    width = len(names)
    frame = pd.DataFrame([(*map(unbroken, row), *[""] * (width - len(row))) for row in grid.rows], columns=names)
    left = [name for name, column in zip(names, grid.columns, strict=True) if column in grid.left]
    made = (
        GT(frame, rowname_col=names[0] if grid.heads else None, id=identity)
        .cols_label({name: column for name, column in zip(names, grid.columns, strict=True) if name != names[0]})
        .cols_align("right", [name for name in names if name not in left])
        .cols_align("left", [*names[:1], *left])
        .tab_stubhead(grid.columns[0])
    )
    found = _TABLE.search(made.as_raw_html())
    assert found is not None
    markup = found[0].replace("<thead>", f"<caption>{text(grid.caption)}</caption><thead>", 1)
    return tag(
        "div",
        Markup(markup),
        class_="table" if len(grid.rows) > MOST_KEPT else "table kept",
        tabindex="0",
        role="region",
        aria_label=grid.caption,
    )
