"""Values, streams and selected events in plain English, made from the IR alone.

A condition reads as a clause ("the site is liver"), any other value as a noun phrase ("the start of rt"), a stream as a
noun in the singular or the plural. Named definitions are called by their names; whole definitions are put into
sentences by `dsl.explain`.
"""

from collections.abc import Callable

from dsl import ir
from dsl.types import Age, Boolean, Date, Duration, Integer, Number, Text, Type

_COMPARED = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
_COMPARED_DAYS = {
    **_COMPARED,
    "<": "is before",
    "<=": "is on or before",
    ">": "is after",
    ">=": "is on or after",
}
_NEGATED = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_ORDINALS = {1: "first", 2: "second", 3: "third"}
_OPERATORS = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_ENDPOINT_FIELDS = {
    "time": "the time to {}",
    "happened": "whether the event of {} happened",
    "outcome": "the outcome of {}",
    "reason": "the reason for which {} ended",
    "origin": "the origin of {}",
    "end": "the end of {}",
}


def noun(value: ir.Value) -> str:
    """A value as a noun phrase; a condition is `whether …`."""
    match value:
        case ir.Literal():
            return literal(value)
        case ir.Own(name=name):
            return f"the {plain(name)}"
        case ir.Attribute(event=event, name=name):
            return f"the {plain(name)} of {the_event(event)}"
        case ir.LastDay(event=event):
            return f"the last day of {the_event(event)}"
        case ir.LetRef(name=name):
            return name
        case ir.EndpointField(endpoint=endpoint, name=name):
            return _ENDPOINT_FIELDS[name].format(endpoint)
        case ir.AgeAt(day=day):
            return f"the age in completed years on {noun(day)}"
        case ir.Arithmetic(operator=operator, left=left, right=right):
            return f"{_part(left)} {_OPERATORS[operator]} {_part(right)}"
        case ir.Shift(day=day, span=moved):
            back = moved.months < 0 or (moved.months == 0 and moved.days < 0)
            return f"{span(-moved if back else moved)} {'before' if back else 'after'} {noun(day)}"
        case ir.ShiftDays(day=day, days=days):
            return f"the day that lies {_part(days)} after {noun(day)}"
        case ir.DaysBetween(start=start, end=end):
            return f"the days from {noun(start)} to {noun(end)}"
        case ir.Case(branches=branches, otherwise=otherwise):
            said = [f"{noun(result)} if {clause(condition)}" for condition, result in branches]
            return "; else ".join([*said, noun(otherwise) if otherwise is not None else "missing"])
        case ir.Aggregate():
            return _aggregate(value)
        case _:
            return f"whether {clause(value)}"


def clause(value: ir.Value, true: bool = True) -> str:
    """A condition as a clause; `true` false gives what holds where the condition is false."""
    match value:
        case ir.Literal(value=content):
            return "always" if content is true else "never"
        case ir.Compare(operator=operator, left=left, right=right):
            return _compared(operator if true else _NEGATED[operator], left, right)
        case ir.OneOf(operand=operand, items=items):
            return f"{noun(operand)} is {'' if true else 'not '}{either([noun(item) for item in items])}"
        case ir.IsKnown(operand=operand):
            if isinstance(operand, ir.Select | ir.EventRef):
                return f"{the_event(operand)} {'was found' if true else 'was not found'}"
            return f"{noun(operand)} is {'known' if true else 'missing'}"
        case ir.Not(operand=operand):
            return clause(operand, not true)
        case ir.And(operands=operands):
            return _joined("and" if true else "or", operands, true)
        case ir.Or(operands=operands):
            return _joined("or" if true else "and", operands, true)
        case ir.CohortRef(name=name):
            return f"the patient {'belongs' if true else 'does not belong'} to the cohort {name}"
        case ir.EndpointField(endpoint=endpoint, name="happened"):
            return f"the event of {endpoint} {'happened' if true else 'did not happen'}"
        case ir.InWindow():
            return f"it {'starts' if true else 'does not start'} {window(value)}"
        case ir.Quantified():
            return _quantified(value, true)
        case _:
            return f"{noun(value)} is {'true' if true else 'false'}"


