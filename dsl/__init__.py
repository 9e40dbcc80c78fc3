"""The language of clinical timelines: text in, checked program and SQL out.

Pure: it opens no file but its own grammar and knows no database. `check` is the front half (text to IR, with all that
is wrong); `compile` insists that nothing is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dsl import syntax
from dsl.catalog import Catalog
from dsl.check import check as _check
from dsl.diagnostics import Diagnostic, LanguageError
from dsl.ir import Node
from dsl.lint.finding import Finding
from dsl.lint.written import lint_file
from dsl.parser import parse, parse_expression
from dsl.program import Program
from dsl.source import Source, Span
from dsl.uses import Loader, NoFiles, gather_file

_NOTHING = Catalog()


@dataclass(frozen=True)
class Checked:
    """A text, what it means as far as it could be made out, and everything that is wrong with it."""

    source: Source
    program: Program
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Source, ...] = ()
    """All texts that were read: the files used, then the text itself."""
    findings: tuple[Finding, ...] = ()
    """What hygiene found, also what is acknowledged and what only data can decide; empty where there is an error."""
    places: Mapping[int, tuple[object, Sequence[Span]]] = field(default_factory=dict, repr=False, compare=False)
    """Where the nodes of the program were written, by identity."""
    parameters: tuple[tuple[str, str], ...] = ()
    """The parameters that were set from outside, as texts of the language."""

    def place(self, node: Node) -> Span | None:
        """Where a node of the program was written."""
        _, spans = self.places.get(id(node), (None, ()))
        return spans[0] if spans else None

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.is_error)


def check(
    source: Source,
    catalog: Catalog = _NOTHING,
    load: Loader | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Checked:
    """Check a text. `catalog` adds event types (a store's) to those that it declares or uses."""
    file, problems = parse(source)
    return check_file(file, catalog, load, parameters, problems=problems)


def check_file(
    file: syntax.File,
    catalog: Catalog = _NOTHING,
    load: Loader | None = None,
    parameters: Mapping[str, str] | None = None,
    asked: Sequence[syntax.Expr] = (),
    problems: Sequence[Diagnostic] = (),
) -> Checked:
    """Check what was read already, from one text or from several, and expressions that are asked beside it.

    `problems` are what was wrong with the reading.
    """
    source = file.span.source
    files, further = gather_file(file, load or NoFiles())
    found = [*problems, *further]
    values = {}
    for name, text in (parameters or {}).items():
        value, wrong = parse_expression(Source(text, f"--set {name}"))
        found.extend(wrong)
        if value is not None:
            values[name] = value
    program, scope = _check(files, catalog, values, asked)
    sources = tuple(file.span.source for file in files)
    given = tuple((parameters or {}).items())
    found.extend(scope.diagnostics)
    if any(diagnostic.is_error for diagnostic in found):
        return Checked(source, program, _in_order(found), sources, places=scope.places, parameters=given)
    linted = lint_file(program, scope, files[-1])
    diagnostics = _in_order([*found, *linted.diagnostics])
    return Checked(source, program, diagnostics, sources, linted.findings, scope.places, given)


def compile(
    source: Source,
    catalog: Catalog = _NOTHING,
    load: Loader | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Program:
    """The program that a text means; raises `LanguageError` with all diagnostics where it has an error."""
    checked = check(source, catalog, load, parameters)
    if checked.errors:
        raise LanguageError(checked.diagnostics)
    return checked.program


def read_catalog(text: str, name: str = "<declarations>") -> Catalog:
    """The catalogue that declarations give, as `Catalog.text` writes them. Raises `LanguageError`."""
    return compile(Source(text, name)).catalog


def _in_order(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    def place(diagnostic: Diagnostic) -> tuple[str, int]:
        span = diagnostic.span
        return (span.source.name, span.start) if span else ("", -1)

    return tuple(sorted(diagnostics, key=place))
