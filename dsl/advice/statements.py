"""Parts of declarations, definitions, analyses and tests that are missing or in another order."""

import re

from dsl.advice.keywords import PARTS
from dsl.advice.slip import WORD, Slip, end_of
from dsl.diagnostics import Diagnostic

_TYPES = ("one", "text", "integer", "number", "date", "boolean")


def reserved_attribute(slip: Slip) -> Diagnostic | None:
    """An attribute with the name of a statement, as in `table integer`."""
    if slip.word not in _TYPES or len(slip.before) != 1:
        return None
    word = slip.before[0]
    message = f"`{word}` is a reserved word"
    return Diagnostic("S008", message, end_of(word, slip.source), "a name", f"take another name, such as `{word}_`")


def attribute_type(slip: Slip) -> Diagnostic | None:
    """The type of an attribute."""
    types = "`text`, `one of a, b`, `integer`, `number`, `date` or `boolean`"
    if slip.statement != "event" or not {"ONE", "TEXT", "BOOLEAN"} <= slip.accepts:
        if slip.statement == "event" and slip.word == "(" and len(slip.before) == 2:
            return slip.says("attributes stand without parentheses", hint=f"write `event {slip.last}`, and them below")
        if slip.statement == "event" and slip.word == "(":
            return slip.says("codes stand without parentheses", hint="write `one of a, b`")
        return None
    if slip.word == ":":
        return slip.says("nothing stands between an attribute and its type", hint=f"write `{slip.last} one of …`")
    if len(slip.before) > 1 and slip.before[-2] in ("number", "integer") and slip.last is not None:
        span = end_of(slip.last, slip.source)
        return slip.says(
            f"the attribute `{slip.last}` has no type", span=span, hint=f"a unit stands in brackets: `[{slip.last}]`"
        )
    if slip.kind == "$END":
        return None
    known = _TYPES_ELSEWHERE.get(slip.word.lower())
    hint = f"write `{known}`" if known else None
    return Diagnostic("S001", f"`{slip.word}` is not a type", slip.span, types, hint)


_TYPES_ELSEWHERE = {
    **dict.fromkeys(["int", "bigint", "smallint", "int64", "count", "whole"], "integer"),
    **dict.fromkeys(["float", "double", "real", "decimal", "numeric", "num"], "number"),
    **dict.fromkeys(["string", "str", "varchar", "char", "character", "words"], "text"),
    **dict.fromkeys(["bool", "logical", "flag", "yes"], "boolean"),
    **dict.fromkeys(["datetime", "timestamp", "day"], "date"),
    **dict.fromkeys(["factor", "enum", "code", "codes", "category", "categorical", "list"], "one of a, b"),
}


def given(slip: Slip) -> Diagnostic | None:
    if slip.statement != "test":
        return None
    if slip.kind == "DATE" and "GIVEN" in slip.accepts:
        return slip.says("the events of a test follow `given`", hint=f"write `given {slip.word} …`")
    if slip.word == "=" and slip.accepts == {"COLON"}:
        return slip.says("attributes are given with `:`", hint=f"write `{slip.last}: …`")
    if slip.kind == "NAME" and "LPAR" in slip.accepts and re.match(r"\w+\s*[:=]", slip.rest):
        hint = f"write `{slip.last}({slip.word}: …)`"
        return slip.says("the attributes of an event stand in parentheses", hint=hint)
    if slip.kind == "NAME" and "DATE" in slip.accepts:
        return slip.says("the day comes before the event", hint=f"write `2010-12-31 {slip.word}`")
    return None


def like_behind_label(slip: Slip) -> Diagnostic | None:
    if slip.kind != "LIKE" or slip.statement != "endpoint":
        return None
    return slip.says("`like` stands before the label", hint=f"write `endpoint {slip.before[1]} like …`")


def cohort_inside(slip: Slip) -> Diagnostic | None:
    """`survival(os at 5 years in enrolled)`"""
    if slip.kind in ("AT", "BY", "LANDMARK") and "IN_NAME" in slip.accepts:
        return slip.says("the cohort comes first", hint=f"write `… in COHORT {slip.word} …`")
    return None


def where_behind(slip: Slip) -> Diagnostic | None:
    if slip.kind not in {"WHERE", "BEFORE", "AFTER", "ON", "WITHIN"}:
        return None
    if any(token.type == "HAVE" for token in slip.before):
        return slip.says(f"`{slip.word}` stands before `have`", hint=f"write `all EVENT {slip.word} … have …`")
    if slip.kind == "WHERE" and slip.statement in ("estimate", "compare", "incidence", "cox", "fine_gray", "states"):
        return slip.says("`where` stands behind the cohort", hint="write `ENDPOINT in COHORT where …`, then the rest")
    if slip.kind == "WHERE" and slip.statement == "table":
        return slip.says("a table has no `where`", hint="make a cohort of those who are meant: `cohort NAME from …`")
    if slip.kind == "WHERE" and slip.statement == "cohort" and not slip.part.startswith(("require", "exclude")):
        return slip.says("a cohort has no `where`", hint="write `require` and the condition")
    return None


def cohort_first(slip: Slip) -> Diagnostic | None:
    if slip.accepts != {"IN_NAME"}:
        return None
    shown = f"{slip.statement} {slip.last} in COHORT"
    return slip.says("the cohort comes first", hint=f"write `{shown} …`")


def label(slip: Slip) -> Diagnostic | None:
    """A label without quotes, or not right behind the name."""
    if slip.kind == "STRING" and slip.statement in ("cohort", "endpoint", "event") and slip.last is not None:
        if any(token.type == "STRING" for token in slip.before[:3]) and slip.part == slip.statement:
            return slip.says("one label is enough")
        if slip.part in PARTS.get(slip.statement, ()) and slip.part in ("require", "exclude"):
            return slip.says("the label stands before the condition", hint=f'write `{slip.part} "…" CONDITION`')
        if slip.part in ("until", "censor", "competing", "from", "last"):
            return slip.says("a label follows `as`", hint=f"write `as {slip.word}`")
    if slip.kind not in ("NAME", "PATH") and not (WORD.fullmatch(slip.word) and slip.accepts == {"STRING"}):
        return None
    if "STRING" in slip.accepts and len(slip.accepts) <= 12 and slip.last is not None and not slip.starts_line:
        words = re.match(r"\w+" if slip.statement == "test" else r"[^\"#=]*", slip.rest)
        text = words.group().strip() if words else slip.word
        return slip.says(f"`{slip.word}` does not belong here", hint=f'a text stands in double quotes: `"{text}"`')
    return None


def value_before_in(slip: Slip) -> Diagnostic | None:
    """`count(x) = 2 in enrolled`"""
    if slip.kind == "IN_NAME" and slip.statement == "expect":
        return slip.says(
            "the cohort stands inside the statistic", hint="write `count(COHORT where …)`, `median(VALUE in COHORT)`"
        )
    return None
