"""The reconstructed cohort meets what was published, is written again byte for byte, and holds no answers."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from dsl import read_catalog
from dsl.catalog import Catalog
from dsl.types import Code

from .figures import FIGURES, Figure, compute
from .histories import CSV, PROGRAM, ROOT, Histories, all_rows, of, starts

VOCABULARY = ROOT / "queries" / "vocabulary" / "oncology.tql"

DOSES = ("dose", "oxaliplatin", "capecitabine", "bevacizumab")

UNREACHABLE = {"E4"}
"""The last contact of a survivor cannot be 9.8 years after radiotherapy where overall survival ends at 9.4."""


@pytest.fixture(scope="module")
def figures(events: pd.DataFrame) -> dict[str, Figure]:
    return compute(events)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_catalog(VOCABULARY.read_text(encoding="utf-8"))


# --- the figures


def test_every_published_figure_is_stated_once() -> None:
    assert Counter(figure.kind for figure in FIGURES) == {"P": 80, "D": 15, "R": 16, "X": 2}
    assert len({figure.id for figure in FIGURES}) == 80 + 15 + 16 + 2


@pytest.mark.parametrize("id", [figure.id for figure in FIGURES if figure.kind in "PD"])
def test_a_printed_or_implied_figure_holds(figures: dict[str, Figure], id: str) -> None:
    assert figures[id].holds, figures[id]


@pytest.mark.parametrize("id", [figure.id for figure in FIGURES if figure.kind == "R"])
def test_an_alternative_reading_holds_unless_another_figure_excludes_it(figures: dict[str, Figure], id: str) -> None:
    assert figures[id].holds == (id not in UNREACHABLE), figures[id]


@pytest.mark.parametrize("id", [figure.id for figure in FIGURES if figure.kind == "X"])
def test_a_contradicted_figure_fails(figures: dict[str, Figure], id: str) -> None:
    assert not figures[id].holds, figures[id]


def test_weeks_to_surgery_round_to_25_from_the_first_fraction_as_well(histories: Histories) -> None:
    days = [
        (operations[0] - starts(rows, "radiotherapy")[0]).days
        for rows in histories.values()
        if len(of(rows, "chemotherapy")) == 6 and (operations := starts(rows, "surgery"))
    ]
    assert round(pd.Series(days).median() / 7) == 25


# Bounds for the printed rounding, in the unit of the figure: each value keeps a tenth of it away from the edge.
@pytest.mark.parametrize(
    ("ids", "half_unit"),
    [
        (("E1", "E3", "E5", "E11", "E19", "E20", "E23", "E24", "E25"), 0.05),
        (("F28", "F29", "F30", "F31", "F32", "F33", "F35", "F37", "F38", "F39"), 0.05),
        (("E21", "F34", "F36", "F40"), 0.0005),
    ],
)
def test_rounded_figures_keep_away_from_the_edge(
    figures: dict[str, Figure], ids: tuple[str, ...], half_unit: float
) -> None:
    for id in ids:
        published = float(figures[id].published.split()[0])
        (value,) = figures[id].computed
        assert abs(float(value) - published) <= 0.9 * half_unit, figures[id]


# --- the program


def test_two_runs_write_the_bytes_that_are_committed(tmp_path: Path) -> None:
    for hash_seed in ("1", "2"):
        path = tmp_path / f"{hash_seed}.csv"
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([sys.executable, str(PROGRAM), str(path)], check=True, env=environment, timeout=300)
        assert path.read_bytes() == CSV.read_bytes()


def test_the_program_imports_the_standard_library_alone() -> None:
    own = {path.stem for path in PROGRAM.parent.glob("*.py")}
    for path in PROGRAM.parent.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(("import ", "from ")):
                module = line.split()[1].split(".")[0]
                assert module in own | sys.stdlib_module_names, f"{path.name}: {line}"


# --- what the file holds


def test_every_attribute_and_code_is_declared(histories: Histories, catalog: Catalog) -> None:
    for row in all_rows(histories):
        declared = catalog.event(row["event"])
        assert declared is not None, row
        for name, value in row.items():
            if value and name not in ("patient", "event", "start", "end"):
                attribute = declared.attribute(name)
                assert attribute is not None, (name, row)
                if isinstance(attribute.type, Code):
                    assert value in attribute.type.codes, (name, row)


def test_every_column_is_used(events: pd.DataFrame) -> None:
    assert events.notna().any().all()


def test_events_that_happen_once_do(histories: Histories, catalog: Catalog) -> None:
    once = [declared.name for declared in catalog if declared.once]
    for rows in histories.values():
        assert all(len(of(rows, kind)) <= 1 for kind in once)


def test_ids_say_that_the_patients_are_synthetic(histories: Histories) -> None:
    assert list(histories) == [f"M1-SYN-{number:03}" for number in range(1, 51)]


def test_rows_are_in_order_of_patient_and_date_and_none_is_there_twice(histories: Histories) -> None:
    rows = list(all_rows(histories))
    assert rows == sorted(rows, key=lambda row: (row["patient"], row["start"]))
    assert max(Counter(tuple(row.values()) for row in rows).values()) == 1


def test_no_attribute_holds_a_survival_time(histories: Histories) -> None:
    for rows in histories.values():
        origins = starts(rows, "radiotherapy")[:1] + starts(rows, "surgery")[-1:]
        ends = starts(rows, "death", "recurrence", "progression", "follow_up", "close_out")
        days = {str((end - origin).days) for origin in origins for end in ends if (end - origin).days > 50}
        assert not days & {value for row in rows for name, value in row.items() if name not in DOSES}


def test_the_reason_that_treatment_ended_does_not_tell_who_is_radical(histories: Histories) -> None:
    reasons = {margin: set[str]() for margin in ("R0", "R1")}
    for rows in histories.values():
        if curative := of(rows, "surgery", intent="curative"):
            margin = max(row["r_status"] for row in curative)
            reasons[margin] |= {row["reason_ended"] for row in of(rows, "end_of_treatment")}
    assert reasons == {"R0": {"completed"}, "R1": {"completed"}}
