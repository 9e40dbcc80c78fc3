"""PostgreSQL gives what DuckDB gives. A server of its own is started for the test, on a socket, and stopped."""

import csv
import io
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dsl.program import Program
from dsl.sql import compile_study
from tests.dialects.conftest import Rows
from tests.dialects.log_tables import statements


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    if found is not None:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return installed[-1].parent if installed else None


PROGRAMS = _programs()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL is not installed")


def _user() -> str | None:
    """PostgreSQL refuses to run as root: then somebody else runs it."""
    if os.geteuid() != 0:
        return None
    return next((user.pw_name for user in pwd.getpwall() if user.pw_name in ("postgres", "nobody")), None)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The folder of a running server's socket."""
    assert PROGRAMS is not None
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(PROGRAMS / program), *arguments], user=user, cwd=folder, check=True, capture_output=True, timeout=120
        )

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "tester", "--auth=trust", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield folder
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _psql(server: Path, text: str) -> str:
    done = subprocess.run(
        ["psql", "-h", str(server), "-U", "tester", "-d", "postgres", "-X", "--csv", "-q", "-v", "ON_ERROR_STOP=1"],
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_postgres_gives_what_duckdb_gives(server: Path, program: Program, names: list[str], expected: Rows) -> None:
    _psql(server, ";\n".join(statements(program, "postgres")) + ";\n")
    compiled = compile_study(program, "postgres", names=names)
    rows = list(csv.DictReader(io.StringIO(_psql(server, compiled.sql(pretty=True) + ";\n"))))
    assert len(rows) == len(expected)
    for row in rows:
        for column, value in expected[row["patient"]].items():
            assert _same(row[column], value), (row["patient"], column, row[column], value)


def _same(found: str, expected: str) -> bool:
    if expected in ("true", "false"):
        return found == expected[0]
    try:
        return found == expected or float(found) == pytest.approx(float(expected), rel=1e-8)
    except ValueError:
        return False