def the_event(event: ir.EventValue) -> str:
    """A selected event with its article, or the name that it was given."""
    match event:
        case ir.EventRef(name=name):
            return name
        case ir.Select(pick="nth", number=number, stream=stream):
            return f"the {_ordinal(number)} {singular(stream)}"
        case ir.Select(pick="only", stream=stream):
            return f"the only {singular(stream)}"
        case ir.Select(pick="last", stream=stream, by_end=True):
            return f"the {singular(stream)} that ends last"
        case ir.Select(pick="first", stream=stream, by_end=True):
            return f"the {singular(stream)} that ends first"
        case ir.Select(pick=pick, stream=stream):
            return f"the {pick} {singular(stream)}"


def singular(stream: ir.Stream) -> str:
    match stream:
        case ir.Events(event=event):
            return plain(event.name) + _horizons(stream)
        case ir.Union(streams=streams):
            return either([_branch(branch) for branch in streams])
        case ir.Filter():
            return _filtered(stream, singular)
        case ir.Courses():
            return f"course of {_course(stream)}"


def plural(stream: ir.Stream) -> str:
    match stream:
        case ir.Events(event=event):
            return f"{plain(event.name)} events" + _horizons(stream)
        case ir.Union():
            return f"{singular(stream)} events"
        case ir.Filter():
            return _filtered(stream, plural)
        case ir.Courses():
            return f"courses of {_course(stream)}"


def window(found: ir.InWindow) -> str:
    """`on or after A and before B`; `from A to B` where both days belong to it."""
    low, high = found.low, found.high
    if low is not None and high is not None and low.inclusive and high.inclusive:
        return _between(low.day, high.day)
    sides = []
    if low is not None:
        sides.append(f"{'on or after' if low.inclusive else 'after'} {noun(low.day)}")
    if high is not None:
        sides.append(f"{'on or before' if high.inclusive else 'before'} {noun(high.day)}")
    return " and ".join(sides)


def _between(low: ir.Value, high: ir.Value) -> str:
    match low, high:
        case ir.Attribute(event=first, name="start"), ir.LastDay(event=last) if first == last:
            return f"during {the_event(first)}"
    return f"on {noun(low)}" if low == high else f"from {noun(low)} to {noun(high)}"


def span(length: ir.CalendarSpan) -> str:
    return str(length)


def counted(number: float, thing: str) -> str:
    return f"{number:g} {thing}{'' if number == 1 else 's'}"


def literal(value: ir.Literal) -> str:
    content, type_ = value.value, value.type
    if isinstance(content, ir.CalendarSpan):
        return str(content)
    match type_:
        case Text():
            return f"“{content}”"
        case Boolean():
            return "true" if content else "false"
        case Age():
            return counted(float(str(content)), "year")
        case Integer(unit=unit) | Number(unit=unit) if isinstance(content, int | float):
            return f"{content:g}" + (f" {unit}" if unit else "")
    return str(content)


def plain(name: str) -> str:
    """A name of the declarations as words."""
    return name.replace("_", " ")


def either(items: list[str]) -> str:
    return _listed(items, "or")


def both(items: list[str]) -> str:
    return _listed(items, "and")


def shown(value: object, type_: Type) -> str:
    """A computed value as a reader expects it: durations in days, ages in years, truth in three values."""
    if value is None:
        return "unknown" if isinstance(type_, Boolean) else "missing"
    match type_:
        case Duration() if isinstance(value, int | float):
            return counted(float(value), "day")
        case Age() if isinstance(value, int | float):
            return counted(float(value), "year")
        case Boolean():
            return "true" if value else "false"
        case Integer(unit=unit) | Number(unit=unit) if isinstance(value, int | float):
            return f"{value:g}" + (f" {unit}" if unit else "")
        case Text():
            return f"“{value}”"
    return str(value)


