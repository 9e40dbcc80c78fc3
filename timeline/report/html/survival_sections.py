"""Sections of the report: Kaplan-Meier estimates and comparisons of groups."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.report import shown, units, words
from timeline.report.axis import axis, last_day
from timeline.report.html import curves
from timeline.report.html.curves import Curve
from timeline.report.html.parts import Figure, Grid, Section
from timeline.report.html.sections import (
    Setting,
    at_landmark,
    imputed_words,
    notes,
    numbers_at_risk,
    ratio_limits,
    section,
    subject,
    titled,
)
from timeline.study.results import (
    ComparisonResult,
    EstimateResult,
    Survived,
)


@section.register
def _(result: EstimateResult, setting: Setting) -> Section:
    groups = result.groups or ((result.group,) if result.group is not None else ())
    by = f" by {result.by}" if result.by else ""
    title = titled(result.title, f"{subject(result)}{by}{at_landmark(result.landmark)}")
    if not groups:
        return Section(title, "No member has a time for this endpoint.", notes=notes(result.left_out, result.note))
    headline = f"{_medians(groups, len(groups) > 1)}."
    return Section(
        title,
        headline,
        _survival(result, groups, title, headline, setting),
        _survival_grids(groups, result.by),
        notes(result.left_out, result.note, *_special(groups)),
    )


@section.register
def _(result: ComparisonResult, setting: Setting) -> Section:
    title = titled(result.title, f"{subject(result)} by {result.by}{at_landmark(result.landmark)}")
    medians = _medians(result.groups, True)
    tests = _tests(result)
    headline = ". ".join([part for part in (medians, *tests) if part]) + "."
    grids = list(_survival_grids(result.groups, result.by))
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
        _survival(result, result.groups, title, headline, setting),
        tuple(grids),
        (*acknowledged, *notes(result.left_out, result.note, *_special(result.groups))),
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
    if result.hazards is not None and len(result.hazards.ratios) == 1:
        ratio = result.hazards.ratios[0]
        said.append(
            f"Hazard ratio (Cox) of {ratio.label} against {ratio.reference}: {shown.ratio(ratio.ratio)} "
            f"({ratio_limits(ratio.lower, ratio.upper)})"
        )
    return said


def _medians(groups: Sequence[Survived], named: bool) -> str:
    unit = units.medians(groups)
    return "; ".join(_median(group, named, unit) for group in groups)


def _median(group: Survived, named: bool, unit: words.Unit) -> str:
    """One group's result: `radical (n = 36): 22 events, median 4.39 y (3.67 y to not reached)`."""
    name = f"{group.label}: " if named else ""
    events = "no event" if group.events == 0 else f"{shown.count(group.events)} event{'' if group.events == 1 else 's'}"
    bounds = shown.limits(group.median.lower, group.median.upper, unit)
    limits = f" (95 % limits {bounds})" if bounds not in ("-", shown.HIDDEN_WORD) else ""
    return f"{name}{shown.patients(group.n)}, {events}, median {shown.duration(group.median.time, unit)}{limits}"


def _survival(
    result: EstimateResult | ComparisonResult, groups: Sequence[Survived], title: str, headline: str, setting: Setting
) -> tuple[Figure, ...]:
    drawn = [
        Curve(
            group.label,
            group.label,
            1.0,
            group.curve.time,
            group.curve.survival,
            group.curve.lower,
            group.curve.upper,
            numbers_at_risk(group.curve, setting),
            group.curve.censored if setting.suppressed is None else None,
        )
        for group in groups
    ]
    drawn = [curve for curve in drawn if not curve.withheld]
    if not drawn:
        return ()
    scale = axis(last_day(curve.time for curve in drawn))
    since = "the landmark" if result.landmark is not None else "the origin"
    live, still = curves.chart(drawn, scale, words.without_event(result.endpoint_label), since)
    read = [
        f"{group.label + ': ' if len(groups) > 1 else ''}"
        + ", ".join(f"{shown.percent(at.survival)} at {words.span(at.day)}" for at in group.survival)
        for group in groups
        if group.survival
    ]
    alt = f"Kaplan-Meier curve. {title}. {headline}" + (f" Survival {'; '.join(read)}." if read else "")
    ticks = "" if setting.suppressed is not None else "; upright ticks are censored patients"
    caption = f"Kaplan-Meier estimate with 95 % limits{ticks}. Numbers at risk are those just before each time."
    return (Figure(live, still, alt, caption),)


