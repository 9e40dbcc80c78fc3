"""Numbers, times and texts from outside in words, one way for every report."""

from dsl.ir import DAYS_PER_MONTH, DAYS_PER_YEAR


def duration(days: float | None) -> str:
    """Days as the reader thinks of them: years from two years up, months from two months up, else days."""
    if days is None:
        return "not reached"
    if days >= 2 * DAYS_PER_YEAR:
        return f"{days / DAYS_PER_YEAR:.2f} y"
    if days >= 2 * DAYS_PER_MONTH:
        return f"{days / DAYS_PER_MONTH:.1f} mo"
    return f"{days:g} d"


def span(days: float) -> str:
    """A time that was asked for, in the largest unit that it is whole in."""
    for size, unit in ((DAYS_PER_YEAR, "year"), (DAYS_PER_MONTH, "month")):
        if days and (days / size).is_integer():
            number = int(days / size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{days:g} days"


def limits(lower: float | None, upper: float | None) -> str:
    """A confidence interval of times."""
    if lower is None and upper is None:
        return "-"
    return f"{duration(lower)} to {duration(upper)}"


def lengths(*days: float) -> list[str]:
    """Differences of times, or means with their limits, in the one unit that suits the longest."""
    longest = max(abs(item) for item in days)
    for size, unit, least in ((DAYS_PER_YEAR, "y", 2), (DAYS_PER_MONTH, "mo", 2)):
        if longest >= least * size:
            return [f"{item / size:.2f} {unit}" for item in days]
    return [f"{item:.1f} d" for item in days]


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
    return f"{part} ({100 * part / whole:.1f} %)" if whole else f"{part}"


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


def who_left(label: str, excluding: bool) -> str:
    """Those who fell at a step of attrition: for whom what is required does not hold, or what excludes does."""
    return f"“{label}”" if excluding else f"not “{label}”"
