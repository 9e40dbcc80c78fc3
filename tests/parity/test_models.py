"""Regressions are R's: `coxph`, `cox.zph`, `concordance` and `cmprsk::crr` on public trials and on made-up ties.

Both iterate to where the likelihood no longer changes, in double precision: coefficients are alike to 1e-6, most to
1e-9. `crr` stops at a slope of 1e-13, and agrees to 1e-5.
"""

from typing import Any

import numpy as np
import pytest
from model_data import MODELS, model_rows

from timeline.survival import RegressionRows, cox_regression, fine_gray, proportional_hazards_test
from timeline.survival.proportionality import Transform

COX = {"rel": 1e-6, "abs": 1e-9}
FINE_GRAY = {"rel": 1e-5, "abs": 1e-8}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", MODELS["cox"])
def test_hazard_ratios_and_their_tests_are_those_of_coxph(name: str) -> None:
    expected = MODELS["cox"][name]
    fit = cox_regression(model_rows(name))
    assert (fit.n, fit.events) == (expected["n"], expected["events"])
    for part in ("coefficient", "standard_error", "lower", "upper", "p_value"):
        assert [getattr(c, part) for c in fit.coefficients] == pytest.approx(as_list(expected[part]), **COX), part
    for part in ("log_likelihood", "log_likelihood_at_one"):
        assert getattr(fit, part) == pytest.approx(expected[part], rel=1e-9), part
    for part in ("likelihood_ratio", "wald", "score"):
        assert getattr(fit, part).statistic == pytest.approx(expected[part], **COX), part
        assert getattr(fit, part).degrees_of_freedom == len(fit.coefficients)


@pytest.mark.parametrize("name", MODELS["cox"])
def test_concordance_and_its_standard_error_are_those_of_concordance(name: str) -> None:
    expected = MODELS["cox"][name]["concordance"]
    found = cox_regression(model_rows(name)).concordance
    assert found is not None
    assert (found.concordant, found.discordant, found.tied) == tuple(
        expected[part] for part in ("concordant", "discordant", "tied")
    )
    assert found.value == pytest.approx(expected["value"], rel=1e-12)
    assert found.standard_error == pytest.approx(expected["standard_error"], rel=1e-9)


@pytest.mark.parametrize("transform", ["km", "identity", "rank", "log"])
@pytest.mark.parametrize("name", MODELS["cox"])
def test_the_proportionality_test_is_that_of_cox_zph(name: str, transform: Transform) -> None:
    expected = MODELS["cox"][name]["proportionality"][transform]
    rows = model_rows(name)
    found = proportional_hazards_test(rows, cox_regression(rows), transform)
    tests = [*(one.test for one in found.covariates), found.overall]
    for part in ("statistic", "degrees_of_freedom", "p_value"):
        assert [getattr(test, part) for test in tests] == pytest.approx(expected[part], **COX), part


@pytest.mark.parametrize("cause", ["1", "2"])
@pytest.mark.parametrize("name", MODELS["fine_gray"])
def test_subdistribution_hazard_ratios_are_those_of_crr(name: str, cause: str) -> None:
    expected = MODELS["fine_gray"][name][cause]
    fit = fine_gray(model_rows(name), int(cause))
    for part in ("coefficient", "standard_error"):
        found = [getattr(c, part) for c in fit.coefficients]
        assert found == pytest.approx(as_list(expected[part]), **FINE_GRAY), part
    assert fit.wald.statistic == pytest.approx(expected["wald"], **FINE_GRAY)
    for part in ("log_likelihood", "log_likelihood_at_one"):
        assert getattr(fit, part) == pytest.approx(expected[part], rel=1e-9), part


@pytest.mark.parametrize("cause", ["1", "2"])
@pytest.mark.parametrize("name", MODELS["fine_gray"])
def test_where_no_two_share_a_day_subdistribution_hazard_ratios_are_those_of_finegray(name: str, cause: str) -> None:
    rows = model_rows(name)
    place = np.empty_like(rows.time)
    place[np.argsort(rows.time, kind="stable")] = np.arange(1, len(rows.time) + 1)
    fit = fine_gray(RegressionRows(place, rows.outcome, rows.covariates), int(cause))
    expected = MODELS["fine_gray"][name][cause]["finegray_untied"]
    assert [c.coefficient for c in fit.coefficients] == pytest.approx(as_list(expected), **FINE_GRAY)
