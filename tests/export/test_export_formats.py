"""Every format gives back what was exported, with its labels and dates, whatever stands in the texts."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from jsonschema import Draft202012Validator

from tests.export.conftest import Export, Study, course
from tests.export.dataset_json import COLUMN_ORDER, COMBINATIONS, ORDER, SCHEMA
from timeline.export import sas

AWKWARD = ['O\'Brien "Bob"', "two\nlines", "smile 😀", "a,b;c", " blank "]
"""Texts in the arms, each with something that a format could stumble over."""

FORMATS = {"parquet": ".parquet", "csv": ".csv", "arrow": ".arrow", "xpt": ".xpt", "dataset-json": ".json"}
QUERY = """
let arm    = randomisation.arm
let weight = case when arm = "a,b;c" then 1.5 end
cohort trial "Randomised patients" index randomisation
endpoint os "Overall survival" from randomisation until death last seen follow_up
compare os in trial by arm
table trial by arm show weight, arm = "a,b;c" "comma"
"""


@pytest.fixture
def awkward(tmp_path: Path) -> Study:
    quoted = [text.replace('"', '""') for text in AWKWARD]
    rows = [
        f'"P{n} {text}",randomisation,2010-01-0{n},"{text}"\n"P{n} {text}",death,2011-01-01,\n'
        for n, text in enumerate(quoted, 1)
    ]
    return course(tmp_path, "".join(rows), QUERY, "patient,event,start,arm")


def read(path: Path) -> pd.DataFrame:
    match path.suffix:
        case ".parquet":
            return pd.read_parquet(path)
        case ".csv":
            return pd.read_csv(path, parse_dates=["STARTDT", "ADT"])
        case ".arrow":
            return pd.read_feather(path)
        case ".xpt":
            return pyreadstat.read_xport(path)[0]
    found = json.loads(path.read_text(encoding="utf-8"))
    return pd.DataFrame(found["rows"], columns=[column["name"] for column in found["columns"]])


@pytest.mark.parametrize("format", FORMATS)
def test_ids_and_texts_come_back_as_they_were(
    format: str, awkward: Study, export: Export, verify: Export, tmp_path: Path
) -> None:
    out = tmp_path / f"os{FORMATS[format]}"
    assert export(awkward, "os", "-o", out) == 0
    rows = read(out)
    assert [text.rstrip() for text in rows["USUBJID"]] == [f"P{n} {text}".rstrip() for n, text in enumerate(AWKWARD, 1)]
    assert [text.rstrip() for text in rows["ARM" if format == "xpt" else "arm"]] == [text.rstrip() for text in AWKWARD]
    assert [pd.Timestamp(day).date() for day in rows["STARTDT"]] == [date(2010, 1, n) for n in range(1, 6)]
    assert list(rows["AVAL"]) == [365 - n + 2 for n in range(1, 6)]  # 2010-01-01 to 2011-01-01 and one more
    assert verify(out, awkward.store) == 0


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_cohort_gives_a_valid_file_without_rows_and_a_warning(
    format: str, awkward: Study, export: Export, verify: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    awkward.query.write_text(f'{awkward.query.read_text()}cohort nobody from trial require "no" any progression\n')
    out = tmp_path / f"os{FORMATS[format]}"
    assert export(awkward, "os", "--in", "nobody", "-o", out) == 0
    assert "os has no rows" in capsys.readouterr().err
    rows = read(out)
    assert len(rows) == 0
    assert list(rows.columns)[:4] == ["STUDYID", "USUBJID", "PARAM", "PARAMCD"]
    assert verify(out, awkward.store) == 0


def test_a_transport_file_has_labels_dates_and_names_as_sas_takes_them(
    m1: Study, export: Export, tmp_path: Path
) -> None:
    assert export(m1, "rfs", "-o", tmp_path / "rfs.xpt") == 0
    rows, about = pyreadstat.read_xport(tmp_path / "rfs.xpt")
    assert about.table_name == "RFS"
    assert about.file_label == "Recurrence-free survival"
    labels = about.column_names_to_labels
    assert labels["STARTDT"] == "Time-to-Event Origin Date for Subject"
    assert labels["AVAL"] == "Analysis Value"
    assert labels["ALL_SITE"] == "all_sites: Surgical treatment of all tum"  # 40 bytes, and the name that was cut
    assert all(len(name) <= 8 and name == name.upper() for name in rows.columns)
    assert all(len(label.encode()) <= 40 for label in labels.values())
    assert len(set(rows.columns)) == len(rows.columns)
    assert about.original_variable_types["ADT"] == "DATE9"
    parquet = export(m1, "rfs", "-o", tmp_path / "rfs.parquet")
    assert parquet == 0
    same = pd.read_parquet(tmp_path / "rfs.parquet")
    assert list(rows["ADT"]) == list(same["ADT"])
    assert list(rows["RADICAL"]) == ["Y" if member else "N" for member in same["radical"]]
    assert list(rows["DAYS"]) == list(same["DAYS"])


def test_a_text_too_long_for_a_transport_file_is_told(tmp_path: Path, export: Export, capsys) -> None:  # type: ignore[no-untyped-def]
    study = course(
        tmp_path, f"1,randomisation,2010-01-01,{'x' * 201}\n1,death,2011-01-01,\n", QUERY, "patient,event,start,arm"
    )
    assert export(study, "os", "-o", tmp_path / "os.xpt") == 8
    assert "arm has a text of 201 bytes, and a SAS transport file takes 200" in capsys.readouterr().err
    assert not (tmp_path / "os.xpt").exists()


def test_more_rows_than_memory_holds_are_refused_as_a_transport_file(
    m1: Study, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = pa.schema([("a", pa.string()), ("b", pa.bool_()), ("c", pa.int64()), ("d", pa.date32())])
    monkeypatch.setattr(sas, "_memory", lambda: 27_000)
    assert sas.most_rows(schema) == 27_000 // (2 * 100 + 2 * 35)
    assert export(m1, "os", "-o", tmp_path / "os.xpt") == 8
    told = capsys.readouterr().err
    assert "os has 50 rows, and about" in told
    assert "--in COHORT" in told
    assert list(tmp_path.iterdir()) == []
    assert export(m1, "os", "-o", tmp_path / "os.json") == 0


@pytest.mark.parametrize("name", ["os", "rfs", "radical", "table1", "events"])
def test_dataset_json_follows_the_standard(name: str, m1: Study, export: Export, tmp_path: Path) -> None:
    assert export(m1, name, "-o", tmp_path / "out.json") == 0
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(found)
    assert list(found) == [key for key in ORDER if key in found]
    assert found["records"] == len(found["rows"])
    columns = found["columns"]
    assert all(list(column) == [key for key in COLUMN_ORDER if key in column] for column in columns)
    assert len({column["itemOID"] for column in columns}) == len(columns)
    for column, values in zip(columns, zip(*found["rows"], strict=True), strict=True):
        kind = COMBINATIONS[column["dataType"], column.get("targetDataType")]
        assert all(value is None or (isinstance(value, kind) and type(value) in (kind, int, float)) for value in values)
        if column["dataType"] == "date":
            assert all(value is None or date.fromisoformat(value) for value in values)
    # ADaM has no truth values: its flags are Y and N.
    assert "boolean" not in {column["dataType"] for column in columns}
    keys = sorted((column["keySequence"], at) for at, column in enumerate(columns) if "keySequence" in column)
    assert [number for number, _ in keys] == list(range(1, len(keys) + 1))
    assert len({tuple(row[at] for _, at in keys) for row in found["rows"]}) == found["records"]


def test_the_dates_of_dataset_json_become_numbers_as_adam_has_them(m1: Study, export: Export, tmp_path: Path) -> None:
    assert export(m1, "os", "-o", tmp_path / "os.json") == 0
    columns = {column["name"]: column for column in json.loads((tmp_path / "os.json").read_text())["columns"]}
    for name in ("STARTDT", "ADT"):
        said = columns[name]
        assert (said["dataType"], said["targetDataType"], said["displayFormat"]) == ("date", "integer", "E8601DA.")
    assert columns["radical"]["dataType"] == "string"


def test_formats_without_room_have_their_description_beside_them(m1: Study, export: Export, tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv"):
        assert export(m1, "rfs", "-o", tmp_path / f"rfs{suffix}") == 0
    beside = json.loads((tmp_path / "rfs.csv.metadata.json").read_text(encoding="utf-8"))
    inside = {key.decode(): text.decode() for key, text in pq.read_schema(tmp_path / "rfs.parquet").metadata.items()}
    assert beside["timeline.provenance"] == inside["timeline.provenance"]
    assert json.loads(beside["timeline.dataset"])["columns"]["AVAL"]["unit"] == "days"
    assert (tmp_path / "rfs.without-time.csv.metadata.json").exists()


def test_a_cohort_has_its_index_day_and_each_let(m1: Study, export: Export, tmp_path: Path) -> None:
    assert export(m1, "radical", "-o", tmp_path / "radical.parquet") == 0
    rows = pd.read_parquet(tmp_path / "radical.parquet")
    schema = pq.read_schema(tmp_path / "radical.parquet")
    assert len(rows) == 36
    assert list(rows["index"]) == list(rows["rt"])  # radical has the index day of enrolled, from which it is drawn
    lets = {item.name for item in m1.checked.program.definitions if type(item).__name__.startswith("Let")}
    assert lets <= set(rows.columns)
    assert schema.field("liver_lesions").type == pa.int64()  # a sum of integers
    assert schema.field("rt_to_ct").metadata[b"unit"] == b"days"
    assert schema.field("age_at_start").metadata[b"unit"] == b"years"
    assert rows["clearance.event"].str.startswith("e").all()


def test_a_table_has_the_values_that_it_summarises(m1: Study, export: Export, tmp_path: Path) -> None:
    assert export(m1, "table1", "-o", tmp_path / "table1.parquet") == 0
    rows = pd.read_parquet(tmp_path / "table1.parquet")
    assert rows["age_at_start_of_treatment"].median() == 59  # A5
    assert (rows["sex"] == "male").sum() == 27  # A7
    assert rows["radiotherapy_to_chemotherapy"].median() == 11  # C2


def test_the_current_events_are_those_that_a_reader_sees(tmp_path: Path, export: Export) -> None:
    study = course(
        tmp_path, "1,surgery,2010-01-01\n1,surgery,2010-02-01\n2,death,2011-01-01\n", "let a = first surgery"
    )
    study.log.amend({"e1": {"site": "liver"}}, reason="found later")
    study.log.retract(["e2"], reason="never happened")
    assert export(study, "events", "-o", tmp_path / "events.parquet") == 0
    rows = pd.read_parquet(tmp_path / "events.parquet")
    assert list(rows["event_id"]) == ["e1", "e3"]
    assert list(rows["site"]) == ["liver", None]
    assert list(rows["event"]) == ["surgery", "death"]


def test_events_after_the_cut_off_are_counted(tmp_path: Path, export: Export, capsys) -> None:  # type: ignore[no-untyped-def]
    study = course(tmp_path, "1,surgery,2010-01-01\n1,death,2011-01-01\n", "cutoff 2010-06-01\nlet a = first surgery")
    assert export(study, "events", "-o", tmp_path / "events.parquet") == 0
    assert list(pd.read_parquet(tmp_path / "events.parquet")["event"]) == ["surgery"]
    assert "without 1 events after the cut-off 2010-06-01" in capsys.readouterr().err


def test_parts_hold_all_rows_in_order(m1: Study, export: Export, verify: Export, tmp_path: Path) -> None:
    assert export(m1, "events", "-o", tmp_path / "out", "--rows-per-file", "700") == 0
    parts = sorted((tmp_path / "out" / "events").iterdir())
    assert [pq.read_metadata(part).num_rows for part in parts] == [700, 700, 1800 - 2 * 700]
    assert export(m1, "events", "-o", tmp_path / "whole.parquet") == 0
    whole = pq.read_table(tmp_path / "whole.parquet")
    assert pa.concat_tables([pq.read_table(part) for part in parts]).equals(whole)
    assert verify(tmp_path / "out" / "events", m1.store) == 0


def test_two_exports_of_one_state_are_the_same_bytes(m1: Study, export: Export, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert export(m1, "rfs", "-o", tmp_path / f"{name}.parquet") == 0
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_without_names_every_cohort_endpoint_and_table_is_exported(m1: Study, export: Export, tmp_path: Path) -> None:
    assert export(m1, "-o", tmp_path / "out") == 0
    found = {path.stem for path in (tmp_path / "out").iterdir()}
    assert {"enrolled", "radical", "os", "rfs", "rfs.without-time", "table1"} <= found
    assert "events" not in found
