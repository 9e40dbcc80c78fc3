"""Words that are misspelt, foreign, in capitals, reserved or one too many."""

import re

from dsl.advice.keywords import PARTS, RESERVED, STATEMENTS
from dsl.advice.slip import CONDITION_STARTS, VALUE_STARTS, WORD, Slip, accepted_words, end_of
from dsl.diagnostics import Diagnostic, listing, nearest

FOREIGN = {
    "select": "patients are chosen with `cohort`, events with `first`, `last` or `where`",
    "with": "name a part with `let NAME = …`",
    "having": "write `require`",
    "join": "no join is needed: name an event and take its attributes, as in `rt.start`",
    "order": "events are in order of their dates; take `first`, `last` or `nth 2`",
    "limit": "take `first`, `last` or `nth 2`",
    "group": "groups are given to an analysis: `compare os in enrolled by arm`",
    "data": "events are in the store; choose patients with `cohort`",
    "set": "write `let NAME = …`",
    "proc": "write `estimate`, `compare` or `table`",
    "library": "write `use`",
    "import": "write `use`",
    "include": "write `use`",
    "def": "write `let NAME = …`",
    "define": "write `let NAME = …`",
    "var": "write `let NAME = …`",
    "function": "write `let NAME = …`",
    "if": "write `case when CONDITION then VALUE else VALUE end`",
    "elif": "write a further `when CONDITION then VALUE`",
    "elseif": "write a further `when CONDITION then VALUE`",
    "second": "write `nth 2 …`",
    "third": "write `nth 3 …`",
    "exists": "write `any …`",
    "every": "write `all … have …`",
    "none": "write `no …`",
    "more": "write `at least 3 EVENT`, or `count(EVENT) > 2`",
    "fewer": "write `at most 2 EVENT`, or `count(EVENT) < 3`",
    "less": "write `at most 2 EVENT`, or `count(EVENT) < 3`",
    "exactly": "write `count(EVENT) = 2`",
    "contains": "texts and codes are compared whole: `= …` or `in (…)`",
    "like": "texts and codes are compared whole: `= …` or `in (…)`",
    "matches": "texts and codes are compared whole: `= …` or `in (…)`",
    "to": "write `until` for the end of an endpoint, `between A and B` for a window",
    "latest": "write `last …`",
    "earliest": "write `first …`",
    "survfit": "write `estimate ENDPOINT in COHORT`",
    "coxph": "write `compare ENDPOINT in COHORT by VALUE`",
    "null": "a value that is not there is `missing`: `… is missing`",
    "assert": "write `expect`",
    "analyse": "write `estimate`, `compare` or `incidence`",
    "analyze": "write `estimate`, `compare` or `incidence`",
    "plot": "write `estimate` or `compare`",
    "population": "write `cohort`",
    "outcome": "write `endpoint`",
    "filter": "write `require` for patients, `where` for events",
    "inclusion": "write `require`",
    "include_if": "write `require`",
    "exclusion": "write `exclude`",
    "origin": "write `from`",
    "start": "write `from`",
    "censoring": "write `censor`",
    "followup": "write `last seen`",
}


def capitals(slip: Slip) -> Diagnostic | None:
    if not WORD.fullmatch(slip.word) or slip.word == slip.word.lower():
        return None
    small = slip.word.lower()
    if small in accepted_words(slip.accepts) or (small in PARTS.get(slip.statement, ())):
        return slip.says(
            f"`{slip.word}` does not belong here", hint=f"keywords are written in small letters: `{small}`"
        )
    return None


def capital_before(slip: Slip) -> Diagnostic | None:
    """A keyword in capitals that was read as a name, as in `NOT any surgery`."""
    last = slip.last
    if last is None or last.type != "NAME" or last == last.lower() or last.lower() not in RESERVED:
        return None
    span = end_of(last, slip.source)
    hint = f"keywords are written in small letters: `{last.lower()}`"
    return Diagnostic("S001", f"`{last}` does not belong here", span, None, hint)


