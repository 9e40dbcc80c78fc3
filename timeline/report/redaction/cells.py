"""Which counts of patients must be hidden so that no small one can be told from what is shown.

A count from 1 to N - 1 is small. It is hidden, and with it as many others as it takes: what is shown, the sums that
tie counts together, and the fact that no count is negative must leave it possible that the hidden count is N or more.
So it cannot be computed by adding and subtracting; and where several are hidden in one sum, what is left for them
together is not small either. A reader who knows the rule and N gains only that, plus that something is hidden.

This is secondary cell suppression with protection of the upper bound (Fischetti and Salazar, Management Science 2001;
Hundepool et al., Statistical Disclosure Control, 2012, chapter 4), one small count after the other. What is not a count
of patients is left to the other modules.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Cell = Hashable

TOLERANCE = 1e-6
"""How far the solver may be from whole numbers."""

ENOUGH = 10
"""No count is sought beyond this many times the largest one, so that the solver always ends."""


@dataclass(frozen=True)
class Total:
    """`whole` is the sum of `parts`."""

    whole: Cell
    parts: tuple[Cell, ...]


@dataclass
class Counts:
    """Counts by cell, and how they add up. A cell that is not `printed` is one that a reader could compute."""

    values: dict[Cell, int] = field(default_factory=dict)
    totals: list[Total] = field(default_factory=list)
    unprinted: set[Cell] = field(default_factory=set)

    def add(self, cell: Cell, value: int, printed: bool = True) -> Cell:
        """A count of patients. One cell has one value, in however many places it is printed; ValueError else."""
        if value < 0:
            raise ValueError(f"the count {cell!r} is {value}, expected 0 or more")
        known = cell in self.values
        if self.values.setdefault(cell, value) != value:
            raise ValueError(f"the count {cell!r} is {self.values[cell]} and {value}")
        if printed:
            self.unprinted.discard(cell)
        elif not known:
            self.unprinted.add(cell)
        return cell

    def sum(self, whole: Cell, *parts: Cell) -> None:
        """Tie cells together. What the parts lack of the whole becomes a part of its own that is printed nowhere."""
        rest = self.values[whole] - sum(self.values[part] for part in parts)
        if rest:
            parts = (*parts, self.add(("rest", whole, parts), rest, printed=False))
        self.totals.append(Total(whole, parts))

    def hidden(self, below: int) -> frozenset[Cell]:
        """The cells that must not be shown where counts from 1 to `below` - 1 are small."""
        return frozenset(hide(self.values, self.totals, below, self.unprinted))


def is_small(value: int, below: int) -> bool:
    return 0 < value < below


def hide(values: Mapping[Cell, int], totals: Sequence[Total], below: int, unprinted: Iterable[Cell] = ()) -> set[Cell]:
    """The cells to hide, the `unprinted` among them.

    First more and more are hidden, until every small one could be `below` or more: hiding only widens what is possible,
    so that a count once safe stays safe. Then each that is not small is shown again, the largest first, if all small
    ones stay safe; whatever could be computed from the rest is among these.
    """
    small = sorted((cell for cell, value in values.items() if is_small(value, below)), key=lambda cell: values[cell])
    kept = {*small, *unprinted}
    hidden = set(kept)
    bounds = {cell: _protect(cell, values, totals, below, hidden) for cell in small}
    for cell in sorted(hidden - kept, key=lambda other: (-values[other], repr(other))):
        fewer = hidden - {cell}
        renewed = {}
        for threatened, found in bounds.items():
            if abs(found.witness.get(cell, values[cell]) - values[cell]) > TOLERANCE:
                renewed[threatened] = bound(threatened, values, totals, fewer)
                if renewed[threatened].most < below:
                    break
        else:
            hidden = fewer
            bounds |= renewed
    return hidden


def _protect(cell: Cell, values: Mapping[Cell, int], totals: Sequence[Total], below: int, hidden: set[Cell]) -> Bound:
    """Add to `hidden` what it takes for a small cell to be safe."""
    while True:
        found = bound(cell, values, totals, hidden)
        shown = {part for total in found.binding for part in (total.whole, *total.parts)} - hidden
        if found.most >= below or not shown:
            return found
        hidden.add(min(shown, key=lambda other: (values[other] == 0, values[other], repr(other))))


@dataclass(frozen=True)
class Bound:
    """The most that a hidden cell can be for a reader of all others, the totals that keep it from being more, and the
    hidden cells that are tied to it as they would be then."""

    most: float
    binding: tuple[Total, ...] = ()
    witness: Mapping[Cell, float] = field(default_factory=dict)


def bound(cell: Cell, values: Mapping[Cell, int], totals: Sequence[Total], hidden: set[Cell]) -> Bound:
    """Maximises x_cell over x >= 0 with, for every total, x_whole = Σ x_part, and x = value for what is shown."""
    from scipy.optimize import linprog
    from scipy.sparse import lil_matrix

    near = _connected(cell, totals, hidden)
    if not near:
        return Bound(float("inf"))
    place = {other: number for number, other in enumerate(_cells(near, hidden))}
    matrix, known = lil_matrix((len(near), len(place))), [0.0] * len(near)
    for row, total in enumerate(near):
        for part, sign in ((total.whole, 1), *((part, -1) for part in total.parts)):
            if part in hidden:
                matrix[row, place[part]] += sign
            else:
                known[row] -= sign * values[part]
    gain = [-1.0 if other == cell else 0.0 for other in place]
    limits = (0, ENOUGH * max(values.values()))
    found = linprog(gain, A_eq=matrix.tocsr(), b_eq=known, bounds=limits)  # type: ignore[call-overload]  # no sparse there
    binding = tuple(total for total, weight in zip(near, found.eqlin.marginals, strict=True) if abs(weight) > TOLERANCE)
    return Bound(TOLERANCE - float(found.fun), binding, dict(zip(place, found.x.tolist(), strict=True)))


def _connected(cell: Cell, totals: Sequence[Total], hidden: set[Cell]) -> list[Total]:
    """The totals that hidden cells tie to this one."""
    reached, found = {cell}, []
    waiting = list(totals)
    grown = True
    while grown:
        grown = False
        for total in list(waiting):
            parts = {total.whole, *total.parts} & hidden
            if parts & reached:
                reached |= parts
                found.append(total)
                waiting.remove(total)
                grown = True
    return found


def _cells(totals: Sequence[Total], hidden: set[Cell]) -> list[Cell]:
    return list(dict.fromkeys(part for total in totals for part in (total.whole, *total.parts) if part in hidden))
