"""Results count the times that rest on imputed days."""

import io
from pathlib import Path

import pytest
from rich.console import Console

import dsl
from dsl.catalog import Catalog
from dsl.source import Source
from timeline.ingest import import_file
from timeline.log import Log
from timeline.report.terminal import print_study
from timeline.study.results import ComparisonResult, EstimateResult, IncidenceResult, StudyResult
from timeline.study.run import run_study

STUDY = """
cohort everyone
    index radiotherapy_start

let radiotherapy_start = (first radiotherapy).start

endpoint os "Overall survival"
    from       first radiotherapy
    until      death
    last seen  follow_up

endpoint since_end "Survival since the end of radiotherapy"
    from       (last radiotherapy).end
    until      death
    last seen  follow_up

endpoint relapse "Recurrence"
    from       first radiotherapy
    until      recurrence
    competing  death
    last seen  follow_up

estimate  os in everyone
estimate  since_end in everyone
compare   os in everyone by (first registration).sex
compare   os in everyone by (first registration).sex landmark 1 year
incidence relapse in everyone
"""
# Partly known: p1 the death; p2 the start of radiotherapy; p3 its end, and a follow-up that is not the last one;
# p4 nothing; p5 the last follow-up and the start, in one time.
EVENTS = """patient,event,start,end,sex
p1,registration,2010-01-01,,female
p1,radiotherapy,2010-01-01,2010-01-05,
p1,death,2012-06,,
p2,registration,2010-01-01,,male
p2,radiotherapy,2010-01,2010-02-05,
p2,recurrence,2010-08,,
p2,death,2010-09-01,,
p3,registration,2010-01-01,,male
p3,radiotherapy,2010-01-01,2010-01,
p3,follow_up,2011,,
p3,follow_up,2012-01-01,,
p4,registration,2010-01-01,,female
p4,radiotherapy,2010-01-01,2010-01-05,
p4,death,2012-01-01,,
p5,registration,2010-01-01,,female
p5,radiotherapy,2010-02,2010-03-01,
p5,follow_up,2012,,
"""


def run(catalog: Catalog, folder: Path, events: str) -> StudyResult:
    file = folder / "events.csv"
    file.write_text(events)
    log = Log.create(folder / "store", catalog)
    import_file(log, file)
    checked = dsl.check(Source(STUDY, "study.tql"), catalog)
    assert not checked.errors
    return run_study(checked, log)


def imputed(result: StudyResult) -> list[dict[str, int]]:
    found = []
    for analysis in result.analyses:
        match analysis:
            case EstimateResult(group=group) if group is not None:
                found.append({group.label: group.imputed})
            case ComparisonResult(groups=groups) | IncidenceResult(groups=groups):
                found.append({group.label: group.imputed for group in groups})
    return found


def test_each_result_counts_the_times_that_rest_on_imputed_days(catalog: Catalog, tmp_path: Path) -> None:
    assert imputed(run(catalog, tmp_path, EVENTS)) == [
        {"all": 3},  # p1 by the death, p2 by the start, p5 by both
        {"all": 3},  # p1 by the death, p3 by the end of radiotherapy, p5 by the last follow-up
        {"female": 2, "male": 1},
        {"female": 2, "male": 0},  # p2 died within the year
        {"all": 3},  # p1, p2 and p5
    ]


def test_whole_dates_count_for_nothing(catalog: Catalog, tmp_path: Path) -> None:
    whole = "\n".join(line for line in EVENTS.splitlines() if line.startswith(("patient", "p4")))
    second = whole.replace("p4", "p6").replace("female", "male").split("\n", 1)[1]
    assert [set(group.values()) for group in imputed(run(catalog, tmp_path, f"{whole}\n{second}\n"))] == [{0}] * 5


@pytest.mark.parametrize("events", [EVENTS, EVENTS.replace("2012-06,", "2012-06-15,")])
def test_the_terminal_says_so_in_one_line(catalog: Catalog, tmp_path: Path, events: str) -> None:
    written = io.StringIO()
    print_study(run(catalog, tmp_path, events), Console(file=written, width=120))
    count = 3 if events == EVENTS else 2
    words = "times start or end on an imputed day: only the month or year is known"
    assert f"{count} of 5 {words}" in written.getvalue()
