"""Hazard ratios that can be solved by hand, and where there is none."""

import math
import warnings

import pytest

from timeline.survival import InvalidInput, NotEstimable, RiskTable, cox

A = RiskTable([1, 3, 5], [1, 1, 0], [1, 1, 1])
B = RiskTable([2, 4, 6], [1, 0, 0], [1, 1, 1])


def test_the_ratio_solves_the_score_equation() -> None:
    # With hazard ratio r of B over A, the events see B in 3 r / (3 + 3 r), 3 r / (2 + 3 r) and 2 r / (2 + 2 r).
    fit = cox({"A": A, "B": B})
    r = fit.ratios[0].ratio
    assert 3 * r / (3 + 3 * r) + 3 * r / (2 + 3 * r) + 2 * r / (2 + 2 * r) == pytest.approx(1, rel=1e-9)
    assert (fit.ratios[0].label, fit.ratios[0].reference, fit.n, fit.events) == ("B", "A", 6, 3)
    shares = [3 * r / (3 + 3 * r), 3 * r / (2 + 3 * r), 2 * r / (2 + 2 * r)]
    error = 1 / math.sqrt(sum(share * (1 - share) for share in shares))
    assert fit.ratios[0].standard_error == pytest.approx(error, rel=1e-9)
    assert fit.ratios[0].upper == pytest.approx(r * math.exp(1.959963984540054 * error), rel=1e-9)
    assert fit.wald.statistic == pytest.approx((math.log(r) / error) ** 2, rel=1e-9)
    at_one = math.log(1 / 6) + math.log(1 / 5) + math.log(1 / 4)
    at_r = math.log(1 / (3 + 3 * r)) + math.log(r / (2 + 3 * r)) + math.log(1 / (2 + 2 * r))
    assert fit.likelihood_ratio.statistic == pytest.approx(2 * (at_r - at_one), rel=1e-9)


def test_without_ties_the_score_test_is_the_log_rank_test() -> None:
    expected = 3 / 6 + 2 / 5 + 2 / 4
    variance = 3 / 6 * 3 / 6 + 2 / 5 * 3 / 5 + 2 / 4 * 2 / 4
    assert cox({"A": A, "B": B}).score.statistic == pytest.approx((2 - expected) ** 2 / variance, rel=1e-12)


def test_tied_events_leave_one_after_the_other_on_average() -> None:
    # Day 1: two of A and one of B, among 4 and 4: the second event sees 4 - 2/3 of A in 7, the third 4 - 4/3 in 6.
    tied = {"A": RiskTable([1, 2], [1, 0], [2, 2]), "B": RiskTable([1, 2], [1, 0], [1, 3])}
    shares = [4 / 8, (4 - 2 / 3) / 7, (4 - 4 / 3) / 6]
    score = (2 - sum(shares)) ** 2 / sum(share * (1 - share) for share in shares)
    assert cox(tied).score.statistic == pytest.approx(score, rel=1e-12)


def test_swapping_the_reference_inverts_the_ratio() -> None:
    one, two = cox({"A": A, "B": B}).ratios[0], cox({"A": A, "B": B}, reference="B").ratios[0]
    assert (one.label, two.label) == ("B", "A")
    assert one.ratio == pytest.approx(1 / two.ratio, rel=1e-9)
    assert one.lower == pytest.approx(1 / two.upper, rel=1e-9)
    assert one.p_value == pytest.approx(two.p_value, rel=1e-9)


def test_identical_groups_have_a_ratio_of_1() -> None:
    fit = cox({"A": A, "same": A})
    assert fit.ratios[0].ratio == pytest.approx(1, abs=1e-9)
    assert fit.score.p_value == pytest.approx(1)


def test_a_thousand_censored_patients_are_one_row() -> None:
    crowd = {"A": RiskTable([2, 9], [1, 0], [3, 1000]), "B": RiskTable([2, 9], [1, 0], [6, 1000])}
    assert cox(crowd).ratios[0].ratio == pytest.approx((6 / 1006) / (3 / 1003), rel=1e-2)


def test_a_group_without_events_has_no_finite_ratio() -> None:
    none = RiskTable([9], [0], [50])
    message = "'none' over that of 'A' would be 0: no patient of 'none' had the event while one of 'A' was at risk"
    with pytest.raises(NotEstimable, match=message):
        cox({"A": A, "none": none})
    with pytest.raises(NotEstimable, match="the hazard of 'none'"):
        cox({"none": none, "A": A, "B": B})


def test_groups_whose_times_do_not_overlap_have_no_finite_ratio() -> None:
    # Every event of "late" happens when nobody of "early" is left, although both groups have events.
    early, late = RiskTable([1, 2], [1, 1], [3, 3]), RiskTable([5, 6], [1, 1], [3, 3])
    with pytest.raises(NotEstimable, match="the hazard of 'late' over that of 'early' would be 0"):
        cox({"early": early, "late": late})


def test_a_ratio_is_found_where_one_group_bridges_two_that_never_meet() -> None:
    early, late = RiskTable([1, 2], [1, 0], [2, 2]), RiskTable([3, 4], [1, 0], [2, 2])
    bridge = RiskTable([1, 3, 4], [1, 1, 0], [1, 1, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = cox({"bridge": bridge, "early": early, "late": late})
    assert [0 < ratio.ratio < math.inf for ratio in fit.ratios] == [True, True]


def test_no_event_at_all_is_not_estimable() -> None:
    with pytest.raises(NotEstimable, match="would be 0"):
        cox({"A": RiskTable([3], [0], [4]), "B": RiskTable([3], [0], [4])})


def test_arguments_without_meaning_are_refused() -> None:
    with pytest.raises(InvalidInput, match="reference: expected one of 'A', 'B', received 'C'"):
        cox({"A": A, "B": B}, reference="C")
    with pytest.raises(InvalidInput, match="groups: expected at least two to compare, received 1"):
        cox({"A": A})
    with pytest.raises(InvalidInput, match="confidence: expected a number between 0 and 1, received 0"):
        cox({"A": A, "B": B}, confidence=0)
    with pytest.raises(InvalidInput, match=r"tables\['A'\]: expected no competing causes"):
        cox({"A": RiskTable([1], [2], [1]), "B": B})


def test_a_ratio_is_found_where_steps_from_1_would_overshoot_it() -> None:
    # One patient, who has the event, beside 22 + 5: the ratio r solves Σ r (6 - i) / (162 - 5 i + r (6 - i)) = 1.
    one_of_few = {"many": RiskTable([0, 0], [0, 1], [22, 5]), "one": RiskTable([0], [1], [1])}
    r = cox(one_of_few).ratios[0].ratio
    assert sum(r * (6 - i) / (162 - 5 * i + r * (6 - i)) for i in range(6)) == pytest.approx(1, rel=1e-9)


def test_a_fit_that_does_not_converge_is_said_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timeline.survival.newton.STEPS", 1)
    with pytest.raises(NotEstimable, match="the fit did not converge in 1 steps"):
        cox({"A": A, "B": B})
