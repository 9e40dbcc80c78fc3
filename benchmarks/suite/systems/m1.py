"""What the M1 study asks, for the systems that have no language for it: cohorts as chains of conditions, and analyses.

Each system works out one row a patient with the columns named here; the counting of combinations is its own, too. What
is left is done here for all of them, on tables of a few rows, and by `estimates`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

COHORTS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "enrolled": (None, ("treated", "registered")),
    "eligible": ("enrolled", ("adenocarcinoma", "metastatic", "adult")),
    "all_sites": ("enrolled", ("primary_resected", "liver_treated", "lung_treated")),
    "radical": ("all_sites", ("free_margins",)),
    "resected": ("enrolled", ("resected",)),
    "operated": ("enrolled", ("operated",)),
    "six_cycles": ("operated", ("six_cycles",)),
    "relapsed": ("radical", ("relapsed",)),
    "relapsed_distant": ("relapsed", ("distant",)),
    "cleared_distant": ("relapsed_distant", ("cleared_again",)),
    "survivors": ("enrolled", ("alive",)),
}
"""Each cohort with the cohort that it is drawn from and its conditions, in their order."""

CONDITIONS = tuple(name for _, conditions in COHORTS.values() for name in conditions)


def attrition(combinations: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Attrition from how many patients have each combination of truth values of `CONDITIONS`, the count last."""
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for *values, count in combinations:
        truth = dict(zip(CONDITIONS, values, strict=True))
        members: dict[str, bool] = {}
        for cohort, (base, conditions) in COHORTS.items():
            steps = [truth[name] for name in conditions]
            if base is not None:
                steps.insert(0, members[base])
            inside = True
            for number, step in enumerate(steps, 1):
                row = rows.setdefault(
                    (cohort, number), {"cohort": cohort, "step": number, "remaining": 0, "fell": 0, "unknown": 0}
                )
                if inside and step is not True:
                    row["fell"] += count
                    row["unknown"] += count if step is None else 0
                inside = inside and step is True
                row["remaining"] += count if inside else 0
            members[cohort] = inside
    return list(rows.values())


class Analysis(NamedTuple):
    """An estimate of an endpoint in a cohort; `by` compares two groups, `causes` are those of competing events.

    `time` is the stem of the columns that hold the endpoint's time and cause.
    """

    name: str
    time: str
    cohort: str
    at: tuple[float, ...] = ()
    by: str | None = None
    causes: tuple[str, ...] = ()


_YEAR = 365.25

ANALYSES = (
    Analysis("os in enrolled", "os", "enrolled", (2 * _YEAR, 5 * _YEAR)),
    Analysis("os in enrolled by radical", "os", "enrolled", (2 * _YEAR, 5 * _YEAR), by="radical"),
    Analysis("rfs in all_sites", "rfs", "all_sites", (_YEAR, 2 * _YEAR, 5 * _YEAR)),
    Analysis("rfs in all_sites by pcr", "rfs", "all_sites", by="pcr"),
    Analysis("followed in enrolled", "followed", "enrolled"),
    Analysis("os_from_clearance in radical", "clearance", "radical", (_YEAR, 2 * _YEAR, 5 * _YEAR)),
    Analysis("os_from_relapse in relapsed", "relapse", "relapsed", (_YEAR, 2 * _YEAR)),
    Analysis(
        "relapse_or_death in all_sites",
        "rfs",
        "all_sites",
        (_YEAR, 2 * _YEAR, 5 * _YEAR),
        causes=("recurrence or progression", "death without recurrence"),
    ),
    Analysis(
        "second_relapse in cleared_distant",
        "second",
        "cleared_distant",
        (_YEAR, 2 * _YEAR),
        causes=("second recurrence", "death without a second recurrence"),
    ),
)

NUMBERS = {"age": "age", "radiotherapy to chemotherapy": "rt_to_ct"}
LEVELS = {"sex": "sex", "stage": "stage", "sites": "sites"}
"""What Table 1 summarises and what it counts, with the columns."""

GRADES = {False: ("1",), True: ("1", "2")}
"""Which grades are a complete response: as the study has it, and after the change of W8."""


def members(cohort: str) -> tuple[str, ...]:
    """All conditions that a member of a cohort meets."""
    base, conditions = COHORTS[cohort]
    return conditions if base is None else (*members(base), *conditions)
