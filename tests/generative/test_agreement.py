"""The SQL that DuckDB runs and the oracle agree on generated programs over generated logs.

A case is one thing that a program says of one patient's events: a let, a cohort, an endpoint, a comparison's group or a
shown value, with all its columns. What was compared before, the same program on the same events, is not counted again.
"""

from collections.abc import Iterator

import pytest
from hypothesis import note

from dsl.program import Program
from dsl.sql import compile_study
from tests.generative.comparison import differences
from tests.generative.settings import EXAMPLES, PARTS, on_studies
from tests.helpers import MemoryLog
from tests.oracle import Event

LEAST = 20_000
"""Cases in an ordinary run."""


@pytest.fixture(scope="module")
def log() -> Iterator[MemoryLog]:
    memory = MemoryLog()
    yield memory
    memory.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_the_sql_and_the_oracle_agree(part: int, log: MemoryLog) -> None:
    compared: dict[tuple[Program, str], int] = {}

    def agrees(study: Program, events: dict[str, list[Event]]) -> None:
        compiled = compile_study(study)
        log.load(study.catalog, events)
        found = differences(study, events, compiled, log.query(compiled.sql()))
        note("\n".join(found))
        assert not found
        for rows in events.values():
            facts = [(row.type, row.start, row.end, row.values) for row in rows]
            compared[study, repr(facts)] = len(study.definitions) + len(study.analyses)

    on_studies(part, EXAMPLES, agrees)
    assert sum(compared.values()) >= LEAST / PARTS
