"""How parts of the syntax tree are spelled: node to text on one line, or to pieces for wrapping."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from dsl import syntax
from dsl.catalog import quote

Piece: TypeAlias = tuple[int, str]
"""Where a piece of text comes from, as an offset in the source, and the text. A line can be broken between pieces."""

_SHORT = 60
"""A comparison or a sum of so many characters is not broken over lines."""

_PATH = re.compile(r"[A-Za-z_]\w*(/[A-Za-z_]\w*)*", re.ASCII)


def path(used: str) -> str:
    """What a `use` names: bare where it reads as a path, else quoted."""
    return used if _PATH.fullmatch(used) else quote(used)


def spell(node: syntax.Node) -> str:
    """A node on one line."""
    match node:
        case syntax.DurationLiteral(text=text, unit=unit):
            return f"{text} {unit}" if text == "1" else f"{text} {unit}s"
        case syntax.Percent(text=text):
            return f"{text} %"
        case syntax.CountPercent(count=count, percent=percent):
            return f"{count} ({percent} %)"
        case syntax.NotReached():
            return "not reached"
        case syntax.Group(inner=inner):
            return f"({spell(inner)})"
        case syntax.Member(of=of, name=name):
            return f"{spell(of)}.{name}"
        case syntax.Call(function=function, argument=argument):
            return f"{function}({spell(argument)})"
        case syntax.Negate(operand=operand):
            return f"-{spell(operand)}"
        case syntax.AgeAt(at=at):
            return f"age at {spell(at)}"
        case syntax.AttributeType():
            return _type(node)
        case syntax.Term(value=value, label=label):
            return spell(value) + (f" as {spell(label)}" if label else "")
        case syntax.Shown(value=value, label=label):
            return spell(value) + (f" {spell(label)}" if label else "")
        case syntax.By(value=value, against=against):
            return f"by {spell(value)}" + (f" against {spell(against)}" if against is not None else "")
        case syntax.At(times=times):
            return f"at {_commas(times)}"
        case syntax.Landmark(time=time):
            return f"landmark {spell(time)}"
        case syntax.Titled(title=title):
            return f"titled {spell(title)}"
        case syntax.Given(time=time):
            return f"given {spell(time)}"
        case syntax.Quantiles(shares=shares):
            return f"quantiles {_commas(shares)}"
        case syntax.Limits(scale=scale):
            return f"limits {scale.text}"
        case syntax.MeanUpTo(time=time, worded=worded):
            return f"{'mean ' if worded else ''}up to {spell(time)}"
        case syntax.TestBy(name=name, powers=powers):
            return f"test {name.text}" + (f"({_commas(powers)})" if powers else "")
        case syntax.Stratified(values=values):
            return f"stratified by {_commas(values)}"
        case syntax.Trend() | syntax.Pairwise():
            return type(node).__name__.lower()
        case syntax.Covariate(value=value, as_it_happens=happens, against=against, label=label):
            found = [spell(value), *(["as it happens"] if happens else [])]
            found += [f"against {spell(against)}"] if against is not None else []
            return " ".join([*found, *([spell(label)] if label is not None else [])])
        case syntax.Starting(label=label):
            return f"starting {spell(label)}"
        case syntax.Along(endpoint=endpoint):
            return f"along {endpoint.text}"
        case syntax.Aligned(at=at):
            return f"aligned at {spell(at)}"
        case syntax.Extras(names=names):
            return f"with {_commas(names)}"
        case syntax.Acknowledge(finding=finding, reason=reason):
            return f"acknowledge {finding} {spell(reason)}"
        case syntax.Name() | syntax.String() | syntax.DateLiteral() | syntax.MonthLiteral():
            return node.span.text
        case syntax.TimestampLiteral() | syntax.Number() | syntax.Boolean():
            return node.span.text
    return " ".join(text for _, text in pieces(node))


def pieces(node: syntax.Node) -> list[Piece]:
    """A node in pieces that keep together; one space joins them on a line."""
    match node:
        case syntax.And(operands=operands):
            return _joined(operands, "and")
        case syntax.Or(operands=operands):
            return _joined(operands, "or")
        case syntax.Not(operand=operand):
            return _led("not", node, pieces(operand))
        case syntax.Where(condition=condition):
            return _led("where", node, pieces(condition))
        case syntax.Window():
            return [(node.span.start, _window(node))]
        case syntax.Covariates(covariates=covariates):
            return _listed("on", covariates)
        case syntax.Through(terms=terms):
            return _listed("through", terms)
        case syntax.Lanes(events=events):
            return _listed("lanes", events)
        case syntax.Show(shown=shown):
            return _listed("show", shown)
        case syntax.Filtered(source=source, filters=filters):
            return [*pieces(source), *_all(filters)]
        case syntax.Selection(pick=pick, number=number, source=source, filters=filters):
            word = f"{pick} {number}" if number is not None else pick
            return [(node.span.start, f"{word} {spell(source)}"), *_all(filters)]
        case syntax.Quantified(quantifier=word, number=number, source=source, filters=filters, have=have):
            word = f"{word} {number}" if number is not None else word
            head = (node.span.start, f"{word} {spell(source)}")
            return [head, *_all(filters), *(_led("have", have, pieces(have)) if have is not None else [])]
        case syntax.Courses(source=source, filters=filters, gap=gap):
            head = (node.span.start, f"courses of {spell(source)}")
            return [head, *_all(filters), (gap.span.start, f"with gaps up to {spell(gap)}")]
        case syntax.OfStream(value=value, source=source, filters=filters):
            return [*pieces(value), (source.span.start, f"of {spell(source)}"), *_all(filters)]
        case syntax.InCohort(value=value, cohort=cohort, where=where, options=options):
            narrowed = _led("where", where, pieces(where)) if where is not None else []
            return [*pieces(value), (cohort.span.start, f"in {cohort.text}"), *narrowed, *_all(options)]
        case syntax.Compare(left=left, operator=operator, right=right):
            return _together([*pieces(left), *_led(operator, right, pieces(right))])
        case syntax.Arithmetic(left=left, operator=operator, right=right):
            return _together([*pieces(left), *_led(operator, right, pieces(right))])
        case syntax.IsKnown(operand=operand, known=known):
            *before, (place, text) = pieces(operand)
            return [*before, (place, f"{text} is {'known' if known else 'missing'}")]
        case syntax.In(operand=operand, items=items, negated=negated):
            *before, (place, text) = pieces(operand)
            return [*before, (place, f"{text} {'not in' if negated else 'in'} ({_commas(items)})")]
        case syntax.Outcome(word=word, after=after, reason=reason):
            found = [word]
            found += ["after", spell(after)] if after is not None else []
            found += ["as", spell(reason)] if reason is not None else []
            return [(node.span.start, " ".join(found))]
        case syntax.Case(whens=whens, otherwise=otherwise):
            branches = [(when.span.start, f"when {spell(when.condition)} then {spell(when.value)}") for when in whens]
            last = [(otherwise.span.start, f"else {spell(otherwise)}")] if otherwise is not None else []
            return [(node.span.start, "case"), *branches, *last, (node.span.end - 1, "end")]
    return [(node.span.start, spell(node))]


def _all(nodes: Iterable[syntax.Node]) -> list[Piece]:
    return [piece for node in nodes for piece in pieces(node)]


def _listed(word: str, items: Sequence[syntax.Node]) -> list[Piece]:
    """A word and what it lists; a line can be broken behind each comma."""
    commas = [*("," for _ in items[1:]), ""]
    first, *rest = [(item.span.start, spell(item) + comma) for item, comma in zip(items, commas, strict=True)]
    return [(first[0], f"{word} {first[1]}"), *rest]


def _led(word: str, node: syntax.Node, following: list[Piece]) -> list[Piece]:
    """Pieces with a word before the first of them, from which no line break parts it."""
    (_, text), *rest = following
    return [(node.span.start, f"{word} {text}"), *rest]


def _together(found: list[Piece]) -> list[Piece]:
    """One piece where that is short: nobody breaks a line inside `site = liver`."""
    whole = " ".join(text for _, text in found)
    return [(found[0][0], whole)] if len(whole) <= _SHORT else found


def _joined(operands: Sequence[syntax.Node], word: str) -> list[Piece]:
    found = pieces(operands[0])
    for operand in operands[1:]:
        found += _led(word, operand, pieces(operand))
    return found


def _commas(nodes: Iterable[syntax.Node]) -> str:
    return ", ".join(spell(node) for node in nodes)


def _window(window: syntax.Window) -> str:
    anchor = spell(window.anchor)
    if window.until is not None:
        return f"between {anchor} and {spell(window.until)}"
    if window.width is not None:
        return f"within {spell(window.width)} {window.relation} {anchor}"
    return f"{window.relation} {anchor}"


def _type(written: syntax.AttributeType) -> str:
    if written.word == "one of":
        return "one of " + ", ".join(span.text for span in written.code_spans)
    return f"{written.word} [{written.unit}]" if written.unit else written.word
