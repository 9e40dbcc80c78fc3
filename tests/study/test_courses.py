"""States over time and the phases of swimmer plots, by hand."""

from statistics import NormalDist

import numpy as np
import pytest

from tests.study.support import run
from timeline.log import Log
from timeline.study.results import Passage, Phase, StatesResult, SwimmerResult

STATES = 'states os in all_patients starting "free" through recurrence as "recurred" at 320 days, 400 days, 700 days'


def test_shares_are_the_patients_in_each_state_while_nobody_is_censored(trial: Log) -> None:
    [found] = run(trial, STATES).analyses
    assert isinstance(found, StatesResult)
    assert found.states == ("free", "recurred", "death")
    # By day 320: p1 and p6 free, p3 and p5 recurred, p2 and p4 dead.
    assert found.groups[0].at[0].shares == pytest.approx((2 / 6, 2 / 6, 2 / 6))
    # p6 was last seen on day 350, so all of the third that was free is p1, who died on day 400.
    assert found.groups[0].at[1].shares == pytest.approx((0, 2 / 6, 4 / 6))
    assert found.groups[0].at[2].shares is None  # p5, the last, was seen until day 600
    assert np.allclose(found.groups[0].curve.shares.sum(axis=0), 1)
    assert found.groups[0].curve.time[0] == 0


def test_passages_count_who_went_from_which_state_to_which(trial: Log) -> None:
    [found] = run(trial, STATES).analyses
    assert isinstance(found, StatesResult)
    assert found.groups[0].n == 6
    assert found.groups[0].passages == (
        Passage("free", "recurred", 3),  # p3, p4, p5
        Passage("free", "death", 2),  # p1, p2
        Passage("recurred", "death", 1),  # p4
    )


def test_the_state_written_last_holds_whatever_happens_later(trial: Log) -> None:
    text = 'states os in all_patients through recurrence as "recurred", surgery as "operated" at 320 days'
    [found] = run(trial, text).analyses
    assert isinstance(found, StatesResult)
    assert found.states == ("after registration", "recurred", "operated", "death")
    # p3 was operated on before the recurrence, p5 on its day: both stay operated, as p1 is; p6 has had nothing.
    assert found.groups[0].at[0].shares == pytest.approx((1 / 6, 0, 3 / 6, 2 / 6))


def test_limits_are_binomial_while_nobody_is_censored(trial: Log) -> None:
    [found] = run(trial, f"{STATES} limits plain").analyses
    assert isinstance(found, StatesResult)
    reach = NormalDist().inv_cdf(0.975) * (1 / 3 * 2 / 3 / 6) ** 0.5  # 2 of 6 patients in each state by day 320
    assert found.groups[0].at[0].lower == pytest.approx([max(1 / 3 - reach, 0)] * 3)
    assert found.groups[0].at[0].upper == pytest.approx([1 / 3 + reach] * 3)
    assert found.groups[0].at[1].lower[0] is None  # nobody is free any more


def test_each_group_goes_its_own_way(trial: Log) -> None:
    [found] = run(trial, STATES.replace(" starting", " by registration.arm starting")).analyses
    assert isinstance(found, StatesResult)
    assert [(group.label, group.n) for group in found.groups] == [("A", 3), ("B", 3)]
    # By day 320 p1 of arm A is free, p2 dead, p3 recurred; of arm B p4 is dead, p5 recurred, p6 free.
    assert found.groups[0].at[0].shares == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert found.groups[0].passages == (Passage("free", "recurred", 1), Passage("free", "death", 2))
    assert found.groups[1].passages == (Passage("free", "recurred", 2), Passage("recurred", "death", 1))


def test_who_has_no_group_is_left_out_of_the_states_by_name(trial: Log) -> None:
    text = 'states os in all_patients by registration.weight > 72 through recurrence as "recurred"'
    [found] = run(trial, text).analyses
    assert isinstance(found, StatesResult)
    assert [(out.reason, out.patients) for out in found.left_out] == [("registration.weight > 72 is unknown", ("p5",))]
    assert [group.n for group in found.groups] == [3, 2]  # p3, p4 and p6; p1 and p2


def test_states_are_of_those_for_whom_a_condition_is_true(trial: Log) -> None:
    text = STATES.replace(" starting", " where registration.sex = male starting")
    [found] = run(trial, text).analyses
    assert isinstance(found, StatesResult)
    assert (found.groups[0].n, found.where) == (3, "registration.sex = male")
    # By day 320 p3 has recurred, p4 has died, p6 is free.
    assert found.groups[0].at[0].shares == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_a_swimmer_plot_has_a_phase_for_each_state(trial: Log) -> None:
    text = 'swimmer all_patients along os starting "free" through recurrence as "recurred" lanes surgery'
    [found] = run(trial, text).analyses
    assert isinstance(found, SwimmerResult)
    rows = {row.patient: row for row in found.rows}
    assert rows["p3"].phases == (Phase("free", 0, 200), Phase("recurred", 200, 500))
    assert rows["p6"].phases == (Phase("free", 0, 350),)
    assert [event.start_day for event in rows["p3"].events] == [30]
    assert (rows["p3"].ongoing, rows["p4"].ongoing) == (True, False)
    assert [row.patient for row in found.rows] == ["p5", "p3", "p1", "p6", "p4", "p2"]  # 600, 500, 400, 350, 300, 50
    assert found.phases == ("free", "recurred")


def test_lanes_count_from_the_day_they_are_aligned_on(trial: Log) -> None:
    text = "swimmer all_patients lanes death, follow_up aligned at first surgery"
    [found] = run(trial, text).analyses
    assert isinstance(found, SwimmerResult)
    assert {row.patient: row.events[0].start_day for row in found.rows} == {"p1": 300, "p3": 470, "p5": 540}
    assert found.without_day == 3  # p2, p4 and p6 were never operated on


def test_who_enters_a_state_on_the_day_of_censoring_is_in_it(trial: Log) -> None:
    text = 'states os in all_patients through follow_up as "seen" at 400 days, 500 days'
    [found] = run(trial, text).analyses
    assert isinstance(found, StatesResult)
    assert found.groups[0].n == 6
    # p3, p5 and p6 are censored on the day on which they are seen: p6 by day 400, p3 by day 500.
    assert found.groups[0].at[0].shares == pytest.approx((2 / 6, 1 / 6, 3 / 6))
    assert found.groups[0].passages == (
        Passage("after registration", "seen", 3),
        Passage("after registration", "death", 3),
    )
