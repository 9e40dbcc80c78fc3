"""Whole studies with small numbers hidden: none of them is left anywhere in the results or in the page."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from tests.report.conftest import FACTS, Run
from timeline.report.html import ties
from timeline.report.html.page import report
from timeline.report.html.redact import redact
from timeline.report.html.suppress import Counts, is_small
from timeline.study.results import ComparisonResult, FailedResult, StudyResult, SwimmerResult, TableResult
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
    (swimmer,) = [item for item in redact(m1.result, 5).analyses if isinstance(item, SwimmerResult)]
    assert swimmer.rows == ()


def test_a_result_that_cannot_be_judged_is_withheld(m1: Run) -> None:
    class NewResult:
        pass

    study = StudyResult("", (), m1.result.provenance, (), (NewResult(),), ())  # type: ignore[arg-type]
    (withheld,) = redact(study, 5).analyses
    assert isinstance(withheld, FailedResult)
    assert "withheld" in withheld.message


def test_the_page_says_what_is_hidden_and_shows_no_figure_that_was_compared(m1: Run) -> None:
    page = report(m1.result, m1.checked, FACTS, below=5)
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
