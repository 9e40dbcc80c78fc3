"""Spark gives what DuckDB gives. Runs in local mode where pyspark and Java are installed."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.program import Program
from dsl.sql import compile_study
from tests.dialects.conftest import Rows
from tests.dialects.log_tables import plain, tables

pyspark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")

KINDS = {"TEXT": "STRING"}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("spark")
    found = (
        pyspark_sql.SparkSession.builder.master("local[1]")
        .config("spark.sql.warehouse.dir", str(folder))
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    yield found
    found.stop()


def test_spark_gives_what_duckdb_gives(session: Any, program: Program, names: list[str], expected: Rows) -> None:
    session.sql("CREATE DATABASE IF NOT EXISTS log")
    for name, kinds, rows in tables(program):
        schema = ", ".join(f"`{column}` {KINDS.get(kind, kind)}" for column, kind in kinds.items())
        # A store-like table in the catalogue, since compiled SQL reads `log.NAME`.
        session.createDataFrame(rows, schema).write.mode("overwrite").format("parquet").saveAsTable(f"log.{name}")
    # One definition at a time, as `timeline sql` prints them: Spark plans a whole study of this size for many minutes.
    compared = 0
    for name in names:
        compiled = compile_study(program, "spark", names=[name])
        for row in session.sql(compiled.sql(pretty=True)).collect():
            values = row.asDict()
            patient = expected[values["patient"]]
            for column, value in values.items():
                if column in patient:
                    assert plain(value) == patient[column], (values["patient"], column)
                    compared += 1
    assert compared > 50 * len(names)
