"""The figures of queries/m1.tql bite: after an edit of one event, exactly those fail that the edit moves.

Which figures an edit moves is recomputed from the edited rows with pandas and lifelines alone.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

import dsl
from timeline.ingest import import_file
from timeline.library import Library, read_source
from timeline.log import Log
from timeline.study.run import run_study

from .figures import compute
from .histories import ROOT

Edit = Callable[[pd.DataFrame, int], pd.DataFrame]

STUDY = dsl.check(read_source(ROOT / "queries" / "m1.tql"), load=Library())
FLIPPED = {"R0": "R1", "R1": "R0", "1": "3", "2": "4", "3": "1", "4": "2", "5": "1"}


def _moved(days: int) -> Edit:
    def edit(events: pd.DataFrame, row: int) -> pd.DataFrame:
        edited = events.copy()
        edited.loc[row, "start"] = str(date.fromisoformat(edited.loc[row, "start"]) + timedelta(days))
        return edited

    return edit


def _flipped(column: str) -> Edit:
    def edit(events: pd.DataFrame, row: int) -> pd.DataFrame:
        edited = events.copy()
        edited.loc[row, column] = FLIPPED[edited.loc[row, column]]
        return edited

    return edit


def _removed(events: pd.DataFrame, row: int) -> pd.DataFrame:
    return events.drop(index=row)


EDITS: dict[str, tuple[int, str, Edit]] = {
    "a death 60 days later": (3, "death", _moved(60)),
    "a death 60 days earlier": (3, "death", _moved(-60)),
    "a recurrence 60 days later": (2, "recurrence", _moved(60)),
    "a recurrence 60 days earlier": (2, "recurrence", _moved(-60)),
    "an R status flipped": (3, "surgery", _flipped("r_status")),
    "a Mandard grade flipped": (3, "pathology", _flipped("trg")),
    "a death removed": (1, "death", _removed),
    "a recurrence removed": (1, "recurrence", _removed),
    "a cycle removed": (1, "chemotherapy", _removed),
    "an operation removed": (1, "surgery", _removed),
}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The fixture's events as text, so that what is not edited stays as it is written."""
    return pd.read_csv(ROOT / "fixtures" / "m1" / "events.csv", dtype=str, keep_default_na=False)


def _failing_in_the_study(events: pd.DataFrame, folder: Path) -> set[str]:
    file = folder / "events.csv"
    events.to_csv(file, index=False)
    log = Log.create(folder / "store", STUDY.program.catalog)
    import_file(log, str(file))
    result = run_study(STUDY, log)
    return {item.place.split()[0] for item in result.expectations if not item.passes}


def _failing_by_pandas(events: pd.DataFrame, folder: Path) -> set[str]:
    events.to_csv(folder / "again.csv", index=False)
    stated = {item.place.split()[0] for item in STUDY.program.expectations}
    figures = compute(pd.read_csv(folder / "again.csv"))
    return {name for name, figure in figures.items() if name in stated and figure.holds == (figure.kind == "X")}


def test_there_are_twenty_edits() -> None:
    assert sum(count for count, _, _ in EDITS.values()) == 20


def test_the_study_states_every_printed_implied_and_contradicted_figure(rows: pd.DataFrame, tmp_path: Path) -> None:
    rows.to_csv(tmp_path / "events.csv", index=False)
    figures = compute(pd.read_csv(tmp_path / "events.csv"))
    stated = [item.place.split()[0] for item in STUDY.program.expectations]
    assert sorted(stated) == sorted(name for name, figure in figures.items() if figure.kind in "PDX")
    assert len(stated) == 80 + 15 + 2


def test_without_an_edit_nothing_fails(rows: pd.DataFrame, tmp_path: Path) -> None:
    assert _failing_in_the_study(rows, tmp_path) == _failing_by_pandas(rows, tmp_path) == set()


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_fails_exactly_the_figures_that_it_moves(name: str, rows: pd.DataFrame, tmp_path: Path) -> None:
    count, event, edit = EDITS[name]
    graded = (rows["event"] != "pathology") | (rows["trg"] != "")
    left = list(rows.index[(rows["event"] == event) & graded])
    random.Random(name).shuffle(left)
    quiet = count > 1  # edits that move no figure say little: one of a kind is enough
    for number in range(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        edited = edit(rows, left.pop())
        while not (moved := _failing_by_pandas(edited, folder)) and not quiet:
            edited = edit(rows, left.pop())
        quiet = quiet and bool(moved)
        assert _failing_in_the_study(edited, folder) == moved
