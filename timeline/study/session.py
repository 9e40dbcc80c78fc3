"""A store at a position, a study that grows on it, and what was asked: the core of the prompt, of Python and notebooks.

A text that is submitted either takes part in the study whole or changes nothing. What was asked before and rests on a
definition that changed is answered again; all else is known already (see `timeline.study.evaluation`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import dsl
from dsl import Checked, program, syntax
from dsl.catalog import Catalog
from dsl.diagnostics import did_you_mean, listing
from dsl.draft import Draft
from dsl.format import format_text
from dsl.identity import identities
from dsl.parser import parse, parse_expression
from dsl.rewrite import lower
from dsl.source import Source
from timeline.errors import QueryError, TimelineError
from timeline.library import Library, read_source
from timeline.study.evaluation import Evaluation, Found, Key, Progress, keys, silent
from timeline.study.evaluations import Evaluations
from timeline.study.question import ASKING, DEFINING, Question, is_blank, is_statement
from timeline.study.reply import Reply, TextError
from timeline.study.results import CohortResult, StudyResult

if TYPE_CHECKING:
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.log import Log
    from timeline.log.read import Snapshot
    from timeline.study.tracing import Trace

Moment = int | date | datetime
"""As of when a store is read: a position of its log, the end of a day (UTC), or a time."""

UNUSED = "L008"
"""Not told of a study that still grows: what nothing reads yet, something may read soon."""


class Session:
    """An open store with a study. A context manager; not for use by several threads at once."""

    def __init__(self, log: Log, at: Moment | None = None, parameters: Mapping[str, str] | None = None) -> None:
        self.log = log
        self.parameters = dict(parameters or {})
        self._draft = Draft()
        self._asked: dict[str, tuple[Question, frozenset[Key]]] = {}
        self._evaluations = Evaluations()
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
        self._evaluations.close()

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
        """See the store as it was at a moment, or without one as it is now.

        Raises StoreError for a moment that the log does not have, and TextError where the study reads what was not
        declared then; the session stays where it was.
        """
        before = self.at
        self.at = self.log.position if moment is None else moment
        try:
            checked = self._check(self._draft)
            if checked.errors:
                raise TextError(checked.errors)
        except BaseException:
            self.at = before
            raise
        self._checked = checked

    @property
    def engine(self) -> DuckDBEngine:
        """The engine over what is seen of the store."""
        return self._evaluations.engine(self._readable())

    def _evaluate(self) -> Evaluation:
        return self._evaluations.at(self._readable())

    def _readable(self) -> Snapshot:
        """The snapshot, where it has all that the study reads."""
        from timeline.study.run import require_declared

        snapshot = self.snapshot
        require_declared(self._checked.program, snapshot.catalog, str(self.log.path))
        return snapshot

    def history(self, patient: str) -> list[dict[str, Any]]:
        """A patient's events as they are seen, by start. Raises TimelineError where there are none."""
        from timeline.log import read
        from timeline.log.rows import as_dictionaries

        events = as_dictionaries(read.current(self.snapshot.of_patients([patient])))
        if not events:
            raise TimelineError(
                f"{self.log.path} has no event of a patient {patient!r}.", hint="Patient ids are told apart by case."
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

    def load(self, path: str | Path, progress: Progress = silent) -> Reply:
        """Take over the statements of a file as `define` does. Raises QueryError where it cannot be read."""
        source = read_source(Path(path))
        if not self._draft.items:
            self._draft = Draft(name=source.name)
        return self.define(source, progress)

    def define(self, source: Source, progress: Progress = silent) -> Reply:
        """Take over the statements of a text; its analyses wait until they are asked for.

        What was asked before and is changed by it is answered again. Raises TextError.
        """
        reply, _, draft, checked = self._with(source)
        with self._taking(draft, checked):
            return replace(reply, again=self._answer_again(progress))

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

        Raises TextError with all diagnostics where the text, or the study with it, has an error. Where that, or
        anything while it is answered, goes wrong or is stopped, the study stays as it was.
        """
        if is_blank(source.text):
            return Reply()
        if not self._is_statement(source.text):
            return Reply(found=self._answer(source, self._question(source), progress))
        reply, question, draft, checked = self._with(source)
        with self._taking(draft, checked):
            again = self._answer_again(progress)
            found = self._answer(source, question, progress) if question.asks else None
        return replace(reply, again=again, found=found)

    def ask(self, source: Source, progress: Progress = silent) -> Found:
        """Answer a text, statements or one expression, as if it belonged to the study; the study stays as it is."""
        if self._is_statement(source.text):
            _, question, draft, checked = self._with(source)
        else:
            question, draft, checked = self._question(source), self._draft, self._checked
        return self.answer(self._study_of(question, draft, checked), question.cohorts, progress)

    def answer(self, study: program.Program, cohorts: Sequence[str] = (), progress: Progress = silent) -> Found:
        """What a study asks that is made of this one, and the attrition of some of its cohorts."""
        return self._evaluate().answer(study, cohorts, progress, self._checked.place)

    def attrition(self, name: str) -> CohortResult:
        """How many patients remained at each step of a cohort."""
        return self.answer(self.study.asking(), [name]).cohorts[0]

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
        return is_statement(text, lambda name: self.study.definition(name) is not None or name in self.catalog)

    def _check(self, draft: Draft, asked: Sequence[syntax.Expr] = ()) -> Checked:
        # The study is checked against what the store declares at this moment, which does not depend on the study.
        at = {"position": self.at} if isinstance(self.at, int) else {"known_by": self.at}
        catalog = self.log.snapshot(**at).catalog
        return dsl.check_file(draft.file(), catalog, Library(), self.parameters, asked)

    def _with(self, source: Source) -> tuple[Reply, Question, Draft, Checked]:
        """The study with the statements of a text: what changes, what is asked, the draft, and what it means."""
        file, problems = parse(source)
        if problems:
            raise TextError(problems)
        draft = self._draft.add(file)
        checked = self._check(draft)
        if checked.errors:
            raise TextError(checked.errors)
        before, after = identities(lower(self.study)), identities(lower(checked.program))
        written = [item.name.text for item in file.statements if isinstance(item, DEFINING)]
        replaced = tuple(dict.fromkeys(name for name in written if name in before and before[name] != after[name]))
        own = {item.name for item in checked.program.definitions}
        changed = tuple(name for name in before if name in own and name not in written and before[name] != after[name])
        warnings = tuple(
            item
            for item in checked.diagnostics
            if item.span is not None and item.span.source is source and item.code != UNUSED
        )
        question = Question(tuple(item for item in file.statements if isinstance(item, ASKING)))
        return Reply(tuple(written), replaced, changed, warnings), question, draft, checked

    @contextmanager
    def _taking(self, draft: Draft, checked: Checked) -> Iterator[None]:
        """The study becomes this one, unless what is done with it fails or is stopped."""
        before = self._draft, self._checked, dict(self._asked)
        self._draft, self._checked = draft, checked
        try:
            yield
        except BaseException:
            self._draft, self._checked, self._asked = before
            raise

    # --- what is asked

    def _question(self, source: Source) -> Question:
        expression, problems = parse_expression(source)
        if expression is None:
            raise TextError(problems)
        named = self.study.definition(expression.text) if isinstance(expression, syntax.Name) else None
        return Question(cohort=named.name) if isinstance(named, program.Cohort) else Question(expression=expression)

    def _answer(self, source: Source, question: Question, progress: Progress) -> Found:
        """The answer to what is asked of the study as it is, which is remembered to have been asked."""
        study = self._study_of(question, self._draft, self._checked)
        found = self.answer(study, question.cohorts, progress)
        self._asked[source.text.strip()] = question, keys(study, question.cohorts)
        return found

    def _answer_again(self, progress: Progress) -> tuple[tuple[str, Found], ...]:
        """What was asked, and means something else in the study as it is now."""
        found = []
        for words, (question, before) in list(self._asked.items()):
            try:
                study = self._study_of(question, self._draft, self._checked)
            except TextError:
                del self._asked[words]  # what it asks for is not there any more
                continue
            if (now := keys(study, question.cohorts)) != before:
                found.append((words, self.answer(study, question.cohorts, progress)))
                self._asked[words] = question, now
        return tuple(found)

    def _study_of(self, question: Question, draft: Draft, checked: Checked) -> program.Program:
        """The study with just what is asked."""
        if question.expression is not None:
            checked = self._check(draft, [question.expression])
            if checked.errors:
                raise TextError(checked.errors)
        return question.asked_of(draft, checked.program)
