"""What holds for every regression: order and splitting of rows, the unit of time and the reference do not matter."""

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline.survival import (
    CoxRegression,
    Factor,
    FineGray,
    NotEstimable,
    Numeric,
    RegressionRows,
    SurvivalError,
    cox_regression,
    fine_gray,
    proportional_hazards_test,
)

ALIKE = {"rel": 1e-6, "abs": 1e-7}


class Row(NamedTuple):
    time: int
    outcome: int
    arm: int
    age: int
    count: int
    entry: int
    stratum: int


def rows(most_outcome: int = 1, late: bool = True) -> st.SearchStrategy[list[Row]]:
    """Few days, so that ties are the rule, and enough rows that most fits have an answer."""
    row = st.builds(
        lambda stay, entry, *rest: Row(stay + entry, *rest[:4], entry, rest[4]),
        st.integers(1, 8),
        st.sampled_from([0, 0, 2, 5]) if late else st.just(0),
        st.integers(0, most_outcome),
        st.integers(0, 2),
        st.integers(40, 46),
        st.integers(1, 4),
        st.integers(0, 1) if late else st.just(0),
    )
    return st.lists(row, min_size=14, max_size=30)


def regression_rows(of: list[Row], levels: tuple[str, ...] = ("a", "b", "c")) -> RegressionRows:
    """Levels named otherwise than a, b, c come in another order, with the codes to match."""
    column = {name: [getattr(row, name) for row in of] for name in Row._fields}
    codes = [levels.index("abc"[arm]) for arm in column["arm"]]
    return RegressionRows(
        column["time"],
        column["outcome"],
        [Factor("arm", levels, codes), Numeric("age", column["age"])],
        column["count"],
        column["entry"],
        column["stratum"],
    )


def numbers(fit: CoxRegression | FineGray) -> dict[str, Any]:
    """What must not change, by coefficient."""
    found: dict[str, Any] = {}
    for one in fit.coefficients:
        found[f"{one.covariate} {one.level}"] = (one.coefficient, one.standard_error)
    found["tests"] = (fit.wald.statistic, fit.log_likelihood - fit.log_likelihood_at_one)
    if isinstance(fit, CoxRegression) and fit.concordance:
        found["pairs"] = (fit.concordance.value, fit.concordance.standard_error)
    return found


def assert_alike(one: Callable[[], Any], two: Callable[[], Any]) -> None:
    """Both fits are alike, or neither has an answer; a fit that is all but separated has none to compare."""
    try:
        expected = one()
    except SurvivalError:
        with pytest.raises(SurvivalError):
            two()
        return
    if max(abs(one.coefficient) for one in expected.coefficients) > 6:
        return
    found, expected = numbers(two()), numbers(expected)
    assert list(found) == list(expected)
    for name in found:
        assert found[name] == pytest.approx(expected[name], **ALIKE), name


FITS: dict[str, tuple[Callable[[RegressionRows], Any], st.SearchStrategy[list[Row]]]] = {
    "cox": (cox_regression, rows()),
    "fine-gray": (fine_gray, rows(most_outcome=2, late=False)),
}


@pytest.mark.parametrize("model", FITS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_rows_with_counts_are_their_patients_one_by_one_in_any_order(model: str, data: Any) -> None:
    fit, strategy = FITS[model]
    of = data.draw(strategy)
    single = [row._replace(count=1) for row in of for _ in range(row.count)]
    shuffled = data.draw(st.permutations(single))
    assert_alike(lambda: fit(regression_rows(of)), lambda: fit(regression_rows(shuffled)))


@pytest.mark.parametrize("model", FITS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_days_matters_and_not_their_distance(model: str, data: Any) -> None:
    fit, strategy = FITS[model]
    of = data.draw(strategy)
    stretched = [row._replace(time=row.time**2 + 3, entry=row.entry**2 + 3 if row.entry else 0) for row in of]
    assert_alike(lambda: fit(regression_rows(of)), lambda: fit(regression_rows(stretched)))


@given(rows())
@settings(max_examples=60, deadline=None)
def test_a_patient_in_two_intervals_is_one_patient(of: list[Row]) -> None:
    split = []
    for row in of:
        middle = (row.entry + row.time) // 2
        if middle > row.entry:
            split += [row._replace(time=middle, outcome=0), row._replace(entry=middle)]
        else:
            split.append(row)
    try:
        whole = cox_regression(regression_rows(of))
    except SurvivalError:
        return
    parts = cox_regression(regression_rows(split))
    for a, b in zip(whole.coefficients, parts.coefficients, strict=True):
        assert (b.coefficient, b.standard_error) == pytest.approx((a.coefficient, a.standard_error), **ALIKE)
    assert parts.score.statistic == pytest.approx(whole.score.statistic, **ALIKE)
    if whole.concordance and parts.concordance:
        assert parts.concordance.value == whole.concordance.value


@pytest.mark.parametrize("model", FITS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_another_reference_moves_the_ratios_and_no_test(model: str, data: Any) -> None:
    fit, strategy = FITS[model]
    of = data.draw(strategy)
    try:
        one, two = fit(regression_rows(of)), fit(regression_rows(of, ("b", "c", "a")))
    except SurvivalError:
        return
    if len(one.coefficients) < 3 or max(abs(c.coefficient) for c in one.coefficients) > 6:
        return
    by_level = {c.level: c for c in one.coefficients}
    swapped = {c.level: c for c in two.coefficients}
    assert swapped["a"].ratio == pytest.approx(1 / by_level["b"].ratio, **ALIKE)
    assert swapped["a"].lower == pytest.approx(1 / by_level["b"].upper, **ALIKE)
    assert two.covariates[0].test.statistic == pytest.approx(one.covariates[0].test.statistic, **ALIKE)
    assert two.wald.statistic == pytest.approx(one.wald.statistic, **ALIKE)


@given(rows())
@settings(max_examples=60, deadline=None)
def test_a_regression_is_finite_or_says_why_there_is_none(of: list[Row]) -> None:
    if all(row.arm for row in of) or not any(row.arm for row in of):
        return
    found = regression_rows(of)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = cox_regression(found)
            test = proportional_hazards_test(found, fit)
        except NotEstimable:
            return
    values = [value for c in fit.coefficients for value in (c.coefficient, c.standard_error, c.p_value)]
    values += [one.test.p_value for one in test.covariates]
    assert all(math.isfinite(value) for value in values)


@given(rows())
@settings(max_examples=60, deadline=None)
def test_concordance_is_what_counting_every_pair_gives(of: list[Row]) -> None:
    try:
        fit = cox_regression(regression_rows(of))
    except SurvivalError:
        return
    arms = {c.level: c.coefficient for c in fit.coefficients if c.covariate == "arm"} | {"a": 0.0}
    age = next(c.coefficient for c in fit.coefficients if c.covariate == "age")
    predicted = np.round([arms["abc"[row.arm]] + age * row.age for row in of], 9)
    counts = {-1.0: 0, 0.0: 0, 1.0: 0}
    for i, one in enumerate(of):
        for j, other in enumerate(of):
            outlives = other.time > one.time or (other.time == one.time and not other.outcome)
            entered = other.entry == 0 or other.entry < one.time
            if one.outcome and outlives and entered and one.stratum == other.stratum and i != j:
                counts[float(np.sign(predicted[i] - predicted[j]))] += one.count * other.count
    if not fit.concordance:
        assert not any(counts.values())
        return
    found = fit.concordance
    if abs(age) > 1e-6:  # with an age of no effect rounding decides what is tied
        assert (found.concordant, found.tied, found.discordant) == (counts[1.0], counts[0.0], counts[-1.0])
