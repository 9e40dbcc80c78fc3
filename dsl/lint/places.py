"""Where in the text the nodes of a program were written: kept beside the program, which does not know."""

from collections.abc import Mapping, Sequence

from dsl import ir, program
from dsl.record import record
from dsl.source import Source, Span


@record
class Places:
    """`nodes` holds each node with the spans at which it stands, by identity; `names` the spans of definitions."""

    sources: frozenset[Source]
    """The study's own texts; what is written elsewhere is the business of whoever wrote it."""
    nodes: Mapping[int, tuple[object, Sequence[Span]]]
    names: Mapping[str, Span]
    statements: Mapping[str, Span]

    def of(self, node: ir.Node) -> Span | None:
        """The first place of a node in the study's own texts."""
        _, spans = self.nodes.get(id(node), (None, ()))
        return next((span for span in spans if span.source in self.sources), None)

    def inside(self, node: ir.Node, owner: ir.Node) -> Span | None:
        """The place of a node in the statement that `owner` is; the statement, or its name, where there is none."""
        whole = self.statement(owner)
        _, spans = self.nodes.get(id(node), (None, ()))
        if whole is not None:
            for span in spans:
                if span.source is whole.source and whole.start <= span.start and span.end <= whole.end:
                    return span
        return self.head(owner)

    def statement(self, owner: ir.Node) -> Span | None:
        name = getattr(owner, "name", None)
        if isinstance(owner, program.Definition) and isinstance(name, str):
            return self.statements.get(name)
        return self.of(owner)

    def head(self, owner: ir.Node) -> Span | None:
        """The name that a definition gives; another statement as a whole."""
        if isinstance(owner, program.Definition):
            return self.names.get(owner.name)
        return self.of(owner)

    def is_own(self, owner: ir.Node) -> bool:
        span = self.statement(owner)
        return span is not None and span.source in self.sources
