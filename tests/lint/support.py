"""Programs for the rules of hygiene, over the vocabulary of oncology."""

import dsl
from dsl.diagnostics import Diagnostic
from dsl.lint import Finding
from dsl.source import Source
from timeline.library import Library

STUDY = """\
use oncology
let rt        = first radiotherapy
let operation = last surgery where intent = curative
let radical   = all surgery where intent = curative have r_status = R0
cohort treated "Treated" index rt
endpoint os "Overall survival"
    from rt until death last seen follow_up
endpoint rfs "Recurrence-free survival"
    from operation until recurrence censor death last seen follow_up
"""
"""What most of the programs here start with."""


def check(text: str, start: str = STUDY) -> dsl.Checked:
    """The program that was read; it has no error but what hygiene reports."""
    checked = dsl.check(Source(start + text, "study.tql"), load=Library())
    assert [item.message for item in checked.errors if not item.code.startswith("L")] == []
    return checked


def findings(text: str, rule: str, start: str = STUDY) -> list[Finding]:
    return [item for item in check(text, start).findings if item.rule == rule]


def warnings(text: str, rule: str, start: str = STUDY) -> list[Diagnostic]:
    return [item for item in check(text, start).diagnostics if item.message.endswith(f"({rule})")]


def places(text: str, rule: str, start: str = STUDY) -> list[str]:
    """The text that each warning of a rule points at."""
    return [item.span.text for item in warnings(text, rule, start) if item.span is not None]
