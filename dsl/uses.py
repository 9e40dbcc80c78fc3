"""Follows `use` lines to the files that a study needs. Reads nothing itself: a loader is given."""

from typing import Protocol

from dsl import syntax
from dsl.diagnostics import Diagnostic, did_you_mean, listing
from dsl.parser import parse
from dsl.source import Source


class Loader(Protocol):
    """Finds the text behind a `use` line."""

    def __call__(self, path: str, user: Source) -> Source | None:
        """The source that `path` names when `user` uses it, or None. One file gives one name, however it is reached."""

    def names(self, user: Source) -> list[str]:
        """Paths that could be used, for the message about one that could not."""


class NoFiles:
    """A loader for texts that stand alone."""

    def __call__(self, path: str, user: Source) -> Source | None:
        return None

    def names(self, user: Source) -> list[str]:
        return []


def gather_file(main: syntax.File, load: Loader) -> tuple[list[syntax.File], list[Diagnostic]]:
    """The syntax trees of all files that a study needs, each after those it uses, the study's own last.

    Its statements may come from several texts: each finds what it uses from its own.
    """
    diagnostics: list[Diagnostic] = []
    done: dict[str, syntax.File] = {}
    open_files: list[str] = []

    def visit(file: syntax.File) -> None:
        name = file.span.source.name
        open_files.append(name)
        uses = [statement for statement in file.statements if isinstance(statement, syntax.Use)]
        failed = [syntax.Broken(use.span, "use", use.path) for use in uses if not follow(use, use.span.source)]
        open_files.pop()
        done[name] = syntax.File(file.span, file.statements, (*file.broken, *failed))

    def follow(statement: syntax.Use, current: Source) -> bool:
        used = load(statement.path, current)
        if used is None:
            names = load.names(current)
            diagnostics.append(
                Diagnostic(
                    "N008",
                    f"there is no file `{statement.path}` to use",
                    statement.span,
                    f"a path from this file, or one of {listing(names)}" if names else "a path from this file",
                    did_you_mean(statement.path, names),
                )
            )
            return False
        if used.name in open_files:
            chain = " → ".join(f"`{name}`" for name in [*open_files[open_files.index(used.name) :], used.name])
            diagnostics.append(Diagnostic("N009", f"these files use each other: {chain}", statement.span))
            return False
        if used.name not in done:
            file, problems = parse(used)
            diagnostics.extend(problems)
            visit(file)
        return True

    visit(main)
    return list(done.values()), diagnostics
