"""Tests in the file, from syntax to IR."""

from datetime import date

from dsl import ir, program, syntax
from dsl.catalog import EventType
from dsl.check import expressions
from dsl.check.scope import Abandon, Scope, words
from dsl.diagnostics import did_you_mean, listing
from dsl.types import Duration, Integer, Number, an


def test(scope: Scope, statement: syntax.Test) -> program.Test:
    given: list[program.GivenEvent] = []
    expects: list[program.ExpectEndpoint | program.ExpectMember | program.ExpectTrue] = []
    failed = False
    for row in statement.given:
        try:
            given.append(_given(scope, row))
        except Abandon:
            failed = True
    for expect in statement.expects:
        try:
            expects.append(_expect(scope, expect))
        except Abandon:
            failed = True
    if failed:
        raise Abandon()
    return program.Test(statement.title.value, tuple(given), tuple(expects))


test.__test__ = False  # type: ignore[attr-defined]  # not a pytest test, whatever its name


def _given(scope: Scope, row: syntax.GivenEvent) -> program.GivenEvent:
    event = scope.event_type(row.event)
    if row.end is not None and row.end.value < row.start.value:
        raise scope.refuse("T002", "this event ends before it starts", row.end.span, f"{row.start.value} or later")
    attributes: dict[str, str | int | float | bool | date] = {}
    failed = False
    for argument in row.arguments:
        name = argument.name.text
        try:
            if name in attributes:
                raise scope.refuse("D002", f"`{name}` is given twice", argument.span, "one value")
            attributes[name] = _argument(scope, event, argument)
        except Abandon:
            failed = True
    if failed:
        raise Abandon()
    return program.GivenEvent(
        event,
        row.start.value,
        row.end.value if row.end else None,
        tuple(attributes.items()),
        row.recorded.value if row.recorded else None,
    )


def _argument(scope: Scope, event: EventType, argument: syntax.Argument) -> str | int | float | bool | date:
    declared = event.attribute(argument.name.text)
    names = [attribute.name for attribute in event.attributes]
    if declared is None:
        raise scope.refuse(
            "N003",
            f"`{event.name}` has no attribute `{argument.name.text}`",
            argument.name.span,
            f"one of {listing(names)}" if names else "no attributes",
            did_you_mean(argument.name.text, names),
        )
    value = expressions.value(scope, argument.value, None, declared.type)
    fits = ir.comparable(declared.type, value.type) and not (
        isinstance(declared.type, Integer) and isinstance(value.type, Number)
    )
    if not isinstance(value, ir.Literal) or not fits or isinstance(value.value, ir.CalendarSpan):
        raise scope.refuse(
            "T001",
            f"`{words(argument.value)}` is not {an(declared.type)}",
            argument.value.span,
            f"{an(declared.type)}",
        )
    return value.value


def _expect(
    scope: Scope, statement: syntax.Expect
) -> program.ExpectEndpoint | program.ExpectMember | program.ExpectTrue:
    claim = statement.claim
    if statement.contradicted is not None:
        raise scope.refuse("D007", "`contradicted` belongs to published figures", statement.contradicted.span)
    if isinstance(claim, syntax.Compare) and isinstance(claim.right, syntax.Outcome):
        return _endpoint(scope, claim, claim.right)
    if isinstance(claim, syntax.Compare) and isinstance(claim.right, syntax.Name):
        _refuse_unknown_outcome(scope, claim, claim.right)
    negated = isinstance(claim, syntax.Not)
    inner = claim.operand if isinstance(claim, syntax.Not) else claim
    symbol = scope.symbols.get(inner.text) if isinstance(inner, syntax.Name) else None
    if symbol is not None and symbol.kind == "cohort" and isinstance(inner, syntax.Name):
        name = scope.cohort(inner)
        because = statement.because.value if statement.because else None
        if because is not None:
            _requirement(scope, name, statement)
        return program.ExpectMember(name, not negated, because, words(claim))
    if isinstance(claim, syntax.Compare) and isinstance(claim.left, syntax.Call | syntax.Arithmetic):
        _refuse_statistic(scope, claim.left)
    condition = expressions.condition(scope, claim, None)
    left = expressions.value(scope, claim.left, None) if isinstance(claim, syntax.Compare) else None
    return program.ExpectTrue(condition, left, words(claim))


_OUTCOMES = ("event", "competing", "censored", "excluded")


def _refuse_unknown_outcome(scope: Scope, claim: syntax.Compare, right: syntax.Name) -> None:
    symbol = scope.symbols.get(claim.left.text) if isinstance(claim.left, syntax.Name) else None
    if symbol is not None and symbol.kind == "endpoint":
        hint = did_you_mean(right.text, _OUTCOMES)
        message = f"`{right.text}` is not an outcome of an endpoint"
        raise scope.refuse("T002", message, right.span, f"one of {listing(_OUTCOMES)}", hint)


def _refuse_statistic(scope: Scope, expr: syntax.Expr) -> None:
    if isinstance(expr, syntax.Call) and isinstance(expr.argument, syntax.InCohort | syntax.Name | syntax.Filtered):
        inner = expr.argument
        source = inner.source if isinstance(inner, syntax.Filtered) else inner
        cohort = isinstance(source, syntax.Name) and getattr(scope.symbols.get(source.text), "kind", "") == "cohort"
        if cohort or isinstance(inner, syntax.InCohort):
            raise scope.refuse(
                "T005",
                "a test has one patient, not a cohort",
                expr.span,
                "a value of one patient",
                "an `expect` behind a test belongs to the test; expectations of the study stand before the first test",
            )


def _endpoint(scope: Scope, claim: syntax.Compare, outcome: syntax.Outcome) -> program.ExpectEndpoint:
    if claim.operator != "=" or not isinstance(claim.left, syntax.Name):
        raise scope.refuse(
            "T002", "an outcome is expected of an endpoint", claim.span, "`ENDPOINT = censored after 90 days`"
        )
    name = scope.endpoint(claim.left)
    days = None
    if outcome.after is not None:
        span = expressions.value(scope, outcome.after, None)
        if not isinstance(span.type, Duration) or not isinstance(span, ir.Literal):
            raise scope.refuse("T002", "a time is needed here", outcome.after.span, "such as `273 days`")
        assert isinstance(span.value, ir.CalendarSpan)
        if span.value.months or not span.value.is_whole:
            raise scope.refuse("T002", "survival times are whole days", outcome.after.span, "days or weeks")
        days = int(span.value.days)
    reason = outcome.reason.value if outcome.reason else None
    return program.ExpectEndpoint(name, outcome.word, days, reason, words(claim))


def _requirement(scope: Scope, cohort: str, statement: syntax.Expect) -> None:
    """`because` names a requirement that the cohort has."""
    assert statement.because is not None
    found = next(item for item in scope.definitions if item.name == cohort)
    assert isinstance(found, program.Cohort)
    labels = [requirement.label for requirement in found.requirements]
    if statement.because.value not in labels:
        raise scope.refuse(
            "N013",
            f"`{cohort}` has no requirement `{statement.because.value}`",
            statement.because.span,
            f"one of {listing(labels)}" if labels else "none: it has no requirements",
            did_you_mean(statement.because.value, labels),
        )
