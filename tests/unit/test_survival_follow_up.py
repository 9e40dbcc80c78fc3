"""Follow-up: its median, its range, and how complete it was."""

import pytest

from timeline.survival import (
    InvalidInput,
    NotEstimable,
    RiskTable,
    completeness_of_follow_up,
    follow_up,
    median_follow_up,
)

# Ten patients: events on days 1 and 4, one of a competing cause on day 2, and censored on days 2, 3 and 6.
TABLE = RiskTable([1, 2, 2, 3, 4, 6], [1, 2, 0, 0, 1, 0], [1, 1, 1, 1, 1, 5])


def test_the_range_is_of_all_patients_and_of_those_censored() -> None:
    found = follow_up(TABLE)
    assert (found.shortest, found.longest) == (1, 6)
    assert (found.shortest_censored, found.longest_censored) == (2, 6)
    assert (found.n, found.censored) == (10, 1 + 1 + 5)
    assert found.median == median_follow_up(TABLE)


def test_median_follow_up_counts_every_cause_as_the_end_of_follow_up() -> None:
    # Reversed: day 2, 1 of 9; day 3, 1 of 7; day 6, 5 of 5.
    assert median_follow_up(TABLE).time == 6


def test_without_censored_patients_there_is_no_median_and_no_range_of_them() -> None:
    found = follow_up(RiskTable([2, 5], [1, 2], [3, 1]))
    assert (found.median.time, found.shortest_censored, found.longest_censored) == (None, None, None)
    assert (found.shortest, found.longest) == (2, 5)


def test_completeness_is_observed_over_potential_time() -> None:
    # The first was followed 60 of 100 days, the second 80 of 80; the third died on day 40 and could not be longer.
    found = completeness_of_follow_up([60, 80, 40], [0, 0, 1], [100, 80, 120])
    assert (found.observed, found.potential) == (60 + 80 + 40, 100 + 80 + 40)
    assert found.completeness == pytest.approx(180 / 220, rel=1e-12)


def test_completeness_of_counts_is_that_of_their_patients() -> None:
    by_count = completeness_of_follow_up([60, 40], [0, 1], [100, 120], count=[3, 2])
    one_by_one = completeness_of_follow_up([60, 60, 60, 40, 40], [0, 0, 0, 1, 1], [100, 100, 100, 120, 120])
    assert by_count == one_by_one


def test_nobody_lost_is_a_completeness_of_1() -> None:
    assert completeness_of_follow_up([10, 20], [0, 2], [10, 50]).completeness == 1


def test_a_censored_patient_followed_beyond_the_cut_off_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no patient followed beyond the cut-off, received 50 with time 60 in row 1"):
        completeness_of_follow_up([10, 60], [0, 0], [10, 50])


def test_arrays_of_different_length_and_no_time_at_all_are_refused() -> None:
    with pytest.raises(InvalidInput, match="arrays of equal length, received 2, 1, 2 and 2"):
        completeness_of_follow_up([10, 60], [0], [10, 50])
    with pytest.raises(NotEstimable, match="nobody could be followed for a day"):
        completeness_of_follow_up([0], [0], [0])
    with pytest.raises(NotEstimable, match="nobody could be followed for a day"):
        completeness_of_follow_up([], [], [])
