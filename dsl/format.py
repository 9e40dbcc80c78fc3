"""The canonical layout of a text: syntax tree to text, comments kept.

`format_text` is the whole of it. What a text means is never touched; a text with a syntax error is refused. How
lines are put together (columns, wrapping, comments, blank lines) is here; how expressions are spelled is in `spelling`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from dsl import syntax
from dsl.diagnostics import LanguageError
from dsl.parser import parse
from dsl.source import Source
from dsl.spelling import Piece, path, pieces, spell

WIDTH = 120
INDENT = 4
_PART = 9
"""Width of the keyword column of a cohort: `require` and two spaces."""
_ENDPOINT_PART = 11
_TEST_PART = 8
_TERMS = 100
"""Terms of an endpoint that are longer together take a line each."""
_PLACE = 84
"""A longer claim does not move the places of the expectations around it."""

_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\[[^\]\n]*\]|(#[^\n]*)')


@dataclass(frozen=True)
class Row:
    """A line of the result, and where in the source its first word stands."""

    start: int
    text: str
    opens: bool = False
    """Whether it starts a statement."""


def format_text(source: Source) -> str:
    """The text in canonical layout. Raises `LanguageError` with the diagnostics of a text that cannot be read."""
    file, problems = parse(source)
    if problems:
        raise LanguageError(problems)
    rows = list(chain.from_iterable(_run(run) for run in _runs(file.statements)))
    laid_out = "".join(f"{line}\n" for line in _with_comments(source, file.statements, rows))
    if parse(Source(laid_out, source.name))[0] != file:
        raise RuntimeError(f"{source.name}: the layout would change what the text means; this is a defect")
    return laid_out


# --- groups of statements that share columns


def _runs(statements: Sequence[syntax.Statement]) -> list[list[syntax.Statement]]:
    """Neighbours of one kind that no blank line separates."""
    runs: list[list[syntax.Statement]] = []
    for statement in statements:
        if runs and _kind(statement) is not None and _kind(runs[-1][-1]) == _kind(statement):
            last = runs[-1][-1].span
            if not re.search(r"\n[ \t\r\f]*\n", last.source.text[last.end : statement.span.start]):
                runs[-1].append(statement)
                continue
        runs.append([statement])
    return runs


def _kind(statement: syntax.Statement) -> str | None:
    match statement:
        case syntax.Let():
            return "let"
        case syntax.Parameter():
            return "parameter"
        case syntax.Expect():
            return "expect"
        case _ if isinstance(statement, syntax.ANALYSES):
            return "analysis"
    return None


def _run(run: Sequence[syntax.Statement]) -> Iterable[Row]:
    width = max(_column(statement) for statement in run)
    for statement in run:
        first, *rest = _rows(statement, width)
        yield replace(first, opens=True)
        yield from rest
        for finding in getattr(statement, "acknowledged", ()):
            yield Row(finding.span.start, f"{'':{INDENT}}{spell(finding)}")


def _column(statement: syntax.Statement) -> int:
    """How wide the first column of a statement is; neighbours share the widest."""
    match statement:
        case syntax.Let(name=name) | syntax.Parameter(name=name):
            return len(name.text)
        case syntax.Analysis(word=word):
            return len(word)
        case syntax.Table() | syntax.Swimmer() | syntax.Attrition():
            return len(type(statement).__name__)
        case syntax.Expect() if statement.contradicted is None and statement.place is not None:
            width = len(_claim(statement))
            return width if width <= _PLACE else 0
    return 0


# --- statements


def _rows(statement: syntax.Statement, width: int) -> list[Row]:
    start = statement.span.start
    match statement:
        case syntax.Study(title=title, references=references):
            lines = [Row(item.span.start, f"{'':{INDENT}}reference {spell(item)}") for item in references]
            return [Row(start, f"study {spell(title)}"), *lines]
        case syntax.Use(path=used):
            return [Row(start, f"use {path(used)}")]
        case syntax.Event():
            return _event(statement)
        case syntax.Let(name=name, value=value, doc=doc):
            return _value(start, f"let {name.text:{width}} = ", value, doc)
        case syntax.Parameter(name=name, value=value, doc=doc):
            return _value(start, f"parameter {name.text:{width}} = ", value, doc)
        case syntax.Cutoff(day=day):
            return [Row(start, f"cutoff {spell(day)}")]
        case syntax.KnownBy(moment=moment):
            return [Row(start, f"known by {spell(moment)}")]
        case syntax.Cohort():
            return _cohort(statement)
        case syntax.Endpoint():
            return _endpoint(statement)
        case syntax.Rule(name=name, message=message, flagged=flagged):
            head = " ".join(["rule", name.text, *_optional(message)])
            return [Row(start, head), *_filled(flagged.span.start, f"{'':{INDENT}}flag ", pieces(flagged))]
        case syntax.Analysis(word=word, endpoint=endpoint, cohort=cohort, where=where, options=options):
            said = f" where {spell(where)}" if where is not None else ""
            return _analysis(start, f"{word:{width}}  {endpoint.text} in {cohort.text}{said}", options)
        case syntax.Table(cohort=cohort, parts=parts):
            return _analysis(start, f"{'table':{width}}  {cohort.text}", parts)
        case syntax.Swimmer(cohort=cohort, options=options):
            return _analysis(start, f"{'swimmer':{width}}  {cohort.text}", options)
        case syntax.Attrition(cohort=cohort, title=title):
            return [Row(start, " ".join([f"{'attrition':{width}}  {cohort.text}", *_optional(title)]))]
        case syntax.Expect():
            return _expect(statement, "expect ", width)
        case syntax.Test():
            return _test(statement)


def _analysis(start: int, head: str, options: Sequence[syntax.Node]) -> list[Row]:
    """The subject and what stands behind it; a break is taken before an option rather than inside of one."""
    rows: list[Row] = []
    line, begin = head, start
    for option in options:
        whole = " ".join(text for _, text in pieces(option))
        if len(line) + 1 + len(whole) <= WIDTH:
            line += f" {whole}"
            continue
        if len(f"{'':{INDENT}}{whole}") <= WIDTH:
            rows.append(Row(begin, line))
            line, begin = f"{'':{INDENT}}{whole}", option.span.start
            continue
        *filled, last = _filled(begin, f"{line} ", pieces(option), 0)
        rows.extend(filled)
        line, begin = last.text, last.start
    return [*rows, Row(begin, line)]


def _event(statement: syntax.Event) -> list[Row]:
    once = ["once"] if statement.once else []
    head = " ".join(["event", statement.name.text, *once, *_optional(statement.doc)])
    name = max((len(attribute.name.text) for attribute in statement.attributes), default=0)
    types = {id(attribute): spell(attribute.type) for attribute in statement.attributes}
    told = [len(types[id(attribute)]) for attribute in statement.attributes if attribute.doc]
    column = max((width for width in told if width <= WIDTH // 3), default=0)
    rows = [Row(statement.span.start, head)]
    for attribute in statement.attributes:
        type_ = types[id(attribute)]
        cells = f"{type_:{column}}  {spell(attribute.doc)}" if attribute.doc else type_
        rows.append(Row(attribute.span.start, f"{'':{INDENT}}{attribute.name.text:{name}}  {cells}"))
    return rows


def _cohort(statement: syntax.Cohort) -> list[Row]:
    rows = [Row(statement.span.start, " ".join(["cohort", statement.name.text, *_optional(statement.label)]))]
    labels = [len(spell(part.label)) for part in statement.parts if isinstance(part, syntax.Require) and part.label]
    width = max(labels, default=0)
    for part in statement.parts:
        match part:
            case syntax.CohortFrom(base=value):
                head = f"{'':{INDENT}}{'from':{_PART}}"
            case syntax.Index(value=value):
                head = f"{'':{INDENT}}{'index':{_PART}}"
            case syntax.Require(condition=value, label=label):
                word = "exclude" if part.excluding else "require"
                head = f"{'':{INDENT}}{word:{_PART}}" + (f"{spell(label):{width}}  " if label else "")
        rows.extend(_value(part.span.start, head, value))
    return rows


def _endpoint(statement: syntax.Endpoint) -> list[Row]:
    like = ["like", statement.like.text] if statement.like else []
    rows = [Row(statement.span.start, " ".join(["endpoint", statement.name.text, *like, *_optional(statement.label)]))]
    for part in statement.parts:
        head = f"{'':{INDENT}}{part.word:{_ENDPOINT_PART}}{'at ' if part.word == 'entering' else ''}"
        rows.extend(_terms(part, head))
    return rows


def _terms(part: syntax.EndpointPart, head: str) -> list[Row]:
    """Terms on one line where that is short, else each on its own."""
    shown = [spell(term) for term in part.terms]
    together = head + ", ".join(shown)
    if len(part.terms) == 1 and len(together) > WIDTH:
        term = part.terms[0]
        label = [(term.label.span.start, f"as {spell(term.label)}")] if term.label else []
        return _filled(part.span.start, head, [*pieces(term.value), *label], INDENT)
    if len(part.terms) == 1 or len(together) <= _TERMS:
        return [Row(part.span.start, together)]
    commas = [*("," for _ in shown[1:]), ""]
    lines = [text + comma for text, comma in zip(shown, commas, strict=True)]
    rows = [Row(part.span.start, head + lines[0])]
    rows += [Row(term.span.start, " " * len(head) + line) for term, line in zip(part.terms[1:], lines[1:], strict=True)]
    return rows


def _expect(statement: syntax.Expect, head: str, width: int) -> list[Row]:
    start = statement.span.start
    place = _optional(statement.place)
    if statement.contradicted is not None:
        why = statement.contradicted
        rows = _filled(start, head, pieces(statement.claim), -INDENT)
        indent = " " * (len(head) - len(head.lstrip()) + INDENT)
        return [*rows, Row(why.span.start, " ".join([f"{indent}contradicted", spell(why), *place]))]
    claim = _claim(statement)
    whole = head + (f"{claim:{width}}  {place[0]}" if place else claim)
    if len(whole) <= WIDTH:
        return [Row(start, whole)]
    tail: list[Piece] = []
    if statement.because is not None:
        tail.append((statement.because.span.start, f"because {spell(statement.because)}"))
    if statement.place is not None:
        implied = "implied " if statement.implied else ""
        tail.append((statement.place.span.start, implied + spell(statement.place)))
    elif statement.implied:
        tail.append((statement.span.end, "implied"))
    return _filled(start, head, [*pieces(statement.claim), *tail], -INDENT)


def _claim(statement: syntax.Expect) -> str:
    words = [spell(statement.claim)]
    if statement.because is not None:
        words += ["because", spell(statement.because)]
    if statement.implied:
        words.append("implied")
    return " ".join(words)


def _test(statement: syntax.Test) -> list[Row]:
    rows = [Row(statement.span.start, f"test {spell(statement.title)}")]
    if not statement.given:
        rows.append(Row(statement.title.span.end, f"{'':{INDENT}}given"))
    for index, given in enumerate(statement.given):
        word = "given" if index == 0 else ""
        rows.append(Row(given.span.start, f"{'':{INDENT}}{word:{_TEST_PART}}{_given(given)}"))
    for expect in statement.expects:
        rows.extend(_expect(expect, f"{'':{INDENT}}{'expect':{_TEST_PART}}", 0))
        rows.extend(Row(item.span.start, f"{'':{2 * INDENT}}{spell(item)}") for item in expect.acknowledged)
    return rows


def _given(given: syntax.GivenEvent) -> str:
    words = [spell(given.start)]
    if given.end is not None:
        words += ["to", spell(given.end)]
    arguments = ", ".join(f"{item.name.text}: {spell(item.value)}" for item in given.arguments)
    words.append(given.event.text + (f"({arguments})" if arguments else ""))
    if given.recorded is not None:
        words += ["recorded", spell(given.recorded)]
    return " ".join(words)


def _optional(node: syntax.Node | None) -> list[str]:
    return [] if node is None else [spell(node)]


# --- lines


def _value(start: int, head: str, value: syntax.Expr, doc: syntax.String | None = None) -> list[Row]:
    """A value behind a head; a `case` of several branches takes a line a branch."""
    tail: list[Piece] = [(doc.span.start, spell(doc))] if doc is not None else []
    if isinstance(value, syntax.Case):
        flat = " ".join([head + spell(value), *(text for _, text in tail)])
        if len(value.whens) > 1 or len(flat) > WIDTH:
            return _case(start, head, value, tail)
    return _filled(start, head, [*pieces(value), *tail], INDENT)


def _case(start: int, head: str, value: syntax.Case, tail: list[Piece]) -> list[Row]:
    margin = " " * len(head)
    rows = [Row(start, f"{head}case")]
    for when in value.whens:
        branch = [*pieces(when.condition), (when.value.span.start, f"then {spell(when.value)}")]
        rows.extend(_filled(when.span.start, f"{margin}{'':{INDENT}}when ", branch, INDENT))
    if value.otherwise is not None:
        rows.append(Row(value.otherwise.span.start, f"{margin}{'':{INDENT}}else {spell(value.otherwise)}"))
    end = " ".join([f"{margin}end", *(text for _, text in tail)])
    return [*rows, Row(value.span.end - 1, end)]


def _filled(start: int, head: str, words: Sequence[Piece], further: int = INDENT) -> list[Row]:
    """Pieces on as few lines as fit; those after the first line stand `further` to the right of the first piece.

    A negative `further` counts from the left of the head instead.
    """
    left = len(head) - len(head.lstrip())
    margin = " " * (left - further if further < 0 else len(head) + further)
    if len(margin) > WIDTH // 2:
        margin = " " * (left + 2 * INDENT)
    rows: list[Row] = []
    line, begin, empty = head, start, True
    for place, text in words:
        if not empty and len(line) + 1 + len(text) > WIDTH:
            rows.append(Row(begin, line))
            line, begin, empty = margin, place, True
        line += text if empty else f" {text}"
        empty = False
    return [*rows, Row(begin, line)]


# --- comments and blank lines


def _with_comments(source: Source, statements: Sequence[syntax.Statement], rows: list[Row]) -> list[str]:
    """The lines with the comments where they belong: behind the line that they stand behind, or above the next one."""
    text = source.text
    starts = [row.start for row in rows]
    behind: dict[int, str] = {}
    above: dict[int, list[tuple[int, str]]] = {}
    for match in _COMMENT.finditer(text):
        if match.group(1) is None:
            continue
        offset, comment = match.start(1), match.group(1).rstrip()
        following = bisect_right(starts, offset)
        if not _starts_line(text, offset) and following - 1 not in behind and following:
            behind[following - 1] = comment
        else:
            above.setdefault(following, []).append((offset, comment))
    lines: list[str] = []
    inside = _Inside(statements)
    for index, row in enumerate([*rows, None]):
        indent = row.text[: len(row.text) - len(row.text.lstrip())] if row is not None else ""
        for offset, comment in above.get(index, []):
            if lines and not inside(offset) and _blank_before(text, offset):
                lines.append("")
            lines.append(indent + comment)
        if row is not None:
            if lines and row.opens and _blank_before(text, row.start):
                lines.append("")
            lines.append(row.text + (f"  {behind[index]}" if index in behind else ""))
    return lines


class _Inside:
    """Tells whether an offset lies inside a statement."""

    def __init__(self, statements: Sequence[syntax.Statement]) -> None:
        self._starts = [statement.span.start for statement in statements]
        self._ends = [statement.span.end for statement in statements]

    def __call__(self, offset: int) -> bool:
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._ends[index]


def _starts_line(text: str, offset: int) -> bool:
    return not text[text.rfind("\n", 0, offset) + 1 : offset].strip(" \t\r\f\ufeff")


def _blank_before(text: str, offset: int) -> bool:
    """Whether the line before that of `offset` is blank."""
    if not _starts_line(text, offset):
        return False
    end = text.rfind("\n", 0, offset)
    return end > 0 and not text[text.rfind("\n", 0, end) + 1 : end].strip(" \t\r\f\ufeff")
