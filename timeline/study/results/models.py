"""Cox's model, and Fine and Gray's."""

from dataclasses import dataclass

from timeline.study.results.members import LeftOut
from timeline.survival import ChiSquare


@dataclass(frozen=True)
class Effect:
    """A covariate's hazard ratio: of `level` against `reference`, or for one `unit` more of a number (level None)."""

    covariate: str
    level: str | None
    reference: str | None
    unit: str
    n: int | None
    """Patients who have the level, or a value; of a covariate that changes, patients who ever had it."""
    ratio: float
    lower: float
    upper: float
    coefficient: float
    standard_error: float
    p_value: float


@dataclass(frozen=True)
class ProportionalityTest:
    """Grambsch and Therneau's test that a covariate's hazard ratio does not change over time; `covariate` is None for
    the global test."""

    covariate: str | None
    test: ChiSquare


@dataclass(frozen=True)
class RegressionResult:
    """Cox's model, or Fine and Gray's (`model` is `cox` or `fine_gray`).

    `changing` names the covariates that become true as it happens. `tests` are called `likelihood ratio`, `Wald` and
    `score` where the model has them.
    """

    model: str
    endpoint: str
    endpoint_label: str
    cohort: str
    strata: tuple[str, ...]
    landmark: float | None
    n: int
    events: int
    effects: tuple[Effect, ...]
    changing: tuple[str, ...]
    tests: tuple[tuple[str, ChiSquare], ...]
    concordance: float | None
    proportionality: tuple[ProportionalityTest, ...]
    left_out: tuple[LeftOut, ...]
    note: str = ""
    acknowledged: tuple[tuple[str, str], ...] = ()
    concordance_error: float | None = None
    """The standard error of the concordance."""
    title: str = ""
    where: str = ""
