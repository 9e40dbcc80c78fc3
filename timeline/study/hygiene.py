"""Weighs on the data what hygiene found in a study: the patients whom a finding concerns, and their person-time.

Which patients are concerned is asked of the data itself: the value is computed a second time with only what had
happened by the day in question, and patients for whom it differs are counted. What is only possible by the text of a
study, and happens to no patient, is told as just that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsl import ir, program
from dsl.identity import identities, identity
from dsl.lint.catalogue import RULES, SMALLEST_GROUP
from dsl.lint.finding import Finding
from dsl.lint.question import Count, Entry, Groups, Question
from dsl.rewrite import lower
from dsl.sql import Compiled, hygiene
from timeline.errors import StudyError
from timeline.study.results import HygieneCount, HygieneResult

_Comparison = tuple[program.Subject, program.Group, ir.CalendarSpan | None]
_Found = tuple[program.Analysis | program.Expectation, program.Analysis | program.Expectation, _Comparison]
_Key = tuple[program.Subject, program.Group, tuple[float, float] | None]

if TYPE_CHECKING:
    from timeline.engine.base import Engine
    from timeline.study.statistics import Statistics


@dataclass(frozen=True)
class Asked:
    """A question of a finding, with the node of the study that reads what it needs, as written and as lowered.

    `identity` is a hash of the question and of all definitions that it rests on.
    """

    question: Question
    written: program.Analysis | program.Expectation
    lowered: program.Analysis | program.Expectation
    comparison: _Comparison | None
    identity: str


class Questions:
    """What the findings of a study ask of its data. `study` is the study with what that needs, and `lowered` what it
    becomes."""

    def __init__(self, study: program.Program, findings: Sequence[Finding]) -> None:
        asked = dict.fromkeys(item.question for item in findings if item.question is not None)
        counts = [question for question in asked if not isinstance(question, Groups)]
        self.study = hygiene.asking(study, counts)
        self.lowered = lower(self.study)
        self.names = identities(self.lowered)
        own = len(study.analyses)
        tables = zip(self.study.analyses[own:], self.lowered.analyses[own:], strict=True)
        self.all = [self._of_table(question, *table) for question, table in zip(counts, tables, strict=True)]
        if len(counts) < len(asked):
            comparisons = _comparisons(self.study, self.lowered)
            self.all += [self._of_groups(question, comparisons) for question in asked if isinstance(question, Groups)]

    def _of_table(self, question: Count | Entry, written: program.Analysis, table: program.Analysis) -> Asked:
        words = (question.groups, question.at_risk) if isinstance(question, Count) else None
        rests_on = self.names.get(question.endpoint or "")
        said = f"{type(question).__name__} {words} {rests_on} {identity(table, self.names)}"
        return Asked(question, written, table, None, said)

    def _of_groups(self, question: Groups, comparisons: dict[_Key, _Found]) -> Asked:
        written, lowered, comparison = comparisons[question.subject, question.group, _key(question.landmark)]
        subject, group, landmark = comparison
        said = f"groups {identity(subject, self.names)} {identity(group, self.names, words=True)} {_key(landmark)}"
        return Asked(question, written, lowered, comparison, said)


def weigh(asked: Asked, compiled: Compiled, engine: Engine, statistics: Statistics) -> tuple[HygieneCount, ...]:
    """The answer to a question, from rows that hold what it reads."""
    match asked.question, asked.lowered:
        case Count() as question, program.Table() as table:
            return _counts(engine, hygiene.settled_later(compiled, table, question))
        case Entry() as question, program.Table() as table:
            return _counts(engine, hygiene.entered_later(compiled, table, question))
    assert asked.comparison is not None
    try:
        return _small(statistics, *asked.comparison)
    except StudyError:  # nobody is in the cohort, which its analysis says
        return ()


def weighed(
    findings: Sequence[Finding], counts: Mapping[Question, tuple[HygieneCount, ...]]
) -> tuple[HygieneResult, ...]:
    """Findings that the data can weigh, with their counts; and all that are acknowledged."""
    found: dict[HygieneResult, None] = {}
    for item in findings:
        if item.question is None and item.acknowledged is None:
            continue
        result = _result(item, counts[item.question] if item.question is not None else ())
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


def _key(landmark: ir.CalendarSpan | None) -> tuple[float, float] | None:
    return (landmark.months, landmark.days) if landmark is not None else None


def _comparisons(study: program.Program, lowered: program.Program) -> dict[_Key, _Found]:
    """Each comparison as it is written, with where it stands and with what it became when cut-offs and landmarks were
    written out, which keeps the order of everything."""
    found: dict[_Key, _Found] = {}
    roots = zip((*study.analyses, *study.expectations), (*lowered.analyses, *lowered.expectations), strict=True)
    for written, root in roots:
        for before, after in zip(_compared(written), _compared(root), strict=True):
            found[before[0], before[1], _key(before[2])] = written, root, after
    return found


def _compared(root: ir.Node) -> Iterator[_Comparison]:
    for node in root.walk():
        match node:
            case program.Comparison(subject=subject, group=group, landmark=landmark):
                yield subject, group, landmark
            case program.Estimate(subject=subject, group=program.Group() as group, landmark=landmark):
                yield subject, group, landmark
            case program.EndpointStatistic(subject=subject, group=program.Group() as group, landmark=landmark):
                yield subject, group, landmark
            case (
                program.Incidence(subject=subject, group=program.Group() as group)
                | program.States(subject=subject, group=program.Group() as group)
            ):
                yield subject, group, None


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
