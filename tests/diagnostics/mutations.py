"""Random and mutated texts, and what has to hold for each: diagnostics, never a traceback, never a long wait.

`python -m tests.diagnostics.mutations 200000` runs as many as one likes and tells the slowest.
"""

import gc
import random
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import dsl
from dsl.diagnostics import LanguageError, render
from dsl.format import format_text
from dsl.parser import parse
from dsl.source import Source
from tests.diagnostics import corpus

LIMIT = 10_000
"""Characters of the longest text."""

_QUERIES = Path(__file__).parents[2] / "queries"
_ODD = [
    *(
        "\x00",
        "\ufeff",
        "\u2028",
        "\u200b",
        "\u00a0",
        "é",
        "患者",
        "🩺",
        "\ud7ff",
        "\x1b[31m",
        "\r",
        "\r\n",
        "\t",
        "\f",
    ),
    *(
        '"',
        "'",
        "\\",
        '"\\',
        "#",
        "[",
        "]",
        "(",
        ")",
        "((",
        "))",
        "{",
        "==",
        "&&",
        "||",
        "<>",
        ";",
        "--",
        "//",
        "%",
        "$",
    ),
    *("99999999999999999999", "0000-00-00", "2010-02-30", "01/02/2010", "1e9", "١٢", "-", "--1", ".", "..", ".5."),
]
_WORDS = [
    *("study", "use", "event", "parameter", "let", "cutoff", "known by", "cohort", "endpoint", "rule", "estimate"),
    *("compare", "incidence", "table", "swimmer", "attrition", "expect", "test", "given", "first", "last", "nth 2"),
    *(
        "any",
        "no",
        "all",
        "have",
        "at least 2",
        "where",
        "before",
        "after",
        "within 30 days of",
        "between",
        "and",
        "or",
    ),
    *("not", "in", "is known", "case", "when", "then", "else", "end", "age at", "courses of", "with gaps up to", "as"),
    *("surgery", "death", "rt", "os", "enrolled", "site", "liver", "= 3", "a.b", "count(", ")", '"x"', "2010-01-01"),
    *("42 days", "38 %", "require", "from", "until", "censor", "competing", "last seen", "index", "=", ",", "\n", "\n"),
]


@cache
def _seeds() -> tuple[str, ...]:
    queries = [path.read_text(encoding="utf-8") for path in sorted(_QUERIES.rglob("*.tql"))]
    return (*(case.program for case in corpus.cases() if len(case.program) < 2_000), *queries)


def texts(count: int, seed: int = 2029) -> Iterator[str]:
    """As many texts, the same ones for a seed; all kinds take turns."""
    chance = random.Random(seed)
    kinds = [_mutated, _mutated, _mutated, _spliced, _salad, _noise]
    for number in range(count):
        yield kinds[number % len(kinds)](chance)[:LIMIT]


def _mutated(chance: random.Random) -> str:
    """A real text with a few words or characters changed, dropped, doubled or moved."""
    text = _piece(chance)
    for _ in range(chance.randint(1, 4)):
        place = chance.randint(0, len(text))
        stop = min(len(text), place + chance.choice([1, 1, 2, 5, 20]))
        change = chance.randrange(5)
        if change == 0:
            text = text[:place] + text[stop:]
        elif change == 1:
            text = text[:place] + chance.choice(_ODD) + text[place:]
        elif change == 2:
            text = text[:stop] + text[place:stop] + text[stop:]
        elif change == 3:
            text = text[:place] + " " + chance.choice(_WORDS) + " " + text[stop:]
        else:
            other = chance.randint(0, len(text))
            text = text[:place] + text[other : other + 30] + text[stop:]
    return text


def _piece(chance: random.Random) -> str:
    """A stretch of whole lines of a real text."""
    lines = chance.choice(_seeds()).splitlines(keepends=True) or [""]
    start = chance.randrange(len(lines))
    return "".join(lines[start : start + chance.randint(1, 12)])


def _spliced(chance: random.Random) -> str:
    one, other = _piece(chance), _piece(chance)
    return one[: chance.randint(0, len(one))] + other[chance.randint(0, len(other)) :]


def _salad(chance: random.Random) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, 60)))


def _noise(chance: random.Random) -> str:
    return "".join(
        chance.choice(_ODD)
        if chance.random() < 0.3
        else chr(chance.choice([chance.randint(1, 127), chance.randint(1, 0xD7FF)]))
        for _ in range(chance.randint(0, 80))
    )


_VOCABULARY = """\
event registration once  sex one of female, male  birth_date date of birth
event radiotherapy  target one of primary, liver  dose number [Gy]
event surgery  site one of rectum, liver, lung  intent one of curative, palliative  r_status one of R0, R1
event recurrence  site one of rectum, liver, lung  lesions integer
event follow_up  disease one of none, present
event death once
"""


class _Files(corpus.Files):
    """A small vocabulary stands for the large one: most of the time would go into reading it again and again."""

    def __call__(self, path: str, user: Source) -> Source | None:
        return Source(_VOCABULARY, "oncology.tql") if path == "oncology" else super().__call__(path, user)


def told(text: str) -> tuple[dsl.Checked, list[str]]:
    """What a text means and is told; printing is part of it."""
    checked = dsl.check(Source(text, "text.tql"), load=_Files())
    return checked, [render(one) for one in checked.diagnostics]


def laid_out(text: str) -> bool:
    """Whether a text can be laid out anew; that keeps meaning and comments, and a second time changes nothing."""
    source = Source(text, "text.tql")
    try:
        once = format_text(source)
    except LanguageError:
        return False
    assert parse(Source(once))[0] == parse(source)[0]
    assert format_text(Source(once)) == once
    assert once.count("#") == text.count("#")
    return True


def main(count: int) -> None:
    slowest = (0.0, "")
    gc.collect()
    began = time.perf_counter()
    faulty = fine = 0
    for text in texts(count, seed=7):
        start = time.process_time()
        try:
            checked, _ = told(text)
            spent = time.process_time() - start
            fine += laid_out(text)
        except Exception as error:
            print(f"{type(error).__name__}: {error}\n{text!r}")
            raise
        faulty += bool(checked.errors)
        slowest = max(slowest, (spent, text))
    took = time.perf_counter() - began
    print(f"{count} texts in {took:.0f} s: {faulty} with errors, {fine} laid out")
    print(f"the slowest was told what is wrong in {slowest[0] * 1000:.0f} ms:")
    print(repr(slowest[1][:300]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
