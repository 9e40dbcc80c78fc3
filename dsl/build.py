"""Lark's tree to the syntax tree. Reads literals; decides nothing about names."""

import re
from calendar import monthrange
from datetime import date, datetime
from typing import Any

from lark import Token, Tree
from lark.tree import Meta

from dsl import syntax
from dsl.advice.dates import WRITTEN_DATE, not_a_date
from dsl.diagnostics import Diagnostic
from dsl.source import Source, Span

_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_MAX_DIGITS = 18
_UNIT_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}
_MAX_DAYS = 9999 * 366


class Builder:
    """One method a rule of the grammar. `items` holds the rule's built children, None where an option is absent.

    No `lark.Transformer`: its wrapper around each method takes longer than the methods.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        """Literals that could not be read; something stands in their place, so that all of them are told at once."""

    def build(self, tree: Tree[Token]) -> Any:
        """What a tree of the grammar stands for, from its leaves up."""
        items = [self.build(item) if isinstance(item, Tree) else item for item in tree.children]
        return getattr(self, tree.data)(tree.meta, items)

    # --- literals and places

    def _span(self, meta: Meta) -> Span:
        return Span(self.source, meta.start_pos, meta.end_pos)

    def _at(self, token: Token) -> Span:
        start = token.start_pos or 0
        return Span(self.source, start, start + len(token))

    def _name(self, token: Token) -> syntax.Name:
        return syntax.Name(self._at(token), str(token))

    def _string(self, token: Token | None) -> syntax.String | None:
        return None if token is None else self._text(token)

    def _text(self, token: Token) -> syntax.String:
        def replace(match: re.Match[str]) -> str:
            if match.group(1) not in _ESCAPES:
                start = (token.start_pos or 0) + 1 + match.start()
                self.problems.append(
                    Diagnostic(
                        "S003",
                        f"`{match.group()}` is not an escape",
                        Span(self.source, start, start + 2),
                        r"`\"`, `\\`, `\n`, `\t` or `\r`",
                        r"a backslash itself is written `\\`",
                    )
                )
            return _ESCAPES.get(match.group(1), "")

        return syntax.String(self._at(token), _ESCAPE.sub(replace, token[1:-1]))

    def _date(self, token: Token) -> syntax.DateLiteral:
        try:
            day = date.fromisoformat(token)
        except ValueError:
            year, month, _ = (int(part) for part in token.split("-"))
            if not year:
                hint = "years are counted from 1"
            elif not 1 <= month <= 12:
                hint = f"dates are written year-month-day, and there is no month {month}"
            else:
                hint = f"{year}-{month:02} has {monthrange(year, month)[1]} days"
            self._refuse("S005", f"{token} is not a day of the calendar", token, "year-month-day", hint)
            day = date.min
        return syntax.DateLiteral(self._at(token), day)

    def _refuse(self, code: str, message: str, token: Token, expected: str | None, hint: str | None = None) -> None:
        self.problems.append(Diagnostic(code, message, self._at(token), expected, hint))

    def _digits(self, token: Token) -> str:
        if len(token) > _MAX_DIGITS:
            self._refuse("S007", "this number has too many digits", token, f"at most {_MAX_DIGITS} digits")
            return "1"
        return str(token)

    def _whole(self, token: Token) -> int:
        return int(self._digits(token))

    # --- the file

    def start(self, meta: Meta, items: list[Any]) -> list[syntax.Statement]:
        return items

    def _parts(self, meta: Meta, items: list[Any]) -> list[Any]:
        return items

    cohort_parts = endpoint_parts = test_parts = _parts

    def expression(self, meta: Meta, items: list[Any]) -> syntax.Expr:
        found: syntax.Expr = items[0]
        return found

    def study(self, meta: Meta, items: list[Any]) -> syntax.Study:
        return syntax.Study(self._span(meta), self._text(items[0]), tuple(items[1:]))

    def reference(self, meta: Meta, items: list[Any]) -> syntax.String:
        return self._text(items[0])

    def use(self, meta: Meta, items: list[Any]) -> syntax.Use:
        token = items[0]
        path = self._text(token).value if token.type == "STRING" else str(token)
        return syntax.Use(self._span(meta), path)

    # --- declarations

    def event(self, meta: Meta, items: list[Any]) -> syntax.Event:
        name, once, doc, *attributes = items
        return syntax.Event(self._span(meta), self._name(name), once is not None, self._string(doc), tuple(attributes))

    def attribute(self, meta: Meta, items: list[Any]) -> syntax.Attribute:
        name, type_, doc = items
        return syntax.Attribute(self._span(meta), self._name(name), type_, self._string(doc))

    def text_type(self, meta: Meta, items: list[Any]) -> syntax.AttributeType:
        return syntax.AttributeType(self._span(meta), "text")

    def boolean_type(self, meta: Meta, items: list[Any]) -> syntax.AttributeType:
        return syntax.AttributeType(self._span(meta), "boolean")

    def integer_type(self, meta: Meta, items: list[Any]) -> syntax.AttributeType:
        return syntax.AttributeType(self._span(meta), "integer", self._unit(items[0]))

    def number_type(self, meta: Meta, items: list[Any]) -> syntax.AttributeType:
        return syntax.AttributeType(self._span(meta), "number", self._unit(items[0]))

    def date_type(self, meta: Meta, items: list[Any]) -> syntax.AttributeType:
        return syntax.AttributeType(self._span(meta), "date")

    def birth_type(self, meta: Meta, items: list[Any]) -> syntax.AttributeType:
        return syntax.AttributeType(self._span(meta), "date of birth")

    def code_type(self, meta: Meta, items: list[Any]) -> syntax.AttributeType:
        codes, spans = zip(*items, strict=True)
        return syntax.AttributeType(self._span(meta), "one of", None, codes, spans)

    def code(self, meta: Meta, items: list[Any]) -> tuple[str, Span]:
        token = items[0]
        return (self._text(token).value if token.type == "STRING" else str(token)), self._at(token)

    @staticmethod
    def _unit(token: Token | None) -> str | None:
        return None if token is None else token[1:-1].strip() or None

    # --- definitions

    def parameter(self, meta: Meta, items: list[Any]) -> syntax.Parameter:
        name, value, doc, *acknowledged = items
        return syntax.Parameter(self._span(meta), self._name(name), value, self._string(doc), tuple(acknowledged))

    def let(self, meta: Meta, items: list[Any]) -> syntax.Let:
        name, value, doc, *acknowledged = items
        return syntax.Let(self._span(meta), self._name(name), value, self._string(doc), tuple(acknowledged))

    def cutoff(self, meta: Meta, items: list[Any]) -> syntax.Cutoff:
        return syntax.Cutoff(self._span(meta), items[0])

    def known_by(self, meta: Meta, items: list[Any]) -> syntax.KnownBy:
        moment = items[0]
        if isinstance(moment, Token):
            try:
                moment = syntax.TimestampLiteral(self._at(moment), datetime.fromisoformat(moment))
            except ValueError:
                form = "year-month-day, hour:minute"
                self._refuse("S005", f"{moment} is not a moment of the calendar", moment, form)
                moment = syntax.DateLiteral(self._at(moment), date.min)
        return syntax.KnownBy(self._span(meta), moment)

    def cohort(self, meta: Meta, items: list[Any]) -> syntax.Cohort:
        name, label, *rest = items
        parts, acknowledged = _acknowledged(rest)
        return syntax.Cohort(self._span(meta), self._name(name), self._string(label), parts, acknowledged)

    def cohort_from(self, meta: Meta, items: list[Any]) -> syntax.CohortFrom:
        return syntax.CohortFrom(self._span(meta), items[0])

    def index(self, meta: Meta, items: list[Any]) -> syntax.Index:
        return syntax.Index(self._span(meta), items[0])

    def require(self, meta: Meta, items: list[Any]) -> syntax.Require:
        return syntax.Require(self._span(meta), self._string(items[0]), items[1], excluding=False)

    def exclude(self, meta: Meta, items: list[Any]) -> syntax.Require:
        return syntax.Require(self._span(meta), self._string(items[0]), items[1], excluding=True)

    def endpoint(self, meta: Meta, items: list[Any]) -> syntax.Endpoint:
        name, like, label, *rest = items
        parts, acknowledged = _acknowledged(rest)
        return syntax.Endpoint(self._span(meta), self._name(name), like, self._string(label), parts, acknowledged)

    def like(self, meta: Meta, items: list[Any]) -> syntax.Name:
        return self._name(items[0])

    def endpoint_from(self, meta: Meta, items: list[Any]) -> syntax.EndpointPart:
        return self._day_of_endpoint("from", meta, items)

    def entering(self, meta: Meta, items: list[Any]) -> syntax.EndpointPart:
        return self._day_of_endpoint("entering", meta, items)

    def _day_of_endpoint(self, word: str, meta: Meta, items: list[Any]) -> syntax.EndpointPart:
        term = syntax.Term(items[0].span, items[0], None)
        return syntax.EndpointPart(self._span(meta), word, (term,))

    def until(self, meta: Meta, items: list[Any]) -> syntax.EndpointPart:
        return syntax.EndpointPart(self._span(meta), "until", tuple(items))

    def competing(self, meta: Meta, items: list[Any]) -> syntax.EndpointPart:
        return syntax.EndpointPart(self._span(meta), "competing", tuple(items))

    def censor(self, meta: Meta, items: list[Any]) -> syntax.EndpointPart:
        return syntax.EndpointPart(self._span(meta), "censor", tuple(items))

    def last_seen(self, meta: Meta, items: list[Any]) -> syntax.EndpointPart:
        return syntax.EndpointPart(self._span(meta), "last seen", tuple(items))

    def term(self, meta: Meta, items: list[Any]) -> syntax.Term:
        return syntax.Term(self._span(meta), items[0], self._string(items[1]))

    def rule(self, meta: Meta, items: list[Any]) -> syntax.Rule:
        name, message, flagged, *acknowledged = items
        return syntax.Rule(self._span(meta), self._name(name), self._string(message), flagged, tuple(acknowledged))

    # --- analyses

    def estimate(self, meta: Meta, items: list[Any]) -> syntax.Analysis:
        return self._analysis("estimate", meta, items)

    def compare(self, meta: Meta, items: list[Any]) -> syntax.Analysis:
        return self._analysis("compare", meta, items)

    def incidence(self, meta: Meta, items: list[Any]) -> syntax.Analysis:
        return self._analysis("incidence", meta, items)

    def cox(self, meta: Meta, items: list[Any]) -> syntax.Analysis:
        return self._analysis("cox", meta, items)

    def fine_gray(self, meta: Meta, items: list[Any]) -> syntax.Analysis:
        return self._analysis("fine_gray", meta, items)

    def states(self, meta: Meta, items: list[Any]) -> syntax.Analysis:
        return self._analysis("states", meta, items)

    def _analysis(self, word: str, meta: Meta, items: list[Any]) -> syntax.Analysis:
        (endpoint, cohort, where), *options = items
        return syntax.Analysis(self._span(meta), word, endpoint, cohort, where, tuple(options))

    def subject(self, meta: Meta, items: list[Any]) -> tuple[syntax.Name, syntax.Name, syntax.Expr | None]:
        return self._name(items[0]), self._name(items[2]), items[3]

    def at(self, meta: Meta, items: list[Any]) -> syntax.At:
        return syntax.At(self._span(meta), tuple(items))

    def by(self, meta: Meta, items: list[Any]) -> syntax.By:
        return syntax.By(self._span(meta), items[0], items[1])

    def landmark(self, meta: Meta, items: list[Any]) -> syntax.Landmark:
        return syntax.Landmark(self._span(meta), items[0])

    def acknowledge(self, meta: Meta, items: list[Any]) -> syntax.Acknowledge:
        finding, reason = items
        return syntax.Acknowledge(self._span(meta), str(finding), self._text(reason), self._at(finding))

    def given_that(self, meta: Meta, items: list[Any]) -> syntax.Given:
        return syntax.Given(self._span(meta), items[0])

    def quantiles(self, meta: Meta, items: list[Any]) -> syntax.Quantiles:
        return syntax.Quantiles(self._span(meta), tuple(items))

    def limits(self, meta: Meta, items: list[Any]) -> syntax.Limits:
        return syntax.Limits(self._span(meta), self._name(items[0]))

    def mean_up_to(self, meta: Meta, items: list[Any]) -> syntax.MeanUpTo:
        return syntax.MeanUpTo(self._span(meta), items[0], worded=True)

    def up_to(self, meta: Meta, items: list[Any]) -> syntax.MeanUpTo:
        return syntax.MeanUpTo(self._span(meta), items[0], worded=False)

    def test_by(self, meta: Meta, items: list[Any]) -> syntax.TestBy:
        _, name, *powers = items
        numbers = tuple(syntax.Number(self._at(power), self._digits(power)) for power in powers if power is not None)
        return syntax.TestBy(self._span(meta), self._name(name), numbers)

    def stratified(self, meta: Meta, items: list[Any]) -> syntax.Stratified:
        return syntax.Stratified(self._span(meta), tuple(items))

    def trend(self, meta: Meta, items: list[Any]) -> syntax.Trend:
        return syntax.Trend(self._span(meta))

    def pairwise(self, meta: Meta, items: list[Any]) -> syntax.Pairwise:
        return syntax.Pairwise(self._span(meta))

    def covariates(self, meta: Meta, items: list[Any]) -> syntax.Covariates:
        return syntax.Covariates(self._span(meta), tuple(items))

    def covariate(self, meta: Meta, items: list[Any]) -> syntax.Covariate:
        value, happens, against, label = items
        return syntax.Covariate(self._span(meta), value, happens is not None, against, self._string(label))

    def as_it_happens(self, meta: Meta, items: list[Any]) -> bool:
        return True

    def starting(self, meta: Meta, items: list[Any]) -> syntax.Starting:
        return syntax.Starting(self._span(meta), self._text(items[0]))

    def through(self, meta: Meta, items: list[Any]) -> syntax.Through:
        return syntax.Through(self._span(meta), tuple(items))

    def table(self, meta: Meta, items: list[Any]) -> syntax.Table:
        cohort, *parts = items
        return syntax.Table(self._span(meta), self._name(cohort), tuple(parts))

    def show(self, meta: Meta, items: list[Any]) -> syntax.Show:
        return syntax.Show(self._span(meta), tuple(items))

    def shown(self, meta: Meta, items: list[Any]) -> syntax.Shown:
        return syntax.Shown(self._span(meta), items[0], self._string(items[1]))

    def extras(self, meta: Meta, items: list[Any]) -> syntax.Extras:
        return syntax.Extras(self._span(meta), tuple(self._name(item) for item in items))

    def swimmer(self, meta: Meta, items: list[Any]) -> syntax.Swimmer:
        cohort, *options = items
        return syntax.Swimmer(self._span(meta), self._name(cohort), tuple(options))

    def lanes(self, meta: Meta, items: list[Any]) -> syntax.Lanes:
        return syntax.Lanes(self._span(meta), tuple(self._name(lane) for lane in items))

    def along(self, meta: Meta, items: list[Any]) -> syntax.Along:
        return syntax.Along(self._span(meta), self._name(items[0]))

    def aligned(self, meta: Meta, items: list[Any]) -> syntax.Aligned:
        return syntax.Aligned(self._span(meta), items[0])

    def attrition(self, meta: Meta, items: list[Any]) -> syntax.Attrition:
        return syntax.Attrition(self._span(meta), self._name(items[0]), items[1])

    def titled(self, meta: Meta, items: list[Any]) -> syntax.Titled:
        return syntax.Titled(self._span(meta), self._text(items[0]))

    def expect(self, meta: Meta, items: list[Any]) -> syntax.Expect:
        claim, note, place, *acknowledged = items
        contradicted = note[1] if note and note[0] == "contradicted" else None
        because = note[1] if note and note[0] == "because" else None
        implied = note is not None and note[0] == "implied"
        where = self._string(place)
        return syntax.Expect(self._span(meta), claim, contradicted, because, where, implied, tuple(acknowledged))

    def contradicted(self, meta: Meta, items: list[Any]) -> tuple[str, syntax.String]:
        return "contradicted", self._text(items[0])

    def because(self, meta: Meta, items: list[Any]) -> tuple[str, syntax.String]:
        return "because", self._text(items[0])

    def implied(self, meta: Meta, items: list[Any]) -> tuple[str, None]:
        return "implied", None

    def test(self, meta: Meta, items: list[Any]) -> syntax.Test:
        title, *rest = items
        given = tuple(item for item in rest if isinstance(item, syntax.GivenEvent))
        expects = tuple(item for item in rest if isinstance(item, syntax.Expect))
        return syntax.Test(self._span(meta), self._text(title), given, expects)

    def given(self, meta: Meta, items: list[Any]) -> syntax.GivenEvent:
        start, end, name, *arguments, recorded = items
        return syntax.GivenEvent(
            self._span(meta),
            self._date(start),
            None if end is None else self._date(end),
            self._name(name),
            tuple(argument for argument in arguments if argument is not None),
            None if recorded is None else self._date(recorded),
        )

    def argument(self, meta: Meta, items: list[Any]) -> syntax.Argument:
        return syntax.Argument(self._span(meta), self._name(items[0]), items[1])

    # --- streams, selections, windows

    def selection(self, meta: Meta, items: list[Any]) -> syntax.Selection:
        (pick, number), source, *filters = items
        return syntax.Selection(self._span(meta), pick, number, source, tuple(filters))

    def pick(self, meta: Meta, items: list[Any]) -> tuple[str, int | None]:
        return str(items[0]), self._whole(items[1]) if len(items) > 1 else None

    def filtered(self, meta: Meta, items: list[Any]) -> syntax.Filtered:
        source, *filters = items
        return syntax.Filtered(self._span(meta), source, tuple(filters))

    def courses(self, meta: Meta, items: list[Any]) -> syntax.Courses:
        source, *filters, gap = items
        return syntax.Courses(self._span(meta), source, tuple(filters), gap)

    def where(self, meta: Meta, items: list[Any]) -> syntax.Where:
        return syntax.Where(self._span(meta), items[0])

    def _window(self, relation: str, meta: Meta, items: list[Any]) -> syntax.Window:
        return syntax.Window(self._span(meta), relation, items[0])

    def _within(self, relation: str, meta: Meta, items: list[Any]) -> syntax.Window:
        return syntax.Window(self._span(meta), relation, items[1], width=items[0])

    def before(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._window("before", meta, items)

    def after(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._window("after", meta, items)

    def on(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._window("on", meta, items)

    def on_or_before(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._window("on or before", meta, items)

    def on_or_after(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._window("on or after", meta, items)

    def between(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return syntax.Window(self._span(meta), "between", items[0], until=items[1])

    def within_of(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._within("of", meta, items)

    def within_before(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._within("before", meta, items)

    def within_after(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._within("after", meta, items)

    def within_on_or_before(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._within("on or before", meta, items)

    def within_on_or_after(self, meta: Meta, items: list[Any]) -> syntax.Window:
        return self._within("on or after", meta, items)

    # --- conditions

    def or_expr(self, meta: Meta, items: list[Any]) -> syntax.Or:
        return syntax.Or(self._span(meta), tuple(items))

    def and_expr(self, meta: Meta, items: list[Any]) -> syntax.And:
        return syntax.And(self._span(meta), tuple(items))

    def not_(self, meta: Meta, items: list[Any]) -> syntax.Not:
        return syntax.Not(self._span(meta), items[0])

    def quantified(self, meta: Meta, items: list[Any]) -> syntax.Quantified:
        (quantifier, number), source, *filters = items
        return syntax.Quantified(self._span(meta), quantifier, number, source, tuple(filters))

    def quantifier(self, meta: Meta, items: list[Any]) -> tuple[str, int | None]:
        word, *number = items
        prefix = "at " if word.type in ("LEAST", "MOST") else ""
        return prefix + str(word), self._whole(number[0]) if number else None

    def all_have(self, meta: Meta, items: list[Any]) -> syntax.Quantified:
        source, *filters, have = items
        return syntax.Quantified(self._span(meta), "all", None, source, tuple(filters), have)

    def comparison(self, meta: Meta, items: list[Any]) -> syntax.Compare:
        left, operator, right = items
        return syntax.Compare(self._span(meta), left, str(operator), right)

    def outcome(self, meta: Meta, items: list[Any]) -> syntax.Outcome:
        word, after, reason = items
        return syntax.Outcome(self._span(meta), str(word), after, self._string(reason))

    def is_known(self, meta: Meta, items: list[Any]) -> syntax.IsKnown:
        return syntax.IsKnown(self._span(meta), items[0], known=True)

    def is_missing(self, meta: Meta, items: list[Any]) -> syntax.IsKnown:
        return syntax.IsKnown(self._span(meta), items[0], known=False)

    def in_list(self, meta: Meta, items: list[Any]) -> syntax.In:
        operand, _, *choices = items
        return syntax.In(self._span(meta), operand, tuple(choices), negated=False)

    def not_in_list(self, meta: Meta, items: list[Any]) -> syntax.In:
        operand, _, *choices = items
        return syntax.In(self._span(meta), operand, tuple(choices), negated=True)

    # --- values

    def arithmetic(self, meta: Meta, items: list[Any]) -> syntax.Arithmetic:
        left, operator, right = items
        if WRITTEN_DATE.fullmatch(self.source.text, meta.start_pos, meta.end_pos):
            self.problems.append(not_a_date(self._span(meta)))
        return syntax.Arithmetic(self._span(meta), left, str(operator), right)

    def negate(self, meta: Meta, items: list[Any]) -> syntax.Negate:
        return syntax.Negate(self._span(meta), items[1])

    def member(self, meta: Meta, items: list[Any]) -> syntax.Member:
        of, name = items
        return syntax.Member(self._span(meta), of, str(name), self._at(name))

    def name(self, meta: Meta, items: list[Any]) -> syntax.Name:
        return self._name(items[0])

    def group(self, meta: Meta, items: list[Any]) -> syntax.Group:
        return syntax.Group(self._span(meta), items[0])

    def string(self, meta: Meta, items: list[Any]) -> syntax.String:
        return self._text(items[0])

    def date(self, meta: Meta, items: list[Any]) -> syntax.DateLiteral:
        return self._date(items[0])

    def month(self, meta: Meta, items: list[Any]) -> syntax.MonthLiteral:
        year, month = (int(part) for part in items[0].split("-"))
        if not 1 <= month <= 12:
            self._refuse("S005", f"{items[0]} is not a month of the calendar", items[0], "year-month")
        return syntax.MonthLiteral(self._span(meta), year, month)

    def number(self, meta: Meta, items: list[Any]) -> syntax.Number:
        return syntax.Number(self._span(meta), self._digits(items[0]))

    def duration(self, meta: Meta, items: list[Any]) -> syntax.DurationLiteral:
        number, unit = items
        word = str(unit).removesuffix("s")
        if float(number) * _UNIT_DAYS[word] > _MAX_DAYS:
            self._refuse("S007", "this is longer than the calendar", number, "at most 9999 years")
        return syntax.DurationLiteral(self._span(meta), self._digits(number), word)

    def percent(self, meta: Meta, items: list[Any]) -> syntax.Percent:
        return syntax.Percent(self._span(meta), self._digits(items[0]))

    def count_percent(self, meta: Meta, items: list[Any]) -> syntax.CountPercent:
        return syntax.CountPercent(self._span(meta), self._digits(items[0]), self._digits(items[1]))

    def boolean(self, meta: Meta, items: list[Any]) -> syntax.Boolean:
        return syntax.Boolean(self._span(meta), items[0].type == "TRUE")

    def not_reached(self, meta: Meta, items: list[Any]) -> syntax.NotReached:
        return syntax.NotReached(self._span(meta))

    def age_at(self, meta: Meta, items: list[Any]) -> syntax.AgeAt:
        return syntax.AgeAt(self._span(meta), items[0])

    def case(self, meta: Meta, items: list[Any]) -> syntax.Case:
        *whens, otherwise = items
        return syntax.Case(self._span(meta), tuple(whens), otherwise)

    def when(self, meta: Meta, items: list[Any]) -> syntax.When:
        return syntax.When(self._span(meta), items[0], items[1])

    def otherwise(self, meta: Meta, items: list[Any]) -> syntax.Expr:
        found: syntax.Expr = items[0]
        return found

    def call(self, meta: Meta, items: list[Any]) -> syntax.Call:
        function, argument = items
        return syntax.Call(self._span(meta), str(function), argument, self._at(function))

    def of_stream(self, meta: Meta, items: list[Any]) -> syntax.OfStream:
        value, source, *filters = items
        return syntax.OfStream(self._span(meta), value, source, tuple(filters))

    def in_cohort(self, meta: Meta, items: list[Any]) -> syntax.InCohort:
        value, _, cohort, where, *options = items
        return syntax.InCohort(self._span(meta), value, self._name(cohort), where, tuple(options))

    def cohort_where(self, meta: Meta, items: list[Any]) -> syntax.Expr:
        found: syntax.Expr = items[0]
        return found


def _acknowledged(items: list[Any]) -> tuple[tuple[Any, ...], tuple[syntax.Acknowledge, ...]]:
    """The parts of a statement, and the acknowledgements behind them."""
    parts = tuple(item for item in items if not isinstance(item, syntax.Acknowledge))
    return parts, tuple(item for item in items if isinstance(item, syntax.Acknowledge))
