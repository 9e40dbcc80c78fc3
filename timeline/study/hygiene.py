"""Weighs on the data what hygiene found in a study: the patients whom a finding concerns, and their person-time.

Which patients are concerned is asked of the data itself: the value is computed a second time with only what had
happened by the day in question, and patients for whom it differs are counted. What is only possible by the text of a
study, and happens to no patient, is told as just that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl import Checked, ir, program
from dsl.lint.catalogue import RULES, SMALLEST_GROUP
from dsl.lint.finding import Finding
from dsl.lint.question import Count, Entry, Groups
from dsl.sql import Compiled, hygiene
from timeline.errors import StudyError
from timeline.study.results import HygieneCount, HygieneResult

if TYPE_CHECKING:
    from timeline.engine.base import Engine
    from timeline.study.statistics import Statistics


def weigh_findings(
    checked: Checked, compiled: Compiled, engine: Engine, statistics: Statistics
) -> tuple[HygieneResult, ...]:
    """Findings that the data can weigh, with their counts; and all that are acknowledged."""
    findings = [item for item in checked.findings if item.question is not None or item.acknowledged is not None]
    asked = [item.question for item in findings if isinstance(item.question, Count | Entry)]
    weighed = None
    if asked:
        weighed = hygiene.weigh(checked.program, list(dict.fromkeys(asked)), compiled.dialect)
        engine.materialise(hygiene.NAME, weighed.compiled.sql())
    lowered = _lowered(checked.program, compiled.study)
    found: dict[HygieneResult, None] = {}
    for item in findings:
        match item.question:
            case Count() as question:
                assert weighed is not None
                counts = _counts(engine, hygiene.settled_later(weighed, question))
            case Entry() as question:
                assert weighed is not None
                counts = _counts(engine, hygiene.entered_later(weighed, question))
            case Groups() as question:
                try:
                    counts = _small(statistics, *lowered[question.subject, question.group, _key(question.landmark)])
                except StudyError:  # nobody is in the cohort, which its analysis says
                    counts = ()
            case None:
                counts = ()
        result = _result(item, counts)
        if result.concerns_anyone or item.acknowledged is not None or not RULES[item.rule].counted:
            found[result] = None
    return tuple(found)


def _result(item: Finding, counts: tuple[HygieneCount, ...]) -> HygieneResult:
    place = f"{item.span.source.name}:{item.span.line}" if item.span is not None else ""
    weighed = item.question is not None
    return HygieneResult(
        RULES[item.rule].code, item.rule, item.message, place, item.hint or "", item.acknowledged, weighed, counts
    )


def _counts(engine: Engine, sql: str) -> tuple[HygieneCount, ...]:
    rows = engine.query(sql).to_pylist()
    return tuple(HygieneCount(row["group"], row["members"], row["patients"], int(row["days"])) for row in rows)


_Asked = tuple[program.Subject, program.Group, ir.CalendarSpan | None]
_Key = tuple[program.Subject, program.Group, tuple[float, float] | None]


def _key(landmark: ir.CalendarSpan | None) -> tuple[float, float] | None:
    return (landmark.months, landmark.days) if landmark is not None else None


def _lowered(study: program.Program, lowered: program.Program) -> dict[_Key, _Asked]:
    """What each comparison became when cut-offs and landmarks were written out, which keeps the order of everything."""
    pairs = zip(_comparisons(study), _comparisons(lowered), strict=True)
    return {(before[0], before[1], _key(before[2])): after for before, after in pairs}


def _comparisons(study: program.Program) -> list[_Asked]:
    found: list[_Asked] = []
    for root in (*study.analyses, *study.expectations):
        for node in root.walk():
            match node:
                case program.Comparison(subject=subject, group=group, landmark=landmark):
                    found.append((subject, group, landmark))
                case program.Estimate(subject=subject, group=program.Group() as group, landmark=landmark):
                    found.append((subject, group, landmark))
                case program.EndpointStatistic(subject=subject, group=program.Group() as group, landmark=landmark):
                    found.append((subject, group, landmark))
                case program.Incidence(subject=subject, group=program.Group() as group):
                    found.append((subject, group, None))
    return found


def _small(
    statistics: Statistics, subject: program.Subject, group: program.Group, landmark: ir.CalendarSpan | None
) -> tuple[HygieneCount, ...]:
    """Groups of fewer than SMALLEST_GROUP patients, and groups without an event."""
    tables = statistics.risk_tables(subject, group, landmark)
    small = [HygieneCount(label, 0, 0, None, 0) for label in tables.empty]
    for label, table in tables.tables().items():
        if table.n < SMALLEST_GROUP or not table.events:
            small.append(HygieneCount(label, table.n, table.n, None, table.events))
    return tuple(small)
