"""What names stand for while a study is checked, and the list of what is wrong with it.

A definition is checked when it is first needed, so that order does not matter; a definition with an error is marked and
its users stay silent, so that one mistake is told once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from dsl import ir, program, syntax
from dsl.advice.keywords import RESERVED
from dsl.catalog import Catalog, EventType
from dsl.diagnostics import Diagnostic, did_you_mean, listing
from dsl.source import Span
from dsl.types import AttributeType, Code, Type

ABSENT = frozenset(["null", "na", "nan", "none", "nil", "missing", "unknown"])
_DAYS = frozenset(["date", "day", "event_date", "start_date", "startdate", "date_start"])
_TODAY = frozenset(["today", "now", "current_date", "getdate", "sysdate"])


class Abandon(Exception):
    """The part in hand has an error that has been reported; whoever put parts together goes on with the next."""


class State(Enum):
    WAITING = auto()
    CHECKING = auto()
    DONE = auto()
    FAILED = auto()


@dataclass(frozen=True)
class EndpointName:
    """An endpoint where a value is looked for; only its parts (`os.time`) are values."""

    name: str


@dataclass(frozen=True)
class EventLet:
    """A named selection with the attributes that its event has."""

    ref: ir.EventRef
    selected: ir.EventValue
    attributes: dict[str, AttributeType]


Meaning = ir.Value | ir.EventValue | ir.Stream | EndpointName
Bound = ir.Literal | ir.LetRef | EventLet | ir.CohortRef | EndpointName | ir.Events | ir.Union | ir.Filter | ir.Courses


@dataclass
class Symbol:
    name: syntax.Name
    kind: str
    statement: syntax.Statement | None
    local: bool
    """Whether the study's own file defines it, not one that it uses."""
    state: State = State.WAITING
    bound: Bound | None = None
    used: bool = False


