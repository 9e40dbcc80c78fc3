"""What a session is asked: statements of its study, an expression beside it, or the attrition of a cohort."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dsl import program, syntax
from dsl.advice.keywords import STATEMENTS
from dsl.diagnostics import nearest
from dsl.draft import Draft

DEFINING = (syntax.Let, syntax.Cohort, syntax.Endpoint, syntax.Parameter, syntax.Event, syntax.Rule)
ASKING = (*syntax.ANALYSES, syntax.Expect)


_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_FIRST_WORD = re.compile(r"([^\W\d]\w*)(\s+[\"\w])?")


def is_blank(text: str) -> bool:
    """Whether there is nothing in a text but blanks and comments."""
    return _beginning(text) == len(text)


def is_statement(text: str, is_known: Callable[[str], bool]) -> bool:
    """Whether a text is meant as statements, not as an expression: a keyword with a slip counts as that keyword.

    `is_known` says of a word whether something is called so, which an expression may begin with.
    """
    word = _FIRST_WORD.match(text, _beginning(text))
    if word is None:
        return False
    slipped = word[2] is not None and not is_known(word[1]) and nearest(word[1], STATEMENTS) is not None
    return word[1] in STATEMENTS or slipped


def _beginning(text: str) -> int:
    """Where blanks and comments end."""
    blank = _BLANK.match(text)
    return blank.end() if blank else 0


@dataclass(frozen=True)
class Question:
    """Kept as it was written, so that it can be asked again of a study in which other things have changed."""

    statements: tuple[syntax.Statement, ...] = ()
    expression: syntax.Expr | None = None
    cohort: str | None = None

    @property
    def asks(self) -> bool:
        return bool(self.statements) or self.expression is not None or self.cohort is not None

    @property
    def cohorts(self) -> tuple[str, ...]:
        return () if self.cohort is None else (self.cohort,)

    def asked_of(self, draft: Draft, study: program.Program) -> program.Program:
        """The study that a draft means, with just those of its analyses and expectations that are asked for."""
        analyses = [item.statement for item in draft.items if isinstance(item.statement, syntax.ANALYSES)]
        expects = [item.statement for item in draft.items if isinstance(item.statement, syntax.Expect)]
        return replace(
            study,
            analyses=self._chosen(analyses, study.analyses),
            expectations=self._chosen(expects, study.expectations),
        )

    def _chosen(self, written: Iterable[syntax.Statement], meant: Sequence[Any]) -> Any:
        """Of what statements mean, that of the wanted ones."""
        pairs = zip(written, meant, strict=True)
        return tuple(node for statement, node in pairs if statement in self.statements)
