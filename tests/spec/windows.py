"""Windows: the first and the last day of each, on an anchor of several days and on one of a single day."""

from datetime import date

from tests.spec.record import Chapter, Spec

_OPERATION = "2010-03-10 to 2010-03-15 surgery\n"
_AROUND = _OPERATION + "\n".join(
    f"{day} recurrence"
    for day in (
        "2010-02-09",
        "2010-02-10",
        "2010-03-09",
        "2010-03-10",
        "2010-03-15",
        "2010-03-16",
        "2010-04-15",
        "2010-04-16",
    )
)
_S = "(first surgery)"


def _days(window: str, low: str | None, high: str | None, first: date, last: date) -> tuple[Spec, ...]:
    """The earliest and the latest recurrence of `_AROUND` in a window; `low` and `high` say why."""
    found = []
    if low is not None:
        found.append(Spec(f"`{window}` {low}", _AROUND, f"min(start of recurrence {window} {_S})", first))
    if high is not None:
        found.append(Spec(f"`{window}` {high}", _AROUND, f"max(start of recurrence {window} {_S})", last))
    return tuple(found)


_FEB9, _FEB10, _MAR9, _MAR10 = date(2010, 2, 9), date(2010, 2, 10), date(2010, 3, 9), date(2010, 3, 10)
_MAR15, _MAR16, _APR15, _APR16 = date(2010, 3, 15), date(2010, 3, 16), date(2010, 4, 15), date(2010, 4, 16)

_ONE_DAY = "2010-03-10 surgery\n2010-03-10 recurrence\n2010-03-11 recurrence"

WINDOWS = Chapter(
    "windows",
    (
        *_days("before", None, "ends the day before the anchor starts", _FEB9, _MAR9),
        *_days("on or before", None, "ends on the last day of the anchor", _FEB9, _MAR15),
        *_days("on", "starts on the first day of the anchor", "ends on the last day of the anchor", _MAR10, _MAR15),
        *_days("on or after", "starts on the first day of the anchor", None, _MAR10, _APR16),
        *_days("after", "starts the day after the last day of the anchor", None, _MAR16, _APR16),
        *_days(
            "within 1 month of",
            "starts the length before the first day: 10 March - 1 month",
            "ends the length after the last day: 15 March + 1 month",
            _FEB10,
            _APR15,
        ),
        *_days(
            "within 28 days before",
            "starts the length before the first day: 10 March - 28 days",
            "ends the day before the anchor starts",
            _FEB10,
            _MAR9,
        ),
        *_days(
            "within 28 days on or before",
            "starts the length before the first day: 10 March - 28 days",
            "ends on the last day of the anchor",
            _FEB10,
            _MAR15,
        ),
        *_days(
            "within 31 days after",
            "starts the day after the last day of the anchor",
            "ends the length after the last day: 15 March + 31 days",
            _MAR16,
            _APR15,
        ),
        *_days(
            "within 31 days on or after",
            "starts on the first day of the anchor",
            "ends the length after the last day: 15 March + 31 days",
            _MAR10,
            _APR15,
        ),
        Spec(
            "`between A and B` starts on the first day of A",
            _AROUND,
            "min(start of recurrence between (first surgery) and 2010-04-15)",
            _MAR10,
        ),
        Spec(
            "`between A and B` ends on the last day of B",
            _AROUND,
            "max(start of recurrence between 2010-02-10 and (first surgery))",
            _MAR15,
        ),
        Spec(
            "`between` with its ends the wrong way round holds nothing",
            _AROUND,
            "count(recurrence between 2010-03-15 and 2010-03-10)",
            0,
        ),
        Spec("A date is an anchor of one day", _AROUND, "count(recurrence on 2010-03-10)", 1),
        Spec(
            "An event without an end is an anchor of one day",
            _ONE_DAY,
            "(first recurrence after (first surgery)).start",
            date(2010, 3, 11),
        ),
        Spec(
            "`within 0 days of` a day is that day",
            _ONE_DAY,
            "count(recurrence within 0 days of (first surgery))",
            1,
        ),
        Spec(
            "A window tests the start of an event, not its end",
            "2010-03-01 to 2010-03-20 chemotherapy\n2010-03-10 surgery",
            "any chemotherapy before (first surgery)",
            True,
        ),
        Spec(
            "An event that runs on into a window but started before it is outside",
            "2010-03-01 to 2010-03-20 chemotherapy\n2010-03-10 surgery",
            "any chemotherapy on or after (first surgery)",
            False,
        ),
        Spec(
            "A window in months follows the calendar: one month after 31 January is 28 February",
            "2010-01-31 surgery\n2010-02-28 recurrence\n2010-03-01 recurrence",
            "count(recurrence within 1 month after (first surgery))",
            1,
        ),
        Spec(
            "A window in years over 29 February: one year after is 28 February",
            "2012-02-29 surgery\n2013-02-28 recurrence\n2013-03-01 recurrence",
            "count(recurrence within 1 year after (first surgery))",
            1,
        ),
        Spec(
            "Anchors nest: the first recurrence after the last surgery before the first chemotherapy",
            "2010-01-01 surgery\n2010-02-01 recurrence\n2010-03-01 surgery\n2010-04-01 recurrence\n"
            "2010-05-01 chemotherapy\n2010-06-01 surgery",
            "(first recurrence after (last surgery before (first chemotherapy))).start",
            date(2010, 4, 1),
        ),
        Spec(
            "Windows and conditions narrow in any order",
            "2010-01-01 surgery(site: liver)\n2010-02-01 surgery(site: lung)\n2010-03-01 surgery(site: liver)",
            "(last surgery before 2010-03-01 where site = liver).start",
            date(2010, 1, 1),
        ),
        Spec(
            "Where the anchor is missing, no event is surely in the window",
            "2010-03-10 recurrence",
            "(first recurrence after (first surgery)) is known",
            False,
        ),
        Spec(
            "Where the anchor is missing, whether any event is in the window is unknown",
            "2010-03-10 recurrence",
            "any recurrence after (first surgery)",
            None,
        ),
        Spec(
            "Where one end of `between` is missing, the other can still exclude",
            "2010-03-10 recurrence",
            "any recurrence between 2010-04-01 and (first surgery)",
            False,
        ),
    ),
)
