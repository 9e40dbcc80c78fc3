"""Windows and conditions that the declarations alone decide."""

import pytest

from tests.lint.support import places, warnings

EMPTY = [
    "surgery after rt before rt",
    "surgery on or after rt before rt",
    "surgery within 0 days after rt",
    "surgery after 2012-01-01 before 2010-01-01",
    "surgery between 2012-01-01 and 2010-01-01",
    "surgery where start < 2010-01-01 after 2012-01-01",
    "surgery between relapse and operation",
    "surgery on or before operation on or after relapse",
    "(surgery after rt) before rt",
    "surgery after rt.start + 2 months before rt.start + 1 month",
]
POSSIBLE = [
    "surgery on rt",
    "surgery after rt before operation",
    "surgery within 1 day after rt",
    "surgery within 0 days of rt",
    "surgery between 2010-01-01 and 2010-01-01",
    "surgery between rt and operation",
    "surgery between operation and relapse",
    "surgery on or after rt on or before rt",
    "surgery after rt.start + 1 month before rt.start + 2 months",
    "surgery after rt.start - 30 days before rt",
]
RELAPSE = "let relapse = first recurrence after operation\nestimate os in treated at 1 year\n"


@pytest.mark.parametrize("stream", EMPTY)
def test_a_window_that_ends_before_it_begins_is_found(stream: str) -> None:
    assert len(warnings(f"{RELAPSE}table treated show count({stream}), relapse.start", "empty_window")) == 1


@pytest.mark.parametrize("stream", POSSIBLE)
def test_a_window_that_can_hold_a_day_is_not_found(stream: str) -> None:
    assert warnings(f"{RELAPSE}table treated show count({stream}), relapse.start", "empty_window") == []


def test_an_empty_window_is_pointed_at() -> None:
    assert places("table treated show any surgery after rt before rt", "empty_window") == ["before rt"]


NEVER = [
    "any surgery where site = liver and site = lung",
    "any (surgery where site = liver) where site in (lung, rectum)",
    "any surgery where site != liver and site = liver",
    "any metastasis where lesions > 3 and lesions < 4",
    "any metastasis where lesions >= 4 and lesions < 2",
    "any surgery where start > 2012-01-01 and start < 2012-01-02",
    "any surgery where start is missing",
    "any surgery where site = liver and not site = liver",
    "age at rt < 0 years",
    "count(surgery) < 0",
    "os.time < 0 days",
    "rt.fractions > rt.fractions",
    "(first surgery).intent = (first surgery).procedure",
    "os.happened and not os.happened",
]
ALWAYS = [
    "any surgery where intent in (curative, palliative)",
    "any surgery where intent = curative or intent = palliative",
    "any surgery where start is known",
    "any metastasis where lesions < 4 or lesions > 3",
    "any metastasis where lesions < 5 or lesions > 3",
    "age at rt >= 0 years",
    "count(surgery) >= 0",
    "os.time >= 0 days",
    "count(surgery) is known",
    "at least 0 surgery",
    "rt.fractions = rt.fractions",
    "(first surgery).intent != (first surgery).procedure",
    "any surgery where true",
]
EITHER = [
    "any surgery where site = liver or site = lung",
    "any surgery where site in (liver, lung) and site != liver",
    "any metastasis where lesions > 3 and lesions < 5",
    "any metastasis where lesions < 3 or lesions > 3",
    "any surgery where start > 2012-01-01 and start < 2012-01-03",
    "any surgery where end is known",
    "any surgery where r_status is missing",
    "age at rt >= 18 years and age at rt < 75 years",
    "count(surgery) >= 1",
    "rt.start is known",
    "os.time > 0 days",
    "rt.fractions = rt.planned",
    "(any surgery where site = liver) and (any surgery where site = lung)",
    "(first surgery).site = (last surgery).site",
    "(first imaging).response = partial and (last imaging).response = stable",
    'case when rt.fractions > 5 then "long" else "short" end = "long"',
]


@pytest.mark.parametrize("condition", NEVER)
def test_a_condition_that_nothing_can_meet_is_found(condition: str) -> None:
    assert len(warnings(f"table treated show {condition}", "never_true")) == 1
    assert warnings(f"table treated show {condition}", "always_true") == []


@pytest.mark.parametrize("condition", ALWAYS)
def test_a_condition_that_everything_meets_is_found(condition: str) -> None:
    assert len(warnings(f"table treated show {condition}", "always_true")) == 1
    assert warnings(f"table treated show {condition}", "never_true") == []


@pytest.mark.parametrize("condition", EITHER)
def test_a_condition_that_data_decide_is_not_found(condition: str) -> None:
    for rule in ("never_true", "always_true", "empty_window"):
        assert warnings(f"table treated show {condition}", rule) == []


@pytest.mark.parametrize(
    "statement",
    [
        'let value = age at rt < 0 years\nestimate os in treated table treated show value "v"',
        'cohort chosen "Chosen" index rt require "this" age at rt < 0 years\nestimate os in chosen',
        "endpoint other from rt until (death where cause = cancer and cause = other)\nestimate other in treated",
        "estimate os in treated\nrule odd flag surgery where site = liver and site = lung",
        "expect count(treated where age at rt < 0 years) = 0",
        "compare os in treated by age at rt < 0 years",
    ],
)
def test_conditions_are_read_in_every_statement(statement: str) -> None:
    assert len(warnings(statement, "never_true")) == 1


def test_a_condition_is_pointed_at() -> None:
    text = "table treated show any surgery where intent = curative and site in (liver, lung) and site = rectum"
    assert places(text, "never_true") == ["site = rectum"]
