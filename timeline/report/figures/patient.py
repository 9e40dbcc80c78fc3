"""One patient's history: a lane an event type over the calendar, and every event in words below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dsl.words import plain
from timeline.report.figures.legend import mark
from timeline.report.figures.sheet import MARGIN, Block, Page, Sheet, in_points, stack
from timeline.report.figures.steps import TICK_ROOM
from timeline.report.figures.style import INK, LEADING, RULE, SIZE, look, width, wrapped
from timeline.report.history import attribute_words, day_words
from timeline.report.words import count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dsl.catalog import Catalog

WIDTH_MM = 170.0
LEAST_MM = 110.0
LANE = 13.0
MOST_LISTED = 100
"""Of more events, those in between are drawn and not listed, and the figure says so."""
COLUMN = 12.0


def draw(events: Sequence[Mapping[str, Any]], catalog: Catalog, page: Page) -> Figure:
    """The timeline of a patient's events, at least one, as `Log.history` gives them."""
    whole = in_points(page, WIDTH_MM, LEAST_MM)
    ordered = sorted(events, key=lambda event: (event["start"], event["event_id"]))
    listed = ordered if len(ordered) <= MOST_LISTED else [*ordered[: MOST_LISTED // 2], *ordered[-MOST_LISTED // 2 :]]
    notes = []
    if len(listed) < len(ordered):
        between = count(len(ordered) - len(listed))
        notes.append(
            f"The first and the last {MOST_LISTED // 2} events are listed; {between} in between are only drawn."
        )
    if any(_partial(event) for event in ordered):
        notes.append(
            "Of dates without a day, or without a month, only the rest is known; they are drawn on a day in it."
        )
    blocks: list[Block] = [Calendar(tuple(ordered), whole), Listing(_cells(listed, catalog, whole), whole)]
    return stack(Page(page.title, (*([" ".join(notes)] if notes else []), *page.notes), page.width), whole, blocks)


def _partial(event: Mapping[str, Any]) -> bool:
    return any(event.get(f"{name}_precision") not in (None, "day") for name in ("start", "end"))


@dataclass(frozen=True)
class Calendar:
    """Event types in the order of their first event, each in its lane."""

    events: tuple[Mapping[str, Any], ...]
    room: float

    @property
    def _types(self) -> list[str]:
        return list(dict.fromkeys(event["event"] for event in self.events))

    @property
    def _labels(self) -> list[list[str]]:
        return [wrapped(plain(name), 0.3 * self.room) for name in self._types]

    @property
    def _heights(self) -> list[float]:
        return [LANE + (len(label) - 1) * LEADING for label in self._labels]

    @property
    def height(self) -> float:
        return sum(self._heights) + TICK_ROOM

    def draw(self, sheet: Sheet, top: float) -> None:
        left = MARGIN + max(width(line) for label in self._labels for line in label) + 8
        right, height = self.room - MARGIN - 12, sum(self._heights)
        axes = sheet.axes(left, top, right - left, height)
        first = min(event["start"] for event in self.events)
        last = max(event["end"] or event["start"] for event in self.events)
        margin = max(3.0, 0.02 * (last - first).days)
        axes.set_xlim(first.toordinal() - margin, last.toordinal() + margin)
        axes.set_ylim(height, 0)
        ticks = calendar_ticks(first, last, (right - left) / 42)
        axes.set_xticks([day.toordinal() for day, _ in ticks], [label for _, label in ticks])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        below = 0.0
        for name, label, lane in zip(self._types, self._labels, self._heights, strict=True):
            middle = below + lane / 2
            sheet.lines(MARGIN, top + middle - (len(label) - 1) * LEADING / 2 - SIZE / 2, label)
            axes.axhline(middle, color=RULE, linewidth=0.4, zorder=1)
            found = [event for event in self.events if event["event"] == name]
            lasting = [event for event in found if event["end"] is not None and event["end"] > event["start"]]
            axes.hlines(
                [middle] * len(lasting),
                [event["start"].toordinal() for event in lasting],
                [event["end"].toordinal() for event in lasting],
                color=look(0).colour,
                linewidth=4,
                zorder=2,
            )
            days = [event["start"].toordinal() for event in found]
            axes.plot(days, [middle] * len(found), markersize=5, zorder=3, clip_on=False, **mark(0))
            below += lane


def calendar_ticks(first: date, last: date, most: float) -> list[tuple[date, str]]:
    """Beginnings of years, or of months where it is less than two years, not more than there is room for."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 24:
        for step in (1, 2, 3, 6):
            found = [
                date(first.year + month // 12, month % 12 + 1, 1) for month in range(0, months + first.month + 1, step)
            ]
            ticks = [(day, f"{day:%Y-%m}") for day in found if first <= day <= last]
            if ticks and len(ticks) <= max(most, 2):
                return ticks
        return [(first, f"{first:%Y-%m-%d}")]
    for step in (1, 2, 5, 10, 20):
        years = [year for year in range(first.year, last.year + 1) if year % step == 0]
        ticks = [(date(year, 1, 1), str(year)) for year in years if first <= date(year, 1, 1) <= last]
        if ticks and len(ticks) <= max(most, 2):
            return ticks
    return [(first, f"{first:%Y-%m-%d}")]


def _cells(
    events: Sequence[Mapping[str, Any]], catalog: Catalog, room: float
) -> tuple[tuple[str, str, list[str]], ...]:
    """Of each event its dates, its type and its attributes, in lines."""
    dates = []
    for event in events:
        start, end = (day_words(event[name], event.get(f"{name}_precision")) for name in ("start", "end"))
        dates.append(f"{start} to {end}" if end and end != start else start)
    types = [plain(event["event"]) for event in events]
    taken = max(map(width, dates)) + max(map(width, types)) + 2 * COLUMN + 2 * MARGIN
    # A name of several words stays on one line with its value's first word.
    recorded = [attribute_words(event, catalog).replace("_", "\u00a0") for event in events]
    texts = [wrapped(text, max(room - taken, 60)) for text in recorded]
    return tuple(zip(dates, types, texts, strict=True))


@dataclass(frozen=True)
class Listing:
    cells: tuple[tuple[str, str, list[str]], ...]
    room: float

    @property
    def height(self) -> float:
        return LEADING + 4 + sum(len(text) for _, _, text in self.cells) * LEADING

    def draw(self, sheet: Sheet, top: float) -> None:
        second = MARGIN + max(width(dates) for dates, _, _ in self.cells) + COLUMN
        third = second + max(width(name) for _, name, _ in self.cells) + COLUMN
        for x, head in ((MARGIN, "Date"), (second, "Event"), (third, "What was recorded")):
            sheet.text(x, top, head, weight="bold")
        top += LEADING + 1
        sheet.line((MARGIN, self.room - MARGIN), (top, top), color=RULE)
        top += 3
        for dates, name, text in self.cells:
            sheet.text(MARGIN, top, dates)
            sheet.text(second, top, name)
            sheet.lines(third, top, text, color=INK)
            top += len(text) * LEADING
