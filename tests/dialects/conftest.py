"""What DuckDB gives for the study, which the other engines have to meet."""

import duckdb
import pytest

from dsl.program import Program
from dsl.sql import compile_study
from tests.dialects.log_tables import plain, statements, study

Rows = dict[str, dict[str, str]]
"""By patient: each column as plain text."""


@pytest.fixture(scope="session")
def program() -> Program:
    return study()


@pytest.fixture(scope="session")
def names(program: Program) -> list[str]:
    return [item.name for item in program.definitions]


@pytest.fixture(scope="session")
def expected(program: Program, names: list[str]) -> Rows:
    with duckdb.connect() as connection:
        for statement in statements(program, "duckdb"):
            connection.execute(statement)
        cursor = connection.execute(compile_study(program, "duckdb", names=names).sql())
        columns = [item[0] for item in cursor.description or ()]
        rows = [dict(zip(columns, map(plain, values), strict=True)) for values in cursor.fetchall()]
    assert len(rows) == 50
    return {row["patient"]: row for row in rows}
