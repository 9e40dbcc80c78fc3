"""A study that grows statement by statement: what is said later replaces what was said before of the same name.

Every statement stays in the text in which it was typed, so that a diagnostic points there; `Draft.text` puts them
together as one file, with their comments. What the whole means is left to `dsl.check_file`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dsl import syntax
from dsl.source import Source, Span

Key = tuple[str, str]
"""What a study has only one of: a kind of statement, or a name."""


@dataclass(frozen=True)
class Item:
    """A statement, its text to the end of the line, and the blank lines and comments above it."""

    statement: syntax.Statement
    above: str = field(repr=False)
    text: str = field(repr=False)

    @property
    def key(self) -> Key | None:
        """What it takes the place of; None for what can be said many times."""
        match self.statement:
            case syntax.Let() | syntax.Cohort() | syntax.Endpoint() | syntax.Parameter():
                return "definition", self.statement.name.text
            case syntax.Event():
                return "event", self.statement.name.text
            case syntax.Rule():
                return "rule", self.statement.name.text
            case syntax.Use(path=path):
                return "use", path
            case syntax.Study() | syntax.Cutoff() | syntax.KnownBy():
                return type(self.statement).__name__.lower(), ""
        return None

    def after(self, earlier: "Item") -> "Item":
        """The item in the place of an earlier one, whose comments stay unless there are new ones."""
        return self if "#" in self.above else replace(self, above=earlier.above)


@dataclass(frozen=True)
class Draft:
    """The statements of a study so far, tests last."""

    items: tuple[Item, ...] = ()
    name: str = "<session>"

    def add(self, file: syntax.File) -> "Draft":
        """The study with the statements of one more text.

        A text that defines one name twice is not mended: both definitions are kept, for the check to refuse.
        """
        added = list(_items(file))
        taken = {item.key: item for item in added if item.key is not None}
        kept = [taken[item.key].after(item) if item.key in taken else item for item in self.items]
        placed = {id(item.statement) for item in kept}
        said = {item.statement for item in kept}
        kept += [
            item
            for item in added
            if id(item.statement) not in placed and (item.key is not None or item.statement not in said)
        ]
        tests = [item for item in kept if isinstance(item.statement, syntax.Test)]
        return Draft((*(item for item in kept if not isinstance(item.statement, syntax.Test)), *tests), self.name)

    def replaced(self, file: syntax.File) -> tuple[str, ...]:
        """The names that a text defines anew and differently."""
        before = {item.key: item.statement for item in self.items if item.key is not None}
        return tuple(
            item.key[1]
            for item in _items(file)
            if item.key in before and item.key[1] and before[item.key] != item.statement
        )

    def file(self, broken: Sequence[syntax.Broken] = ()) -> syntax.File:
        """The study as one file, to be checked."""
        whole = Source(self.text(), self.name)
        return syntax.File(Span(whole, 0, len(whole.text)), tuple(item.statement for item in self.items), tuple(broken))

    def text(self) -> str:
        """The study as one text: that of a file, where all of it came from one and stands in its order."""
        lines: list[str] = []
        for item in self.items:
            above = item.above
            if item.statement.span.source is not self.items[0].statement.span.source:
                # What was typed apart stands apart, whatever was before it where it was typed.
                above = f"\n{above.lstrip()}"
            if lines and not lines[-1].endswith("\n") and above.startswith("\n"):
                lines.append("\n")
            lines.append(f"{above}{item.text}")
        return "".join(lines)


def _items(file: syntax.File) -> Iterator[Item]:
    """Each statement with the text from the end of the one before to the end of its own last line."""
    text = file.span.source.text
    begin = 0
    for number, statement in enumerate(file.statements):
        following = file.statements[number + 1].span.start if number + 1 < len(file.statements) else None
        line_end = text.find("\n", statement.span.end) + 1 or len(text)
        end = len(text) if following is None else min(line_end, following)
        yield Item(statement, text[begin : statement.span.start], text[statement.span.start : end])
        begin = end
