"""The examples as the language reference prints them, each chapter between its markers.

`<!-- examples: windows -->` … `<!-- end -->` holds the chapter of that name. Examples on the same events of one patient
share a table below those events; an example whose events are its own has them in its row.
"""

import re
from pathlib import Path

from dsl.program import LetValue
from dsl.types import Age, Boolean, Duration, Text
from tests.spec.chapters import CHAPTERS
from tests.spec.engines import study_of
from tests.spec.record import DECLARATIONS, Chapter, Spec

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
SPECIMEN = "declarations"
"""The name of the place of the event types that all examples share."""

_PLACE = re.compile(r"<!-- examples: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)
_SHARED = 2
"""So many examples on the same events stand in a table of their own."""


def places(page: str) -> list[str]:
    """The chapters that a page asks for, in order."""
    return [match.group(1) for match in _PLACE.finditer(page)]


def filled(page: str) -> str:
    """The page with every place filled anew."""

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        text = _block(DECLARATIONS.strip(), "tql") if name == SPECIMEN else _chapter(CHAPTERS[name])
        return f"<!-- examples: {name} -->\n{text}\n<!-- end -->"

    return _PLACE.sub(fill, page)


def _chapter(chapter: Chapter) -> str:
    parts = []
    for study in dict.fromkeys(spec.study for spec in chapter.specs):
        if study:
            parts.append(_block(study.strip()))
        parts.extend(_tables([spec for spec in chapter.specs if spec.study == study]))
    count = len(chapter.specs)
    return "\n".join([f"<details><summary>{count} examples</summary>\n", *parts, "</details>"])


def _tables(specs: list[Spec]) -> list[str]:
    """Tables of examples on the same events, and one of those whose events are their own."""
    parts = []
    own = []
    for events in dict.fromkeys(spec.events for spec in specs):
        together = [spec for spec in specs if spec.events == events]
        if len(together) < _SHARED:
            own.extend(together)
        else:
            shown = _block(events.strip()) if events else "No events:\n"
            parts.append(shown + "\n" + _table(("expression", "value", "rule"), [_row(spec) for spec in together]))
    if own:
        rows = [(_cell(spec.events) or "no events", *_row(spec)) for spec in own]
        parts.append(_table(("events", "expression", "value", "rule"), rows))
    return parts


def _row(spec: Spec) -> tuple[str, ...]:
    return _cell(" ".join(spec.expression.split())), _value(spec), spec.title


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _block(text: str, language: str = "") -> str:
    return f"```{language}\n{text}\n```\n"


def _cell(text: str) -> str:
    """Code in a cell of a table, a line of it below the other."""
    return "<br>".join(f"`{line.strip()}`" for line in text.splitlines() if line.strip())


def _value(spec: Spec) -> str:
    study, _ = study_of(spec)
    asked = study.definition("value")
    kind = asked.value.type if isinstance(asked, LetValue) else None
    if spec.expected is None:
        return "unknown" if isinstance(kind, Boolean) else "missing"
    if isinstance(spec.expected, bool):
        return "true" if spec.expected else "false"
    if isinstance(kind, Text):
        return f'`"{spec.expected}"`'
    unit = {Duration: " day", Age: " year"}.get(type(kind), "")
    return f"{spec.expected}{unit}{'s' if unit and spec.expected != 1 else ''}"
