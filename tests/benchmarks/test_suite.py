"""The benchmarks give the same results on every system, at a size that takes seconds."""

from importlib import import_module
from pathlib import Path

import duckdb
import pytest

from benchmarks.histories import write_histories
from benchmarks.suite.child import write
from benchmarks.suite.compare import differences
from benchmarks.suite.data import Place, make
from benchmarks.suite.outputs import names_of
from benchmarks.suite.runs import run
from benchmarks.suite.systems import IN_PYTHON, OURS, WORKLOADS, missing

PATIENTS = 400
PAIRS = [(workload, system) for workload, systems in WORKLOADS.items() for system in systems]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("benchmark"), PATIENTS)
    make(place, csv=missing("r", None) is None, meds=True)
    return place


@pytest.fixture(scope="module")
def results(place: Place) -> dict[tuple[str, str], Path]:
    """Folders with the tables of what was run already."""
    return {}


def _tables(system: str, workload: str, place: Place, results: dict[tuple[str, str], Path]) -> Path:
    folder = place.root / "results" / system / workload
    if (system, workload) not in results:
        if system in IN_PYTHON:
            prepared = import_module(f"benchmarks.suite.systems.{system}").WORKLOADS[workload](place)
            write(folder, workload, prepared())
        else:
            run(system, workload, place, folder)
        results[system, workload] = folder
    return folder


@pytest.mark.parametrize(("workload", "system"), PAIRS)
def test_every_system_gives_the_same_result(
    workload: str, system: str, place: Place, results: dict[tuple[str, str], Path]
) -> None:
    if why := missing(system, None):
        pytest.skip(why)
    ours = _tables(OURS, workload, place, results)
    theirs = _tables(system, workload, place, results)
    assert differences(ours, theirs) == ""


@pytest.mark.parametrize("workload", WORKLOADS)
def test_results_have_rows(workload: str, place: Place, results: dict[tuple[str, str], Path]) -> None:
    folder = _tables(OURS, workload, place, results)
    for name in names_of(workload):
        assert duckdb.read_parquet(str(folder / f"{name}.parquet")).shape[0] > 0


def test_a_difference_names_the_rows(tmp_path: Path) -> None:
    for name, days in (("ours", "(1), (2), (2)"), ("theirs", "(1), (2), (3)")):
        (tmp_path / name).mkdir()
        duckdb.sql(f"COPY (FROM (VALUES {days}) AS t(time)) TO '{tmp_path / name}/rows.parquet' (FORMAT parquet)")
    found = differences(tmp_path / "ours", tmp_path / "theirs")
    assert found.count("1 rows are in") == 2
    assert "│     2 │" in found
    assert "│     3 │" in found


def test_an_estimate_may_differ_by_its_last_digits_only(tmp_path: Path) -> None:
    for name, value in (("ours", 0.25), ("near", 0.25 * (1 + 1e-12)), ("far", 0.25 * (1 + 1e-6))):
        (tmp_path / name).mkdir()
        query = f"SELECT 'survival' AS name, {value!r}::DOUBLE AS value"
        duckdb.sql(f"COPY ({query}) TO '{tmp_path / name}/figures.parquet' (FORMAT parquet)")
    assert differences(tmp_path / "ours", tmp_path / "near") == ""
    assert "survival" in differences(tmp_path / "ours", tmp_path / "far")


def test_a_system_without_a_common_table_is_not_equal(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    assert "no table in common" in differences(tmp_path / "ours", tmp_path / "theirs")


# --- the histories


def test_a_history_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    events = []
    for folder, patients in ((tmp_path / "few", 20), (tmp_path / "more", 50)):
        [path] = write_histories(folder, patients)
        events.append(duckdb.sql(f"FROM '{path}' WHERE patient < 'P000000020'").fetchall())
    assert events[0] == events[1]


def test_another_seed_gives_other_histories(tmp_path: Path) -> None:
    [path], [other] = (write_histories(tmp_path / str(seed), 20, seed) for seed in (1, 2))
    assert duckdb.sql(f"FROM '{path}'").fetchall() != duckdb.sql(f"FROM '{other}'").fetchall()


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("a patient who was never registered", "count(DISTINCT patient) FILTER (event = 'registration') < 400"),
        ("a margin that is not known", "count(*) FILTER (event = 'surgery' AND r_status IS NULL) > 0"),
        ("a course of radiotherapy", "count(*) FILTER (event = 'radiotherapy' AND \"end\" > start) > 0"),
        ("radiotherapy without an end", "count(*) FILTER (event = 'radiotherapy' AND \"end\" IS NULL) > 0"),
        ("a birth date that is not known", "count(*) FILTER (event = 'registration' AND birth_date IS NULL) > 0"),
        ("about 20 events a patient", "count(*) BETWEEN 400 * 18 AND 400 * 25"),
    ],
)
def test_histories_have(what: str, query: str, place: Place) -> None:
    [(there,)] = duckdb.sql(f"SELECT {query} FROM '{place.histories}/*.parquet'").fetchall()
    assert there, what


def test_histories_have_two_operations_on_one_day(place: Place) -> None:
    operations = f"FROM '{place.histories}/*.parquet' WHERE event = 'surgery'"
    assert duckdb.sql(f"SELECT 1 {operations} GROUP BY patient, start HAVING count(*) > 1").shape[0] > 0


def test_the_store_has_corrections(place: Place) -> None:
    from timeline.log import Log

    kinds = [commit.kind for commit in Log.open(place.store).commits()]
    assert kinds.count("amend") == 1
    assert kinds.count("retract") == 1
