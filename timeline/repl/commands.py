"""The dot commands: what is asked of the prompt itself, or of the store, rather than of the study.

Each is a function of the shell and of its arguments; `COMMANDS` says what these are, for `.help` and completion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dsl.diagnostics import did_you_mean
from timeline.errors import QueryError
from timeline.repl.arguments import split
from timeline.repl.complete import Command

if TYPE_CHECKING:
    from timeline.repl.shell import Shell
    from timeline.study.session import Moment


@dataclass(frozen=True)
class DotCommand(Command):
    """A command. `needed` of its arguments must be given; `usage` is how it is written."""

    usage: str
    needed: int
    run: Callable[[Shell, Sequence[str]], None]


def run_command(shell: Shell, line: str) -> None:
    """Run a line that starts with a dot. Raises QueryError where there is no such command, or an argument is amiss."""
    name, *arguments = split(line)
    command = COMMANDS.get(name)
    if command is None:
        hint = did_you_mean(name, COMMANDS) or "`.help` lists the commands."
        raise QueryError(f"There is no command `{name}`.", hint=hint)
    if not command.needed <= len(arguments) <= len(command.arguments):
        hint = "An argument with blanks stands in quotes." if arguments[1:] else ""
        raise QueryError(f"`{name}` is written `{command.usage}`.", hint=hint)
    command.run(shell, arguments)


def _help(shell: Shell, arguments: Sequence[str]) -> None:
    from rich.table import Table

    wanted = [f".{arguments[0].removeprefix('.')}"] if arguments else list(COMMANDS)
    unknown = [name for name in wanted if name not in COMMANDS]
    if unknown:
        raise QueryError(f"There is no command `{unknown[0]}`.", hint=did_you_mean(unknown[0], COMMANDS) or "")
    table = Table.grid(padding=(0, 2))
    for name in wanted:
        table.add_row(COMMANDS[name].usage.replace("[", r"\["), COMMANDS[name].about)
    shell.console.print(table)
    if not arguments:
        shell.console.print(
            "\nAll else is the language: a statement (`let`, `cohort`, `endpoint`, `estimate` …) or an expression "
            "such as `count(enrolled)` or `os.time`. A cohort or an endpoint over several lines runs at an empty line.",
            markup=False,
        )


def _events(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.report.answers import print_counts
    from timeline.study.counts import counts

    session = shell.session
    declared = session.snapshot.catalog
    rows = counts(session.engine, list(declared))
    shown = [{**row, "what it is": event.doc} for row, event in zip(rows, declared, strict=True)]
    print_counts(shown, shell.console)


def _describe(shell: Shell, arguments: Sequence[str]) -> None:
    from dsl.types import describe
    from timeline.report import words
    from timeline.report.answers import print_counts
    from timeline.study.counts import attributes, counts

    session = shell.session
    declared = session.snapshot.catalog
    event = declared.event(arguments[0])
    if event is None:
        hint = did_you_mean(arguments[0], (item.name for item in declared)) or "`.events` lists them."
        raise QueryError(f"No event type is called `{arguments[0]}`.", hint=hint)
    (found,) = counts(session.engine, [event])
    counted = f"{words.count(found['events'])} events of {words.count(found['patients'])}"
    said = f": {event.doc}" if event.doc else ""
    once = ", at most one for a patient" if event.once else ""
    span = f", {found['first']} to {found['last']}" if found["events"] else ""
    shell.console.print(f"{event.name}{said}{once}", markup=False, style="bold")
    shell.console.print(f"{counted} patients{span}", markup=False)
    rows: list[Mapping[str, object]] = []
    for item in attributes(session.engine, event):
        attribute = item["attribute"]
        kind = "code" if item["codes"] else describe(attribute.type)
        rows.append({"attribute": attribute.name, "is": kind, "known": item["known"], "what it is": attribute.doc})
        rows += [
            {"attribute": "", "is": f"  {code}", "known": number, "what it is": ""}
            for code, number in item["codes"].items()
        ]
    print_counts(rows, shell.console)


def _show(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.report.history import print_history

    session = shell.session
    print_history(arguments[0], session.history(arguments[0]), session.snapshot.catalog, shell.console)


def _sql(shell: Shell, arguments: Sequence[str]) -> None:
    from rich.syntax import Syntax

    from dsl.sql import compile_study

    session = shell.session
    session.definition(arguments[0])
    text = compile_study(session.study.asking(), names=[arguments[0]]).sql(pretty=True)
    shell.console.print(Syntax(f"{text};", "sql", background_color="default", word_wrap=True))


def _explain(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.report.explanation import print_trace, print_words

    session = shell.session
    session.definition(arguments[0])
    if len(arguments) > 1:
        print_trace(session.explain(*arguments), shell.console)
    else:
        print_words(session.study, arguments[0], shell.console)


def _asof(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.report import words

    session = shell.session
    if arguments:
        session.go_to(_moment(arguments[0]))
    snapshot = session.snapshot
    known = f" as known by {session.at}" if not isinstance(session.at, int) else ""
    shell.console.print(
        f"position {words.count(snapshot.position)} of {words.count(session.log.position)}{known}", markup=False
    )


def _moment(text: str) -> Moment | None:
    if text == "now":
        return None
    if text.isdecimal():
        return int(text)
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    raise QueryError(
        f"`{text}` is no date and no position.", hint="Write a date (2013-03-01), a position (1200), or now."
    )


def _save(shell: Shell, arguments: Sequence[str]) -> None:
    path = Path(arguments[0]).expanduser()
    if arguments[1:] not in ([], ["--force"]):
        raise QueryError(f"`{arguments[1]}` is no option of `.save`.", hint="`--force` replaces a file.")
    shell.session.save(path, replace=bool(arguments[1:]))
    count = len(shell.session.study.definitions)
    shell.console.print(f"{count} definitions saved to {path}", style="dim", markup=False)


def _load(shell: Shell, arguments: Sequence[str]) -> None:
    shell.load(Path(arguments[0]).expanduser())


def _read(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.library import read_source

    source = read_source(Path(arguments[0]).expanduser())
    shell.read(source.text.splitlines(keepends=True), source.name)


def _plot(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.report.terminal import print_analysis
    from timeline.study.excerpt import plotted

    name, *rest = arguments
    file = Path(rest.pop()).expanduser() if rest and Path(rest[-1]).suffix else None
    options = dict(zip(rest[::2], rest[1::2], strict=False))
    if len(rest) % 2 or not options.keys() <= {"in", "by"} or ("by" in options and "in" not in options):
        raise QueryError(f"`.plot` is written `{COMMANDS['.plot'].usage}`.")
    study = plotted(shell.session, name, options.get("in"), options.get("by"))
    (result,) = study.analyses
    if file is None:
        print_analysis(result, shell.console)
        return
    from timeline.report.figures import drawing, files
    from timeline.report.figures.sheet import Page

    files.file_format(file)
    title = drawing.title(result, study)
    drawn = drawing.draw(result, study, Page(title, (study.title,) if study.title else ()))
    files.write(drawn, file, title, drawing.source(study))
    shell.console.print(f"{file}: {title}", style="dim", markup=False)


def _export(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.engine.duckdb import DuckDBEngine
    from timeline.export.export import Source, Wanted, datasets
    from timeline.export.output import write_file
    from timeline.export.writers import format_of
    from timeline.report import words
    from timeline.report.screen import progress

    session = shell.session
    name, file, *options = arguments
    if options not in ([], ["--force"]):
        raise QueryError(f"`{options[0]}` is no option of `.export`.", hint="`--force` replaces a file.")
    path = Path(file).expanduser()
    snapshot = session.snapshot
    wanted = Wanted((name,))
    # An engine of its own: an export keeps rows of its own under the name of the session's.
    with progress() as report, DuckDBEngine(snapshot) as engine:
        report("computing what is exported")
        source = Source(session.checked, str(session.log.path), snapshot, engine)
        (dataset,) = datasets(source, wanted)
        report("writing")
        written = write_file(source, wanted, dataset, format_of(path, None), path, force=bool(options))
    shell.console.print(f"{written.path}: {words.count(dataset.rows)} rows", style="dim", markup=False)


def _run(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.report.screen import progress
    from timeline.report.terminal import print_study

    with progress() as report:
        result = shell.session.run(report)
    print_study(result, shell.console)


def _timer(shell: Shell, arguments: Sequence[str]) -> None:
    shell.timed = arguments[0] == "on" if arguments else not shell.timed
    shell.console.print(f"timer {'on' if shell.timed else 'off'}")


def _quit(shell: Shell, arguments: Sequence[str]) -> None:
    from timeline.repl.shell import Quit

    raise Quit


COMMANDS: dict[str, DotCommand] = {
    name: DotCommand(arguments, about, f"{name} {usage}".strip(), needed, run)
    for name, usage, needed, arguments, about, run in (
        (".help", "[COMMAND]", 0, ("command",), "list the commands, or say what one does", _help),
        (".events", "", 0, (), "the event types of the store, with how many events there are", _events),
        (".describe", "EVENT", 1, ("event",), "an event type: attributes, codes, counts, dates", _describe),
        (".show", "PATIENT", 1, ("patient",), "a patient's history", _show),
        (".sql", "NAME", 1, ("name",), "a definition as SQL", _sql),
        (".explain", "NAME [PATIENT]", 1, ("name", "patient"), "a definition in words, or for one patient", _explain),
        (
            ".plot",
            "NAME [in COHORT [by GROUP]] [FILE]",
            1,
            ("endpoint", "in", "cohort", "by", "group", "file"),
            "an endpoint's curve or a cohort's attrition, here or in an .svg, .pdf or .png file",
            _plot,
        ),
        (
            ".export",
            "NAME FILE [--force]",
            2,
            ("name", "file", "force"),
            "a cohort or an endpoint as a .parquet, .csv, .arrow, .xpt or .json file",
            _export,
        ),
        (".run", "", 0, (), "everything that the study asks", _run),
        (".asof", "[DATE|POSITION|now]", 0, ("moment",), "see the store as it was; it stays so until told", _asof),
        (".save", "FILE [--force]", 1, ("file", "force"), "write the session's study to a file, formatted", _save),
        (".load", "FILE", 1, ("file",), "take over the definitions of a file, without running it", _load),
        (".read", "FILE", 1, ("file",), "run the entries of a file as if they were typed", _read),
        (".timer", "[on|off]", 0, ("switch",), "say how long each entry takes", _timer),
        (".quit", "", 0, (), "end the session (also Ctrl-D)", _quit),
    )
}
"""Every command, by its name, in the order in which `.help` lists them."""