FOREIGN_PARTS = {
    "cohort": {
        **dict.fromkeys(["include", "includes", "inclusion", "keep", "criterion", "having", "filter"], "require"),
        **dict.fromkeys(["excludes", "exclusion", "drop", "remove", "without", "except"], "exclude"),
        **dict.fromkeys(["base", "of", "subset", "among"], "from"),
        **dict.fromkeys(["start", "origin", "entry", "baseline", "time_zero"], "index"),
    },
    "endpoint": {
        **dict.fromkeys(["start", "origin", "since", "begin", "baseline", "index"], "from"),
        **dict.fromkeys(["end", "to", "till", "stop", "outcome", "failure"], "until"),
        **dict.fromkeys(["censored", "censoring", "censors"], "censor"),
        **dict.fromkeys(["compete", "competes", "versus"], "competing"),
        **dict.fromkeys(["followup", "follow", "lastseen", "seen"], "last seen"),
    },
}


def foreign_part(slip: Slip) -> Diagnostic | None:
    """What a part of a cohort or of an endpoint is called elsewhere: `include`, `origin`, `to`."""
    meant = FOREIGN_PARTS.get(slip.statement, {}).get(slip.word.lower())
    if meant is None or meant.split()[0].upper() not in slip.accepts:
        return None
    return slip.says(f"`{slip.word}` is not a part of {_WITH_ARTICLE[slip.statement]}", hint=f"write `{meant}`")


_WITH_ARTICLE = {"cohort": "a cohort", "endpoint": "an endpoint"}


def keyword(slip: Slip) -> Diagnostic | None:
    """A word that is nearly a keyword which could stand there."""
    if not WORD.fullmatch(slip.word) or slip.kind not in ("NAME", "MEMBER"):
        return None
    candidates = accepted_words(slip.accepts)
    if not slip.starts_line:
        candidates = [word for word in candidates if word not in STATEMENTS]
    elif "$END" in slip.accepts:
        candidates = [*STATEMENTS, *PARTS.get(slip.statement, ()), *candidates]
    joined = slip.word.replace("_", "")
    if joined == "lastseen" and "LAST" in slip.accepts:
        return slip.says(f"`{slip.word}` does not belong here", hint="write `last seen`")
    near = nearest(slip.word, candidates)
    foreign = FOREIGN.get(slip.word.lower())
    if foreign is not None and (near is None or len(slip.word) < 7):
        return slip.says(f"`{slip.word}` is not a word of the language", hint=foreign)
    if near is not None and len(slip.word) > 1:
        return slip.says(f"`{slip.word}` does not belong here", hint=f"did you mean `{near}`?")
    return None


def keyword_as_name(slip: Slip) -> Diagnostic | None:
    """A keyword that was read as a name, since a value was needed: what follows it shows that it was none."""
    last = slip.last
    if last is None or last.type != "NAME" or str(last) not in RESERVED or len(slip.before) < 2:
        return None
    span = end_of(last, slip.source)
    if slip.restart is not None:
        before = end_of(slip.before[-2], slip.source)
        return Diagnostic("S002", f"this is not complete: `{last}` follows", before, "a value or a name")
    if str(slip.before[-2]) == ",":
        return Diagnostic("S001", f"`{last}` does not belong here", span, hint="leave out the comma before it")
    if str(last) in ("first", "last", "only", "nth", "any", "no", "all", "at", "courses", "case"):
        return Diagnostic(
            "S009", f"`{last} …` cannot stand here", span, hint="give it a name with `let`, or parentheses"
        )
    return Diagnostic("S001", f"`{last}` does not belong here", span, "a value or a name")


def name_expected(slip: Slip) -> Diagnostic | None:
    """`let a first surgery`, `let a-b = 3`, `let 3a = 3`"""
    last = slip.last
    if last is None:
        return None
    if slip.accepts == {"EQUAL"}:
        if slip.word in "-./:":
            tail = re.match(r"[-./:]\s*(\w+)", slip.rest)
            name = f"{last}_{tail.group(1)}" if tail else f"{last}"
            return slip.says(f"`{slip.word}` cannot stand in a name", hint=f"write `{name}`", code="S003")
        return slip.says(f"`{slip.word}` does not belong here", hint=f"write `{slip.statement} {last} = …`")
    if "NAME" in slip.accepts and slip.kind == "INTEGER" and last in (*STATEMENTS, "in"):
        return slip.says("a name starts with a letter", code="S003")
    return None


