"""Sections of the report: Kaplan-Meier estimates and comparisons of groups."""

from __future__ import annotations

from timeline.report import shown, units, words
from timeline.report.html import of_groups, other_charts
from timeline.report.html.parts import Figure, Grid, Section
from timeline.report.html.sections import Setting, at_landmark, notes, ratio_limits, section, subject, titled
from timeline.study.results import ComparisonResult, EstimateResult
from timeline.survival import HazardRatio


@section.register
def _(result: EstimateResult, setting: Setting) -> Section:
    groups = result.groups or ((result.group,) if result.group is not None else ())
    by = f" by {result.by}" if result.by else ""
    title = titled(result.title, f"{subject(result)}{by}{at_landmark(result.landmark)}")
    if not groups:
        return Section(title, "No member has a time for this endpoint.", notes=notes(result.left_out, result.note))
    headline = f"{of_groups.medians(groups, named=len(groups) > 1)}."
    return Section(
        title,
        headline,
        of_groups.curves(result, groups, title, headline, setting),
        of_groups.tables(groups, result.by),
        notes(result.left_out, result.note, *of_groups.remarks(groups)),
    )


@section.register
def _(result: ComparisonResult, setting: Setting) -> Section:
    title = titled(result.title, f"{subject(result)} by {result.by}{at_landmark(result.landmark)}")
    parts = [of_groups.medians(result.groups, named=True), *_tests(result)]
    headline = ". ".join(part for part in parts if part) + "."
    grids = list(of_groups.tables(result.groups, result.by))
    if result.hazards is not None:
        rows = tuple(
            (
                ratio.label,
                ratio.reference,
                shown.ratio(ratio.ratio),
                ratio_limits(ratio.lower, ratio.upper),
                words.p_value(ratio.p_value),
            )
            for ratio in result.hazards.ratios
        )
        heads = ("group", "against", "ratio", "95 % limits", "p (Wald)")
        grids.append(Grid("Hazard ratios (Cox)", heads, rows, left=("against",)))
    if result.pairs:
        pairs = tuple(
            (
                f"{pair.first} - {pair.second}",
                f"{pair.test.statistic:.3f}" if pair.test else pair.note,
                words.p_value(pair.test.p_value) if pair.test else "",
                _p(pair.adjusted),
            )
            for pair in result.pairs
        )
        grids.append(Grid("Pairs of groups", ("pair", "chi-square", "p", "p adjusted (Holm)"), pairs))
    if result.means:
        unit = units.differences(result)
        means = tuple(
            (
                f"{mean.label} against {mean.reference}, within {words.span(mean.horizon)}",
                words.duration(mean.difference, unit),
                words.limits(mean.difference_lower, mean.difference_upper, unit),
                words.p_value(mean.difference_p_value),
                "-" if mean.ratio is None else shown.ratio(mean.ratio),
                "-"
                if mean.ratio_lower is None or mean.ratio_upper is None
                else ratio_limits(mean.ratio_lower, mean.ratio_upper),
                _p(mean.ratio_p_value),
            )
            for mean in result.means
        )
        columns = ("groups", "difference", "95 % limits", "p", "ratio", "95 % limits ", "p ")
        grids.append(Grid("Restricted mean survival times", columns, means))
    acknowledged = [f"Acknowledged, {finding.replace('_', ' ')}: {reason}." for finding, reason in result.acknowledged]
    return Section(
        title,
        headline,
        (*of_groups.curves(result, result.groups, title, headline, setting), *_forest(result, title)),
        tuple(grids),
        (*acknowledged, *notes(result.left_out, result.note, *of_groups.remarks(result.groups))),
    )


def _tests(result: ComparisonResult) -> list[str]:
    said = []
    if result.test is not None:
        strata = f", stratified by {', '.join(result.strata)}" if result.strata else ""
        name = result.test_name[:1].upper() + result.test_name[1:]
        said.append(
            f"{name} test{strata}: chi-square {result.test.statistic:.2f} on {result.test.degrees_of_freedom} df, "
            f"p = {words.p_value(result.test.p_value)}".replace("= <", "<")
        )
    if result.trend is not None:
        said.append(f"Test for trend: p = {words.p_value(result.trend.p_value)}".replace("= <", "<"))
    if result.hazards is not None:
        ratios, reference = result.hazards.ratios, result.hazards.reference
        if len(ratios) == 1:
            said.append(f"Hazard ratio (Cox) of {ratios[0].label} against {reference}: {_ratio(ratios[0])}")
        else:
            told = "; ".join(f"{each.label} {_ratio(each)}" for each in ratios)
            said.append(f"Hazard ratios (Cox) against {reference}: {told}")
    return said


def _ratio(found: HazardRatio) -> str:
    return f"{shown.ratio(found.ratio)} ({ratio_limits(found.lower, found.upper)})"


def _forest(result: ComparisonResult, title: str) -> tuple[Figure, ...]:
    """The hazard ratios of the groups, the reference in its place among them; none where there are none."""
    if result.hazards is None:
        return ()
    reference = result.hazards.reference
    found = {each.label: other_charts.Ratio(each.label, each) for each in result.hazards.ratios}
    found[reference] = other_charts.Ratio(f"{reference} (reference)", None)
    rows = [found[group.label] for group in result.groups if group.label in found]
    live, still = other_charts.forest(rows, result.by)
    told = "; ".join(f"{each.label} {_ratio(each)}" for each in result.hazards.ratios)
    alt = f"Forest plot. {title}. Hazard ratios against {reference}: {told}."
    return (Figure(live, still, alt, f"Hazard ratios (Cox) against {reference}, with 95 % limits."),)


def _p(value: float | None) -> str:
    return "-" if value is None else words.p_value(value)
