"""Analyses from syntax to IR: what each may be given, and what it needs."""

from collections.abc import Callable, Sequence

from dsl import ir, program, syntax
from dsl.check import expressions
from dsl.check.definitions import event_terms
from dsl.check.options import Options, group, level, read_options
from dsl.check.scope import Abandon, Scope, bare_words, words
from dsl.diagnostics import did_you_mean, listing
from dsl.onset import NotSettled, onset
from dsl.source import Span
from dsl.types import Boolean, Date, an

_READING = ("at", "given", "quantiles", "limits", "mean up to")
ALLOWED = {
    "estimate": (*_READING, "by", "landmark", "titled", "acknowledge"),
    "compare": (
        *_READING,
        *("by", "landmark", "titled", "acknowledge", "test", "stratified by", "trend", "pairwise"),
    ),
    "incidence": ("at", "by", "titled", "acknowledge"),
    "cox": ("on", "stratified by", "landmark", "titled", "acknowledge"),
    "fine_gray": ("on", "landmark", "titled", "acknowledge"),
    "states": ("starting", "through", "at", "by", "limits", "titled", "acknowledge"),
    "swimmer": ("lanes", "along", "starting", "through", "aligned", "titled"),
}
"""By analysis, the options that it takes."""


def analysis(scope: Scope, statement: syntax.Statement) -> program.Analysis:
    match statement:
        case syntax.Analysis():
            return _of_endpoint(scope, statement)
        case syntax.Table():
            return _table(scope, statement)
        case syntax.Swimmer():
            return _swimmer(scope, statement)
        case syntax.Attrition(title=title):
            return program.Attrition(scope.cohort(statement.cohort), title.title.value if title else "")
    raise AssertionError(f"not an analysis: {statement}")


def _of_endpoint(scope: Scope, statement: syntax.Analysis) -> program.Analysis:
    word = statement.word
    endpoint, cohort, where, options = _each(
        lambda: scope.endpoint(statement.endpoint),
        lambda: scope.cohort(statement.cohort),
        lambda: expressions.condition(scope, statement.where, None) if statement.where is not None else None,
        lambda: read_options(scope, statement.options, ALLOWED[word], word),
    )
    assert isinstance(endpoint, str)
    assert isinstance(cohort, str)
    assert isinstance(options, Options)
    assert isinstance(where, ir.Value | None)
    said = bare_words(statement.where) if statement.where is not None else ""
    subject = program.Subject(endpoint, cohort, where, said)
    acknowledged = tuple(options.acknowledged)
    match word:
        case "estimate":
            return program.Estimate(subject, options.reading, options.group, options.landmark, options.title)
        case "incidence":
            return program.Incidence(subject, options.group, options.at, options.title)
        case "cox" | "fine_gray":
            covariates = _covariates(scope, statement, options)
            return program.Regression(
                word, subject, covariates, options.strata, options.landmark, acknowledged, options.title
            )
        case "states":
            return _states(scope, subject, options, statement.span, words_of=word)
    if options.group is None:
        raise scope.refuse("D001", "`compare` needs groups", statement.span, "`by` and a value of each patient")
    return program.Comparison(
        subject,
        options.group,
        options.reading,
        options.landmark,
        acknowledged,
        options.test or program.RankTest(),
        options.strata,
        options.trend,
        options.pairwise,
        options.title,
    )


def _each(*builds: Callable[[], object]) -> list[object]:
    """What each gives; where one has an error, the others are checked all the same."""
    found, failed = [], False
    for build in builds:
        try:
            found.append(build())
        except Abandon:
            failed = True
    if failed:
        raise Abandon()
    return found


# --- regression


def _covariates(scope: Scope, statement: syntax.Analysis, options: Options) -> tuple[program.Covariate, ...]:
    written = options.others.get("on")
    if not isinstance(written, syntax.Covariates):
        message = f"`{statement.word}` needs covariates"
        hint = "put the condition behind `where` in parentheses: it takes `on` as its own" if statement.where else None
        raise scope.refuse("D001", message, statement.span, "`on` and values of each patient", hint)
    found = _each(*(lambda item=item: _covariate(scope, statement, item, options) for item in written.covariates))
    covariates = [item for item in found if isinstance(item, program.Covariate)]
    for item, covariate in zip(written.covariates, covariates, strict=True):
        if sum(covariate.label == other.label for other in covariates) > 1:
            message = f"two covariates are called `{covariate.label}`"
            raise scope.refuse("N006", message, item.span, "a label of its own", 'write `… "label"` behind it')
    return tuple(covariates)


