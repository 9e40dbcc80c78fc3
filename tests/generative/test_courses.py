"""The rows of models and of states are held to each patient's, in a process of its own.

Hypothesis draws constants from the modules that are loaded, so that which programs it makes would depend on the tests
that ran before. `counted_rows` makes the comparison; here the same programs come in every run.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_rows_of_models_and_of_states_are_those_of_the_patients_one_by_one() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [*command, "tests/generative/counted_rows.py"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
