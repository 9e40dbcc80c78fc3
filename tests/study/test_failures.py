"""What cannot be estimated has a stated result, or an error with the analysis named; the rest of the study goes on."""

import pytest

from tests.study.support import run
from timeline.log import Log
from timeline.study.results import (
    ComparisonResult,
    EstimateResult,
    FailedResult,
    IncidenceResult,
    RegressionResult,
    Survived,
)

NOBODY = 'cohort nobody\n    from all_patients\n    require "three operations" at least 3 surgery\n'
ONE = 'cohort one\n    from all_patients\n    require "old" registration.weight = 90\n'
ALIVE = 'cohort alive\n    from all_patients\n    exclude "died" any death\n'
NO_END = "endpoint unseen\n    from first recurrence where start > 2020-01-01\n    until death\n"
LATE = "endpoint late\n    from registration\n    entering at first surgery\n    until death\n    last seen follow_up\n"
AT_ONCE = 'endpoint at_once\n    from registration\n    until registration as "registered"\n'
RELAPSE = """
endpoint relapse
    from registration
    until first recurrence
    competing death
    last seen follow_up
"""
RECURRED = "endpoint recurred\n    from first recurrence\n    until death\n    last seen surgery\n"
EARLY = """
endpoint early
    from registration
    until death where start < 2010-03-01
    last seen follow_up or death
"""

FAILED = {
    "estimate in nobody": (NOBODY + "estimate os in nobody", "has no member"),
    "compare in nobody": (NOBODY + "compare os in nobody by registration.sex", "has no member"),
    "cox in nobody": (NOBODY + "cox os in nobody on registration.sex", "has no member"),
    "incidence in nobody": (NOBODY + "incidence os in nobody", "has no member"),
    "states in nobody": (NOBODY + 'states os in nobody through recurrence as "recurred"', "has no member"),
    "table of nobody": (NOBODY + "table nobody show registration.sex", "has no member"),
    "swimmer of nobody": (NOBODY + "swimmer nobody lanes death", "has no member"),
    "cox without events": (ALIVE + "cox os in alive on registration.sex", "no patient had the event"),
    "fine-gray without events": (
        ALIVE + "fine_gray os in alive on registration.sex",
        "no patient had the event",
    ),
    "fine-gray of one patient": (ONE + "fine_gray os in one on registration.arm", "at least two levels"),
    "fine-gray with all tied": (
        AT_ONCE + "fine_gray at_once in all_patients on registration.arm",
        "where all of them have the event on one day",
    ),
    "cox of one patient": (ONE + "cox os in one on registration.sex", "at least two levels"),
    "cox on one level": ("cox os in all_patients on registration.sex in (female, male)", "at least two levels"),
    "cox on a reference that nobody has": (
        'cox os in all_patients on registration.arm against "C"',
        "nobody has registration.arm = C, the reference",
    ),
    "cox with separation": ("cox os in all_patients on (any surgery) landmark 80 days", "would be 0"),
    "cox after the end": ("cox os in all_patients on registration.sex landmark 3 years", "no member of all_patients"),
    "cox without times": (NO_END + "cox unseen in all_patients on registration.sex", "no member of all_patients"),
    "incidence without times": (NO_END + "incidence unseen in all_patients", "no member of all_patients"),
    "fine-gray with delayed entry": (
        LATE + "fine_gray late in all_patients on registration.sex",
        "entry",
    ),
}


@pytest.mark.parametrize("case", FAILED)
def test_what_cannot_be_done_is_named_and_the_rest_is_done(case: str, trial: Log) -> None:
    text, message = FAILED[case]
    result = run(trial, f"{text}\nestimate os in all_patients\nexpect count(all_patients) = 6\n")
    failed, done = result.analyses
    assert isinstance(failed, FailedResult)
    assert message in failed.message
    assert failed.place.startswith("study.tql:")
    assert failed.analysis
    assert isinstance(done, EstimateResult)
    assert result.failed == (failed,)
    assert result.reproduced


def only(log: Log, text: str) -> EstimateResult | ComparisonResult:
    [result] = run(log, text).analyses
    assert isinstance(result, EstimateResult | ComparisonResult), result
    return result


def groups(log: Log, text: str) -> dict[str, Survived]:
    return {item.label: item for item in only(log, text).groups}


def test_without_events_survival_is_1_and_no_median_is_reached(trial: Log) -> None:
    [group] = groups(trial, ALIVE + "estimate os in alive at 1 year").values()
    assert group.survival[0].survival == 1
    assert group.median.time is None


def test_one_patient_has_a_curve(trial: Log) -> None:
    [group] = groups(trial, ONE + "estimate os in one at 100 days").values()
    assert (group.n, group.events, group.median.time) == (1, 1, 300)


def incidence(log: Log, text: str) -> IncidenceResult:
    [result] = run(log, text).analyses
    assert isinstance(result, IncidenceResult), result
    return result


def test_without_events_the_incidence_is_0(trial: Log) -> None:
    [group] = incidence(trial, ALIVE + "incidence os in alive at 100 days").groups
    assert [(cause.events, cause.incidence[0].incidence) for cause in group.causes] == [(0, 0)]


def test_one_patient_has_an_incidence(trial: Log) -> None:
    [group] = incidence(trial, ONE + RELAPSE + "incidence relapse in one at 200 days").groups
    # p4 has a recurrence on day 150 and dies after it.
    assert [(cause.events, cause.incidence[0].incidence) for cause in group.causes] == [(1, 1), (0, 0)]


def test_one_group_has_its_incidence_and_no_test(trial: Log) -> None:
    result = incidence(trial, ONE + "incidence os in one by registration.sex at 1 year")
    assert [group.label for group in result.groups] == ["male"]
    assert [test for _, test in result.tests] == [None]


