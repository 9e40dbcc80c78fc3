"""Published against computed values: equality at the printed precision, and both in words.

A printed value p with d decimals stands for every x with |x - p| <= 0.5 * 10^-d, in the unit in which it is printed.
"""

from datetime import date

from dsl.ir import DAYS_PER_MONTH, DAYS_PER_YEAR
from dsl.program import Published
from timeline.study.results import CheckResult

Computed = float | int | str | bool | date | None

DAYS = {"day": 1.0, "week": 7.0, "month": DAYS_PER_MONTH, "year": DAYS_PER_YEAR}
_ROUNDING = 1e-9
"""Slack for binary fractions: 0.05 is not exactly half of 0.1."""


def compare(
    claim: str, operator: str, published: Published, value: Computed, share: float | None = None, age: bool = False
) -> CheckResult:
    """Whether `value OPERATOR published` holds. `share` is what stands behind a count; an age is in years already."""
    scaled = _in_unit(value, published.unit, age)
    holds = _holds(operator, published, scaled, value)
    if published.percent is not None and holds == (operator == "="):
        agrees = share is not None and _equal(100 * share, published.percent)
        holds = holds and agrees if operator == "=" else holds or not agrees
    return CheckResult(
        claim, operator, published_words(published), _words(published, scaled, value, share), value, holds
    )


def _in_unit(value: Computed, unit: str, age: bool) -> Computed:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if unit == "%":
        return 100 * value
    if unit in DAYS and not age:
        return value / DAYS[unit]
    return value


def _equal(value: float, printed: str) -> bool:
    return abs(value - float(printed)) <= half_unit(printed) + _ROUNDING


def half_unit(printed: str) -> float:
    """Half a unit of the last printed digit."""
    decimals = len(printed.partition(".")[2])
    return float(0.5 * 10**-decimals)


def _holds(operator: str, published: Published, scaled: Computed, value: Computed) -> bool:
    if operator in ("=", "!="):
        return _agrees(published, scaled, value) == (operator == "=")
    if isinstance(scaled, bool) or not isinstance(scaled, int | float):
        return isinstance(scaled, date) and _ordered(operator, _key(published, scaled), published.text)
    return _ordered(operator, scaled, float(published.text))


def _ordered(operator: str, left: float | str, right: float | str) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        left, right = str(left), str(right)
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _key(published: Published, value: date) -> str:
    return value.strftime("%Y-%m") if published.unit == "calendar month" else value.isoformat()


def _agrees(published: Published, scaled: Computed, value: Computed) -> bool:
    if published.unit == "not reached":
        return value is None
    match scaled:
        case None:
            return False
        case bool():
            return published.text == ("true" if scaled else "false")
        case int() | float():
            return _equal(scaled, published.text)
        case date():
            return _key(published, scaled) == published.text
        case str():
            return scaled == published.text


def published_words(published: Published) -> str:
    """The printed value as it was printed."""
    if published.percent is not None:
        return f"{published.text} ({published.percent} %)"
    if published.unit == "%":
        return f"{published.text} %"
    if published.unit in DAYS:
        return f"{published.text} {published.unit}{'' if published.text == '1' else 's'}"
    return published.text


def _words(published: Published, scaled: Computed, value: Computed, share: float | None) -> str:
    """The computed value in the same unit, with two digits more than were printed."""
    if value is None:
        return "not reached" if published.unit in ("not reached", *DAYS) else "no value"
    if isinstance(scaled, bool):
        return "true" if scaled else "false"
    if isinstance(scaled, date):
        return _key(published, scaled)
    if isinstance(scaled, str):
        return scaled
    assert isinstance(scaled, int | float)
    if published.unit == "not reached":
        return f"{scaled:g} days"
    shown = str(scaled) if isinstance(scaled, int) else _digits(scaled, len(published.text.partition(".")[2]) + 2)
    if published.percent is not None:
        percent = "no share" if share is None else _digits(100 * share, len(published.percent.partition(".")[2]) + 2)
        return f"{shown} ({percent} %)"
    if published.unit == "%":
        return f"{shown} %"
    return f"{shown} {published.unit}s" if published.unit in DAYS else shown


def _digits(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
