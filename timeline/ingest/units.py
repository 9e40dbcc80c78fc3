"""Conversion between units that differ in a prefix or a common multiple: cGy to Gy, g/m2 to mg/m2, weeks to days.

Units of different quantities, and amounts of substance against masses, are not converted: a mapping gives a factor.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

_PREFIXES: Final = {
    "": Fraction(1),
    "k": Fraction(1000),
    "d": Fraction(1, 10),
    "c": Fraction(1, 100),
    "m": Fraction(1, 1000),
    "u": Fraction(1, 10**6),
    "µ": Fraction(1, 10**6),
    "μ": Fraction(1, 10**6),
    "mc": Fraction(1, 10**6),
    "n": Fraction(1, 10**9),
    "p": Fraction(1, 10**12),
}
_BASES: Final = ("g", "m", "L", "l", "Gy", "mol", "U", "IU", "m2", "s")
_OTHERS: Final = {
    "min": ("s", Fraction(60)),
    "h": ("s", Fraction(3600)),
    "day": ("s", Fraction(86400)),
    "days": ("s", Fraction(86400)),
    "week": ("s", Fraction(7 * 86400)),
    "weeks": ("s", Fraction(7 * 86400)),
    "month": ("month", Fraction(1)),
    "months": ("month", Fraction(1)),
    "year": ("month", Fraction(12)),
    "years": ("month", Fraction(12)),
    "%": ("1", Fraction(1, 100)),
    "1": ("1", Fraction(1)),
}


def factor(given: str, wanted: str) -> Fraction | None:
    """By what a value in one unit is multiplied to be in the other; None where they measure different things."""
    if given == wanted:
        return Fraction(1)
    parts, others = given.split("/"), wanted.split("/")
    if len(parts) != len(others):
        return None
    total = Fraction(1)
    for place, (part, other) in enumerate(zip(parts, others, strict=True)):
        ratio = _ratio(part.strip(), other.strip())
        if ratio is None:
            return None
        total = total * ratio if place == 0 else total / ratio
    return total


def _ratio(given: str, wanted: str) -> Fraction | None:
    if given == wanted:
        return Fraction(1)
    one, other = _base(given), _base(wanted)
    return one[1] / other[1] if one is not None and other is not None and one[0] == other[0] else None


def _base(unit: str) -> tuple[str, Fraction] | None:
    if unit in _OTHERS:
        return _OTHERS[unit]
    for prefix, multiple in _PREFIXES.items():
        base = unit.removeprefix(prefix)
        if unit.startswith(prefix) and base in _BASES:
            squared = multiple**2 if base == "m2" else multiple
            return base.lower() if base in ("L", "l") else base, squared
    return None
