"""Text to syntax tree, with what is wrong in the text as diagnostics.

The grammar is in `grammar.lark`; `build` turns Lark's tree into ours, and `advice` finds the words for what went wrong.
After an error reading goes on at the next line that starts with a statement's keyword, or a part's keyword of the
statement in hand, so that one mistake hides no other.
"""

import gc
import hashlib
import os
import pickle
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import lark
from lark import Lark, TextSlice, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from dsl import syntax
from dsl.advice.keywords import PARTS, STATEMENTS
from dsl.advice.slip import Slip
from dsl.build import Builder
from dsl.diagnostics import Diagnostic, nearest
from dsl.lexer import KeywordLexer
from dsl.source import Source, Span

MAX_DEPTH = 60
"""How deep expressions may nest; a person cannot read a tenth of it."""

MAX_SLIPS = 30
"""After so many syntax errors a text is read no further: it is hardly a query."""

_WORD = re.compile(r"[^\W\d]\w*")
_NAMED = frozenset(["event", "parameter", "let", "cohort", "endpoint"])
_STATEMENT_LINE = re.compile(rf"^[ \t]*({'|'.join(STATEMENTS)})\b", re.MULTILINE)
_PART_LINE = {
    word: re.compile(rf"^[ \t]*({'|'.join([*STATEMENTS, *parts])})\b", re.MULTILINE) for word, parts in PARTS.items()
}


def parse(source: Source) -> tuple[syntax.File, list[Diagnostic]]:
    """The statements of a text and what is wrong with it.

    A statement with an error is left out; `File.broken` has the name that it would have defined.
    """
    reader = _Reader(source)
    reader.read()
    whole = Span(source, 0, len(source.text))
    return syntax.File(whole, tuple(reader.statements), tuple(reader.broken)), reader.diagnostics


def parse_expression(source: Source) -> tuple[syntax.Expr | None, list[Diagnostic]]:
    """One expression by itself, as the command line and the prompt take it."""
    tree, slip = _read(source, 0, len(source.text), "expression")
    if slip is not None:
        return None, [_explain(slip)]
    builder = Builder(source)
    if (deep := _too_deep(source, tree)) is not None:
        return None, [deep]
    expression: syntax.Expr = builder.build(tree)
    return (None if builder.problems else expression), builder.problems


class _Reader:
    """Reads a text statement by statement, and goes on after errors."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.statements: list[syntax.Statement] = []
        self.broken: list[syntax.Broken] = []
        self.diagnostics: list[Diagnostic] = []

    def read(self) -> None:
        position: int | None = 0
        end = len(self.source.text)
        while position is not None:
            tree, slip = _read(self.source, position, end, "start")
            for statement in tree.children:
                if isinstance(statement, Tree):
                    self._build(statement)
            position = None if slip is None else self._recover(slip)

    def _build(self, tree: Tree[Token]) -> None:
        deep = _too_deep(self.source, tree)
        if deep is not None:
            self.diagnostics.append(deep)
            self._break(tree.meta.start_pos)
            return
        builder = Builder(self.source)
        statement: syntax.Statement = builder.build(tree)
        if builder.problems:
            self.diagnostics.extend(builder.problems)
            self._break(tree.meta.start_pos)
        else:
            self.statements.append(statement)

    def _break(self, start: int) -> str:
        """Note what the statement at `start` would have defined; the result is its keyword, as it was meant."""
        match = _WORD.match(self.source.text, start)
        if match is None:
            return ""
        word = _meant(match.group())
        name = re.compile(r"\s+([^\W\d]\w*)").match(self.source.text, match.end())
        if word == "use" or (word in _NAMED and name is not None):
            span = Span(self.source, start, match.end())
            self.broken.append(syntax.Broken(span, word, name.group(1) if name else ""))
        return word

    def _recover(self, slip: Slip) -> int | None:
        """Report an error, read on in the parts of its statement, and say where the next statement starts."""
        word = self._break(slip.begin)
        text = self.source.text
        while True:
            if len(self.diagnostics) >= MAX_SLIPS:
                message = f"reading stopped here, after {MAX_SLIPS} errors"
                self.diagnostics.append(
                    Diagnostic("S010", message, slip.span, hint="mend the first ones and check again")
                )
                return None
            self.diagnostics.append(_explain(slip))
            start = slip.stop if slip.restart is None else slip.restart
            if slip.starts_line and slip.offset > slip.begin:
                start = text.rfind("\n", 0, slip.offset) + 1
            if start == slip.restart:
                start = text.rfind("\n", 0, start) + 1
            following = _PART_LINE.get(word, _STATEMENT_LINE).search(text, start)
            while following is not None and following.start(1) <= slip.begin:
                following = _PART_LINE.get(word, _STATEMENT_LINE).search(text, following.end())
            if following is None:
                return None
            if following.group(1) not in PARTS.get(word, ()):
                return following.start(1)
            end = _end_of_statement(text, following.end(), word)
            _, further = _read(self.source, following.start(1), end, f"{word}_parts")
            if further is None:
                return end if end < len(text) else None
            slip = further


def _explain(slip: Slip) -> Diagnostic:
    """The diagnostic of a syntax error. Its words are loaded when there is one: few texts need them."""
    from dsl.advice.mistakes import explain

    return explain(slip)


def _meant(word: str) -> str:
    """The statement's keyword that a word at the start of a statement stands for, or the word itself."""
    return word if word in STATEMENTS else nearest(word, STATEMENTS) or word


