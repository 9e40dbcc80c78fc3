"""What the language says to a person: diagnostics, their catalogue, and how they are printed.

A diagnostic names what was found and what was expected, and gives at most one hint. It never blames.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum

from dsl.record import record
from dsl.source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@record
class Kind:
    """An entry of the catalogue: what a code stands for."""

    code: str
    severity: Severity
    title: str


def _errors(*entries: tuple[str, str]) -> dict[str, Kind]:
    return {code: Kind(code, Severity.ERROR, title) for code, title in entries}


def _warnings(*entries: tuple[str, str]) -> dict[str, Kind]:
    return {code: Kind(code, Severity.WARNING, title) for code, title in entries}


CATALOGUE: dict[str, Kind] = {
    # S: the text does not follow the grammar
    **_errors(
        ("S001", "unexpected word or sign"),
        ("S002", "the text ends too early"),
        ("S003", "a character that the language does not use"),
        ("S004", "a text that is not closed"),
        ("S005", "a date that does not exist"),
        ("S006", "nested too deeply"),
        ("S007", "a number that is too large"),
        ("S008", "a reserved word used as a name"),
        ("S009", "parentheses needed"),
        ("S010", "too many errors to go on"),
    ),
    # N: a name that does not lead anywhere, or to two places
    **_errors(
        ("N001", "unknown name"),
        ("N002", "unknown event type"),
        ("N003", "unknown attribute"),
        ("N004", "unknown code"),
        ("N005", "unknown function"),
        ("N006", "defined twice"),
        ("N007", "definitions that need each other"),
        ("N008", "file to use not found"),
        ("N009", "files that use each other"),
        ("N010", "not a cohort"),
        ("N011", "not an endpoint"),
        ("N012", "unknown parameter"),
        ("N013", "unknown requirement"),
    ),
    # T: the types do not fit
    **_errors(
        ("T001", "values of different types compared"),
        ("T002", "wrong type"),
        ("T003", "an event stream where one value is needed"),
        ("T004", "one value where an event stream is needed"),
        ("T005", "a statistic of a cohort where a patient's value is needed"),
        ("T006", "a patient's value where a statistic of a cohort is needed"),
        ("T007", "units do not fit"),
        ("T008", "branches of different types"),
        ("T009", "no date of birth is declared"),
        ("T010", "not a published value"),
        ("T011", "no day makes it true for good"),
    ),
    # D: a definition that is not whole
    **_errors(
        ("D001", "a part is missing"),
        ("D002", "a part given twice"),
        ("D003", "attributes of one name and different kinds"),
        ("D004", "a word that every event has already"),
        ("D005", "given only once in a study"),
        ("D007", "option that does not belong here"),
    ),
    # L: well formed, and yet not what a study should do (see `dsl.lint`)
    **_warnings(
        ("L001", "depends on what happens after time began"),
        ("L002", "a cohort that looks beyond its index day"),
        ("L003", "a window that nothing can lie in"),
        ("L004", "a condition that is always true"),
        ("L005", "a condition that is never true"),
        ("L006", "an ending that never comes first"),
        ("L007", "an event that can lie before the origin"),
        ("L008", "a name that nothing reads"),
        ("L009", "a group too small to compare"),
        ("L010", "patients followed from before they entered"),
        ("L012", "nothing there to acknowledge"),
    ),
    **_errors(("L011", "unknown finding")),
}
"""Every code that the language can report, with its title."""


@record
class Diagnostic:
    code: str
    message: str
    span: Span | None
    expected: str | None = None
    hint: str | None = None

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise ValueError(f"Diagnostic.code: expected one of the catalogue, received {self.code!r}")

    @property
    def severity(self) -> Severity:
        return CATALOGUE[self.code].severity

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


class LanguageError(Exception):
    """A text was refused; `diagnostics` says why, all of it."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(render(diagnostic) for diagnostic in diagnostics))


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a person who wrote `word` most likely meant, or None where none is close."""
    pool = sorted(set(candidates))
    folded = {candidate.casefold(): candidate for candidate in pool}
    if word.casefold() in folded:
        return folded[word.casefold()]
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    found = nearest(word, candidates)
    return f"did you mean `{found}`?" if found else None


def listing(words: Iterable[str], most: int = 12) -> str:
    """Words for a message: all of them where few, else the first ones and how many more."""
    items = list(words)
    shown = ", ".join(f"`{word}`" for word in items[:most])
    return shown + (f" and {len(items) - most} more" if len(items) > most else "")


_COLOURS = {Severity.ERROR: "\033[1;31m", Severity.WARNING: "\033[1;33m"}
_BOLD, _BLUE, _RESET = "\033[1m", "\033[1;34m", "\033[0m"


def render(diagnostic: Diagnostic, *, colour: bool = False) -> str:
    """The diagnostic as text: code and message, file:line:column, the line with the span underlined, and what helps."""

    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if colour else text

    tone = _COLOURS[diagnostic.severity]
    head = paint(tone, f"{diagnostic.severity.value}[{diagnostic.code}]") + paint(_BOLD, f": {diagnostic.message}")
    notes = [("expected", diagnostic.expected), ("hint", diagnostic.hint)]
    span = diagnostic.span
    if span is None:
        return "\n".join([head, *(f"  = {label}: {text}" for label, text in notes if text)])
    line, column = span.source.position(span.start)
    text = span.source.line(line)
    width = max(1, min(span.end - span.start, len(text) - column + 1))
    shown, offset = _clip(text, column - 1, width)
    gutter = " " * len(str(line))
    bar = paint(_BLUE, f"{gutter} |")
    underline = "".join("\t" if character == "\t" else " " for character in shown[:offset])
    lines = [
        head,
        paint(_BLUE, f"{gutter}--> ") + f"{span.source.name}:{line}:{column}",
        bar,
        paint(_BLUE, f"{line} |") + f" {shown}",
        f"{bar} {underline}{paint(tone, '^' * min(width, max(1, len(shown) - offset)))}",
        *(paint(_BLUE, f"{gutter} = ") + f"{label}: {text}" for label, text in notes if text),
    ]
    return "\n".join(lines)


def _clip(text: str, start: int, width: int, most: int = 120) -> tuple[str, int]:
    """A long line cut to what surrounds the span, with the span's place in what is left."""
    text = "".join(character if character.isprintable() or character == "\t" else "\ufffd" for character in text)
    if len(text) <= most:
        return text, start
    left = max(0, min(start - 30, len(text) - most))
    right = left + most
    shown = ("…" if left else "") + text[left:right] + ("…" if right < len(text) else "")
    return shown, start - left + (1 if left else 0)
