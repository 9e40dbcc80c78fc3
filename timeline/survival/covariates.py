"""Covariates of a regression: numbers as they are, and factors as one indicator for each level but the reference.

What is regressed on them is left to `regression` and `fine_gray`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from timeline.survival.errors import InvalidInput
from timeline.survival.table import Floats, Ints, IntsLike, whole_numbers


@dataclass(frozen=True, eq=False)
class Numeric:
    """A number a row, shape (N,); its hazard ratio is for one unit more. Raises InvalidInput for a missing value."""

    name: str
    values: Floats

    def __init__(self, name: str, values: Sequence[float] | npt.NDArray[Any]) -> None:
        try:
            numbers = np.asarray(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidInput(name, "numbers", str(error)) from error
        if numbers.ndim != 1:
            raise InvalidInput(name, "one dimension", f"an array of shape {numbers.shape}")
        require_none_missing(name, ~np.isfinite(numbers))
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "values", numbers)


@dataclass(frozen=True, eq=False)
class Factor:
    """A level a row: `codes`, shape (N,), are places in `levels`, of which the first is the reference.

    Each other level gets a hazard ratio over the reference. Levels that no row has are left out.
    Raises InvalidInput for a code without a level (a missing value), for fewer than two levels in the rows, and for a
    reference that no row has.
    """

    name: str
    levels: tuple[str, ...]
    codes: Ints

    def __init__(self, name: str, levels: Sequence[str], codes: IntsLike) -> None:
        raw = np.asarray(codes)
        require_none_missing(name, (raw < 0) | (raw >= len(levels)))
        found = whole_numbers(name, raw, minimum=0)
        present = np.bincount(found, minlength=len(levels)) > 0
        if present.sum() < 2:
            raise InvalidInput(name, "at least two levels", ", ".join(np.array(levels)[present]) or "none")
        if not present[0]:
            raise InvalidInput(name, f"patients of the reference level {levels[0]!r}", "none")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "levels", tuple(level for level, there in zip(levels, present, strict=True) if there))
        object.__setattr__(self, "codes", (np.cumsum(present) - 1)[found])

    @classmethod
    def of(cls, name: str, labels: Sequence[str | None], reference: str | None = None) -> Self:
        """The factor of these labels; levels ascending, with `reference` (the least) first. None is missing."""
        require_none_missing(name, np.array([label is None for label in labels], dtype=np.bool_))
        levels, codes = np.unique(np.asarray(labels, dtype=np.str_), return_inverse=True)
        order = [str(level) for level in levels]
        if reference is not None:
            if reference not in order:
                raise InvalidInput(f"reference of {name}", f"one of {', '.join(map(repr, order))}", repr(reference))
            order = [reference, *(level for level in order if level != reference)]
        place = np.array([order.index(str(level)) for level in levels], dtype=np.int64)
        return cls(name, order, place[codes])


Covariate = Numeric | Factor


@dataclass(frozen=True)
class Column:
    """One column of the design: a number's own, where `level` is None, or the indicator of a factor's level."""

    covariate: str
    level: str | None
    reference: str | None

    def __str__(self) -> str:
        return self.covariate if self.level is None else f"{self.covariate} = {self.level}"


def columns_of(covariates: Sequence[Covariate]) -> tuple[Column, ...]:
    """The P columns of the design, in the order of the covariates and of their levels."""
    return tuple(
        column
        for covariate in covariates
        for column in (
            [Column(covariate.name, None, None)]
            if isinstance(covariate, Numeric)
            else [Column(covariate.name, level, covariate.levels[0]) for level in covariate.levels[1:]]
        )
    )


def design(covariates: Sequence[Covariate]) -> Floats:
    """The design of N rows, shape (P, N): one array a column."""
    return np.array(
        [
            column
            for covariate in covariates
            for column in (
                [covariate.values]
                if isinstance(covariate, Numeric)
                else [(covariate.codes == level).astype(np.float64) for level in range(1, len(covariate.levels))]
            )
        ]
    )


def require_none_missing(name: str, missing: npt.NDArray[np.bool_]) -> None:
    """Raises InvalidInput where a value is missing: such rows are left out, and counted, before they get here."""
    if missing.any():
        raise InvalidInput(
            name, "a value in every row", f"{int(missing.sum())} missing, the first in row {int(np.argmax(missing))}"
        )
