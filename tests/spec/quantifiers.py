"""Quantifiers: truth values over the events of a stream."""

from tests.spec.record import Chapter, Spec

_TWO = "2010-03-01 surgery(site: liver, r_status: R0)\n2010-06-01 surgery(site: lung, r_status: R1)"
_ONE_UNKNOWN = "2010-03-01 surgery(site: liver, r_status: R0)\n2010-06-01 surgery(site: lung)"
_UNKNOWN = "2010-06-01 surgery(site: lung)"

QUANTIFIERS = Chapter(
    "quantifiers",
    (
        Spec("`any` is true where there is an event", _TWO, "any surgery where r_status = R1", True),
        Spec("`any` is false where there is none", _TWO, "any surgery where r_status = R2", False),
        Spec("`any` over no events is false", "", "any surgery where r_status = R0", False),
        Spec("`any` is true where one event surely counts", _ONE_UNKNOWN, "any surgery where r_status = R0", True),
        Spec("`any` is unknown where an event may count", _ONE_UNKNOWN, "any surgery where r_status = R1", None),
        Spec("`no` is true where there is no event", _TWO, "no surgery where r_status = R2", True),
        Spec("`no` over no events is true", "", "no surgery", True),
        Spec("`no` is false where there is an event", _TWO, "no surgery where r_status = R1", False),
        Spec("`no` is unknown where an event may count", _ONE_UNKNOWN, "no surgery where r_status = R1", None),
        Spec("`at least 2` is true of two events", _TWO, "at least 2 surgery", True),
        Spec("`at least 3` is false of two events", _TWO, "at least 3 surgery", False),
        Spec(
            "`at least 2` is unknown where one counts and another may",
            _ONE_UNKNOWN,
            "at least 2 surgery where r_status = R0",
            None,
        ),
        Spec(
            "`at least 2` is false where too few can count, whatever is unknown",
            _UNKNOWN,
            "at least 2 surgery where r_status = R0",
            False,
        ),
        Spec("`at least 0` is always true", "", "at least 0 surgery", True),
        Spec("`at most 1` is false of two events", _TWO, "at most 1 surgery", False),
        Spec("`at most 2` is true of two events", _TWO, "at most 2 surgery", True),
        Spec("`at most 1` over no events is true", "", "at most 1 surgery", True),
        Spec(
            "`at most 1` is unknown where one counts and another may",
            _ONE_UNKNOWN,
            "at most 1 surgery where r_status = R0",
            None,
        ),
        Spec("`all … have` is true where every event has it", _TWO, "all surgery have r_status != R2", True),
        Spec("`all … have` is false where one event has it not", _TWO, "all surgery have r_status = R0", False),
        Spec("`all … have` over no events is false", "", "all surgery have r_status = R0", False),
        Spec(
            "`all … have` is unknown where one event may have it not",
            _ONE_UNKNOWN,
            "all surgery have r_status = R0",
            None,
        ),
        Spec(
            "`all … have` is false where one event surely has it not, whatever is unknown",
            _ONE_UNKNOWN,
            "all surgery have r_status = R1",
            False,
        ),
        Spec(
            "`all … where … have` looks only at the events that the `where` keeps",
            _TWO,
            "all surgery where site = liver have r_status = R0",
            True,
        ),
        Spec(
            "`all … where … have` is unknown where an event that has it not may be kept",
            "2010-03-01 surgery(site: liver, r_status: R0)\n2010-06-01 surgery(r_status: R1)",
            "all surgery where site = liver have r_status = R0",
            None,
        ),
        Spec(
            "`all … where … have` is true where an event that may be kept has it anyway",
            "2010-03-01 surgery(site: liver, r_status: R0)\n2010-06-01 surgery(r_status: R0)",
            "all surgery where site = liver have r_status = R0",
            True,
        ),
        Spec("`not any` is the same as `no`", _ONE_UNKNOWN, "not any surgery where r_status = R1", None),
        Spec(
            "A quantifier in a condition looks at the patient, not at the event",
            _TWO,
            "count(surgery where site = lung and (any surgery where site = liver))",
            1,
        ),
    ),
)
