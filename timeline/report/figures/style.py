"""How every figure looks: sizes in points, fonts, colours and lines that stay apart in grey; and how wide a text is.

The fonts are those that matplotlib brings along, so that a figure is the same on every machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

POINTS_PER_MM = 72 / 25.4

SIZE = 7.5
"""Of all text, in points: what journals ask for at the width at which they print."""
LEADING = 10.5
"""From one line of text to the next, in points."""

INK = "#1A1A1A"
FAINT = "#666666"
"""Of what explains and is not the result."""
RULE = "#BBBBBB"


@dataclass(frozen=True)
class Look:
    """How one group is drawn: its colour, the dashes of its line and the marker of its points."""

    colour: str
    dashes: tuple[float, ...]
    """Lengths of stroke and gap in line widths; empty for a solid line."""
    marker: str

    @property
    def line(self) -> Any:
        return (0, self.dashes) if self.dashes else "-"


LOOKS = (
    Look("#17569B", (), "o"),
    Look("#E08A00", (5.0, 1.6), "s"),
    Look("#22845F", (1.2, 1.4), "^"),
    Look("#4A1242", (6.0, 1.6, 1.2, 1.6), "D"),
    Look("#DDA6D4", (2.6, 1.2), "v"),
)
"""In this order. Lightness L* (CIE 1976): 36, 65, 49, 17, 74; told apart with every common colour blindness."""


def look(number: int) -> Look:
    """The look of the group with this number, from 0. Beyond those that stay apart they begin anew."""
    return LOOKS[number % len(LOOKS)]


FILLS = ("#17569B", "#E08A00", "#BFE3D3", "#4A1242", "#B2629F")
"""Of areas and bars, which have no dashes to tell them apart. L*: 36, 65, 87, 17, 53."""


def fill(number: int) -> str:
    """The colour of the area with this number, from 0; beyond those that stay apart they begin anew."""
    return FILLS[number % len(FILLS)]


SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "lines.linewidth": 1.2,
    "lines.solid_capstyle": "butt",
    "lines.solid_joinstyle": "miter",
    "lines.dash_joinstyle": "miter",
    "path.simplify": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "catamnesis",
    "pdf.fonttype": 42,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}
"""Texts become outlines in SVG and an embedded font in PDF: neither needs a font where it is read."""


@lru_cache
def _font(bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family="DejaVu Sans", size=SIZE, weight="bold" if bold else "normal")


@lru_cache(maxsize=4096)
def width(text: str, bold: bool = False) -> float:
    """How wide a text of one line is, in points; a little more than drawn, since outputs round differently."""
    from matplotlib.textpath import text_to_path

    measured, _, _ = text_to_path.get_text_width_height_descent(text, _font(bold), False)
    return 1.02 * float(measured)


def wrapped(text: str, room: float, bold: bool = False) -> list[str]:
    """The text in lines of at most `room` points; a word that is longer is broken. Nothing is left out.

    A no-break space does not end a word.
    """
    lines: list[str] = []
    line = ""
    for word in re.split("[ \\t\\n]+", text.strip()):
        joined = f"{line} {word}" if line else word
        if width(joined, bold) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        while width(word, bold) > room and len(word) > 1:
            fits = max(
                1, next(cut for cut in range(len(word) - 1, 0, -1) if cut == 1 or width(word[:cut], bold) <= room)
            )
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line or not lines else lines
