"""Edited events move the figures that rest on them, and no edit makes the computation raise."""

from datetime import date, timedelta

import pandas as pd
import pytest

from .figures import compute

UNEDITED = {"E4"}
"""Fails before any edit."""


def _failing(events: pd.DataFrame) -> set[str]:
    return {id for id, figure in compute(events).items() if figure.holds == (figure.kind == "X")}


def _moved(events: pd.DataFrame, row: int, days: int) -> pd.DataFrame:
    edited = events.copy()
    edited.loc[row, "start"] = (date.fromisoformat(str(edited.loc[row, "start"])) + timedelta(days=days)).isoformat()
    return edited


def _changed(events: pd.DataFrame, row: int, name: str, value: str | int) -> pd.DataFrame:
    edited = events.copy()
    edited.loc[row, name] = value
    return edited


def _rows(events: pd.DataFrame, kind: str, **where: object) -> list[int]:
    chosen = events["event"] == kind
    for name, value in where.items():
        chosen &= events[name] == value
    return [int(row) for row in events.index[chosen]]


def test_a_flipped_margin_moves_the_radical_group(events: pd.DataFrame) -> None:
    r1 = _rows(events, "surgery", r_status="R1")[0]
    failing = _failing(_changed(events, r1, "r_status", "R0"))
    assert {"D1", "D3", "E22"} <= failing
    assert not {"A1", "D8", "D10", "E7", "E11", "F28"} & failing


def test_a_flipped_grade_moves_the_responses_alone(events: pd.DataFrame) -> None:
    complete = _rows(events, "pathology", trg=1)[0]
    failing = _failing(_changed(events, complete, "trg", 2))
    assert {"D10", "D11", "D12", "F34"} <= failing
    assert all(id in {"D10", "D11", "D12"} or id.startswith("F3") or id in {"F40"} for id in failing - UNEDITED)


def test_a_removed_death_moves_survival(events: pd.DataFrame) -> None:
    failing = _failing(events.drop(index=_rows(events, "death")[0]))
    assert {"E7", "E8", "E17"} <= failing


def test_a_removed_last_follow_up_of_a_survivor_moves_no_count(events: pd.DataFrame) -> None:
    patient = (set(events["patient"]) - set(events.loc[_rows(events, "death"), "patient"])).pop()
    last = _rows(events, "follow_up", patient=patient)[-1]
    assert not {"E7", "E8", "E14", "E16"} & _failing(events.drop(index=last))


def test_a_recurrence_moved_past_the_first_year_moves_its_rate(events: pd.DataFrame) -> None:
    days = {}
    for patient, rows in events.groupby("patient"):
        operations = rows.loc[(rows["event"] == "surgery") & (rows["intent"] == "curative"), "start"]
        found = rows.loc[rows["event"] == "recurrence", "start"]
        if len(operations) and len(found):
            days[patient] = (date.fromisoformat(found.iloc[0]) - date.fromisoformat(operations.iloc[-1])).days
    (patient,) = [patient for patient, elapsed in days.items() if elapsed == 365]
    edited = _moved(events, _rows(events, "recurrence", patient=patient)[0], 1)
    assert _failing(edited) - UNEDITED == {"F14"}


def test_no_events_at_all_fail_figures_and_raise_nothing(events: pd.DataFrame) -> None:
    assert {"A1", "A2", "E11", "E21", "F28"} <= _failing(events.iloc[:0])


@pytest.mark.parametrize("kind", ["registration", "radiotherapy", "chemotherapy", "surgery", "pathology", "metastasis",
                                  "recurrence", "recurrence_treatment", "follow_up", "close_out", "death"])  # fmt: skip
def test_an_event_type_that_is_missing_altogether_fails_figures_and_raises_nothing(
    events: pd.DataFrame, kind: str
) -> None:
    assert _failing(events[events["event"] != kind]) - UNEDITED


@pytest.mark.parametrize("column", ["start", "birth_date", "lesions", "trg", "site", "r_status"])
def test_a_value_that_cannot_be_read_is_missing(events: pd.DataFrame, column: str) -> None:
    edited = events.astype(object).copy()
    edited[column] = "unreadable"
    assert _failing(edited) - UNEDITED
