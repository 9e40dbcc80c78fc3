"""Every node of the IR has words, and they say what the node means."""

from collections.abc import Iterator
from datetime import date

import pytest

from dsl import explain, ir, program, words
from dsl.catalog import Attribute, EventType
from dsl.types import Boolean, Code, Date, Duration, Integer, Number, Text

SITE = Code(("rectum", "liver"))
SURGERY = EventType("surgery", (Attribute("site", SITE), Attribute("trg", Integer())))
RELAPSE = EventType("recurrence", (Attribute("site", SITE),))
SURGERIES, RELAPSES = ir.Events(SURGERY), ir.Events(RELAPSE)
IN_LIVER = ir.Compare("=", ir.Own("site", SITE), ir.Literal("liver", SITE))
LIVER = ir.Filter(SURGERIES, IN_LIVER)
LAST = ir.Select("last", LIVER)
REF = ir.EventRef("clearance")
START = ir.Attribute(REF, "start", Date())
DAY = ir.Literal(date(2010, 6, 1), Date())
AFTER = ir.InWindow(ir.Bound(ir.LastDay(REF), False), None, "after clearance")
ANY = ir.Quantified("any", 0, LIVER)
TIME = ir.EndpointField("os", "time", Duration())
YEAR = ir.CalendarSpan(months=12)

ORIGIN = program.Term(START, REF, "clearance")
DEATH = program.Term(
    ir.Attribute(ir.Select("first", RELAPSES), "start", Date()), ir.Select("first", RELAPSES), "relapse"
)
OS = program.Endpoint("os", "Overall survival", ORIGIN, (DEATH,), (), (), (ORIGIN,))
REQUIREMENT = program.Requirement("operated", ANY)
COHORT = program.Cohort("operated", "Operated on", None, START, (REQUIREMENT,))
READING = program.Reading((YEAR,), YEAR, (0.25,), mean_up_to=YEAR)
IN_COHORT = program.Subject("os", "operated")
MEMBERS = program.Members("operated", ANY)
GROUP = program.Group(ir.CohortRef("radical"), "radical")
COUNT = program.CountOf(MEMBERS)
PUBLISHED = program.Published("3.8", "year")
CHECK = program.Check(COUNT, "=", program.Published("50"), "count(operated) = 50")


def paragraph(found: explain.Paragraph) -> str:
    return " | ".join([found.heading, *found.sentences, *found.items])


