"""Hazard ratios between groups: Cox's proportional hazards model with the group as its only covariate.

The fit is that of `regression`, on the rows of the tables. Any other covariate is left to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from timeline.survival.chi_square import ChiSquare
from timeline.survival.covariates import Factor
from timeline.survival.errors import NotEstimable
from timeline.survival.groups import SideBySide, require_reference, require_two, side_by_side
from timeline.survival.regression import cox_regression
from timeline.survival.rows import RegressionRows
from timeline.survival.table import RiskTable, require_single_cause

GROUP = "group"


@dataclass(frozen=True)
class HazardRatio:
    """The hazard of `label` over that of `reference`: ratio = exp(coefficient), limits exp(coefficient ± z · se).

    `standard_error` is the coefficient's; `p_value` is of Wald's test that the ratio is 1.
    """

    label: str
    reference: str
    ratio: float
    lower: float
    upper: float
    coefficient: float
    standard_error: float
    p_value: float


@dataclass(frozen=True)
class ProportionalHazards:
    """Hazard ratios of every group but the reference, and three tests that all of them are 1."""

    ratios: tuple[HazardRatio, ...]
    reference: str
    n: int
    events: int
    log_likelihood: float
    likelihood_ratio: ChiSquare
    wald: ChiSquare
    score: ChiSquare
    confidence: float


def cox(tables: Mapping[str, RiskTable], reference: str | None = None, confidence: float = 0.95) -> ProportionalHazards:
    """Hazard ratios between two or more groups, each a risk table under its label, against `reference` (the first).

    Raises InvalidInput for fewer than two groups, an unknown reference, competing causes, and a confidence that is not
    between 0 and 1; NotEstimable where a ratio would be 0 or infinite, such as for a group without events.
    Source: as `cox_regression`.
    """
    for label, table in require_two(tables).items():
        require_single_cause(f"tables[{label!r}]", table)
    reference = require_reference(tables, reference)
    rows = group_rows(tables, reference)
    _require_finite_ratios(list(tables), side_by_side(tables))
    fit = cox_regression(rows, confidence)
    return ProportionalHazards(
        tuple(
            HazardRatio(
                str(one.level),
                reference,
                one.ratio,
                one.lower,
                one.upper,
                one.coefficient,
                one.standard_error,
                one.p_value,
            )
            for one in fit.coefficients
        ),
        reference,
        n=fit.n,
        events=fit.events,
        log_likelihood=fit.log_likelihood,
        likelihood_ratio=fit.likelihood_ratio,
        wald=fit.wald,
        score=fit.score,
        confidence=confidence,
    )


def group_rows(tables: Mapping[str, RiskTable], reference: str) -> RegressionRows:
    """The rows of the tables with the group as a factor, its levels in the order of the tables after the reference."""
    labels = [reference, *(label for label in tables if label != reference)]
    ordered = [tables[label] for label in labels]
    codes = np.repeat(np.arange(len(labels)), [len(table.time) for table in ordered])
    time, outcome, count, entry = (
        np.concatenate([getattr(table, name) for table in ordered]) for name in ("time", "outcome", "count", "entry")
    )
    return RegressionRows(time, outcome, [Factor(GROUP, labels, codes)], count, entry)


def _require_finite_ratios(labels: Sequence[str], groups: SideBySide) -> None:
    """Raises NotEstimable unless the likelihood has a maximum.

    Draw an arrow from group a to group b where a patient of a had the event while one of b was at risk: that event
    keeps the hazard of a from being too small beside that of b. The maximum exists just where arrows lead from every
    group to every other, the condition of Ford (1957), American Mathematical Monthly 64(8):28-33, for paired
    comparisons, of which events in risk sets are the general case.
    """
    arrows = (groups.events > 0) @ (groups.at_risk > 0).T
    reached = arrows | np.eye(len(labels), dtype=np.bool_)
    for _ in labels:
        reached = reached @ reached
    if not reached.all():
        small, large = (labels[i] for i in np.argwhere(~reached)[0])
        raise NotEstimable(
            f"the hazard of {small!r} over that of {large!r} would be 0: "
            f"no patient of {small!r} had the event while one of {large!r} was at risk"
        )
