"""A risk table gives to the last bit what lifelines gives on the patients one by one."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from reference_data import NAMES, patients

from timeline.survival import cox, kaplan_meier, log_rank
from timeline.survival.hazard import TIGHT


@pytest.mark.parametrize("name", NAMES)
def test_the_weighted_curve_is_exactly_that_of_the_rows(name: str) -> None:
    for rows in patients(name).everyone_and_groups().values():
        curve = kaplan_meier(rows.table().cause_specific())
        fit = KaplanMeierFitter().fit(rows.time, event_observed=rows.outcome == 1)
        assert (curve.survival == fit.survival_function_.loc[curve.time].to_numpy()[:, 0]).all()
        limits = fit.confidence_interval_.loc[curve.time].to_numpy()
        bounded = (curve.survival > 0) & (curve.survival < 1)
        assert (curve.lower[bounded] == limits[bounded, 0]).all()
        assert (curve.upper[bounded] == limits[bounded, 1]).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_weighted_log_rank_test_is_exactly_that_of_the_rows(name: str) -> None:
    rows = patients(name)
    test = log_rank({label: table.cause_specific() for label, table in rows.tables().items()})
    # lifelines leaves out the last group that it meets, which moves the last bit: here it meets them in the same order.
    order = np.argsort(rows.group, kind="stable")
    fit = multivariate_logrank_test(rows.time[order], rows.group[order], rows.outcome[order] == 1)
    assert test.statistic == fit.test_statistic
    assert test.p_value == fit.p_value


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
