"""Courses: events joined into episodes."""

from datetime import date

from tests.spec.record import Chapter, Spec

_CYCLES = """2010-01-01 to 2010-01-14 chemotherapy(cycle: 1)
2010-02-25 to 2010-03-10 chemotherapy(cycle: 2)
2010-04-22 chemotherapy(cycle: 3)
2010-05-13 chemotherapy(cycle: 4)"""
_COURSES = "courses of chemotherapy with gaps up to 42 days"

COURSES = Chapter(
    "courses",
    (
        Spec(
            "A course goes on where the next event starts exactly the gap after the last day: 14 January + 42 days",
            _CYCLES,
            f"(first ({_COURSES})).count",
            2,
        ),
        Spec(
            "A course ends where the next event starts a day more than the gap later: 10 March + 43 days",
            _CYCLES,
            f"(nth 2 ({_COURSES})).start",
            date(2010, 4, 22),
        ),
        Spec("A course starts with its first event", _CYCLES, f"(first ({_COURSES})).start", date(2010, 1, 1)),
        Spec("A course ends on its last day", _CYCLES, f"(first ({_COURSES})).end", date(2010, 3, 10)),
        Spec(
            "A course of events without ends ends on the start of its last event",
            _CYCLES,
            f"(last ({_COURSES})).end",
            date(2010, 5, 13),
        ),
        Spec("Courses are numbered from 1", _CYCLES, f"(last ({_COURSES})).number", 2),
        Spec("Courses are counted as events are", _CYCLES, f"count({_COURSES})", 2),
        Spec(
            "A long event bridges the gap behind a shorter one that starts later",
            "2010-01-01 to 2010-06-30 chemotherapy\n2010-02-01 chemotherapy\n2010-07-01 chemotherapy",
            "count(courses of chemotherapy with gaps up to 1 day)",
            1,
        ),
        Spec(
            "With a gap of 0 days an event that starts on the last day belongs to the course",
            "2010-01-01 to 2010-01-05 chemotherapy\n2010-01-05 chemotherapy\n2010-01-06 chemotherapy",
            "(first (courses of chemotherapy with gaps up to 0 days)).count",
            2,
        ),
        Spec(
            "A condition inside selects the events that make up the courses",
            _CYCLES,
            "(first (courses of chemotherapy where cycle != 2 with gaps up to 42 days)).count",
            1,
        ),
        Spec(
            "A condition outside selects courses",
            _CYCLES,
            f"count(({_COURSES}) where count >= 2 and start >= 2010-02-01)",
            1,
        ),
        Spec(
            "Only events that surely meet the condition make up courses",
            "2010-01-01 chemotherapy(cycle: 1)\n2010-01-10 chemotherapy",
            "(first (courses of chemotherapy where cycle >= 1 with gaps up to 42 days)).count",
            1,
        ),
        Spec("Over no events there are no courses", "", f"count({_COURSES})", 0),
        Spec(
            "Gaps can be given in weeks: 6 weeks are 42 days",
            _CYCLES,
            "count(courses of chemotherapy with gaps up to 6 weeks)",
            2,
        ),
    ),
)
