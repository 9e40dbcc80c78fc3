"""The rules of hygiene: the code of each, its name in `acknowledge NAME "why"`, and whether only data can decide it.

Titles and severities stand in the catalogue of diagnostics; each rule has a page `docs/lint/NAME.md`.
"""

from dsl.diagnostics import CATALOGUE
from dsl.record import record


@record
class Rule:
    """`counted` rules have no warning when a study is checked: only the patients' data can tell."""

    code: str
    name: str
    counted: bool = False

    @property
    def title(self) -> str:
        return CATALOGUE[self.code].title


RULES = {
    rule.name: rule
    for rule in (
        Rule("L001", "immortal_time"),
        Rule("L002", "future_condition"),
        Rule("L003", "empty_window"),
        Rule("L004", "always_true"),
        Rule("L005", "never_true"),
        Rule("L006", "idle_censor"),
        Rule("L007", "event_before_origin"),
        Rule("L008", "unused_name"),
        Rule("L009", "tiny_group", counted=True),
        Rule("L010", "late_entry", counted=True),
    )
}
"""By name."""

UNKNOWN_FINDING, NOTHING_TO_ACKNOWLEDGE = "L011", "L012"
"""What is wrong with an acknowledgement itself."""

SMALLEST_GROUP = 5
"""Patients. A group of fewer has no stable estimate, and a log-rank p-value is an asymptotic one."""
