"""The page of all codes, made from the catalogue, the explanations and the first case of each code."""

from pathlib import Path

from dsl.diagnostics import CATALOGUE
from dsl.explanations import EXPLANATIONS
from tests.diagnostics import corpus

PAGE = Path(__file__).parents[2] / "docs" / "diagnostics.md"

_HEAD = """\
# Diagnostics

What `timeline check` can say of a query, code by code. Made from the catalogue and its test cases by
`python -m tests.diagnostics.rewrite`; a test fails when it is out of step.

The letter says what is wrong: **S** the text does not follow the grammar, **N** a name leads nowhere or to two places,
**T** the types do not fit, **D** a definition is not whole. **L** is well formed, and yet not what a study should do:
those are described in the pages of the lint. The exit code of `timeline check` is 2 with errors, 0 without; with
`--strict` it is 1 for warnings alone.
"""
_NOTE = """\
The examples may `use base`, which holds:

```
{base}```
"""


def page() -> str:
    first = {case.code: case for case in reversed(list(corpus.cases()))}
    parts = [_HEAD, _NOTE.format(base=corpus.BASE)]
    for code, kind in CATALOGUE.items():
        if code.startswith(corpus.LINT):
            continue
        case = first[code]
        shown = f"```\n{case.program.rstrip()}\n```\n\n```\n{case.expected}\n```\n"
        parts.append(f"## {code}: {kind.title}\n\n{EXPLANATIONS[code]}\n\n{shown}")
    return "\n".join(parts)
