"""A risk table gives what lifelines, another implementation, gives on the patients one by one.

Both are sums and products of the same ratios in another order: they agree but for a few roundings.
"""

import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from reference_data import NAMES, patients

from timeline.survival import cox, kaplan_meier, log_rank

# lifelines stops once the gain that the next step promises is below `precision`, and does not take that step: its
# default leaves an error of 1e-6 in the coefficients. Here it stops once a step that it took gained nothing any more.
TIGHT = {"precision": 1e-20, "r_precision": 1e-15, "step_size": 1.0}
ROUNDING = {"rel": 1e-11, "abs": 1e-13}


@pytest.mark.parametrize("name", NAMES)
def test_the_weighted_curve_is_that_of_the_rows(name: str) -> None:
    for rows in patients(name).everyone_and_groups().values():
        curve = kaplan_meier(rows.table().cause_specific())
        fit = KaplanMeierFitter().fit(rows.time, event_observed=rows.outcome == 1)
        assert curve.survival == pytest.approx(fit.survival_function_.loc[curve.time].to_numpy()[:, 0], **ROUNDING)
        limits = fit.confidence_interval_.loc[curve.time].to_numpy()
        bounded = (curve.survival > 0) & (curve.survival < 1)
        assert curve.lower[bounded] == pytest.approx(limits[bounded, 0], **ROUNDING)
        assert curve.upper[bounded] == pytest.approx(limits[bounded, 1], **ROUNDING)


@pytest.mark.parametrize("name", NAMES)
def test_the_weighted_log_rank_test_is_that_of_the_rows(name: str) -> None:
    rows = patients(name)
    test = log_rank({label: table.cause_specific() for label, table in rows.tables().items()})
    fit = multivariate_logrank_test(rows.time, rows.group, rows.outcome == 1)
    assert test.statistic == pytest.approx(fit.test_statistic, **ROUNDING)
    assert test.p_value == pytest.approx(fit.p_value, **ROUNDING)


@pytest.mark.parametrize("name", NAMES)
def test_hazard_ratios_with_weights_for_the_censored_are_those_of_the_rows(name: str) -> None:
    rows = patients(name)
    tables = {label: table.cause_specific() for label, table in rows.tables().items()}
    labels = list(tables)
    frame = pd.DataFrame({"time": rows.time, "event": rows.outcome == 1})
    fit = CoxPHFitter().fit(
        frame.assign(**{label: (rows.group == label).astype(float) for label in labels[1:]}),
        "time",
        "event",
        fit_options=TIGHT,
    )
    # The iterations add the same numbers in another order, and may stop one step apart.
    found = [ratio.coefficient for ratio in cox(tables).ratios]
    assert found == pytest.approx(fit.params_.to_list(), rel=1e-8, abs=1e-10)
