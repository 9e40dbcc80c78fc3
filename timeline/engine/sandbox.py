"""A DuckDB connection that can read the store's files and nothing else, and the check that a text is one SELECT.

DuckDB calls a statement a SELECT also where one of its common table expressions writes a file or changes a table, so
its own parser's tree is looked through: selecting nodes only, and of table functions only those that read nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb

from timeline.errors import EngineError

_SELECTING: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_TABLE_FUNCTIONS: Final = frozenset({"range", "generate_series", "unnest"})

_NOT_ONE: Final = "The engine runs one statement at a time, and received {}."

MEMORY: Final = "70%"
"""Of the machine's memory, beyond which a query uses its temporary folder."""

# Compiled studies are chains of a hundred steps that each add columns to the one before. Pulling projections up through
# such a chain takes half of the time that planning a study takes, and gains nothing at a million patients.
_IDLE_OPTIMIZERS: Final = "projection_pullup"

SMALL: Final = 20_000
"""Entries of a log up to which planning a study well takes longer than running it as it is written: with 1,800 entries
the optimizers save nothing, with a million they save two thirds of the time."""

_CLOSED: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    # A name in a query must never be taken for a variable of the program that runs it.
    "python_enable_replacements": "false",
}


def connect(entries: int) -> duckdb.DuckDBPyConnection:
    """A database in memory that loads no extension and sees nothing of the program; for a log of so many entries."""
    connection = duckdb.connect(config=_CLOSED)
    if entries <= SMALL:
        connection.execute("PRAGMA disable_optimizer")
    else:
        connection.execute("SET disabled_optimizers = ?", [_IDLE_OPTIMIZERS])
    return connection


def confine(connection: duckdb.DuckDBPyConnection, readable: Path, temporary: Path, memory_limit: str) -> None:
    """From here on the connection reads files in `readable` only, spills to `temporary`, and stays so."""
    connection.execute("SET memory_limit = ?", [memory_limit])
    connection.execute("SET temp_directory = ?", [str(temporary)])
    connection.execute("SET allowed_directories = ?", [[str(readable)]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def require_select(connection: duckdb.DuckDBPyConnection, sql: str) -> set[tuple[str, str]]:
    """The tables that a text reads, as schema and name in small letters.

    Raises EngineError unless the text is one statement that only selects.
    """
    [[text]] = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
    tree = json.loads(text)
    if tree["error"]:
        raise EngineError(_refusal(connection, sql))
    if len(tree["statements"]) != 1:
        raise EngineError(_NOT_ONE.format(len(tree["statements"])))
    tables = set()
    for node in _nodes(tree):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in _SELECTING:
            raise EngineError(f"The engine runs SELECT statements only, and this one holds {_words(kind)}.")
        if kind == "TABLE_FUNCTION" and (name := node["function"]["function_name"]) not in _TABLE_FUNCTIONS:
            raise EngineError(f"The function {name} is not available: queries read the views of the log only.")
        if kind == "BASE_TABLE":
            tables.add((node["schema_name"].lower(), node["table_name"].lower()))
    return tables


def _refusal(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Why a text is no SELECT."""
    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        return f"The engine cannot read this query: {error}"
    if len(statements) != 1:
        return _NOT_ONE.format(len(statements))
    return "The engine runs SELECT statements only, and received another one."


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _words(kind: str) -> str:
    return f"a part that does something else ({kind.split('_')[0]})"