def _end_of_statement(text: str, start: int, word: str) -> int:
    """Where the first line behind `start` begins that starts a statement; an `expect` belongs to the test before it."""
    for match in _STATEMENT_LINE.finditer(text, start):
        if not (word == "test" and match.group(1) == "expect"):
            return match.start(1)
    return len(text)


def _read(source: Source, start: int, end: int, symbol: str) -> tuple[Tree[Token], Slip | None]:
    """The tree of `source.text[start:end]`; where it is wrong, that of the statements before, and what went wrong."""
    parser: Any = _grammar().parse_interactive(TextSlice(source.text, start, end), start=symbol)
    state = parser.parser_state
    tokens: list[Token] = []
    try:
        for token in parser.lexer_thread.lex(state):
            state.feed_token(token)
            tokens.append(token)
        tree: Tree[Token] = parser.feed_eof(tokens[-1] if tokens else None)
        return tree, None
    except UnexpectedInput as error:
        wrong = error
    accepts = parser.accepts()
    if isinstance(wrong, UnexpectedCharacters):
        offset, kind, word = wrong.pos_in_stream or start, "", source.text[wrong.pos_in_stream or start]
    else:
        assert isinstance(wrong, UnexpectedToken)
        kind, word = wrong.token.type, str(wrong.token)
        if kind == "NAME" and word in _keywords():
            kind = "IN_NAME" if word == "in" else word.upper()
        offset = len(source.text[:end].rstrip()) if kind == "$END" else wrong.token.start_pos or 0
    starts_line = not source.text[source.text.rfind("\n", 0, offset) + 1 : offset].strip()
    tree = _completed(state.value_stack)
    last = tree.children[-1] if tree.children else None
    done = (last.meta.end_pos or 0) if isinstance(last, Tree) else start
    before = [token for token in tokens if (token.start_pos or 0) >= done]
    begin = (before[0].start_pos or 0) if before else offset
    if symbol == "start" and starts_line and "$END" in accepts and _WORD.fullmatch(word):
        parts = PARTS.get(str(before[0]), ()) if before else ()
        indented = source.text[offset - 1 : offset] in (" ", "\t")
        if not (parts and indented) and nearest(word, [*STATEMENTS, *parts]) not in parts:
            tree = parser.feed_eof(tokens[-1] if tokens else None)
            before, begin = [], offset
    return tree, Slip(source, begin, offset, word, kind, frozenset(accepts), tuple(before), starts_line)


@cache
def _keywords() -> frozenset[str]:
    """The words that the grammar knows."""
    texts = (terminal.pattern.value for terminal in _grammar().terminals)
    return frozenset(["in", "event", "censored", "excluded", *(text for text in texts if text.isidentifier())])


def _completed(stack: list[Any]) -> Tree[Token]:
    """The statements that the parser has put together when it stops: they are at the bottom of its stack."""
    if stack and isinstance(stack[0], Tree) and stack[0].data == "_statements":
        return stack[0]
    return Tree("_statements", [])


def _too_deep(source: Source, tree: Tree[Token]) -> Diagnostic | None:
    stack: list[tuple[Tree[Token], int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_DEPTH:
            span = Span(source, node.meta.start_pos, node.meta.start_pos + 1)
            message = f"this is nested more than {MAX_DEPTH} levels deep"
            return Diagnostic("S006", message, span, hint="give the inner parts names with `let`")
        stack.extend((child, depth + 1) for child in node.children if isinstance(child, Tree))
    return None


# --- the parse tables


class _WholeWords:
    """Lets the lexer see a name everywhere, so that `requires` is never read as `require` and `s`."""

    always_accept = ("NAME",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


@cache
def _grammar() -> Lark:
    """The parser. Its tables are kept between processes: building them takes 0.4 s, reading them a tenth of it."""
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    kept = _table_file(text)
    if kept is not None:
        try:
            with kept.open("rb") as file, _without_collection():
                return Lark.load(file)
        except Exception:  # a damaged file can fail in any way while it is unpickled; the tables are then made anew
            pass
    starts = ["start", "expression", *(f"{word}_parts" for word in PARTS)]
    made = Lark(
        text,
        parser="lalr",
        lexer="contextual",
        start=starts,
        postlex=_WholeWords(),
        propagate_positions=True,
        maybe_placeholders=True,
        _plugins={"ContextualLexer": KeywordLexer},
    )
    if kept is not None:
        _keep(made, kept)
    return made


@contextmanager
def _without_collection() -> Iterator[None]:
    """Looking for garbage among thousands of new objects, none of which is any, takes as long as reading them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _table_file(grammar: str) -> Path | None:
    """The file of the tables, in the user's cache folder; None where there is no such folder."""
    key = hashlib.sha256(
        f"{grammar}|{KeywordLexer.__qualname__}|{lark.__version__}|{sys.version}".encode()
    ).hexdigest()[:16]
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "catamnesis" / f"grammar-{key}.pickle"


def _keep(made: Lark, kept: Path) -> None:
    """Write the tables beside their place and move them there, so that no other process ever reads half of them."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=kept.parent, prefix=kept.stem)
        try:
            with os.fdopen(handle, "wb") as file:
                made.save(file)
            os.replace(name, kept)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, pickle.PicklingError):
        return  # without a folder to write to, the next process builds the tables again
