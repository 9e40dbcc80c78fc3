"""Limits on three scales, delayed entry, the log-rank family, contrasts of means and shares in states are R's.

What R's `survival` has no function for (weights other than S(t-)^rho, the test for trend, contrasts of restricted
means) is computed by `families.R` from the textbook formula, patient by patient.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reference_data import Patients, course, patients

from timeline.survival import (
    FlemingHarrington,
    Limits,
    RiskTable,
    Weights,
    contrast_restricted_means,
    cumulative_incidence,
    follow_up,
    kaplan_meier,
    log_rank,
    pairwise_tests,
    rank_test,
    state_occupation,
    trend_test,
)

FAMILIES: dict[str, Any] = json.loads((Path(__file__).parent / "families.json").read_text())
NAMES = list(FAMILIES["results"])
COMPETING = [name for name in NAMES if FAMILIES["results"][name]["incidence_limits"]]
SCALES: list[Limits] = ["log-log", "log", "plain"]
WEIGHTS: dict[str, Weights] = {
    "log-rank": "log-rank",
    "gehan-wilcoxon": "gehan-wilcoxon",
    "tarone-ware": "tarone-ware",
    "peto-peto": "peto-peto",
    "fleming-harrington 1 0": FlemingHarrington(1, 0),
    "fleming-harrington 0 1": FlemingHarrington(0, 1),
    "fleming-harrington 0.5 2": FlemingHarrington(0.5, 2),
}

ESTIMATE = {"rel": 1e-9, "abs": 1e-12}
TEST = {"rel": 1e-8, "abs": 1e-10}


def reference(name: str, *path: str) -> Any:
    found = FAMILIES["results"][name]
    for step in path:
        found = found[step]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def assert_same(found: Any, wanted: Any) -> None:
    numbers = [float("nan") if value is None else value for value in as_list(wanted)]
    assert list(found) == pytest.approx(numbers, nan_ok=True, **ESTIMATE)


def assert_curve(curve: Any, expected: dict[str, Any], parts: tuple[str, ...]) -> None:
    rows = np.searchsorted(curve.time, expected["time"])
    assert curve.time[rows].tolist() == expected["time"]
    for part in parts:
        assert_same(getattr(curve, part)[rows], expected[part])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", NAMES)
def test_limits_are_those_of_survfit_on_each_scale(name: str, scale: Limits) -> None:
    curve = kaplan_meier(patients(name).table().cause_specific(), limits=scale)
    assert_curve(curve, reference(name, "limits", scale), ("at_risk", "survival", "standard_error", "lower", "upper"))


@pytest.mark.parametrize("plateau", ["start", "midpoint"])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", NAMES)
def test_quantiles_have_the_limits_of_survfit_on_each_scale_to_the_day(name: str, scale: Limits, plateau: Any) -> None:
    curve = kaplan_meier(patients(name).table().cause_specific(), limits=scale)
    expected = reference(name, "limits", scale, "quantiles")
    for place, share in enumerate(expected["share"]):
        found = curve.quantile(share, plateau)
        for part in ("time", "lower", "upper"):
            assert getattr(found, part) == expected[plateau][part][place]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", COMPETING)
def test_limits_of_an_incidence_are_those_of_survfit_on_each_scale(name: str, scale: Limits) -> None:
    expected = reference(name, "incidence_limits", scale)
    curve = cumulative_incidence(patients(name).table(), limits=scale)
    rows = np.searchsorted(curve.time, expected["time"])
    started = np.array(expected["incidence"]) > 0
    assert_same(curve.incidence[rows], expected["incidence"])
    for part in ("lower", "upper"):
        found, wanted = getattr(curve, part)[rows], np.array(as_list(expected[part]), dtype=np.float64)
        assert found[started] == pytest.approx(wanted[started], nan_ok=True, **ESTIMATE)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", NAMES)
def test_conditional_survival_is_that_of_survfit_with_a_start_time(name: str, scale: Limits) -> None:
    expected = reference(name, "conditional", scale)
    curve = kaplan_meier(patients(name).table().cause_specific(), limits=scale)
    found = [curve.conditional(day, expected["given"]) for day in expected["time"]]
    assert {one.at_risk for one in found} == {expected["n"]}
    assert_same([one.survival for one in found], expected["survival"])
    for part in ("lower", "upper"):
        assert_same([np.nan if getattr(one, part) is None else getattr(one, part) for one in found], expected[part])


def entering_late(rows: Patients) -> RiskTable:
    """Every third patient enters at a third of their time, every other at a tenth, as in `families.R`."""
    return RiskTable.from_patients(rows.time, rows.outcome, entries(rows))


def entries(rows: Patients) -> Any:
    place = np.arange(1, len(rows.time) + 1) % 3
    return np.select([place == 0, place == 1], [rows.time // 3, rows.time // 10], 0)


@pytest.mark.parametrize("name", NAMES)
def test_with_delayed_entry_the_curve_its_quantiles_and_follow_up_are_those_of_survfit(name: str) -> None:
    table, expected = entering_late(patients(name)), reference(name, "delayed")
    curve = kaplan_meier(table.cause_specific())
    assert_curve(curve, expected, ("at_risk", "survival", "standard_error", "lower", "upper"))
    for place, share in enumerate(expected["quantiles"]["share"]):
        found = curve.quantile(share)
        for part in ("time", "lower", "upper"):
            assert getattr(found, part) == expected["quantiles"]["start"][part][place]
    median = follow_up(table).median
    assert (median.time, median.lower, median.upper) == tuple(expected["follow_up"]["start"].values())


@pytest.mark.parametrize("name", COMPETING)
def test_with_delayed_entry_incidence_is_that_of_survfit(name: str) -> None:
    # Its standard error is R's only without delayed entry: see `CumulativeIncidence`.
    assert_curve(
        cumulative_incidence(entering_late(patients(name))), reference(name, "delayed", "incidence"), ("incidence",)
    )


def grouped(rows: Patients, entry: Any = None) -> dict[str, RiskTable]:
    entry = np.zeros_like(rows.time) if entry is None else entry
    return {
        str(label): RiskTable.from_patients(
            rows.time[rows.group == label], rows.outcome[rows.group == label], entry[rows.group == label]
        ).cause_specific()
        for label in np.unique(rows.group)
    }


def by_stratum(rows: Patients) -> dict[str, dict[str, RiskTable]]:
    return {label: grouped(part) for label, part in rows.strata().items()}


@pytest.mark.parametrize("name", NAMES)
def test_with_delayed_entry_the_log_rank_test_leaves_out_who_has_not_entered(name: str) -> None:
    expected = reference(name, "delayed", "log_rank")
    test = log_rank(grouped(patients(name), entries(patients(name))))
    assert test.statistic == pytest.approx(expected["statistic"], **TEST)


@pytest.mark.parametrize("strata", ["plain", "stratified"])
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", NAMES)
def test_the_weighted_log_rank_tests_and_their_trends_are_the_textbooks(name: str, weights: str, strata: str) -> None:
    expected = reference(name, "family", weights, strata)
    groups = grouped(patients(name)) if strata == "plain" else by_stratum(patients(name))
    test = rank_test(groups, WEIGHTS[weights])
    assert test.statistic == pytest.approx(expected["statistic"], **TEST)
    assert test.p_value == pytest.approx(expected["p_value"], rel=1e-8)
    trend = trend_test(dict(sorted(groups.items())), WEIGHTS[weights])
    assert abs(trend.z) == pytest.approx(abs(expected["trend"]), **TEST)


@pytest.mark.parametrize("strata", ["plain", "stratified"])
@pytest.mark.parametrize("name", NAMES)
def test_fleming_harrington_1_0_is_survdiff_with_rho_1(name: str, strata: str) -> None:
    expected = reference(name, "survdiff", strata)
    groups = grouped(patients(name)) if strata == "plain" else by_stratum(patients(name))
    test = rank_test(groups, FlemingHarrington(1, 0))
    assert test.statistic == pytest.approx(expected["statistic"], **TEST)
    if strata == "plain":
        for part in ("observed", "expected"):
            assert [getattr(group, part) for group in test.groups] == pytest.approx(expected[part], **ESTIMATE)


@pytest.mark.parametrize("name", NAMES)
def test_pairs_are_tested_on_their_patients_alone_and_adjusted_by_holm(name: str) -> None:
    expected = reference(name, "pairs")
    pairs = pairwise_tests(grouped(patients(name)))
    assert [pair.test.p_value if pair.test else None for pair in pairs] == pytest.approx(
        as_list(expected["p_value"]), rel=1e-8
    )
    assert [pair.adjusted_p_value for pair in pairs] == pytest.approx(as_list(expected["holm"]), rel=1e-8)


@pytest.mark.parametrize("kind", ["difference", "ratio"])
@pytest.mark.parametrize("name", NAMES)
def test_contrasts_of_restricted_means_are_those_of_survfits_means(name: str, kind: str) -> None:
    expected = reference(name, "contrast")
    found = [getattr(one, kind) for one in contrast_restricted_means(grouped(patients(name)), expected["horizon"])]
    for part in ("value", "standard_error", "lower", "upper"):
        assert_same([getattr(one, part) for one in found], expected[kind][part])
    assert [one.p_value for one in found] == pytest.approx(as_list(expected[kind]["p_value"]), rel=1e-8)


@pytest.mark.parametrize("name", FAMILIES["courses"])
def test_shares_in_states_are_the_pstate_of_survfit(name: str) -> None:
    expected = FAMILIES["courses"][name]
    found = state_occupation(course(name))
    rows = np.searchsorted(found.time, expected["time"])
    assert found.time[rows].tolist() == expected["time"]
    assert found.share[rows] == pytest.approx(np.array(expected["share"]), **ESTIMATE)
    assert found.at_risk[rows].tolist() == expected["at_risk"]
