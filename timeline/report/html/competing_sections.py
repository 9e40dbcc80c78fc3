"""Sections of the report: Competing events and states over time."""

from __future__ import annotations

from timeline.report import shown, tallies, words
from timeline.report.axis import axis, last_day
from timeline.report.html import curves, other_charts
from timeline.report.html.curves import Curve
from timeline.report.html.parts import Figure, Grid, Section
from timeline.report.html.sections import Setting, imputed_words, notes, numbers_at_risk, section, subject, titled
from timeline.study.results import (
    IncidenceResult,
    StatesAt,
    StatesGroup,
    StatesResult,
)


@section.register
def _(result: IncidenceResult, setting: Setting) -> Section:
    by = f" by {result.by}" if result.by else ""
    title = titled(result.title, f"{subject(result)}{by}: cumulative incidence")
    seen = [group for group in result.groups if not shown.is_withheld(group.causes[0].curve.incidence)]
    drawn = [
        Curve(
            f"{group.label}: {cause.cause}" if result.by else cause.cause,
            group.label,
            0.0,
            cause.curve.time,
            cause.curve.incidence,
            cause.curve.lower,
            cause.curve.upper,
            numbers_at_risk(cause.curve, setting),
            None,
        )
        for group in seen
        for cause in group.causes
    ]
    counts = "; ".join(
        (f"{group.label}: " if result.by else "")
        + f"{shown.patients(group.n)}, "
        + ", ".join(f"{shown.count(cause.events)} {cause.cause}" for cause in group.causes)
        for group in result.groups
    )
    tests = [
        f"Gray's test, {name}: p = {words.p_value(test.p_value)}".replace("= <", "<")
        for name, test in result.tests
        if test is not None
    ]
    headline = ". ".join([counts, *tests]) + "."
    read = "; ".join(
        f"{group.label + ', ' if result.by else ''}{cause.cause} "
        + ", ".join(f"{shown.percent(at.incidence)} at {words.span(at.day)}" for at in cause.incidence)
        for group in result.groups
        for cause in group.causes
        if cause.incidence
    )
    figures: tuple[Figure, ...] = ()
    if drawn:
        scale = axis(last_day(curve.time for curve in drawn))
        risk = tallies.of_incidence(seen, scale.days, setting.suppressed is not None)[:1]
        live, still = curves.chart(drawn, scale, "Cumulative incidence", "the origin", risk)
        alt = f"Cumulative incidence curves. {title}. {headline}" + (f" Incidence of {read}." if read else "")
        figures = (Figure(live, still, alt, "Aalen-Johansen estimate with 95 % limits, competing events kept apart."),)
    head = result.by or "patients"
    rows = tuple(
        (
            group.label if result.by else "all",
            cause.cause,
            shown.count(group.n),
            shown.count(cause.events),
            words.span(at.day),
            shown.percent(at.incidence),
            shown.percent_limits(at.lower, at.upper),
            shown.count(at.at_risk),
        )
        for group in result.groups
        for cause in group.causes
        for at in cause.incidence
    )
    columns = (head, "cause", "n", "events", "time", "incidence", "95 % limits", "at risk")
    totals = tuple(
        (
            group.label if result.by else "all",
            shown.count(group.n),
            shown.count(group.censored),
            "; ".join(f"{shown.count(cause.events)} {cause.cause}" for cause in group.causes),
        )
        for group in result.groups
    )
    grids = [Grid("Patients and what ended their time", (head, "n", "censored", "events"), totals, left=("events",))]
    grids += [Grid("Incidence at the times asked for", columns, rows, left=("cause",))] if rows else []
    imputed = imputed_words([group.imputed for group in result.groups])
    return Section(title, headline, figures, tuple(grids), notes(result.left_out, "", *imputed))


@section.register
def _(result: StatesResult, setting: Setting) -> Section:
    by = f" by {result.by}" if result.by else ""
    title = titled(result.title, f"{subject(result)}{by}: states over time")
    told = [_in_states(group, result) for group in result.groups]
    scale = axis(last_day(group.curve.time for group in result.groups))
    figures = []
    for group, said in zip(result.groups, told, strict=True):
        live, still = other_charts.states(result.states, group.curve, scale, "the origin")
        of_group = f"{group.label}: " if result.by else ""
        caption = f"{of_group}Share of patients in each state (Aalen-Johansen); a pointer reads its 95 % limits."
        figures.append(Figure(live, still, f"Stacked curves of the states. {title}. {said}.", caption))
    head = [result.by] if result.by else []
    rows = tuple(
        (*([group.label] if result.by else []), words.span(at.day), state, *cells)
        for group in result.groups
        for at in group.at
        for state, cells in zip(result.states, _at(at, len(result.states)), strict=True)
    )
    passed = tuple(
        (*([group.label] if result.by else []), item.source, item.target, shown.count(item.patients))
        for group in result.groups
        for item in group.passages
    )
    columns = (*head, "time", "state", "share", "95 % limits", "at risk")
    grids = [Grid("Share of patients in each state", columns, rows, left=("time", "state"))] if rows else []
    columns = (*head, "from", "to", "patients")
    grids += [Grid("From state to state", columns, passed, left=("from", "to"))] if passed else []
    return Section(title, f"{'. '.join(told)}.", tuple(figures), tuple(grids), notes(result.left_out))


def _in_states(group: StatesGroup, result: StatesResult) -> str:
    read = "; ".join(
        f"at {words.span(at.day)} "
        + ", ".join(f"{shown.percent(share)} {state}" for state, share in zip(result.states, at.shares, strict=True))
        for at in group.at
        if at.shares is not None
    )
    name = f"{group.label}: " if result.by else ""
    return f"{name}{shown.patients(group.n)} in {len(result.states)} states" + (f"; {read}" if read else "")


def _at(at: StatesAt, states: int) -> list[tuple[str, str, str]]:
    """Of each state its share, the limits and the patients at risk."""
    shares = at.shares if at.shares is not None else (None,) * states
    return [
        (shown.percent(share), shown.percent_limits(lower, upper), shown.count(number))
        for share, lower, upper, number in zip(shares, at.lower, at.upper, at.at_risk, strict=True)
    ]