PHRASES: list[tuple[type[ir.Node], str, str]] = [
    (ir.Literal, words.noun(ir.Literal(ir.CalendarSpan(months=6), Duration())), "6 months"),
    (ir.Literal, words.noun(ir.Literal("none found", Text())), "“none found”"),
    (ir.Literal, words.noun(ir.Literal(5, Number("mg"))), "5 mg"),
    (ir.Own, words.noun(ir.Own("r_status", SITE)), "the r status"),
    (
        ir.Attribute,
        words.noun(ir.Attribute(LAST, "site", SITE)),
        "the site of the last surgery where the site is liver",
    ),
    (ir.LastDay, words.noun(ir.LastDay(REF)), "the last day of clearance"),
    (ir.LetRef, words.clause(ir.LetRef("pcr", Boolean()), False), "pcr is false"),
    (ir.EndpointField, words.noun(TIME), "the time to os"),
    (
        ir.EndpointField,
        words.clause(ir.EndpointField("os", "happened", Boolean()), False),
        "the event of os did not happen",
    ),
    (ir.CohortRef, words.clause(ir.CohortRef("radical")), "the patient belongs to the cohort radical"),
    (ir.AgeAt, words.noun(ir.AgeAt(DAY, START)), "the age in completed years on the start of clearance"),
    (ir.Compare, words.clause(ir.Compare("<=", START, DAY)), "the start of clearance is on or before 2010-06-01"),
    (
        ir.Compare,
        words.clause(ir.Compare(">", TIME, ir.Literal(ir.CalendarSpan(months=24), Duration())), False),
        "the time to os is at most 2 years",
    ),
    (
        ir.OneOf,
        words.clause(ir.OneOf(ir.Own("site", SITE), (ir.Literal("rectum", SITE), ir.Literal("liver", SITE)))),
        "the site is rectum or liver",
    ),
    (ir.IsKnown, words.clause(ir.IsKnown(REF), False), "clearance was not found"),
    (ir.IsKnown, words.clause(ir.IsKnown(ir.Own("trg", Integer()))), "the trg is known"),
    (ir.Not, words.clause(ir.Not(IN_LIVER)), "the site is not liver"),
    (
        ir.And,
        words.clause(ir.And((IN_LIVER, ir.Or((IN_LIVER, AFTER))))),
        "the site is liver and (the site is liver or it starts after the last day of clearance)",
    ),
    (
        ir.Or,
        words.clause(ir.Not(ir.Or((IN_LIVER, ir.CohortRef("radical"))))),
        "the site is not liver and the patient does not belong to the cohort radical",
    ),
    (
        ir.Arithmetic,
        words.noun(ir.Arithmetic("/", ir.Arithmetic("-", TIME, TIME, Duration()), ir.Literal(2, Number()), Duration())),
        "(the time to os minus the time to os) divided by 2",
    ),
    (ir.Shift, words.noun(ir.Shift(START, ir.CalendarSpan(days=-30))), "30 days before the start of clearance"),
    (ir.ShiftDays, words.noun(ir.ShiftDays(DAY, TIME)), "the day that lies the time to os after 2010-06-01"),
    (ir.DaysBetween, words.noun(ir.DaysBetween(START, DAY)), "the days from the start of clearance to 2010-06-01"),
    (
        ir.Case,
        words.noun(ir.Case(((IN_LIVER, ir.Literal("a", Text())),), None, Text())),
        "“a” if the site is liver; else missing",
    ),
    (ir.Quantified, words.clause(ANY), "there is at least one surgery where the site is liver"),
    (ir.Quantified, words.clause(ANY, False), "there is no surgery where the site is liver"),
    (
        ir.Quantified,
        words.clause(ir.Quantified("at least", 3, SURGERIES), False),
        "there are at most 2 surgery events",
    ),
    (ir.Quantified, words.clause(ir.Quantified("at most", 2, SURGERIES), False), "there are at least 3 surgery events"),
    (
        ir.Quantified,
        words.clause(ir.Quantified("all", 0, SURGERIES, IN_LIVER)),
        "there is at least one surgery, and for every one the site is liver",
    ),
    (
        ir.Quantified,
        words.clause(ir.Quantified("all", 0, SURGERIES, IN_LIVER), False),
        "there is no surgery, or for one of them the site is not liver",
    ),
    (ir.Aggregate, words.noun(ir.Aggregate("count", SURGERIES, None, Integer())), "the number of surgery events"),
    (
        ir.Aggregate,
        words.noun(ir.Aggregate("max", SURGERIES, ir.Own("start", Date()), Date())),
        "the latest start of surgery events",
    ),
    (ir.Bound, words.window(AFTER), "after the last day of clearance"),
    (
        ir.InWindow,
        words.window(ir.InWindow(ir.Bound(START, True), ir.Bound(ir.LastDay(REF), True), "on clearance")),
        "during clearance",
    ),
    (
        ir.InWindow,
        words.window(ir.InWindow(ir.Bound(START, True), ir.Bound(DAY, False), "")),
        "on or after the start of clearance and before 2010-06-01",
    ),
    (ir.Events, words.plural(SURGERIES), "surgery events"),
    (
        ir.Events,
        words.singular(ir.Events(SURGERY, horizons=(DAY,))),
        "surgery (of what happened up to 2010-06-01)",
    ),
    (ir.Union, words.singular(ir.Union((SURGERIES, RELAPSES))), "surgery or recurrence"),
    (
        ir.Filter,
        words.singular(ir.Filter(LIVER, AFTER)),
        "surgery after the last day of clearance where the site is liver",
    ),
    (
        ir.Courses,
        words.singular(ir.Courses(SURGERIES, 42)),
        "course of surgery events (each at most 42 days after those before it)",
    ),
    (ir.Select, words.the_event(ir.Select("nth", SURGERIES, 11)), "the 11th surgery"),
    (ir.Select, words.the_event(ir.Select("nth", SURGERIES, 22)), "the 22nd surgery"),
    (ir.Select, words.the_event(ir.Select("last", SURGERIES, by_end=True)), "the surgery that ends last"),
    (ir.EventRef, words.the_event(REF), "clearance"),
    (
        program.LetValue,
        paragraph(explain.define(program.LetValue("a", TIME, "How long"))),
        "a: How long | The time to os.",
    ),
    (
        program.LetEvent,
        paragraph(explain.define(program.LetEvent("a", ir.Select("only", SURGERIES)))),
        "a | The only surgery. | A patient with several has none.",
    ),
    (
        program.Requirement,
        explain.define(program.Cohort("c", "", None, None, (program.Requirement("old", ANY, True),))).items[0],
        "excluded: “old”: there is no surgery where the site is liver",
    ),
    (
        program.Cohort,
        paragraph(explain.define(COHORT)),
        (
            "Cohort operated: Operated on | All patients who meet every requirement below. | "
            "The index date is the start of clearance; a patient without one is not a member. | "
            "A requirement that cannot be decided, for want of a value, is not met; those patients are counted apart."
            " | “operated”: there is at least one surgery where the site is liver"
        ),
    ),
    (program.Term, explain.term_words(DEATH), "the first recurrence (“relapse”)"),
    (
        program.Endpoint,
        paragraph(explain.define(OS)),
        (
            "Endpoint os: Overall survival | Time runs in days from the start of clearance. | "
            "The event is the first recurrence (“relapse”). | "
            "A patient with none of these is censored at the end of follow-up: the start of clearance. | "
            "Days before the origin do not count. | "
            "A patient without an origin, without follow-up, or last seen before the origin has no time, and is listed."
        ),
    ),
    (
        program.Rule,
        explain.rule(program.Rule("odd", "operated twice", SURGERIES)),
        "Flag surgery events: operated twice.",
    ),
    (program.Subject, explain.subject_words(IN_COHORT), "os in operated"),
    (
        program.Estimate,
        explain.analyse(program.Estimate(IN_COHORT, program.Reading((YEAR,)))),
        "Kaplan-Meier estimate of os in operated, read at 1 year.",
    ),
    (
        program.Reading,
        explain.analyse(program.Estimate(IN_COHORT, READING, landmark=YEAR)),
        (
            "Kaplan-Meier estimate of os in operated, read at 1 year, given survival of 1 year, times by which 25 % "
            "had the event, mean up to 1 year; time counts from 1 year after the origin, among patients then still at "
            "risk."
        ),
    ),
    (
        program.RankTest,
        explain.analyse(program.Comparison(IN_COHORT, GROUP, test=program.RankTest("gehan"), strata=(GROUP,))),
        (
            "Comparison of os in operated between groups by radical (Gehan-Wilcoxon test, Cox's hazard ratio, "
            "stratified by radical)."
        ),
    ),
    (program.TurnsTrue, explain.onset_words(program.TurnsTrue(DEATH.day)), "the start of the first recurrence"),
    (
        program.WhenAll,
        explain.onset_words(program.WhenAll((program.TurnsTrue(DEATH.day), program.TurnsTrue(OS.origin.day)))),
        "the latest of (the start of the first recurrence; the start of clearance)",
    ),
    (
        program.WhenAny,
        explain.onset_words(program.WhenAny((program.TurnsTrue(DEATH.day), program.TurnsTrue(OS.origin.day)))),
        "the earliest of (the start of the first recurrence; the start of clearance)",
    ),
    (
        program.Covariate,
        explain.analyse(program.Regression("fine_gray", IN_COHORT, (program.Covariate(ANY, "liver", "true"),))),
        "Fine and Gray's model of os in operated on liver (against true).",
    ),
    (
        program.Regression,
        explain.analyse(
            program.Regression("cox", IN_COHORT, (program.Covariate(ANY, "x", None, program.TurnsTrue(DEATH.day)),))
        ),
        ("Cox's proportional hazards model of os in operated on x (true from the start of the first recurrence on)."),
    ),
    (
        program.States,
        explain.analyse(program.States(IN_COHORT, "in treatment", (DEATH,), (YEAR,))),
        (
            "Share of the patients in each state (Aalen-Johansen) over the time of os in operated: “in treatment” at "
            "first, then “relapse” from the first recurrence on, read at 1 year."
        ),
    ),
    (
        program.States,
        explain.analyse(program.States(program.Subject("os", "operated", ANY), "in treatment", (DEATH,), (), GROUP)),
        (
            "Share of the patients in each state (Aalen-Johansen) over the time of os in operated for whom there is at "
            "least one surgery where the site is liver by radical: “in treatment” at first, then “relapse” from the "
            "first recurrence on."
        ),
    ),
    (
        program.Group,
        explain.analyse(program.Incidence(IN_COHORT, GROUP)),
        "Cumulative incidence (Aalen-Johansen) of os in operated between groups by radical (Gray's test).",
    ),
    (
        program.Comparison,
        explain.analyse(program.Comparison(IN_COHORT, GROUP, landmark=YEAR)),
        (
            "Comparison of os in operated between groups by radical (log-rank test, Cox's hazard ratio); "
            "the groups are formed by what had happened 1 year after the origin, among patients then still at risk."
        ),
    ),
    (
        program.Incidence,
        explain.analyse(program.Incidence(IN_COHORT, None, (YEAR,))),
        "Cumulative incidence (Aalen-Johansen) of os in operated, read at 1 year.",
    ),
    (program.Shown, explain.analyse(program.Table("c", None, (program.Shown("age", TIME),))), "Table of age in c."),
    (
        program.Table,
        explain.analyse(program.Table("c", GROUP, (program.Shown("age", TIME), program.Shown("sex", TIME)))),
        "Table of age and sex in c, by radical.",
    ),
    (
        program.Swimmer,
        explain.analyse(program.Swimmer("c", (SURGERY, RELAPSE))),
        "Swimmer plot of c: surgery and recurrence of each patient.",
    ),
    (
        program.Attrition,
        explain.analyse(program.Attrition("c")),
        "Attrition of c: how many patients each requirement leaves.",
    ),
    (
        program.Members,
        explain.members_words(MEMBERS),
        "members of operated for whom there is at least one surgery where the site is liver",
    ),
    (
        program.CountOf,
        explain.statistic(COUNT),
        "the number of members of operated for whom there is at least one surgery where the site is liver",
    ),
    (program.ShareOf, explain.statistic(program.ShareOf(program.Members("c"))), "the share of c"),
    (
        program.Summary,
        explain.statistic(program.Summary("median", TIME, program.Members("c"))),
        "the median of the time to os over members of c",
    ),
    (
        program.EndpointStatistic,
        explain.statistic(program.EndpointStatistic("survival", IN_COHORT, at=YEAR)),
        "the Kaplan-Meier estimate of os in operated at 1 year",
    ),
    (
        program.StatisticArithmetic,
        explain.statistic(program.StatisticArithmetic("-", program.StatisticLiteral(100, "%"), COUNT)),
        f"(100 %) - ({explain.statistic(COUNT)})",
    ),
    (program.StatisticLiteral, explain.statistic(program.StatisticLiteral(2, "day")), "2 days"),
    (program.Published, explain.published(PUBLISHED), "3.8 years"),
    (
        program.Check,
        explain.expectation(program.Expectation((CHECK,), "Abstract", None, False, 1)).split(": ")[0],
        "Printed (Abstract)",
    ),
    (
        program.Expectation,
        explain.expectation(program.Expectation((CHECK,), "Abstract", "It excludes another.", False, 1)),
        f"Printed (Abstract), but contradicted by other figures: {explain.statistic(COUNT)} = 50. It excludes another.",
    ),
]