@dataclass
class Scope:
    """Names, event types and diagnostics of one study; `complete` checks a definition when it is needed."""

    catalog: Catalog = field(default_factory=Catalog)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    definitions: list[program.Definition] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    complete: Callable[[Symbol], None] = lambda symbol: None
    checking: list[Symbol] = field(default_factory=list)
    places: dict[int, tuple[object, list[Span]]] = field(default_factory=dict)
    """Where each node of the program was written, by its identity: a program does not know."""
    partial: bool = False
    """Whether a used file is missing or unreadable: what is not found may be defined there, so nothing is said."""

    def note(self, node: object, span: Span) -> None:
        """Keep where a node was written."""
        self.places.setdefault(id(node), (node, []))[1].append(span)

    def report(
        self, code: str, message: str, span: Span | None, expected: str | None = None, hint: str | None = None
    ) -> None:
        diagnostic = Diagnostic(code, message, span, expected, hint)
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)

    def refuse(
        self, code: str, message: str, span: Span | None, expected: str | None = None, hint: str | None = None
    ) -> Abandon:
        """Report, and give the exception to raise."""
        self.report(code, message, span, expected, hint)
        return Abandon()

    def define(self, name: syntax.Name, kind: str, statement: syntax.Statement | None, local: bool) -> None:
        if name.text in RESERVED:
            hint = f"take another name, such as `{name.text}_`"
            self.report("S008", f"`{name.text}` is a reserved word", name.span, "a name", hint)
            return
        earlier = self.symbols.get(name.text)
        if earlier is not None:
            where = earlier.name.span
            place = f"{where.source.name}:{where.line}"
            self.report(
                "N006",
                f"`{name.text}` is defined twice",
                name.span,
                hint=f"the {earlier.kind} of this name is at {place}",
            )
            return
        self.symbols[name.text] = Symbol(name, kind, statement, local)

    def give_up(self, broken: syntax.Broken) -> None:
        """Note what a statement that could not be read would have defined: its users stay silent."""
        if broken.word == "use":
            self.partial = True
        elif broken.name not in self.symbols:
            name = syntax.Name(broken.span, broken.name)
            self.symbols[broken.name] = Symbol(name, broken.word, None, local=True, state=State.FAILED)

    def find(self, name: str, span: Span) -> Bound | None:
        """What a defined name stands for; None where nothing of that name is defined."""
        symbol = self.symbols.get(name)
        if symbol is None:
            return None
        symbol.used = True
        if symbol.state is State.CHECKING:
            chain = self.checking[self.checking.index(symbol) :]
            path = " → ".join([*(f"`{link.name.text}`" for link in chain), f"`{name}`"])
            for link in chain:
                link.state = State.FAILED
            raise self.refuse("N007", f"these definitions need each other: {path}", span)
        if symbol.state is State.WAITING:
            self.check(symbol)
        if symbol.state is State.FAILED:
            raise Abandon()
        assert symbol.bound is not None
        return symbol.bound

    def check(self, symbol: Symbol) -> None:
        """Check the definition of a symbol unless that was done before."""
        if symbol.state is not State.WAITING:
            return
        symbol.state = State.CHECKING
        self.checking.append(symbol)
        try:
            self.complete(symbol)
        except Abandon:
            symbol.state = State.FAILED
        else:
            if symbol.state is State.CHECKING:
                symbol.state = State.DONE
        finally:
            self.checking.remove(symbol)

    def unknown(self, name: str, span: Span, extra: Iterable[str] = (), code: str = "N001") -> Abandon:
        if self.partial:
            return Abandon()
        hint = self.hint(name) or did_you_mean(name, [*extra, *self.symbols])
        return self.refuse(code, f"nothing is called `{name}`", span, hint=hint)

    def hint(self, word: str) -> str | None:
        """What a word that is unknown in its place is elsewhere: another language's, an attribute, a code."""
        if word.casefold() in ("true", "false"):
            return f"keywords are written in small letters: `{word.casefold()}`"
        if word.casefold() in ABSENT:
            return "a value that is not there is told by `… is missing`"
        if word.casefold() in _TODAY:
            return "a study gives the same result on every day: write the date, or a `parameter`"
        if word.casefold() in _DAYS:
            return "the date of an event is its `start`: `where start > 2010-12-31`, `rt.start`"
        owners = [event.name for event in self.catalog if event.attribute(word)]
        if owners:
            event = owners[0]
            if len(owners) == 1 and next(item.once for item in self.catalog if item.name == event):
                return f"an attribute of `{event}`: write `{event}.{word}`"
            return f"an attribute of {listing(owners, 4)}: write `{event} where {word} …` or `(first {event}).{word}`"
        homes = {
            attribute.name: event.name
            for event in self.catalog
            for attribute in event.attributes
            if isinstance(attribute.type, Code) and word in attribute.type.codes
        }
        if homes:
            return f"a code of {listing(homes, 4)}: write `… = {word}`, or `… in ({word}, …)` for one of several"
        return None

    def event_type(self, name: syntax.Name) -> EventType:
        """The declared event type of that name."""
        found = self.catalog.event(name.text)
        if found is None:
            raise self.unknown_event(name)
        if name.text in self.symbols:
            self.symbols[name.text].used = True
        return found

    def unknown_event(self, name: syntax.Name) -> Abandon:
        symbol = self.symbols.get(name.text)
        if self.partial or (symbol is not None and symbol.state is State.FAILED):
            return Abandon()
        names = [event.name for event in self.catalog]
        expected = f"one of {listing(names)}" if names else "event types: declare some, or `use` a vocabulary"
        return self.refuse(
            "N002",
            f"no event type is called `{name.text}`",
            name.span,
            expected,
            did_you_mean(name.text, names) or self.hint(name.text),
        )

    def cohort(self, name: syntax.Name) -> str:
        """The name, once it is sure that a cohort has it."""
        bound = self.find(name.text, name.span)
        if bound is None:
            cohorts = [other for other, symbol in self.symbols.items() if symbol.kind == "cohort"]
            raise self.unknown(name.text, name.span, cohorts)
        if not isinstance(bound, ir.CohortRef):
            raise self.refuse("N010", f"`{name.text}` is not a cohort", name.span, "the name of a cohort")
        return name.text

    def endpoint(self, name: syntax.Name) -> str:
        """The name, once it is sure that an endpoint has it."""
        bound = self.find(name.text, name.span)
        if bound is None:
            endpoints = [other for other, symbol in self.symbols.items() if symbol.kind == "endpoint"]
            raise self.unknown(name.text, name.span, endpoints)
        if not isinstance(bound, EndpointName):
            raise self.refuse("N011", f"`{name.text}` is not an endpoint", name.span, "the name of an endpoint")
        return name.text


Row = dict[str, Type] | None
"""Attributes of the event in question inside a stream's condition; None outside of one."""


def bare_words(node: syntax.Node) -> str:
    """The node as it was written, without parentheses around the whole."""
    while isinstance(node, syntax.Group):
        node = node.inner
    return words(node)


def words(node: syntax.Node) -> str:
    """The node as it was written, on one line."""
    return " ".join(node.span.text.split())
