"""What stands behind the subject of an analysis or a statistic, in any order: `at`, `by`, `landmark`, `test` …"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dsl import ir, program, syntax
from dsl.check import expressions
from dsl.check.scope import Abandon, Scope, bare_words, words
from dsl.diagnostics import did_you_mean, listing
from dsl.ir import CalendarSpan
from dsl.types import Boolean, Code, Date, Duration, Number, Text, an


@dataclass
class Options:
    """What options say. Each is given once, but for `at` and `acknowledge`, whose items are joined."""

    at: tuple[CalendarSpan, ...] = ()
    group: program.Group | None = None
    landmark: CalendarSpan | None = None
    given: CalendarSpan | None = None
    quantiles: tuple[float, ...] = ()
    limits: str | None = None
    mean_up_to: CalendarSpan | None = None
    test: program.RankTest | None = None
    strata: tuple[program.Group, ...] = ()
    trend: bool = False
    pairwise: bool = False
    title: str = ""
    share: float | None = None
    """The share that `at 25 %` asks a quantile of."""
    others: dict[str, syntax.Option] = field(default_factory=dict)
    """Options that the analysis reads itself, by word."""
    acknowledged: list[tuple[str, str]] = field(default_factory=list)

    def has(self, need: str) -> bool:
        """Whether there is exactly one of what a statistic needs."""
        found = {"at": len(self.at) == 1, "by": self.group, "up to": self.mean_up_to, "share": self.share}
        return bool(found[need])

    @property
    def reading(self) -> program.Reading:
        return program.Reading(self.at, self.given, self.quantiles, self.limits or "log_log", self.mean_up_to)


_WORDS: dict[type[syntax.Option], str] = {
    syntax.MeanUpTo: "mean up to",
    syntax.TestBy: "test",
    syntax.Stratified: "stratified by",
    syntax.Covariates: "on",
}
"""The words of an option, where its class is not called by them."""


def option_word(option: syntax.Option) -> str:
    if isinstance(option, syntax.MeanUpTo) and not option.worded:
        return "up to"
    return _WORDS.get(type(option), type(option).__name__.lower())


def read_options(
    scope: Scope, written: Sequence[syntax.Option], allowed: Sequence[str], what: str, share: bool = False
) -> Options:
    """The options of an analysis or a statistic `what`, which takes those in `allowed`.

    With `share`, `at` takes a percentage.
    """
    options = Options()
    seen: set[str] = set()
    failed = False
    for option in written:
        word = option_word(option)
        try:
            if word not in allowed:
                expected = listing(allowed) if allowed else "nothing more"
                raise scope.refuse("D007", f"`{word}` does not belong to `{what}`", option.span, expected)
            if word in seen and word not in ("at", "acknowledge"):
                raise scope.refuse("D002", f"`{word}` is given twice", option.span, "one")
            seen.add(word)
            _read_option(scope, option, word, options, share)
        except Abandon:
            failed = True
    if failed:
        raise Abandon()
    return options


def _read_option(scope: Scope, option: syntax.Option, word: str, options: Options, share: bool) -> None:
    match option:
        case syntax.At(times=times) if share:
            if len(times) != 1 or options.share is not None:
                raise scope.refuse("D002", "a quantile is of one share", option.span, "one share, such as `at 25 %`")
            options.share = _share(scope, times[0])
        case syntax.At(times=times):
            options.at = (*options.at, *(positive(scope, time) for time in times))
        case syntax.By():
            options.group = group(scope, option.value, option.against)
        case syntax.Landmark(time=time):
            options.landmark = positive(scope, time)
        case syntax.Given(time=time):
            options.given = positive(scope, time)
        case syntax.Quantiles(shares=shares):
            options.quantiles = tuple(_share(scope, item) for item in shares)
        case syntax.Limits(scale=scale):
            if scale.text not in program.LIMITS:
                hint = did_you_mean(scale.text, program.LIMITS)
                message = f"no limits are called `{scale.text}`"
                raise scope.refuse("N005", message, scale.span, f"one of {listing(program.LIMITS)}", hint)
            options.limits = scale.text
        case syntax.MeanUpTo(time=time):
            span = positive(scope, time)
            if not span.in_days:
                raise scope.refuse("T002", "a mean needs a time above 0", time.span)
            options.mean_up_to = span
        case syntax.TestBy():
            options.test = _test(scope, option)
        case syntax.Stratified(values=values):
            options.strata = tuple(group(scope, value) for value in values)
        case syntax.Titled(title=title):
            options.title = title.value
        case syntax.Trend():
            options.trend = True
        case syntax.Pairwise():
            options.pairwise = True
        case syntax.Acknowledge(finding=finding, reason=reason):
            options.acknowledged.append((finding, reason.value))
        case _:
            options.others[word] = option


def positive(scope: Scope, expr: syntax.Expr) -> CalendarSpan:
    span = expressions.calendar_span(scope, expr)
    if span.in_days < 0:
        raise scope.refuse("T002", "a time after the origin cannot be negative", expr.span)
    return span


def _share(scope: Scope, expr: syntax.Expr) -> float:
    found = float(expr.text) / 100 if isinstance(expr, syntax.Percent) else None
    if found is None or not 0 < found < 1:
        raise scope.refuse("T002", f"`{words(expr)}` is not a share of the patients", expr.span, "such as `25 %`")
    return found


def _test(scope: Scope, option: syntax.TestBy) -> program.RankTest:
    name, powers = option.name.text, option.powers
    if name not in program.RANK_TESTS:
        expected, hint = f"one of {listing(program.RANK_TESTS)}", did_you_mean(name, program.RANK_TESTS)
        raise scope.refuse("N005", f"no test is called `{name}`", option.name.span, expected, hint)
    if (name == "fleming_harrington") != bool(powers):
        shown = "`fleming_harrington(1, 0)`" if not powers else f"`{name}`"
        message = f"`{name}` takes no numbers" if powers else f"`{name}` needs p and q, the powers of its weight"
        raise scope.refuse("D001" if not powers else "D007", message, option.span, shown)
    return program.RankTest(name, (float(powers[0].text), float(powers[1].text)) if powers else None)


def group(scope: Scope, expr: syntax.Expr, against: syntax.Expr | None = None) -> program.Group:
    value = expressions.value(scope, expr, None)
    if isinstance(value.type, Date | Duration | Number):
        raise scope.refuse(
            "T002",
            f"groups by {an(value.type)} would be as many as there are values",
            expr.span,
            "a condition",
            f"compare it: `{words(expr)} > …`",
        )
    return program.Group(value, bare_words(expr), level(scope, against, value) if against is not None else None)


def level(scope: Scope, expr: syntax.Expr, value: ir.Value) -> str:
    """A level, as the groups of a truth value, a code or a text are called."""
    if not isinstance(value.type, Boolean | Code | Text):
        message = f"{an(value.type)} has no levels, so none to compare against"
        raise scope.refuse("T002", message, expr.span, "no `against`")
    found = expressions.value(scope, expr, None, value.type)
    if not isinstance(found, ir.Literal) or not ir.comparable(found.type, value.type):
        raise scope.refuse("T001", f"`{words(expr)}` is not a level", expr.span, f"{an(value.type)}")
    return str(found.value).lower() if isinstance(found.value, bool) else str(found.value)
