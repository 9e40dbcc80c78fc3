"""The lexer of the grammar: Lark's contextual one, which looks keywords up instead of compiling them.

Lark makes a regular expression of the keywords of every state of the parser, and another of its other terminals. Making
those takes longer than reading a study with them, so here keywords are looked up, and states that differ in nothing
but their keywords share one expression.
"""

from collections.abc import Callable, Collection

from lark import Token
from lark.common import LexerConf
from lark.lexer import BasicLexer, ContextualLexer, PatternStr, Scanner, TerminalDef

_WORDS = ("NAME", "MEMBER")
"""The terminals that a keyword is found as."""


class _StateLexer(BasicLexer):
    """The lexer of one state of the parser."""

    shared: dict[tuple[str, ...], Scanner]

    def _build_scanner(self) -> Scanner:
        keywords = {terminal.pattern.value: terminal.name for terminal in self.terminals if _is_keyword(terminal)}
        self.callback = dict.fromkeys(_WORDS, _lookup(keywords))
        others = tuple(terminal for terminal in self.terminals if not _is_keyword(terminal))
        names = tuple(terminal.name for terminal in others)
        if names not in self.shared:
            self.shared[names] = Scanner(others, self.g_regex_flags, self.re, self.use_bytes)  # type: ignore[no-untyped-call]
        return self.shared[names]


class KeywordLexer(ContextualLexer):
    """Lark's contextual lexer with the lexers above: `Lark(..., _plugins={"ContextualLexer": KeywordLexer})`."""

    def __init__(
        self, conf: LexerConf, states: dict[int, Collection[str]], always_accept: Collection[str] = ()
    ) -> None:
        self.BasicLexer = type("StateLexer", (_StateLexer,), {"shared": {}})
        super().__init__(conf, states, always_accept)


def _is_keyword(terminal: TerminalDef) -> bool:
    return isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isidentifier()


def _lookup(keywords: dict[str, str]) -> Callable[[Token], Token]:
    def typed(token: Token) -> Token:
        token.type = keywords.get(token.value, token.type)
        return token

    return typed
