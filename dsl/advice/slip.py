"""Where reading stopped and what the parser knew then; what could have stood there, in words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lark import Token

from dsl.advice.keywords import PARTS, STATEMENTS
from dsl.diagnostics import Diagnostic, listing
from dsl.source import Source, Span

WORD = re.compile(r"[^\W\d]\w*")


_LONG = 60
"""Characters of an expectation beyond which a hint stands better alone."""


@dataclass(frozen=True)
class Slip:
    """Where reading stopped, and what the parser knew then."""

    source: Source
    begin: int
    """Where the statement in hand starts."""
    offset: int
    word: str
    kind: str
    """The terminal of the grammar; `$END` at the end, empty for a character that begins none."""
    accepts: frozenset[str]
    """Terminals that could have stood there."""
    before: tuple[Token, ...]
    """The tokens of the statement so far."""
    starts_line: bool

    @property
    def stop(self) -> int:
        return self.offset + max(1, len(self.word))

    @property
    def span(self) -> Span:
        return Span(self.source, self.offset, self.offset + len(self.word))

    @property
    def rest(self) -> str:
        """The line from the error on."""
        return self.source.text[self.offset :].partition("\n")[0]

    @property
    def last(self) -> Token | None:
        return self.before[-1] if self.before else None

    @property
    def statement(self) -> str:
        """The keyword of the statement in hand, empty before the first one."""
        return str(self.before[0]) if self.before and self.begin < self.offset else ""

    @property
    def restart(self) -> int | None:
        """Where the next statement or part begins, if the last token shows that it did begin before the error."""
        if self.last is None or self.last.type != "NAME" or not self.begin < (self.last.start_pos or 0):
            return None
        if str(self.last) not in (*STATEMENTS, *PARTS.get(self.statement, ())):
            return None
        start = self.last.start_pos or 0
        return None if self.source.text[self.source.text.rfind("\n", 0, start) + 1 : start].strip() else start

    @property
    def part(self) -> str:
        """The keyword of the part in hand."""
        words = PARTS.get(self.statement, ())
        return next((str(token) for token in reversed(self.before) if token in words), self.statement)

    def says(
        self, message: str, *, span: Span | None = None, hint: str | None = None, code: str = "S001"
    ) -> Diagnostic:
        expected = self.expected
        if hint is not None and expected is not None and len(expected) > _LONG:
            expected = None
        return Diagnostic(code, message, span or self.span, expected, hint)

    @cached_property
    def expected(self) -> str | None:
        if self.last is not None and self.last.type in _BEFORE_EVENTS and self.accepts >= VALUE_STARTS:
            return "an event or a date"
        return _expected(self.accepts, self.statement)


def end_of(token: Token, source: Source) -> Span:
    return Span(source, token.start_pos or 0, token.end_pos or 0)


_PHRASES = {
    "NAME": "a name",
    "MEMBER": "the name of an attribute",
    "STRING": 'a text in double quotes (`"…"`)',
    "INTEGER": "a whole number",
    "NUMBER": "a number",
    "DATE": "a date (`2010-12-31`)",
    "MONTH": "a month (`2010-12`)",
    "TIMESTAMP": "a date with time (`2010-12-31T12:00`)",
    "OPERATOR": "a comparison (`=`, `!=`, `<`, `<=`, `>`, `>=`)",
    "ADD": "`+` or `-`",
    "SUBTRACT": "`-`",
    "MULTIPLY": "`*` or `/`",
    "PERCENT": "`%`",
    "DURATION_UNIT": "`days`, `weeks`, `months` or `years`",
    "UNIT": "a unit in brackets (`[mg/m2]`)",
    "TEST_BY": "`test`",
    "IN_LIST": "`in (…)`",
    "IN_NAME": "`in` and the name of a cohort",
    "NOT_REACHED": "`not reached`",
    "OUTCOME": "`event`, `competing`, `censored` or `excluded`",
    "PATH": "a path (`endpoints/os`)",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "`,`",
    "DOT": "`.`",
    "COLON": "`:`",
    "EQUAL": "`=`",
    "$END": "the end of the text",
}


VALUE_STARTS = {"CASE", "STRING", "DATE", "INTEGER", "NUMBER", "TRUE", "FALSE", "SUBTRACT", "AGE"}


CONDITION_STARTS = {"ANY", "NO", "NOT"}


_OTHER_STARTS = {
    "NAME",
    "LPAR",
    "ALL",
    "AT",
    "FIRST",
    "LAST",
    "ONLY",
    "NTH",
    "COURSES",
    "NOT_REACHED",
    "MONTH",
    "OUTCOME",
}


_BEFORE_EVENTS = {"UNTIL", "COMPETING", "CENSOR", "SEEN", "INDEX"}
"""Behind these words stand events and dates, though the grammar leaves it to the checker."""


WINDOW_STARTS = {"BEFORE", "AFTER", "ON", "WITHIN", "BETWEEN"}


_OPERATORS = {"OPERATOR", "ADD", "MULTIPLY", "IN_LIST", "IS", "DOT", "AND", "OR", "NOT"}


def accepted_words(terminals: Iterable[str]) -> list[str]:
    return [terminal.lower() for terminal in terminals if terminal not in _PHRASES and terminal.isalpha()]


def _expected(terminals: Iterable[str], statement: str) -> str | None:
    """What could stand there; groups of signs and words get one phrase each."""
    left = set(terminals)
    phrases: list[str] = []
    if left >= VALUE_STARTS:
        phrases.append("a condition" if left >= CONDITION_STARTS else "a value")
        left -= VALUE_STARTS | CONDITION_STARTS | _OTHER_STARTS
    if left >= WINDOW_STARTS:
        phrases.append("a window (`before`, `after`, `on`, `within`, `between`)")
        left -= WINDOW_STARTS
    if left & {"ADD", "MULTIPLY", "OPERATOR"}:
        phrases.append("an operator")
        left -= {*_OPERATORS, "LPAR"}
    elif "AND" in left:
        phrases.append("`and` or `or`")
        left -= _OPERATORS
    statements = {word.upper() for word in STATEMENTS}
    closing = []
    if left >= statements:
        left -= statements | {"$END"}
        closing.append("the next statement" if statement else "a statement")
    phrases.extend(_PHRASES[terminal] for terminal in sorted(left) if terminal in _PHRASES)
    words = sorted(accepted_words(left))
    if words:
        phrases.append(listing(words))
    phrases.extend(closing)
    return " or ".join(phrases) if phrases else None
