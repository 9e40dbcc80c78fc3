"""Standard errors and limits of shares in states are R's: `etm`'s, and `survfit`'s where a patient moves once at most.

For patients who move more often `survfit` has the infinitesimal jackknife over patients, which is close to it.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reference_data import course, patients

from timeline.survival import STAYS, Limits, StateIntervals, StateOccupation, state_occupation

REFERENCE: dict[str, Any] = json.loads((Path(__file__).parent / "states.json").read_text())
ESTIMATE = {"rel": 1e-9, "abs": 1e-12}


def at(found: StateOccupation, days: list[int], part: str) -> Any:
    return getattr(found, part)[np.searchsorted(found.time, days, side="right") - 1]


@pytest.mark.parametrize("name", REFERENCE["courses"])
def test_standard_errors_are_those_of_etm(name: str) -> None:
    expected = REFERENCE["courses"][name]
    found = state_occupation(course(name))
    for part in ("share", "standard_error"):
        assert at(found, expected["time"], part) == pytest.approx(np.array(expected[part]), **ESTIMATE), part


@pytest.mark.parametrize("name", REFERENCE["courses"])
def test_standard_errors_are_near_the_jackknife_of_survfit(name: str) -> None:
    expected = REFERENCE["courses"][name]
    found = at(state_occupation(course(name)), expected["time"], "standard_error")
    assert np.abs(found - np.array(expected["jackknife"])).max() < 0.002  # of shares from 0 to 1


@pytest.mark.parametrize("scale", ["log-log", "log", "plain"])
@pytest.mark.parametrize("name", REFERENCE["limits"])
def test_where_a_patient_moves_once_at_most_errors_and_limits_are_those_of_survfit(name: str, scale: Limits) -> None:
    expected = REFERENCE["limits"][name][scale]
    rows = patients(name)
    to = np.where(rows.outcome == 0, STAYS, rows.outcome)
    zeros = np.zeros_like(rows.time)
    found = state_occupation(StateIntervals(("free", "1", "2"), zeros, zeros, rows.time, to), limits=scale)
    for part in ("share", "standard_error", "lower", "upper"):
        wanted = np.array(expected[part], dtype=np.float64)
        mine = at(found, expected["time"], part)
        known = ~np.isnan(wanted) & ~np.isnan(mine)
        assert mine[known] == pytest.approx(wanted[known], **ESTIMATE), part
        assert known.mean() > 0.8  # without shares of 0 and 1, to which the two give limits of their own
