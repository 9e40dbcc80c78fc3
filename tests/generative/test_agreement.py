"""The SQL that DuckDB runs and the oracle agree on generated programs over generated logs.

A case is one thing that a program says of one patient's events: a let, a cohort, an endpoint, a comparison's group or a
shown value, with all its columns. What was compared before, the same program on the same events, is not counted again.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import note

from dsl.program import Cohort, Endpoint, Program
from dsl.sql import Compiled, chain, compile_study
from dsl.sql.anchor import of_members
from dsl.sql.definitions import words_of
from tests.generative.comparison import differences
from tests.generative.settings import EXAMPLES, PARTS, on_studies
from tests.helpers import MemoryLog
from tests.oracle import Event

Rows = Mapping[str, Mapping[str, Any]]

LEAST = 20_000
"""Cases in an ordinary run."""


@pytest.fixture(scope="module")
def log() -> Iterator[MemoryLog]:
    memory = MemoryLog()
    yield memory
    memory.close()


def shortened(study: Program, log: MemoryLog, rows: Rows) -> list[str]:
    """In words: what becomes another one where columns that nothing reads, and patients who cannot be members of a
    cohort, are left out, and every column is fetched from where it is done."""
    cohorts = [item.name for item in study.definitions if isinstance(item, Cohort)]
    anchors = {name: min(of_members(study, name), default=None) for name in cohorts}
    name = next((name for name, anchor in anchors.items() if anchor is not None), study.definitions[-1].name)
    anchor = anchors.get(name)
    with patch.object(chain, "WORTH_A_JOIN", 1):
        compiled = compile_study(study, names=[name], anchor=anchor)
    short = log.query(compiled.sql())
    lost = [patient for patient, row in rows.items() if patient not in short and (anchor is None or row[name])]
    changed = [
        f"{patient} {column}: {rows[patient][column]!r}, when shortened {value!r}"
        for patient, row in short.items()
        for column, value in row.items()
        if rows[patient][column] != value
    ]
    return [*(f"{patient}: no row when shortened" for patient in lost), *changed, *divided(compiled, log, short)]


def divided(compiled: Compiled, log: MemoryLog, whole: Rows) -> list[str]:
    """In words: what becomes another one where patients are computed in three parts, each with its own query."""
    ids = sorted(log.patients)
    first, second = ids[len(ids) // 3], ids[2 * len(ids) // 3]
    parts = [log.query(compiled.sql_of(*bounds)) for bounds in ((None, first), (first, second), (second, None))]
    found = {patient: row for part in parts for patient, row in part.items()}
    twice = sum(len(part) for part in parts) - len(found)
    changed = [patient for patient in whole.keys() | found.keys() if whole.get(patient) != found.get(patient)]
    return [*(f"{patient}: another row in parts" for patient in changed), *(["rows in several parts"] if twice else [])]


def unforeseen(compiled: Compiled, rows: Rows) -> list[str]:
    """In words: which texts of endpoints are none of those that their columns may hold."""
    endpoints = (item for item in compiled.study.definitions if isinstance(item, Endpoint))
    words = {column: {None, *found} for item in endpoints for column, found in words_of(item).items()}
    return [
        f"{patient} {column}: {row[column]!r} is none of its words"
        for patient, row in rows.items()
        for column, foreseen in words.items()
        if row[column] not in foreseen
    ]


@pytest.mark.parametrize("part", range(PARTS))
def test_the_sql_and_the_oracle_agree(part: int, log: MemoryLog) -> None:
    compared: dict[tuple[Program, str], int] = {}

    def agrees(study: Program, events: dict[str, list[Event]]) -> None:
        compiled = compile_study(study, trace=True)
        log.load(study.catalog, events)
        rows = log.query(compiled.sql())
        found = differences(study, events, compiled, rows) + shortened(study, log, rows) + unforeseen(compiled, rows)
        note("\n".join(found))
        assert not found
        for rows in events.values():
            facts = [(row.type, row.start, row.end, row.values) for row in rows]
            compared[study, repr(facts)] = len(study.definitions) + len(study.analyses)

    on_studies(part, EXAMPLES, agrees)
    assert sum(compared.values()) >= LEAST / PARTS
