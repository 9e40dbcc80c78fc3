"""Names, types and grain: syntax to IR, with all independent errors in one go."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from dsl import ir, program, syntax
from dsl.catalog import Catalog
from dsl.check import analyses, questions, statistics, tests
from dsl.check.declarations import declare
from dsl.check.definitions import Definitions, literal_day
from dsl.check.scope import Abandon, Scope
from dsl.diagnostics import did_you_mean, listing

_Written = TypeVar("_Written", bound=syntax.Node)
_Built = TypeVar("_Built")

_DEFINING: dict[type, str] = {
    syntax.Parameter: "parameter",
    syntax.Let: "definition",
    syntax.Cohort: "cohort",
    syntax.Endpoint: "endpoint",
}


def check(
    files: Sequence[syntax.File],
    catalog: Catalog,
    parameters: Mapping[str, syntax.Expr],
    asked: Sequence[syntax.Expr] = (),
) -> tuple[program.Program, Scope]:
    """The program that the last file means, with the scope that holds its diagnostics.

    `files` are the used files first and the study last; analyses, expectations and tests count in the study only.
    `asked` are expressions to be answered beside it.
    """
    *used, main = files
    statements = [(statement, file is main) for file in (*used, main) for statement in file.statements]
    scope = Scope()
    events = [(statement, local) for statement, local in statements if isinstance(statement, syntax.Event)]
    scope.catalog = declare(scope, events, catalog)
    for statement, local in statements:
        kind = _DEFINING.get(type(statement))
        if kind is not None:
            assert isinstance(statement, syntax.Parameter | syntax.Let | syntax.Cohort | syntax.Endpoint)
            scope.define(statement.name, kind, statement, local)
    for file in files:
        for broken in file.broken:
            scope.give_up(broken)
    _check_given(scope, parameters)
    definitions = Definitions(scope, parameters)
    scope.complete = definitions.complete
    for name in _reading_order(scope):
        scope.check(scope.symbols[name])
    rules = tuple(_each(scope, definitions.rule, [item for item, _ in statements if isinstance(item, syntax.Rule)]))
    checked = _study(scope, main, rules)
    answered = tuple(_each(scope, lambda item: questions.question(scope, item), asked))
    return replace(checked, questions=answered), scope


def _study(scope: Scope, main: syntax.File, rules: tuple[program.Rule, ...]) -> program.Program:
    studies = [item for item in main.statements if isinstance(item, syntax.Study)]
    cutoffs = [item for item in main.statements if isinstance(item, syntax.Cutoff)]
    known = [item for item in main.statements if isinstance(item, syntax.KnownBy)]
    for several in (studies, cutoffs, known):
        for extra in several[1:]:
            scope.report("D005", f"`{extra.span.text.split()[0]}` is given a second time", extra.span, "one in a study")
    asked = [item for item in main.statements if isinstance(item, syntax.ANALYSES)]
    expects = [item for item in main.statements if isinstance(item, syntax.Expect)]
    written_tests = [item for item in main.statements if isinstance(item, syntax.Test)]
    parameters = tuple(
        program.Parameter(name, symbol.bound, _doc(symbol.statement))
        for name, symbol in scope.symbols.items()
        if symbol.kind == "parameter" and isinstance(symbol.bound, ir.Literal)
    )
    return program.Program(
        catalog=scope.catalog,
        title=studies[0].title.value if studies else "",
        references=tuple(reference.value for reference in studies[0].references) if studies else (),
        parameters=parameters,
        analyses=tuple(_each(scope, lambda item: analyses.analysis(scope, item), asked)),
        expectations=tuple(_each(scope, lambda item: statistics.expectation(scope, item), expects)),
        tests=tuple(_each(scope, lambda item: tests.test(scope, item), written_tests)),
        rules=rules,
        cutoff=_cutoff(scope, cutoffs),
        known_by=_known_by(scope, known),
        definitions=tuple(scope.definitions),
    )


def _each(scope: Scope, build: Callable[[_Written], _Built], items: Iterable[_Written]) -> Iterator[_Built]:
    """Build every item; those with an error have reported it and are left out."""
    for item in items:
        try:
            built = build(item)
        except Abandon:
            continue
        scope.note(built, item.span)
        yield built


def _doc(statement: syntax.Statement | None) -> str:
    return statement.doc.value if isinstance(statement, syntax.Parameter) and statement.doc else ""


def _cutoff(scope: Scope, statements: list[syntax.Cutoff]) -> date | None:
    for statement in statements[:1]:
        try:
            day = literal_day(scope, statement.day, "cutoff").value
        except Abandon:
            return None
        assert isinstance(day, date)
        return day
    return None


def _known_by(scope: Scope, statements: list[syntax.KnownBy]) -> date | datetime | None:
    for statement in statements[:1]:
        if isinstance(statement.moment, syntax.TimestampLiteral):
            return statement.moment.value
        try:
            day = literal_day(scope, statement.moment, "known by").value
        except Abandon:
            return None
        assert isinstance(day, date)
        return day
    return None


def _check_given(scope: Scope, parameters: Mapping[str, syntax.Expr]) -> None:
    declared = [name for name, symbol in scope.symbols.items() if symbol.kind == "parameter"]
    for name, value in parameters.items():
        if name not in declared and not scope.partial:
            expected = f"one of {listing(declared)}" if declared else "the study declares none"
            scope.report("N012", f"no parameter is called `{name}`", value.span, expected, did_you_mean(name, declared))


def _reading_order(scope: Scope) -> list[str]:
    """Names, each after those that its text mentions: a guess that keeps `Scope.find` from nesting deeply.

    What a word means is not known yet (it may be a code), so circles are passed over here and told by `Scope.find`.
    """
    mentioned = {name: list(_mentions(scope, symbol.statement)) for name, symbol in scope.symbols.items()}
    order: dict[str, None] = {}
    for root in scope.symbols:
        stack = [(root, iter(mentioned[root]))]
        path = {root}
        while stack:
            name, rest = stack[-1]
            following = next((other for other in rest if other not in order and other not in path), None)
            if following is None:
                order.setdefault(name)
                path.discard(name)
                stack.pop()
            else:
                path.add(following)
                stack.append((following, iter(mentioned[following])))
    return list(order)


def _mentions(scope: Scope, statement: syntax.Statement | None) -> Iterator[str]:
    stack: list[syntax.Node] = [statement] if statement is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, syntax.Name) and node.text in scope.symbols:
            yield node.text
        stack.extend(node.children())


__all__ = ["check"]
