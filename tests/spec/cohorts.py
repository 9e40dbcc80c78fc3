"""Cohorts: who is a member, and why the others are not."""

from tests.spec.record import Chapter, Spec

_ENROLLED = """cohort enrolled
    index    first chemotherapy
    require  "adult"        age at (first chemotherapy) >= 18 years
    require  "operated on"  any surgery where intent = curative
    exclude  "palliative"   any surgery where intent = palliative"""
_ADULT = "2010-01-01 registration(birth_date: 1950-01-01)\n2010-02-01 chemotherapy\n"
_CHILD = "2010-01-01 registration(birth_date: 2000-01-01)\n2010-02-01 chemotherapy\n"
_COMPOSED = """cohort operated
    require "operated on" any surgery
cohort recurred
    require "recurred" any recurrence
cohort asked
    from"""

COHORTS = Chapter(
    "cohorts",
    (
        Spec(
            "Who meets every requirement is a member",
            _ADULT + "2010-03-01 surgery(intent: curative)",
            "enrolled",
            "member",
            _ENROLLED,
        ),
        Spec(
            "Who has no index day is no member",
            "2010-03-01 surgery(intent: curative)",
            "enrolled",
            'not a member because "index"',
            _ENROLLED,
        ),
        Spec(
            "Who fails a requirement is counted at the first that fails",
            _CHILD,
            "enrolled",
            'not a member because "adult"',
            _ENROLLED,
        ),
        Spec(
            "Who is unknown stays out, and is counted apart",
            "2010-02-01 chemotherapy\n2010-03-01 surgery(intent: curative)",
            "enrolled",
            'not a member because "adult" is unknown',
            _ENROLLED,
        ),
        Spec(
            "`exclude` keeps out whom it is true of",
            _ADULT + "2010-03-01 surgery(intent: curative)\n2010-04-01 surgery(intent: palliative)",
            "enrolled",
            'not a member because "palliative"',
            _ENROLLED,
        ),
        Spec(
            "`exclude` keeps out whom it is unknown of, counted apart",
            _ADULT + "2010-03-01 surgery(intent: curative)\n2010-04-01 surgery",
            "enrolled",
            'not a member because "palliative" is unknown',
            _ENROLLED,
        ),
        Spec("A cohort's name is a truth value", _CHILD, "not enrolled", True, _ENROLLED),
        Spec(
            "Membership is never unknown, also where a requirement is",
            "2010-02-01 chemotherapy",
            "enrolled is known",
            True,
            _ENROLLED,
        ),
        Spec(
            "`from` takes the members of another cohort",
            "2010-01-01 surgery",
            "asked",
            "member",
            f"{_COMPOSED} operated",
        ),
        Spec(
            "Who is not in the cohort of `from` falls there",
            "",
            "asked",
            'not a member because "from"',
            f"{_COMPOSED} operated",
        ),
        Spec(
            "`from a and b` is the intersection",
            "2010-01-01 surgery",
            "asked",
            'not a member because "from"',
            f"{_COMPOSED} operated and recurred",
        ),
        Spec(
            "`from a or b` is the union",
            "2010-01-01 recurrence",
            "asked",
            "member",
            f"{_COMPOSED} operated or recurred",
        ),
        Spec(
            "`from a and not b` is the difference",
            "2010-01-01 surgery",
            "asked",
            "member",
            f"{_COMPOSED} operated and not recurred",
        ),
        Spec(
            "Without `from`, members come from all patients of the log, also those without events",
            "",
            "nobody_recurred",
            "member",
            'cohort nobody_recurred\n    require "no recurrence" no recurrence',
        ),
    ),
)
