"""Landmarks: the group of a comparison as it stood on origin + T."""

from tests.spec.record import Chapter, Spec

_STUDY = """cohort everyone
    require "operated on" any surgery
cohort responders
    require "second operation" at least 2 surgery
endpoint os
    from first surgery
    until death
    last seen follow_up
let recurrences = count(recurrence)
"""
_FROM = "2010-01-01 surgery\n"


def _by(group: str, landmark: str = " landmark 31 days") -> str:
    return f"compare os in everyone by {group}{landmark}"


LANDMARK = Chapter(
    "landmark",
    (
        Spec(
            "What happened on the day of the landmark counts: 1 January + 31 days",
            _FROM + "2010-02-01 recurrence",
            _by("(any recurrence)"),
            True,
            _STUDY,
        ),
        Spec(
            "What happened a day later does not count",
            _FROM + "2010-02-02 recurrence",
            _by("(any recurrence)"),
            False,
            _STUDY,
        ),
        Spec(
            "Without a landmark the group reads the whole future",
            _FROM + "2010-02-02 recurrence",
            _by("(any recurrence)", ""),
            True,
            _STUDY,
        ),
        Spec(
            "A cohort as the group is the cohort as it stood then",
            _FROM + "2010-02-02 surgery",
            _by("responders"),
            False,
            _STUDY,
        ),
        Spec(
            "A named value as the group is the value as it stood then",
            _FROM + "2010-01-15 recurrence\n2010-02-15 recurrence",
            _by("(recurrences = 1)"),
            True,
            _STUDY,
        ),
        Spec(
            "An endpoint in the group is the endpoint as it stood then",
            _FROM + "2010-02-15 death",
            _by("os.happened"),
            False,
            _STUDY,
        ),
        Spec(
            "An end after the landmark is missing in the group",
            _FROM + "2010-01-15 to 2010-03-15 chemotherapy",
            _by("(any chemotherapy where end is known)"),
            False,
            _STUDY,
        ),
        Spec(
            "A landmark in months follows the calendar: 31 January + 1 month is 28 February",
            "2010-01-31 surgery\n2010-03-01 recurrence",
            _by("(any recurrence)", " landmark 1 month"),
            False,
            _STUDY,
        ),
        Spec(
            "A cut-off before the landmark hides what follows it",
            _FROM + "2010-01-20 recurrence",
            _by("(any recurrence)"),
            False,
            "cutoff 2010-01-15\n" + _STUDY,
        ),
    ),
)