def _listed(items: list[str], word: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"


def _part(value: ir.Value) -> str:
    said = noun(value)
    return f"({said})" if isinstance(value, ir.Arithmetic | ir.Case | ir.Shift) else said


def _compared(operator: str, left: ir.Value, right: ir.Value) -> str:
    words = _COMPARED_DAYS if isinstance(left.type, Date) else _COMPARED
    return f"{_part(left)} {words[operator]} {_part(right)}"


def _joined(word: str, operands: tuple[ir.Value, ...], true: bool) -> str:
    """Conditions in a row; one with an `and` or `or` of its own, or one that begins a list, stands in parentheses."""
    said = []
    for operand in operands:
        text = clause(operand, true)
        said.append(f"({text})" if _is_compound(operand) else text)
    return f" {word} ".join(said)


def _is_compound(value: ir.Value) -> bool:
    while isinstance(value, ir.Not):
        value = value.operand
    return isinstance(value, ir.And | ir.Or) or (isinstance(value, ir.Quantified) and value.have is not None)


def _quantified(value: ir.Quantified, true: bool) -> str:
    stream, number = value.stream, value.number
    match value.quantifier if true else _OPPOSITE.get(value.quantifier, "not all"):
        case "any":
            return f"there is at least one {singular(stream)}"
        case "no":
            return f"there is no {singular(stream)}"
        case "at least":
            if not true:
                number += 1
            return f"there are at least {number} {plural(stream)}"
        case "at most":
            if not true:
                number -= 1
            return f"there are at most {number} {plural(stream)}"
        case "all":
            assert value.have is not None
            return f"there is at least one {singular(stream)}, and for every one {clause(value.have)}"
        case _:
            assert value.have is not None
            return f"there is no {singular(stream)}, or for one of them {clause(value.have, False)}"


_OPPOSITE = {"any": "no", "no": "any", "at least": "at most", "at most": "at least"}


def _aggregate(value: ir.Aggregate) -> str:
    over = plural(value.stream)
    if value.value is None:
        return f"the number of {over}"
    each = noun(value.value)
    each = each.removeprefix("the ")
    match value.function:
        case "sum":
            return f"the sum of the {each} of {over}"
        case "mean":
            return f"the mean {each} of {over}"
        case "min":
            return f"the {'earliest' if isinstance(value.type, Date) else 'smallest'} {each} of {over}"
        case "max":
            return f"the {'latest' if isinstance(value.type, Date) else 'largest'} {each} of {over}"
        case _:
            return f"the number of different values of the {each} of {over}"


def _horizons(stream: ir.Events) -> str:
    if not stream.horizons:
        return ""
    days = both([noun(day) for day in stream.horizons])
    return f" (of what happened {'after' if stream.hidden else 'up to'} {days})"


def _branch(stream: ir.Stream) -> str:
    said = singular(stream)
    return f"({said})" if isinstance(stream, ir.Filter) else said


def _filtered(stream: ir.Filter, base_words: Callable[[ir.Stream], str]) -> str:
    conditions: list[ir.Value] = []
    base: ir.Stream = stream
    while isinstance(base, ir.Filter):
        conditions.append(base.condition)
        base = base.stream
    conditions.reverse()
    said = base_words(base)
    others = [condition for condition in conditions if not isinstance(condition, ir.InWindow)]
    for condition in conditions:
        if isinstance(condition, ir.InWindow):
            said += f" {window(condition)}"
    if others:
        single = others[0] if len(others) == 1 else ir.And(tuple(others))
        said += f" where {clause(single)}"
    return said


def _course(stream: ir.Courses) -> str:
    return f"{plural(stream.stream)} (each at most {counted(stream.gap, 'day')} after those before it)"


def _ordinal(number: int) -> str:
    if number in _ORDINALS:
        return _ORDINALS[number]
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
