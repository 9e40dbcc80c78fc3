"""Endpoints: the time to an event, what ended it, and who has no time."""

from datetime import date

from tests.spec.record import Chapter, Spec

_RELAPSE = """endpoint relapse
    from       first surgery
    until      recurrence
    competing  death  as "died without recurrence"
    censor     chemotherapy  as "new therapy"
    last seen  follow_up"""
_DELAYED = """endpoint delayed
    from       first surgery
    entering   at first chemotherapy
    until      death
    last seen  follow_up"""
_FROM = "2010-01-01 surgery\n"
_LATER = "endpoint later\n    from first surgery\n    until recurrence, death"

ENDPOINTS = Chapter(
    "endpoints",
    (
        Spec(
            "Time runs from the origin to the event, in whole days: 31 + 28",
            _FROM + "2010-03-01 recurrence",
            "relapse",
            'event after 59 days as "recurrence"',
            _RELAPSE,
        ),
        Spec(
            "A competing event ends the time as another cause: 31 days",
            _FROM + "2010-02-01 death",
            "relapse",
            'competing after 31 days as "died without recurrence"',
            _RELAPSE,
        ),
        Spec(
            "A censoring event stops observation",
            _FROM + "2010-02-01 chemotherapy\n2010-03-01 recurrence",
            "relapse",
            'censored after 31 days as "new therapy"',
            _RELAPSE,
        ),
        Spec(
            "Without any of these, time ends with the latest day seen",
            _FROM + "2010-02-01 follow_up\n2010-03-01 follow_up",
            "relapse",
            'censored after 59 days as "end of follow-up"',
            _RELAPSE,
        ),
        Spec(
            "The earliest of several events counts",
            _FROM + "2010-03-01 recurrence\n2010-02-01 recurrence",
            "relapse",
            'event after 31 days as "recurrence"',
            _RELAPSE,
        ),
        Spec(
            "An event before the origin does not count",
            "2009-12-31 recurrence\n2010-01-01 surgery\n2010-02-01 follow_up",
            "relapse",
            'censored after 31 days as "end of follow-up"',
            _RELAPSE,
        ),
        Spec(
            "An event on the day of the origin counts, at time 0",
            _FROM + "2010-01-01 recurrence",
            "relapse",
            'event after 0 days as "recurrence"',
            _RELAPSE,
        ),
        Spec(
            "An event that is recorded after the last day seen counts",
            _FROM + "2010-02-01 follow_up\n2010-03-01 recurrence",
            "relapse",
            'event after 59 days as "recurrence"',
            _RELAPSE,
        ),
        Spec(
            "On one day the event comes before the competing event",
            _FROM + "2010-02-01 death\n2010-02-01 recurrence",
            "relapse",
            'event after 31 days as "recurrence"',
            _RELAPSE,
        ),
        Spec(
            "On one day the competing event comes before the censoring",
            _FROM + "2010-02-01 chemotherapy\n2010-02-01 death",
            "relapse",
            'competing after 31 days as "died without recurrence"',
            _RELAPSE,
        ),
        Spec(
            "On one day the event comes before the censoring: events on the censoring day count",
            _FROM + "2010-02-01 chemotherapy\n2010-02-01 recurrence",
            "relapse",
            'event after 31 days as "recurrence"',
            _RELAPSE,
        ),
        Spec(
            "The event comes before a competing event of a later day, whatever follows",
            _FROM + "2010-02-01 recurrence\n2010-02-02 death",
            "relapse",
            'event after 31 days as "recurrence"',
            _RELAPSE,
        ),
        Spec(
            "Who has no origin is excluded by name", "2010-02-01 death", "relapse", 'excluded as "no origin"', _RELAPSE
        ),
        Spec(
            "Who has no event and was never seen is excluded by name",
            _FROM,
            "relapse",
            'excluded as "no follow-up"',
            _RELAPSE,
        ),
        Spec(
            "Who was last seen before the origin is excluded by name, not clamped to 0",
            "2009-12-01 follow_up\n2010-01-01 surgery",
            "relapse",
            'excluded as "end before origin"',
            _RELAPSE,
        ),
        Spec(
            "Who was last seen before the origin but has an event has a time",
            "2009-12-01 follow_up\n2010-01-01 surgery\n2010-01-11 death",
            "relapse",
            'competing after 10 days as "died without recurrence"',
            _RELAPSE,
        ),
        Spec(
            "The last day seen is the last day of an event, its end where it has one",
            _FROM + "2010-02-01 to 2010-03-01 follow_up\n2010-02-15 follow_up",
            "relapse",
            'censored after 59 days as "end of follow-up"',
            _RELAPSE,
        ),
        Spec(
            "Without `last seen`, any event shows the patient alive",
            _FROM + "2010-02-01 chemotherapy",
            "later",
            'censored after 31 days as "end of follow-up"',
            _LATER,
        ),
        Spec(
            "Without `last seen`, the origin itself is the last day seen where nothing follows",
            _FROM,
            "later",
            'censored after 0 days as "end of follow-up"',
            _LATER,
        ),
        Spec(
            "Of several events in `until` the earliest gives the reason",
            _FROM + "2010-03-01 death\n2010-02-01 recurrence",
            "later",
            'event after 31 days as "recurrence"',
            _LATER,
        ),
        Spec(
            "Of several events of one day the one listed first gives the reason",
            _FROM + "2010-02-01 death\n2010-02-01 recurrence",
            "later",
            'event after 31 days as "recurrence"',
            _LATER,
        ),
        Spec(
            "`time` is a value of the patient",
            _FROM + "2010-03-01 recurrence",
            "relapse.time <= 2 months",
            True,
            _RELAPSE,
        ),
        Spec(
            "`happened` is true for the event of interest",
            _FROM + "2010-03-01 recurrence",
            "relapse.happened",
            True,
            _RELAPSE,
        ),
        Spec(
            "`happened` is false for a competing event", _FROM + "2010-03-01 death", "relapse.happened", False, _RELAPSE
        ),
        Spec(
            "`outcome` is `event`, `competing` or `censored`",
            _FROM + "2010-03-01 death",
            "relapse.outcome",
            "competing",
            _RELAPSE,
        ),
        Spec(
            "`reason` is the label of what ended the time",
            _FROM + "2010-03-01 death",
            "relapse.reason",
            "died without recurrence",
            _RELAPSE,
        ),
        Spec(
            "`end` is the day on which time ends", _FROM + "2010-03-01 death", "relapse.end", date(2010, 3, 1), _RELAPSE
        ),
        Spec("`origin` is known also of a patient without a time", _FROM, "relapse.origin", date(2010, 1, 1), _RELAPSE),
        Spec("`time` is missing for who is excluded", "", "relapse.time", None, _RELAPSE),
        Spec(
            "`like` takes over the parts that are not given",
            "2010-01-01 surgery\n2010-01-11 chemotherapy\n2010-02-01 recurrence",
            "mine",
            'event after 21 days as "recurrence"',
            _RELAPSE + "\nendpoint mine like relapse\n    from first chemotherapy\n    censor surgery",
        ),
        Spec(
            "A selection in `until` is taken as it stands: one that lies before the origin does not count",
            "2009-12-01 recurrence\n2010-01-01 surgery\n2010-02-01 recurrence\n2010-03-01 follow_up",
            "mine",
            'censored after 59 days as "end of follow-up"',
            'endpoint mine\n    from first surgery\n    until first recurrence as "recurrence"\n'
            "    last seen follow_up",
        ),
        Spec(
            "With delayed entry time runs from the origin all the same: 31 + 28 days",
            _FROM + "2010-02-01 chemotherapy\n2010-03-01 death",
            "delayed",
            'event after 59 days as "death"',
            _DELAYED,
        ),
        Spec(
            "Who never enters is excluded by name",
            _FROM + "2010-03-01 death",
            "delayed",
            'excluded as "no entry"',
            _DELAYED,
        ),
        Spec(
            "Who enters on the day of the end was never at risk, and is excluded by name",
            _FROM + "2010-03-01 chemotherapy\n2010-03-01 death",
            "delayed",
            'excluded as "entered on or after the end"',
            _DELAYED,
        ),
        Spec(
            "Who enters before the origin is at risk from the origin on",
            "2009-12-01 chemotherapy\n" + _FROM + "2010-01-01 death",
            "delayed",
            'event after 0 days as "death"',
            _DELAYED,
        ),
    ),
)
