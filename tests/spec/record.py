"""What one example of the reference is: a rule in a sentence, events of one patient, an expression, its value.

The events are written as a test in a study writes them. `DECLARATIONS` are the event types of all examples. Evaluating
is left to `tests.spec.engines`.
"""

from dataclasses import dataclass
from datetime import date

DECLARATIONS = """
event registration once
    sex         one of female, male
    birth_date  date of birth
event surgery
    site        one of rectum, colon, liver, lung
    intent      one of curative, palliative
    r_status    one of R0, R1, R2
    minutes     integer [min]
event chemotherapy
    regimen     text
    cycle       integer
    dose        number [mg/m2]
    reduced     boolean
    ordered     date
event recurrence
    site        one of rectum, colon, liver, lung
event death once
    cause       one of cancer, treatment, other
event follow_up
"""


@dataclass(frozen=True)
class Spec:
    """`expected` is the value of `expression`, None where it is unknown or missing; durations are in days.

    An expression that names a cohort or an endpoint has a sentence as its value: `member`, `not a member because "…"`,
    `event after 90 days as "…"`. One that starts with `compare` has the patient's group. `study` holds the statements
    that the expression refers to.
    """

    title: str
    events: str
    expression: str
    expected: bool | float | str | date | None
    study: str = ""


@dataclass(frozen=True)
class Chapter:
    """The examples of one chapter; `name` is that of its place in the reference."""

    name: str
    specs: tuple[Spec, ...]
