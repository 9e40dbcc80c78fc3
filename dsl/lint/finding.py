"""What hygiene finds: the finding, where it is, and the question that data would have to answer to weigh it."""

from dsl.diagnostics import Diagnostic
from dsl.lint.catalogue import RULES
from dsl.lint.question import Question
from dsl.record import record
from dsl.source import Span


@record
class Finding:
    """One finding of a rule. `acknowledged` is the reason that the study gives for having it nevertheless."""

    rule: str
    message: str
    span: Span | None
    hint: str | None = None
    question: Question | None = None
    acknowledged: str | None = None

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"Finding.rule: expected one of {sorted(RULES)}, received {self.rule!r}")

    @property
    def warns(self) -> bool:
        """Whether checking the study tells of it: it is neither acknowledged nor left to the data."""
        return self.acknowledged is None and not RULES[self.rule].counted

    def diagnostic(self) -> Diagnostic:
        return Diagnostic(RULES[self.rule].code, f"{self.message} ({self.rule})", self.span, hint=self.hint)
