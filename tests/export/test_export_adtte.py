"""Endpoint files in the terms of CDISC ADaM, shown on a few patients."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.export.conftest import Export, course

QUERY = """
cohort treated "Treated patients"
    index    first surgery
let site = (first surgery).site
endpoint rfs "Recurrence-free survival"
    from       first surgery
    until      recurrence
    competing  death as "death without recurrence"
    censor     progression as "progression seen"
    last seen  follow_up
compare rfs in treated by site
"""
EVENTS = """\
1,surgery,2010-01-01,liver
1,recurrence,2010-01-31,
2,surgery,2010-01-01,liver
2,death,2010-03-01,
3,surgery,2010-01-01,lung
3,progression,2010-02-01,
3,death,2010-05-01,
4,surgery,2010-01-01,lung
4,follow_up,2011-01-01,
5,follow_up,2011-01-01,
6,surgery,2010-01-01,lung
7,surgery,2010-06-01,lung
7,follow_up,2010-05-01,
8,surgery,2010-01-01,lung
8,recurrence,2010-01-01,
"""


@pytest.fixture
def rows(tmp_path: Path, export: Export) -> pd.DataFrame:
    study = course(tmp_path, EVENTS, QUERY, "patient,event,start,site")
    assert export(study, "rfs", "-o", tmp_path / "rfs.parquet", "--study-id", "T-1") == 0
    return pd.read_parquet(tmp_path / "rfs.parquet").set_index("USUBJID")


def test_aval_counts_the_day_of_the_origin_and_days_does_not(rows: pd.DataFrame) -> None:
    assert rows.loc["1", "STARTDT"] == date(2010, 1, 1)
    assert rows.loc["1", "ADT"] == date(2010, 1, 31)
    assert rows.loc["1", "AVAL"] == 30 + 1
    assert rows.loc["1", "DAYS"] == 30
    assert (rows.loc["8", "AVAL"], rows.loc["8", "DAYS"]) == (1, 0)


def test_cnsr_is_0_for_the_event_and_numbers_every_other_end_as_the_endpoint_lists_them(rows: pd.DataFrame) -> None:
    assert dict(rows["CNSR"]) == {"1": 0, "2": 1, "3": 2, "4": 3, "8": 0}
    assert dict(rows["CAUSE"]) == {"1": 1, "2": 2, "3": 0, "4": 0, "8": 1}
    assert rows.loc["2", "EVNTDESC"] == "death without recurrence"
    assert rows.loc["3", "EVNTDESC"] == "progression seen"
    assert rows.loc["4", "EVNTDESC"] == "end of follow-up"


def test_cnsdtdsc_says_which_day_a_censored_time_ends_on(rows: pd.DataFrame) -> None:
    assert rows.loc["4", "CNSDTDSC"] == "the last day of the follow up that ends last"
    assert rows["CNSDTDSC"].notna().sum() == 2  # patients 3 and 4


def test_the_source_of_the_date_is_an_event_of_the_log(rows: pd.DataFrame) -> None:
    source = rows[["SRCDOM", "SRCVAR", "SRCSEQ", "ADTID"]]
    assert tuple(source.loc["1"]) == ("recurrence", "start", 2, "e2")
    assert tuple(source.loc["4"]) == ("follow_up", "start", 9, "e9")
    assert rows.loc["4", "STARTID"] == "e8"


def test_the_parameter_is_named_and_the_group_stands_beside(rows: pd.DataFrame) -> None:
    assert set(rows["STUDYID"]) == {"T-1"}
    assert set(rows["PARAM"]) == {"Recurrence-free survival (days)"}
    assert set(rows["PARAMCD"]) == {"RFS"}
    assert dict(rows["site"]) == {"1": "liver", "2": "liver", "3": "lung", "4": "lung", "8": "lung"}
    assert rows["treated"].all()


def test_patients_without_a_time_stand_in_a_file_beside_with_the_reason(rows: pd.DataFrame, tmp_path: Path) -> None:
    beside = pd.read_parquet(tmp_path / "rfs.without-time.parquet").set_index("USUBJID")
    assert dict(beside["REASON"]) == {"5": "no origin", "6": "no follow-up", "7": "end before origin"}
    assert set(rows.index) | set(beside.index) == {"1", "2", "3", "4", "5", "6", "7", "8"}
    about = json.loads((pq.read_schema(tmp_path / "rfs.parquet").metadata or {})[b"timeline.dataset"])
    assert about["left_out"] == {"no origin": 1, "no follow-up": 1, "end before origin": 1}


def test_a_companion_of_an_earlier_export_does_not_outlive_it(tmp_path: Path, export: Export) -> None:
    study = course(tmp_path, EVENTS, QUERY, "patient,event,start,site")
    assert export(study, "rfs", "-o", tmp_path / "out.parquet") == 0
    assert (tmp_path / "out.without-time.parquet").exists()
    study.query.write_text(f'{study.query.read_text()}\ncohort followed from treated require "f" rfs.time is known\n')
    assert export(study, "rfs", "-o", tmp_path / "out.parquet", "--in", "followed", "--force") == 0
    assert not (tmp_path / "out.without-time.parquet").exists()
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 5


def test_the_parquet_file_describes_its_columns_and_where_it_came_from(rows: pd.DataFrame, tmp_path: Path) -> None:
    schema = pq.read_schema(tmp_path / "rfs.parquet")
    described: dict[bytes, bytes] = schema.field("AVAL").metadata
    assert described[b"label"] == b"Analysis Value"
    assert described[b"unit"] == b"days"
    assert described[b"definition"] == b"ADT - STARTDT + 1"
    assert schema.field("CNSR").metadata[b"definition"].startswith(b"0: recurrence; 1: death without recurrence; 2:")
    metadata: dict[bytes, bytes] = schema.metadata
    rests_on: dict[str, Any] = json.loads(metadata[b"timeline.provenance"])
    assert metadata[b"timeline.query"].decode() == (tmp_path / "study.tql").read_text()
    assert rests_on["position"] == EVENTS.count("\n")
    assert len(rests_on["head"]) == len(rests_on["query_hash"]) == 64  # SHA-256 in hexadecimal
    assert set(rests_on["versions"]) == {"catamnesis", "duckdb", "pyarrow"}
    assert (rests_on["cutoff"], rests_on["known_by"], rests_on["parameters"]) == (None, None, {})


def test_a_data_cut_off_censors_with_a_number_of_its_own(tmp_path: Path, export: Export) -> None:
    study = course(tmp_path, EVENTS, f"cutoff 2010-01-15\n{QUERY}", "patient,event,start,site")
    assert export(study, "rfs", "-o", tmp_path / "rfs.parquet") == 0
    rows = pd.read_parquet(tmp_path / "rfs.parquet").set_index("USUBJID")
    assert rows.loc["1", "EVNTDESC"] == "data cut-off"
    assert rows.loc["1", "CNSR"] == 3  # after the competing and the censoring event
    assert rows.loc["1", "DAYS"] == 14
    assert rows.loc["1", "CNSDTDSC"] == "the data cut-off, 2010-01-15"
    about = json.loads(pq.read_schema(tmp_path / "rfs.parquet").metadata[b"timeline.provenance"])
    assert about["cutoff"] == "2010-01-15"


def test_imputed_dates_are_flagged(tmp_path: Path, export: Export) -> None:
    study = course(
        tmp_path,
        "1,surgery,2010-01-15\n1,recurrence,2011-07-01\n2,surgery,2010-01-01\n2,follow_up,2010-05-01\n",
        "endpoint rfs from first surgery until recurrence last seen follow_up",
    )
    study.log.amend(
        {
            "e1": {"end": date(2010, 1, 15), "start_precision": "month", "end_precision": "month"},
            "e2": {"start_precision": "year"},
            "e4": {"end": date(2010, 6, 15), "end_precision": "month"},
        },
        reason="only the month or the year is known",
    )
    assert export(study, "rfs", "-o", tmp_path / "rfs.parquet") == 0
    rows = pd.read_parquet(tmp_path / "rfs.parquet").set_index("USUBJID")
    assert list(rows.index) == ["1", "2"]  # an event whose start and end are imputed gives one row
    assert (rows.loc["1", "STARTDTF"], rows.loc["1", "ADTF"]) == ("D", "M")
    assert (rows.loc["2", "STARTDTF"], rows.loc["2", "ADTF"]) == (None, "D")
    assert (rows.loc["2", "SRCVAR"], rows.loc["2", "ADT"]) == ("end", date(2010, 6, 15))


def test_the_source_is_found_among_several_types_under_one_label(tmp_path: Path, export: Export) -> None:
    query = "endpoint os from first surgery until death last seen follow_up, imaging"
    events = (
        "1,surgery,2010-01-01\n1,imaging,2010-03-01\n1,follow_up,2010-02-01\n"
        "2,surgery,2010-01-01\n2,follow_up,2010-02-01\n"
    )
    study = course(tmp_path, events, query)
    assert export(study, "os", "-o", tmp_path / "os.parquet") == 0
    assert list(pd.read_parquet(tmp_path / "os.parquet")["SRCDOM"]) == ["imaging", "follow_up"]


def test_parameter_codes_have_eight_characters_and_differ(tmp_path: Path, export: Export) -> None:
    query = "\n".join(
        f"endpoint {name} from first surgery until death last seen follow_up"
        for name in ("recurrence_or_death", "recurrence_or_progression", "os")
    )
    study = course(tmp_path, "1,surgery,2010-01-01\n1,death,2010-01-02\n", query)
    assert export(study, "-o", tmp_path / "out") == 0
    codes = [pd.read_parquet(path)["PARAMCD"][0] for path in sorted((tmp_path / "out").iterdir())]
    assert codes == ["OS", "RECURREN", "RECURRE2"]
