"""Cut-offs: what happened later is hidden from everything in the study."""

from datetime import date

from tests.spec.record import Chapter, Spec

_CUT = "cutoff 2010-12-31"
_OS = """cutoff 2010-12-31
endpoint os
    from first surgery
    until death
    last seen follow_up"""
_FROM = "2010-12-01 surgery\n"

CUTOFF = Chapter(
    "cutoff",
    (
        Spec("An event on the day of the cut-off is there", "2010-12-31 surgery", "any surgery", True, _CUT),
        Spec("An event a day after the cut-off is hidden", "2011-01-01 surgery", "any surgery", False, _CUT),
        Spec(
            "`last` is the last event up to the cut-off",
            "2010-03-01 surgery(site: liver)\n2011-03-01 surgery(site: lung)",
            "(last surgery).site",
            "liver",
            _CUT,
        ),
        Spec(
            "An end after the cut-off is missing",
            "2010-12-20 to 2011-01-05 chemotherapy",
            "(first chemotherapy).end",
            None,
            _CUT,
        ),
        Spec(
            "An end on the day of the cut-off is there",
            "2010-12-20 to 2010-12-31 chemotherapy",
            "(first chemotherapy).end",
            date(2010, 12, 31),
            _CUT,
        ),
        Spec(
            "An end after the cut-off is missing in a condition too",
            "2010-12-20 to 2011-01-05 chemotherapy",
            "any chemotherapy where end is known",
            False,
            _CUT,
        ),
        Spec(
            "An end after the cut-off is missing in an aggregate too",
            "2010-12-20 to 2011-01-05 chemotherapy\n2010-11-01 to 2010-11-05 chemotherapy",
            "max(end of chemotherapy)",
            date(2010, 11, 5),
            _CUT,
        ),
        Spec(
            "An end after the cut-off is missing in a course too: its last day is the start",
            "2010-12-20 to 2011-01-05 chemotherapy",
            "(first (courses of chemotherapy with gaps up to 1 day)).end",
            date(2010, 12, 20),
            _CUT,
        ),
        Spec(
            "An event on the day of the cut-off ends the time: 30 days",
            _FROM + "2010-12-31 death",
            "os",
            'event after 30 days as "death"',
            _OS,
        ),
        Spec(
            "Who has the event after the cut-off is censored on that day",
            _FROM + "2011-02-01 death",
            "os",
            'censored after 30 days as "data cut-off"',
            _OS,
        ),
        Spec(
            "Who was seen after the cut-off is censored on that day",
            _FROM + "2010-12-11 follow_up\n2011-02-01 follow_up",
            "os",
            'censored after 30 days as "data cut-off"',
            _OS,
        ),
        Spec(
            "Who was last seen before the cut-off is censored then: 10 days",
            _FROM + "2010-12-11 follow_up",
            "os",
            'censored after 10 days as "end of follow-up"',
            _OS,
        ),
        Spec(
            "An event that the endpoint does not read shows nobody alive at the cut-off",
            _FROM + "2010-12-11 follow_up\n2011-02-01 chemotherapy",
            "os",
            'censored after 10 days as "end of follow-up"',
            _OS,
        ),
        Spec(
            "Who has the origin after the cut-off has no origin",
            "2011-01-01 surgery\n2011-02-01 death",
            "os",
            'excluded as "no origin"',
            _OS,
        ),
        Spec(
            "A date that is computed ends no time after the cut-off",
            _FROM,
            "deadline",
            'censored after 0 days as "operation"',
            "cutoff 2010-12-31\nendpoint deadline\n    from first surgery\n    until (first surgery).start + 1 year\n"
            '    last seen surgery as "operation"',
        ),
        Spec(
            "An endpoint of dates alone is cut off too: 1 January to 31 December",
            "",
            "decade",
            'censored after 364 days as "data cut-off"',
            "cutoff 2010-12-31\nendpoint decade\n    from 2010-01-01\n    until 2020-01-01\n    last seen 2015-01-01",
        ),
    ),
)