def _survival_grids(groups: Sequence[Survived], by: str | None) -> tuple[Grid, ...]:
    head = by or "patients"
    unit = units.medians(groups)
    columns = (head, "n", "events", "censored", "median", "95 % limits", "censored by reason")
    rows = tuple(
        (
            group.label if by else "all",
            shown.count(group.n),
            shown.count(group.events),
            shown.count(group.censored),
            shown.duration(group.median.time, unit),
            shown.limits(group.median.lower, group.median.upper, unit),
            "; ".join(f"{shown.count(item.patients)} {item.reason}" for item in group.reasons if item.outcome == 0)
            or "-",
        )
        for group in groups
    )
    grids = [Grid("Patients, events and median", columns, rows, left=("censored by reason",))]
    times = tuple(
        (
            group.label if by else "all",
            words.span(at.day),
            shown.percent(at.survival),
            shown.percent_limits(at.lower, at.upper),
            shown.count(at.at_risk),
            shown.count(at.events),
        )
        for group in groups
        for at in group.survival
    )
    if times:
        heads = (head, "time", "survival", "95 % limits", "at risk", "events so far")
        grids.append(Grid("Survival at the times asked for", heads, times))
    return (*grids, *_more_of_groups(groups, head, by))


def _more_of_groups(groups: Sequence[Survived], head: str, by: str | None) -> list[Grid]:
    """What a group may have besides: other quantiles, conditional survival, restricted mean, follow-up."""
    found = []
    labels = [group.label if by else "all" for group in groups]
    unit = units.quantiles(groups)
    quantiles = tuple(
        (
            label,
            f"{100 * item.probability:g} %",
            shown.duration(item.time, unit),
            shown.limits(item.lower, item.upper, unit),
        )
        for label, group in zip(labels, groups, strict=True)
        for item in group.quantiles
    )
    if quantiles:
        found.append(Grid("Quantiles", (head, "had the event", "by", "95 % limits"), quantiles))
    conditional = tuple(
        (
            label,
            words.span(item.given),
            words.span(item.day),
            shown.percent(item.survival),
            shown.percent_limits(item.lower, item.upper),
        )
        for label, group in zip(labels, groups, strict=True)
        for item in group.conditional
    )
    if conditional:
        columns = (head, "having survived", "until", "survival", "95 % limits")
        found.append(Grid("Conditional survival", columns, conditional))
    unit = units.means(groups)
    means = tuple(
        (
            label,
            words.span(item.horizon),
            words.duration(item.mean, unit),
            words.limits(item.lower, item.upper, unit),
            words.duration(item.standard_error, unit),
        )
        for label, group in zip(labels, groups, strict=True)
        for item in [group.restricted_mean]
        if item is not None
    )
    if means:
        columns = (head, "within", "mean", "95 % limits", "standard error")
        found.append(Grid("Restricted mean survival time", columns, means))
    unit = units.follow_up(groups)
    followed = tuple(
        (
            label,
            shown.duration(item.median.time, unit),
            shown.limits(item.median.lower, item.median.upper, unit),
            "-" if item.shortest is None else shown.duration(item.shortest, unit),
            "-" if item.longest is None else shown.duration(item.longest, unit),
            shown.percent(item.completeness),
        )
        for label, group in zip(labels, groups, strict=True)
        for item in [group.follow_up]
        if item is not None
    )
    if followed:
        heads = (head, "median", "95 % limits", "shortest", "longest", "completeness (Clark's C)")
        found.append(Grid("Follow-up (reverse Kaplan-Meier)", heads, followed))
    return found


def _special(groups: Sequence[Survived]) -> tuple[str, ...]:
    """What a reader has to know of the groups before using their numbers."""
    late = [group for group in groups if group.entered_late]
    said = [f"Delayed entry, {group.label}: {shown.patients(group.entered_late)}." for group in late]
    said += [f"{group.label}: {group.note}." for group in groups if group.note]
    return (*said, *imputed_words([group.imputed for group in groups]))


def _p(value: float | None) -> str:
    return "-" if value is None else words.p_value(value)
