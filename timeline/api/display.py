"""Results in a notebook: tables and figures in HTML, and as text what the terminal shows."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from timeline.errors import StudyError
from timeline.report import units, words
from timeline.study.excerpt import excerpt
from timeline.study.results import (
    AnalysisResult,
    CohortResult,
    ComparisonResult,
    EstimateResult,
    FailedResult,
    StudyResult,
    Survived,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from rich.console import Console

    from dsl.diagnostics import Diagnostic
    from timeline.study.evaluation import Found
    from timeline.study.reply import Reply
    from timeline.study.session import Session

WIDTH = 100


def html(result: AnalysisResult, study: StudyResult | None = None) -> str:
    """A result as HTML: its figure, where there is one and the `study` that it belongs to is given, and its numbers."""
    return (figure_html(result, study) if study is not None else "") + _numbers(result)


def draw(result: AnalysisResult, study: StudyResult) -> Figure:
    """The figure of a result. Raises TypeError where it has none, StudyError where there is nothing to draw."""
    from timeline.report.figures import drawing
    from timeline.report.figures.sheet import Page

    return drawing.draw(result, study, Page(drawing.title(result, study), (study.title,) if study.title else ()))


def figure_html(result: AnalysisResult, study: StudyResult) -> str:
    """The figure of a result in SVG; nothing where it has none."""
    from timeline.report.figures import drawing, files

    try:
        drawn = draw(result, study)
    except (TypeError, StudyError):
        return ""
    return f"<div>{files.svg(drawn, drawing.title(result, study), drawing.source(study))}</div>"


def _numbers(result: AnalysisResult) -> str:
    """A table of a result's numbers, or what the terminal shows of it."""
    match result:
        case CohortResult():
            return _cohort(result)
        case EstimateResult(groups=()) | FailedResult():
            return plain(text(result))
        case EstimateResult(groups=groups):
            title = f"{result.endpoint_label or result.endpoint} in {result.cohort} (Kaplan-Meier)"
            return _survived(title, groups, result.by, [])
        case ComparisonResult():
            title = f"{result.endpoint_label or result.endpoint} in {result.cohort} by {result.by}"
            return _survived(title, result.groups, result.by, _tests(result))
    return plain(text(result))


def study_html(session: Session) -> str:
    """A study: its title, and each definition with what it is."""
    study = session.study
    rows = []
    for item in study.definitions:
        kind = {"LetValue": "let", "LetEvent": "let"}.get(type(item).__name__, type(item).__name__.lower())
        about = getattr(item, "label", "") or getattr(item, "doc", "")
        rows.append((kind, item.name, about))
    title = study.title or f"{len(study.definitions)} definitions"
    place = f"{session.log.path}, position {session.snapshot.position}"
    return _table(title, ("", "name", "what it is"), rows) + _note(place)


def reply_html(reply: Reply, session: Session) -> str:
    """What became of a cell: what it defined and changed, and the answers."""
    parts = [diagnostics_html(reply.warnings)] if reply.warnings else []
    if reply.defined:
        parts.append(_note(f"defined {', '.join(reply.defined)}"))
    if reply.replaced:
        rest = f"; on {'it' if len(reply.replaced) == 1 else 'them'} rest {', '.join(reply.changed)}"
        parts.append(_note(f"{', '.join(reply.replaced)} changed{rest if reply.changed else ''}"))
    for asked, found in reply.again:
        parts += [_note(f"again, since it changed: {asked}"), _found(found, session)]
    parts.append(_found(reply.found, session) if reply.found is not None else "")
    return "".join(parts)


def diagnostics_html(diagnostics: Iterable[Diagnostic]) -> str:
    """Diagnostics with the caret below what they are about."""
    from dsl.diagnostics import render

    return "".join(plain(render(item), "error" if item.is_error else "warning") for item in diagnostics)


def text(result: AnalysisResult) -> str:
    """A result as the terminal shows it."""
    from timeline.report.terminal import print_analysis

    return printed(lambda console: print_analysis(result, console))


