"""The page of benchmarks shows what was measured, and names every workload and system that there is."""

from benchmarks.suite.page import PAGE, RULES_PAGE, results, rewritten, rules
from benchmarks.suite.systems import NAMES, WORKLOADS
from benchmarks.without import RULES


def test_the_page_is_in_step_with_what_was_measured() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert rewritten(page, results()) == page, "call: python -m benchmarks.suite.page"


def test_the_page_says_what_each_workload_and_system_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in WORKLOADS if f"| {name} | " not in page] == []
    assert [name for name in NAMES.values() if f"| {name} | " not in page] == []


def test_the_page_of_rules_is_in_step_with_what_was_measured() -> None:
    page = RULES_PAGE.read_text(encoding="utf-8")
    assert rewritten(page, rules()) == page, "call: python -m benchmarks.suite.page"


def test_every_rule_is_described_and_was_measured() -> None:
    page = RULES_PAGE.read_text(encoding="utf-8")
    assert [name for name in RULES if f"### {name}\n" not in page] == []
    assert [name for name in RULES if name not in rules()["rules"]] == []
