"""Numbers, times and texts from outside in words, one way for every report."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from dsl.ir import DAYS_PER_MONTH, DAYS_PER_YEAR


@dataclass(frozen=True)
class Unit:
    """A unit of time of `size` days, its `name` on an axis and its `sign` behind a number of so many decimals."""

    name: str
    sign: str
    size: float
    decimals: int


YEAR = Unit("years", "y", DAYS_PER_YEAR, 2)
MONTH = Unit("months", "mo", DAYS_PER_MONTH, 1)
DAY = Unit("days", "d", 1.0, 1)


def unit(times: Iterable[float | None]) -> Unit:
    """The one unit of times, in days, that are shown together: the largest that the longest of them holds twice.

    A time that is not there, not reached or hidden does not count.
    """
    longest = max((abs(days) for days in times if days is not None and math.isfinite(days)), default=0.0)
    return next((unit for unit in (YEAR, MONTH) if longest >= 2 * unit.size), DAY)


def duration(days: float | None, unit: Unit) -> str:
    """A time, or a difference of times, in the unit of those that it is shown with."""
    return "not reached" if days is None else f"{in_unit(days, unit)} {unit.sign}"


def in_unit(days: float, unit: Unit) -> str:
    """A time as a number of units."""
    # A negative number that is rounded to nothing loses its sign.
    rounded = round(days / unit.size, unit.decimals) + 0.0
    return f"{rounded:g}" if unit == DAY else f"{rounded:.{unit.decimals}f}"


def span(days: float) -> str:
    """A time that was asked for, in the largest unit that it is whole in."""
    for size, unit in ((DAYS_PER_YEAR, "year"), (DAYS_PER_MONTH, "month")):
        if days and (days / size).is_integer():
            number = int(days / size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{days:g} days"


def limits(lower: float | None, upper: float | None, unit: Unit) -> str:
    """A confidence interval of times, or their range."""
    if lower is None and upper is None:
        return "-"
    return f"{duration(lower, unit)} to {duration(upper, unit)}"


def percent(share: float | None, decimals: int = 1) -> str:
    return "-" if share is None else f"{100 * share:.{decimals}f} %"


def percent_limits(lower: float | None, upper: float | None) -> str:
    """A confidence interval of a share."""
    return "-" if lower is None or upper is None else f"{percent(lower)} to {percent(upper)}"


def ratio(value: float) -> str:
    """A ratio with two decimals, or more where it is small."""
    return f"{value:.2f}" if value >= 0.1 or value == 0 else f"{value:.2g}"


def ratio_limits(lower: float, upper: float) -> str:
    """A confidence interval of a ratio."""
    return f"{ratio(lower)} to {ratio(upper)}"


def article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"


def share(part: int, whole: int) -> str:
    return f"{count(part)} ({100 * part / whole:.1f} %)" if whole else count(part)


def p_value(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def p(value: float) -> str:
    """A p-value as it stands in a sentence: `p = 0.0390`, `p < 0.0001`."""
    shown = p_value(value)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


def number(value: float | None, decimals: int = 1) -> str:
    if value is None:
        return "-"
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"


def count(number: int) -> str:
    """How many: with commas from 10,000 on, where digits are hard to count."""
    return f"{number:,}" if abs(number) >= 10_000 else str(number)


def one_line(text: str) -> str:
    """Text from outside, which can neither break a line nor move the cursor nor turn the direction of reading."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def of_whom(cohort: str, where: str) -> str:
    """The patients of an analysis: a cohort, or those of its members for whom a condition is true."""
    return f"{cohort} where {where}" if where else cohort


def without_event(endpoint: str) -> str:
    """What share a Kaplan-Meier curve shows: the survival or freedom that the endpoint's label names, or those without.

    A label like “Time to recurrence” names no share.
    """
    named = any(word in endpoint.lower() for word in ("survival", "freedom from"))
    return endpoint if named else "Without the event"


def who_left(label: str, excluding: bool) -> str:
    """Those who fell at a step of attrition: for whom what is required does not hold, or what excludes does."""
    return f"“{label}”" if excluding else f"not “{label}”"
