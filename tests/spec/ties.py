"""Ties: events that start on one day are in order of recording."""

from datetime import date

from tests.spec.record import Chapter, Spec

_SAME_DAY = "2010-03-01 surgery(site: liver)\n2010-03-01 surgery(site: colon)\n2010-03-01 surgery(site: lung)"

TIES = Chapter(
    "ties",
    (
        Spec("Of events of one day, `first` is the one recorded first", _SAME_DAY, "(first surgery).site", "liver"),
        Spec("Of events of one day, `last` is the one recorded last", _SAME_DAY, "(last surgery).site", "lung"),
        Spec("Of events of one day, `nth` counts in order of recording", _SAME_DAY, "(nth 2 surgery).site", "colon"),
        Spec(
            "Events of one day but of different types are in order of recording too",
            "2010-03-01 recurrence(site: lung)\n2010-03-01 surgery(site: liver)",
            "(last (surgery or recurrence)).site",
            "liver",
        ),
        Spec(
            "The end of an event has no part in its order",
            "2010-03-01 to 2010-03-09 surgery(site: liver)\n2010-03-01 surgery(site: colon)",
            "(last surgery).site",
            "colon",
        ),
        Spec(
            "`after E` leaves out the day of E itself",
            "2010-03-01 surgery\n2010-03-01 recurrence",
            "any recurrence after (first surgery)",
            False,
        ),
        Spec(
            "`on or after E` takes the day of E in, in whichever order they were recorded",
            "2010-03-01 recurrence\n2010-03-01 surgery",
            "(first recurrence on or after (first surgery)).start",
            date(2010, 3, 1),
        ),
        Spec(
            "An event and a course that begins with it are in the order in which the streams are written",
            "2010-03-01 surgery",
            "(last (surgery or (courses of surgery with gaps up to 0 days))).end is known",
            True,
        ),
        Spec(
            "The course comes first where it is written first",
            "2010-03-01 surgery",
            "(last ((courses of surgery with gaps up to 0 days) or surgery)).end is known",
            False,
        ),
    ),
)
