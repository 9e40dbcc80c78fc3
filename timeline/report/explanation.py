"""Definitions in plain English, and the trace of one patient, on a terminal. Computes nothing."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from dsl import explain, program
from dsl.words import noun, plain
from timeline.report.history import print_history
from timeline.study.tracing import Candidate, Line, Membership, Outcome, Step, Trace

SHOWN_CANDIDATES = 12
"""How many of the events that a selection looked at are listed; the rest are counted."""


def print_words(study: program.Program, name: str, console: Console) -> None:
    """A definition, then those that it rests on, then the analyses that use it."""
    *others, last = explain.needed(study, name)
    _paragraph(explain.define(last), console)
    if others:
        console.print()
        console.print(Text("It rests on these definitions:", style="bold"))
        for other in others:
            console.print()
            _paragraph(explain.define(other), console, 2)
    used = [analysis for analysis in study.analyses if name in explain.references(analysis)]
    if used:
        console.print()
        console.print(Text("It is used in:", style="bold"))
        for analysis in used:
            _sentence(explain.analyse(analysis), console, 2)


def print_study_words(study: program.Program, console: Console) -> None:
    """Everything that a study says, in its order."""
    if study.title:
        console.print(Text(study.title, style="bold"))
    if study.cutoff is not None:
        _sentence(f"Data cut-off {study.cutoff}: what happened later is not seen.", console)
    if study.known_by is not None:
        _sentence(f"As known by {study.known_by}: what was recorded later is not seen.", console)
    for parameter in study.parameters:
        said = f"Parameter {parameter.name} = {noun(parameter.value)}"
        _sentence(said + (f": {parameter.doc}." if parameter.doc else "."), console)
    for definition in study.definitions:
        console.print()
        _paragraph(explain.define(definition), console)
    console.print()
    for analysis in study.analyses:
        _sentence(explain.analyse(analysis), console)
    for item in study.rules:
        _sentence(explain.rule(item), console)
    for expectation in study.expectations:
        _sentence(explain.expectation(expectation), console)


def print_trace(trace: Trace, console: Console) -> None:
    """A patient's events, then each definition with what it found."""
    print_history(trace.patient, trace.events, trace.catalog, console)
    study = trace.study
    if study.cutoff is not None:
        console.print(Text(f"data cut-off {study.cutoff}: later events are not seen", style="yellow"))
    if study.known_by is not None:
        console.print(
            Text(f"as known by {study.known_by}: the events above are those recorded by then", style="yellow")
        )
    for step in trace.steps:
        _step(step, console)


def _paragraph(paragraph: explain.Paragraph, console: Console, indent: int = 0) -> None:
    console.print(Padding(Text(paragraph.heading, style="bold"), (0, 0, 0, indent), expand=False))
    for sentence in paragraph.sentences:
        _sentence(sentence, console, indent + 2)
    for number, item in enumerate(paragraph.items, 1):
        _sentence(f"{number}. {item}", console, indent + 4)


def _sentence(sentence: str, console: Console, indent: int = 0) -> None:
    console.print(Padding(Text(sentence), (0, 0, 0, indent), expand=False))


def _step(step: Step, console: Console) -> None:
    console.print()
    console.print(Text(_heading(step.definition), style="bold"))
    for line in step.lines:
        _line(line, console)
    match step.conclusion:
        case Membership(member=member, failed=failed, unknown=unknown):
            said = "a member" if member else f"not a member: {failed} {'is unknown' if unknown else 'is not met'}"
            console.print(Text(f"  → {said}", style="green" if member else "yellow"))
        case Outcome() as outcome:
            console.print(Text(f"  → {_outcome(outcome)}", style="yellow" if outcome.excluded else "green"))


def _heading(definition: program.Definition) -> str:
    match definition:
        case program.Cohort(name=name, label=label):
            return f"cohort {name}" + (f": {label}" if label else "")
        case program.Endpoint(name=name, label=label):
            return f"endpoint {name}" + (f": {label}" if label else "")
        case program.LetValue(name=name, doc=doc) | program.LetEvent(name=name, doc=doc):
            return f"let {name}" + (f": {doc}" if doc else "")


def _outcome(found: Outcome) -> str:
    origin = f"from {found.origin} ({found.origin_event or 'no event'})" if found.origin is not None else ""
    if found.excluded is not None:
        return f"no time: {found.excluded}" + (f"; {origin}" if origin else "")
    kind = {"competing": "competing event"}.get(found.outcome or "", found.outcome)
    return f"{origin} to {found.end} ({found.end_event or 'no event'}): {found.time} days, {kind}, “{found.reason}”"


def _line(line: Line, console: Console) -> None:
    result = line.result
    if line.event_id is not None:
        result = f"{result} ({line.event_id})" if result else line.event_id
    indent = 2 + 2 * line.depth
    if line.note:
        result = f"{result}, {line.note}"
    text = Text(f"{line.words}: ")
    text.append(result, style={"true": "green", "false": "red", "unknown": "yellow"}.get(line.result, "bold"))
    console.print(Padding(text, (0, 0, 0, indent), expand=False))
    for window in line.windows:
        console.print(Padding(Text(f"window: {window}", style="dim"), (0, 0, 0, indent + 4), expand=False))
    listed = [
        candidate
        for number, candidate in enumerate(line.candidates)
        if number < SHOWN_CANDIDATES or candidate.event_id == line.event_id
    ]
    for candidate in listed:
        said = f"{candidate.event_id} {plain(candidate.event)} on {candidate.start}: {_verdict(candidate)}"
        said += " ← this one" if candidate.event_id == line.event_id else ""
        console.print(Padding(Text(said, style="dim"), (0, 0, 0, indent + 4), expand=False))
    more = len(line.candidates) - len(listed)
    if more > 0:
        console.print(Padding(Text(f"and {more} more events", style="dim"), (0, 0, 0, indent + 4), expand=False))


def _verdict(candidate: Candidate) -> str:
    match candidate:
        case Candidate(belongs=False, because=because):
            return f"no, {because}"
        case Candidate(belongs=None, because=because):
            return f"unknown {because}"
        case Candidate(meets=True):
            return "yes"
    return f"yes, but {candidate.because}"
