"""Expressions: names, types and grain, from syntax to IR.

`meaning` says what an expression stands for (a value, an event, a stream of events); the functions after it insist on
one of these. All of them report what is wrong and raise `Abandon`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from typing import TypeVar

from dsl import ir, syntax
from dsl.check.scope import ABSENT, Abandon, EndpointName, EventLet, Meaning, Row, Scope, words
from dsl.diagnostics import did_you_mean, listing
from dsl.ir import CalendarSpan
from dsl.program import ENDPOINT_STATISTICS
from dsl.source import Span
from dsl.types import Age, Boolean, Code, Date, Duration, Integer, Number, Text, Type, an

STREAM_FUNCTIONS = ("count", "sum", "mean", "min", "max", "distinct")

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTHS = {"month": 1, "year": 12}
_DAYS = {"day": 1, "week": 7}
_Built = TypeVar("_Built")


def span_of(literal: syntax.DurationLiteral) -> CalendarSpan:
    number = float(literal.text)
    if literal.unit in _MONTHS:
        return CalendarSpan(months=number * _MONTHS[literal.unit])
    return CalendarSpan(days=number * _DAYS[literal.unit])


def every(build: Callable[[_Built], ir.Value], parts: Sequence[_Built]) -> list[ir.Value]:
    """Check all parts, so that each reports its own error; abandon if any of them did."""
    built: list[ir.Value] = []
    failed = False
    for part in parts:
        try:
            built.append(build(part))
        except Abandon:
            failed = True
    if failed:
        raise Abandon()
    return built


# --- what an expression stands for


def meaning(scope: Scope, expr: syntax.Expr, row: Row) -> Meaning:
    found = _meaning(scope, expr, row)
    scope.note(found, expr.span)
    return found


def _meaning(scope: Scope, expr: syntax.Expr, row: Row) -> Meaning:
    match expr:
        case syntax.Name():
            return _name(scope, expr, row)
        case syntax.Group(inner=inner):
            return meaning(scope, inner, row)
        case syntax.Selection():
            return _selection(scope, expr, row)
        case syntax.Filtered(source=source, filters=filters):
            return _filtered(scope, stream(scope, source, row), filters)
        case syntax.Courses():
            gap = calendar_span(scope, expr.gap)
            if gap.months or not gap.is_whole:
                raise scope.refuse("T002", "the gap between courses is counted in days", expr.gap.span, "days or weeks")
            inner_stream = _filtered(scope, stream(scope, expr.source, row), expr.filters)
            return ir.Courses(inner_stream, int(gap.days))
        case syntax.Or(operands=operands):
            return _either(scope, expr, operands, row)
        case _:
            return _value(scope, expr, row)


def _name(scope: Scope, expr: syntax.Name, row: Row) -> Meaning:
    if row is not None and expr.text in row:
        return ir.Own(expr.text, row[expr.text])
    bound = scope.find(expr.text, expr.span)
    if isinstance(bound, EventLet):
        return bound.ref
    if bound is not None:
        return bound
    declared = scope.catalog.event(expr.text)
    if declared is not None:
        return ir.Events(declared)
    raise scope.unknown(expr.text, expr.span, [*(row or ()), *(event.name for event in scope.catalog)])


def _either(scope: Scope, expr: syntax.Or, operands: tuple[syntax.Expr, ...], row: Row) -> Meaning:
    """`a or b`: a union where both are streams, else a condition."""
    try:
        first = meaning(scope, operands[0], row)
    except Abandon:
        for operand in operands[1:]:
            with suppress(Abandon):
                meaning(scope, operand, row)
        raise
    if isinstance(first, ir.Stream):
        streams: list[ir.Stream] = [first, *(stream(scope, operand, row) for operand in operands[1:])]
        return ir.Union(tuple(streams))
    conditions = every(lambda operand: condition(scope, operand, row), operands)
    return ir.Or(tuple(conditions))


def _selection(scope: Scope, expr: syntax.Selection, row: Row) -> ir.Select:
    if expr.number == 0:
        raise scope.refuse("T002", "events are counted from 1", expr.span, "`nth 1` or more")
    chosen = _filtered(scope, stream(scope, expr.source, row), expr.filters)
    return ir.Select(expr.pick, chosen, expr.number or 1)


def attributes_of(scope: Scope, event: ir.EventValue) -> dict[str, Type]:
    """The attributes of a selected event, `start` and `end` among them."""
    if isinstance(event, ir.EventRef):
        bound = scope.symbols[event.name].bound
        assert isinstance(bound, EventLet)
        own: dict[str, Type] = dict(bound.attributes)
    else:
        own = dict(ir.stream_attributes(event.stream))
    return {"start": Date(), "end": Date(), **own}


def row_of(stream_: ir.Stream) -> dict[str, Type]:
    return {"start": Date(), "end": Date(), **ir.stream_attributes(stream_)}


# --- streams and windows


def stream(scope: Scope, expr: syntax.Expr, row: Row) -> ir.Stream:
    found = meaning(scope, expr, None) if isinstance(expr, syntax.Name) else meaning(scope, expr, row)
    if isinstance(found, ir.Stream):
        return found
    if isinstance(expr, syntax.Name) and not isinstance(found, ir.Select | ir.EventRef):
        raise scope.unknown_event(expr)
    raise scope.refuse(
        "T004",
        f"`{words(expr)}` is not a stream of events",
        expr.span,
        "an event type, or events with `where` or a window",
    )


def _filtered(scope: Scope, source: ir.Stream, filters: Sequence[syntax.Filter]) -> ir.Stream:
    failed = False
    for item, following in zip_longest(filters, filters[1:]):
        try:
            if isinstance(item, syntax.Where):
                _refuse_value_between(scope, item, following)
                _refuse_bare_quantifiers(scope, item.condition)
                source = ir.Filter(source, condition(scope, item.condition, row_of(source)))
            elif not (failed and isinstance(item, syntax.Window) and isinstance(item.anchor, syntax.Number)):
                window = _window(scope, item)
                scope.note(window, item.span)
                source = ir.Filter(source, window)
        except Abandon:
            failed = True
    if failed:
        raise Abandon()
    return source


def _refuse_value_between(scope: Scope, where: syntax.Where, following: syntax.Filter | None) -> None:
    """`where dose between 1 and 2`: read as a condition `dose` and a window, which nobody means."""
    if isinstance(following, syntax.Window) and following.until is not None:
        ends = (following.anchor, following.until)
        if all(isinstance(end, syntax.Number | syntax.Negate | syntax.String) for end in ends):
            low, high = (words(end) for end in ends)
            shown = words(where.condition)
            raise scope.refuse(
                "T002",
                "`between` is a window on the dates of events",
                following.span,
                "dates or events",
                f"for a value write `{shown} >= {low} and {shown} <= {high}`",
            )


def filtered(scope: Scope, source: syntax.Expr, filters: Sequence[syntax.Filter], row: Row) -> ir.Stream:
    return _filtered(scope, stream(scope, source, row), filters)


def _refuse_bare_quantifiers(scope: Scope, expr: syntax.Expr) -> None:
    """`any surgery where site = liver and any recurrence` could be read two ways; parentheses say which is meant."""
    if not isinstance(expr, syntax.And | syntax.Or):
        return
    for operand in expr.operands:
        inner = operand.operand if isinstance(operand, syntax.Not) else operand
        if isinstance(inner, syntax.Quantified):
            raise scope.refuse(
                "S009",
                f"`{inner.quantifier} …` inside a `where` needs parentheses",
                inner.span,
                hint=f"`({words(inner)})` where it belongs to the `where`; "
                "parentheses around the whole before it where it does not",
            )
        _refuse_bare_quantifiers(scope, operand)


def _window(scope: Scope, window: syntax.Window) -> ir.InWindow:
    first = _anchor(scope, window.anchor)
    if window.until is not None:
        last = _anchor(scope, window.until)
        low, high = ir.Bound(first[0], inclusive=True), ir.Bound(last[1], inclusive=True)
        return ir.InWindow(low, high, words(window))
    start, end = first
    if window.width is None:
        bounds: dict[str, tuple[ir.Bound | None, ir.Bound | None]] = {
            "before": (None, ir.Bound(start, inclusive=False)),
            "on or before": (None, ir.Bound(end, inclusive=True)),
            "on": (ir.Bound(start, inclusive=True), ir.Bound(end, inclusive=True)),
            "on or after": (ir.Bound(start, inclusive=True), None),
            "after": (ir.Bound(end, inclusive=False), None),
        }
    else:
        width = calendar_span(scope, window.width)
        if not width.is_whole or width.in_days < 0:
            raise scope.refuse("T002", "a window is a whole number of days or months", window.width.span)
        earliest = ir.Bound(shifted(start, -width), inclusive=True)
        latest = ir.Bound(shifted(end, width), inclusive=True)
        bounds = {
            "of": (earliest, latest),
            "before": (earliest, ir.Bound(start, inclusive=False)),
            "on or before": (earliest, ir.Bound(end, inclusive=True)),
            "after": (ir.Bound(end, inclusive=False), latest),
            "on or after": (ir.Bound(start, inclusive=True), latest),
        }
    low_bound, high_bound = bounds[window.relation]
    return ir.InWindow(low_bound, high_bound, words(window))


def _anchor(scope: Scope, expr: syntax.Expr) -> tuple[ir.Value, ir.Value]:
    """The first and the last day of what a window is anchored on."""
    found = meaning(scope, expr, None)
    as_event = event_of(found)
    if as_event is not None:
        return ir.Attribute(as_event, "start", Date()), ir.LastDay(as_event)
    last = day(scope, expr, None)
    return last, last


# --- events


def event_of(found: Meaning) -> ir.EventValue | None:
    """The one event that something stands for: a selection, or an event type that a patient has at most once."""
    if isinstance(found, ir.Select | ir.EventRef):
        return found
    if isinstance(found, ir.Events) and found.event.once:
        return ir.Select("first", found)
    return None


def _which_event(scope: Scope, expr: syntax.Expr) -> Abandon:
    shown = words(expr)
    return scope.refuse(
        "T003",
        f"`{shown}` can be many events; one is needed here",
        expr.span,
        "a selection",
        f"write `(first {shown})` or `(last {shown})`",
    )


# --- values


def value(scope: Scope, expr: syntax.Expr, row: Row, expected: Type | None = None) -> ir.Value:
    """An expression as a value; with an expected type, bare words and numbers can be codes of it."""
    literal = _expected_literal(scope, expr, row, expected)
    if literal is not None:
        return literal
    found = _as_value(scope, expr, meaning(scope, expr, row))
    return _in_years(scope, expr, found) if isinstance(expected, Age) else found


def _in_years(scope: Scope, expr: syntax.Expr, found: ir.Value) -> ir.Value:
    """A fixed duration beside an age, such as a parameter, as an age."""
    if not isinstance(found, ir.Literal) or not isinstance(found.value, CalendarSpan):
        return found
    if found.value.days or found.value.months % 12:
        raise scope.refuse("T007", "an age counts completed years", expr.span, "a whole number of years")
    return ir.Literal(int(found.value.months // 12), Age())


def _as_value(scope: Scope, expr: syntax.Expr, found: Meaning) -> ir.Value:
    if isinstance(found, EndpointName):
        raise scope.refuse(
            "T002",
            f"`{found.name}` is an endpoint",
            expr.span,
            "a value",
            f"its parts are values: {listing(f'{found.name}.{part}' for part in ir.ENDPOINT_FIELDS)}",
        )
    if isinstance(found, ir.Select | ir.EventRef):
        raise scope.refuse(
            "T002", f"`{words(expr)}` is an event", expr.span, "a value", f"its date is `{_part(expr, 'start')}`"
        )
    if isinstance(found, ir.Stream):
        raise _which_event(scope, expr)
    return found


def _part(expr: syntax.Expr, name: str) -> str:
    shown = words(expr)
    return f"{shown}.{name}" if isinstance(expr, syntax.Name | syntax.Group | syntax.Member) else f"({shown}).{name}"


def condition(scope: Scope, expr: syntax.Expr, row: Row) -> ir.Value:
    meant = meaning(scope, expr, row)
    shown = words(expr)
    if isinstance(meant, ir.Stream):
        message = f"`{shown}` is a stream of events"
        raise scope.refuse("T003", message, expr.span, "a condition", f"write `any {shown}` or `no {shown}`")
    if isinstance(meant, ir.Select | ir.EventRef):
        shown = shown if isinstance(expr, syntax.Name | syntax.Group) else f"({shown})"
        hint = f"write `{shown} is known`, or compare a part of it: `{_part(expr, 'start')}`"
        raise scope.refuse("T002", f"`{words(expr)}` is an event", expr.span, "a condition", hint)
    found = _as_value(scope, expr, meant)
    if not isinstance(found.type, Boolean):
        hint = "compare it with something" if not isinstance(found.type, Date) else "compare it with a date"
        raise scope.refuse("T002", f"`{words(expr)}` is {an(found.type)}", expr.span, "a condition", hint)
    return found


def day(scope: Scope, expr: syntax.Expr, row: Row) -> ir.Value:
    """A date, or the start of an event."""
    found = meaning(scope, expr, row)
    as_event = event_of(found)
    if as_event is not None:
        return ir.Attribute(as_event, "start", Date())
    if isinstance(found, ir.Stream | ir.EventValue):
        raise _which_event(scope, expr)
    if isinstance(found, EndpointName):
        raise scope.refuse("T002", f"`{found.name}` is an endpoint", expr.span, "a date or an event")
    if not isinstance(found.type, Date):
        hint = None
        if isinstance(found.type, Duration):
            hint = f"a day is moved by adding to it: `DATE + {words(expr)}`"
        elif isinstance(expr, syntax.Number):
            hint = f"dates are written whole: `{expr.text}-01-01`" if len(expr.text) == 4 else None
        elif isinstance(expr, syntax.String) and _ISO_DATE.fullmatch(expr.value):
            hint = f"dates stand without quotes: `{expr.value}`"
        message = f"`{words(expr)}` is {an(found.type)}"
        raise scope.refuse("T002", message, expr.span, "a date or an event", hint)
    return found


def calendar_span(scope: Scope, expr: syntax.Expr) -> CalendarSpan:
    """A length of time that is written down: `30 days`, a parameter, or a sum of them."""
    found = value(scope, expr, None)
    if isinstance(found, ir.Literal) and isinstance(found.value, CalendarSpan):
        return found.value
    if isinstance(found, ir.Literal) and isinstance(found.type, Integer | Number):
        shown = words(expr)
        hint = f"give it one: `{shown} = 30 days`"
        if isinstance(expr, syntax.Number):
            units = ("day", "month") if shown == "1" else ("days", "months")
            hint = f"write `{shown} {units[0]}` or `{shown} {units[1]}`"
        raise scope.refuse("T001", f"`{shown}` has no unit", expr.span, "a duration", hint)
    raise scope.refuse("T002", f"`{words(expr)}` is not a fixed duration", expr.span, "such as `30 days` or `6 months`")


def shifted(day_: ir.Value, span: CalendarSpan) -> ir.Value:
    return day_ if span == CalendarSpan() else ir.Shift(day_, span)


def _expected_literal(scope: Scope, expr: syntax.Expr, row: Row, expected: Type | None) -> ir.Literal | None:
    match expected, expr:
        case Code(codes), syntax.Name(text=text) if text in codes:
            return ir.Literal(text, Code(codes))
        case Code(codes), syntax.Outcome(word=text, after=None, reason=None) if text in codes:
            return ir.Literal(text, Code(codes))
        case Code(codes), syntax.Boolean() if expr.span.text in codes:
            return ir.Literal(expr.span.text, Code(codes))
        case Code(codes), syntax.Name(text=text):
            if (row is not None and text in row) or text in scope.symbols:
                return None
            raise _unknown_code(scope, text, codes, expr.span)
        case Code(codes), syntax.Number(text=text) | syntax.String(value=text):
            if text not in codes:
                raise _unknown_code(scope, text, codes, expr.span)
            return ir.Literal(text, Code(codes))
        case Age(), syntax.DurationLiteral(unit="year", text=text) if text.isdigit():
            return ir.Literal(int(text), Age())
        case Age(), syntax.DurationLiteral():
            raise scope.refuse("T007", "an age counts completed years", expr.span, "a whole number of years")
        case Age(), syntax.Number(text=text):
            raise scope.refuse(
                "T001", f"an age is compared with the number {text}", expr.span, "a duration", f"write `{text} years`"
            )
        case Duration(), syntax.Number(text=text):
            raise scope.refuse(
                "T001",
                f"a duration is compared with the number {text}",
                expr.span,
                "a duration",
                f"write `{text} days`",
            )
    return None


def _unknown_code(scope: Scope, text: str, codes: tuple[str, ...], span: Span) -> Abandon:
    if scope.partial:
        return Abandon()
    if text.casefold() in ABSENT:
        hint = "a value that is not there is told by `… is missing`"
        return scope.refuse("N004", f"`{text}` is not a declared code", span, f"one of {listing(codes)}", hint)
    return scope.refuse(
        "N004", f"`{text}` is not a declared code", span, f"one of {listing(codes)}", did_you_mean(text, codes)
    )


def _value(scope: Scope, expr: syntax.Expr, row: Row) -> ir.Value:
    match expr:
        case syntax.String(value=text):
            return ir.Literal(text, Code((text,)))
        case syntax.DateLiteral(value=day_):
            return ir.Literal(day_, Date())
        case syntax.Number(text=text):
            return ir.Literal(float(text), Number()) if "." in text else ir.Literal(int(text), Integer())
        case syntax.DurationLiteral():
            return ir.Literal(span_of(expr), Duration())
        case syntax.Boolean(value=truth):
            return ir.Literal(truth, Boolean())
        case syntax.Member():
            return _member(scope, expr, row)
        case syntax.AgeAt(at=at):
            return ir.AgeAt(_birth(scope, expr), day(scope, at, row))
        case syntax.Case():
            return _case(scope, expr, row)
        case syntax.Negate(operand=operand):
            return _negate(scope, expr, value(scope, operand, row))
        case syntax.Arithmetic():
            return _arithmetic(scope, expr, row)
        case syntax.Compare():
            return _compare(scope, expr, row)
        case syntax.In():
            return _in(scope, expr, row)
        case syntax.IsKnown(operand=operand, known=known):
            found = meaning(scope, operand, row)
            as_event = event_of(found)
            if as_event is None and (isinstance(found, ir.Stream | EndpointName)):
                found = value(scope, operand, row)
            known_value = ir.IsKnown(as_event or found)  # type: ignore[arg-type]  # streams and endpoints left above
            return known_value if known else ir.Not(known_value)
        case syntax.Not(operand=operand):
            return ir.Not(condition(scope, operand, row))
        case syntax.And(operands=operands):
            return ir.And(tuple(every(lambda operand: condition(scope, operand, row), operands)))
        case syntax.Quantified():
            return _quantified(scope, expr, row)
        case syntax.Call():
            return _call(scope, expr, row)
        case syntax.MonthLiteral() | syntax.Percent() | syntax.CountPercent() | syntax.NotReached():
            raise scope.refuse(
                "T010",
                f"`{words(expr)}` is a published value",
                expr.span,
                hint="it can stand on the right in an `expect`",
            )
        case syntax.Outcome():
            raise scope.refuse(
                "T002", f"`{words(expr)}` is the outcome of an endpoint", expr.span, hint="it can stand in a `test`"
            )
        case _:
            raise scope.refuse("T002", f"`{words(expr)}` is not a value", expr.span, "a value")


def _member(scope: Scope, expr: syntax.Member, row: Row) -> ir.Value:
    owner = meaning(scope, expr.of, row)
    if isinstance(owner, EndpointName):
        if expr.name not in ir.ENDPOINT_FIELDS:
            raise scope.refuse(
                "N003",
                f"an endpoint has no `{expr.name}`",
                expr.name_span,
                f"one of {listing(ir.ENDPOINT_FIELDS)}",
                did_you_mean(expr.name, ir.ENDPOINT_FIELDS),
            )
        return ir.EndpointField(owner.name, expr.name, ir.ENDPOINT_FIELDS[expr.name])
    event = event_of(owner)
    if event is None:
        if isinstance(owner, ir.Stream):
            raise _which_event(scope, expr.of)
        raise scope.refuse(
            "T002",
            f"`{words(expr.of)}` is a value and has no parts",
            expr.of.span,
            "an event or an endpoint",
            "dates are compared whole: `>= 2010-01-01`" if getattr(owner, "type", None) == Date() else None,
        )
    attributes = attributes_of(scope, event)
    if expr.name not in attributes:
        raise scope.refuse(
            "N003",
            f"`{words(expr.of)}` has no attribute `{expr.name}`",
            expr.name_span,
            f"one of {listing(attributes)}",
            _attribute_hint(scope, expr, attributes),
        )
    return ir.Attribute(event, expr.name, attributes[expr.name])


def _attribute_hint(scope: Scope, expr: syntax.Member, attributes: Iterable[str]) -> str | None:
    if expr.name in ("date", "day", "time", "startdate", "start_date", "when"):
        return f"its date is `{words(expr.of)}.start`"
    if expr.name in ("end_date", "stop", "enddate"):
        return f"its last day is `{words(expr.of)}.end`"
    return scope.hint(expr.name) or did_you_mean(expr.name, attributes)


def _birth(scope: Scope, expr: syntax.AgeAt) -> ir.Value:
    for event in scope.catalog:
        for attribute in event.attributes:
            if isinstance(attribute.type, Date) and attribute.type.birth:
                known = ir.Filter(ir.Events(event), ir.IsKnown(ir.Own(attribute.name, attribute.type)))
                return ir.Attribute(ir.Select("first", known), attribute.name, attribute.type)
    raise scope.refuse(
        "T009", "no event type declares a date of birth", expr.span, hint="declare an attribute of type `date of birth`"
    )


def _case(scope: Scope, expr: syntax.Case, row: Row) -> ir.Case:
    written = [*(when.value for when in expr.whens), *([expr.otherwise] if expr.otherwise is not None else [])]
    parts = every(
        lambda build: build(),
        [
            *(partial(condition, scope, when.condition, row) for when in expr.whens),
            *(partial(value, scope, side, row) for side in written),
        ],
    )
    conditions, sides = parts[: len(expr.whens)], parts[len(expr.whens) :]
    joined = sides[0].type
    for side, branch in zip(sides, written, strict=True):
        both = ir.join_types(joined, side.type)
        if both is None:
            raise scope.refuse("T008", f"this branch gives {an(side.type)}", branch.span, f"{an(joined)} as before")
        joined = both
    otherwise = sides[-1] if expr.otherwise is not None else None
    return ir.Case(tuple(zip(conditions, sides, strict=False)), otherwise, joined)


def _negate(scope: Scope, expr: syntax.Negate, operand: ir.Value) -> ir.Value:
    match operand:
        case ir.Literal(value=CalendarSpan() as span, type=type_):
            return ir.Literal(-span, type_)
        case ir.Literal(value=int() | float() as number, type=Integer() | Number() as type_):
            return ir.Literal(-number, type_)
    if not isinstance(operand.type, Integer | Number | Duration):
        raise scope.refuse("T002", f"`-` before {an(operand.type)}", expr.span, "a number or a duration")
    zero: ir.Value = ir.Literal(0, Integer())
    if isinstance(operand.type, Duration):
        zero = ir.Literal(CalendarSpan(), Duration())
    return ir.Arithmetic("-", zero, operand, operand.type)


def _arithmetic(scope: Scope, expr: syntax.Arithmetic, row: Row) -> ir.Value:
    left, right = every(lambda side: value(scope, side, row), (expr.left, expr.right))
    sign = expr.operator
    match left.type, sign, right.type:
        case Date(), "-", Date():
            return ir.DaysBetween(right, left)
        case (Date(), "+" | "-", Duration()):
            return _moved(scope, expr, left, right)
        case (Duration(), "+", Date()):
            return _moved(scope, expr, right, left)
        case (Duration(), "+" | "-", Duration()):
            if isinstance(left, ir.Literal) and isinstance(right, ir.Literal):
                assert isinstance(left.value, CalendarSpan)
                assert isinstance(right.value, CalendarSpan)
                return ir.Literal(left.value + (right.value if sign == "+" else -right.value), Duration())
            return ir.Arithmetic(sign, left, right, Duration())
        case Duration(), "/", Duration():
            return ir.Arithmetic(sign, left, right, Number())
        case (Duration(), "*" | "/", Integer() | Number()):
            return ir.Arithmetic(sign, left, right, Duration())
        case Integer() | Number(), "*", Duration():
            return ir.Arithmetic(sign, left, right, Duration())
        case Age(), "-", Age():
            return ir.Arithmetic(sign, left, right, Integer("years"))
        case (Integer() | Number(), _, Integer() | Number()):
            return _number(scope, expr, left, right)
    message = f"{an(left.type)} and {an(right.type)} cannot be combined with `{sign}`"
    hint = None
    if isinstance(left.type, Date) and isinstance(right.type, Integer | Number):
        hint = f"write `{words(expr.right)} days` or `{words(expr.right)} months`"
    raise scope.refuse("T001", message, expr.span, hint=hint)


def _moved(scope: Scope, expr: syntax.Arithmetic, day_: ir.Value, amount: ir.Value) -> ir.Value:
    if isinstance(amount, ir.Literal) and isinstance(amount.value, CalendarSpan):
        span = amount.value if expr.operator == "+" else -amount.value
        if not span.is_whole:
            raise scope.refuse("T002", "a date moves by whole days or months", expr.span, "a whole number")
        return shifted(day_, span)
    if expr.operator == "-":
        amount = ir.Arithmetic("-", ir.Literal(CalendarSpan(), Duration()), amount, Duration())
    return ir.ShiftDays(day_, amount)


def _number(scope: Scope, expr: syntax.Arithmetic, left: ir.Value, right: ir.Value) -> ir.Value:
    assert isinstance(left.type, Integer | Number)
    assert isinstance(right.type, Integer | Number)
    if expr.operator in "*/":
        whole = expr.operator == "*" and isinstance(left.type, Integer) and isinstance(right.type, Integer)
        return ir.Arithmetic(expr.operator, left, right, Integer() if whole else Number())
    joined = ir.join_types(left.type, right.type)
    if joined is None:
        raise scope.refuse("T007", f"{an(left.type)} and {an(right.type)} have different units", expr.span, "one unit")
    return ir.Arithmetic(expr.operator, left, right, joined)


# --- conditions


def _sides(scope: Scope, expr: syntax.Compare, row: Row) -> tuple[ir.Value, ir.Value]:
    """Both sides of a comparison, the one whose type is known by itself first."""
    if isinstance(expr.left, syntax.Number | syntax.String | syntax.DurationLiteral) or (
        isinstance(expr.left, syntax.Name)
        and not (row is not None and expr.left.text in row)
        and expr.left.text not in scope.symbols
        and expr.left.text not in scope.catalog
        and not isinstance(expr.right, syntax.Name | syntax.Number | syntax.String)
    ):
        right = value(scope, expr.right, row)
        return value(scope, expr.left, row, right.type), right
    try:
        left = value(scope, expr.left, row)
    except Abandon:
        if not isinstance(expr.right, syntax.Name):  # a name may be a code of what could not be made out
            value(scope, expr.right, row)
        raise
    right = value(scope, expr.right, row, left.type)
    return (_in_years(scope, expr.left, left) if isinstance(right.type, Age) else left), right


def _compare(scope: Scope, expr: syntax.Compare, row: Row) -> ir.Value:
    left, right = _sides(scope, expr, row)
    if not ir.comparable(left.type, right.type):
        raise _not_comparable(scope, expr, left.type, right.type)
    if expr.operator not in ("=", "!=") and isinstance(left.type, Text | Code | Boolean):
        hint = "list what is meant: `in (…)`" if isinstance(left.type, Code) else None
        raise scope.refuse("T002", f"{an(left.type)} has no order", expr.span, "`=` or `!=`", hint)
    return ir.Compare(expr.operator, left, right)


def _not_comparable(scope: Scope, expr: syntax.Compare, left: Type, right: Type) -> Abandon:
    units = isinstance(left, Integer | Number) and isinstance(right, Integer | Number)
    sides = [
        f"the text {words(side)}" if isinstance(side, syntax.String) else f"{an(type_)}"
        for side, type_ in ((expr.left, left), (expr.right, right))
    ]
    message = f"{sides[0]} is compared with {sides[1]}"
    hint = None
    if isinstance(left, Date) and isinstance(expr.right, syntax.String) and _ISO_DATE.fullmatch(expr.right.value):
        hint = f"dates stand without quotes: `{expr.right.value}`"
    elif isinstance(left, Date) and isinstance(right, Integer | Number):
        hint = "dates are written `2010-12-31`"
    elif isinstance(left, Date) and isinstance(right, Duration):
        hint = "subtract two dates to get a duration"
    return scope.refuse("T007" if units else "T001", message, expr.span, f"{an(left)} on both sides", hint)


def _in(scope: Scope, expr: syntax.In, row: Row) -> ir.Value:
    operand = value(scope, expr.operand, row)
    items = every(lambda item: value(scope, item, row, operand.type), expr.items)
    for item, written in zip(items, expr.items, strict=True):
        if not ir.comparable(operand.type, item.type):
            raise scope.refuse("T001", f"`{words(written)}` is {an(item.type)}", written.span, f"{an(operand.type)}")
    found = ir.OneOf(operand, tuple(items))
    return ir.Not(found) if expr.negated else found


def _quantified(scope: Scope, expr: syntax.Quantified, row: Row) -> ir.Quantified:
    chosen = filtered(scope, expr.source, expr.filters, row)
    have = None
    if expr.have is not None:
        _refuse_bare_quantifiers(scope, expr.have)
        have = condition(scope, expr.have, row_of(chosen))
    return ir.Quantified(expr.quantifier, expr.number or 0, chosen, have)


def _call(scope: Scope, expr: syntax.Call, row: Row) -> ir.Value:
    name, argument = expr.function, expr.argument
    known = (*STREAM_FUNCTIONS, "share", "median", *ENDPOINT_STATISTICS)
    if name not in known:
        raise scope.refuse(
            "N005",
            f"no function is called `{name}`",
            expr.function_span,
            f"one of {listing(sorted(set(known)), 20)}",
            function_hint(name, known),
        )
    if isinstance(argument, syntax.InCohort) or name not in STREAM_FUNCTIONS:
        hint = "statistics stand in `expect`" if isinstance(argument, syntax.InCohort) else None
        if isinstance(argument, syntax.InCohort) and scope.catalog.event(argument.cohort.text) is not None:
            hint = f"write `{name}({words(argument.value)} of {argument.cohort.text})` for a value of its events"
        message = f"`{name}(…)` is a statistic of a cohort"
        raise scope.refuse("T005", message, expr.span, "a value of one patient", hint)
    if name == "count":
        if isinstance(argument, syntax.OfStream):
            raise scope.refuse("T002", "`count` takes events", argument.span, "`count(surgery where …)`")
        if names_cohort(scope, argument):
            raise scope.refuse(
                "T005",
                "the size of a cohort is a statistic",
                expr.span,
                "a value of one patient",
                "it stands in `expect`",
            )
        return ir.Aggregate("count", stream(scope, argument, row), None, Integer())
    if not isinstance(argument, syntax.OfStream):
        hint = f"write `{name}(ATTRIBUTE of EVENT where …)`"
        raise scope.refuse("T002", f"`{name}` takes a value of each event", argument.span, hint=hint)
    chosen = filtered(scope, argument.source, argument.filters, row)
    each = value(scope, argument.value, row_of(chosen))
    return ir.Aggregate(name, chosen, each, _aggregate_type(scope, expr, each.type))


_SYNONYMS = {
    **dict.fromkeys(["avg", "average"], "write `mean(…)`"),
    **dict.fromkeys(["n", "size", "number", "nrow", "len", "freq"], "write `count(…)`"),
    **dict.fromkeys(["p", "pvalue", "pval", "logrank", "log_rank"], "write `p_value(ENDPOINT in COHORT by VALUE)`"),
    **dict.fromkeys(["hr", "coxph", "cox"], "write `hazard_ratio(ENDPOINT in COHORT by VALUE)`"),
    **dict.fromkeys(["km", "surv", "survfit", "kaplan_meier"], "write `survival(ENDPOINT in COHORT at 5 years)`"),
    **dict.fromkeys(["age_at", "age"], "write `age at DATE`"),
    **dict.fromkeys(["datediff", "difftime", "days_between", "intck"], "subtract dates: `later - earlier`"),
    **dict.fromkeys(["date_add", "dateadd", "intnx"], "add to a date: `DATE + 30 days`"),
    **dict.fromkeys(["is_null", "isnull", "is_na", "missing", "isna", "coalesce"], "write `… is missing` or a `case`"),
    **dict.fromkeys(["exists"], "write `any EVENT where …`"),
    **dict.fromkeys(["percent", "proportion", "fraction"], "write `share(COHORT where …)`"),
}


def function_hint(name: str, known: Iterable[str]) -> str | None:
    """What a function of another language is called here, or the nearest known one."""
    return _SYNONYMS.get(name.casefold()) or did_you_mean(name, known)


def names_cohort(scope: Scope, argument: syntax.Expr) -> bool:
    inner = argument.source if isinstance(argument, syntax.Filtered) else argument
    return isinstance(inner, syntax.Name) and inner.text in scope.symbols and scope.symbols[inner.text].kind == "cohort"


def _aggregate_type(scope: Scope, expr: syntax.Call, type_: Type) -> Type:
    match expr.function, type_:
        case "distinct", _:
            return Integer()
        case ("min" | "max", Integer() | Number() | Date() | Duration() | Age()):
            return type_
        case "sum", Integer() | Number() | Duration():
            return type_
        case "mean", Integer(unit) | Number(unit):
            return Number(unit)
        case "mean", Duration():
            return type_
    raise scope.refuse("T002", f"there is no `{expr.function}` of {an(type_)}", expr.span)
