"""`timeline figure`: one figure of a study for paper, or the list of those that it has."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from timeline.commands.base import Command, load_query, open_log, progress
from timeline.commands.suppression import add_suppression, redacted
from timeline.errors import QueryError, StudyError, TimelineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsl import Checked
    from dsl.program import Analysis
    from timeline.log import Log
    from timeline.report.figures.names import FigureName
    from timeline.study.results import AnalysisResult, StudyResult


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", type=Path, metavar="QUERY", help="a query file")
    parser.add_argument("name", nargs="?", metavar="NAME", help="a figure of the study (default: list them)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="an .svg, .pdf or .png file")
    parser.add_argument("--store", type=Path, metavar="STORE", help="where the events are")
    parser.add_argument("--patient", metavar="ID", help="draw this patient's history")
    parser.add_argument("--title", metavar="TEXT", help="the title; an empty one leaves it out")
    parser.add_argument("--width", type=float, metavar="MM", help="the width in millimetres")
    add_suppression(parser)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")


def _run(options: argparse.Namespace) -> int:
    from timeline.report.figures.files import file_format
    from timeline.report.figures.names import PATIENT, figure_names, find

    one_patient = options.patient is not None or options.name == PATIENT
    if options.name is None and not one_patient:
        return _list(options)
    for given, lacking in ((options.output, "-o FILE"), (options.store, "--store STORE")):
        if given is None:
            raise QueryError(
                f"error: a figure is asked for without {lacking}.",
                hint="Write QUERY NAME -o FILE --store STORE, or QUERY alone for the list of figures.",
            )
    file_format(options.output)
    if one_patient:
        if options.name not in (None, PATIENT) or options.patient is None:
            raise QueryError(
                "error: one patient's figure is called `patient` and needs --patient ID.",
                hint="Write QUERY patient --patient ID; the figures of the study show no single patient.",
            )
        if options.suppress_below is not None:
            raise QueryError(
                "error: one patient's history cannot be drawn where small numbers are hidden.",
                hint="Leave out --patient or --suppress-below.",
            )
        return _patient(options)
    log = open_log(options.store)
    checked = load_query(options.query, options.set, log)
    return _study(options, checked, find(figure_names(checked.program), options.name, str(options.query)), log)


def _list(options: argparse.Namespace) -> int:
    from timeline.report.figures.names import KINDS, figure_names

    log = open_log(options.store) if options.store is not None else None
    figures = figure_names(load_query(options.query, options.set, log).program)
    width = max((len(figure.name) for figure in figures), default=0)
    for number, figure in enumerate(figures, 1):
        titled = f" ({figure.title})" if figure.title else ""
        print(f"{number:>3}  {figure.name:{width}}  {KINDS[figure.kind]}{titled}")
    print(f"{'':5}{'patient --patient ID':{width}}  one patient's history")
    return 0


def _study(options: argparse.Namespace, checked: Checked, figure: FigureName, log: Log) -> int:
    with progress() as report:
        report("loading the statistics")
        from timeline.report.figures import drawing
        from timeline.report.figures.sheet import Page
        from timeline.study.run import run_study

        asked = () if figure.analysis is None else (figure.analysis,)
        # Only what the figure shows is computed: the other analyses and what was published are for `run`. What is
        # hidden depends on all that the study shows, so that a figure tells no more beside the report than alone.
        whole = options.suppress_below is not None
        study = replace(checked.program, analyses=checked.program.analyses if whole else asked, expectations=())
        result = run_study(replace(checked, program=study, findings=()), log, report)
        result = redacted(result, options.suppress_below, report)
        report("drawing")
        shown = _result(figure, result, study.analyses)
        title = drawing.title(shown, result) if options.title is None else options.title
        page = Page(title, (result.title,) if result.title else (), options.width)
        drawn = drawing.draw(shown, result, page, as_forest=figure.kind == "forest")
        _write(drawn, options.output, title or figure.name, drawing.source(result))
    return 0


def _result(figure: FigureName, result: StudyResult, analyses: Sequence[Analysis]) -> AnalysisResult:
    from timeline.report.shown import WITHHELD
    from timeline.study.results import FailedResult, WithheldResult

    if figure.analysis is None:
        return next(cohort for cohort in result.cohorts if cohort.name == figure.cohort)
    found = result.analyses[analyses.index(figure.analysis)]
    if isinstance(found, FailedResult):
        raise StudyError(f"{found.analysis}: {found.message}", hint=found.hint)
    if isinstance(found, WithheldResult):
        raise StudyError(f"{found.analysis}: there is no figure of it.", hint=WITHHELD)
    return found


def _patient(options: argparse.Namespace) -> int:
    log = open_log(options.store)
    study = load_query(options.query, options.set, log).program
    with progress() as report:
        report("drawing")
        from timeline.log.rows import as_dictionaries
        from timeline.report.figures import patient
        from timeline.report.figures.sheet import Page

        events = as_dictionaries(log.history(options.patient))
        if not events:
            raise TimelineError(
                f"{options.store} has no event of a patient {options.patient}.",
                hint="Patient ids are told apart by case.",
            )
        title = f"Patient {options.patient}" if options.title is None else options.title
        page = Page(title, (study.title,) if study.title else (), options.width)
        drawn = patient.draw(events, log.catalog, page)
        _write(drawn, options.output, title or "patient", study.title)
    return 0


def _write(figure: object, path: Path, title: str, source: str) -> None:
    from matplotlib.figure import Figure

    from timeline.report.figures.files import write

    assert isinstance(figure, Figure)
    write(figure, path, title, source)
    width, height = (25.4 * inches for inches in figure.get_size_inches())
    print(f"{path}: {title}, {width:.0f} × {height:.0f} mm")


COMMAND = Command(
    "figure",
    "Draw one figure of a study for paper, or list those that it has",
    "NAME is what the study titles it (`Figure 1b`), the analysis as it is written (`compare os in enrolled by "
    "radical`), its number in the list, or words that only it has; without NAME the figures are listed, and no store "
    "is needed. With --suppress-below the whole study is computed, and the figure hides what its report hides. The "
    "same results give the same bytes. The exit code says whether the figure was written, not whether published "
    "figures were met.",
    "  timeline figure queries/m1.tql\n"
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline figure queries/m1.tql 'figure 1b' -o figure1b.svg --store trial\n"
    "  timeline figure queries/m1.tql --patient M1-SYN-001 -o patient.pdf --store trial",
    _arguments,
    _run,
)
