"""The page of benchmarks shows what was measured, and names every workload and system that there is."""

from benchmarks.suite.page import PAGE, results, rewritten
from benchmarks.suite.systems import NAMES, WORKLOADS


def test_the_page_is_in_step_with_what_was_measured() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert rewritten(page, results()) == page, "call: python -m benchmarks.suite.page"


def test_the_page_says_what_each_workload_and_system_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in WORKLOADS if f"| {name} | " not in page] == []
    assert [name for name in NAMES.values() if f"| {name} | " not in page] == []
