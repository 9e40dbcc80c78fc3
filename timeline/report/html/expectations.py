"""Published against computed figures, as tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.report.html.markup import Markup, paragraph, tag, text
from timeline.report.html.parts import Grid
from timeline.study.results import ExpectationResult, StudyResult

COLUMNS = ("printed in", "figure", "published", "computed", "verdict")


def verdict(result: StudyResult) -> Markup:
    """How many figures are reproduced, in one line."""
    if not result.expectations:
        return Markup("")
    reproduced = sum(item.passes for item in result.published)
    said = [f"{reproduced} of {len(result.published)} published figures reproduced"]
    if result.implied:
        said.append(f"{sum(item.passes for item in result.implied)} of {len(result.implied)} implied figures hold")
    if result.contradicted:
        stated = sum(item.passes for item in result.contradicted)
        said.append(f"{stated} of {len(result.contradicted)} contradicted, as stated")
    return paragraph("; ".join(said) + ".", f"verdict {'good' if result.reproduced else 'bad'}")


def grids(result: StudyResult) -> list[Grid]:
    parts = (("Published figures", result.published), ("Implied by what is published", result.implied))
    return [Grid(title, COLUMNS, tuple(_rows(items)), left=("figure", "verdict")) for title, items in parts if items]


def _rows(items: Sequence[ExpectationResult]) -> list[tuple[str, ...]]:
    return [
        (
            (item.place or f"line {item.line}") if number == 0 else "",
            check.claim,
            check.published if check.operator == "=" else f"{check.operator} {check.published}",
            check.computed,
            "holds" if check.holds else "DIFFERS",
        )
        for item in items
        for number, check in enumerate(item.checks)
    ]


def contradictions(result: StudyResult) -> list[Markup]:
    if not result.contradicted:
        return []
    return [
        tag("h3", text("Where the paper contradicts itself")),
        *(_contradiction(item) for item in result.contradicted),
    ]


def _contradiction(item: ExpectationResult) -> Markup:
    kept = "contradicted, as stated" if item.passes else "holds, though stated as contradicted"
    checks = [paragraph(f"Published {c.published}, computed {c.computed}: {kept}.") for c in item.checks]
    claims = ", ".join(check.claim for check in item.checks)
    return tag("div", tag("h4", text(f"{item.place}: {claims}")), *checks, paragraph(item.contradicted or ""))
