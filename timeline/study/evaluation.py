"""What a study asks of one snapshot of the log, each thing computed once however often the study changes.

A result is kept under what it depends on: the snapshot, what is asked, and all definitions that this rests on, with
the values of their parameters. So a study that changes is asked again only for what the change concerns. The patients'
rows stay in the engine as long as they hold what is asked next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from dsl import Checked, ir, program
from dsl.explain import references
from dsl.identity import closure, identities, identity
from dsl.lint.finding import Finding
from dsl.lint.question import Count
from dsl.source import Span
from dsl.sql import Compiled, analyses, anchor, compile_rows, values_asked
from timeline.errors import StudyError
from timeline.study.analyses import Analyst, failed
from timeline.study.attrition import attritions
from timeline.study.beside import imported_beside
from timeline.study.hygiene import Asked, Questions, weigh, weighed
from timeline.study.published import compare
from timeline.study.results import (
    AnalysisResult,
    Answer,
    CheckResult,
    CohortResult,
    ColumnResult,
    ExpectationResult,
    HygieneResult,
    StatisticResult,
)
from timeline.study.rows import keep_rows
from timeline.study.statistics import Statistics, is_age, keep_imputed_days
from timeline.survival import SurvivalError

if TYPE_CHECKING:
    from timeline.engine.base import Engine

Progress = Callable[[str], None]
"""Told, in words, what is being done."""

SHOWN = 20
"""Of how many patients a value that is asked by itself is shown."""


Key = tuple[str, str]
"""What a result is kept under: its kind, and a hash of what is asked and of all that this rests on."""


def silent(words: str) -> None:
    """The progress that nobody watches."""


@dataclass(frozen=True)
class Found:
    """What a study asks, answered, in its order."""

    cohorts: tuple[CohortResult, ...]
    analyses: tuple[AnalysisResult, ...]
    expectations: tuple[ExpectationResult, ...]
    answers: tuple[Answer, ...]
    hygiene: tuple[HygieneResult, ...] = ()


def keys(study: program.Program, cohorts: Sequence[str] = ()) -> frozenset[Key]:
    """What tells apart all that a study asks, and the attrition of some of its cohorts, from what it asked before."""
    asked = _Asked(study, cohorts)
    parts = [key for root in asked.roots for key, _ in root.parts]
    return frozenset([*parts, *(asked.cohort_key(name) for name in cohorts)])


class Evaluation:
    """Answers on one open engine. A context manager, which closes the engine.

    What was found earlier on the same snapshot may be given as `kept`; what is found now is added to it.
    """

    def __init__(self, engine: Engine, kept: dict[Key, Any] | None = None) -> None:
        self._engine = engine
        self._kept = {} if kept is None else kept
        self._rows: _Rows | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.__exit__(kind, error, trace)

    def run(self, checked: Checked, progress: Progress = silent) -> Found:
        """All that a study asks, with its cohorts and its hygiene."""
        asked = _Asked(checked.program, [item.name for item in _cohorts(checked.program)], checked.findings)
        self._compute(asked, progress)
        counts = {item.question: self._kept[_weighed(item)] for item in asked.questions}
        return replace(self._found(asked, checked.place), hygiene=weighed(checked.findings, counts))

    def answer(
        self,
        study: program.Program,
        cohorts: Sequence[str] = (),
        progress: Progress = silent,
        place: Callable[[ir.Node], Span | None] = lambda node: None,
    ) -> Found:
        """The analyses, expectations and questions of a study, and the attrition of some of its cohorts.

        An analysis that cannot be done is a FailedResult with its `place`; a question raises StudyError.
        """
        asked = _Asked(study, cohorts)
        self._compute(asked, progress)
        return self._found(asked, place)

    def _missing(self, asked: _Asked) -> list[_Root]:
        return [root for root in asked.roots if any(key not in self._kept for key, _ in root.parts)]

    def _compute(self, asked: _Asked, progress: Progress) -> None:
        """Compute what is not kept yet."""
        missing = self._missing(asked)
        cohorts = [name for name in asked.cohorts if asked.cohort_key(name) not in self._kept]
        questions = [item for item in asked.questions if _weighed(item) not in self._kept]
        if not (missing or cohorts or questions):
            return
        # What is counted comes first: the database works on it while the estimators are imported.
        with ExitStack() as beside:
            rows = self._hold(asked, [*missing, *questions], cohorts, beside, progress)
            for name in cohorts:
                self._kept[asked.cohort_key(name)] = rows.cohorts[name]
            rows.statistics.prepare(
                tuple(root.lowered for root in missing if isinstance(root.lowered, program.Expectation))
            )
            if questions:
                progress("weighing what could bias the estimates")
            for question in questions:
                self._kept[_weighed(question)] = weigh(question, rows.compiled, self._engine, rows.statistics)
        analyst = Analyst(rows.compiled, self._engine, rows.statistics, rows.cohorts)
        analysed = [part for root in missing for part in root.parts if isinstance(part[1], program.Analysis)]
        for number, (key, analysis) in enumerate(analysed, 1):
            progress(f"analysis {number} of {len(analysed)}")
            assert isinstance(analysis, program.Analysis)
            self._kept[key] = _attempt(analyst.run, analysis)
        progress("computing statistics")
        for key, node in (part for root in missing for part in root.parts):
            if isinstance(node, program.Statistic):
                self._kept[key] = _attempt(lambda asked: _statistic(rows.statistics, asked), node)
            elif isinstance(node, ir.Value):
                self._kept[key] = _column(rows.compiled, self._engine, node)

    def _hold(
        self,
        asked: _Asked,
        roots: Sequence[_Root | Asked],
        cohorts: Sequence[str],
        beside: ExitStack,
        progress: Progress,
    ) -> _Rows:
        """The patients' rows with what these roots and cohorts need: those that are there, or new ones. What is then
        imported, if it takes long, is there when `beside` is left."""
        needed = {*cohorts, *(name for root in roots for name in references(root.lowered))}
        values = values_asked(asked.lowered.asking(root.lowered for root in roots))
        anchors = _anchors(asked, roots, needed)
        if self._rows is None or not self._rows.hold(needed, asked.names, values, anchors):
            self._rows = None
            written = {*cohorts, *(name for root in roots for name in references(root.written))}
            study = asked.study.asking(root.written for root in roots)
            study = replace(study, definitions=closure(study, written))
            imputed = keep_imputed_days(study, self._engine)
            compiled = compile_rows(study, needed, events=imputed, anchor=min(anchors, default=None))
            estimates = any(isinstance(part, program.Subject) for root in roots for part in root.lowered.walk())
            beside.enter_context(imported_beside("lifelines", estimates))
            keep_rows(compiled, self._engine, progress)
            self._rows = _Rows(compiled, needed, self._engine, imputed)
        self._rows.follow(needed, self._engine)
        return self._rows

    def _found(self, asked: _Asked, place: Callable[[ir.Node], Span | None]) -> Found:
        results: list[AnalysisResult] = []
        expectations: list[ExpectationResult] = []
        answers: list[Answer] = []
        for root in asked.roots:
            kept = [self._kept[key] for key, _ in root.parts]
            match root.written:
                case program.Expectation() as expectation:
                    expectations.append(_expectation(expectation, kept))
                case analysis if isinstance(analysis, program.Analysis):
                    (found,) = kept
                    is_done = not isinstance(found, Exception)
                    results.append(found if is_done else failed(analysis, place(analysis), found))
                case _:
                    (found,) = kept
                    if isinstance(found, Exception):
                        raise found if isinstance(found, StudyError) else StudyError(f"{found}.".capitalize())
                    answers.append(found)
        cohorts = tuple(self._kept[asked.cohort_key(name)] for name in asked.cohorts)
        return Found(cohorts, tuple(results), tuple(expectations), tuple(answers))


_Part = program.Analysis | program.Statistic | ir.Value


@dataclass(frozen=True)
class _Root:
    """One thing that is asked, as written and as lowered, and the parts of it that are computed and kept."""

    written: program.Analysis | program.Expectation | program.Question
    lowered: program.Analysis | program.Expectation | program.Question
    parts: tuple[tuple[Key, _Part], ...]


class _Asked:
    """A study as written and as lowered, with what identifies each thing in it."""

    def __init__(self, study: program.Program, cohorts: Sequence[str], findings: Sequence[Finding] = ()) -> None:
        asking = Questions(study, findings)
        self.study, self.lowered, self.names, self.questions = asking.study, asking.lowered, asking.names, asking.all
        self.cohorts = cohorts
        written = (*study.analyses, *study.expectations, *study.questions)
        own = self.lowered.analyses[: len(study.analyses)]
        lowered = (*own, *self.lowered.expectations, *self.lowered.questions)
        self.roots = [_Root(one, other, self._parts(other)) for one, other in zip(written, lowered, strict=True)]

    def cohort_key(self, name: str) -> Key:
        return "cohort", self.names[name]

    def _parts(self, root: program.Analysis | program.Expectation | program.Question) -> tuple[tuple[Key, _Part], ...]:
        match root:
            case program.Expectation(checks=checks):
                return tuple((("value", identity(check.statistic, self.names)), check.statistic) for check in checks)
            case _ if isinstance(root, program.Analysis):
                return ((("analysis", identity(root, self.names, words=True)), root),)
        return ((("value", identity(root, self.names)), root),)


class _Rows:
    """The patients' rows that the engine holds, with the columns of the definitions in `kept`, and what is known of
    them."""

    def __init__(self, compiled: Compiled, kept: set[str], engine: Engine, imputed: bool) -> None:
        self.compiled = compiled
        names = identities(compiled.study)
        self._kept = {(name, names[name]) for name in kept}
        self.cohorts: dict[str, CohortResult] = {}
        self.statistics = Statistics(compiled, engine, self.cohorts, imputed)

    def hold(
        self, needed: set[str], names: dict[str, str], values: Iterable[ir.Value], anchors: Collection[str]
    ) -> bool:
        """Whether the rows hold these definitions, which are the same by `names`, and these values, of all patients who
        have events of all types in `anchors`."""
        same = all((name, names[name]) in self._kept for name in needed)
        everyone = self.compiled.anchor is None or self.compiled.anchor in anchors
        return same and everyone and all(value in self.compiled.columns for value in values)

    def follow(self, names: set[str], engine: Engine) -> None:
        """Count the attrition of those of these definitions that are cohorts."""
        new = [item for item in _cohorts(self.compiled.study) if item.name in names and item.name not in self.cohorts]
        considered = None
        if new and self.compiled.anchor is not None:
            [row] = engine.query(analyses.patients(self.compiled)).to_pylist()
            considered = row["patients"]
        self.cohorts.update(attritions(self.compiled, engine, new, considered))


def _anchors(asked: _Asked, roots: Sequence[_Root | Asked], needed: set[str]) -> frozenset[str]:
    """Event types of which everyone has an event whom these roots, and the attrition of the cohorts in `needed`, are
    about."""
    if any(isinstance(root.lowered, ir.Value) for root in roots):
        return frozenset()
    study = asked.lowered
    found = [anchor.of_members(study, item.name) for item in _cohorts(study) if item.name in needed]
    questions = [root.question for root in roots if isinstance(root, Asked)]
    found += [anchor.of_value(study, item.origin) for item in questions if isinstance(item, Count)]
    return frozenset.intersection(*found) if found else frozenset()


def _weighed(asked: Asked) -> Key:
    return "weighed", asked.identity


def _cohorts(study: program.Program) -> list[program.Cohort]:
    return [item for item in study.definitions if isinstance(item, program.Cohort)]


def _attempt(compute: Callable[[Any], Any], asked: _Part) -> Any:
    """What is computed, or why it cannot be."""
    try:
        return compute(asked)
    except (StudyError, SurvivalError) as error:
        return error


def _statistic(statistics: Statistics, asked: program.Statistic) -> StatisticResult:
    return StatisticResult(
        statistics.value(asked), program.statistic_units(asked), statistics.share(asked), is_age(asked)
    )


def _column(compiled: Compiled, engine: Engine, value: ir.Value) -> ColumnResult:
    rows = engine.query(analyses.answers(compiled, value, SHOWN)).to_pylist()
    known, patients = (rows[0]["known"], rows[0]["patients"]) if rows else (0, 0)
    return ColumnResult(value.type, known, patients, tuple((row["patient"], row["value"]) for row in rows))


def _expectation(
    expectation: program.Expectation, computed: Sequence[StatisticResult | Exception]
) -> ExpectationResult:
    checks = tuple(_check(check, found) for check, found in zip(expectation.checks, computed, strict=True))
    return ExpectationResult(expectation.place, expectation.line, checks, expectation.contradicted, expectation.implied)


def _check(check: program.Check, found: StatisticResult | Exception) -> CheckResult:
    """A published value beside the computed one; what cannot be computed does not hold, and says why."""
    if isinstance(found, Exception):
        why = found.message.partition("\n")[0] if isinstance(found, StudyError) else str(found)
        none = compare(check.words, check.operator, check.published, None, None, is_age(check.statistic))
        return replace(none, computed=f"none: {why.rstrip('.:')}", holds=False)
    return compare(check.words, check.operator, check.published, found.value, found.share, found.is_age)
