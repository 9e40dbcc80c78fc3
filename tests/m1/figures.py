"""Every figure that the M1 paper prints or implies, recomputed from the events with pandas and lifelines alone.

`FIGURES` lists them: what was published, the definition in words, and the computation. The terms that the definitions
use are in `patients.TERMS`. Kinds: P printed, D derived or stated in words, R another reading of a printed number,
X contradicted by other printed numbers (so it must not hold).
"""

from dataclasses import dataclass

import pandas as pd

from .cohort import Cohort, Kind, Values
from .figures_recurrence import RECURRENCE_FIGURES
from .figures_survival import SURVIVAL_FIGURES
from .figures_treatment import TREATMENT_FIGURES

FIGURES = TREATMENT_FIGURES + SURVIVAL_FIGURES + RECURRENCE_FIGURES


@dataclass(frozen=True)
class Figure:
    """A published figure and what the events give for it."""

    id: str
    kind: Kind
    published: str
    definition: str
    computed: Values
    holds: bool


def compute(events: pd.DataFrame) -> dict[str, Figure]:
    """All figures by id, from events as read from the fixture's CSV.

    Edited events are welcome: what they lack makes figures fail, and never raises.
    """
    cohort = Cohort(events)
    figures = {}
    for spec in FIGURES:
        computed, holds = spec.compute(cohort)
        figures[spec.id] = Figure(spec.id, spec.kind, spec.published, spec.definition, computed, bool(holds))
    return figures
