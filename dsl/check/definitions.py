"""Definitions of a study (`parameter`, `let`, `cohort`, `endpoint`, `rule`) from syntax to IR."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dsl import ir, program, syntax
from dsl.check import expressions
from dsl.check.scope import Abandon, EndpointName, EventLet, Scope, Symbol, words
from dsl.types import Date, an


@dataclass(frozen=True)
class Definitions:
    """Completes symbols: checks the definition of one and binds its name to what it stands for."""

    scope: Scope
    parameters: Mapping[str, syntax.Expr]
    """Values given from outside, by parameter name."""

    def complete(self, symbol: Symbol) -> None:
        match symbol.statement:
            case syntax.Parameter() as statement:
                symbol.bound = self._parameter(statement)
            case syntax.Let() as statement:
                symbol.bound = self._let(statement)
            case syntax.Cohort() as statement:
                self.scope.definitions.append(self._cohort(statement))
                symbol.bound = ir.CohortRef(statement.name.text)
            case syntax.Endpoint() as statement:
                self.scope.definitions.append(self._endpoint(statement))
                symbol.bound = EndpointName(statement.name.text)
            case _:
                event = self.scope.catalog.event(symbol.name.text)
                if event is None:
                    raise Abandon()
                symbol.bound = ir.Events(event)

    # --- parameter and let

    def _parameter(self, statement: syntax.Parameter) -> ir.Literal:
        default = expressions.value(self.scope, statement.value, None)
        given = self.parameters.get(statement.name.text)
        if given is not None:
            found = expressions.value(self.scope, given, None, default.type)
            if not ir.comparable(default.type, found.type):
                raise self.scope.refuse(
                    "T001",
                    f"the parameter is given {an(found.type)}",
                    given.span,
                    f"{an(default.type)}",
                )
            default = found
        if not isinstance(default, ir.Literal):
            raise self.scope.refuse(
                "T002", "a parameter is a fixed value", statement.value.span, "such as `42 days`, `3` or a date"
            )
        return default

    def _let(
        self, statement: syntax.Let
    ) -> ir.LetRef | EventLet | ir.Literal | ir.Events | ir.Union | ir.Filter | ir.Courses:
        name = statement.name.text
        doc = statement.doc.value if statement.doc else ""
        found = expressions.meaning(self.scope, statement.value, None)
        if isinstance(found, EndpointName):
            raise self.scope.refuse(
                "T002",
                f"`{found.name}` is an endpoint",
                statement.value.span,
                hint=f"`endpoint {name} like {found.name}`",
            )
        if isinstance(found, ir.Select | ir.EventRef):
            attributes = expressions.attributes_of(self.scope, found)
            self.scope.definitions.append(program.LetEvent(name, found, doc))
            own = {key: type_ for key, type_ in attributes.items() if key not in ("start", "end")}
            return EventLet(ir.EventRef(name), found, own)  # type: ignore[arg-type]  # an event's own attributes
        if isinstance(found, ir.Stream):
            return found
        self.scope.definitions.append(program.LetValue(name, found, doc))
        return ir.LetRef(name, found.type)

    # --- cohort

    def _cohort(self, statement: syntax.Cohort) -> program.Cohort:
        base: ir.Value | None = None
        index: ir.Value | None = None
        requirements: list[program.Requirement] = []
        failed = False
        for part in statement.parts:
            try:
                match part:
                    case syntax.CohortFrom():
                        self._once(part, base, "from")
                        base = expressions.condition(self.scope, part.base, None)
                    case syntax.Index():
                        self._once(part, index, "index")
                        index = expressions.day(self.scope, part.value, None)
                    case syntax.Require():
                        label = part.label.value if part.label else words(part.condition)
                        met = expressions.condition(self.scope, part.condition, None)
                        if any(other.label == label for other in requirements):
                            raise self.scope.refuse(
                                "N006",
                                f"two requirements of this cohort are called `{label}`",
                                part.label.span if part.label else part.span,
                                "a label of its own",
                            )
                        requirements.append(program.Requirement(label, met, part.excluding))
            except Abandon:
                failed = True
        if not statement.parts:
            raise self.scope.refuse(
                "D001",
                f"the cohort `{statement.name.text}` says nothing of its members",
                statement.name.span,
                "`from`, `index`, `require` or `exclude`",
            )
        if failed:
            raise Abandon()
        label = statement.label.value if statement.label else statement.name.text
        return program.Cohort(statement.name.text, label, base, index, tuple(requirements))

    def _once(self, part: syntax.Node, earlier: object, word: str) -> None:
        if earlier is not None:
            raise self.scope.refuse("D002", f"`{word}` is given twice", part.span, "one")

    # --- endpoint

    def _endpoint(self, statement: syntax.Endpoint) -> program.Endpoint:
        parts = self._parts(statement)
        name = statement.name.text
        lacking = False
        for word, hint in (("from", "`from` says when time starts"), ("until", "`until` says which event ends it")):
            if not parts[word]:
                lacking = True
                message = f"the endpoint `{name}` has no `{word}`"
                self.scope.report("D001", message, statement.name.span, f"`{word}` and an event or a date", hint)
        if lacking:
            raise Abandon()
        failed = False
        origin = _SOME_ORIGIN
        try:
            origin = self._origin(parts["from"][0])
        except Abandon:
            failed = True
        entry: program.Term | None = None
        try:
            entry = self._origin(parts["entering"][0]) if parts["entering"] else None
        except Abandon:
            failed = True
        terms: dict[str, tuple[program.Term, ...]] = {}
        for word in ("until", "competing", "censor", "last seen"):
            try:
                terms[word] = (
                    self._last_seen(parts[word])
                    if word == "last seen"
                    else event_terms(self.scope, parts[word], origin.day)
                )
            except Abandon:
                failed = True
        if failed:
            raise Abandon()
        first, competing, censor, seen = terms.values()
        labels = [term.label for term in competing]
        for written, label in zip(parts["competing"], labels, strict=True):
            if labels.count(label) > 1 or any(label == term.label for term in first):
                raise self.scope.refuse(
                    "N006", f"two outcomes are called `{label}`", written.span, "a label of its own", 'write `… as "…"`'
                )
        label = statement.label.value if statement.label else name
        return program.Endpoint(name, label, origin, first, competing, censor, seen, entry=entry)

    def _parts(self, statement: syntax.Endpoint) -> dict[str, list[syntax.Term]]:
        """The terms of each part; parts that the statement leaves out come from the endpoint that it is like."""
        own: dict[str, list[syntax.Term]] = {}
        for part in statement.parts:
            if part.word in ("from", "entering") and part.word in own:
                expected = "one origin" if part.word == "from" else "one entry"
                raise self.scope.refuse("D002", f"`{part.word}` is given twice", part.span, expected)
            own.setdefault(part.word, []).extend(part.terms)
        inherited: dict[str, list[syntax.Term]] = {}
        if statement.like is not None:
            self.scope.endpoint(statement.like)
            model = self.scope.symbols[statement.like.text].statement
            assert isinstance(model, syntax.Endpoint)
            inherited = self._parts(model)
        return {
            word: own.get(word) or inherited.get(word) or []
            for word in ("from", "entering", "until", "competing", "censor", "last seen")
        }

    def _origin(self, term: syntax.Term) -> program.Term:
        found = expressions.meaning(self.scope, term.value, None)
        event = expressions.event_of(found)
        day = expressions.day(self.scope, term.value, None)
        return program.Term(day, event or _event_behind(day), _label(term))

    def _last_seen(self, terms: list[syntax.Term]) -> tuple[program.Term, ...]:
        """The last day of the latest event of each stream; where nothing is listed, of any event."""
        if not terms:
            everything = [ir.Events(event) for event in self.scope.catalog]
            if not everything:
                return ()
            latest = ir.Select("last", ir.Union(tuple(everything)) if everything[1:] else everything[0], by_end=True)
            return (program.Term(ir.LastDay(latest), latest, "end of follow-up"),)
        built: list[program.Term] = []
        for term in terms:
            found = expressions.meaning(self.scope, term.value, None)
            label = term.label.value if term.label else "end of follow-up"
            if isinstance(found, ir.Stream):
                event: ir.EventValue | None = ir.Select("last", found, by_end=True)
            else:
                event = expressions.event_of(found)
            if event is not None:
                built.append(program.Term(ir.LastDay(event), event, label))
            else:
                day = expressions.day(self.scope, term.value, None)
                built.append(program.Term(day, _event_behind(day), label))
        return tuple(built)

    # --- rule

    def rule(self, statement: syntax.Rule) -> program.Rule:
        flagged = expressions.stream(self.scope, statement.flagged, None)
        message = statement.message.value if statement.message else statement.name.text
        return program.Rule(statement.name.text, message, flagged)


_SOME_ORIGIN = program.Term(ir.Literal(date.min, Date()), None, "")
"""Stands for an origin that has an error, so that the other parts can be checked too."""


def event_terms(scope: Scope, terms: Sequence[syntax.Term], origin: ir.Value) -> tuple[program.Term, ...]:
    """Days on or after the origin. A stream gives its first event then; a selection stands as it is."""
    built: list[program.Term] = []
    failed = False
    for term in terms:
        try:
            found = expressions.meaning(scope, term.value, None)
            if isinstance(found, ir.Stream):
                since = ir.InWindow(ir.Bound(origin, inclusive=True), None, "on or after the origin")
                event: ir.EventValue | None = ir.Select("first", ir.Filter(found, since))
                assert event is not None
                day: ir.Value = ir.Attribute(event, "start", Date())
            else:
                day = expressions.day(scope, term.value, None)
                event = expressions.event_of(found) or _event_behind(day)
            built.append(program.Term(day, event, _label(term)))
        except Abandon:
            failed = True
    if failed:
        raise Abandon()
    return tuple(built)


def _event_behind(day: ir.Value) -> ir.EventValue | None:
    """The event whose start or end a date is, so that the date can be traced."""
    if isinstance(day, ir.Attribute | ir.LastDay):
        return day.event
    return None


def _label(term: syntax.Term) -> str:
    return term.label.value if term.label else words(term.value)


def literal_day(scope: Scope, expr: syntax.Expr, statement: str) -> ir.Literal:
    """A date that is written down, or a parameter that holds one."""
    found = expressions.value(scope, expr, None)
    if not isinstance(found, ir.Literal) or not isinstance(found.type, Date):
        raise scope.refuse(
            "T002",
            f"`{statement}` takes a date",
            expr.span,
            "a date such as `2012-12-31`, without quotes, or a parameter",
        )
    return found
