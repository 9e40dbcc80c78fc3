"""Nothing slow is loaded by the import alone."""

import subprocess
import sys

SLOW = ("duckdb", "pandas", "pyarrow", "deltalake", "lifelines", "matplotlib", "polars", "rich", "dsl")


def test_importing_the_library_loads_nothing_slow() -> None:
    code = f"import sys, timeline; print([name for name in {SLOW!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
