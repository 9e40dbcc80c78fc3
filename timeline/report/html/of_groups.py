"""What estimates and comparisons have in common in the report: the curves of their groups, and the tables of them."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.report import shown, tallies, units, words
from timeline.report.axis import axis, last_day
from timeline.report.html.curves import Curve, chart
from timeline.report.html.parts import Figure, Grid
from timeline.report.html.sections import Setting, imputed_words, numbers_at_risk
from timeline.study.results import ComparisonResult, EstimateResult, Survived


def medians(groups: Sequence[Survived], named: bool) -> str:
    unit = units.medians(groups)
    return "; ".join(_median(group, named, unit) for group in groups)


def _median(group: Survived, named: bool, unit: words.Unit) -> str:
    """One group's result: `radical (n = 36): 22 events, median 4.39 y (3.67 y to not reached)`."""
    name = f"{group.label}: " if named else ""
    events = "no event" if group.events == 0 else f"{shown.count(group.events)} event{'' if group.events == 1 else 's'}"
    bounds = shown.limits(group.median.lower, group.median.upper, unit)
    limits = f" (95 % limits {bounds})" if bounds not in ("-", shown.HIDDEN_WORD) else ""
    return f"{name}{shown.patients(group.n)}, {events}, median {shown.duration(group.median.time, unit)}{limits}"


def curves(
    result: EstimateResult | ComparisonResult, groups: Sequence[Survived], title: str, headline: str, setting: Setting
) -> tuple[Figure, ...]:
    seen = [group for group in groups if not shown.is_withheld(group.curve.survival)]
    if not seen:
        return ()
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
        for group in seen
    ]
    scale = axis(last_day(curve.time for curve in drawn))
    since = "the landmark" if result.landmark is not None else "the origin"
    live, still = chart(
        drawn,
        scale,
        words.without_event(result.endpoint_label),
        since,
        tallies.of_survival(seen, scale.days, setting.suppressed is not None),
        [found for group in seen if (found := group.median.time) is not None and found == found],
    )
    read = [
        f"{group.label + ': ' if len(groups) > 1 else ''}"
        + ", ".join(f"{shown.percent(at.survival)} at {words.span(at.day)}" for at in group.survival)
        for group in groups
        if group.survival
    ]
    alt = f"Kaplan-Meier curve. {title}. {headline}" + (f" Survival {'; '.join(read)}." if read else "")
    ticks, left = "; upright ticks are censored patients", ", events and censored those until and on it"
    if setting.suppressed is not None:
        ticks = left = ""
    caption = f"Kaplan-Meier estimate with 95 % limits{ticks}. Numbers at risk are those just before each time{left}."
    return (Figure(live, still, alt, caption),)


def tables(groups: Sequence[Survived], by: str | None) -> tuple[Grid, ...]:
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


def remarks(groups: Sequence[Survived]) -> tuple[str, ...]:
    """What a reader has to know of the groups before using their numbers."""
    late = [group for group in groups if group.entered_late]
    said = [f"Delayed entry, {group.label}: {shown.patients(group.entered_late)}." for group in late]
    said += [f"{group.label}: {group.note}." for group in groups if group.note]
    return (*said, *imputed_words([group.imputed for group in groups]))
