"""Each rule of compilation can be turned off, which changes how an answer is computed and not the answer."""

from pathlib import Path

import pytest

from benchmarks import without
from benchmarks.rules import prepared, write
from benchmarks.suite.compare import differences
from benchmarks.suite.data import Place, make
from benchmarks.suite.outputs import workload
from benchmarks.without import RULES, Rule
from dsl.sql import compile_rows
from dsl.sql.anchor import of_members

PATIENTS = 120


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("rules"), PATIENTS)
    make(place, csv=False, meds=False)
    return place


@pytest.fixture(scope="module")
def expected(place: Place) -> dict[str, Path]:
    """Folders with what each workload gives with all rules."""
    return {}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_result_is_the_same_without(rule: Rule, place: Place, expected: dict[str, Path]) -> None:
    if rule.workload not in expected:
        expected[rule.workload] = place.root / f"with {rule.workload}"
        write(expected[rule.workload], prepared(rule.workload, place)())
    folder = place.root / f"without {rule.name}"
    with rule.off():
        write(folder, prepared(rule.workload, place)())
    assert differences(expected[rule.workload], folder) == ""


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.in_sql], ids=lambda rule: rule.name)
def test_the_sql_is_another_one_without(rule: Rule) -> None:
    before = _sql(rule)
    with rule.off():
        after = _sql(rule)
    assert after != before


def _sql(rule: Rule) -> str:
    from timeline.commands.base import load_query

    name = {without.M1_ROWS: "w4.tql", **{f"W{number}": f"w{number}.tql" for number in range(1, 5)}}.get(
        rule.workload, rule.workload
    )
    study = load_query(workload(name)).program
    anchors = of_members(study, "cleared") if name == "w2.tql" else frozenset()
    names = [item.name for item in study.definitions]
    return compile_rows(study, names, events=True, anchor=min(anchors, default=None)).sql()
