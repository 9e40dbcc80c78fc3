"""Dates and durations."""

from datetime import date

from tests.spec.record import Chapter, Spec

_OPERATION = "2010-01-31 surgery\n2010-03-02 recurrence"
_FIRST, _THEN = "(first surgery)", "(first recurrence)"


def _born(birth: str, day: str) -> str:
    return f"{day} registration(birth_date: {birth})"


DATES = Chapter(
    "dates",
    (
        Spec(
            "Months follow the calendar and are clamped to the month's end",
            _OPERATION,
            f"{_FIRST}.start + 1 month",
            date(2010, 2, 28),
        ),
        Spec(
            "In a leap year the end of February is the 29th",
            "2012-01-31 surgery",
            f"{_FIRST}.start + 1 month",
            date(2012, 2, 29),
        ),
        Spec(
            "Clamping is not undone: 31 January + 1 month + 1 month is 28 March",
            _OPERATION,
            f"({_FIRST}.start + 1 month) + 1 month",
            date(2010, 3, 28),
        ),
        Spec("Months can be subtracted", "2010-03-31 surgery", f"{_FIRST}.start - 1 month", date(2010, 2, 28)),
        Spec(
            "A year after 29 February is 28 February",
            "2012-02-29 surgery",
            f"{_FIRST}.start + 1 year",
            date(2013, 2, 28),
        ),
        Spec("A week is 7 days", _OPERATION, f"{_FIRST}.start + 2 weeks", date(2010, 2, 14)),
        Spec(
            "Months are added before days: 31 January + 1 month + 1 day is 1 March",
            _OPERATION,
            f"{_FIRST}.start + (1 month + 1 day)",
            date(2010, 3, 1),
        ),
        Spec(
            "The difference of two dates is in whole days: 31 January to 2 March",
            _OPERATION,
            f"{_THEN}.start - {_FIRST}.start",
            30,
        ),
        Spec(
            "A difference is negative where the later date is subtracted",
            _OPERATION,
            f"{_FIRST}.start - {_THEN}.start",
            -30,
        ),
        Spec(
            "A difference is compared with a length of time",
            _OPERATION,
            f"{_THEN}.start - {_FIRST}.start <= 30 days",
            True,
        ),
        Spec(
            "A month that is compared has 365.25 / 12 = 30.4375 days: 30 days are less",
            _OPERATION,
            f"{_THEN}.start - {_FIRST}.start < 1 month",
            True,
        ),
        Spec(
            "A year that is compared has 365.25 days: 365 days are less",
            "2010-01-01 surgery\n2011-01-01 recurrence",
            f"{_THEN}.start - {_FIRST}.start < 1 year",
            True,
        ),
        Spec("A duration can be scaled: half of 30 days", _OPERATION, f"({_THEN}.start - {_FIRST}.start) / 2", 15),
        Spec(
            "The ratio of two durations is a number: 30 days / 60 days",
            _OPERATION,
            f"({_THEN}.start - {_FIRST}.start) / 60 days",
            0.5,
        ),
        Spec(
            "A date moves by a duration that is computed",
            _OPERATION,
            f"{_THEN}.start + ({_THEN}.start - {_FIRST}.start)",
            date(2010, 4, 1),
        ),
        Spec(
            "A computed duration is rounded to whole days, half a day away from zero: 30 / 4 = 7.5 days are 8",
            _OPERATION,
            f"{_THEN}.start + ({_THEN}.start - {_FIRST}.start) / 4",
            date(2010, 3, 10),
        ),
        Spec(
            "So is a negative one: -7.5 days are -8",
            _OPERATION,
            f"{_THEN}.start - ({_THEN}.start - {_FIRST}.start) / 4",
            date(2010, 2, 22),
        ),
        Spec(
            "Age is in completed years: 18 on the 18th birthday",
            _born("1992-05-01", "2010-05-01"),
            "age at registration",
            18,
        ),
        Spec(
            "Age is in completed years: 17 on the day before",
            _born("1992-05-01", "2010-04-30"),
            "age at registration",
            17,
        ),
        Spec(
            "An age is compared with years", _born("1992-05-01", "2010-05-01"), "age at registration >= 18 years", True
        ),
        Spec(
            "A parameter in years is compared with an age, on either side",
            _born("1992-05-01", "2010-05-01"),
            "age at registration >= limit and limit <= age at registration",
            True,
            "parameter limit = 18 years",
        ),
        Spec(
            "Born on 29 February: a year older on 28 February where there is no 29th",
            _born("1992-02-29", "2010-02-28"),
            "age at registration",
            18,
        ),
        Spec(
            "Born on 29 February: on the 29th where there is one",
            _born("1992-02-29", "2012-02-28"),
            "age at registration",
            19,
        ),
        Spec("Age can be asked at any date", _born("1992-05-01", "2010-05-01"), "age at 2020-04-30", 27),
        Spec(
            "Age is missing where the birth date is", "2010-05-01 registration(sex: male)", "age at registration", None
        ),
    ),
)
