"""Log-rank tests on tables small enough to check by hand, and where they have no answer."""

import sys
from subprocess import run

import pytest

from timeline.survival import InvalidInput, NotEstimable, RiskTable, kaplan_meier, log_rank, stratified_log_rank

A = RiskTable([1, 3, 5], [1, 1, 0], [1, 1, 1])
B = RiskTable([2, 3, 6], [1, 0, 0], [1, 1, 1])


def test_observed_and_expected_events_add_up_over_the_days() -> None:
    test = log_rank({"A": A, "B": B})
    # At risk in A of all: day 1, 3/6; day 2, 2/5; day 3, 2/4.
    expected = 3 / 6 + 2 / 5 + 2 / 4
    variance = 3 / 6 * 3 / 6 + 2 / 5 * 3 / 5 + 2 / 4 * 2 / 4
    assert [group.label for group in test.groups] == ["A", "B"]
    assert [group.n for group in test.groups] == [3, 3]
    assert [group.observed for group in test.groups] == [2, 1]
    assert [group.expected for group in test.groups] == pytest.approx([expected, 3 - expected], rel=1e-12)
    assert test.statistic == pytest.approx((2 - expected) ** 2 / variance, rel=1e-12)
    assert test.degrees_of_freedom == 1


def test_the_order_of_the_groups_does_not_matter() -> None:
    assert log_rank({"B": B, "A": A}).statistic == pytest.approx(log_rank({"A": A, "B": B}).statistic, rel=1e-12)


def test_one_stratum_is_the_plain_test() -> None:
    plain, stratified = log_rank({"A": A, "B": B}), stratified_log_rank({"all": {"A": A, "B": B}})
    assert stratified.statistic == pytest.approx(plain.statistic, rel=1e-12)
    assert stratified.p_value == pytest.approx(plain.p_value, rel=1e-12)
    assert stratified.groups == plain.groups


def test_two_equal_strata_double_what_is_observed_expected_and_its_variance() -> None:
    one, two = log_rank({"A": A, "B": B}), stratified_log_rank({"x": {"A": A, "B": B}, "y": {"B": B, "A": A}})
    assert two.statistic == pytest.approx(2 * one.statistic, rel=1e-12)  # (2 u)² / (2 v)
    assert [group.n for group in two.groups] == [6, 6]


def test_a_stratum_with_one_group_adds_its_patients_and_no_information() -> None:
    one = log_rank({"A": A, "B": B})
    two = stratified_log_rank({"x": {"A": A, "B": B}, "y": {"B": B}})
    assert two.statistic == pytest.approx(one.statistic, rel=1e-12)
    assert two.groups[1].observed == 1 + 1
    assert two.groups[1].expected == pytest.approx(one.groups[1].expected + 1, rel=1e-12)


def test_a_group_gone_before_the_first_event_takes_no_degree_of_freedom() -> None:
    gone = RiskTable([0], [0], [7])
    test = log_rank({"gone": gone, "A": A, "B": B})
    assert test.degrees_of_freedom == 1
    assert test.statistic == pytest.approx(log_rank({"A": A, "B": B}).statistic, rel=1e-12)
    assert (test.groups[0].n, test.groups[0].observed, test.groups[0].expected) == (7, 0, 0)


def test_identical_groups_give_a_statistic_of_0_and_a_p_value_of_1() -> None:
    test = log_rank({"A": A, "same": A})
    assert (test.statistic, test.p_value) == (pytest.approx(0, abs=1e-20), pytest.approx(1))


def test_no_event_in_any_group_is_not_estimable() -> None:
    censored = RiskTable([3], [0], [4])
    with pytest.raises(NotEstimable, match="no patient had the event"):
        log_rank({"A": censored, "B": censored})


def test_groups_that_are_never_at_risk_together_are_not_estimable() -> None:
    early, late = RiskTable([1, 2], [1, 1], [3, 3]), RiskTable([1, 9], [0, 1], [1, 1])
    with pytest.raises(NotEstimable, match="while patients of all groups were at risk"):
        stratified_log_rank({"x": {"early": early}, "y": {"late": late}})
    with pytest.raises(NotEstimable, match="while patients of all groups were at risk"):
        log_rank({"A": RiskTable([0], [0], [5]), "B": B})


def test_everyone_with_the_event_on_one_day_is_not_estimable() -> None:
    with pytest.raises(NotEstimable, match="while patients of all groups were at risk"):
        log_rank({"A": RiskTable([0], [1], [5]), "B": RiskTable([0], [1], [3])})


def test_fewer_than_two_groups_are_refused() -> None:
    with pytest.raises(InvalidInput, match="groups: expected at least two to compare, received 1"):
        log_rank({"A": A})
    with pytest.raises(InvalidInput, match="groups: expected at least two to compare, received 0"):
        stratified_log_rank({})


def test_competing_causes_are_refused_with_the_group_named() -> None:
    with pytest.raises(InvalidInput, match=r"tables\['B'\]: expected no competing causes"):
        log_rank({"A": A, "B": RiskTable([1], [2], [1])})


def test_labels_are_not_read_as_anything_else() -> None:
    test = log_rank({"observed:removed:": A, "": B})
    assert test.statistic == pytest.approx(log_rank({"A": A, "B": B}).statistic, rel=1e-12)


def test_a_hundred_million_patients_are_no_obstacle() -> None:
    big = {
        label: RiskTable(table.time, table.outcome, table.count * 33_333_333)
        for label, table in {"A": A, "B": B}.items()
    }
    assert log_rank(big).groups[0].observed == 2 * 33_333_333
    assert kaplan_meier(big["A"]).survival == pytest.approx(kaplan_meier(A).survival, rel=1e-12)


def test_importing_the_package_does_not_import_its_slow_libraries() -> None:
    code = "import timeline.survival, sys; print([m for m in ('lifelines', 'pandas', 'scipy') if m in sys.modules])"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
