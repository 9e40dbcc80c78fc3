"""Regressions and shares in states on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from timeline.report import shown, words
from timeline.report.fitting import print_fitting
from timeline.report.layout import grid, heading, note, print_left_out, titled
from timeline.study.results import Effect, RegressionResult, StatesGroup, StatesResult

_MODELS = {"cox": "Cox", "fine_gray": "Fine-Gray"}


def print_regression(result: RegressionResult, console: Console) -> None:
    landmark = f", landmark {words.span(result.landmark)}" if result.landmark is not None else ""
    whom = words.of_whom(result.cohort, result.where)
    heading(
        console,
        titled(result.title) + f"{result.endpoint_label} in {whom}{landmark} ({_MODELS[result.model]})",
    )
    kind = "hazard ratio" if result.model == "cox" else "subdistribution hazard ratio"
    table = grid("covariate", ">n", f">{kind}", "95 % limits", ">p (Wald)")
    for effect in result.effects:
        table.add_row(
            escape(effect_words(effect, result.changing)),
            "" if effect.n is None else shown.count(effect.n),
            words.ratio(effect.ratio),
            words.ratio_limits(effect.lower, effect.upper),
            words.p_value(effect.p_value),
        )
    print_fitting(table, console)
    strata = f", stratified by {' and '.join(result.strata)}" if result.strata else ""
    console.print(Text(f"{shown.patients(result.n)}, {shown.count(result.events)} events{strata}"))
    for name, test in result.tests:
        said = f"chi-square {test.statistic:.4f} on {test.degrees_of_freedom} df, {words.p(test.p_value)}"
        console.print(Text(f"{name} test of all covariates: {said}"))
    if result.concordance is not None:
        error = f" (standard error {result.concordance_error:.3f})" if result.concordance_error is not None else ""
        console.print(Text(f"concordance {result.concordance:.3f}{error}"))
    _proportionality(result, console)
    for name in result.changing:
        console.print(Text(f"{name}: false until and on the day that decides it, true after it", style="dim"))
    if result.note:
        note(console, f"note: {result.note}")
    for finding, reason in result.acknowledged:
        note(console, f"acknowledged: {finding}, {reason}")
    print_left_out(result.left_out, console)


def effect_words(effect: Effect, changing: tuple[str, ...] = ()) -> str:
    """What a hazard ratio is of: `sex: male against female`, `age, a year more`."""
    if effect.covariate in changing:
        return f"{effect.covariate}, as it happens"
    if effect.level is None:
        unit = f"{words.article(effect.unit)} {effect.unit}" if effect.unit else "1"
        return f"{effect.covariate}, {unit} more"
    if effect.level == effect.covariate:
        return f"{effect.level} against {effect.reference}"
    return f"{effect.covariate}: {effect.level} against {effect.reference}"


def _proportionality(result: RegressionResult, console: Console) -> None:
    if not result.proportionality:
        return
    table = grid("hazards proportional? (Grambsch-Therneau)", ">chi-square", ">df", ">p")
    for item in result.proportionality:
        test = item.test
        numbers = [f"{test.statistic:.4f}", str(test.degrees_of_freedom), words.p_value(test.p_value)]
        table.add_row(escape(item.covariate or "all together"), *numbers)
    console.print()
    print_fitting(table, console)


def print_states(result: StatesResult, console: Console) -> None:
    by = f" by {result.by}" if result.by else ""
    whom = words.of_whom(result.cohort, result.where)
    heading(
        console,
        titled(result.title) + f"States over the time of {result.endpoint_label} in {whom}{by} (Aalen-Johansen)",
    )
    for group in result.groups:
        if result.by:
            console.print(Text(group.label, style="bold"))
        _group_in_states(group, result.states, console)
    print_left_out(result.left_out, console)


def _group_in_states(group: StatesGroup, states: tuple[str, ...], console: Console) -> None:
    if group.at:
        table = grid(">time", "state", ">share", "95 % limits", ">at risk")
        for at in group.at:
            shares = at.shares if at.shares is not None else (None,) * len(states)
            rows = zip(states, shares, at.lower, at.upper, at.at_risk, strict=True)
            for number, (state, share, lower, upper, at_risk) in enumerate(rows):
                when = "" if number else words.span(at.day)
                limits = words.percent_limits(lower, upper)
                table.add_row(when, escape(state), words.percent(share), limits, words.count(at_risk))
        print_fitting(table, console)
        console.print()
    table = grid("from", "to", ">patients")
    for passage in group.passages:
        table.add_row(escape(passage.source), escape(passage.target), words.count(passage.patients))
    print_fitting(table, console)
    console.print(Text(f"{words.count(group.n)} patients"))
