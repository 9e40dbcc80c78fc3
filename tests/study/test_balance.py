"""Differences and tests between groups agree with scipy on the patients one by one, and with formulas by hand."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from timeline.study import balance
from timeline.study.results import NumberSummary

GROUPS = ([3.0, 3.0, 4.0, 5.5, 7.0], [4.0, 6.0, 8.0, 8.0], [1.0, 2.0, 2.0, 9.0, 9.0, 10.0])


def counted(values: list[float]) -> list[tuple[float, int]]:
    return [(value, values.count(value)) for value in sorted(set(values))]


def summary(values: list[float]) -> NumberSummary:
    return NumberSummary(
        len(values), 0, float(np.mean(values)), float(np.std(values, ddof=1)), None, None, None, None, None
    )


@pytest.mark.parametrize("number", [2, 3])
def test_the_rank_test_is_kruskal_and_walliss(number: int) -> None:
    test = balance.rank_test([counted(values) for values in GROUPS[:number]])
    assert test is not None
    assert test.p_value == pytest.approx(stats.kruskal(*GROUPS[:number]).pvalue, abs=1e-12)
    assert test.name == ("Wilcoxon rank-sum test" if number == 2 else "Kruskal-Wallis test")


def test_two_means_are_compared_by_welchs_t() -> None:
    test = balance.mean_test([summary(values) for values in GROUPS[:2]])
    assert test is not None
    assert test.p_value == pytest.approx(stats.ttest_ind(*GROUPS[:2], equal_var=False).pvalue, abs=1e-12)


def test_several_means_are_compared_by_welchs_anova() -> None:
    test = balance.mean_test([summary(values) for values in GROUPS])
    assert test is not None
    assert test.p_value == pytest.approx(stats.f_oneway(*GROUPS, equal_var=False).pvalue, abs=1e-12)


def test_counts_are_compared_by_pearsons_test_without_correction() -> None:
    cross = [[30, 20], [10, 40]]
    test = balance.count_test(cross)
    assert test is not None
    assert test.p_value == pytest.approx(stats.chi2_contingency(cross, correction=False).pvalue)
    assert test.name == "chi-square test"


def test_four_cells_with_small_expected_counts_are_compared_exactly() -> None:
    test = balance.count_test([[3, 1], [1, 3]])
    assert test is not None
    assert test.p_value == pytest.approx(2 * (math.comb(4, 3) * math.comb(4, 1) + 1) / math.comb(8, 4))  # 34 / 70
    assert test.name == "Fisher's exact test"


def test_more_cells_with_small_expected_counts_say_so() -> None:
    test = balance.count_test([[3, 1], [1, 3], [2, 2]])
    assert test is not None
    assert test.name == "chi-square test (some expected counts below 5)"


def test_the_difference_of_means_is_in_pooled_standard_deviations() -> None:
    one, two = summary(GROUPS[0]), summary(GROUPS[1])
    assert one.mean is not None
    assert two.mean is not None
    assert one.sd is not None
    assert two.sd is not None
    expected = abs(one.mean - two.mean) / math.sqrt((one.sd**2 + two.sd**2) / 2)
    assert balance.difference_of_means([one, two]) == pytest.approx(expected)


def test_the_difference_of_two_shares_is_in_their_standard_deviations() -> None:
    # 30 of 40 against 20 of 60
    p, q = 0.75, 1 / 3
    expected = abs(p - q) / math.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert balance.difference_of_shares([[30, 20], [10, 40]]) == pytest.approx(expected)


def test_the_difference_of_several_shares_does_not_depend_on_their_order() -> None:
    cross = [[10, 20], [20, 20], [30, 5]]
    found = balance.difference_of_shares(cross)
    assert found is not None
    assert balance.difference_of_shares(cross[::-1]) == pytest.approx(found)


def test_the_largest_difference_of_all_pairs_counts() -> None:
    groups = [summary(values) for values in GROUPS]
    pairs = [balance.difference_of_means(pair) for pair in combinations(groups, 2)]
    assert balance.difference_of_means(groups) == max(item for item in pairs if item is not None)


@pytest.mark.parametrize("cross", [[[5], [5]], [[5, 5]], [], [[0, 0], [0, 0]]])
def test_nothing_to_compare_has_no_test(cross: list[list[int]]) -> None:
    assert balance.count_test(cross) is None


def test_equal_groups_do_not_differ() -> None:
    assert balance.difference_of_shares([[5, 10], [5, 10]]) == 0
    assert balance.difference_of_means([summary([2.0, 2.0]), summary([2.0, 2.0])]) == 0


def test_groups_without_any_spread_have_no_standardized_difference() -> None:
    assert balance.difference_of_shares([[5, 0], [0, 5]]) is None
    assert balance.difference_of_means([summary([2.0, 2.0]), summary([3.0, 3.0])]) is None
    assert balance.rank_test([[(2.0, 5)], [(2.0, 3)]]) is None
