"""Missing values: unknown is neither true nor false."""

from tests.spec.record import Chapter, Spec

_UNKNOWN = "2010-03-01 surgery(site: liver)"
_STATUS = "(first surgery).r_status"
_SITE = "(first surgery).site"

MISSING = Chapter(
    "missing",
    (
        Spec("A comparison with a missing value is unknown", _UNKNOWN, f"{_STATUS} = R0", None),
        Spec("`!=` with a missing value is unknown too", _UNKNOWN, f"{_STATUS} != R0", None),
        Spec(
            "Two missing values are not equal: that is unknown",
            "",
            "(first surgery).start = (last surgery).start",
            None,
        ),
        Spec("`is missing` is true of a missing value", _UNKNOWN, f"{_STATUS} is missing", True),
        Spec("`is known` is false of a missing value", _UNKNOWN, f"{_STATUS} is known", False),
        Spec("`is known` of an event is whether there is one", _UNKNOWN, "(first surgery) is known", True),
        Spec("`is known` of an unknown condition is false", _UNKNOWN, f"({_STATUS} = R0) is known", False),
        Spec("`not` of unknown is unknown", _UNKNOWN, f"not {_STATUS} = R0", None),
        Spec("false and unknown is false", _UNKNOWN, f"{_SITE} = lung and {_STATUS} = R0", False),
        Spec("true and unknown is unknown", _UNKNOWN, f"{_SITE} = liver and {_STATUS} = R0", None),
        Spec("true or unknown is true", _UNKNOWN, f"{_SITE} = liver or {_STATUS} = R0", True),
        Spec("false or unknown is unknown", _UNKNOWN, f"{_SITE} = lung or {_STATUS} = R0", None),
        Spec("`in` of a missing value is unknown", _UNKNOWN, f"{_STATUS} in (R0, R1)", None),
        Spec("`not in` of a missing value is unknown", _UNKNOWN, f"{_STATUS} not in (R0, R1)", None),
        Spec("`in` is true of a value that is listed", _UNKNOWN, f"{_SITE} in (liver, lung)", True),
        Spec("`not in` is true of a known value that is not listed", _UNKNOWN, f"{_SITE} not in (rectum, lung)", True),
        Spec(
            "`where` keeps the events for which the condition is surely true",
            _UNKNOWN,
            "count(surgery where r_status = R0)",
            0,
        ),
        Spec("`where not` does not keep the unknown either", _UNKNOWN, "count(surgery where not r_status = R0)", 0),
        Spec(
            "`where … or … is missing` takes the unknown in",
            _UNKNOWN,
            "count(surgery where r_status = R0 or r_status is missing)",
            1,
        ),
        Spec("Arithmetic with a missing value is missing", _UNKNOWN, "(first surgery).minutes + 10", None),
        Spec(
            "A division by zero is missing",
            "2010-01-01 chemotherapy(cycle: 0)",
            "10 / (first chemotherapy).cycle",
            None,
        ),
        Spec(
            "A date moved by a missing duration is missing",
            _UNKNOWN,
            "(first surgery).start + ((first recurrence).start - (first surgery).start)",
            None,
        ),
        Spec(
            "A missing truth value is neither true nor false",
            "2010-01-01 chemotherapy",
            "any chemotherapy where reduced or not reduced",
            None,
        ),
    ),
)
