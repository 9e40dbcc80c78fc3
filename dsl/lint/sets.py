"""The values that a condition admits, as far as it speaks of one value: sets of codes, ranges of numbers and dates.

Missing values are left out throughout: a condition on a missing value is unknown, whatever the set.
"""

from datetime import date
from functools import reduce
from math import inf
from typing import TypeAlias

from dsl import ir
from dsl.record import record
from dsl.types import Age, Boolean, Code, Date, Duration, Integer, Number, Text


@record
class Named:
    """The values listed, or with `others` every value but those listed."""

    values: frozenset[str | bool]
    others: bool = False

    def __and__(self, other: "Named") -> "Named":
        match self.others, other.others:
            case False, False:
                return Named(self.values & other.values)
            case False, True:
                return Named(self.values - other.values)
            case True, False:
                return other & self
        return Named(self.values | other.values, others=True)

    @property
    def complement(self) -> "Named":
        return Named(self.values, not self.others)

    @property
    def is_empty(self) -> bool:
        return not self.others and not self.values


@record
class Range:
    """From `low` to `high`, each with whether it is in the range."""

    low: float
    has_low: bool
    high: float
    has_high: bool

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and not (self.has_low and self.has_high))

    def __and__(self, other: "Range") -> "Range":
        low, has_low = max((self.low, not self.has_low), (other.low, not other.has_low))
        high, has_high = min((self.high, self.has_high), (other.high, other.has_high))
        return Range(low, not has_low, high, has_high)


@record
class Ranges:
    parts: tuple[Range, ...]
    whole: bool
    """Whether only whole numbers (and days) count, so that nothing lies between 3 and 4."""

    def __post_init__(self) -> None:
        kept = [_whole(part) if self.whole else part for part in self.parts]
        object.__setattr__(self, "parts", tuple(part for part in kept if not part.is_empty))

    def __and__(self, other: "Ranges") -> "Ranges":
        return Ranges(tuple(one & two for one in self.parts for two in other.parts), self.whole or other.whole)

    @property
    def complement(self) -> "Ranges":
        everything = Ranges((EVERYTHING,), self.whole)
        sides = (
            Ranges(
                (Range(-inf, False, part.low, not part.has_low), Range(part.high, not part.has_high, inf, False)),
                self.whole,
            )
            for part in self.parts
        )
        return reduce(lambda left, right: left & right, sides, everything)

    @property
    def is_empty(self) -> bool:
        return not self.parts


EVERYTHING = Range(-inf, False, inf, False)
Values: TypeAlias = Named | Ranges


def _whole(part: Range) -> Range:
    low = part.low if part.has_low or part.low == -inf else float(int(part.low // 1) + 1)
    high = part.high if part.has_high or part.high == inf else float(int(-(-part.high // 1)) - 1)
    return Range(low, low != -inf, high, high != inf)


def domain(value: ir.Value) -> Values | None:
    """The values that something can have by its type; None where sets do not help."""
    match value.type:
        case Code(codes):
            return Named(frozenset(codes))
        case Boolean():
            return Named(frozenset((True, False)))
        case Text():
            return Named(frozenset(), others=True)
        case Age():
            return Ranges((_FROM_ZERO,), whole=True)
        case Integer():
            counts = isinstance(value, ir.Aggregate) and value.function in ("count", "distinct")
            return Ranges((_FROM_ZERO if counts else EVERYTHING,), whole=True)
        case Number():
            return Ranges((EVERYTHING,), whole=False)
        case Duration():
            time = isinstance(value, ir.EndpointField)
            return Ranges((_FROM_ZERO if time else EVERYTHING,), whole=False)
        case Date():
            return Ranges((EVERYTHING,), whole=True)


_FROM_ZERO = Range(0, True, inf, False)


def admitted(condition: ir.Value) -> tuple[ir.Value, Values] | None:
    """The one value that a condition speaks of, and the values of it for which it is true; None where it speaks of
    several, or of something else than a comparison with what is written down."""
    match condition:
        case ir.Compare(operator=operator, left=left, right=ir.Literal() as literal):
            return _compared(left, operator, literal)
        case ir.Compare(operator=operator, left=ir.Literal() as literal, right=right):
            return _compared(right, _MIRRORED[operator], literal)
        case ir.OneOf(operand=operand, items=items):
            each = [_compared(operand, "=", item) for item in items if isinstance(item, ir.Literal)]
            return _united(each) if len(each) == len(items) else None
        case ir.Not(operand=operand):
            found = admitted(operand)
            return (found[0], found[1].complement) if found is not None else None
        case ir.Or(operands=operands):
            return _united([admitted(operand) for operand in operands])
        case ir.And(operands=operands):
            parts = [admitted(operand) for operand in operands]
            turned = [(part[0], part[1].complement) if part is not None else None for part in parts]
            united = _united(turned)
            return (united[0], united[1].complement) if united is not None else None
        case ir.Own() | ir.Attribute() | ir.LetRef() | ir.EndpointField() | ir.CohortRef():
            if isinstance(condition.type, Boolean):
                return condition, Named(frozenset((True,)))
    return None


_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _compared(value: ir.Value, operator: str, literal: ir.Literal) -> tuple[ir.Value, Values] | None:
    if isinstance(value, ir.Literal):
        return None
    content = literal.value
    if isinstance(content, str | bool):
        named = Named(frozenset((content,)))
        return value, named.complement if operator == "!=" else named
    number = _number(content)
    whole = isinstance(value.type, Integer | Age | Date)
    shapes = {
        "=": Range(number, True, number, True),
        "!=": Range(number, True, number, True),
        "<": Range(-inf, False, number, False),
        "<=": Range(-inf, False, number, True),
        ">": Range(number, False, inf, False),
        ">=": Range(number, True, inf, False),
    }
    ranges = Ranges((shapes[operator],), whole)
    return value, ranges.complement if operator == "!=" else ranges


def _number(content: int | float | date | ir.CalendarSpan) -> float:
    match content:
        case ir.CalendarSpan():
            return content.in_days
        case date():
            return float(content.toordinal())
    return float(content)


def _united(parts: list[tuple[ir.Value, Values] | None]) -> tuple[ir.Value, Values] | None:
    """The union of sets of one value, by the complement of what all complements share."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known or any(value != known[0][0] for value, _ in known):
        return None
    shared = known[0][1].complement
    for _, values in known[1:]:
        both = together(shared, values.complement)
        if both is None:
            return None
        shared = both
    return known[0][0], shared.complement


def together(one: Values, two: Values) -> Values | None:
    """What two sets share; None where one is of names and the other of numbers."""
    if isinstance(one, Named) and isinstance(two, Named):
        return one & two
    if isinstance(one, Ranges) and isinstance(two, Ranges):
        return one & two
    return None