def test_one_group_has_estimates_and_a_note_instead_of_a_test(trial: Log) -> None:
    result = only(trial, "compare os in all_patients by registration.sex in (female, male)")
    assert isinstance(result, ComparisonResult)
    assert result.test is None
    assert "nobody in the group" in result.note
    assert [item.n for item in result.groups] == [6]


def test_groups_without_an_event_have_estimates_and_a_note(trial: Log) -> None:
    result = only(trial, ALIVE + "compare os in alive by registration.sex trend pairwise")
    assert isinstance(result, ComparisonResult)
    assert result.test is None
    assert "no patient had the event" in result.note
    assert [item.events for item in result.groups] == [0, 0]


def test_a_landmark_after_the_end_leaves_everyone_out_by_name(trial: Log) -> None:
    result = only(trial, "estimate os in all_patients landmark 3 years")
    assert result.groups == ()
    assert [(out.reason, len(out.patients)) for out in result.left_out] == [("not at risk after the landmark", 6)]


def test_who_has_no_group_is_left_out_by_name(trial: Log) -> None:
    result = only(trial, "compare os in all_patients by registration.weight > 70")
    assert [(out.reason, out.patients) for out in result.left_out] == [("registration.weight > 70 is unknown", ("p5",))]


def test_all_tied_times_are_estimated(trial: Log) -> None:
    [group] = groups(trial, AT_ONCE + "estimate at_once in all_patients at 1 day").values()
    # All six have the event on the day they were registered: at time 0.
    assert (group.n, group.events, group.median.time) == (6, 6, 0)
    assert group.survival[0].survival == 0


def test_groups_whose_times_are_all_tied_have_estimates_and_a_note(trial: Log) -> None:
    result = only(trial, AT_ONCE + "compare at_once in all_patients by registration.sex trend pairwise")
    assert isinstance(result, ComparisonResult)
    # On the only day all six have the event, whoever is in which group: n - d = 0, and so is the variance.
    assert result.test is None
    assert "too few events while patients of all groups were at risk" in result.note
    assert [(item.n, item.events) for item in result.groups] == [(3, 3), (3, 3)]


def test_a_model_of_times_that_are_all_tied_has_ratios_and_no_test_of_proportional_hazards(trial: Log) -> None:
    [result] = run(trial, AT_ONCE + "cox at_once in all_patients on registration.sex").analyses
    assert isinstance(result, RegressionResult)
    assert [effect.ratio for effect in result.effects] == [1]  # all of both sexes leave together
    assert result.proportionality == ()
    assert "all events fall on one day" in result.note


def test_a_time_of_0_is_a_time(trial: Log) -> None:
    result = only(trial, RECURRED + "estimate recurred in all_patients at 1 day")
    assert isinstance(result, EstimateResult)
    assert result.group is not None
    # p5 was operated on on the day of the recurrence, 60, and was last seen then; p4 died 150 days after it.
    assert (result.group.n, result.group.events, result.group.curve.time.tolist()) == (2, 1, [0, 150])


def test_who_was_last_seen_before_the_origin_is_left_out_by_name(trial: Log) -> None:
    result = only(trial, RECURRED + "estimate recurred in all_patients")
    # p3 was last operated on on day 30 and had the recurrence on day 200: -170 days are no time.
    assert ("end before origin", ("p3",)) in [(out.reason, out.patients) for out in result.left_out]


def test_who_lacks_a_covariate_is_left_out_of_the_model_by_name(trial: Log) -> None:
    [result] = run(trial, "cox os in all_patients on registration.weight").analyses
    assert isinstance(result, RegressionResult)
    assert [(out.reason, out.patients) for out in result.left_out] == [("registration.weight is unknown", ("p5",))]


def test_a_fit_that_does_not_converge_is_named_and_the_rest_is_done(
    larger: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timeline.survival.newton.STEPS", 1)
    result = run(
        larger,
        "cox os in all_patients on registration.arm\ncompare os in all_patients by registration.arm\n"
        "estimate os in all_patients\n",
    )
    failed, compared, done = result.analyses
    assert isinstance(failed, FailedResult)
    assert failed.analysis == "Cox's proportional hazards model of os in all_patients on registration.arm"
    assert "the fit did not converge in 1 steps" in failed.message
    assert isinstance(compared, ComparisonResult)
    assert compared.test is not None  # a comparison has its curves and its test without the ratios
    assert compared.hazards is None
    assert "did not converge" in compared.note
    assert isinstance(done, EstimateResult)
    assert result.failed == (failed,)


def test_a_test_whose_weights_are_all_0_is_a_note(trial: Log) -> None:
    # G(0, 1) weighs a day by 1 - S before it: the only event, of p2 on day 50, has 1 - 1 = 0.
    text = EARLY + "compare early in all_patients by registration.sex test fleming_harrington(0, 1)"
    result = only(trial, text)
    assert isinstance(result, ComparisonResult)
    assert result.test is None
    assert result.note == "the test gives every day with an event a weight of 0, so the groups cannot be compared"
    assert [item.events for item in result.groups] == [1, 0]


def test_a_mean_beyond_the_last_patient_is_a_note(trial: Log) -> None:
    [group] = groups(trial, "estimate os in all_patients mean up to 5 years").values()
    assert group.restricted_mean is None
    assert "nobody was followed" in group.note


def test_a_figure_that_cannot_be_computed_does_not_hold_and_says_why(trial: Log) -> None:
    result = run(trial, NOBODY + 'expect median(os in nobody) = 1 year "a"\nexpect count(all_patients) = 6 "b"\n')
    first, second = result.expectations
    assert not first.passes
    assert "has no member" in first.checks[0].computed
    assert second.passes
