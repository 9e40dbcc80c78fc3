"""Parts of expressions that are missing, in another order, or without the parentheses they need."""

import re

from lark import Token

from dsl.advice.keywords import PARTS, STATEMENTS
from dsl.advice.slip import WINDOW_STARTS, Slip, end_of
from dsl.diagnostics import Diagnostic
from dsl.source import Span


def is_what(slip: Slip) -> Diagnostic | None:
    """`is null`, `is not missing`, `is true`."""
    if slip.last is None or slip.last != "is" or not {"KNOWN", "MISSING"} <= slip.accepts:
        return None
    words = slip.rest.lower().split()[:2]
    if words and words[0] == "not":
        hint = "write `is known`" if len(words) > 1 and words[1] != "known" else "write `is missing`"
    elif words and words[0] in ("true", "false"):
        hint = "leave it out: a truth value is a condition by itself" if words[0] == "true" else "write `not …`"
    elif words and words[0] in _NEGATIONS:
        hint = "write `is known`" if words[0] == "present" else "write `is missing`"
    else:
        hint = "compare with `=`"
    return slip.says(f"`is` cannot be followed by `{slip.word}`", hint=hint)


_NEGATIONS = {"not", "null", "na", "none", "nan", "unknown", "empty", "present", "true", "false"}


def missing_value(slip: Slip) -> Diagnostic | None:
    if slip.kind not in ("MISSING", "KNOWN") or slip.last is None or slip.last.type != "OPERATOR":
        return None
    known = (slip.kind == "MISSING") == (slip.last == "!=")
    hint = f"write `… is {'known' if known else 'missing'}`"
    return slip.says(f"`{slip.word}` is not a value that something can be compared with", hint=hint)


def chain(slip: Slip) -> Diagnostic | None:
    if slip.kind != "OPERATOR" or slip.last is None or "AND" not in slip.accepts:
        return None
    if any(token.type == "OPERATOR" for token in slip.before[-6:]):
        return slip.says("a comparison has two sides", hint="write `a <= b and b <= c`")
    return slip.says(f"`{slip.word}` does not belong here", hint="put what is compared in parentheses: `(…)`")


def part_of_selection(slip: Slip) -> Diagnostic | None:
    """`first surgery.start`"""
    if slip.word != "." or slip.last is None:
        return None
    picks = [index for index, token in enumerate(slip.before) if token.type in ("FIRST", "LAST", "ONLY", "NTH")]
    member = re.compile(r"\.([^\W\d]\w*)").match(slip.source.text, slip.offset)
    if not picks or member is None:
        return None
    first = slip.before[picks[-1]].start_pos or 0
    shown = " ".join(slip.source.text[first : slip.offset].split())
    return slip.says(
        f"`{shown}` needs parentheses before `.{member.group(1)}`",
        span=Span(slip.source, first, member.end()),
        hint=f"write `({shown}).{member.group(1)}`",
        code="S009",
    )


def selection_inside(slip: Slip) -> Diagnostic | None:
    """A selection or a quantifier as an operand."""
    if (
        slip.kind not in {"FIRST", "LAST", "ONLY", "NTH", "ANY", "NO", "ALL", "AT", "NOT", "COURSES"}
        or "LPAR" not in slip.accepts
    ):
        return None
    if slip.kind == "AT" and not re.match(r"at\s+(least|most)\b", slip.rest):
        return None
    return slip.says(f"`{slip.word} …` needs parentheses here", hint=f"write `({slip.word} …)`", code="S009")


def between(slip: Slip) -> Diagnostic | None:
    if slip.kind != "BETWEEN" or slip.last is None:
        return None
    return slip.says(
        "`between` is a window on the dates of events",
        hint="a value between two others is written `x >= A and x <= B`",
    )


def where_missing(slip: Slip) -> Diagnostic | None:
    """`any surgery site = liver`"""
    if slip.kind != "NAME" or "WHERE" not in slip.accepts or slip.starts_line:
        return None
    if slip.last is None or slip.last.type != "NAME" or not re.match(r"\w+\s*([=<>!]|in\b|is\b)", slip.rest):
        return None
    if "HAVE" in slip.accepts and any(token.type == "WHERE" for token in slip.before):
        return slip.says("`all` says what the events have", hint=f"write `… have {slip.word} …`")
    return slip.says(f"`{slip.word}` does not belong here", hint=f"write `{slip.last} where {slip.word} …`")


