"""A figure as a stack of blocks on a sheet that is measured in points from its upper left corner.

Each block knows its height before anything is drawn, so a figure is as high as what it shows and nothing overlaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from timeline.errors import StudyError
from timeline.report.figures.style import FAINT, INK, LEADING, POINTS_PER_MM, SETTINGS, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARGIN = 8.0
GAP = 7.0
WIDEST_MM = 1000.0


@dataclass(frozen=True)
class Page:
    """What heads and closes a figure, whatever it shows, and its width in millimetres (None: what the figure wants)."""

    title: str = ""
    notes: tuple[str, ...] = ()
    width: float | None = None
    suppressed: bool = False
    """Whether small numbers of patients are hidden in what it shows."""


class Sheet:
    """Where blocks draw: text, lines and axes at places in points."""

    def __init__(self, figure: Figure, width: float, height: float) -> None:
        self.figure = figure
        self.width = width
        self.height = height

    def text(self, x: float, top: float, text: str, **style: Any) -> None:
        """A line of text whose upper edge is `top`; `id` names it in SVG."""
        style.setdefault("va", "top")
        name = style.pop("id", None)
        drawn = self.figure.text(x / self.width, 1 - top / self.height, text, **style)
        if name is not None:
            drawn.set_gid(name)

    def lines(self, x: float, top: float, lines: Sequence[str], **style: Any) -> None:
        for number, line in enumerate(lines):
            self.text(x, top + number * LEADING, line, **style)

    def line(self, xs: Sequence[float], tops: Sequence[float], **style: Any) -> None:
        from matplotlib.lines import Line2D

        style.setdefault("color", INK)
        style.setdefault("linewidth", 0.6)
        places = [x / self.width for x in xs], [1 - top / self.height for top in tops]
        self.figure.add_artist(Line2D(*places, transform=self.figure.transFigure, **style))

    def box(self, x: float, top: float, width: float, height: float, **style: Any) -> None:
        from matplotlib.patches import Rectangle

        corner = x / self.width, 1 - (top + height) / self.height
        patch = Rectangle(corner, width / self.width, height / self.height, transform=self.figure.transFigure, **style)
        self.figure.add_artist(patch)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        return self.figure.add_axes(
            (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        )


class Block(Protocol):
    """A part of a figure over its whole width."""

    @property
    def height(self) -> float: ...

    def draw(self, sheet: Sheet, top: float) -> None: ...


@dataclass(frozen=True)
class Lines:
    """Lines of text from the left margin."""

    lines: tuple[str, ...]
    bold: bool = False
    faint: bool = False

    @property
    def height(self) -> float:
        return len(self.lines) * LEADING

    def draw(self, sheet: Sheet, top: float) -> None:
        weight, colour = "bold" if self.bold else "normal", FAINT if self.faint else INK
        sheet.lines(MARGIN, top, self.lines, weight=weight, color=colour)


def paragraph(text: str, width: float, bold: bool = False, faint: bool = False) -> Lines:
    """A text over the whole width of a figure, in as many lines as it needs."""
    return Lines(tuple(wrapped(text, width - 2 * MARGIN, bold)), bold, faint)


def in_points(page: Page, wanted: float, least: float) -> float:
    """The width of a figure in points, of `wanted` millimetres where the page says none.

    Raises StudyError for a width below `least` millimetres, at which the figure could not be read, and for one that no
    page has.
    """
    width = wanted if page.width is None else page.width
    if not least <= width <= WIDEST_MM:
        raise StudyError(
            f"A figure of {width:g} mm was asked for.",
            hint=f"This figure needs a width from {least:g} to {WIDEST_MM:g} mm; it takes {wanted:g} mm by itself.",
        )
    return width * POINTS_PER_MM


def stack(page: Page, width: float, blocks: Sequence[Block]) -> Figure:
    """The figure: title, blocks, notes, with a gap between them. Has to be called within `style.SETTINGS`."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    whole: list[Block] = [paragraph(page.title, width, bold=True)] if page.title else []
    whole += blocks
    notes = [line for note in page.notes for line in wrapped(note, width - 2 * MARGIN)]
    whole += [Lines(tuple(notes), faint=True)] if notes else []
    height = 2 * MARGIN + sum(block.height for block in whole) + GAP * (len(whole) - 1)
    with rc_context(SETTINGS):
        figure = Figure(figsize=(width / 72, height / 72))
        sheet = Sheet(figure, width, height)
        top = MARGIN
        for block in whole:
            block.draw(sheet, top)
            top += block.height + GAP
    return figure
