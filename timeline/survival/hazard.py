"""Hazard ratios between groups: Cox's proportional hazards model with the group as its only covariate.

lifelines fits it, with Efron's treatment of ties. Whether hazards are proportional, and any other covariate, is left
to others.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from timeline.survival.chi_square import ChiSquare
from timeline.survival.errors import InvalidInput, NotEstimable
from timeline.survival.groups import Scores, SideBySide, require_two, side_by_side, variance_of_sums_to_zero
from timeline.survival.limits import normal_quantile, require_share
from timeline.survival.table import EVENT, Floats, RiskTable, require_single_cause

# lifelines stops once the gain that the next step promises is below `precision`, and does not take that step: its
# default leaves an error of 1e-6 in the coefficients. Here it stops once a step that it took gained nothing any more.
TIGHT = {"precision": 1e-20, "r_precision": 1e-15, "step_size": 1.0}

# At the maximum each group's expected events are its observed ones; this is how far, in relation, they may be apart.
CONVERGED = 1e-7


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


@dataclass(frozen=True)
class _Fit:
    """Coefficients of the K groups `labels`, shape (K,), their covariance, shape (K, K), and the log-likelihood."""

    labels: list[str]
    coefficients: Floats
    covariance: Floats
    log_likelihood: float


def cox(tables: Mapping[str, RiskTable], reference: str | None = None, confidence: float = 0.95) -> ProportionalHazards:
    """Hazard ratios between two or more groups, each a risk table under its label, against `reference` (the first).

    Raises InvalidInput for fewer than two groups, an unknown reference, competing causes, and a confidence that is not
    between 0 and 1; NotEstimable where a ratio would be 0 or infinite, such as for a group without events.
    Source: Cox (1972), JRSS B 34:187-220; Efron (1977), JASA 72:557-565, for ties.
    """
    require_share("confidence", confidence)
    for label, table in require_two(tables).items():
        require_single_cause(f"tables[{label!r}]", table)
    reference = next(iter(tables)) if reference is None else reference
    if reference not in tables:
        raise InvalidInput("reference", f"one of {', '.join(map(repr, tables))}", repr(reference))
    groups = side_by_side(tables)
    _require_finite_ratios(list(tables), groups)
    at_risk = _one_by_one(groups)
    observed = groups.events.sum(axis=1)
    at_one = _scores(observed, at_risk)
    fit = _fit(tables, reference, np.log(at_one.observed / at_one.expected))
    hazards = np.exp(np.insert(fit.coefficients, list(tables).index(reference), 0))
    fitted = _scores(observed, hazards[:, None] * at_risk)
    if not np.allclose(fitted.expected, fitted.observed, rtol=CONVERGED):
        raise NotEstimable("the hazard ratios were not found: the fit did not converge")
    likelihood_at_one = -float(np.log(at_risk.sum(axis=0)).sum())
    degrees_of_freedom = len(tables) - 1
    return ProportionalHazards(
        tuple(
            _ratio(label, reference, float(coefficient), math.sqrt(variance), confidence)
            for label, coefficient, variance in zip(fit.labels, fit.coefficients, np.diag(fit.covariance), strict=True)
        ),
        reference,
        n=sum(table.n for table in tables.values()),
        events=sum(table.events for table in tables.values()),
        log_likelihood=fit.log_likelihood,
        likelihood_ratio=ChiSquare.of(max(0.0, 2 * (fit.log_likelihood - likelihood_at_one)), degrees_of_freedom),
        wald=ChiSquare.of(
            float(fit.coefficients @ np.linalg.solve(fit.covariance, fit.coefficients)), degrees_of_freedom
        ),
        score=at_one.chi_square(),
        confidence=confidence,
    )


def _ratio(label: str, reference: str, coefficient: float, error: float, confidence: float) -> HazardRatio:
    reach = normal_quantile(confidence) * error
    with np.errstate(over="ignore"):  # an upper limit beyond all numbers is infinite
        ratio, lower, upper = np.exp([coefficient, coefficient - reach, coefficient + reach]).tolist()
    p_value = ChiSquare.of((coefficient / error) ** 2, 1).p_value
    return HazardRatio(label, reference, ratio, lower, upper, coefficient, error, p_value)


def _fit(tables: Mapping[str, RiskTable], reference: str, start: Floats) -> _Fit:
    """lifelines' fit from `start`, the logarithm of observed over expected events of each group, shape (G,).

    From 0, its steps overshoot the maximum where ratios are large, and never come back.

    Only censored patients are kept as weights: lifelines counts them exactly, but takes a weighted row with an event
    for one patient of that weight, where Efron's average has to run over the single patients who had it.
    """
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    labels = [label for label in tables if label != reference]

    def rows(group: str, table: RiskTable) -> pd.DataFrame:
        single = table.outcome == EVENT
        row = np.repeat(np.arange(len(table.time)), np.where(single, table.count, 1))
        columns = {"time": table.time, "event": table.outcome, "patients": np.where(single, 1, table.count)}
        indicators = {f"group {i}": float(label == group) for i, label in enumerate(labels)}
        return pd.DataFrame({name: values[row] for name, values in columns.items()}).assign(**indicators)

    frame = pd.concat([rows(label, table) for label, table in tables.items()])
    coefficient = dict(zip(tables, start, strict=True))
    relative = np.array([coefficient[label] - coefficient[reference] for label in labels])
    scale = frame[[f"group {i}" for i in range(len(labels))]].std().to_numpy()  # lifelines standardises its columns
    with np.errstate(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what lifelines suspects is decided exactly before and after the fit
        try:
            fit = CoxPHFitter().fit(
                frame, "time", "event", weights_col="patients", initial_point=relative * scale, fit_options=TIGHT
            )
        except ConvergenceError as error:
            raise NotEstimable("the hazard ratios were not found: the fit did not converge") from error
    return _Fit(labels, fit.params_.to_numpy(), fit.variance_matrix_.to_numpy(), float(fit.log_likelihood_))


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


def _one_by_one(groups: SideBySide) -> Floats:
    """The patients at risk in each group at each of the D single events, shape (G, D).

    Efron's treatment of ties: the d events of a day count as if they came one after the other, and who of them had
    already left is averaged over, so that the i-th (from 0) sees n_k - d_k i / d patients of group k.
    """
    d = groups.events.sum(axis=0).astype(np.int64)
    day = np.repeat(np.arange(len(d)), d)
    gone = (np.arange(len(day)) - (np.cumsum(d) - d)[day]) / d[day]
    return np.asarray(groups.at_risk[:, day] - gone * groups.events[:, day])


def _scores(observed: Floats, weight: Floats) -> Scores:
    """Scores where each event is of group k with a probability in proportion to its weight, shape (G, D)."""
    share = weight / weight.sum(axis=0)
    return Scores(observed, share.sum(axis=1), variance_of_sums_to_zero(share @ share.T), size=float(observed.sum()))