def events_as_condition(slip: Slip) -> Diagnostic | None:
    """`require surgery where …`"""
    if slip.kind not in {"WHERE", *WINDOW_STARTS} or slip.last is None or slip.last.type != "NAME":
        return None
    if slip.part not in ("require", "exclude", "expect", "compare"):
        return None
    if len(slip.before) > 2 and slip.before[-3].type == "AGE":
        return None
    hint = f"write `any {slip.last} {slip.word} …`"
    return slip.says(f"`{slip.last}` is not a condition", span=end_of(slip.last, slip.source), hint=hint)


_ANALYSES = ("estimate", "compare", "incidence", "table", "expect")


def list_without_parentheses(slip: Slip) -> Diagnostic | None:
    if slip.kind != "IN_NAME":
        return None
    if slip.last is not None and slip.last.type in ("NAME", "MEMBER") and slip.statement not in _ANALYSES:
        if re.match(r"in\s*\d", slip.rest):
            return slip.says("a range has two comparisons", hint="write `x >= A and x <= B`")
        words = re.match(r"in\s*[\[{]?((?:\s*,?\s*[^\W\d]\w*|\s*,\s*\"[^\"]*\")+)", slip.rest)
        hint = f"write `in ({words.group(1).strip()})`" if words else "write `in (…)`"
        return slip.says("the codes behind `in` stand in parentheses", hint=hint)
    return None


def age(slip: Slip) -> Diagnostic | None:
    if slip.last is None or slip.last.type != "AGE":
        return None
    return slip.says("`age` needs a day on which it is counted", hint="write `age at` and a date or event: `age at rt`")


def and_in_list(slip: Slip) -> Diagnostic | None:
    if slip.kind == "AND" and "COMMA" in slip.accepts:
        return slip.says("`and` joins conditions", hint="put a comma between the members of a list")
    return None


def comma(slip: Slip) -> Diagnostic | None:
    if slip.word != ",":
        return None
    call = next((index for index, token in enumerate(slip.before) if token.type == "LPAR" and index), None)
    if call is not None and slip.before[call - 1].type == "NAME" and "IN_NAME" in slip.accepts:
        function = slip.before[call - 1]
        return slip.says(f"`{function}` takes one argument", hint=f"write `{function}(VALUE in COHORT)`")
    if slip.accepts == {"IN_NAME"}:
        return slip.says("an analysis has one endpoint", hint=f"write a further `{slip.statement}` for the next")
    if slip.statement == "cohort" and slip.part == "from":
        return slip.says("`from` takes one condition", hint="write `and` or `or` between cohorts")
    if slip.part in ("require", "exclude"):
        return slip.says("a requirement is one condition", hint="write `and`, or a further `require`")
    return None


def open_parenthesis(slip: Slip) -> Diagnostic | None:
    """A statement begins while a parenthesis or a case is open."""
    if not (slip.starts_line and slip.word in (*STATEMENTS, *PARTS.get(slip.statement, ()))):
        return None
    opened: list[Token] = []
    for token in slip.before:
        if token.type == "LPAR":
            opened.append(token)
        elif token.type == "RPAR" and opened:
            opened.pop()
        elif token.type == "CASE":
            opened.append(token)
        elif token.type == "END" and opened:
            opened.pop()
    if not opened:
        return None
    what = "a closing `)`" if opened[-1] == "(" else "`end`"
    message = f"`{opened[-1]}` is not closed before `{slip.word}`"
    return Diagnostic("S002", message, end_of(opened[-1], slip.source), what)


def too_early(slip: Slip) -> Diagnostic | None:
    if slip.kind != "$END":
        return None
    span = end_of(slip.last, slip.source) if slip.last is not None else Span(slip.source, 0, 0)
    opened = [token for token in slip.before if token in ("(", ")")]
    depth = sum(1 if token == "(" else -1 for token in opened)
    hint = "a parenthesis is not closed" if depth > 0 else None
    if any(token.type == "CASE" for token in slip.before) and "END" in slip.accepts:
        hint = "a `case` is closed with `end`"
    if slip.last is not None and slip.last.type == "AGE":
        hint = "`age` needs a day on which it is counted: `age at rt`"
    return Diagnostic("S002", "the text ends too early", span, slip.expected, hint)
