"""What hygiene needs to know of the text: where definitions stand, which names nothing reads, what is acknowledged."""

from collections.abc import Iterator

from dsl import program, syntax
from dsl.check.scope import Scope
from dsl.lint import Acknowledged, Linted, Unused, lint
from dsl.lint.places import Places


def lint_file(study: program.Program, scope: Scope, main: syntax.File) -> Linted:
    """Look at a program without errors; `main` is the study's own file."""
    names = {name: symbol.name.span for name, symbol in scope.symbols.items()}
    statements = {name: symbol.statement.span for name, symbol in scope.symbols.items() if symbol.statement is not None}
    sources = frozenset(statement.span.source for statement in main.statements)
    places = Places(sources, scope.places, names, statements)
    unused = tuple(_unused(scope)) if study.analyses or study.expectations else ()
    return lint(study, places, unused, tuple(_acknowledged(main)))


def _unused(scope: Scope) -> Iterator[Unused]:
    """A file that analyses nothing is there to be used by others, so that all of its names are read elsewhere.

    Event types are left out: they describe a store, of which a study reads a part.
    """
    for name, symbol in scope.symbols.items():
        if symbol.local and not symbol.used and symbol.kind != "event type":
            yield Unused(name, symbol.kind, symbol.name.span)


def _acknowledged(main: syntax.File) -> Iterator[Acknowledged]:
    for statement in main.statements:
        for item in _below(statement):
            yield Acknowledged(item.finding, item.reason.value, item.finding_span, statement.span)


def _below(statement: syntax.Statement) -> list[syntax.Acknowledge]:
    """Acknowledgements in a statement, and in the expectations of a test."""
    found: list[syntax.Acknowledge] = []
    for child in statement.children():
        if isinstance(child, syntax.Acknowledge):
            found.append(child)
        elif isinstance(child, syntax.Expect):
            found.extend(child.acknowledged)
    return found
