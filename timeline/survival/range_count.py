"""Counting weighted points in a window that lie below, at or above a rank, for many windows at once."""

from dataclasses import dataclass

import numpy as np

from timeline.survival.table import Ints


@dataclass(frozen=True, eq=False)
class Points:
    """N points: each with a `place` on an axis, a `rank` (0 or above) and a `count`; arrays of shape (N,)."""

    place: Ints
    rank: Ints
    count: Ints

    def compare(self, low: Ints, high: Ints, rank: Ints) -> Ints:
        """For each of M windows low ≤ place < high, the counts of points of lower, equal and higher rank: (3, M)."""
        order = np.argsort(self.place, kind="stable")
        places = self.place[order]
        ranks, counts = self.rank[order], self.count[order]
        total = np.concatenate([[0], np.cumsum(counts)])
        first, end = np.searchsorted(places, low), np.searchsorted(places, high)
        below = _below(ranks, counts, first, end, rank)
        up_to = _below(ranks, counts, first, end, rank + 1)
        return np.array([below, up_to - below, total[end] - total[first] - up_to])


def _below(ranks: Ints, counts: Ints, first: Ints, end: Ints, limit: Ints) -> Ints:
    """For each of M slices first:end, the count of points with a rank below `limit`.

    One pass a bit of the ranks, from the highest: points are split by it into two halves, each slice becoming one of
    either half, and where the limit has the bit, those of the slice without it are below.
    Source: Claude, Navarro and Ordóñez (2015), Information Systems 47:15-32 (the wavelet matrix).
    """
    found = np.zeros(len(first), dtype=np.int64)
    highest = max(int(ranks.max(initial=0)), int(limit.max(initial=0)))
    for bit in reversed(range(highest.bit_length())):
        low = ranks & (1 << bit) == 0
        low_before = np.concatenate([[0], np.cumsum(low)])
        low_count = np.concatenate([[0], np.cumsum(counts * low)])
        has_bit = limit & (1 << bit) != 0
        found += np.where(has_bit, low_count[end] - low_count[first], 0)
        first, end = (
            np.where(has_bit, low_before[-1] + edge - low_before[edge], low_before[edge]) for edge in (first, end)
        )
        ranks, counts = (np.concatenate([values[low], values[~low]]) for values in (ranks, counts))
    return found
