"""The exported files, read by pandas alone, give lifelines the medians and p-values of the study.

The M1 events are a reconstruction from published aggregates: synthetic, no patient's data.
"""

from pathlib import Path

import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from tests.export.conftest import Export, Study
from timeline.study.results import ComparisonResult, EstimateResult, StudyResult
from timeline.study.run import run_study

YEAR, MONTH = 365.25, 365.25 / 12


def read(study: Study, export: Export, folder: Path, name: str) -> pd.DataFrame:
    assert export(study, name, "-o", folder / f"{name}.parquet") == 0
    return pd.read_parquet(folder / f"{name}.parquet")


def median(rows: pd.DataFrame) -> float:
    return float(KaplanMeierFitter().fit(rows["DAYS"], rows["CNSR"] == 0).median_survival_time_)


def p_value(rows: pd.DataFrame, group: str) -> float:
    known = rows[rows[group].notna()]
    return float(multivariate_logrank_test(known["DAYS"], known[group], known["CNSR"] == 0).p_value)


def comparison(result: StudyResult, endpoint: str, by: str, landmark: bool = False) -> ComparisonResult:
    (found,) = [
        item
        for item in result.analyses
        if isinstance(item, ComparisonResult)
        and (item.endpoint, item.by, item.landmark is not None) == (endpoint, by, landmark)
    ]
    return found


def test_m1_overall_survival(m1: Study, export: Export, tmp_path: Path) -> None:
    rows = read(m1, export, tmp_path, "os")
    radical, others = rows[rows["radical"]], rows[~rows["radical"]]
    assert len(rows) == 50
    assert round(median(rows[rows["enrolled"]]) / YEAR, 1) == 3.8  # E11
    assert round(median(radical) / YEAR, 1) == 4.4  # E19
    assert round(median(others) / YEAR, 1) == 2.8  # E20
    assert round(p_value(rows, "radical"), 3) == 0.004  # E21


def test_m1_recurrence_free_survival(m1: Study, export: Export, tmp_path: Path) -> None:
    rows = read(m1, export, tmp_path, "rfs")
    rows = rows[rows["all_sites"]]
    assert round(median(rows) / MONTH, 1) == 7.4  # F28
    assert round(median(rows[rows["pcr"]]) / MONTH, 1) == 16.2  # F32
    assert round(median(rows[~rows["pcr"]]) / MONTH, 1) == 6.6  # F33
    assert round(p_value(rows, "pcr"), 3) == 0.039  # F34


def test_m1_to_the_last_bit_of_the_report(m1: Study, export: Export, tmp_path: Path) -> None:
    result = run_study(m1.checked, m1.log)
    rows = read(m1, export, tmp_path, "os")
    (estimate,) = [item for item in result.analyses if isinstance(item, EstimateResult) and item.endpoint == "os"]
    assert estimate.group is not None
    assert median(rows[rows["enrolled"]]) == estimate.group.median.time
    test = comparison(result, "os", "radical").test
    assert test is not None
    assert p_value(rows, "radical") == pytest.approx(test.p_value, rel=1e-12)


def test_m1_landmark_groups_are_those_known_at_the_landmark(m1: Study, export: Export, tmp_path: Path) -> None:
    found = comparison(run_study(m1.checked, m1.log), "os", "radical", landmark=True)
    rows = read(m1, export, tmp_path, "os")
    later = pd.to_datetime(rows["STARTDT"]) + pd.DateOffset(months=12)
    rows["DAYS"] = (pd.to_datetime(rows["ADT"]) - later).dt.days
    at_risk = rows[rows["enrolled"] & (rows["DAYS"] > 0)]
    assert found.test is not None
    assert p_value(at_risk, "radical_at_1_year") == pytest.approx(found.test.p_value, rel=1e-12)
    assert at_risk["radical_at_1_year"].sum() == found.groups[0].n


def test_colon(colon: Study, export: Export, tmp_path: Path) -> None:
    result = run_study(colon.checked, colon.log)
    for endpoint in ("os", "rfs", "ttr"):
        rows = read(colon, export, tmp_path, endpoint)
        found = comparison(result, endpoint, "arm")
        assert found.test is not None
        assert len(rows) == 929
        assert p_value(rows, "arm") == pytest.approx(found.test.p_value, rel=1e-12)
        for group in found.groups:
            expected = float("inf") if group.median.time is None else group.median.time
            assert median(rows[rows["arm"] == group.label]) == expected


def test_colon_medians_are_those_that_r_prints(colon: Study, export: Export, tmp_path: Path) -> None:
    rows = read(colon, export, tmp_path, "os")
    arms = {arm: median(rows[rows["arm"] == arm]) for arm in ("Obs", "Lev", "Lev+5FU")}
    assert arms == {"Obs": 2083, "Lev": 2152, "Lev+5FU": float("inf")}


def test_competing_causes_are_told_apart(m1: Study, export: Export, tmp_path: Path) -> None:
    rows = read(m1, export, tmp_path, "relapse_or_death")
    assert set(rows[rows["CAUSE"] == 2]["EVNTDESC"]) == {"death without recurrence"}
    assert set(rows[rows["CAUSE"] == 2]["CNSR"]) == {1}
    assert set(rows[rows["CAUSE"] == 0]["CNSR"]) == {2}
    assert set(rows[rows["CAUSE"] == 1]["CNSR"]) == {0}
