"""How much is generated, and from which seed: fixed where nothing else is asked for, so that two runs are the same.

`TIMELINE_EXAMPLES` gives the number of programs in each part, `TIMELINE_SEED` another beginning. A night's run:
`TIMELINE_EXAMPLES=20000 TIMELINE_SEED=7 python -m pytest tests/generative --timeout 0`.
"""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from dsl.program import Program
from tests.generative.logs import Draw, catalogues, logs
from tests.generative.programs import programs
from tests.oracle import Event

PARTS = 4
PATIENTS = 16
"""In each log, the one without events among them."""

EXAMPLES = int(os.environ.get("TIMELINE_EXAMPLES", "80"))
SEED = int(os.environ.get("TIMELINE_SEED", "0"))

REPEATABLE = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=False,
)
"""No run knows of another, and none is ended by the clock."""

Study = tuple[Program, dict[str, list[Event]]]


@st.composite
def studies(draw: Draw) -> Study:
    """A program, and a log of the event types that it knows."""
    catalog = draw(catalogues())
    return draw(programs(catalog)), draw(logs(catalog, PATIENTS))


def on_studies(part: int, examples: int, claim: Callable[[Program, dict[str, list[Event]]], None]) -> None:
    """Hold a claim against generated studies. The same part gives the same studies."""

    @seed(SEED * PARTS + part)
    @settings(REPEATABLE, max_examples=examples)
    @given(studies())
    def hold(study: Any) -> None:
        claim(*study)

    hold()
