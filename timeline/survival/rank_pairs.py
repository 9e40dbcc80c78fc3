"""Every two groups compared, with p-values that allow for the number of comparisons."""

from dataclasses import dataclass
from itertools import combinations

from timeline.survival.errors import NotEstimable
from timeline.survival.groups import RankTest, require_two
from timeline.survival.rank_test import Groups, rank_test, strata_of
from timeline.survival.rank_weights import Weights


@dataclass(frozen=True)
class PairTest:
    """The test of two groups, and its p-value after Holm; both None where they cannot be compared, for `reason`."""

    first: str
    second: str
    test: RankTest | None
    adjusted_p_value: float | None
    reason: str | None


def pairwise_tests(groups: Groups, weights: Weights = "log-rank") -> tuple[PairTest, ...]:
    """The test of `rank_test` for every two groups, on their patients alone: by group, or by stratum and then by group.

    With m p-values ascending, Holm's p_(i) is the greatest of (m - j + 1) p_(j) over j ≤ i, at most 1; pairs that
    cannot be compared are not counted in m.
    Raises InvalidInput as `rank_test` does. Source: Holm (1979), Scandinavian Journal of Statistics 6:65-70; R's
    `p.adjust(…, "holm")`.
    """
    strata = strata_of(groups)
    labels = list(dict.fromkeys(label for tables in strata.values() for label in tables))
    found: list[tuple[str, str, RankTest | None, str | None]] = []
    for first, second in combinations(require_two(labels), 2):
        pair = {
            stratum: {label: tables[label] for label in (first, second) if label in tables}
            for stratum, tables in strata.items()
        }
        try:
            found.append((first, second, rank_test({s: tables for s, tables in pair.items() if tables}, weights), None))
        except NotEstimable as error:
            found.append((first, second, None, str(error)))
    adjusted = iter(holm([test.p_value for _, _, test, _ in found if test]))
    return tuple(
        PairTest(first, second, test, next(adjusted) if test else None, reason) for first, second, test, reason in found
    )


def holm(p_values: list[float]) -> list[float]:
    """Holm's adjusted p-values, in the order of the given ones."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, greatest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        greatest = max(greatest, (len(p_values) - rank) * p_values[place])
        adjusted[place] = min(greatest, 1.0)
    return adjusted
