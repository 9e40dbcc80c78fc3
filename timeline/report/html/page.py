"""The whole report as one file. Lays out what the other modules made; computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from itertools import count
from pathlib import Path

from dsl import Checked, explain
from timeline.errors import StudyError
from timeline.report import shown
from timeline.report.html import expectations, runtime
from timeline.report.html.analyses import Setting, section
from timeline.report.html.descriptive_sections import attrition
from timeline.report.html.markup import Markup, join, paragraph, tag, text, unbroken
from timeline.report.html.parts import Figure, Grid, Section
from timeline.report.html.run_facts import RunFacts
from timeline.report.html.tables import table
from timeline.study.histories import Histories
from timeline.study.results import CohortResult, HygieneResult, StudyResult, TableResult, WithheldResult

# The file may run what it holds and load nothing: a browser that heeds this cannot be made to reach a network.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def write_report(
    result: StudyResult,
    checked: Checked,
    facts: RunFacts,
    path: Path,
    patients: Histories | None = None,
) -> None:
    """Write a study's report. `patients` are the histories of those in lanes, and draws them.

    Raises StudyError where the file cannot be written.
    """
    try:
        path.write_text(report(result, checked, facts, patients), encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{path}: the report cannot be written: {error.strerror}.") from None


def report(result: StudyResult, checked: Checked, facts: RunFacts, patients: Histories | None = None) -> str:
    assert result.suppressed_below is None or patients is None, "no single patients where small numbers are hidden"
    setting = Setting(result.title, patients, result.suppressed_below, result.cohorts)
    return _Page(result, checked, facts, setting).whole()


class _Page:
    """One report in the making; it numbers figures and tables as they come."""

    def __init__(self, result: StudyResult, checked: Checked, facts: RunFacts, setting: Setting) -> None:
        self._result = result
        self._checked = checked
        self._facts = facts
        self._setting = setting
        self._title = result.title or result.provenance.query
        self._figures = count(1)
        self._tables = count(1)

    def whole(self) -> str:
        analyses = [section(item, self._setting) for item in self._result.analyses]
        parts = {
            "summary": ("Summary", self._summary(analyses)),
            "definitions": ("Definitions", self._definitions()),
            "attrition": ("Attrition", self._attrition()),
            "analyses": ("Analyses", self._analyses(analyses)),
            "hygiene": ("What could bias these results", self._hygiene()),
            "published": ("Published and computed", self._published()),
            "provenance": ("Provenance", self._provenance()),
            "query": ("The query as written", self._query()),
        }
        kept = {anchor: part for anchor, part in parts.items() if part[1]}
        links = [tag("li", tag("a", text(title), href=f"#{anchor}")) for anchor, (title, _) in kept.items()]
        sections = [
            tag(
                "section",
                tag("h2", text(title), id=f"{anchor}-title"),
                body,
                id=anchor,
                aria_labelledby=f"{anchor}-title",
            )
            for anchor, (title, body) in kept.items()
        ]
        header = tag(
            "header",
            paragraph("Study report", "kind"),
            tag("h1", text(self._title)),
            paragraph("; ".join(self._result.references), "refs") if self._result.references else None,
            tag("nav", tag("ol", *links), aria_label="Contents"),
        )
        main = tag("main", *sections, id="main", tabindex="-1")
        footer = tag("footer", paragraph(f"{self._title}. Made by catamnesis {self._result.provenance.version}."))
        scripts = self._scripts() if any(item.figures for item in analyses) else []
        skip = tag("a", text("Skip to the results"), class_="skip", href="#main")
        body = tag("body", skip, tag("div", header, main, footer, class_="page"), *scripts)
        return f"<!doctype html>\n{tag('html', self._head(), body, lang='en')}\n"

    def _head(self) -> Markup:
        return tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", text(self._title)),
            tag("style", _file("style.css")),
        )

    @staticmethod
    def _scripts() -> list[Markup]:
        return [
            tag("script", Markup(runtime.bundle()), type="module"),
            tag("script", _file("figures.js"), type="module"),
        ]

    # --- parts, in their order

    def _summary(self, analyses: Sequence[Section]) -> Markup:
        result = self._result
        considered = result.cohorts[0].considered if result.cohorts else None
        facts = [("Patients in the log", shown.count(considered))] if considered is not None else []
        facts += [("Cohorts", str(len(result.cohorts))), ("Analyses", str(len(result.analyses)))]
        if result.provenance.cutoff is not None:
            facts.append(("Data cut-off", result.provenance.cutoff.isoformat()))
        if result.provenance.known_by is not None:
            facts.append(("As known by", str(result.provenance.known_by)))
        facts += [(f"Parameter {name}", value) for name, value in result.provenance.parameters]
        open_findings = [item for item in result.hygiene if item.acknowledged is None]
        kept = len(result.hygiene) - len(open_findings)
        if result.hygiene:
            facts.append(("Findings of hygiene", f"{len(open_findings)} open, {kept} acknowledged"))
        below = self._setting.suppressed
        notes = []
        if below is not None:
            notes.append(shown.suppression(below))
        headlines = [
            tag(
                "li",
                tag("a", text(item.title), href=f"#analysis-{number}"),
                Markup(": "),
                text(unbroken(item.headline)),
            )
            for number, item in enumerate(analyses, 1)
            if not isinstance(result.analyses[number - 1], TableResult | CohortResult | WithheldResult)
        ]
        return join(
            [
                *(paragraph(words, "note") for words in notes),
                expectations.verdict(result) if below is None else "",
                _facts(facts),
                tag("h3", text("Results")) if headlines else "",
                tag("ul", *headlines, class_="headlines") if headlines else "",
            ]
        )

    def _definitions(self) -> Markup:
        study = self._checked.program
        said = [self._paragraph(explain.define(item)) for item in study.definitions]
        asked = [paragraph(explain.analyse(item)) for item in study.analyses]
        words = tag(
            "div",
            *said,
            tag("div", tag("h3", text("What is computed")), *asked, class_="definition"),
            class_="definitions",
        )
        return join(
            [
                paragraph(
                    "What the query means, in plain English, said from what was computed. The query itself stands last."
                ),
                tag(
                    "details",
                    tag("summary", text(f"{len(study.definitions)} definitions, {len(study.analyses)} analyses")),
                    words,
                ),
            ]
        )

    def _query(self) -> Markup:
        return join(
            tag("details", tag("summary", text(source.name)), tag("pre", tag("code", text(source.text)), tabindex="0"))
            for source in reversed(self._checked.sources)
        )

    @staticmethod
    def _paragraph(found: explain.Paragraph) -> Markup:
        items = tag("ol", *(tag("li", text(item)) for item in found.items)) if found.items else None
        sentences = (paragraph(sentence) for sentence in found.sentences)
        return tag("div", tag("h3", text(found.heading)), *sentences, items, class_="definition")

    def _attrition(self) -> Markup:
        return tag("div", *(self._grid(attrition(cohort)) for cohort in self._result.cohorts), class_="cards")

    def _analyses(self, analyses: Sequence[Section]) -> Markup:
        return join(self._section(item, number) for number, item in enumerate(analyses, 1))

    def _section(self, item: Section, number: int) -> Markup:
        anchor = f"analysis-{number}"
        return tag(
            "section",
            tag("h3", text(item.title), id=f"{anchor}-title"),
            *(paragraph(note, "note") for note in item.notes),
            paragraph(unbroken(item.headline), "headline"),
            *(self._figure(figure) for figure in item.figures),
            *(self._grid(grid) for grid in item.grids),
            id=anchor,
            aria_labelledby=f"{anchor}-title",
        )

    def _figure(self, figure: Figure) -> Markup:
        name = f"chart-{next(self._figures)}"
        still = tag("div", Markup(runtime.image(figure.still)), class_="still")
        live = tag("div", class_="live")
        both = tag("div", still, live, role="img", aria_label=f"{figure.alt} Data: {self._title}.")
        # What is chosen and what is then said stand outside the image, whose parts no screen reader reaches.
        control = tag("div", id=f"{name}-control", class_="control") if figure.chosen else None
        listing = tag("ol", class_="listing", aria_live="polite") if figure.chosen else None
        said = tag("figcaption", text(f"{figure.caption} Data: {self._title}."))
        chart = tag("script", Markup(runtime.inline(figure.live)), type="application/json", id=name)
        return tag("figure", control, both, said, listing, chart, data_chart=name)

    def _grid(self, grid: Grid) -> Markup:
        return table(grid, f"table-{next(self._tables)}")

    def _hygiene(self) -> Markup:
        return join(self._finding(item) for item in self._result.hygiene)

    def _finding(self, item: HygieneResult) -> Markup:
        counted = [paragraph(words) for words in _concerned(item, self._setting.suppressed)]
        kept = [paragraph(f"Acknowledged: {item.acknowledged}.")] if item.acknowledged is not None else []
        hint = [paragraph(f"Remedy: {item.hint}")] if item.hint and item.acknowledged is None else []
        heading = f"{item.rule.replace('_', ' ').capitalize()} ({item.code})"
        where = paragraph(item.place, "data") if item.place else None
        return tag(
            "div",
            tag("h3", text(heading)),
            where,
            paragraph(f"{item.message[:1].upper()}{item.message[1:].replace('`', '')}."),
            *counted,
            *kept,
            *hint,
            class_="finding",
        )

    def _published(self) -> Markup:
        if not self._result.expectations:
            return Markup("")
        if self._setting.suppressed is not None:
            return paragraph(shown.uncompared(len(self._result.expectations)), "note")
        grids = [self._grid(grid) for grid in expectations.grids(self._result)]
        return join([expectations.verdict(self._result), *grids, *expectations.contradictions(self._result)])

    def _provenance(self) -> Markup:
        source, facts = self._result.provenance, self._facts
        time = tag("time", text(f"{facts.at:%Y-%m-%d %H:%M:%S} UTC"), datetime=facts.at.isoformat())
        told = [
            ("Run at", time),
            ("Command", tag("code", text(facts.command))),
            ("Store", text(source.store)),
            ("Position of the log", text(str(source.position))),
            ("Head of the log", tag("code", text(source.head))),
            ("Query", text(source.query)),
            ("Query, SHA-256", tag("code", text(source.query_hash))),
            (
                "Computed by",
                text(f"catamnesis {source.version}, " + ", ".join(" ".join(item) for item in facts.versions)),
            ),
        ]
        return tag("dl", *(tag("dt", text(name)) + tag("dd", value) for name, value in told), class_="facts")


def _concerned(item: HygieneResult, below: int | None) -> list[str]:
    if item.counted and not item.concerns_anyone:
        return ["On these data it concerns no patient."]
    if below is not None:
        return ["On these data it concerns patients; how many is not shown."] if item.counts else []
    said = []
    for count_ in item.counts:
        group = f"{count_.group}: " if count_.group is not None else ""
        if count_.events is not None:
            said.append(f"{group}{count_.members} patients, {count_.events} events.")
        elif count_.patients:
            days = count_.person_days
            spent = "" if days is None else f", {days:,} person-days between the origin and what decided"
            said.append(f"{group}{count_.patients} of {count_.members} patients{spent}.")
    return said


def _facts(facts: Sequence[tuple[str, str]]) -> Markup:
    return tag("dl", *(tag("dt", text(name)) + tag("dd", text(value)) for name, value in facts), class_="facts")


def _file(name: str) -> Markup:
    return Markup((files("timeline.report.html") / name).read_text(encoding="utf-8"))
