"""`timeline test`: tests in query files, run without a store."""

from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Timeline

STUDY = """use oncology
let clearance = last surgery where intent = curative
let grade     = (first pathology).trg = 1
cohort operated "Operated on"
    index    clearance
    require  "on the liver"  any surgery where site = liver
    exclude  "died"          any death
cohort twice "Operated on twice"
    from     operated
    require  "two operations"  at least 2 surgery
endpoint os "Overall survival"
    from       clearance
    until      death as "died"
    competing  progression as "progressed"
    censor     recurrence as "recurred"
    last seen  follow_up
"""
LIVER = "2010-01-01 surgery(site: liver, intent: curative)"


def run(timeline: Timeline, folder: Path, *lines: str, study: str = STUDY) -> tuple[int, str]:
    query = folder / "study.tql"
    query.write_text(study + "\n".join(lines) + "\n")
    done = timeline("test", query)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_the_files_that_come_with_the_program_pass_their_tests(timeline: Timeline) -> None:
    files = [ROOT / "queries" / "colon.tql", *sorted((ROOT / "queries" / "endpoints").glob("*.tql"))]
    done = timeline("test", *files)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith(" passed, 0 failed")


def test_everything_that_can_be_expected_can_hold(timeline: Timeline, tmp_path: Path) -> None:
    code, shown = run(
        timeline,
        tmp_path,
        f'test "a competing event" given {LIVER} 2010-04-01 progression',
        '    expect os = competing after 90 days as "progressed"',
        "    expect not (os.happened)",
        "    expect operated",
        '    expect not twice because "two operations"',
        "    expect clearance.start = 2010-01-01",
        'test "a recurrence censors, on its day death comes first"',
        f"    given {LIVER} 2010-01-31 recurrence 2010-01-31 death",
        '    expect os = event after 30 days as "died"',
        '    expect not operated because "died"',
        f'test "recurrence alone" given {LIVER} 2010-01-31 recurrence',
        '    expect os = censored after 30 days as "recurred"',
        'test "nothing happened" given',
        '    expect os = excluded as "no origin"',
        "    expect not operated",
        f'test "nobody saw the patient again" given {LIVER}',
        '    expect os = excluded as "no follow-up"',
    )
    assert code == 0, shown
    assert shown.splitlines()[-1] == "5 passed, 0 failed"


@pytest.mark.parametrize(
    ("expect", "differs"),
    [
        ("os = competing after 100 days", "-10 days"),
        ("os = event after 90 days", "competing instead of event"),
        ('os = event after 90 days as "progressed"', "competing instead of event"),
        (
            'os = censored after 90 days as "recurred"',
            "competing instead of censored, “progressed” instead of “recurred”",
        ),
        ('os = excluded as "no origin"', "competing instead of excluded"),
        ("twice", "“two operations” is not met"),
        ("not operated", "found     a member"),
        ("clearance.start = 2010-01-04", "-3 days"),
        ("clearance.start < 2009-12-31", "+1 days"),
        ("grade", "found     unknown"),
        ("count(surgery) = 3", "-2"),
        ("clearance.site in (lung, rectum)", "the site of clearance: liver"),
        ("clearance is known and any death", "there is at least one death: false"),
    ],
)
def test_what_does_not_hold_is_told_with_its_difference(
    expect: str, differs: str, timeline: Timeline, tmp_path: Path
) -> None:
    code, shown = run(timeline, tmp_path, f'test "one" given {LIVER} 2010-04-01 progression expect {expect}')
    assert code == 1
    assert f"expect {expect}" in shown
    assert differs in shown
    assert shown.splitlines()[-1] == "0 passed, 1 failed"


def test_a_failure_shows_title_place_events_in_order_and_which_of_them_decided(
    timeline: Timeline, tmp_path: Path
) -> None:
    _, shown = run(
        timeline,
        tmp_path,
        'test "it passes" given expect not operated',
        f'test "it fails" given 2010-06-01 death 2009-01-01 imaging(modality: CT) {LIVER}',
        "    expect os = event after 1 day",
    )
    lines = shown.splitlines()
    line = STUDY.count("\n") + 2
    assert f"it fails  ({tmp_path / 'study.tql'}:{line})" in shown
    events = [text.split() for text in lines if " 20" in text and text.strip()[0] in ">e"]
    assert [words[-1] if words[0] != ">" else f"> {words[1]}" for words in events] == ["CT", "> e3", "> e1"]
    assert "found     event after 151 days as “died”" in shown  # 30 + 28 + 31 + 30 + 31 + 1


def test_known_by_hides_what_was_recorded_later(timeline: Timeline, tmp_path: Path) -> None:
    code, shown = run(
        timeline,
        tmp_path,
        f'test "one" given {LIVER} 2010-02-01 follow_up 2010-03-01 death recorded 2012-01-02',
        "    expect os = censored after 31 days",
        'test "two" given 2010-03-01 death recorded 2012-01-01 expect any death',
        'test "three" given 2010-03-01 death recorded 2012-01-02 expect any death',
        study=STUDY + "known by 2012-01-01\n",
    )
    assert code == 1
    assert shown.splitlines()[-1] == "2 passed, 1 failed"
    assert "not seen: recorded after 2012-01-01" in shown


def test_a_cut_off_hides_what_happened_later(timeline: Timeline, tmp_path: Path) -> None:
    code, shown = run(
        timeline,
        tmp_path,
        f'test "one" given {LIVER} 2010-03-01 death expect os = censored after 31 days as "data cut-off"',
        study=STUDY + "cutoff 2010-02-01\n",
    )
    assert code == 0, shown


def test_events_of_one_day_count_in_the_order_given(timeline: Timeline, tmp_path: Path) -> None:
    code, shown = run(
        timeline,
        tmp_path,
        'test "one" given 2010-01-01 surgery(site: lung) 2010-01-01 surgery(site: liver)',
        "    expect (first surgery).site = lung",
        "    expect (last surgery).site = liver",
    )
    assert code == 0, shown


def test_words_choose_tests_and_words_that_choose_none_are_a_mistake(timeline: Timeline, tmp_path: Path) -> None:
    query = tmp_path / "study.tql"
    query.write_text(STUDY + 'test "Alpha" given expect operated\ntest "beta" given expect not operated\n')
    chosen = timeline("test", query, "-k", "BET")
    assert chosen.returncode == 0
    assert chosen.stdout.splitlines()[-1] == "1 passed, 0 failed"
    none = timeline("test", query, "-k", "gamma")
    assert none.returncode == 1
    assert "`Alpha`, `beta`" in none.stderr


def test_a_file_without_tests_is_told(timeline: Timeline) -> None:
    done = timeline("test", ROOT / "queries" / "vocabulary" / "oncology.tql")
    assert "has no test" in done.stdout
    assert done.returncode == 0
