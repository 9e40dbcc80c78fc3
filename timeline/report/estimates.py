"""Estimates of survival and incidence on a terminal, and comparisons of groups."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from timeline.report import shown, units, words
from timeline.report.curve import curve_lines
from timeline.report.fitting import print_fitting
from timeline.report.layout import grid, heading, note, print_imputed, print_left_out, titled
from timeline.study.results import ComparisonResult, EstimateResult, IncidenceResult, Survived
from timeline.survival import ChiSquare, RankTest


def print_estimate(result: EstimateResult, console: Console) -> None:
    by = f" by {result.by}" if result.by else ""
    heading(
        console,
        titled(result.title) + f"{_subject(result)}{by}{_landmark(result.landmark)} (Kaplan-Meier)",
    )
    if not result.groups:
        console.print("no member has a time for this endpoint")
    else:
        _survived(result.groups, console, result.by)
        print_curves(result.groups, console)
    if result.note:
        note(console, f"note: {result.note}")
    print_left_out(result.left_out, console)


def print_comparison(result: ComparisonResult, console: Console) -> None:
    heading(
        console,
        titled(result.title) + f"{_subject(result)} by {result.by}{_landmark(result.landmark)}",
    )
    _survived(result.groups, console, result.by)
    print_curves(result.groups, console)
    strata = f", stratified by {' and '.join(result.strata)}" if result.strata else ""
    if result.test is not None:
        console.print(Text(f"{result.test_name}{strata}: {chi_square(result.test)}"))
    if result.trend is not None:
        console.print(Text(f"trend over the groups in their order: {chi_square(result.trend)}"))
    if result.hazards is not None:
        for ratio in result.hazards.ratios:
            interval = words.ratio_limits(ratio.lower, ratio.upper)
            console.print(
                Text(
                    f"hazard ratio (Cox{strata}) {ratio.label} against {ratio.reference}: "
                    f"{words.ratio(ratio.ratio)} ({interval})"
                )
            )
    _pairs(result, console)
    unit = units.differences(result)
    for contrast in result.means:
        said = f"mean within {words.span(contrast.horizon)}, {contrast.label} against {contrast.reference}: "
        limits = words.limits(contrast.difference_lower, contrast.difference_upper, unit)
        said += f"difference {words.duration(contrast.difference, unit)} ({limits}), "
        said += words.p(contrast.difference_p_value)
        if contrast.ratio is not None and contrast.ratio_lower is not None and contrast.ratio_upper is not None:
            interval = words.ratio_limits(contrast.ratio_lower, contrast.ratio_upper)
            said += f"; ratio {words.ratio(contrast.ratio)} ({interval})"
            said += f", {words.p(contrast.ratio_p_value or 0)}"
        console.print(Text(said))
    if result.note:
        note(console, f"note: {result.note}")
    for finding, reason in result.acknowledged:
        note(console, f"acknowledged: {finding}, {reason}")
    print_left_out(result.left_out, console)


def print_incidence(result: IncidenceResult, console: Console) -> None:
    by = f" by {result.by}" if result.by else ""
    heading(
        console,
        titled(result.title) + f"{_subject(result)}{by} (cumulative incidence, Aalen-Johansen)",
    )
    columns = [result.by] if result.by else []
    table = grid(*columns, "cause", ">n", ">events", ">time", ">incidence", "95 % limits", ">at risk")
    for group in result.groups:
        for cause in group.causes:
            head = [escape(group.label)] if result.by else []
            head += [escape(cause.cause), shown.count(group.n), shown.count(cause.events)]
            if not cause.incidence:
                table.add_row(*head, "", "", "", "")
            for at in cause.incidence:
                bounds = shown.percent_limits(at.lower, at.upper)
                table.add_row(*head, words.span(at.day), shown.percent(at.incidence), bounds, shown.count(at.at_risk))
    print_fitting(table, console)
    print_imputed(result.groups, console)
    for name, test in result.tests:
        if test is not None:
            console.print(Text(f"Gray's test, {name}: {chi_square(test)}"))
    print_left_out(result.left_out, console)


def chi_square(test: RankTest | ChiSquare) -> str:
    return f"chi-square {test.statistic:.4f} on {test.degrees_of_freedom} df, {words.p(test.p_value)}"


def _subject(result: EstimateResult | ComparisonResult | IncidenceResult) -> str:
    return f"{result.endpoint_label} in {words.of_whom(result.cohort, result.where)}"


def _landmark(days: float | None) -> str:
    return f", landmark {words.span(days)}" if days is not None else ""


def _survived(groups: Sequence[Survived], console: Console, by: str | None) -> None:
    """What there is to say of each group: who had the event when, and how long they were followed."""
    head = [by] if by else []
    table = grid(*head, ">n", ">events", ">censored", ">median", "95 % limits", "censored by reason")
    unit = units.medians(groups)
    for group in groups:
        median = group.median
        table.add_row(
            *_label(group, by),
            shown.count(group.n),
            shown.count(group.events),
            shown.count(group.censored),
            shown.duration(median.time, unit),
            shown.limits(median.lower, median.upper, unit),
            escape(_reasons(group)),
        )
    print_fitting(table, console)
    for part in (_times(groups, by), _quantiles(groups, by), _means(groups, by), _follow_up(groups, by)):
        if part is not None:
            console.print()
            print_fitting(part, console)
    _footnotes(groups, console)


def print_curves(groups: Sequence[Survived], console: Console) -> None:
    """The curves of the groups, in what characters the terminal shows; nothing where there is none to show."""
    if groups and not shown.is_withheld(*(group.curve.survival for group in groups)):
        for line in curve_lines(groups, console.width, braille=not console.options.ascii_only):
            console.print(Text(line, no_wrap=True))


def _times(groups: Sequence[Survived], by: str | None) -> Table | None:
    if not any(group.survival for group in groups):
        return None
    given = next((item.given for group in groups for item in group.conditional), None)
    more = [] if given is None else [f">given {words.span(given)}", "95 % limits"]
    head = [by] if by else []
    table = grid(*head, ">time", ">survival", "95 % limits", ">at risk", ">events so far", ">censored so far", *more)
    for group in groups:
        conditional = {item.day: item for item in group.conditional}
        for at in group.survival:
            cells = [words.span(at.day), shown.percent(at.survival), shown.percent_limits(at.lower, at.upper)]
            cells += [shown.count(at.at_risk), shown.count(at.events), shown.count(at.censored)]
            if given is not None:
                item = conditional.get(at.day)
                cells += (
                    ["", ""]
                    if item is None
                    else [words.percent(item.survival), words.percent_limits(item.lower, item.upper)]
                )
            table.add_row(*_label(group, by), *cells)
    return table


def _quantiles(groups: Sequence[Survived], by: str | None) -> Table | None:
    if not any(group.quantiles for group in groups):
        return None
    table = grid(*([by] if by else []), ">had the event", ">by", "95 % limits")
    unit = units.quantiles(groups)
    for group in groups:
        for item in group.quantiles:
            cells = [f"{100 * item.probability:g} %", shown.duration(item.time, unit)]
            table.add_row(*_label(group, by), *cells, shown.limits(item.lower, item.upper, unit))
    return table


def _means(groups: Sequence[Survived], by: str | None) -> Table | None:
    if not any(group.restricted_mean for group in groups):
        return None
    table = grid(*([by] if by else []), ">mean time within", ">mean", "95 % limits", ">standard error")
    unit = units.means(groups)
    for group in groups:
        mean = group.restricted_mean
        if mean is not None:
            cells = [words.span(mean.horizon), words.duration(mean.mean, unit)]
            cells += [words.limits(mean.lower, mean.upper, unit), words.duration(mean.standard_error, unit)]
            table.add_row(*_label(group, by), *cells)
    return table


def _follow_up(groups: Sequence[Survived], by: str | None) -> Table | None:
    """Reverse Kaplan-Meier; the range is of those last seen without an ending event, who could be followed longer."""
    head = [by] if by else []
    table = grid(*head, ">median follow-up", "95 % limits", "range of those last seen", ">completeness (C)")
    unit = units.follow_up(groups)
    for group in groups:
        found = group.follow_up
        if found is None:
            return None
        span = "-"
        if found.shortest is not None:
            span = words.limits(found.shortest, found.longest, unit)
        table.add_row(
            *_label(group, by),
            shown.duration(found.median.time, unit),
            shown.limits(found.median.lower, found.median.upper, unit),
            span,
            shown.percent(found.completeness),
        )
    return table


def _footnotes(groups: Sequence[Survived], console: Console) -> None:
    followed = [group.follow_up for group in groups if group.follow_up is not None]
    until = next((item.until for item in followed if item.completeness is not None), None)
    if until is not None:
        console.print(Text(f"C: time observed over the time there would be had nobody been lost before {until}", "dim"))
    late, n = shown.total(group.entered_late for group in groups), shown.total(group.n for group in groups)
    if late:
        note(
            console,
            f"{shown.count(late)} of {shown.count(n)} entered after the origin, and are at risk from then",
        )
    for group in groups:
        if group.note:
            note(console, f"note: {f'{group.label}: ' if len(groups) > 1 else ''}{group.note}")
    print_imputed(groups, console)


def _label(group: Survived, by: str | None) -> list[str]:
    return [escape(group.label)] if by else []


def _reasons(group: Survived) -> str:
    return (
        "; ".join(f"{shown.count(reason.patients)} {reason.reason}" for reason in group.reasons if reason.outcome != 1)
        or "nobody"
    )


def _pairs(result: ComparisonResult, console: Console) -> None:
    if not result.pairs:
        return
    table = grid("pair", ">chi-square", ">p", ">p (Holm)")
    for pair in result.pairs:
        name = escape(f"{pair.first} and {pair.second}")
        if pair.test is None or pair.adjusted is None:
            table.add_row(name, "-", "-", escape(pair.note))
        else:
            numbers = [f"{pair.test.statistic:.4f}", words.p_value(pair.test.p_value)]
            table.add_row(name, *numbers, words.p_value(pair.adjusted))
    console.print()
    print_fitting(table, console)
