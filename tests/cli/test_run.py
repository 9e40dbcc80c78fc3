"""`timeline run`: reports, exit codes, and studies that cannot run."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Timeline

HOLDS, DIFFERS, REFUSED, NO_STORE, CANNOT_RUN = 0, 1, 2, 4, 7
M1 = ROOT / "queries" / "m1.tql"


def test_every_printed_figure_of_the_m1_trial_is_reproduced(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    report = timeline("run", M1, "--store", m1_store, "--json", tmp_path / "m1.json")
    assert report.returncode == HOLDS, report.stdout + report.stderr
    assert report.stdout.splitlines()[-1] == "80 of 80 published figures reproduced; 2 contradicted, as stated"
    assert "15 of 15 figures implied by the published ones hold" in report.stdout
    results = json.loads((tmp_path / "m1.json").read_text())
    assert results["reproduced"] is True
    assert results["provenance"]["position"] == sum(1 for _ in (ROOT / "fixtures/m1/events.csv").open()) - 1
    assert len(results["provenance"]["query_hash"]) == 64  # SHA-256 in hexadecimal


def test_a_figure_that_differs_fails_the_run_and_says_which(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    query = tmp_path / "wrong.tql"
    query.write_text(
        "use oncology\ncohort enrolled index first radiotherapy\n"
        'expect count(enrolled) = 51 "Abstract"\nexpect count(enrolled) = 50 "Table 1"\n'
    )
    report = timeline("run", query, "--store", m1_store)
    assert report.returncode == DIFFERS
    assert "DIFFERS" in report.stdout
    assert report.stdout.splitlines()[-1] == "1 of 2 published figures reproduced; 0 contradicted, as stated"


def test_a_swimmer_plot_shows_nothing_behind_the_cut_off(tmp_path: Path, timeline: Timeline) -> None:
    query, store, events = tmp_path / "lanes.tql", tmp_path / "store", tmp_path / "events.csv"
    query.write_text(
        "use oncology\ncutoff 2010-12-31\ncohort treated index first radiotherapy\n"
        "swimmer treated lanes chemotherapy, surgery, death\n"
    )
    events.write_text(
        "patient,event,start,end\nA,radiotherapy,2010-01-01,\nA,surgery,2010-03-01,\n"
        "A,chemotherapy,2010-12-01,2011-12-31\nA,death,2012-01-01,\n"
    )
    assert timeline("create", store).returncode == 0
    assert timeline("import", store, events).returncode == 0
    report = timeline("run", query, "--store", store)
    assert report.returncode == HOLDS, report.stderr
    [lane] = [line for line in report.stdout.splitlines() if line.startswith("A ")]
    assert lane.split()[1] == "S····C"  # columns of 61 days: 59 // 61 = 0, 334 // 61 = 5


def test_a_study_is_read_at_the_position_that_an_earlier_result_names(tmp_path: Path, timeline: Timeline) -> None:
    query, store, events = tmp_path / "deaths.tql", tmp_path / "store", tmp_path / "events.csv"
    query.write_text("use oncology\ncohort dead index first death\nexpect count(dead) = 2\n")
    events.write_text("patient,event,start\nA,death,2010-01-01\nB,death,2010-01-02\n")
    assert timeline("create", store).returncode == 0
    assert timeline("import", store, events).returncode == 0
    earlier = timeline("run", query, "--store", store, "--json", tmp_path / "earlier.json")
    assert timeline("retract", store, "e1", "--reason", "images of another patient").returncode == 0
    assert (earlier.returncode, timeline("run", query, "--store", store).returncode) == (HOLDS, DIFFERS)
    position = json.loads((tmp_path / "earlier.json").read_text())["provenance"]["position"]
    again = timeline("run", query, "--store", store, "--at", str(position), "--json", tmp_path / "again.json")
    assert again.returncode == HOLDS, again.stderr
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads((tmp_path / "earlier.json").read_text())
    beyond = timeline("run", query, "--store", store, "--at", "9")
    assert (beyond.returncode, "there is no position 9; the log reaches 3" in beyond.stderr) == (NO_STORE, True)
    query.write_text("known by 2030-01-01\n" + query.read_text())
    both = timeline("run", query, "--store", store, "--at", "2")
    assert both.returncode == CANNOT_RUN
    assert "says `known by 2030-01-01`, so it cannot be read at position 2, too" in both.stderr


def test_parameters_that_were_given_are_in_the_report_as_they_are_said(
    m1_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    query = tmp_path / "gap.tql"
    query.write_text(
        "use oncology\nparameter gap = 42 days\nparameter adult = 18 years\ncohort long index first radiotherapy\n"
        '    require "one course" count(courses of chemotherapy with gaps up to gap) = 1\n'
        '    require "adult" age at first_rt >= adult\nlet first_rt = first radiotherapy\n'
    )
    report = timeline("run", query, "--store", m1_store, "--set", "gap=60 days")
    assert report.returncode == HOLDS, report.stderr
    assert "gap = 60 days" in report.stdout
    assert "adult = 18 years" in report.stdout


def test_a_contradicted_figure_that_holds_fails_the_run(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    query = tmp_path / "holds.tql"
    query.write_text(
        "use oncology\ncohort enrolled index first radiotherapy\n"
        'expect count(enrolled) = 50 contradicted "it is not" "Abstract"\n'
    )
    report = timeline("run", query, "--store", m1_store)
    assert report.returncode == DIFFERS
    assert "holds, though stated as contradicted" in report.stdout


BAD_QUERIES = {
    "a syntax error": ("cohort c require any surgery where site == liver", ["S003", "`=`"]),
    "an unknown event": ("let a = first surgry", ["surgry", "`surgery`"]),
    "an unknown attribute": ("let a = (first surgery).sit", ["sit", "`site`"]),
    "an unknown code": ("let a = any surgery where site = livr", ["livr", "`liver`"]),
    "an unknown name": ("let clearance = last surgery\nlet a = clearence.start", ["clearence", "`clearance`"]),
    "a date compared with a number": ("let a = (first surgery).start > 3", ["date", "whole number"]),
    "a duplicate definition": ("let a = first surgery\nlet a = first death", ["`a`", "twice"]),
    "a circle of definitions": ("let a = b\nlet b = a", ["`b` → `a` → `b`"]),
}


@pytest.mark.parametrize("case", BAD_QUERIES)
def test_a_query_with_a_mistake_is_refused_with_its_place(
    case: str, m1_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    text, expected = BAD_QUERIES[case]
    query = tmp_path / "bad.tql"
    query.write_text(f"use oncology\n{text}\n")
    refused = timeline("run", query, "--store", m1_store)
    assert refused.returncode == REFUSED, refused.stderr
    for part in ["bad.tql:", *expected]:
        assert part in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_study_on_a_store_without_its_event_types_is_refused(tmp_path: Path, timeline: Timeline) -> None:
    events = tmp_path / "events.tql"
    events.write_text("event visit\n    weight number [kg]\n")
    store = tmp_path / "store"
    assert timeline("create", store, "--events", events).returncode == 0
    refused = timeline("run", M1, "--store", store)
    assert refused.returncode == CANNOT_RUN
    assert "the event type radiotherapy" in refused.stderr


def test_a_study_on_a_store_whose_attribute_is_of_another_kind_is_refused(tmp_path: Path, timeline: Timeline) -> None:
    events = tmp_path / "events.tql"
    events.write_text("event surgery\n    site number\n")
    store = tmp_path / "store"
    assert timeline("create", store, "--events", events).returncode == 0
    query = tmp_path / "study.tql"
    query.write_text(
        'event surgery\n    site text\ncohort c require any surgery where site = "liver"\nexpect count(c) = 0\n'
    )
    refused = timeline("run", query, "--store", store)
    assert refused.returncode == CANNOT_RUN
    assert "site of surgery" in refused.stderr


def test_an_analysis_of_an_empty_cohort_says_where_the_patients_fell_and_the_others_are_done(
    m1_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    query = tmp_path / "empty.tql"
    query.write_text(
        'use oncology\ncohort c "Nobody"\n    index first radiotherapy\n    require "operated on in the brain" '
        'any surgery where site = brain\ncohort enrolled "Everyone" index first radiotherapy\n'
        "endpoint os from first radiotherapy until death last seen follow_up\nestimate os in c\n"
        'estimate os in enrolled titled "Figure 1"\nexpect count(enrolled) = 50\n'
    )
    report = timeline("run", query, "--store", m1_store, "--json", tmp_path / "results.json")
    assert report.returncode == CANNOT_RUN
    assert "empty.tql:7: Kaplan-Meier estimate of os in c" in report.stdout
    assert "0 operated on in the brain" in report.stdout
    assert "Figure 1: os in enrolled" in report.stdout
    assert "1 of 2 analyses could not be done" in report.stdout
    assert "Traceback" not in report.stdout + report.stderr
    kinds = [item["kind"] for item in json.loads((tmp_path / "results.json").read_text())["analyses"]]
    assert kinds == ["FailedResult", "EstimateResult"]


def test_a_model_that_separates_is_told_and_the_run_fails(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    query = tmp_path / "separated.tql"
    query.write_text(
        'use oncology\ncohort enrolled "Everyone" index first radiotherapy\n'
        "endpoint os from first radiotherapy until death last seen follow_up\n"
        'cox os in enrolled on (any death) "died" acknowledge immortal_time "on purpose"\n'
    )
    report = timeline("run", query, "--store", m1_store)
    assert report.returncode == CANNOT_RUN
    assert "Cox's proportional hazards model of os in enrolled on died" in report.stdout
    assert "had the event" in report.stdout
    assert "Traceback" not in report.stderr


def test_the_tables_of_a_study_are_written_as_csv(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    report = timeline("run", M1, "--store", m1_store, "--tables", tmp_path / "tables")
    assert report.returncode == HOLDS, report.stderr
    assert [path.name for path in sorted((tmp_path / "tables").iterdir())] == [
        "table-1-enrolled.csv",
        "table-2-radical.csv",
    ]
    second = (tmp_path / "tables" / "table-2-radical.csv").read_text().splitlines()
    assert second[0] == ",all (n = 36)"
    assert "  liver,10 (27.8 %)" in second  # as the paper's Table 2 prints it


def test_counting_an_empty_cohort_is_no_mistake(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    query = tmp_path / "empty.tql"
    query.write_text("use oncology\ncohort c require any surgery where site = brain\nexpect count(c) = 0\n")
    assert timeline("run", query, "--store", m1_store).returncode == HOLDS


@pytest.mark.parametrize("make", ["nothing", "a file", "a folder with something else"])
def test_a_path_that_is_no_store_is_refused(make: str, tmp_path: Path, timeline: Timeline) -> None:
    path = tmp_path / "store"
    if make == "a file":
        path.write_text("x")
    elif make == "a folder with something else":
        path.mkdir()
        (path / "data.txt").write_text("x")
    for command in (("run", M1, "--store", path), ("show", path, "P1"), ("import", path, M1)):
        refused = timeline(*command)
        assert refused.returncode == NO_STORE, refused.stderr
        assert "Traceback" not in refused.stderr
    if make != "nothing":
        refused = timeline("create", path)
        assert refused.returncode == NO_STORE
        assert "Traceback" not in refused.stderr


def test_use_finds_the_vocabulary_from_any_folder(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    shutil.copy(M1, tmp_path / "copy.tql")
    report = timeline("run", "copy.tql", "--store", m1_store, cwd=tmp_path)
    assert report.returncode == HOLDS, report.stderr


def test_a_missing_query_file_is_told(m1_store: Path, timeline: Timeline) -> None:
    refused = timeline("run", "nowhere.tql", "--store", m1_store)
    assert refused.returncode == REFUSED
    assert "nowhere.tql" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_while_lifelines_is_imported_nothing_else_is(m1_store: Path) -> None:
    # Two threads that import modules in a circle can meet one that is half made.
    code = (
        "import sys, threading\n"
        "class Watched:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        threads = [thread.name for thread in threading.enumerate()]\n"
        "        own = threading.current_thread() is threading.main_thread()\n"
        "        seen.append((name, own, 'import of lifelines' in threads))\n"
        "seen = []\n"
        "sys.meta_path.insert(0, Watched())\n"
        "from timeline.cli import main\n"
        f"main(['run', 'queries/m1.tql', '--store', {str(m1_store)!r}])\n"
        "print([name for name, own, beside in seen if own and beside], file=sys.stderr)\n"
        "print(('lifelines', False, True) in seen, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.splitlines()[-2:] == ["[]", "True"]
