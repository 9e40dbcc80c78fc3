"""What became of a text that was submitted to a session: what it changed and found, or why it was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.diagnostics import Diagnostic, render
from timeline.errors import QueryError
from timeline.study.evaluation import Found


class TextError(QueryError):
    """A text that was refused; `diagnostics` says why, all of it."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n\n".join(render(diagnostic) for diagnostic in diagnostics))
        self.diagnostics = tuple(diagnostics)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return str(self).splitlines()


@dataclass(frozen=True)
class Reply:
    """What became of a submitted text.

    `defined` are the names that it defines, `replaced` those that meant something else before, and `changed` the other
    definitions that rest on these. `found` answers what the text asks; `again` what was asked before and had to be
    answered anew, under the words in which it was asked.
    """

    defined: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    found: Found | None = None
    again: tuple[tuple[str, Found], ...] = ()
