"""Cases: the value of the first branch whose condition is true."""

from tests.spec.record import Chapter, Spec

_GRADED = """case
    when (first surgery).minutes < 60 then "short"
    when (first surgery).minutes < 180 then "usual"
    else "long"
end"""
_NO_ELSE = 'case when (first surgery).minutes < 60 then "short" end'

CASES = Chapter(
    "case",
    (
        Spec(
            "The first branch whose condition is true gives the value",
            "2010-01-01 surgery(minutes: 30)",
            _GRADED,
            "short",
        ),
        Spec(
            "A branch is passed over where its condition is false", "2010-01-01 surgery(minutes: 60)", _GRADED, "usual"
        ),
        Spec("`else` is the value where no condition is true", "2010-01-01 surgery(minutes: 180)", _GRADED, "long"),
        Spec(
            "A condition that is unknown is not true, so `else` takes the unknown too",
            "2010-01-01 surgery",
            _GRADED,
            "long",
        ),
        Spec(
            "Without `else` the value is missing where no condition is true",
            "2010-01-01 surgery(minutes: 180)",
            _NO_ELSE,
            None,
        ),
        Spec(
            "A branch for `is missing` keeps the unknown apart",
            "2010-01-01 surgery",
            'case when (first surgery).minutes is missing then "not recorded" else "recorded" end',
            "not recorded",
        ),
        Spec(
            "A named case can be compared with the texts of its branches",
            "2010-01-01 surgery(minutes: 30)",
            'length = "short"',
            True,
            f"let length = {_GRADED}",
        ),
        Spec(
            "Branches can be numbers, dates or durations",
            "2010-01-01 surgery(minutes: 30)",
            "case when any surgery then 2 weeks else 0 days end",
            14,
        ),
        Spec(
            "A case can stand in the condition of a stream",
            "2010-01-01 surgery(site: liver)\n2010-02-01 surgery(site: lung)",
            'count(surgery where (case when site = liver then "abdomen" else "thorax" end) = "abdomen")',
            1,
        ),
    ),
)
