"""What could come next where the cursor is: a pure function of the text before it and of what can be named.

It reads the last words as the grammar would, without parsing: the text is not finished while it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from timeline.repl.arguments import quoted, unfinished
from timeline.repl.vocabulary import Attribute, Vocabulary
from timeline.repl.words import functions, keywords

Choices = dict[str, str]
"""Words that could stand here, each with what it is."""


@dataclass(frozen=True)
class Completion:
    """A word in place of the last `length` characters before the cursor; `about` says what it is."""

    word: str
    length: int
    about: str


@dataclass(frozen=True)
class Command:
    """A dot command as completion sees it: what its arguments are (`event`, `name`, `patient`, `file`), in order."""

    arguments: tuple[str, ...]
    about: str


_TYPED = re.compile(r"\w*$")
_DOTTED = re.compile(r"(?:(\w+)|\))\.\s*$")
_COMPARED = re.compile(r"(?:(\w+)\.)?(\w+)\s*(?:!=|=|:)\s*$")
_LISTED = re.compile(r'(?:(\w+)\.)?(\w+)\s+(?:not\s+)?in\s*\((?:\s*(?:\w+|"[^"]*")\s*,)*\s*$')
_LAST_WORD = re.compile(r"(\w+)\s*$")
_PICK = re.compile(r"\b(?:first|last|only|any|no|all|courses\s+of|nth\s+\d+|(?:least|most)\s+\d+)\s+$")
_COHORT = re.compile(r"\b(?:attrition|table|swimmer)\s+$|(?<![.\w])in\s+$|\b(?:count|share)\(\s*$")
_TEXT = re.compile(r'"(?:\\.|[^"\\\n])*"?')
_WORDS = re.compile(r"\w+")


def completions(
    before: str, vocabulary: Vocabulary, commands: Mapping[str, Command], unasked: bool = False
) -> list[Completion]:
    """What could stand at the cursor, the best first. `before` is the entry up to there.

    Where it is offered `unasked`, while a person types, a place at which anything could stand needs a first letter.
    """
    if before.lstrip().startswith("."):
        return _of_command(before.lstrip(), vocabulary, commands)
    if before.count('"') % 2 or "#" in before.rsplit("\n", 1)[-1]:
        return []
    typed = _TYPED.search(before)
    assert typed is not None
    said = _TEXT.sub('""', before[: typed.start()])
    choices = _certain(said, vocabulary)
    if choices is None:
        choices = {} if unasked and not typed[0] else _anything(said, vocabulary)
    return list(_matching(choices, typed[0]))


def fuzzy(word: str, typed: str) -> int | None:
    """How well a word answers what was typed, 0 best: from its start, inside it, or letter by letter; None if not."""
    folded, wanted = word.casefold(), typed.casefold()
    if folded.startswith(wanted):
        return 0
    if wanted in folded:
        return 1
    letters = iter(folded)
    return 2 if all(letter in letters for letter in wanted) else None


def _matching(choices: Choices, typed: str) -> Iterator[Completion]:
    ranked = [(fuzzy(word, typed), number, word) for number, word in enumerate(choices)]
    for rank, _, word in sorted((rank, number, word) for rank, number, word in ranked if rank is not None):
        del rank
        yield Completion(word, len(typed), choices[word])


def _certain(said: str, vocabulary: Vocabulary) -> Choices | None:
    """What must follow the last words; None where anything could."""
    if (dotted := _DOTTED.search(said)) is not None:
        return _about(_attributes_of(dotted[1], said, vocabulary))
    for pattern in (_COMPARED, _LISTED):
        compared = pattern.search(said)
        if compared is not None and (codes := _codes(compared[1], compared[2], said, vocabulary)):
            return dict.fromkeys(codes, f"a code of {compared[2]}")
    last = _LAST_WORD.search(said)
    match last[1] if last is not None and said.endswith((" ", "\n")) else "":
        case "estimate" | "compare" | "incidence" | "like":
            return vocabulary.of_kind("endpoint")
        case "use":
            return dict.fromkeys(vocabulary.files, "a file of declarations or definitions")
        case "let" | "cohort" | "endpoint" | "parameter" | "event" | "rule":
            return vocabulary.of_kind("cohort", "endpoint", "event", "let")
        case "lanes" | "given":
            return _events(vocabulary)
    if _COHORT.search(said) is not None:
        return vocabulary.of_kind("cohort") | (_events(vocabulary) if said.rstrip().endswith("(") else {})
    if _PICK.search(said) is not None:
        return _events(vocabulary) | vocabulary.of_kind("event")
    return None


def _anything(said: str, vocabulary: Vocabulary) -> Choices:
    """Attributes of the event in question first, then what has a name, then the words of the language."""
    from dsl.advice.keywords import PARTS

    if not said.strip():
        return _statements() | vocabulary.of_kind("cohort", "endpoint", "event", "let") | _functions()
    choices: Choices = {}
    if (event := _event_in_question(said, vocabulary)) is not None:
        choices |= _about(event)
    if said.endswith("\n") or said.rstrip(" ").endswith("\n"):
        choices |= dict.fromkeys(PARTS.get(_first(said), ()), "a part of the statement") | _statements()
    choices |= vocabulary.of_kind("cohort", "endpoint", "event", "let") | _events(vocabulary)
    return choices | _functions() | dict.fromkeys(sorted(keywords()), "")


def _event_in_question(said: str, vocabulary: Vocabulary) -> Mapping[str, Attribute] | None:
    """The attributes of the event that the last open `where` is about."""
    where = said.rfind("where")
    if where < 0:
        return None
    behind = said[where:]
    if behind.count(")") > behind.count("("):
        return None
    return _last_event(said[:where], vocabulary)


def _last_event(said: str, vocabulary: Vocabulary) -> Mapping[str, Attribute] | None:
    for word in reversed(_WORDS.findall(said)):
        if word in vocabulary.events:
            return vocabulary.events[word].parts
        if word in vocabulary.names and vocabulary.names[word].kind == "event":
            return vocabulary.names[word].parts
        if word in vocabulary.names and vocabulary.names[word].kind == "cohort":
            return None
    return None


def _attributes_of(owner: str | None, said: str, vocabulary: Vocabulary) -> Mapping[str, Attribute]:
    if owner is None:
        return _last_event(said, vocabulary) or {}
    for named in (vocabulary.names.get(owner), vocabulary.events.get(owner)):
        if named is not None:
            return named.parts
    return {}


def _codes(owner: str | None, attribute: str, said: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The codes of an attribute: of the event in question, else of any that has it."""
    found = _attributes_of(owner, said, vocabulary) if owner else _last_event(said, vocabulary) or {}
    if attribute in found:
        return found[attribute].codes
    if attribute in vocabulary.names:
        return ()
    everywhere = (named.parts[attribute].codes for named in vocabulary.events.values() if attribute in named.parts)
    return next((codes for codes in everywhere if codes), ())


