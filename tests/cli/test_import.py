"""`timeline import` as a person calls it: what it prints, and what its exit code says."""

from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Timeline

REDCAP = ROOT / "fixtures" / "redcap"
HEADER = "patient,event,start,site\n"


@pytest.fixture
def store(timeline: Timeline, tmp_path: Path) -> Path:
    made = tmp_path / "trial"
    assert timeline("create", made).returncode == 0
    return made


def test_a_redcap_export_is_imported_through_its_mapping(timeline: Timeline, store: Path) -> None:
    done = timeline("import", store, REDCAP / "export.csv", "--mapping", REDCAP / "mapping.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"recorded 31 events at positions 1 to 31 of {store}, as commit 1",
        "with a start or end of which only the month or the year is known: 3",
        "rows that gave no event: 1 of 21 (at 18)",
    ]
    again = timeline("import", store, REDCAP / "export.csv", "--mapping", REDCAP / "mapping.toml")
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert "as commit 1 of" in again.stdout


def test_standard_input_takes_the_name_that_is_given(timeline: Timeline, store: Path) -> None:
    done = timeline("import", store, "-", "--name", "export", stdin=HEADER + "p1,death,2010-01-01,\n")
    assert done.stdout == f"recorded 1 event at positions 1 to 1 of {store}, as commit 1\n"
    assert "export:2" in timeline("show", store, "p1", "--all").stdout


def test_rejected_rows_are_told_by_the_exit_code(timeline: Timeline, store: Path, tmp_path: Path) -> None:
    file, bad = tmp_path / "visits.csv", tmp_path / "bad.csv"
    file.write_text(HEADER + "p1,surgery,2010-01-01,liver\np2,surgery,2010-01-01,livr\n")
    refused = timeline("import", store, file)
    assert refused.returncode == 3
    assert "visits.csv, line 3, column site: found 'livr'" in refused.stderr
    done = timeline("import", store, file, "--rejects", bad)
    assert done.returncode == 1
    assert "recorded 1 event" in done.stdout
    assert f"rejected rows: 1, written with their reasons to {bad}" in done.stdout
    assert "did you mean liver?" in bad.read_text()


def test_a_file_that_changed_shows_what_is_new(timeline: Timeline, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text(HEADER + "p1,surgery,2010-01-01,liver\n")
    timeline("import", store, file)
    file.write_text(HEADER + "p1,surgery,2010-01-01,liver\np1,death,2011-01-01,\n")
    grown = timeline("import", store, file)
    assert grown.stdout.splitlines() == [
        f"recorded 1 event at positions 2 to 2 of {store}, as commit 2",
        "known from an earlier import (commit 1) and not recorded again: 1",
    ]
    file.write_text(HEADER + "p1,surgery,2010-01-01,lung\np1,death,2011-01-01,\n")
    changed = timeline("import", store, file)
    assert changed.returncode == 3
    assert "not in this one any more: e1" in changed.stderr
    assert "1 events are as before and 1 are new" in changed.stderr
    wanted = timeline("import", store, file, "--new")
    assert "in the earlier import and not in this file: 1 (e1)" in wanted.stdout


def test_a_mistake_in_the_mapping_is_no_traceback(timeline: Timeline, store: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('[file]\npatient = "record_id"\n[[event]]\nevent = "deth"\nstart = "death_date"\n')
    refused = timeline("import", store, REDCAP / "export.csv", "--mapping", mapping)
    assert refused.returncode == 3
    assert "map.toml, line 4: found 'deth' in [[event]] 1, expected a declared event type (did you mean death?)" in (
        refused.stderr
    )
    assert "Traceback" not in refused.stderr
    missing = timeline("import", store, REDCAP / "export.csv", "--mapping", tmp_path / "no.toml")
    assert (missing.returncode, "the mapping cannot be read" in missing.stderr) == (3, True)
