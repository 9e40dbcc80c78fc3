"""What draws: the browser's one copy of Vega, and still images made here. Both come from vl-convert-python.

The bundle stands in the file as it is (0.9 MB) rather than compressed: every browser reads it, and so can a reviewer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

_SCRIPT_END = re.compile(r"</(script)", re.IGNORECASE)


def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, fit to stand inside an element."""
    import vl_convert

    return _SCRIPT_END.sub(r"<\\/\1", vl_convert.javascript_bundle())  # type: ignore[call-arg]  # the stub lacks the default


def image(spec: dict[str, Any]) -> str:
    """A chart as an SVG element, which scales with the page."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec)
    head, _, body = svg.partition(">")
    kept = re.sub(r' (?:width|height|version|xmlns(?::\w+)?)="[^"]*"', "", head)
    return f'{kept} aria-hidden="true" focusable="false">{body}'


def inline(spec: dict[str, Any]) -> str:
    """A chart as JSON, fit to stand inside a script element; `figures.js` gives its rows their names again."""
    packed = {**spec, "datasets": {name: _packed(rows) for name, rows in spec.get("datasets", {}).items()}}
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")


def _packed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows as columns and rows: a third of the size of the same rows with names."""
    return {"columns": list(rows[0]) if rows else [], "rows": [list(row.values()) for row in rows]}
