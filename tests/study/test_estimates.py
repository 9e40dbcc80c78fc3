"""What is reported with every survival estimate, and on request, by hand."""

import pytest

from tests.study.support import day, run
from timeline.log import Log
from timeline.study.results import ComparisonResult, EstimateResult, Survived

LATE = """endpoint late "Survival of those operated on"
    from       registration
    entering   at first surgery
    until      death
    last seen  follow_up
"""


def group(log: Log, text: str) -> Survived:
    [result] = run(log, text).analyses
    assert isinstance(result, EstimateResult)
    assert result.group is not None
    return result.group


def test_completeness_is_time_observed_over_time_that_could_have_been(trial: Log) -> None:
    found = group(trial, "estimate os in all_patients").follow_up
    assert found is not None
    # Until day 600, on which p5 was seen; the dead p1, p2 and p4 were followed to their end.
    observed = 400 + 50 + 500 + 300 + 600 + 350
    assert found.completeness == pytest.approx(observed / (400 + 50 + 600 + 300 + 600 + 600))
    assert found.until == day(600)
    assert (found.shortest, found.longest) == (350, 600)  # of p3, p5 and p6


def test_a_cut_off_is_the_day_until_which_everyone_could_have_been_followed(trial: Log) -> None:
    found = group(trial, f"cutoff {day(450)}\nestimate os in all_patients").follow_up
    assert found is not None
    # p3 and p5 were seen later, so they are observed until the cut-off; p6 was lost on day 350.
    observed = 400 + 50 + 450 + 300 + 450 + 350
    assert found.completeness == pytest.approx(observed / (observed + 100))
    assert found.until == day(450)


def test_who_enters_late_is_at_risk_only_from_then(trial: Log) -> None:
    found = group(trial, LATE + "estimate late in all_patients at 50 days, 400 days")
    # At the only death, of p1 on day 400, p1, p3 and p5 are at risk; on day 50 only p3 is, who entered on day 30.
    assert [at.at_risk for at in found.survival] == [1, 3]
    assert found.survival[1].survival == pytest.approx(2 / 3)
    assert (found.n, found.entered_late) == (3, 3)


def test_who_never_enters_has_no_time_and_is_named(trial: Log) -> None:
    [result] = run(trial, LATE + "estimate late in all_patients").analyses
    assert isinstance(result, EstimateResult)
    assert [(out.reason, out.patients) for out in result.left_out] == [("no entry", ("p2", "p4", "p6"))]


def test_survival_given_a_time_is_that_of_those_who_lived_so_long(trial: Log) -> None:
    found = group(trial, "estimate os in all_patients at 350 days given 100 days")
    # One of six died by day 100, one of the other five by day 350.
    assert found.survival[0].survival == pytest.approx(5 / 6 * 4 / 5)
    assert [item.survival for item in found.conditional] == [pytest.approx(4 / 5)]


def test_a_quantile_is_the_time_by_which_that_share_had_the_event(trial: Log) -> None:
    found = group(trial, "estimate os in all_patients quantiles 10 %, 25 %, 75 %")
    assert [item.time for item in found.quantiles] == [50, 300, None]  # S = 5/6 on day 50, 4/6 on day 300


def test_groups_are_estimated_apart_without_a_test(trial: Log) -> None:
    [result] = run(trial, "estimate os in all_patients by registration.sex").analyses
    assert isinstance(result, EstimateResult)
    assert [(item.label, item.n, item.events) for item in result.groups] == [("female", 3, 2), ("male", 3, 1)]
    assert result.group is None
    assert result.by == "registration.sex"


def test_the_limits_are_of_the_scale_that_is_asked_for(trial: Log) -> None:
    text = "estimate os in all_patients at 350 days limits plain"
    [at] = group(trial, text).survival
    # Greenwood: S = 4/6, variance S² (1 / (6 · 5) + 1 / (5 · 4)); 1.96 standard errors, not below 0 nor above 1.
    error = 4 / 6 * (1 / 30 + 1 / 20) ** 0.5
    assert at.lower == pytest.approx(4 / 6 - 1.959964 * error, abs=1e-6)
    assert at.upper == 1


def test_means_up_to_a_horizon_are_compared(trial: Log) -> None:
    [result] = run(trial, "compare os in all_patients by registration.sex mean up to 400 days").analyses
    assert isinstance(result, ComparisonResult)
    # female: 1 until day 50, 2/3 until day 400; male: 1 until day 300, 2/3 until day 400.
    female, male = 50 + 350 * 2 / 3, 300 + 100 * 2 / 3
    assert [item.restricted_mean.mean for item in result.groups if item.restricted_mean] == pytest.approx(
        [female, male]
    )
    [contrast] = result.means
    assert contrast.difference == pytest.approx(male - female)
    assert contrast.ratio == pytest.approx(male / female)


def test_the_test_that_is_named_is_done_within_strata(trial: Log) -> None:
    text = "compare os in all_patients by registration.sex test peto_peto stratified by registration.arm trend pairwise"
    [result] = run(trial, text).analyses
    assert isinstance(result, ComparisonResult)
    assert result.test_name == "Peto-Peto"
    assert result.strata == ("registration.arm",)
    assert result.test is not None
    assert result.trend is not None
    assert result.trend.p_value == pytest.approx(result.test.p_value)  # two groups have no other trend
    [pair] = result.pairs
    assert pair.adjusted == pytest.approx(result.test.p_value)  # one pair needs no adjustment


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("registration.sex", ["female", "male"]),
        ("registration.sex against male", ["male", "female"]),
        ('registration.arm against "B"', ["B", "A"]),
        ("(any surgery)", ["any surgery", "not (any surgery)"]),
        ("(any surgery) against false", ["not (any surgery)", "any surgery"]),
    ],
)
def test_the_group_that_others_are_compared_against_comes_first(trial: Log, by: str, labels: list[str]) -> None:
    [result] = run(trial, f"compare os in all_patients by {by} mean up to 300 days").analyses
    assert isinstance(result, ComparisonResult)
    assert [item.label for item in result.groups] == labels
    assert [item.reference for item in result.means] == labels[:1]
