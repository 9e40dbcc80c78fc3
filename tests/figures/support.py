"""Results of any size made by hand, and what a drawn figure holds: its texts with the places that they take."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from timeline.study.results import (
    CauseCurve,
    ComparisonResult,
    EstimateResult,
    IncidenceGroup,
    IncidenceResult,
    LaneEvent,
    Phase,
    StatesAt,
    StatesCurve,
    StatesGroup,
    StatesResult,
    Survived,
    SwimmerResult,
    SwimmerRow,
)
from timeline.survival import RankTest, RiskTable, cumulative_incidence, kaplan_meier
from timeline.survival.chi_square import ChiSquare
from timeline.survival.hazard import HazardRatio, ProportionalHazards

NAMES = {
    "short": ("A", "B", "C", "D", "E"),
    "long": (
        "Short-course radiotherapy, then CapeOx with bevacizumab, then surgery of every tumour site",
        "Chemoradiotherapy and total mesorectal excision without further systemic treatment",
        "not (response = complete and residual = none)",
        "Observation",
        "$5/kg_bevacizumab^2 & <levamisole>",
    ),
    "unbreakable": tuple(letter * 70 for letter in "WMiQg"),
}


def risk_table(n: int, seed: int, causes: int = 1, last: int = 3000) -> RiskTable:
    """Of `n` patients, a third censored."""
    dice = np.random.default_rng(seed)
    time = np.minimum(dice.exponential(last / 3, n).astype(np.int64) + 1, last)
    return RiskTable.from_patients(time, np.where(dice.random(n) < 1 / 3, 0, dice.integers(1, causes + 1, n)))


def survived(label: str, table: RiskTable) -> Survived:
    curve = kaplan_meier(table)
    return Survived(label, table.n, table.events, table.censored, 0, (), curve.median(), (), curve)


def estimate(n: int = 50, last: int = 3000) -> EstimateResult:
    return EstimateResult("os", "Overall survival", "all", survived("all", risk_table(n, 1, last=last)), ())


def comparison(groups: int, n: int, names: tuple[str, ...], last: int = 3000) -> ComparisonResult:
    """Ratios and the test are made up: they take the room that real ones take."""
    made = tuple(survived(names[k], risk_table(n, k, last=last)) for k in range(groups))
    ratios = tuple(HazardRatio(one.label, names[0], 0.71, 0.56, 1234.5, -0.34, 0.1, 0.004) for one in made[1:])
    chi = ChiSquare.of(11.68, max(groups - 1, 1))
    hazards = ProportionalHazards(ratios, names[0], groups * n, n, -1.0, chi, chi, chi, 0.95)
    test = RankTest(chi.statistic, chi.degrees_of_freedom, chi.p_value, ())
    return ComparisonResult("os", "Overall survival", "all", "arm", None, made, test, hazards, "", (), ())


def incidence(groups: int, n: int, names: tuple[str, ...], causes: int = 2) -> IncidenceResult:
    told = ("recurrence", "death without recurrence", "a second primary tumour of another organ")[:causes]
    made = []
    for k in range(groups):
        table = risk_table(n, k, causes)
        curves = [cumulative_incidence(table, number) for number in range(1, causes + 1)]
        parts = tuple(
            CauseCurve(
                cause, int(table.count[table.outcome == number].sum()), (curve.at(365.25), curve.at(730.5)), curve
            )
            for number, (cause, curve) in enumerate(zip(told, curves, strict=True), 1)
        )
        made.append(IncidenceGroup(names[k], n, table.censored, 0, parts))
    test = RankTest(4.2, groups - 1, 0.04, ())
    tests = tuple((cause, test) for cause in told) if groups > 1 else ()
    by = "arm" if groups > 1 else None
    return IncidenceResult("relapse", "Recurrence, death competing", "all", by, tuple(made), tests, ())


def states(names: tuple[str, ...], n: int = 1000, last: int = 3000, by: str | None = None) -> StatesResult:
    time = np.arange(0, last, 30)
    weights = np.array([np.exp(-((time / last - k / len(names)) ** 2) * 9) for k in range(len(names))])
    shares = weights / weights.sum(axis=0)
    at_risk = np.rint(shares * n * (1 - time / last)).astype(np.int64)
    bounds = (tuple((shares[:, 12] * part).tolist()) for part in (0.9, 1.1))
    at = (StatesAt(365.25, tuple(shares[:, 12].tolist()), tuple(at_risk[:, 12].tolist()), *bounds),)
    curve = StatesCurve(time, shares, shares * 0.9, shares * 1.1, at_risk)
    labels = ("all",) if by is None else ("radical", "not radical")
    groups = tuple(StatesGroup(label, n, at, (), curve) for label in labels)
    return StatesResult("os", "Overall survival", "all", by, names, groups, ())


def swimmer(n: int, phases: tuple[str, ...] = (), ongoing: bool | None = None) -> SwimmerResult:
    """Patient k of `n` is observed for 2 n - k days, with an event on day n - k."""
    rows = []
    for k in range(n):
        edges = np.linspace(0, 2 * n - k, len(phases) + 1).astype(int).tolist()
        parts = tuple(Phase(phase, *ends) for phase, ends in zip(phases, itertools.pairwise(edges), strict=True))
        events = (LaneEvent("surgery", n - k, n - k), LaneEvent("death", 2 * n - k, 2 * n - k))
        rows.append(SwimmerRow(f"P{k}", events, parts, ongoing))
    return SwimmerResult("all", ("surgery", "death"), tuple(rows), phases)


@dataclass(frozen=True)
class Placed:
    text: str
    box: Bbox


def placed_texts(figure: Figure) -> list[Placed]:
    """Every text of a figure that is drawn, with its place in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [Placed(text.get_text(), text.get_window_extent(renderer)) for text in texts]


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that share more than half a pixel in both directions."""
    found = []
    for one, other in itertools.combinations(placed_texts(figure), 2):
        wide = min(one.box.x1, other.box.x1) - max(one.box.x0, other.box.x0)
        high = min(one.box.y1, other.box.y1) - max(one.box.y0, other.box.y0)
        if wide > 0.5 and high > 0.5:
            found.append((one.text, other.text))
    return found


def beyond_the_edge(figure: Figure) -> list[str]:
    """Texts that do not lie on the figure as a whole."""
    whole = figure.bbox
    return [
        placed.text
        for placed in placed_texts(figure)
        if placed.box.x0 < whole.x0 - 0.5
        or placed.box.x1 > whole.x1 + 0.5
        or placed.box.y0 < whole.y0 - 0.5
        or placed.box.y1 > whole.y1 + 0.5
    ]
