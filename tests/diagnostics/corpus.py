"""The bad programs and what they are told: `cases/CODE.txt`, one file a code, read and written here.

A case is a program, a line of three dashes, and the message in full; a line of equals signs stands between cases. A
program that says `use base` gets `BASE`; a comment `# set NAME = VALUE` gives a parameter from outside. To write the
messages anew, on purpose: `python -m tests.diagnostics.rewrite`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dsl
from dsl.diagnostics import Diagnostic, render
from dsl.source import Source
from timeline.library import Library

CASES = Path(__file__).with_name("cases")
BETWEEN = "\n" + "=" * 80 + "\n"
DIVIDER = "\n---\n"
LINT = "L"
_GIVEN = re.compile(r"^# set (\w+) = (.*)$", re.MULTILINE)

BASE = """\
use oncology
let rt = first radiotherapy
let clearance = last surgery where intent = curative
cohort enrolled "Enrolled" index rt
endpoint os "Overall survival" from rt until death last seen follow_up
"""
FILES = {
    "base": BASE,
    "here": "use there\n",
    "there": "use here\n",
    "broken": "let treated = any surgery where site == liver\n",
}


class Files:
    """The files that cases can use; beyond them, the standard library."""

    library = Library()

    def __call__(self, path: str, user: Source) -> Source | None:
        if path in FILES:
            return Source(FILES[path], f"{path}.tql")
        return self.library(path, user)

    def names(self, user: Source) -> list[str]:
        return ["base", "oncology"]


@dataclass(frozen=True)
class Case:
    code: str
    number: int
    program: str
    expected: str

    @property
    def title(self) -> str:
        return f"{self.code}-{self.number}"


def cases() -> Iterator[Case]:
    for file in sorted(CASES.glob("*.txt")):
        for number, text in enumerate(file.read_text(encoding="utf-8").split(BETWEEN), start=1):
            program, _, expected = text.partition(DIVIDER)
            yield Case(file.stem, number, program, expected.rstrip("\n"))


def diagnostics(case: Case) -> list[Diagnostic]:
    """What a case is told; findings of the lint only where the case is about one."""
    given = {name: value.strip() for name, value in _GIVEN.findall(case.program)}
    found = dsl.check(Source(case.program, "study.tql"), load=Files(), parameters=given).diagnostics
    return [one for one in found if case.code.startswith(LINT) or not one.code.startswith(LINT)]


def message(case: Case) -> str:
    return "\n\n".join(render(one) for one in diagnostics(case))


def rewrite() -> None:
    """Write the message of every case as it is now."""
    written: dict[str, list[str]] = {}
    for case in cases():
        written.setdefault(case.code, []).append(f"{case.program}{DIVIDER}{message(case)}")
    for code, texts in written.items():
        (CASES / f"{code}.txt").write_text(BETWEEN.join(texts) + "\n", encoding="utf-8")