def no_statement(slip: Slip) -> Diagnostic | None:
    if slip.statement or slip.kind == "$END":
        return None
    if slip.word in _OPTIONS:
        message = f"`{slip.word}` belongs to an analysis"
        return Diagnostic("S001", message, slip.span, None, f"write `{_OPTIONS[slip.word]}`")
    return Diagnostic("S001", f"`{slip.word}` starts no statement", slip.span, f"one of {listing(STATEMENTS, 99)}")


_OPTIONS = {
    "landmark": "compare … landmark 6 months",
    "acknowledge": 'compare … acknowledge immortal_time "why"',
    "by": "compare ENDPOINT in COHORT by VALUE",
    "at": "estimate ENDPOINT in COHORT at 5 years",
}


def reserved(slip: Slip) -> Diagnostic | None:
    """A keyword where a name is needed."""
    if slip.last is None or not WORD.fullmatch(slip.word) or slip.kind in ("NAME", "MEMBER", "OUTCOME"):
        return None
    if slip.word in STATEMENTS and slip.starts_line:
        return Diagnostic(
            "S002",
            f"the statement before `{slip.word}` is not complete",
            end_of(slip.last, slip.source),
            slip.expected,
        )
    if slip.word in PARTS.get(slip.statement, ()) and slip.starts_line:
        message = f"the part before `{slip.word}` is not complete"
        return Diagnostic("S002", message, end_of(slip.last, slip.source), slip.expected)
    names = {"NAME", "MEMBER"} & slip.accepts
    if names and slip.accepts <= {"NAME", "MEMBER", "PATH", "STRING", "INTEGER"}:
        hint = f"take another name, such as `{slip.word}_`" if slip.last in ("let", "cohort", "endpoint") else None
        return slip.says(f"`{slip.word}` is a reserved word", hint=hint, code="S008")
    return None


def function(slip: Slip) -> Diagnostic | None:
    """`count surgery`"""
    functions = ("count", "sum", "mean", "min", "max", "distinct", "median", "share")
    if slip.last is None or slip.last.type != "NAME" or slip.last not in functions or slip.kind != "NAME":
        return None
    return slip.says(f"`{slip.word}` does not belong here", hint=f"write `{slip.last}({slip.word})`")


def text_match(slip: Slip) -> Diagnostic | None:
    if slip.kind != "LIKE":
        return None
    return slip.says("texts cannot be searched", hint=FOREIGN["like"])


def two_words(slip: Slip) -> Diagnostic | None:
    """Two values side by side."""
    if slip.last is None or slip.last.type not in ("NAME", "MEMBER") or not WORD.match(slip.word):
        return None
    foreign = FOREIGN.get(slip.last.lower()) if slip.last.type == "NAME" else None
    if foreign is not None:
        span = end_of(slip.last, slip.source)
        return slip.says(f"`{slip.last}` is not a word of the language", span=span, hint=foreign)
    if slip.word == "up" and slip.last == "follow":
        return slip.says("`up` does not belong here", hint="a name is one word: `follow_up`")
    if not {"ADD", "COMMA", "OPERATOR"} & slip.accepts or slip.kind == "IN_NAME" or slip.starts_line:
        return None
    if slip.kind not in ("NAME", "AGE", "COURSES", "UP", *VALUE_STARTS, *CONDITION_STARTS):
        return None
    if len(slip.before) > 1 and slip.before[-2] in ("require", "exclude"):
        hint = f'a label stands in double quotes: `{slip.before[-2]} "{slip.last}" …`'
    elif slip.kind == "NAME":
        hint = f"a name is one word: `{slip.last}_{slip.word}`; between two values stands an operator or a comma"
    else:
        hint = "between two values stands an operator"
    return slip.says(f"`{slip.word}` does not belong here", hint=hint)
