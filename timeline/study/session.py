"""A store at a position, a study that grows on it, and what was asked: the core of the prompt, of Python and notebooks.

A text that is submitted either takes part in the study whole or changes nothing. What was asked before and rests on a
definition that changed is answered again; all else is known already (see `timeline.study.evaluation`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import dsl
from dsl import Checked, ir, program, syntax
from dsl.advice.keywords import STATEMENTS
from dsl.catalog import Catalog
from dsl.diagnostics import Diagnostic, did_you_mean, listing, nearest, render
from dsl.draft import Draft
from dsl.format import format_text
from dsl.identity import identities
from dsl.parser import parse, parse_expression
from dsl.rewrite import lower
from dsl.source import Source
from dsl.types import Date
from timeline.errors import QueryError, TimelineError
from timeline.library import Library, read_source
from timeline.study.evaluation import Evaluation, Found, Progress, silent
from timeline.study.results import AnalysisResult, CohortResult, StudyResult

if TYPE_CHECKING:
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Log
    from timeline.log.read import Snapshot
    from timeline.study.tracing import Trace

Moment = int | date | datetime
"""As of when a store is read: a position of its log, the end of a day (UTC), or a time."""

UNUSED = "L008"
"""Not told of a study that still grows: what nothing reads yet, something may read soon."""

_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_FIRST_WORD = re.compile(r"([^\W\d]\w*)(\s+[\"\w])?")


class TextError(QueryError):
    """A text that was refused; `diagnostics` says why, all of it."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n\n".join(render(diagnostic) for diagnostic in diagnostics))
        self.diagnostics = tuple(diagnostics)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows instead of a traceback."""
        return str(self).splitlines()


@dataclass(frozen=True)
class Reply:
    """What became of a submitted text.

    `defined` are the names that it defines, `replaced` those that meant something else before, and `changed` the other
    definitions that rest on these. `found` answers what the text asks; `again` what was asked before and had to be
    answered anew, under the words in which it was asked.
    """

    defined: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    found: Found | None = None
    again: tuple[tuple[str, Found], ...] = ()


class Session:
    """An open store with a study. A context manager; not for use by several threads at once."""

    def __init__(self, log: Log, at: Moment | None = None, parameters: Mapping[str, str] | None = None) -> None:
        self.log = log
        self.parameters = dict(parameters or {})
        self._draft = Draft()
        self._asked: dict[str, _Question] = {}
        self._evaluation: tuple[tuple[int, str], Evaluation, DuckDBEngine] | None = None
        self.at = at if at is not None else log.position
        self._checked = self._check(self._draft)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free what the engine holds; whatever is asked next opens it again."""
        if self._evaluation is not None:
            self._evaluation[2].close()
            self._evaluation = None

    # --- the store

    @property
    def snapshot(self) -> Snapshot:
        """What is seen of the store. `known by` in the study counts where the session is at no day of its own."""
        known_by = self._checked.program.known_by
        if not isinstance(self.at, int):
            return self.log.snapshot(known_by=self.at)
        return self.log.snapshot(position=self.at) if known_by is None else self.log.snapshot(known_by=known_by)

    @property
    def catalog(self) -> Catalog:
        """The event types of the store and of the study."""
        return self._checked.program.catalog

    def go_to(self, moment: Moment | None) -> None:
        """See the store as it was at a moment, or without one as it is now. Raises StoreError."""
        at = self.log.position if moment is None else moment
        if isinstance(at, int):
            self.log.snapshot(position=at)
        else:
            self.log.snapshot(known_by=at)
        self.at = at
        self._checked = self._check(self._draft)

    @property
    def engine(self) -> DuckDBEngine:
        """The engine over what is seen of the store."""
        self._evaluate()
        assert self._evaluation is not None
        return self._evaluation[2]

    def _evaluate(self) -> Evaluation:
        from timeline.engine.duckdb import DuckDBEngine
        from timeline.study.run import require_declared

        snapshot = self.snapshot
        require_declared(self._checked.program, snapshot.catalog, str(self.log.path))
        key = (snapshot.position, snapshot.record.head)
        if self._evaluation is None or self._evaluation[0] != key:
            self.close()
            engine = DuckDBEngine(snapshot)
            self._evaluation = key, Evaluation(engine), engine
        return self._evaluation[1]

    def history(self, patient: str) -> list[dict[str, Any]]:
        """A patient's events as they are seen, by start. Raises TimelineError where there are none."""
        from timeline.log import read

        events: list[dict[str, Any]] = read.current(read.entries(self.snapshot, patient=patient)).to_pylist()
        if not events:
            raise TimelineError(
                f"{self.log.path} has no event of a patient {patient}.", hint="Patient ids are told apart by case."
            )
        return events

    def explain(self, name: str, patient: str) -> Trace:
        """Why a definition made of a patient what it did. Raises QueryError and TimelineError for unknown names."""
        from timeline.study.tracing import trace

        self.definition(name)
        return trace(self.study, name, self.log, patient, self.snapshot)

    # --- the study

    @property
    def checked(self) -> Checked:
        """The study so far, checked."""
        return self._checked

    @property
    def study(self) -> program.Program:
        return self._checked.program

    @property
    def text(self) -> str:
        """The study so far as one text, with its comments."""
        return self._draft.text()

    def definition(self, name: str) -> program.Definition:
        """A definition of the study. Raises QueryError, with the nearest name there is, where there is none."""
        found = self.study.definition(name)
        if found is not None:
            return found
        names = [item.name for item in self.study.definitions]
        hint = did_you_mean(name, names) or (f"There are {listing(names)}." if names else "Nothing is defined yet.")
        raise QueryError(f"No cohort, endpoint or let is called `{name}`.", hint=hint)

    def load(self, path: str | Path) -> Reply:
        """Take over the statements of a file; its analyses wait until they are asked for. Raises QueryError."""
        source = read_source(Path(path))
        if not self._draft.items:
            self._draft = Draft(name=source.name)
        return self.define(source)

    def define(self, source: Source) -> Reply:
        """Take over the statements of a text; its analyses wait until they are asked for. Raises TextError."""
        reply, _, self._draft, self._checked = self._with(source)
        return reply

    def save(self, path: Path, replace: bool = False) -> None:
        """Write the study to a file, in canonical layout and with its comments.

        Raises QueryError where it cannot be written, or exists already and is not to be replaced.
        """
        if path.exists() and not replace:
            raise QueryError(f"{path} exists already.", hint="Name another file, or have it replaced.")
        try:
            path.write_text(format_text(Source(self.text, str(path))), encoding="utf-8")
        except OSError as error:
            raise QueryError(f"{path} cannot be written: {error.strerror}.") from None

    def submit(self, source: Source, progress: Progress = silent) -> Reply:
        """Take a text as typed: statements, or one expression. What it asks is answered, and what it changes again.

        Raises TextError with all diagnostics where the text, or the study with it, has an error.
        """
        if not _BLANK.sub("", source.text, count=1):
            return Reply()
        if self._is_statement(source.text):
            reply, question, self._draft, self._checked = self._with(source)
            reply = replace(reply, again=self._answer_again(progress))
        else:
            reply, question = Reply(), self._question(source)
        if question.asks:
            found = self._answer(self._study_of(question, self._draft, self._checked), question, progress)
            self._asked[source.text.strip()] = question
            reply = replace(reply, found=found)
        return reply

    def ask(self, source: Source, progress: Progress = silent) -> Found:
        """Answer a text, statements or one expression, as if it belonged to the study; the study stays as it is."""
        if self._is_statement(source.text):
            _, question, draft, checked = self._with(source)
        else:
            question, draft, checked = self._question(source), self._draft, self._checked
        return self._answer(self._study_of(question, draft, checked), question, progress)

    def plot(self, name: str, cohort: str | None = None, by: str | None = None) -> StudyResult:
        """What a figure of a definition shows: the attrition of a cohort, or the estimate of an endpoint.

        An endpoint is estimated in everyone who has an origin where no cohort is named. Raises QueryError for what
        has no figure, TextError for a group that the language refuses.
        """
        found = self.definition(name)
        if isinstance(found, program.Cohort):
            return self.single(self.attrition(name))
        if not isinstance(found, program.Endpoint):
            raise QueryError(f"`{name}` is no endpoint and no cohort.", hint="Only these have a figure.")
        if cohort is not None:
            asked = f"compare {name} in {cohort} by {by}" if by is not None else f"estimate {name} in {cohort}"
            return self.single(self.ask(Source(asked, "<plot>")).analyses[0])
        # No name of the language has a blank in it, so none can be taken already.
        has_origin = program.Requirement("has an origin", ir.IsKnown(ir.EndpointField(name, "origin", Date())))
        everyone = program.Cohort("every patient", "Every patient with an origin", None, None, (has_origin,))
        estimate = program.Estimate(program.Subject(name, everyone.name))
        study = replace(self.study, definitions=(*self.study.definitions, everyone))
        asking = replace(study, analyses=(estimate,), expectations=(), questions=())
        answered = self._evaluate().answer(asking, [everyone.name])
        return self.single(answered.analyses[0], answered.cohorts)

    def single(self, result: AnalysisResult, cohorts: tuple[CohortResult, ...] | None = None) -> StudyResult:
        """One result as that of a study, with where it comes from: what a figure is drawn from."""
        from timeline.study.run import provenance

        if cohorts is None:
            name = result.name if isinstance(result, CohortResult) else getattr(result, "cohort", None)
            cohorts = () if name is None else (self.attrition(name),)
        made = provenance(self._checked, str(self.log.path), self.snapshot)
        return StudyResult(self.study.title, self.study.references, made, cohorts, (result,), ())

    def attrition(self, name: str) -> CohortResult:
        """How many patients remained at each step of a cohort."""
        asking = replace(self.study, analyses=(), expectations=())
        return self._evaluate().answer(asking, [name]).cohorts[0]

    def run(self, progress: Progress = silent) -> StudyResult:
        """Everything that the study asks."""
        from timeline.study.run import evaluate

        return evaluate(self._checked, str(self.log.path), self.snapshot, self._evaluate(), progress)

    def rows(self, name: str, within: str | None = None, beside: Sequence[str] = ()) -> str:
        """The SQL that gives a row for each patient of what a definition says of them; see `timeline.study.relations`.

        Raises QueryError where nothing is called so.
        """
        from timeline.study.relations import select

        for used in (name, *beside, *([] if within is None else [within])):
            self.definition(used)
        return select(self.study, name, within, beside)

    def _is_statement(self, text: str) -> bool:
        start = _BLANK.match(text)
        word = _FIRST_WORD.match(text, start.end() if start else 0)
        if word is None:
            return False
        known = self.study.definition(word[1]) is not None or word[1] in self.catalog
        return word[1] in STATEMENTS or (word[2] is not None and not known and nearest(word[1], STATEMENTS) is not None)

    def _check(self, draft: Draft, asked: Sequence[syntax.Expr] = ()) -> Checked:
        # The study is checked against what the store declares at this moment, which does not depend on the study.
        at = {"position": self.at} if isinstance(self.at, int) else {"known_by": self.at}
        catalog = self.log.snapshot(**at).catalog
        return dsl.check_file(draft.file(), catalog, Library(), self.parameters, asked)

    def _with(self, source: Source) -> tuple[Reply, _Question, Draft, Checked]:
        """The study with the statements of a text: what changes, what is asked, the draft, and what it means."""
        file, problems = parse(source)
        if problems:
            raise TextError(problems)
        draft = self._draft.add(file)
        checked = self._check(draft)
        if checked.errors:
            raise TextError(checked.errors)
        before, after = identities(lower(self.study)), identities(lower(checked.program))
        written = [item.name.text for item in file.statements if isinstance(item, _DEFINING)]
        replaced = tuple(dict.fromkeys(name for name in written if name in before and before[name] != after[name]))
        own = {item.name for item in checked.program.definitions}
        changed = tuple(name for name in before if name in own and name not in written and before[name] != after[name])
        warnings = tuple(
            item
            for item in checked.diagnostics
            if item.span is not None and item.span.source is source and item.code != UNUSED
        )
        question = _Question(tuple(item for item in file.statements if isinstance(item, _ASKING)))
        return Reply(tuple(written), replaced, changed, warnings), question, draft, checked

    # --- what is asked

    def _question(self, source: Source) -> _Question:
        expression, problems = parse_expression(source)
        if expression is None:
            raise TextError(problems)
        named = self.study.definition(expression.text) if isinstance(expression, syntax.Name) else None
        return _Question((), None, named.name) if isinstance(named, program.Cohort) else _Question((), expression)

    def _answer_again(self, progress: Progress) -> tuple[tuple[str, Found], ...]:
        """What was asked and is not known of the study as it is now."""
        found = []
        for words, question in list(self._asked.items()):
            try:
                study = self._study_of(question, self._draft, self._checked)
            except TextError:
                del self._asked[words]  # what it asks for is not there any more
                continue
            if not self._evaluate().knows(study, question.cohorts):
                found.append((words, self._answer(study, question, progress)))
        return tuple(found)

    def _answer(self, study: program.Program, question: _Question, progress: Progress) -> Found:
        return self._evaluate().answer(study, question.cohorts, progress, self._checked.place)

    def _study_of(self, question: _Question, draft: Draft, checked: Checked) -> program.Program:
        """The study with just what is asked."""
        if question.expression is not None:
            checked = self._check(draft, [question.expression])
            if checked.errors:
                raise TextError(checked.errors)
        analyses = [item.statement for item in draft.items if isinstance(item.statement, syntax.ANALYSES)]
        expects = [item.statement for item in draft.items if isinstance(item.statement, syntax.Expect)]
        return replace(
            checked.program,
            analyses=_chosen(analyses, checked.program.analyses, question.statements),
            expectations=_chosen(expects, checked.program.expectations, question.statements),
        )


_DEFINING = syntax.Let | syntax.Cohort | syntax.Endpoint | syntax.Parameter | syntax.Event | syntax.Rule
_ASKING = (*syntax.ANALYSES, syntax.Expect)


@dataclass(frozen=True)
class _Question:
    """What was asked: statements of the study, an expression beside it, or the attrition of a cohort."""

    statements: tuple[syntax.Statement, ...]
    expression: syntax.Expr | None = None
    cohort: str | None = None

    @property
    def asks(self) -> bool:
        return bool(self.statements) or self.expression is not None or self.cohort is not None

    @property
    def cohorts(self) -> tuple[str, ...]:
        return () if self.cohort is None else (self.cohort,)


def _chosen(written: Iterable[syntax.Statement], meant: Sequence[Any], wanted: Sequence[syntax.Statement]) -> Any:
    """Of what statements mean, that of the wanted ones."""
    return tuple(node for statement, node in zip(written, meant, strict=True) if statement in wanted)
