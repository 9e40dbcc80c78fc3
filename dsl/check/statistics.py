"""Statistics of cohorts and what is expected of them, from syntax to IR."""

from dsl import program, syntax
from dsl.check import expressions
from dsl.check.options import read_options
from dsl.check.scope import Abandon, EndpointName, Scope, words
from dsl.diagnostics import listing
from dsl.types import Age, Date, Duration, Integer, Number, an

FUNCTIONS = ("count", "share", *program.SUMMARIES, *program.ENDPOINT_STATISTICS)


# --- expectations


def expectation(scope: Scope, statement: syntax.Expect) -> program.Expectation:
    claims = _conjuncts(statement.claim)
    checks: list[program.Check] = []
    failed = False
    for claim in claims:
        try:
            checks.append(_check(scope, claim))
        except Abandon:
            failed = True
    if statement.because is not None:
        scope.report("D007", "`because` belongs to a test", statement.because.span, "`contradicted`, or a place")
        failed = True
    if failed:
        raise Abandon()
    place = statement.place.value if statement.place else ""
    why = statement.contradicted.value if statement.contradicted else None
    return program.Expectation(tuple(checks), place, why, statement.implied, statement.span.line)


def _conjuncts(claim: syntax.Expr) -> list[syntax.Expr]:
    if isinstance(claim, syntax.And):
        return list(claim.operands)
    return [claim]


def _check(scope: Scope, claim: syntax.Expr) -> program.Check:
    if not isinstance(claim, syntax.Compare):
        raise scope.refuse(
            "T006",
            f"`{words(claim)}` is not a comparison",
            claim.span,
            "STATISTIC = PUBLISHED",
            "`count(enrolled) = 50`",
        )
    if not isinstance(claim.left, syntax.Call) and isinstance(claim.right, syntax.Call):
        turned = f"write `{words(claim.right)} {claim.operator} {words(claim.left)}`"
        raise scope.refuse("T006", "the statistic stands on the left", claim.span, "STATISTIC = PUBLISHED", turned)
    found = statistic(scope, claim.left)
    published = _published(scope, claim.right)
    allowed = program.statistic_units(found)
    if published.unit not in allowed:
        shown = " or ".join(_UNIT_WORDS[unit] for unit in allowed if unit not in ("week", "month", "year"))
        hint = None
        if published.unit == "" and "month" in allowed:
            hint = f"write `{published.text} months`, or another unit"
        elif published.unit == "text" and "not reached" in allowed and published.text.upper() in ("NR", "NA", "NE"):
            hint = "write `not reached`"
        message = f"`{words(claim.left)}` is compared with {_UNIT_WORDS[published.unit]}"
        raise scope.refuse("T001", message, claim.right.span, shown, hint)
    if published.unit == "" and "%" in allowed and abs(float(published.text)) > 1:
        hint = f"write `{published.text} %`"
        raise scope.refuse("T007", f"`{words(claim.left)}` is at most 1", claim.right.span, "a percentage", hint)
    if published.percent is not None and not isinstance(found, program.CountOf):
        raise scope.refuse("T010", "only a count has a share behind it", claim.right.span, "one value")
    if claim.operator not in ("=", "!=") and (
        published.unit in ("text", "truth", "not reached") or published.percent is not None
    ):
        raise scope.refuse("T002", f"`{claim.operator}` needs values that have an order", claim.span, "`=` or `!=`")
    return program.Check(found, claim.operator, published, words(claim.left))


_UNIT_WORDS = {
    "": "a number",
    "%": "a percentage",
    "day": "a duration",
    "week": "a duration in weeks",
    "month": "a duration in months",
    "year": "a duration in years",
    "date": "a date",
    "calendar month": "a month",
    "text": "a text",
    "truth": "a truth value",
    "not reached": "`not reached`",
}


def _published(scope: Scope, expr: syntax.Expr) -> program.Published:
    match expr:
        case syntax.Number(text=text):
            return program.Published(text)
        case syntax.Percent(text=text):
            return program.Published(text, "%")
        case syntax.CountPercent(count=count, percent=percent):
            return program.Published(count, "", percent)
        case syntax.DurationLiteral(text=text, unit=unit):
            return program.Published(text, unit)
        case syntax.DateLiteral(value=day):
            return program.Published(day.isoformat(), "date")
        case syntax.MonthLiteral(year=year, month=month):
            return program.Published(f"{year:04}-{month:02}", "calendar month")
        case syntax.String(value=text) | syntax.Name(text=text):
            return program.Published(text, "text")
        case syntax.Boolean(value=truth):
            return program.Published("true" if truth else "false", "truth")
        case syntax.NotReached():
            return program.Published("not reached", "not reached")
        case syntax.Negate(operand=syntax.Number(text=text)):
            return program.Published(f"-{text}")
    raise scope.refuse(
        "T010",
        f"`{words(expr)}` is not a published value",
        expr.span,
        "a printed value: `50`, `38.0 %`, `27 (54 %)`, `3.8 years`, `2006-04`, `not reached`",
    )


# --- statistics


