"""Every example of the reference has the value that it states, by the SQL that DuckDB runs and by the oracle."""

from collections.abc import Iterator

import pytest

from tests.helpers import MemoryLog
from tests.spec.chapters import CHAPTERS
from tests.spec.engines import asked_name, by_duckdb, by_oracle, study_of
from tests.spec.record import Spec
from tests.spec.reference import PAGE, SPECIMEN, filled, places

EXAMPLES = [
    pytest.param(spec, id=f"{chapter.name}: {spec.title}") for chapter in CHAPTERS.values() for spec in chapter.specs
]


@pytest.fixture(scope="module")
def log() -> Iterator[MemoryLog]:
    memory = MemoryLog()
    yield memory
    memory.close()


@pytest.mark.parametrize("spec", EXAMPLES)
def test_example_has_its_value(spec: Spec, log: MemoryLog) -> None:
    study, events = study_of(spec)
    name = asked_name(spec, study)
    assert by_oracle(study, events, name) == spec.expected
    assert by_duckdb(log, study, events, name) == spec.expected


def test_titles_name_one_example_each() -> None:
    titles = [spec.title for chapter in CHAPTERS.values() for spec in chapter.specs]
    assert len(set(titles)) == len(titles)


def test_the_reference_prints_every_chapter_once() -> None:
    assert sorted(places(PAGE.read_text(encoding="utf-8"))) == sorted([SPECIMEN, *CHAPTERS])


def test_the_examples_of_the_reference_are_in_step() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page) == page, "write them anew: python -m tests.spec.rewrite"
