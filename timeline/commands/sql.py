"""`timeline sql`: a definition as SQL, to read or to run elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from timeline.commands.base import Command, load_query
from timeline.errors import QueryError

DIALECTS: Final = ("duckdb", "spark", "postgres", "trino")
LONGEST_NAME: Final = {"postgres": 63}
"""Bytes of a name beyond which an engine cuts it off, so that two names could become one."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", type=Path, metavar="QUERY", help="a query file")
    parser.add_argument("name", metavar="NAME", help="a cohort, an endpoint or a let")
    parser.add_argument("--dialect", choices=DIALECTS, default="duckdb", help="whose SQL it is (default: %(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")


def _run(options: argparse.Namespace) -> int:
    from timeline.commands.names import require_definition

    study = load_query(options.query, options.set).program
    require_definition(study, options.name, str(options.query))

    from sqlglot import exp

    from dsl.sql import compile_study

    compiled = compile_study(study.asking(), options.dialect, names=[options.name])
    longest = LONGEST_NAME.get(options.dialect)
    if longest is not None:
        names = {name.name for name in compiled.query.find_all(exp.Identifier)}
        too_long = sorted(name for name in names if len(name.encode()) > longest)
        if too_long:
            raise QueryError(
                f"{options.dialect} cuts names after {longest} bytes, and the SQL needs {too_long[0]}.",
                hint="Give the definitions shorter names.",
            )
    print(f"{compiled.sql(pretty=True)};")
    return 0


COMMAND = Command(
    "sql",
    "Print the SQL of a cohort, an endpoint or a let",
    "It reads views of the log: one an event type, in the schema log, and log.patients. Each step is named after "
    "the definition it stands for.",
    "  timeline sql queries/m1.tql rfs\n  timeline sql queries/m1.tql radical --dialect spark",
    _arguments,
    _run,
)
