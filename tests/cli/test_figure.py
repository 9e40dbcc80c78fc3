"""`timeline figure`: the list, how a figure is named, the files, and mistakes."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Timeline

M1 = ROOT / "queries" / "m1.tql"
REFUSED, CANNOT_RUN = 2, 7


def test_without_a_name_the_figures_are_listed_and_no_store_is_needed(timeline: Timeline) -> None:
    listed = timeline("figure", M1)
    assert listed.returncode == 0, listed.stderr
    *numbered, patient = [re.split(r"\s{2,}", line.strip()) for line in listed.stdout.splitlines()]
    names = [name for _, name, _ in numbered]
    assert names[:4] == [
        "attrition radical",
        "estimate os in enrolled",
        "compare os in enrolled by radical",
        "hazard_ratios os in enrolled by radical",
    ]
    assert names.count("attrition radical") == 1  # the study asks for it, and each cohort has its flow
    assert "attrition enrolled" in names
    assert [int(number) for number, _, _ in numbered] == list(range(1, len(names) + 1))
    assert patient[0] == "patient --patient ID"


@pytest.mark.parametrize(
    ("name", "file", "title"),
    [
        ("3", "a.svg", "Figure 1b. Overall survival: Enrolled patients"),
        ("figure 1b", "b.svg", "Figure 1b. Overall survival: Enrolled patients"),
        ("os in enrolled by radical", "b.pdf", "Figure 1b. Overall survival: Enrolled patients"),
        ("rfs by pcr", "c.png", "Figure 2b. Recurrence-free survival: Surgical treatment of all tumour sites"),
        ("hazard_ratios pcr", "d.svg", "Figure 2b. Recurrence-free survival: Surgical treatment of all tumour sites"),
        ("cox", "e.svg", "Figure 1b as it happened. Overall survival: Enrolled patients"),
        ("incidence second_relapse", "f.svg", "Second recurrence after treatment of the first: "),
        ("states", "g.svg", "Figure 3 as shares. Survival after the last operation: "),
        ("swimmer", "h.svg", "Figure 3. Radical treatment (R0) of every tumour site"),
        ("attrition radical", "i.svg", "Flow of patients. Radical treatment (R0) of every tumour site"),
        ("attrition all_sites", "j.svg", "Surgical treatment of all tumour sites"),
    ],
)
def test_a_figure_is_found_by_number_name_or_words_of_its_own(
    name: str, file: str, title: str, m1_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    done = timeline("figure", M1, name, "-o", tmp_path / file, "--store", m1_store)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{file}: {title}" in done.stdout
    magic = {".svg": b"<?xml", ".pdf": b"%PDF-", ".png": b"\x89PNG"}[Path(file).suffix]
    assert (tmp_path / file).read_bytes().startswith(magic)


def test_a_figure_of_the_m1_data_says_that_they_are_reconstructed(
    m1_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    for number, arguments in enumerate((["swimmer"], ["--patient", "M1-SYN-001"])):
        file = tmp_path / f"{number}.svg"
        assert timeline("figure", M1, *arguments, "-o", file, "--store", m1_store, "--width", "250").returncode == 0
        assert "(reconstructed data) -->" in file.read_text(encoding="utf-8")


def test_the_figure_shows_the_numbers_of_the_report(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    file = tmp_path / "os.svg"
    assert timeline("figure", M1, "estimate os", "-o", file, "--store", m1_store).returncode == 0
    svg = file.read_text(encoding="utf-8")
    # The report: 34 events of 50, median 3.79 years, 37 at risk and 13 events at two years, 19 and 31 at five
    for said in ("<!-- 34 / 50 -->", "<!-- 3.79 ("):
        assert said in svg
    for name, number in (("at-risk-0-2", 37), ("events-0-2", 13), ("at-risk-0-5", 19), ("events-0-5", 31)):
        assert svg.split(f'id="{name}"')[1].split("<!-- ")[1].startswith(f"{number} -->")


def test_a_title_and_a_width_can_be_given(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    file = tmp_path / "figure.svg"
    done = timeline(
        "figure", M1, "rfs by pcr", "-o", file, "--store", m1_store, "--title", "Figure 2b", "--width", "174"
    )
    assert "Figure 2b, 174 × " in done.stdout
    assert f'width="{174 / 25.4 * 72:.3f}'[:11] in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("os", "-o", "a.svg"), REFUSED, "may mean"),
        (("rsf", "-o", "a.svg"), REFUSED, "estimate rfs in all_sites"),
        (("99", "-o", "a.svg"), REFUSED, "has no figure `99`"),
        (("swimmer", "-o", "a.gif"), CANNOT_RUN, ".svg, .pdf or .png"),
        (("swimmer", "-o", "missing/a.svg"), CANNOT_RUN, "cannot be written"),
        (("swimmer", "-o", "a.svg", "--width", "3"), CANNOT_RUN, "from 80 to 1000 mm"),
        (("swimmer",), REFUSED, "-o FILE"),
        (("patient", "-o", "a.svg"), REFUSED, "--patient ID"),
        (("swimmer", "--patient", "M1-SYN-001", "-o", "a.svg"), REFUSED, "called `patient`"),
        (("--patient", "m1-syn-001", "-o", "a.svg"), 1, "told apart by case"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, told: str, m1_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    refused = timeline("figure", M1, *arguments, "--store", m1_store, cwd=tmp_path)
    assert refused.returncode == code, refused.stderr
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_analysis_that_cannot_be_done_says_why(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    query = tmp_path / "study.tql"
    query.write_text(
        "use oncology\ncohort c index first radiotherapy\n"
        "endpoint os from first radiotherapy until death last seen follow_up\ncompare os in c by c landmark 30 years\n"
    )
    refused = timeline("figure", query, "os", "-o", tmp_path / "a.svg", "--store", m1_store)
    assert refused.returncode == CANNOT_RUN, refused.stdout
    assert "Traceback" not in refused.stderr
    assert not (tmp_path / "a.svg").exists()


def test_a_figure_without_a_store_says_what_is_lacking(tmp_path: Path, timeline: Timeline) -> None:
    refused = timeline("figure", M1, "swimmer", "-o", tmp_path / "a.svg")
    assert refused.returncode == REFUSED
    assert "--store STORE" in refused.stderr


def test_a_figure_hides_what_the_report_hides(m1_store: Path, tmp_path: Path, timeline: Timeline) -> None:
    def said(name: str) -> str:
        file = tmp_path / "figure.svg"
        done = timeline("figure", M1, name, "--suppress-below", "5", "-o", file, "--store", m1_store)
        assert (done.returncode, done.stderr) == (0, "")
        text = file.read_text(encoding="utf-8")
        assert "<!-- Numbers of patients from 1 to 4 are hidden" in text
        return text

    curve = said("figure 2a")
    # The report: 40 patients, 33 events; at risk 40, 11 and 6 at 0, 2 and 4 years, and later on hidden
    assert "<!-- 33 / 40 -->" in curve
    numbers = [curve.split(f'id="at-risk-0-{tick}"')[1].split("<!-- ")[1].split(" -->")[0] for tick in range(5)]
    assert numbers == ["40", "11", "6", "·", "·"]
    for kind in ("events", "censored"):
        assert f'id="{kind}-0-0"' not in curve
    flow = said("attrition radical")
    # Four of 40 had a margin that was not free: told by either number
    assert "“every margin R0” (n = hidden) -->" in flow
    for told in ("(n = 4)", "n = 36"):
        assert told not in flow


@pytest.mark.parametrize(
    ("name", "code", "why"),
    [
        ("swimmer", CANNOT_RUN, "could tell a small number of patients"),
        ("states", CANNOT_RUN, "could tell a small number of patients"),
        ("rfs by pcr", CANNOT_RUN, "The curves of rfs in all_sites cannot be shown."),
        ("patient", REFUSED, "Leave out --patient or --suppress-below."),
    ],
)
def test_what_shows_single_patients_is_refused_where_small_numbers_are_hidden(
    name: str, code: int, why: str, m1_store: Path, tmp_path: Path, timeline: Timeline
) -> None:
    file = tmp_path / "figure.svg"
    patient = ["--patient", "M1-SYN-001"] if name == "patient" else []
    done = timeline("figure", M1, name, *patient, "--suppress-below", "5", "-o", file, "--store", m1_store)
    assert done.returncode == code
    assert why in done.stderr
    assert not file.exists()
