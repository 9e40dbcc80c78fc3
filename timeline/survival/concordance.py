"""Concordance: does who has the event earlier have the higher predicted hazard?

Which pairs can be compared, and the standard error, stand here; counting them is left to `range_count`.
"""

import math
from dataclasses import dataclass

import numpy as np

from timeline.survival.range_count import Points
from timeline.survival.rows import RegressionRows
from timeline.survival.table import EVENT, Floats


@dataclass(frozen=True)
class Concordance:
    """Of the pairs of which one had the event while the other was at risk and outlived it, the share in which that one
    had the higher prediction; equal predictions count one half.

    `concordant`, `discordant` and `tied` (in the prediction) are numbers of pairs.
    """

    value: float
    standard_error: float
    concordant: int
    discordant: int
    tied: int


def concordance(rows: RegressionRows, prediction: Floats) -> Concordance | None:
    """The concordance of the outcome of the rows with `prediction`, shape (N,), higher for a higher hazard.

    Pairs are of patients of one stratum: one has the event on a day, the other is at risk on it and does not have the
    event then. With c, d and t concordant, discordant and tied pairs, of which patient i has part in c_i, d_i, t_i:

        value = (c + t / 2) / m,   m = c + d + t
        standard_error² = Σ_i ( (c_i - d_i) - s (c_i + d_i + t_i) )² / (4 m²),   s = (c - d) / m

    the infinitesimal jackknife. None where there is no such pair.
    Source: Harrell et al. (1982), JAMA 247:2543-2546; R's `concordance(coxph(…))` with `timewt = "n"`.
    """
    rank = np.unique(prediction, return_inverse=True)[1]
    event = np.flatnonzero(rows.outcome == EVENT)
    # One axis for all strata, one after the other: a day's events at an even place, those who are censored on it and
    # those who enter on it at the odd one after, since the first stay and the second come after the events.
    width = 2 * (int(rows.time.max()) + 2)
    start_of_stratum = rows.stratum * width
    leaves = start_of_stratum + 2 * rows.time + (rows.outcome != EVENT)
    enters = start_of_stratum + np.where(rows.entry > 0, 2 * rows.entry + 1, 0)
    after, end = leaves[event] + 1, start_of_stratum[event] + width

    outlived = Points(leaves, rank, rows.count).compare(after, end, rank[event])
    if (rows.entry > 0).any():
        outlived = outlived - Points(enters, rank, rows.count).compare(after, end, rank[event])
    met = Points(leaves[event], rank[event], rows.count[event]).compare(enters, leaves, rank)

    # An event is concordant with those whose prediction is below its own; who outlives it, with those above.
    concordant, tied, discordant = met[2].copy(), met[1].copy(), met[0].copy()
    for total, part in zip((concordant, tied, discordant), outlived, strict=True):
        total[event] += part
    c, t, d = (int((part * rows.count[event]).sum()) for part in outlived)
    if not (m := c + d + t):
        return None
    influence = (concordant - discordant) / m - (c - d) / m * ((concordant + discordant + tied) / m)
    error = math.sqrt(float((rows.count * influence**2).sum()) / 4)
    return Concordance((c + t / 2) / m, error, c, d, t)
