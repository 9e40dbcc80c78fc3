"""Weighted log-rank tests, their trend and their pairs, on tables that can be checked by hand."""

import math

import pytest

from timeline.survival import (
    FlemingHarrington,
    InvalidInput,
    NotEstimable,
    RiskTable,
    Weights,
    log_rank,
    pairwise_tests,
    rank_test,
    trend_test,
)

A = RiskTable([1, 3, 5], [1, 1, 0], [1, 1, 1])
B = RiskTable([2, 3, 6], [1, 0, 0], [1, 1, 1])
C = RiskTable([2, 4, 9], [1, 1, 0], [1, 2, 4])

# Events on days 1, 2 and 3, among 6, 5 and 4 of A and B together; survival just before them 1, 5/6 and 5/6 · 4/5.
S = [1, 5 / 6, 4 / 6]


@pytest.mark.parametrize(
    ("weights", "on_days"),
    [
        ("log-rank", [1, 1, 1]),
        ("gehan-wilcoxon", [6, 5, 4]),
        ("tarone-ware", [math.sqrt(6), math.sqrt(5), 2]),
        ("peto-peto", [1 - 1 / 7, (1 - 1 / 7) * (1 - 1 / 6), (1 - 1 / 7) * (1 - 1 / 6) * (1 - 1 / 5)]),
        (FlemingHarrington(1, 0), S),
        (FlemingHarrington(0, 1), [1 - s for s in S]),
        (FlemingHarrington(0.5, 2), [s**0.5 * (1 - s) ** 2 for s in S]),
    ],
    ids=str,
)
def test_each_day_counts_with_its_weight(weights: Weights, on_days: list[float]) -> None:
    share = [3 / 6, 2 / 5, 2 / 4]  # of A
    difference = on_days[0] * (1 - share[0]) - on_days[1] * share[1] + on_days[2] * (1 - share[2])
    variance = sum(w**2 * p * (1 - p) for w, p in zip(on_days, share, strict=True))
    test = rank_test({"A": A, "B": B}, weights)
    assert test.statistic == pytest.approx(difference**2 / variance, rel=1e-12)
    assert test.groups[0].observed == pytest.approx(on_days[0] + on_days[2], rel=1e-12)
    assert trend_test({"A": A, "B": B}, weights).z == pytest.approx(-difference / math.sqrt(variance), rel=1e-12)


def test_weights_are_of_each_stratums_own() -> None:
    one = rank_test({"A": A, "B": B}, "gehan-wilcoxon").groups[0]
    both = rank_test({"x": {"A": A, "B": B}, "y": {"A": A, "B": B}}, "gehan-wilcoxon").groups[0]
    assert both.observed == 2 * one.observed


def test_the_order_of_the_groups_matters_to_the_trend_alone() -> None:
    up, down = trend_test({"A": A, "B": B, "C": C}), trend_test({"C": C, "B": B, "A": A})
    assert up.z == pytest.approx(-down.z, rel=1e-12)
    assert rank_test({"A": A, "B": B, "C": C}).statistic == pytest.approx(
        rank_test({"B": B, "C": C, "A": A}).statistic, rel=1e-12
    )


def test_scores_may_be_given_and_their_unit_does_not_matter() -> None:
    tables = {"A": A, "B": B, "C": C}
    plain, tens = trend_test(tables), trend_test(tables, scores=[10, 20, 30])
    assert tens.z == pytest.approx(plain.z, rel=1e-12)
    assert (plain.scores, tens.scores) == ((0, 1, 2), (10, 20, 30))
    assert trend_test(tables, scores=[0, 1, 5]).z != pytest.approx(plain.z)


def test_the_trend_of_two_groups_is_their_test() -> None:
    assert trend_test({"A": A, "B": B}).statistic == pytest.approx(log_rank({"A": A, "B": B}).statistic, rel=1e-12)


@pytest.mark.parametrize("scores", [[1, 1, 1], [1, 2], [1, 2, math.nan]])
def test_scores_without_meaning_are_refused(scores: list[float]) -> None:
    with pytest.raises(InvalidInput, match="scores: expected 3 numbers, one a group and not all equal"):
        trend_test({"A": A, "B": B, "C": C}, scores=scores)


def test_a_trend_among_groups_of_equal_score_is_not_estimable() -> None:
    gone = RiskTable([0], [0], [5])
    with pytest.raises(NotEstimable, match="equal scores"):
        trend_test({"A": A, "B": B, "gone": gone}, scores=[1, 1, 2])


def test_every_pair_is_tested_on_its_own_patients_and_adjusted_by_holm() -> None:
    pairs = pairwise_tests({"A": A, "B": B, "C": C})
    assert [(pair.first, pair.second) for pair in pairs] == [("A", "B"), ("A", "C"), ("B", "C")]
    p_values = [pair.test.p_value for pair in pairs if pair.test]
    assert p_values[0] == log_rank({"A": A, "B": B}).p_value
    least, middle, greatest = sorted(range(3), key=lambda i: p_values[i])
    adjusted = [pair.adjusted_p_value for pair in pairs]
    step = min(1, 3 * p_values[least])
    assert adjusted[least] == step
    assert adjusted[middle] == min(1, max(step, 2 * p_values[middle]))
    assert adjusted[greatest] == min(1, max(step, 2 * p_values[middle], p_values[greatest]))


def test_a_pair_that_cannot_be_compared_says_why_and_is_not_counted() -> None:
    gone = RiskTable([0], [0], [5])
    pairs = pairwise_tests({"A": A, "B": B, "gone": gone})
    assert pairs[0].test is not None
    assert pairs[0].adjusted_p_value == pairs[0].test.p_value  # 1 pair counted: p · 1
    assert [pair.test for pair in pairs[1:]] == [None, None]
    assert "cannot be compared" in str(pairs[1].reason)


def test_weights_without_meaning_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"weights: expected .*FlemingHarrington"):
        rank_test({"A": A, "B": B}, "wilcoxon")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"FlemingHarrington\.p: expected a number of at least 0, received -1"):
        FlemingHarrington(-1, 0)
    with pytest.raises(InvalidInput, match=r"FlemingHarrington\.q: expected a number of at least 0, received nan"):
        FlemingHarrington(0, math.nan)


def test_late_weights_see_nothing_where_all_events_are_on_the_first_day() -> None:
    with pytest.raises(NotEstimable, match="cannot be compared"):
        rank_test(
            {"A": RiskTable([1, 5], [1, 0], [2, 3]), "B": RiskTable([1, 5], [1, 0], [1, 4])}, FlemingHarrington(0, 1)
        )
