"""What hygiene counts on data, on a log small enough to count by hand."""

from pathlib import Path

import pytest

import dsl
from dsl.source import Source
from tests.cli.conftest import call
from tests.lint.support import STUDY
from timeline.library import Library
from timeline.log import Log
from timeline.study.results import HygieneCount, HygieneResult, StudyResult
from timeline.study.run import run_study

HEADER = "patient,event,start,end,site,intent,r_status,trg\n"
EVENTS = """\
A,radiotherapy,2010-01-01,2010-01-05,,,,
A,surgery,2010-04-11,,rectum,curative,R0,
A,pathology,2010-04-11,,rectum,,,1
A,follow_up,2012-01-01,,,,,
B,radiotherapy,2010-01-01,2010-01-05,,,,
B,surgery,2010-02-20,,rectum,curative,R0,
B,surgery,2010-03-02,,liver,curative,R1,
B,pathology,2010-02-20,,rectum,,,3
B,death,2011-01-01,,,,,
C,radiotherapy,2010-01-01,2010-01-05,,,,
C,surgery,2010-01-01,,rectum,curative,R0,
C,pathology,2010-01-01,,rectum,,,1
C,death,2010-07-20,,,,,
D,radiotherapy,2010-01-01,2010-01-05,,,,
D,death,2010-03-02,,,,,
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    folder = tmp_path_factory.mktemp("counted")
    file = folder / "events.csv"
    file.write_text(HEADER + EVENTS, encoding="utf-8")
    assert call("create", folder / "store").returncode == 0
    imported = call("import", folder / "store", file)
    assert imported.returncode == 0, imported.stderr
    return Log.open(Path(folder / "store"))


def run(log: Log, text: str) -> StudyResult:
    checked = dsl.check(Source(STUDY + text, "study.tql"), load=Library())
    assert checked.errors == ()
    return run_study(checked, log)


def weighed(log: Log, text: str, rule: str) -> list[HygieneResult]:
    return [item for item in run(log, text).hygiene if item.rule == rule]


def test_a_group_is_counted_with_the_days_that_it_was_sure_to_live(log: Log) -> None:
    (found,) = weighed(log, "compare os in treated by radical", "immortal_time")
    # A turns radical with its operation on 11 April, 30 + 28 + 31 + 11 = 100 days after 1 January. C is radical from
    # the first day on. B was so after its first operation, and no more after its second: in the end it is as little
    # radical as at the origin. D has no operation.
    assert found.counts == (HygieneCount("not radical", 2, 0, 0), HygieneCount("radical", 2, 1, 100))
    assert found.concerns_anyone


def test_a_cohort_counts_who_came_in_later_and_who_fell_out_later(log: Log) -> None:
    cohorts = """
cohort operated "Operated" from treated require "operated" any surgery
cohort spared   "Spared"   from treated exclude "operated" any surgery
"""
    (operated,) = weighed(log, cohorts + "estimate os in operated", "immortal_time")
    # A after 100 days and B after 31 + 19 = 50 days; C was operated on during its first day of radiotherapy.
    assert operated.counts == (HygieneCount("counted in", 3, 2, 150), HygieneCount("left out", 1, 0, 0))
    (spared,) = weighed(log, cohorts + "estimate os in spared", "immortal_time")
    assert spared.counts == (HygieneCount("counted in", 1, 0, 0), HygieneCount("left out", 3, 2, 150))


def test_a_condition_behind_where_is_counted_like_a_cohort(log: Log) -> None:
    (found,) = weighed(log, "expect survival(os in treated where radical at 1 month) > 0 %", "immortal_time")
    assert found.counts == (HygieneCount("counted in", 2, 1, 100), HygieneCount("left out", 2, 0, 0))


def test_the_days_end_where_the_time_at_risk_ends(log: Log) -> None:
    (found,) = weighed(log, "compare rfs in treated by os.happened", "immortal_time")
    # From the last operation: B dies 305 days after 2 March 2010, C 200 days after 1 January. A was alive at its
    # operation and is to this day. D has no operation.
    assert found.counts == (HygieneCount("not os.happened", 1, 0, 0), HygieneCount("os.happened", 2, 2, 305 + 200))


def test_what_the_data_clear_is_said_to_concern_nobody(log: Log) -> None:
    (found,) = weighed(log, "compare rfs in treated by (first pathology).trg = 1", "immortal_time")
    assert [count.patients for count in found.counts] == [0, 0]
    assert not found.concerns_anyone


def test_a_landmark_asks_only_those_at_risk_after_it(log: Log) -> None:
    cohort = 'cohort operated "Operated" from treated require "operated" any surgery\n'
    (found,) = weighed(log, cohort + "compare os in operated by radical landmark 2 months", "immortal_time")
    # On 1 March D is alive still, and dies the day after; A is operated on 31 + 10 = 41 days after the landmark.
    assert found.counts == (HygieneCount("counted in", 3, 1, 41), HygieneCount("left out", 1, 0, 0))
    (later,) = weighed(log, cohort + "compare os in operated by radical landmark 3 months", "immortal_time")
    assert [count.members for count in later.counts] == [3]


def test_a_requirement_is_counted_from_the_index_day(log: Log) -> None:
    cohort = 'cohort operated "Operated" index rt require "operated" any surgery\n'
    (found,) = weighed(log, cohort + "estimate rfs in operated", "future_condition")
    assert found.counts == (HygieneCount("counted in", 3, 2, 150), HygieneCount("left out", 1, 0, 0))


def test_patients_who_enter_after_their_origin_are_counted(log: Log) -> None:
    cohort = "cohort late index first pathology\n"
    (found,) = weighed(log, cohort + "estimate os in late", "late_entry")
    # A enters after 100 days and B after 50; C enters on the day.
    assert found.counts == (HygieneCount(None, 3, 2, 150),)


def test_nobody_is_told_of_late_entry_where_everybody_entered_in_time(log: Log) -> None:
    assert weighed(log, "estimate rfs in treated", "late_entry") == []


def test_small_groups_and_groups_without_an_event_are_told(log: Log) -> None:
    (found,) = weighed(log, "compare os in treated by radical landmark 1 month", "tiny_group")
    # After a month C alone is radical; A, whose operation is still to come, lives on.
    assert found.counts == (HygieneCount("radical", 1, 1, None, 1), HygieneCount("not radical", 3, 3, None, 2))


def test_an_acknowledged_finding_is_in_the_results_with_its_reason_and_its_counts(log: Log) -> None:
    text = 'compare os in treated by radical acknowledge immortal_time "as published"'
    (found,) = weighed(log, text, "immortal_time")
    assert found.acknowledged == "as published"
    assert found.place == f"study.tql:{STUDY.count(chr(10)) + 1}"
    assert found.counts[1].person_days == 100


def test_an_acknowledged_finding_that_data_cannot_weigh_is_in_the_results(log: Log) -> None:
    text = 'estimate os in treated let idle = first surgery acknowledge unused_name "for later"'
    (found,) = [item for item in run(log, text).hygiene if item.acknowledged is not None]
    assert (found.rule, found.counted, found.counts) == ("unused_name", False, ())


def test_a_cut_off_hides_from_the_counts_what_it_hides_from_the_study(log: Log) -> None:
    (found,) = weighed(log, "cutoff 2010-03-31 compare os in treated by radical", "immortal_time")
    # A's operation lies behind the cut-off: C alone is radical, from the first day on; A, B and D are not.
    assert found.counts == (HygieneCount("not radical", 3, 0, 0), HygieneCount("radical", 1, 0, 0))
