"""Habits from prose, SQL, R and SAS that more than one word gives away."""

import re

from dsl.advice.slip import WINDOW_STARTS, Slip, accepted_words, end_of
from dsl.advice.words import FOREIGN
from dsl.diagnostics import Diagnostic, nearest

_QUANTITIES = ("if", "more", "fewer", "less", "exactly", "exists", "every", "none")


def foreign_before(slip: Slip) -> Diagnostic | None:
    """`more than 2 surgery`, `if any death then …`: the word before is the foreign one."""
    if slip.last is None or slip.last.type != "NAME" or slip.last not in _QUANTITIES:
        return None
    span = end_of(slip.last, slip.source)
    return Diagnostic("S001", f"`{slip.last}` is not a word of the language", span, hint=FOREIGN[str(slip.last)])


_BEFORE_VALUES = {
    *("EQUAL", "OPERATOR", "AND", "OR", "NOT", "LPAR", "COMMA", "STRING", "REQUIRE", "EXCLUDE", "INDEX", "FROM"),
    *("UNTIL", "COMPETING", "CENSOR", "SEEN", "FLAG"),
}
_STARTS = ("first", "last", "only", "nth", "any", "all", "not", "count", "courses", "case")


def misspelt_before(slip: Slip) -> Diagnostic | None:
    """`frist surgery`: a keyword that takes what follows was read as a name."""
    last = slip.last
    if last is None or last.type != "NAME" or len(slip.before) < 2 or slip.before[-2].type not in _BEFORE_VALUES:
        return None
    near = nearest(str(last), _STARTS)
    if near is None or abs(len(near) - len(last)) > 1 or slip.starts_line:
        return None
    return Diagnostic("S001", f"`{last}` is not a keyword", end_of(last, slip.source), hint=f"did you mean `{near}`?")


_WINDOWS = {
    **dict.fromkeys(["since", "from"], "on or after"),
    **dict.fromkeys(["following", "behind", "later", "post"], "after"),
    **dict.fromkeys(["until", "till", "upto"], "on or before"),
    **dict.fromkeys(["preceding", "prior", "earlier", "pre"], "before"),
    **dict.fromkeys(["during", "while"], "between A and B"),
}


def window_word(slip: Slip) -> Diagnostic | None:
    """`first recurrence since clearance`"""
    known = _WINDOWS.get(slip.word.lower())
    source = slip.before[-2].type if len(slip.before) > 1 else ""
    narrowed = slip.accepts >= WINDOW_STARTS or source in ("FIRST", "LAST", "ONLY", "ANY", "NO", "INTEGER")
    if known is None or slip.starts_line or not narrowed:
        return None
    return slip.says(f"`{slip.word}` is not a window", hint=f"write `{known}{'' if known.endswith('B') else ' …'}`")


def moved_day(slip: Slip) -> Diagnostic | None:
    """`3 months after rt`"""
    if slip.kind not in ("AFTER", "BEFORE") or slip.last is None or slip.last.type != "DURATION_UNIT":
        return None
    anchor = re.match(r"\w+\s+([^\W\d]\w*)", slip.rest)
    sign = "+" if slip.kind == "AFTER" else "-"
    shown = f"{anchor.group(1) if anchor else 'EVENT'}.start {sign} {slip.before[-2]} {slip.last}"
    return slip.says("a day is moved by adding to it", hint=f"write `{shown}`")


def union_without_parentheses(slip: Slip) -> Diagnostic | None:
    """`first surgery or recurrence`"""
    other = re.match(r"or\s+([^\W\d]\w*)", slip.rest)
    if other is None or len(slip.before) < 3 or slip.last is None or slip.last.type != "NAME":
        return None
    if slip.before[-2].type not in ("FIRST", "LAST", "ONLY"):
        return None
    hint = f"write `{slip.before[-2]} ({slip.last} or {other.group(1)})`"
    return slip.says("streams are united in parentheses", hint=hint)


def condition_behind_call(slip: Slip) -> Diagnostic | None:
    """`count(surgery) where site = liver`"""
    if slip.kind not in {"WHERE", *WINDOW_STARTS} or slip.last != ")" or slip.statement in ("estimate", "compare"):
        return None
    depth = 0
    for index in range(len(slip.before) - 1, 0, -1):
        depth += (slip.before[index] == ")") - (slip.before[index] == "(")
        if depth == 0:
            function = slip.before[index - 1]
            if function.type != "NAME":
                return None
            hint = f"write `{function}(… {slip.word} …)`"
            return slip.says(f"`{slip.word}` belongs inside the parentheses", hint=hint)
    return None


_DIFFERENCES = {"datediff", "date_diff", "difftime", "days_between", "months_between", "years_between", "interval"}
_STATISTICS = {"median", "mean", "min", "max", "sum", "survival", "events", "follow_up", "at_risk"}


