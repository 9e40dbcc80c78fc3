"""The adjuvant colon cancer trial, from its events to R's results, without the query language.

The expected numbers are those of R's `survival` on the data as it ships them; printed with six decimals there, they are
met to half a unit of the sixth.
"""

import csv
import datetime
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from timeline.survival import RiskTable, kaplan_meier, log_rank

ROOT = Path(__file__).parents[2]
ARMS = ("Obs", "Lev", "Lev+5FU")
SIX_DECIMALS = {"rel": 0, "abs": 5e-7}

History = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    out = tmp_path_factory.mktemp("colon") / "events.csv"
    subprocess.run([sys.executable, ROOT / "fixtures/colon/convert.py", out], check=True)
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def histories(events: list[dict[str, str]]) -> list[History]:
    """One patient's events by type: none has two of a type."""
    by_patient: dict[str, History] = {}
    for event in events:
        history = by_patient.setdefault(event["patient"], {})
        assert event["event"] not in history
        history[event["event"]] = event
    return list(by_patient.values())


@dataclass(frozen=True)
class Endpoint:
    """How long from randomisation, and whether the event happened; and what R finds."""

    until: Callable[[History], tuple[str, bool]]
    events: list[int]
    medians: list[float | None]
    chi_square: float


def first(history: History, *types: str) -> str | None:
    return min((history[name]["start"] for name in types if name in history), default=None)


def last_seen(history: History) -> str:
    return (history.get("death") or history["follow_up"])["start"]


def until(*types: str) -> Callable[[History], tuple[str, bool]]:
    def outcome(history: History) -> tuple[str, bool]:
        day = first(history, *types)
        return (last_seen(history), False) if day is None else (day, True)

    return outcome


OS = Endpoint(until("death"), [168, 161, 123], [2083, 2152, None], 11.683093)
RFS = Endpoint(until("recurrence", "death"), [190, 182, 134], [1081, 1027.5, None], 21.031903)
TIME_TO_RECURRENCE = Endpoint(until("recurrence"), [177, 172, 119], [1236, 1183, None], 23.061738)


def tables(histories: list[History], endpoint: Endpoint) -> dict[str, RiskTable]:
    times: dict[str, list[int]] = {arm: [] for arm in ARMS}
    outcomes: dict[str, list[int]] = {arm: [] for arm in ARMS}
    for history in histories:
        day, happened = endpoint.until(history)
        origin = datetime.date.fromisoformat(history["randomisation"]["start"])
        arm = history["randomisation"]["arm"]
        times[arm].append((datetime.date.fromisoformat(day) - origin).days)
        outcomes[arm].append(int(happened))
    return {arm: RiskTable.from_patients(times[arm], outcomes[arm]) for arm in ARMS}


def test_every_patient_has_the_events_that_the_data_tell(
    events: list[dict[str, str]], histories: list[History]
) -> None:
    assert len(histories) == 929
    assert Counter(event["event"] for event in events) == {
        "registration": 929,
        "diagnosis": 929,
        "randomisation": 929,
        "recurrence": 177 + 172 + 119,
        "death": 168 + 161 + 123,
        "follow_up": 929 - (168 + 161 + 123),
    }
    assert Counter(history["randomisation"]["arm"] for history in histories) == {"Obs": 315, "Lev": 310, "Lev+5FU": 304}
    assert Counter(history["registration"]["sex"] for history in histories) == {"male": 484, "female": 445}
    assert all(("death" in history) != ("follow_up" in history) for history in histories)


def test_five_patients_recur_and_die_on_one_day_and_have_both_events(histories: list[History]) -> None:
    same_day = [
        history["death"]["patient"]
        for history in histories
        if {"recurrence", "death"} <= set(history) and history["recurrence"]["start"] == history["death"]["start"]
    ]
    assert same_day == ["125", "277", "324", "365", "670"]


@pytest.mark.parametrize("endpoint", [OS, RFS, TIME_TO_RECURRENCE], ids=["os", "rfs", "time_to_recurrence"])
def test_events_medians_and_the_log_rank_test_are_rs(histories: list[History], endpoint: Endpoint) -> None:
    by_arm = tables(histories, endpoint)
    assert [table.events for table in by_arm.values()] == endpoint.events
    assert [kaplan_meier(table).median(plateau="midpoint").time for table in by_arm.values()] == endpoint.medians
    test = log_rank(by_arm)
    assert test.statistic == pytest.approx(endpoint.chi_square, **SIX_DECIMALS)
    assert test.degrees_of_freedom == 2


def test_exactly_half_of_lev_is_free_of_relapse_from_day_1026_to_1028_and_r_takes_the_middle(
    histories: list[History],
) -> None:
    curve = kaplan_meier(tables(histories, RFS)["Lev"])
    assert [curve.at(day).survival for day in (1026, 1028)] == pytest.approx([0.5, 0.5], rel=1e-12)
    assert curve.median().time == 1026
    assert curve.median(plateau="midpoint").time == (1026 + 1029) / 2  # R prints this as 1028


def test_overall_survival_at_five_years_is_rs(histories: list[History]) -> None:
    survival = [kaplan_meier(table).at(1825).survival for table in tables(histories, OS).values()]
    assert survival == pytest.approx([0.525669, 0.535371, 0.634015], **SIX_DECIMALS)


def test_a_second_conversion_gives_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for file in files:
        subprocess.run([sys.executable, ROOT / "fixtures/colon/convert.py", file], check=True)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    out = tmp_path / "missing" / "events.csv"
    run = subprocess.run(
        [sys.executable, ROOT / "fixtures/colon/convert.py", out], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert run.stderr.strip() == f"{out}: the events could not be written: No such file or directory"