SAID_BY_THEIR_AUTHOR = {
    program.GivenEvent,
    program.ExpectEndpoint,
    program.ExpectMember,
    program.ExpectTrue,
    program.Test,
    program.Parameter,
    program.Program,
}
"""Tests keep the words that they were written in; a parameter and a program are what is listed."""


@pytest.mark.parametrize(("node", "said", "expected"), PHRASES, ids=[entry[0].__name__ for entry in PHRASES])
def test_a_node_says_what_it_means(node: type[ir.Node], said: str, expected: str) -> None:
    assert said == expected


def test_every_node_has_words() -> None:
    def nodes(base: type[ir.Node]) -> Iterator[type[ir.Node]]:
        for found in base.__subclasses__():
            if found.__module__ in ("dsl.ir", "dsl.program"):
                yield found
            yield from nodes(found)

    said = {entry[0] for entry in PHRASES}
    assert set(nodes(ir.Node)) - said == SAID_BY_THEIR_AUTHOR


def test_every_statistic_and_every_summary_has_words() -> None:
    assert set(explain.STATISTICS) == set(program.ENDPOINT_STATISTICS)
    assert set(explain.SUMMARIES) == set(program.SUMMARIES)
    needing_a_time = {name for name, needs in program.ENDPOINT_STATISTICS.items() if {"at", "up to"} & set(needs)}
    assert {name for name, said in explain.STATISTICS.items() if said.count("{}") == 2} == needing_a_time


def test_a_condition_and_its_negation_never_read_alike() -> None:
    conditions: list[ir.Value] = [
        IN_LIVER,
        ANY,
        AFTER,
        ir.CohortRef("radical"),
        ir.IsKnown(REF),
        ir.LetRef("x", Boolean()),
    ]
    conditions += [ir.Quantified(name, 2, SURGERIES) for name in ("at least", "at most", "no")]
    for condition in conditions:
        assert words.clause(condition) != words.clause(condition, False)
        assert words.clause(ir.Not(ir.Not(condition))) == words.clause(condition)
