"""Who belongs to a cohort, and who of its members is in no estimate."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AttritionStep:
    """`fell` patients did not get past this step; for `unknown` of them its condition is not known.

    A step lets those pass who meet what its label says; one that is `excluding`, those who do not.
    """

    label: str
    remaining: int
    fell: int
    unknown: int
    excluding: bool = False


@dataclass(frozen=True)
class CohortResult:
    name: str
    label: str
    considered: int
    """Distinct patients in the log."""
    steps: tuple[AttritionStep, ...]
    n: int
    title: str = ""


@dataclass(frozen=True)
class LeftOut:
    """Members of the cohort who are in no estimate, by name."""

    reason: str
    patients: tuple[str, ...]
