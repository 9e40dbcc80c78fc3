"""Whole studies with small numbers hidden: none of them is left anywhere in the results or in the page."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from tests.report.conftest import FACTS, ROOT, Run
from timeline.cli import main
from timeline.report.html.page import report
from timeline.report.json import study_json
from timeline.report.redaction import redact, ties
from timeline.report.redaction.cells import Counts, is_small
from timeline.report.tables import table_csv
from timeline.report.terminal import print_study
from timeline.study.results import ComparisonResult, StudyResult, SwimmerResult, TableResult, WithheldResult
from timeline.survival import RiskTable

COUNTED = {
    "n", "events", "censored", "competing", "imputed", "patients", "remaining", "fell", "unknown", "considered",
    "counts", "sizes", "missing", "known", "at_risk", "members", "person_days", "without_day",
}  # fmt: skip
"""Fields of results that count patients."""


def counted(value: Any, name: str = "") -> Iterator[tuple[str, int]]:
    """Every count of patients in a result, with the name of its field."""
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from counted(getattr(value, item.name), item.name)
    elif isinstance(value, np.ndarray):
        yield from counted(value.tolist(), name)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from counted(item, name)
    elif name in COUNTED and isinstance(value, int):
        yield name, value


@pytest.mark.parametrize("below", [2, 5, 10])
@pytest.mark.parametrize("study", ["m1", "colon"])
def test_no_small_count_is_left_in_the_results(study: str, below: int, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(study)
    assert [found for found in counted(redact(run.result, below)) if is_small(found[1], below)] == []


def test_no_table_of_patients_is_handed_on(m1: Run) -> None:
    """A curve carries the days of its patients; a redacted one carries a table of nobody."""

    def tables(value: Any) -> Iterator[RiskTable]:
        if isinstance(value, RiskTable):
            yield value
        elif is_dataclass(value) and not isinstance(value, type):
            for item in fields(value):
                yield from tables(getattr(value, item.name))
        elif isinstance(value, tuple):
            for item in value:
                yield from tables(item)

    assert {table.n for table in tables(redact(m1.result, 5))} == {1}


def test_the_results_hold_small_counts_before(m1: Run) -> None:
    assert any(is_small(value, 5) for _, value in counted(m1.result))


def test_patients_left_out_are_hidden_where_they_are_few(m1: Run) -> None:
    (landmark,) = [
        item
        for item in redact(m1.result, 5).analyses
        if isinstance(item, ComparisonResult) and item.landmark is not None
    ]
    assert [out.patients for out in landmark.left_out] == [("",)]  # two patients, neither named nor counted


def test_a_difference_of_two_cohorts_is_as_hidden_as_a_step(m1: Run) -> None:
    """40 patients had all sites operated, 36 of them radically: 40 - 36 = 4 patients are few."""
    sizes = {cohort.name: cohort.n for cohort in redact(m1.result, 5).cohorts}
    assert -1 in (sizes["all_sites"], sizes["radical"])


def test_extremes_belong_to_one_patient_and_go(m1: Run) -> None:
    tables = [item for item in redact(m1.result, 5).analyses if isinstance(item, TableResult)]
    summaries = [summary for table in tables for row in table.rows for summary in row.summaries]
    assert summaries
    assert all(np.isnan([summary.min, summary.max]).all() for summary in summaries)


def test_no_lane_of_a_patient_is_left(m1: Run) -> None:
    hidden = redact(m1.result, 5).analyses
    assert not any(isinstance(item, SwimmerResult) for item in hidden)
    assert "Lanes of single patients of radical" in [
        item.analysis for item in hidden if isinstance(item, WithheldResult)
    ]


def test_a_result_that_cannot_be_judged_is_withheld(m1: Run) -> None:
    class NewResult:
        pass

    study = StudyResult("", (), m1.result.provenance, (), (NewResult(),), ())  # type: ignore[arg-type]
    (withheld,) = redact(study, 5).analyses
    assert withheld == WithheldResult("An analysis of the kind new")


def test_the_page_says_what_is_hidden_and_shows_no_figure_that_was_compared(m1: Run) -> None:
    page = report(redact(m1.result, 5), m1.checked, FACTS)
    assert "Numbers of patients from 1 to 4 are hidden" in page
    assert "<td" in page
    assert "verdict" not in page.partition("<body>")[2].partition("<script")[0]


def test_counts_of_one_endpoint_add_up_over_its_groups(m1: Run) -> None:
    """The ties know that 34 deaths of all are 22 of the radically treated and 12 of the others."""
    counts: Counts = ties.ties(m1.result)
    events = {cell: value for cell, value in counts.values.items() if isinstance(cell, tuple) and "events" in cell}
    sums = {
        tuple(sorted(counts.values[part] for part in total.parts)) for total in counts.totals if total.whole in events
    }
    assert (12, 22) in sums


def printed(run: Run, below: int) -> str:
    console = Console(file=io.StringIO(), width=160)
    print_study(redact(run.result, below), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("study", ["m1", "colon"])
def test_the_terminal_shows_what_is_hidden_as_hidden(study: str, request: pytest.FixtureRequest) -> None:
    text = printed(request.getfixturevalue(study), 10)
    assert "Numbers of patients from 1 to 9 are hidden" in text
    assert " hidden " in text
    assert not re.search(r"\bnan\b|(?<![\w.])-1\b", text)  # how a hidden number is kept never meets the eye


def test_the_terminal_names_no_patient_and_compares_no_figure(m1: Run) -> None:
    text = printed(m1, 5)
    assert "M1-SYN" not in text
    assert "holds" not in text.partition("Hygiene")[2].replace("a figure that holds", "")
    assert "The study states 97 figures. Whether they hold is not shown here" in text


def test_the_json_says_hidden_where_a_number_is(m1: Run) -> None:
    found = json.loads(study_json(redact(m1.result, 5)))
    assert found["suppressed_below"] == 5
    assert found["reproduced"] == "hidden"
    assert "M1-SYN" not in json.dumps(found)

    def values(item: Any) -> Iterator[Any]:
        if isinstance(item, dict | list):
            for part in item.values() if isinstance(item, dict) else item:
                yield from values(part)
        else:
            yield item

    assert -1 not in [item for item in values(found) if isinstance(item, int)]
    assert "hidden" in list(values(found))
    (landmark,) = [item for item in found["analyses"] if item.get("landmark") is not None]
    assert landmark["left_out"] == [{"reason": "not at risk after the landmark", "patients": "hidden"}]


def test_the_tables_say_hidden_where_a_number_is(m1: Run) -> None:
    _, second = [item for item in redact(m1.result, 5).analyses if isinstance(item, TableResult)]
    lines = table_csv(second).splitlines()
    assert "  liver and lung,hidden" in lines  # 3 patients
    assert "  liver,10" in lines  # without its share: that would tell the 36 patients, which are hidden


def test_small_numbers_hidden_in_a_run_are_hidden_in_all_that_it_writes(
    m1: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    json_file, tables, page = tmp_path / "m1.json", tmp_path / "tables", tmp_path / "m1.html"
    store = m1.result.provenance.store
    written = ["--json", json_file, "--tables", tables, "--report", page]
    arguments = ["run", ROOT / "queries/m1.tql", "--store", store, "--suppress-below", "5", *written]
    assert main([*map(str, arguments)]) == 0
    assert json.loads(json_file.read_text())["suppressed_below"] == 5
    assert "hidden" in (tables / "table-2-radical.csv").read_text()
    assert "from 1 to 4 are hidden" in page.read_text(encoding="utf-8")
    assert "from 1 to 4 are hidden" in " ".join(capsys.readouterr().out.split())