def printed(show: Callable[[Console], None]) -> str:
    """What something prints, without colours."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=WIDTH, highlight=False)
    with console.capture() as shown:
        show(console)
    return shown.get().strip("\n")


def report_text(result: StudyResult) -> str:
    """A whole report as the terminal shows it."""
    from timeline.report.terminal import print_study

    return printed(lambda console: print_study(result, console))


def frame_html(frame: pd.DataFrame, title: str, rows: int) -> str:
    """The first rows of a frame, and how many there are."""
    shown = [tuple(_cell(value) for value in row) for row in frame.itertuples(index=False)]
    more = _note(f"the first {len(shown)} of {rows}") if len(shown) < rows else ""
    return _table(title, tuple(map(str, frame.columns)), shown) + more


def _found(found: Found, session: Session) -> str:
    from timeline.report.answers import print_answer
    from timeline.report.terminal import print_checks

    parts = [html(result) for result in found.cohorts]
    parts += [html(result, excerpt(session, result)) for result in found.analyses]
    parts += [plain(printed(lambda console, item=item: print_answer(item, console))) for item in found.answers]  # type: ignore[misc]
    if found.expectations:
        parts.append(plain(printed(lambda console: print_checks(found.expectations, console))))
    return "".join(parts)


def _cohort(cohort: CohortResult) -> str:
    rows = [("patients in the log", words.count(cohort.considered), "", "")]
    rows += [(step.label, words.count(step.remaining), _some(step.fell), _some(step.unknown)) for step in cohort.steps]
    title = f"{cohort.label or cohort.name}: {words.count(cohort.n)} patients"
    return _table(title, ("requirement", "remain", "fell", "of these unknown"), rows)


def _some(number: int) -> str:
    return words.count(number) if number else ""


def _survived(title: str, groups: Sequence[Survived], by: str | None, notes: Sequence[str]) -> str:
    named = [] if by is None else [by]
    unit = units.medians(groups)
    rows = [
        (
            *([] if by is None else [group.label]),
            words.count(group.n),
            words.count(group.events),
            words.count(group.censored),
            words.duration(group.median.time, unit),
            words.limits(group.median.lower, group.median.upper, unit),
        )
        for group in groups
    ]
    parts = [_table(title, (*named, "n", "events", "censored", "median", "95 % limits"), rows)]
    times = [
        (
            *([] if by is None else [group.label]),
            words.span(at.day),
            words.percent(at.survival),
            "-" if at.lower is None else f"{words.percent(at.lower)} to {words.percent(at.upper)}",
            words.count(at.at_risk),
        )
        for group in groups
        for at in group.survival
    ]
    if times:
        parts.append(_table("", (*named, "time", "survival", "95 % limits", "at risk"), times))
    return "".join([*parts, *map(_note, notes)])


def _tests(result: ComparisonResult) -> list[str]:
    said = []
    if result.test is not None:
        degrees = result.test.degrees_of_freedom
        said.append(
            f"log-rank: chi-square {result.test.statistic:.4f} on {degrees} df, "
            f"p = {words.p_value(result.test.p_value)}"
        )
    if result.hazards is not None:
        said += [
            f"hazard ratio (Cox) {item.label} against {item.reference}: "
            f"{item.ratio:.2f} ({item.lower:.2f} to {item.upper:.2f})"
            for item in result.hazards.ratios
        ]
    return said + ([result.note] if result.note else [])


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    caption = f'<caption style="text-align:left;font-weight:bold">{escape(title)}</caption>' if title else ""
    heads = "".join(f'<th style="text-align:left">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row) + "</tr>" for row in rows
    )
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def plain(shown: str, kind: str = "result") -> str:
    """A text as it is, in lines."""
    return f'<pre class="timeline-{kind}" style="white-space:pre;overflow-x:auto">{escape(shown)}</pre>'


def _note(said: str) -> str:
    return f'<p style="opacity:.7">{escape(said)}</p>'


def _cell(value: object) -> str:
    import pandas as pd

    if value is None or value is pd.NaT or value != value:  # NaN alone is not what it is
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
