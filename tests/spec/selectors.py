"""Selectors: streams, and at most one event of a stream."""

from datetime import date

from tests.spec.record import Chapter, Spec

_THREE = """2010-03-01 surgery(site: rectum, intent: curative)
2010-06-01 surgery(site: liver, intent: curative)
2010-09-01 surgery(site: lung, intent: palliative)"""

SELECTORS = Chapter(
    "selectors",
    (
        Spec("`first` is the earliest event by start", _THREE, "(first surgery).site", "rectum"),
        Spec("`last` is the latest event by start", _THREE, "(last surgery).site", "lung"),
        Spec("`nth 2` is the second event", _THREE, "(nth 2 surgery).site", "liver"),
        Spec("`nth 4` of three events is missing", _THREE, "(nth 4 surgery) is known", False),
        Spec(
            "`only` is the event where there is one", _THREE, "(only surgery where site = lung).start", date(2010, 9, 1)
        ),
        Spec("`only` is missing where there are several", _THREE, "(only surgery) is known", False),
        Spec("`only` is missing where there is none", "", "(only surgery) is known", False),
        Spec(
            "`where` narrows the stream before the event is picked",
            _THREE,
            "(last surgery where intent = curative).site",
            "liver",
        ),
        Spec(
            "Several conditions narrow one after the other",
            _THREE,
            "(first surgery where intent = curative where site != rectum).start",
            date(2010, 6, 1),
        ),
        Spec("An attribute of a missing selection is missing", "", "(first surgery).site is missing", True),
        Spec("The start of a missing selection is missing", "", "(first surgery).start", None),
        Spec("An event without an end has none", _THREE, "(first surgery).end is missing", True),
        Spec(
            "The end of an event is the end that was recorded",
            "2010-03-01 to 2010-03-05 chemotherapy",
            "(first chemotherapy).end",
            date(2010, 3, 5),
        ),
        Spec(
            "Events are ordered by when they happened, not by when they were recorded",
            "2010-06-01 surgery(site: liver)\n2010-03-01 surgery(site: rectum)",
            "(first surgery).site",
            "rectum",
        ),
        Spec(
            "`(a or b)` unites two streams",
            "2010-06-01 death\n2010-03-01 recurrence",
            "(first (recurrence or death)).start",
            date(2010, 3, 1),
        ),
        Spec(
            "A union has the attributes that all of its streams have",
            "2010-06-01 surgery(site: liver)\n2010-03-01 recurrence(site: lung)",
            "(first (recurrence or surgery)).site",
            "lung",
        ),
        Spec(
            "An event that is in several streams of a union is one event of it",
            _THREE,
            "count((surgery where site = liver) or (surgery where intent = curative))",
            2,
        ),
        Spec(
            "An event surely in one stream of a union is surely in it, whatever is unknown of the other",
            "2010-03-01 surgery(site: liver)",
            "any ((surgery where intent = curative) or (surgery where site = liver))",
            True,
        ),
        Spec(
            "A `let` names a selection, and other expressions use its name",
            _THREE,
            "primary.site",
            "rectum",
            study="let primary = first surgery",
        ),
        Spec(
            "A `let` names a stream",
            _THREE,
            "(last resections).site",
            "liver",
            study="let resections = surgery where intent = curative",
        ),
        Spec(
            "A selection can stand in the condition of another",
            _THREE,
            "(first surgery where site != (first surgery).site).site",
            "liver",
        ),
        Spec(
            "An event type declared `once` denotes its event by its name alone",
            "2010-01-01 registration(sex: female)",
            "registration.sex",
            "female",
        ),
        Spec(
            "Where the log holds several events of a type declared `once`, its name is the first",
            "2012-01-01 death(cause: other)\n2011-01-01 death(cause: cancer)",
            "death.cause",
            "cancer",
        ),
        Spec(
            "A text is compared as it is written, in its case",
            '2010-01-01 chemotherapy(regimen: "FOLFOX")',
            '(first chemotherapy).regimen = "folfox"',
            False,
        ),
    ),
)