def statistic(scope: Scope, expr: syntax.Expr) -> program.Statistic:
    match expr:
        case syntax.Group(inner=inner):
            return statistic(scope, inner)
        case syntax.Number(text=text):
            return program.StatisticLiteral(float(text))
        case syntax.Percent(text=text):
            return program.StatisticLiteral(float(text), "%")
        case syntax.DurationLiteral():
            return program.StatisticLiteral(expressions.span_of(expr).in_days, "day")
        case syntax.Arithmetic(left=left, operator=operator, right=right):
            sides = statistic(scope, left), statistic(scope, right)
            return _combined(scope, expr, operator, *sides)
        case syntax.Call():
            return _call(scope, expr)
    raise scope.refuse(
        "T006",
        f"`{words(expr)}` is not a statistic of a cohort",
        expr.span,
        f"one of {listing(f'{name}(…)' for name in dict.fromkeys(FUNCTIONS))}",
    )


def _combined(
    scope: Scope, expr: syntax.Arithmetic, operator: str, left: program.Statistic, right: program.Statistic
) -> program.Statistic:
    units = program.statistic_units(left), program.statistic_units(right)
    if operator in "+-" and not set(units[0]) & set(units[1]):
        raise scope.refuse("T007", "the two sides are of different units", expr.span, "one unit")
    return program.StatisticArithmetic(operator, left, right)


def _call(scope: Scope, expr: syntax.Call) -> program.Statistic:
    name = expr.function
    if name not in FUNCTIONS:
        raise scope.refuse(
            "N005",
            f"no statistic is called `{name}`",
            expr.function_span,
            f"one of {listing(dict.fromkeys(FUNCTIONS), 20)}",
            expressions.function_hint(name, FUNCTIONS),
        )
    if name in ("count", "share"):
        members = _members(scope, expr)
        if name == "count":
            return program.CountOf(members)
        if members.where is None:
            raise scope.refuse("D001", "a share needs a condition", expr.span, f"`share({members.cohort} where …)`")
        return program.ShareOf(members)
    argument = expr.argument
    if not isinstance(argument, syntax.InCohort):
        raise scope.refuse("T006", f"`{name}` needs a cohort", argument.span, f"`{name}({words(argument)} in COHORT)`")
    found = expressions.meaning(scope, argument.value, None)
    if isinstance(found, EndpointName):
        return _endpoint_statistic(scope, expr, argument, found.name)
    return _summary(scope, expr, argument)


def _members(scope: Scope, expr: syntax.Call) -> program.Members:
    argument = expr.argument
    match argument:
        case syntax.Name():
            return program.Members(scope.cohort(argument))
        case syntax.Filtered(source=syntax.Name() as cohort, filters=(syntax.Where(condition=where),)):
            name = scope.cohort(cohort)
            return program.Members(name, expressions.condition(scope, where, None))
    raise scope.refuse(
        "T006",
        f"`{expr.function}` counts the members of a cohort",
        argument.span,
        f"`{expr.function}(COHORT)` or `{expr.function}(COHORT where …)`",
    )


def _summary(scope: Scope, expr: syntax.Call, argument: syntax.InCohort) -> program.Summary:
    if expr.function not in program.SUMMARIES:
        raise scope.refuse(
            "N011", f"`{words(argument.value)}` is not an endpoint", argument.value.span, "the name of an endpoint"
        )
    if argument.options:
        option = argument.options[0]
        raise scope.refuse("D007", f"`{words(option)}` belongs to endpoints", option.span)
    value = expressions.value(scope, argument.value, None)
    allowed = {
        "median": Integer | Number | Duration | Age,
        "mean": Integer | Number | Duration | Age,
        "sum": Integer | Number | Duration,
        "min": Integer | Number | Duration | Age | Date,
        "max": Integer | Number | Duration | Age | Date,
    }.get(expr.function)
    if allowed is not None and not isinstance(value.type, allowed):
        raise scope.refuse("T002", f"there is no {expr.function} of {an(value.type)}", argument.value.span)
    cohort = scope.cohort(argument.cohort)
    where = expressions.condition(scope, argument.where, None) if argument.where is not None else None
    return program.Summary(expr.function, value, program.Members(cohort, where))


def _endpoint_statistic(
    scope: Scope, expr: syntax.Call, argument: syntax.InCohort, endpoint: str
) -> program.EndpointStatistic:
    name = expr.function
    if name not in program.ENDPOINT_STATISTICS:
        raise scope.refuse(
            "T002",
            f"there is no `{name}` of an endpoint",
            expr.function_span,
            f"one of {listing(program.ENDPOINT_STATISTICS)}",
            f"`{endpoint}.time` is a value of each patient",
        )
    needs = program.ENDPOINT_STATISTICS[name]
    written = tuple("at" if need == "share" else need for need in needs)
    optional = program.STATISTIC_OPTIONS.get(name, ())
    options = read_options(scope, argument.options, (*written, *optional), name, share="share" in needs)
    for need in needs:
        if not options.has(need):
            shown = {"at": "at 5 years", "share": "at 25 %", "up to": "up to 5 years", "by": "by …"}[need]
            word = "at" if need == "share" else need
            raise scope.refuse("D001", f"`{name}` needs one `{word}`", expr.span, f"`{name}(… {shown})`")
    cohort = scope.cohort(argument.cohort)
    where = expressions.condition(scope, argument.where, None) if argument.where is not None else None
    return program.EndpointStatistic(
        name,
        program.Subject(endpoint, cohort, where),
        options.mean_up_to or (options.at[0] if options.at else None),
        options.group,
        options.landmark,
        options.share,
        options.given,
        options.test or program.RankTest(),
        options.strata,
        options.trend,
    )
