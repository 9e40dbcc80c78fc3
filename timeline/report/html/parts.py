"""What a section of the report is made of. Holds no results: numbers are words by now, and figures are charts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Grid:
    """A table of texts. The first `heads` columns name the row; the others are set flush right where `right` says so.

    A row that holds its first cell alone is a heading over the rows after it.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    heads: int = 1
    left: tuple[str, ...] = ()
    """Columns of words, which are set flush left."""


@dataclass(frozen=True)
class Figure:
    """A chart in Vega-Lite: `live` answers to a pointer, `still` is for paper. `alt` says in words what it shows.

    A `chosen` figure has a parameter `lane` that a reader chooses; what its events are then stands below it in words.
    """

    live: dict[str, Any] = field(repr=False)
    still: dict[str, Any] = field(repr=False)
    alt: str
    caption: str
    chosen: bool = False


@dataclass(frozen=True)
class Section:
    """One analysis. `headline` is its result in one sentence; `notes` are read before any number is used."""

    title: str
    headline: str
    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()
