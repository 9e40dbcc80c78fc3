"""Sections of the report: Regression models: Cox, and Fine and Gray."""

from __future__ import annotations

from timeline.report import shown, words
from timeline.report.html import other_charts
from timeline.report.html.parts import Figure, Grid, Section
from timeline.report.html.sections import Setting, at_landmark, notes, ratio_limits, section, subject, titled
from timeline.study.results import (
    Effect,
    RegressionResult,
)


@section.register
def _(result: RegressionResult, setting: Setting) -> Section:
    model = {"cox": "Cox's model", "fine_gray": "Fine and Gray's model"}.get(result.model, result.model)
    title = titled(result.title, f"{subject(result)}: {model}{at_landmark(result.landmark)}")
    names = [_effect(effect) for effect in result.effects]
    ratios = [
        f"{name}: {shown.ratio(effect.ratio)} ({ratio_limits(effect.lower, effect.upper)})"
        for name, effect in zip(names, result.effects, strict=True)
    ]
    size = f"{shown.patients(result.n)}, {shown.count(result.events)} events. "
    headline = size + (f"Hazard ratios: {'; '.join(ratios)}." if ratios else "No hazard ratio is shown.")
    if result.concordance is not None:
        error = "" if result.concordance_error is None else f" (standard error {result.concordance_error:.3f})"
        headline += f" Concordance {result.concordance:.3f}{error}."
    rows = tuple(
        (
            name,
            "" if effect.n is None else shown.count(effect.n),
            shown.ratio(effect.ratio),
            ratio_limits(effect.lower, effect.upper),
            words.p_value(effect.p_value),
        )
        for name, effect in zip(names, result.effects, strict=True)
    )
    tests = tuple(
        (name, f"{test.statistic:.3f}", str(test.degrees_of_freedom), words.p_value(test.p_value))
        for name, test in result.tests
    )
    proportional = tuple(
        (
            item.covariate or "all together",
            f"{item.test.statistic:.3f}",
            str(item.test.degrees_of_freedom),
            words.p_value(item.test.p_value),
        )
        for item in result.proportionality
    )
    figures: tuple[Figure, ...] = ()
    if result.effects:
        drawn = [other_charts.Ratio(name, effect) for name, effect in zip(names, result.effects, strict=True)]
        live, still = other_charts.forest(drawn, "Covariate")
        figures = (Figure(live, still, f"Forest plot. {title}. {headline}", "Hazard ratios with 95 % limits."),)
    grids = [Grid("Hazard ratios", ("covariate", "n", "ratio", "95 % limits", "p (Wald)"), rows)]
    grids += [Grid("Tests that every ratio is 1", ("test", "chi-square", "df", "p"), tests)] if tests else []
    if proportional:
        caption = "Are the hazards proportional? (Grambsch and Therneau)"
        grids.append(Grid(caption, ("covariate", "chi-square", "df", "p"), proportional))
    said = [f"Stratified by {', '.join(result.strata)}."] if result.strata else []
    said += [f"As it happens: {name} counts from the day it comes true." for name in result.changing]
    said += [f"Acknowledged, {finding.replace('_', ' ')}: {reason}." for finding, reason in result.acknowledged]
    return Section(title, headline, figures, tuple(grids), (*said, *notes(result.left_out, result.note)))


def _effect(effect: Effect) -> str:
    if effect.level is None:
        return f"{effect.covariate}, per {effect.unit or 'unit'} more"
    if effect.level == effect.covariate:
        return effect.covariate
    against = f" against {effect.reference}" if effect.reference else ""
    return f"{effect.covariate}: {effect.level}{against}"
