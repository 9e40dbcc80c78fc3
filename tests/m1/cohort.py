"""The enrolled patients, the groups that figures are stated for, and how a value is held to a published one."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from .patients import patients

Kind = Literal["P", "D", "R", "X"]
Values = tuple[float | str, ...]
Result = tuple[Values, bool]
"""What was computed, and whether it is what was published."""

YEAR = 365.25
MONTH = YEAR / 12
ROUNDING = 1e-9


class Cohort:
    """The patients of one set of events, one row each, and the groups among them."""

    def __init__(self, events: pd.DataFrame) -> None:
        self.all = patients(events)

    @cached_property
    def radical(self) -> pd.DataFrame:
        return having(self.all, radical=True)

    @cached_property
    def not_radical(self) -> pd.DataFrame:
        return having(self.all, radical=False)

    @cached_property
    def operated(self) -> pd.DataFrame:
        """All sites operated."""
        return having(self.all, all_sites=True)

    @cached_property
    def resected(self) -> pd.DataFrame:
        """The primary resected, all sites operated or not."""
        return having(self.all, primary_resected=True)

    @cached_property
    def six_cycles(self) -> pd.DataFrame:
        """Operated on after six cycles."""
        return having(self.all, cycles=6, operated=True)

    @cached_property
    def alive(self) -> pd.DataFrame:
        return having(self.all, dead=False)

    @cached_property
    def recurring(self) -> pd.DataFrame:
        """Radical, with a recurrence."""
        return self.radical[self.radical["recurrence"].notna()]

    @cached_property
    def local(self) -> pd.DataFrame:
        """A local first recurrence, alone or with a distant one."""
        return self.recurring_at(lambda sites: "rectum" in sites)

    @cached_property
    def distant(self) -> pd.DataFrame:
        """A distant first recurrence, alone or with a local one."""
        return self.recurring_at(lambda sites: bool(sites - {"rectum"}))

    @cached_property
    def cleared(self) -> pd.DataFrame:
        """A distant first recurrence that was cleared."""
        return self.distant[self.distant["cleared_by"].notna()]

    def distant_exactly(self, *sites: str) -> pd.DataFrame:
        """The distant sites of the first recurrence are these and no others."""
        return self.recurring_at(lambda found: found - {"rectum"} == set(sites))

    def recurring_at(self, wanted: Callable[[frozenset[str]], bool]) -> pd.DataFrame:
        """The sites of the first recurrence are as wanted."""
        return self.recurring[self.recurring["sites"].map(wanted).astype(bool)]


@dataclass(frozen=True)
class Spec:
    """A figure before it is computed."""

    id: str
    kind: Kind
    published: str
    definition: str
    compute: Callable[[Cohort], Result]


def having(group: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The patients with these values."""
    for name, value in values.items():
        group = group[(group[name] == value).astype(bool)]
    return group


def within(group: pd.DataFrame, column: str, low: float, high: float = math.inf) -> pd.DataFrame:
    """The patients whose value is in this range, both ends included."""
    return group[group[column].between(low, high)]


def middle(values: "pd.Series[float]") -> float:
    """The middle value, or the mean of the middle two; NaN without values."""
    known = values.dropna()
    return math.nan if known.empty else float(known.median())


def range_of(values: "pd.Series[float]") -> tuple[float, float]:
    return float(values.min()), float(values.max())


def near(values: float | Iterable[float], expected: float | Iterable[float], tolerance: float = 0) -> Result:
    """Each value within the tolerance of the expected one; a missing value never is."""
    found = tuple(float(value) for value in (values if isinstance(values, Iterable) else (values,)))
    wanted = tuple(expected) if isinstance(expected, Iterable) else (expected,)
    pairs = zip(found, wanted, strict=True)
    return found, all(abs(value - other) <= tolerance + ROUNDING for value, other in pairs)


def share(members: pd.DataFrame, whole: pd.DataFrame, count: int, percent: float, tolerance: float) -> Result:
    """The number of members, exactly, and its percentage of the whole, within the tolerance."""
    found = 100 * len(members) / len(whole) if len(whole) else math.nan
    return (float(len(members)), found), len(members) == count and abs(found - percent) <= tolerance + ROUNDING