def _of_command(line: str, vocabulary: Vocabulary, commands: Mapping[str, Command]) -> list[Completion]:
    name, space, rest = line.partition(" ")
    if not space:
        known = {word: command.about for word, command in commands.items()}
        found = _matching({word.removeprefix("."): about for word, about in known.items()}, name.removeprefix("."))
        return [Completion(f".{item.word}", len(name), item.about) for item in found]
    command = commands.get(name)
    given, typed, meant = unfinished(rest)
    if command is None or len(given) >= len(command.arguments):
        return []
    match command.arguments[len(given)]:
        case "event":
            return list(_matching(_events(vocabulary), typed))
        case "name":
            return list(_matching(vocabulary.of_kind("cohort", "endpoint", "event", "let"), typed))
        case "endpoint":
            return list(_matching(vocabulary.of_kind("endpoint", "cohort"), typed))
        case "cohort":
            return list(_matching(vocabulary.of_kind("cohort"), typed))
        case "in" | "by" as word:
            return list(_matching({word: ""}, typed))
        case "patient":
            return [Completion(quoted(one), len(typed), "a patient") for one in vocabulary.patients(meant)]
        case "command":
            return list(_matching({word.removeprefix("."): item.about for word, item in commands.items()}, typed))
    return []


def _first(said: str) -> str:
    found = _WORDS.search(said)
    return found[0] if found else ""


def _events(vocabulary: Vocabulary) -> Choices:
    return {name: named.about or "an event type" for name, named in vocabulary.events.items()}


def _about(attributes: Mapping[str, Attribute]) -> dict[str, str]:
    return {name: attribute.about for name, attribute in attributes.items()}


def _statements() -> dict[str, str]:
    from dsl.advice.keywords import STATEMENTS

    return dict.fromkeys(_usual(STATEMENTS), "a statement")


def _usual(words: Iterable[str]) -> list[str]:
    """What is typed at a prompt before what stands in files."""
    often = ("let", "cohort", "endpoint", "estimate", "compare", "table", "attrition", "incidence", "expect")
    return [*often, *(word for word in words if word not in often)]


def _functions() -> dict[str, str]:
    return dict.fromkeys(functions(), "a function")