def _covariate(scope: Scope, statement: syntax.Analysis, item: syntax.Covariate, options: Options) -> program.Covariate:
    value = expressions.value(scope, item.value, None)
    if isinstance(value.type, Date):
        message = "a date has no hazard ratio"
        raise scope.refuse("T002", message, item.value.span, "a condition, a code, or a number", "subtract the origin")
    label = item.label.value if item.label else bare_words(item.value)
    reference = level(scope, item.against, value) if item.against is not None else None
    if not item.as_it_happens:
        return program.Covariate(value, label, reference)
    if not isinstance(value.type, Boolean):
        message = f"only a condition becomes true as it happens, and this is {an(value.type)}"
        raise scope.refuse("T002", message, item.value.span, "a condition")
    if statement.word == "fine_gray" or options.landmark is not None:
        why = "after a landmark groups stay as they are" if options.landmark else "its risk sets hold the dead as well"
        raise scope.refuse("D007", f"`as it happens` does not go with this: {why}", item.span, "`cox` without landmark")
    if item.against is not None:
        message = "as it happens, the reference is the time before"
        raise scope.refuse("D007", message, item.against.span, "no `against`")
    try:
        day = onset(value, lambda name: next(found for found in scope.definitions if found.name == name))
    except NotSettled as error:
        raise scope.refuse(
            "T011",
            f"no day makes `{words(item.value)}` true for good: it reads “{error.what}”, and {error.why}",
            item.value.span,
            "a condition that stays true once it is: `any …`, `at least …`, what is said of a `first` or `nth` event",
            error.instead,
        ) from None
    return program.Covariate(value, label, None, day)


# --- states


def _states(scope: Scope, subject: program.Subject, options: Options, span: Span, words_of: str) -> program.States:
    """The states of an analysis or of the phases of a swimmer plot."""
    starting, through = options.others.get("starting"), options.others.get("through")
    if not isinstance(through, syntax.Through):
        message = f"`{words_of}` needs the states that a patient comes through"
        raise scope.refuse("D001", message, span, '`through EVENT as "…"`')
    endpoint = next(item for item in scope.definitions if item.name == subject.endpoint)
    assert isinstance(endpoint, program.Endpoint)
    terms = event_terms(scope, through.terms, endpoint.origin.day)
    start = starting.label.value if isinstance(starting, syntax.Starting) else f"after {endpoint.origin.label}"
    taken = [start, *endpoint.causes]
    for written, term in zip(through.terms, terms, strict=True):
        if term.label in taken:
            message = f"two states are called `{term.label}`"
            raise scope.refuse("N006", message, written.span, "a label of its own", 'write `… as "…"`')
        taken.append(term.label)
    limits = options.limits or "log_log"
    return program.States(subject, start, terms, options.at, options.group, limits, options.title)


# --- tables and swimmer plots


def _table(scope: Scope, statement: syntax.Table) -> program.Table:
    groups = [part for part in statement.parts if isinstance(part, syntax.By)]
    extras = [name for part in statement.parts if isinstance(part, syntax.Extras) for name in part.names]
    for part in (*groups[1:], *[part for part in statement.parts if isinstance(part, syntax.Show)][1:]):
        word = type(part).__name__.lower()
        scope.report("D002", f"`{word}` is given twice", part.span, "one")
    if not statement.shown:
        scope.report("D001", "a table needs what to show", statement.span, "`show` and values of each patient")
    cohort, by, values, asked = _each(
        lambda: scope.cohort(statement.cohort),
        lambda: _table_groups(scope, groups[0]) if groups else None,
        lambda: expressions.every(lambda shown: expressions.value(scope, shown.value, None), statement.shown),
        lambda: tuple(_extra(scope, name, bool(groups)) for name in extras),
    )
    assert isinstance(cohort, str)
    assert isinstance(by, program.Group | None)
    assert isinstance(values, list)
    assert isinstance(asked, tuple)
    labels = [shown.label.value if shown.label else words(shown.value) for shown in statement.shown]
    rows = tuple(program.Shown(label, value) for label, value in zip(labels, values, strict=True))
    title = next((part.title.value for part in statement.parts if isinstance(part, syntax.Titled)), "")
    return program.Table(cohort, by, rows, asked, title)


