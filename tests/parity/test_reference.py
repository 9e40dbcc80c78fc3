"""Every estimate is R's: `survival` and `cmprsk` on public trials and on made-up ties and edges.

R computes in the same double precision, but multiplies and adds in another order: what is a sum or a product of counts
agrees to 1e-9, with room for a few thousand roundings; `reference.json` holds 15 digits. Tests invert a matrix, and
agree to 1e-8. Cox stops iterating where the likelihood no longer changes, which fixes coefficients to about 1e-8: 1e-7.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from reference_data import NAMES, REFERENCE, groups_with_reference, patients

from timeline.survival import (
    NotEstimable,
    Quantile,
    RankTest,
    cox,
    cumulative_incidence,
    grays_test,
    kaplan_meier,
    log_rank,
    median_follow_up,
    restricted_mean,
    stratified_log_rank,
)
from timeline.survival.curve import Plateau

ESTIMATE = {"rel": 1e-9, "abs": 1e-12}
TEST = {"rel": 1e-8, "abs": 1e-10}
ITERATED = {"rel": 1e-7, "abs": 1e-8}

CURVES = [("curves", *case) for case in groups_with_reference("curves")] + [
    ("curves_90", *case) for case in groups_with_reference("curves_90")
]


def reference(name: str, *path: str) -> Any:
    found = REFERENCE["results"][name]
    for step in path:
        found = found[step]
    return found


def assert_same(found: Sequence[float | None], wanted: Sequence[float | None]) -> None:
    """Equal estimates; a missing value is None in both, or NaN in an array."""
    numbers, references = ([float("nan") if value is None else value for value in values] for values in (found, wanted))
    assert numbers == pytest.approx(references, nan_ok=True, **ESTIMATE)


@pytest.mark.parametrize(("part", "name", "group"), CURVES)
def test_the_kaplan_meier_curve_is_that_of_survfit(part: str, name: str, group: str) -> None:
    expected = reference(name, part, group)
    table = patients(name).everyone_and_groups()[group].table().cause_specific()
    curve = kaplan_meier(table, expected["confidence"])
    assert curve.n == expected["n"]
    rows = [curve.time.tolist().index(day) for day in expected["steps"]["time"]]
    for count in ("at_risk", "events", "censored"):
        assert getattr(curve, count)[rows].tolist() == expected["steps"][count]
    for estimate in ("survival", "standard_error", "lower", "upper"):
        assert_same(getattr(curve, estimate)[rows].tolist(), expected["steps"][estimate])


@pytest.mark.parametrize(("part", "name", "group"), CURVES)
def test_survival_at_a_time_is_that_of_survfits_summary(part: str, name: str, group: str) -> None:
    expected = reference(name, part, group)
    table = patients(name).everyone_and_groups()[group].table().cause_specific()
    curve = kaplan_meier(table, expected["confidence"])
    rows = [
        dict(zip(expected["landmarks"], row, strict=True)) for row in zip(*expected["landmarks"].values(), strict=True)
    ]
    assert len(rows) >= 3
    for row in rows:
        at = curve.at(row["day"])
        assert (at.at_risk, at.events, at.censored) == (row["at_risk"], row["events"], row["censored"])
        assert at.survival == pytest.approx(row["survival"], **ESTIMATE)
        # Before the first event R's summary prints limits of 1, where its curve has none: the package has none.
        limits = [row["lower"], row["upper"]] if at.events else [None, None]
        assert_same([at.lower, at.upper], limits)


def assert_quantiles_agree(found: list[Quantile], expected: dict[str, Any]) -> None:
    for part in ("time", "lower", "upper"):
        assert [getattr(quantile, part) for quantile in found] == expected[part]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("plateau", ["start", "midpoint"])
@pytest.mark.parametrize(("part", "name", "group"), CURVES)
def test_quantiles_and_their_limits_are_those_of_survfit_to_the_day(
    part: str, name: str, group: str, plateau: Plateau
) -> None:
    expected = reference(name, part, group, "quantiles")
    table = patients(name).everyone_and_groups()[group].table().cause_specific()
    curve = kaplan_meier(table, reference(name, part, group)["confidence"])
    assert_quantiles_agree([curve.quantile(share, plateau) for share in expected["share"]], expected[plateau])


@pytest.mark.parametrize(("part", "name", "group"), CURVES)
def test_median_follow_up_is_survfits_with_censoring_as_the_event(part: str, name: str, group: str) -> None:
    expected = {key: as_list(value) for key, value in reference(name, part, group, "follow_up")["start"].items()}
    table = patients(name).everyone_and_groups()[group].table()
    assert_quantiles_agree([median_follow_up(table, reference(name, part, group)["confidence"])], expected)


@pytest.mark.parametrize(("part", "name", "group"), CURVES)
def test_the_restricted_mean_and_its_standard_error_are_those_of_survfit(part: str, name: str, group: str) -> None:
    table = patients(name).everyone_and_groups()[group].table().cause_specific()
    for expected in reference(name, part, group)["restricted_means"]:
        try:
            mean = restricted_mean(table, expected["horizon"])
        except NotEstimable:
            # R goes on with the last value of the curve; the package does not guess.
            assert expected["horizon"] > table.last
            continue
        assert mean.mean == pytest.approx(expected["mean"], **ESTIMATE)
        assert mean.standard_error == pytest.approx(expected["standard_error"], **ESTIMATE)


@pytest.mark.parametrize(("name", "group"), list(groups_with_reference("incidence")))
def test_cumulative_incidence_is_that_of_survfit_and_cmprsk(name: str, group: str) -> None:
    for cause, expected in reference(name, "incidence", group).items():
        curve = cumulative_incidence(patients(name).everyone_and_groups()[group].table(), int(cause))
        rows = [curve.time.tolist().index(day) for day in expected["time"]]
        assert_same(curve.incidence[rows].tolist(), expected["incidence"])
        assert_same(curve.standard_error[rows].tolist(), expected["standard_error"])
        for limit in ("lower", "upper"):
            # Where everyone had the event R's sum just misses 1, and its limits are 1 but for the rounding.
            wanted = [
                value if share < 1 - 1e-9 else None
                for share, value in zip(expected["incidence"], expected[limit], strict=True)
            ]
            assert_same(getattr(curve, limit)[rows].tolist(), wanted)
        assert_same(curve.incidence[rows].tolist(), expected["cmprsk"])


def assert_tests_agree(found: RankTest, expected: dict[str, Any]) -> None:
    assert found.statistic == pytest.approx(expected["statistic"], **TEST)
    assert found.degrees_of_freedom == expected["degrees_of_freedom"]
    assert found.p_value == pytest.approx(expected["p_value"], rel=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_the_log_rank_test_is_that_of_survdiff(name: str) -> None:
    expected = reference(name, "log_rank")
    tables = {label: table.cause_specific() for label, table in patients(name).tables().items()}
    test = log_rank(tables)
    assert_tests_agree(test, expected)
    assert [group.label for group in test.groups] == expected["group"]
    assert [group.n for group in test.groups] == expected["n"]
    assert [group.observed for group in test.groups] == expected["observed"]
    assert [group.expected for group in test.groups] == pytest.approx(expected["expected"], **ESTIMATE)


@pytest.mark.parametrize("name", NAMES)
def test_the_stratified_log_rank_test_is_that_of_survdiff(name: str) -> None:
    expected = reference(name, "stratified")
    strata = {
        stratum: {label: table.cause_specific() for label, table in part.tables().items()}
        for stratum, part in patients(name).strata().items()
    }
    test = stratified_log_rank(strata)
    assert_tests_agree(test, expected)
    by_label = {group.label: group for group in test.groups}
    assert [by_label[label].n for label in expected["group"]] == expected["n"]
    assert [by_label[label].observed for label in expected["group"]] == expected["observed"]
    assert [by_label[label].expected for label in expected["group"]] == pytest.approx(expected["expected"], **ESTIMATE)


@pytest.mark.parametrize("name", NAMES)
def test_grays_test_is_that_of_cmprsk(name: str) -> None:
    for cause, expected in reference(name, "gray").items():
        assert_tests_agree(grays_test(patients(name).tables(), int(cause)), expected)


@pytest.mark.parametrize("name", NAMES)
def test_hazard_ratios_and_their_tests_are_those_of_coxph(name: str) -> None:
    expected = reference(name, "cox")
    tables = {label: table.cause_specific() for label, table in patients(name).tables().items()}
    fit = cox(tables, expected["reference"])
    assert [ratio.label for ratio in fit.ratios] == as_list(expected["group"])
    for part in ("coefficient", "standard_error", "ratio", "lower", "upper", "p_value"):
        found = [getattr(ratio, part) for ratio in fit.ratios]
        assert found == pytest.approx(as_list(expected[part]), **ITERATED), part
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], **ESTIMATE)
    for test in ("likelihood_ratio", "wald", "score"):
        assert getattr(fit, test).statistic == pytest.approx(expected[test], **ITERATED), test
        assert getattr(fit, test).degrees_of_freedom == expected["degrees_of_freedom"]
