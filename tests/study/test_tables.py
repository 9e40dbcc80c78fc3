"""Tables of characteristics: shares of the known, missing apart, and balance on request."""

import csv
from pathlib import Path

from scipy import stats

from tests.study.support import run
from timeline.log import Log
from timeline.report.tables import table_cells, write_tables
from timeline.study.results import TableResult


def table(log: Log, text: str) -> TableResult:
    [result] = run(log, text).analyses
    assert isinstance(result, TableResult)
    return result


def test_shares_are_of_those_whose_value_is_known_and_missing_ones_stand_apart(trial: Log) -> None:
    heavy = 'case when registration.weight > 70 then "heavy" when registration.weight <= 70 then "light" end'
    cells = table_cells(table(trial, f'table all_patients show {heavy} "build"'))
    assert cells == [
        ["", "all (n = 6)"],
        ["build", ""],
        ["  heavy", "3 (60.0 %)"],  # p3, p4, p6 of the five who were weighed
        ["  light", "2 (40.0 %)"],
        ["  missing", "1 (16.7 %)"],  # p5 of six
    ]


def test_a_number_has_median_range_quartiles_mean_and_how_many_lack_it(trial: Log) -> None:
    cells = table_cells(table(trial, 'table all_patients show registration.weight "weight"'))
    assert cells[1:] == [
        ["weight, kg: median (range)", "75 (60 - 90)"],
        ["  quartiles", "70 - 80"],
        ["  mean (SD)", "75 (11.2)"],
        ["  missing", "1 (16.7 %)"],
    ]


def test_groups_are_compared_on_request(trial: Log) -> None:
    text = 'table all_patients by registration.sex show registration.weight "weight", registration.arm "arm"'
    weight, arm = table(trial, f"{text} with smd, tests").rows
    assert weight.test is not None
    assert weight.test.p_value == stats.kruskal([60, 70], [80, 90, 75]).pvalue
    assert weight.difference is not None
    assert arm.test is not None
    assert arm.test.p_value == stats.fisher_exact([[2, 1], [1, 2]]).pvalue
    plain, _ = table(trial, text).rows
    assert (plain.test, plain.difference) == (None, None)


def test_tables_are_written_as_csv_with_the_cells_of_the_report(trial: Log, tmp_path: Path) -> None:
    result = run(trial, "table all_patients by registration.sex show registration.arm with smd, tests")
    [path] = write_tables(result, tmp_path / "tables")
    assert path.name == "table-1-all_patients_by_registration_sex.csv"
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    [found] = result.analyses
    assert isinstance(found, TableResult)
    assert rows == table_cells(found)
    assert rows[0] == ["", "female (n = 3)", "male (n = 3)", "SMD", "p"]
