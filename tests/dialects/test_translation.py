"""Every definition prints in every dialect as text that the dialect's own grammar reads."""

import duckdb
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

import dsl
from dsl.program import Endpoint, LetEvent, Program
from dsl.source import Source
from dsl.sql import compile_study
from dsl.sql.dialects import DIALECTS


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_reads_back_what_is_printed_in_it(dialect: str, program: Program, names: list[str]) -> None:
    compiled = compile_study(program, dialect, names=names)
    text = compiled.query.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)
    query = sqlglot.parse_one(text, read=dialect)
    steps = [step.alias for step in query.find_all(exp.CTE)]
    assert len(set(steps)) == len(steps)
    given = {output.alias_or_name for output in query.selects}
    for item in program.definitions:
        if not isinstance(item, LetEvent):
            assert (f"{item.name}.time" if isinstance(item, Endpoint) else item.name) in given
    # What only some engines have.
    assert ("ARG_MIN_NULL" in text) == (dialect == "duckdb")
    assert ("MIN_BY(" in text) == (dialect in ("spark", "trino"))
    assert ("ARRAY_SORT(" in text) == (dialect == "spark")
    assert ("ELEMENT_AT(" in text) == (dialect == "trino")


def test_a_comment_cannot_be_left_by_what_a_label_says() -> None:
    study = dsl.compile(
        Source('event death\ncohort c "*/ SELECT 1 /* /*"\n    require "a */ b /* c" any death\n', "labels.tql")
    )
    for dialect in DIALECTS:
        text = compile_study(study, dialect, names=["c"]).sql(pretty=True)
        assert text.count("/*") == text.count("*/")
        assert "SELECT 1 /" in text
        tokens = sqlglot.tokenize(text, read=dialect)
        assert not any(token.text == "1" and tokens[number - 1].text == "SELECT" for number, token in enumerate(tokens))


def test_names_that_differ_in_case_alone_are_two_steps() -> None:
    study = dsl.compile(Source("event death\nlet a = (first death).start\nlet A = a + 1 day\n", "case.tql"))
    steps = [step.alias for step in compile_study(study, names=["A"]).query.ctes]
    assert len({step.casefold() for step in steps}) == len(steps)


TYPES = ("surgery", "chemotherapy", "imaging", "recurrence", "death")


def test_twenty_selections_on_five_event_types_scan_each_type_once_a_level() -> None:
    """Four selections of each type need nothing; four of each more come after one of the first: two levels."""
    lines = [f"event {name}\n    site one of rectum, liver" for name in TYPES]
    for name in TYPES:
        lines += [
            f"let {name}_1 = first {name}",
            f"let {name}_2 = last {name} where site = liver",
            f"let {name}_3 = first {name} after surgery_1",
            f"let {name}_4 = nth 2 {name} where site = rectum on or before death_1",
        ]
    ids = ", ".join(f"{name}_{number} is known" for name in TYPES for number in range(1, 5))
    lines.append(f"let all_of_them = {ids.replace(',', ' and')}")
    study = dsl.compile(Source("\n".join(lines), "twenty.tql"))
    selections = [f"{name}_{number}" for name in TYPES for number in range(1, 5)]
    assert len(selections) == 20
    query = compile_study(study, names=["all_of_them", *selections]).sql()
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA log")
        connection.execute("CREATE TABLE log.patients (patient TEXT)")
        for name in TYPES:
            columns = 'patient TEXT, event_id TEXT, "position" BIGINT, "start" DATE, "end" DATE, site TEXT'
            connection.execute(f"CREATE TABLE log.{name} ({columns})")
            connection.execute(f"INSERT INTO log.{name} VALUES ('p', 'e1', 1, DATE '2010-01-01', NULL, 'liver')")
        [[_, plan]] = connection.execute(f"EXPLAIN {query}").fetchall()
    levels = 2
    for name in TYPES:
        assert plan.count(f"log.{name} ") + plan.count(f"log.{name}\n") == levels, (name, plan)