def _table_groups(scope: Scope, by: syntax.By) -> program.Group:
    if by.against is not None:
        raise scope.refuse("D007", "`against` belongs to comparisons: a table has no reference", by.against.span)
    return group(scope, by.value)


def _extra(scope: Scope, name: syntax.Name, groups: bool) -> str:
    if name.text not in program.TABLE_EXTRAS:
        expected = f"one of {listing(program.TABLE_EXTRAS)}"
        hint = did_you_mean(name.text, program.TABLE_EXTRAS)
        raise scope.refuse("N005", f"a table has nothing called `{name.text}`", name.span, expected, hint)
    if not groups:
        raise scope.refuse("D001", f"`{name.text}` compares groups, and the table has none", name.span, "`by …`")
    return name.text


def _swimmer(scope: Scope, statement: syntax.Swimmer) -> program.Swimmer:
    cohort, options = _each(
        lambda: scope.cohort(statement.cohort),
        lambda: read_options(scope, statement.options, ALLOWED["swimmer"], "swimmer"),
    )
    assert isinstance(cohort, str)
    assert isinstance(options, Options)
    lanes, along, aligned = (options.others.get(word) for word in ("lanes", "along", "aligned"))
    names: Sequence[syntax.Name] = lanes.events if isinstance(lanes, syntax.Lanes) else ()
    types = tuple(scope.event_type(name) for name in names)
    phases = None
    if isinstance(along, syntax.Along):
        subject = program.Subject(scope.endpoint(along.endpoint), cohort)
        phases = _states(scope, subject, options, statement.span, words_of="along")
    elif (stray := options.others.get("through") or options.others.get("starting")) is not None:
        raise scope.refuse("D001", "phases need the endpoint that ends them", stray.span, "`along ENDPOINT`")
    elif not types:
        message = "a swimmer plot needs something to show"
        raise scope.refuse("D001", message, statement.span, "`lanes` and event types, or `along` an endpoint")
    day, said = _day_zero(scope, statement, cohort, phases, aligned)
    return program.Swimmer(cohort, types, phases, day, said, options.title)


def _day_zero(
    scope: Scope,
    statement: syntax.Swimmer,
    cohort: str,
    phases: program.States | None,
    aligned: syntax.Option | None,
) -> tuple[ir.Value, str]:
    """Day 0 of the lanes, and what it is in words."""
    if isinstance(aligned, syntax.Aligned):
        return expressions.day(scope, aligned.at, None), words(aligned.at)
    if phases is not None:
        origin = ir.EndpointField(phases.subject.endpoint, "origin", Date())
        endpoint = next(item for item in scope.definitions if item.name == phases.subject.endpoint)
        assert isinstance(endpoint, program.Endpoint)
        return origin, f"the origin of “{endpoint.label}”" if endpoint.label else f"the origin of {endpoint.name}"
    index = _index_day(scope, cohort)
    if index is None:
        message = f"`{cohort}` has no index day to start the lanes from"
        raise scope.refuse("D001", message, statement.cohort.span, "an index day", "or say `aligned at EVENT`")
    return index, "the index day"


def _index_day(scope: Scope, name: str) -> ir.Value | None:
    """The index day of a cohort, or of the first one that it is from."""
    cohort = next(item for item in scope.definitions if item.name == name)
    assert isinstance(cohort, program.Cohort)
    if cohort.index is not None or cohort.base is None:
        return cohort.index
    parts = cohort.base.operands if isinstance(cohort.base, ir.And) else (cohort.base,)
    days = (_index_day(scope, part.name) for part in parts if isinstance(part, ir.CohortRef))
    return next((day for day in days if day is not None), None)
