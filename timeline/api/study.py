"""A study in Python: definitions from a file and in place, their rows, and what analyses find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dsl import program
from dsl.source import Source
from timeline.api.answers import Answer, Estimate, Report
from timeline.api.rows import Cohort, Endpoint, Rows
from timeline.errors import QueryError, StudyError
from timeline.study.excerpt import excerpt
from timeline.study.results import (
    AnalysisResult,
    ColumnResult,
    ComparisonResult,
    EstimateResult,
    FailedResult,
    StatisticResult,
)
from timeline.study.session import Session

if TYPE_CHECKING:
    from datetime import date

    from timeline.study.evaluation import Found

PLACE = "<python>"


class Study:
    """A study on a store. It can be closed, and is a context manager; results are those of `timeline run`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def define(self, text: str) -> tuple[str, ...]:
        """Take statements of the language into the study, in place of earlier ones of the same names.

        Gives the names that they define. Raises TextError, with all diagnostics, and then nothing has changed.
        """
        return self.session.define(Source(text, PLACE)).defined

    @property
    def names(self) -> dict[str, str]:
        """What is defined: `cohort`, `endpoint`, `event` (a selection) or `value`, by name."""
        kinds = {program.Cohort: "cohort", program.Endpoint: "endpoint", program.LetEvent: "event"}
        return {item.name: kinds.get(type(item), "value") for item in self.session.study.definitions}

    # --- rows

    def endpoint(self, name: str, in_: str | None = None, beside: Sequence[str] = ()) -> Endpoint:
        """An endpoint of every patient, or of the members of a cohort; `beside` adds columns of values and cohorts.

        Raises QueryError, with the nearest name there is, where there is no such endpoint.
        """
        self._require(name, program.Endpoint, "endpoint")
        return Endpoint(self.session, name, in_, beside)

    def cohort(self, name: str, beside: Sequence[str] = ()) -> Cohort:
        """A cohort: who is a member, from which day, and who is not and why. Raises QueryError as `endpoint` does."""
        self._require(name, program.Cohort, "cohort")
        return Cohort(self.session, name, beside)

    def rows(self, name: str, in_: str | None = None, beside: Sequence[str] = ()) -> Rows:
        """What any definition says of each patient. Raises QueryError where nothing is called so."""
        return Rows(self.session, name, in_, beside)

    # --- answers

    def estimate(
        self,
        endpoint: str,
        in_: str,
        by: str | None = None,
        at: str | Iterable[str] = (),
        landmark: str | None = None,
    ) -> Estimate:
        """Kaplan-Meier estimates of an endpoint in a cohort; with `by`, groups and the tests that compare them.

        `by` is an expression of the language (`"radical"`, `"age_at_start >= 60 years"`), `at` are times (`"2 years"`),
        `landmark` is the time after the origin at which the groups are read. Raises TextError where the language
        refuses it, StudyError where nobody is there to analyse.
        """
        times = [at] if isinstance(at, str) else list(at)
        words = [f"{'compare' if by is not None else 'estimate'} {endpoint} in {in_}"]
        words += [f"by {by}"] if by is not None else []
        words += [f"at {', '.join(times)}"] if times else []
        words += [f"landmark {landmark}"] if landmark is not None else []
        result = self._analysis(" ".join(words))
        assert isinstance(result, EstimateResult | ComparisonResult)
        return Estimate(result, excerpt(self.session, result))

    def analyse(self, text: str) -> Answer[AnalysisResult]:
        """Any analysis of the language: `"table enrolled by radical show age_at_start"`. Raises as `estimate` does."""
        result = self._analysis(text)
        return Answer(result, excerpt(self.session, result))

    def value(self, text: str) -> float | str | bool | date | None:
        """A statistic of the language: `"median(os in enrolled)"`. Times are in days, shares fractions.

        None stands for a value that is not there, such as a median that is not reached. Raises as `estimate` does, and
        QueryError for what is no statistic.
        """
        answers = self._ask(text).answers
        if len(answers) != 1 or not isinstance(answers[0], StatisticResult):
            kind = "a value of each patient" if answers and isinstance(answers[0], ColumnResult) else "no statistic"
            raise QueryError(f"`{text}` is {kind}.", hint="A statistic is of a cohort: `median(os in enrolled)`.")
        return answers[0].value

    def run(self) -> Report:
        """All that the study asks: cohorts, analyses, expectations and hygiene, with where they come from."""
        return Report(self.session.run())

    # --- texts

    @property
    def text(self) -> str:
        """The study in the language, with its comments."""
        return self.session.text

    def explain(self, name: str) -> str:
        """A definition, and what it rests on, in plain English. Raises QueryError where nothing is called so."""
        from timeline.api.display import printed
        from timeline.report.explanation import print_words

        self.session.definition(name)
        return printed(lambda console: print_words(self.session.study, name, console))

    def explain_patient(self, name: str, patient: str) -> str:
        """Why a definition made of a patient what it did. Raises QueryError and TimelineError for unknown names."""
        from timeline.api.display import printed
        from timeline.report.explanation import print_trace

        trace = self.session.explain(name, patient)
        return printed(lambda console: print_trace(trace, console))

    def save(self, path: str | Path) -> None:
        """Write the study to a query file, in canonical layout. Raises QueryError where it cannot be written."""
        self.session.save(Path(path), replace=True)

    # --- the rest

    def close(self) -> None:
        """Free what the database holds; relations and streams of the study end."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Study({self.session.study.title!r}, {len(self.session.study.definitions)} definitions)"

    def _repr_html_(self) -> str:
        from timeline.api.display import study_html

        return study_html(self.session)

    def _require(self, name: str, kind: type, word: str) -> None:
        found = self.session.definition(name)
        if not isinstance(found, kind):
            raise QueryError(f"`{name}` is no {word}.", hint=f"`rows({name!r})` gives it for each patient.")

    def _ask(self, text: str) -> Found:
        return self.session.ask(Source(text, PLACE))

    def _analysis(self, text: str) -> AnalysisResult:
        analyses = self._ask(text).analyses
        if len(analyses) != 1:
            raise QueryError(f"`{text}` is no analysis.", hint="One starts with estimate, compare, incidence or table.")
        if isinstance(analyses[0], FailedResult):
            raise StudyError(analyses[0].message, hint=analyses[0].hint)
        return analyses[0]
