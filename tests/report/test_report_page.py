"""The report as a file: small, whole, without a patient's name, and the same for the same run."""

import csv
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tests.report.conftest import FACTS, ROOT, Run
from timeline.report.html.page import report
from timeline.report.html.sections import Setting, section
from timeline.study.results import (
    AnalysisResult,
    FailedResult,
    Phase,
    SwimmerResult,
    SwimmerRow,
)

LARGEST = 2_000_000
"""Bytes, so that the file can be sent by mail."""

FIGURES = 14
"""Of the M1 study: the flow, figures 1a to 3 as shares, those beside them, and the hazard ratios of its comparisons.

Lanes are drawn when asked for."""


@pytest.fixture(scope="module")
def page(m1: Run) -> str:
    return report(m1.result, m1.checked, FACTS)


class Outline(HTMLParser):
    """What a browser would load, and how the page is built for those who do not see it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.unnamed_images = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loaded += [given[name] or "" for name in ("src", "data", "poster", "srcset") if name in given]
        self.loaded += [given["href"] or ""] if tag != "a" and "href" in given else []
        if tag == "a":
            self.links.append(given["href"] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in given:
            self.ids.append(given["id"] or "")
        if given.get("role") == "img" and not given.get("aria-label"):
            self.unnamed_images += 1


@pytest.mark.parametrize("study", ["m1", "colon"])
def test_a_report_is_smaller_than_two_megabytes(study: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(study)
    assert len(report(run.result, run.checked, FACTS, run.patients).encode()) < LARGEST


def test_a_report_loads_nothing(page: str) -> None:
    assert Outline(page).loaded == []
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_no_chart_names_a_place_on_the_network(page: str) -> None:
    charts = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert len(charts) == FIGURES
    assert not any("http" in chart for chart in charts)


def test_a_report_is_the_same_for_the_same_run(m1: Run, page: str) -> None:
    assert report(m1.result, m1.checked, FACTS) == page


@pytest.mark.parametrize("patients", [False, True])
def test_no_patient_is_named(m1: Run, patients: bool) -> None:
    with (ROOT / "fixtures/m1/events.csv").open() as events:
        names = {row["patient"] for row in csv.DictReader(events)}
    assert len(names) == 50
    made = report(m1.result, m1.checked, FACTS, m1.patients if patients else None)
    assert not [name for name in names if name in made]


def test_lanes_of_patients_are_there_only_when_asked_for(m1: Run, page: str) -> None:
    assert "Patients, numbered anew" not in page
    assert "Patients, numbered anew" in report(m1.result, m1.checked, FACTS, m1.patients)


def test_every_figure_says_what_the_data_are(page: str) -> None:
    captions = re.findall("<figcaption>(.*?)</figcaption>", page)
    labels = re.findall(r'role="img" aria-label="(.*?)"', page)
    assert len(captions) == len(labels) == FIGURES
    assert all("(reconstructed data)" in said for said in (*captions, *labels))


def test_every_figure_says_in_words_what_it_shows(page: str) -> None:
    assert Outline(page).unnamed_images == 0
    assert (
        "radical: 36 patients, 22 events, median 4.39 y (95 % limits 3.67 y to not reached); "
        "not radical: 14 patients, 12 events, median 2.79 y" in page
    )


def test_headings_descend_one_level_at_a_time(page: str) -> None:
    levels = Outline(page).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_link_leads_to_a_place_in_the_page(page: str) -> None:
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
    assert all(link.startswith("#") for link in outline.links)


def test_the_report_holds_what_a_reader_needs_to_check_it(m1: Run, page: str) -> None:
    source = m1.result.provenance
    for said in (
        source.head,
        source.query_hash,
        str(source.position),
        FACTS.command,
        "2026-01-02 03:04:05 UTC",
        "duckdb 2.0",
    ):
        assert said in page
    for place in ("F34 Results", "C9 Methods", "G1 log integrity"):
        assert place in page
    assert "80 of 80 published figures reproduced" in page
    assert "Endpoint os: Overall survival" in page
    assert "acknowledge immortal_time" in page  # the query as written


def test_texts_of_a_study_cannot_become_markup() -> None:
    failed = FailedResult("compare <os>", "a.tql:1", "<script>alert(1)</script>", "")
    assert "<script>" in section(failed, Setting("data")).headline  # plain words, escaped where the page is laid out
    from timeline.report.html.markup import paragraph

    assert paragraph(failed.message) == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_a_kind_of_result_without_a_section_is_named() -> None:
    class NewResult:
        pass

    assert section(NewResult(), Setting("data")).title == "An analysis of the kind New"


def test_a_swimmer_plot_says_whom_it_leaves_out() -> None:
    rows = tuple(SwimmerRow(f"p{i}", (), (Phase("treatment", 0, 1000 - i),), ongoing=False) for i in range(301))
    result: AnalysisResult = SwimmerResult("trial", (), rows, ("treatment",))
    notes = section(result, Setting("data", {})).notes
    assert notes == ("Drawn are the 300 longest histories; 1 shorter ones are left out.",)