def second_argument(slip: Slip) -> Diagnostic | None:
    """`datediff(a, b)`, `median(os, enrolled)`, `survival(os in enrolled, 5 years)`"""
    if slip.word != "," or not {"IN_NAME", "AT"} & slip.accepts:
        return None
    call = next((index for index, token in enumerate(slip.before) if token == "(" and index), None)
    function = slip.before[call - 1] if call is not None else None
    if call is None or function is None or function.type != "NAME":
        return None
    if function.lower() in _DIFFERENCES:
        hint = "subtract the earlier date: `LATER.start - EARLIER.start`"
        return slip.says("the time between two dates is their difference", hint=hint)
    inside = slip.source.text[(slip.before[call].end_pos or 0) : slip.offset]
    other = re.match(r",\s*([^)\n]+)\)", slip.rest)
    if other is None:
        return None
    if "AT" in slip.accepts and re.match(r"[\d.]+\s*[^\W\d]", other.group(1)):
        return slip.says("a time follows `at`", hint=f"write `{function}({inside} at {other.group(1)})`")
    if "IN_NAME" in slip.accepts and function in _STATISTICS and other.group(1).isidentifier():
        return slip.says("a cohort follows `in`", hint=f"write `{function}({inside} in {other.group(1)})`")
    return None


def missing_test(slip: Slip) -> Diagnostic | None:
    """`is.na(rt.end)`"""
    if slip.word != "(" or [str(token) for token in slip.before[-3:]] not in (["is", ".", "na"], ["is", ".", "null"]):
        return None
    return slip.says("whether a value is there is asked behind it", hint="write `… is missing` or `… is known`")


def negated_code(slip: Slip) -> Diagnostic | None:
    """`site not liver`"""
    if slip.last != "not" or slip.accepts != {"IN_LIST"}:
        return None
    return slip.says(f"`not` cannot be followed by `{slip.word}`", hint=f"write `!= {slip.word}`, or `not in (…)`")


def defined_with_equals(slip: Slip) -> Diagnostic | None:
    """`cohort c = enrolled and …`"""
    if slip.word != "=" or slip.statement not in ("cohort", "endpoint") or len(slip.before) != 2:
        return None
    parts = {"cohort": "`from COHORT` and `require CONDITION`", "endpoint": "`from EVENT` and `until EVENT`"}
    return slip.says(f"no `=` follows the name of {_A[slip.statement]}", hint=f"write {parts[slip.statement]}")


_A = {"cohort": "a cohort", "endpoint": "an endpoint"}


def outcome(slip: Slip) -> Diagnostic | None:
    """`expect os = died after 3 days`"""
    if slip.kind != "AFTER" or slip.statement not in ("test", "expect") or len(slip.before) < 2:
        return None
    if slip.before[-2].type != "OPERATOR" or slip.last is None:
        return None
    span = end_of(slip.last, slip.source)
    message = f"`{slip.last}` is not the outcome of an endpoint"
    return Diagnostic("S001", message, span, "`event`, `competing`, `censored` or `excluded`")


def one_word(slip: Slip) -> Diagnostic | None:
    """Where a single keyword can stand: `last follow_up`, `gaps of 42 days`, `courses chemotherapy`."""
    words = accepted_words(slip.accepts)
    if len(slip.accepts) != 1 or not words or slip.last is None or not slip.last.isalpha() or slip.kind == "$END":
        return None
    shown = f"{slip.last} {words[0]}{' to' if words[0] == 'up' else ''}"
    return slip.says(f"`{slip.word}` does not belong here", hint=f"write `{shown} …`")


def joined_windows(slip: Slip) -> Diagnostic | None:
    """`recurrence after clearance and before death`"""
    if slip.kind != "AND" or not re.match(r"and\s+(before|after|on|within)\b", slip.rest):
        return None
    return slip.says("windows stand side by side", hint="leave out `and`")


def then(slip: Slip) -> Diagnostic | None:
    """`case when x: …`, `case when x -> …`"""
    if "THEN" not in slip.accepts or slip.word not in (":", "-", "=", ",", ">"):
        return None
    return slip.says("the value of a branch follows `then`", hint="write `when CONDITION then VALUE`")


def nothing_shown(slip: Slip) -> Diagnostic | None:
    """`table enrolled by arm age at rt`"""
    if slip.statement != "table" or "SHOW" not in slip.accepts or slip.kind in ("$END", "WHERE") or slip.starts_line:
        return None
    return slip.says("what a table shows follows `show`", hint=f"write `show {slip.word} …`")


def file_name(slip: Slip) -> Diagnostic | None:
    """`use oncology.tql`, `use endpoints.os`"""
    if slip.word != "." or slip.statement != "use" or slip.last is None:
        return None
    ending = re.match(r"\.(\w+)", slip.rest)
    if ending is None:
        return None
    path = str(slip.last) if ending.group(1) == "tql" else f"{slip.last}/{ending.group(1)}"
    return slip.says("a file is named without its ending, folders with `/`", hint=f"write `use {path}`")


def equals_behind_keyword(slip: Slip) -> Diagnostic | None:
    """`cutoff = 2010-12-31`"""
    if slip.word != "=" or slip.statement not in ("cutoff", "known") or len(slip.before) > 2:
        return None
    return slip.says("nothing stands between a keyword and its value", hint="leave out `=`")


def label_before_name(slip: Slip) -> Diagnostic | None:
    """`cohort "Adults" adults`"""
    if slip.kind != "STRING" or len(slip.before) != 1 or slip.accepts != {"NAME"}:
        return None
    return slip.says("the name comes before the label", hint=f"write `{slip.last} NAME {slip.word}`")


def label_with_colon(slip: Slip) -> Diagnostic | None:
    """`require adult: …`"""
    if slip.word != ":" or len(slip.before) < 2 or slip.before[-2] not in ("require", "exclude") or slip.last is None:
        return None
    hint = f'write `{slip.before[-2]} "{slip.last}" …`'
    return slip.says("a label stands in double quotes, without a colon", hint=hint)
