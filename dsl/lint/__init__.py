"""Hygiene: what is well formed, and yet not what a trial's statistician would want to have written.

Works on the program, and on a table of where its parts were written. Each rule has a code, a name, a page, and can be
acknowledged with a reason in the statement in which it is found; it is then no warning any more, but stays a finding.
What only data can decide is left to whoever has them, with the question to ask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dsl import program
from dsl.diagnostics import Diagnostic, did_you_mean, listing
from dsl.lint.catalogue import NOTHING_TO_ACKNOWLEDGE, RULES, UNKNOWN_FINDING
from dsl.lint.conditions import Conditions
from dsl.lint.endpoints import endpoint_findings
from dsl.lint.finding import Finding
from dsl.lint.future import Analyses, Future, cohort_findings
from dsl.lint.order import Order
from dsl.lint.places import Places
from dsl.lint.streams import Names
from dsl.record import record
from dsl.source import Span


@record
class Acknowledged:
    """A reason for a finding, in a statement."""

    name: str
    reason: str
    span: Span
    statement: Span


@record
class Unused:
    """A name that the study's own file defines and nothing reads."""

    name: str
    kind: str
    span: Span


@record
class Linted:
    """Every finding, acknowledged or not, and the diagnostics for those that warn."""

    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]


def lint(
    study: program.Program,
    places: Places,
    unused: Sequence[Unused] = (),
    acknowledged: Sequence[Acknowledged] = (),
) -> Linted:
    """Look at a program that was checked and has no error."""
    found = list(dict.fromkeys(_findings(study, places, unused)))
    diagnostics: list[Diagnostic] = []
    for item in acknowledged:
        if item.name not in RULES:
            hint = did_you_mean(item.name, RULES)
            message = f"no finding is called `{item.name}`"
            diagnostics.append(Diagnostic(UNKNOWN_FINDING, message, item.span, f"one of {listing(RULES)}", hint))
            continue
        met = [number for number, finding in enumerate(found) if _answers(item, finding)]
        for number in met:
            found[number] = replace(found[number], acknowledged=item.reason)
        if not met:
            message = f"there is no `{item.name}` here to acknowledge"
            hint = "take it out, so that it hides nothing that comes later"
            diagnostics.append(Diagnostic(NOTHING_TO_ACKNOWLEDGE, message, item.span, hint=hint))
    diagnostics.extend(finding.diagnostic() for finding in found if finding.warns)
    return Linted(tuple(found), tuple(diagnostics))


def _answers(item: Acknowledged, finding: Finding) -> bool:
    span, statement = finding.span, item.statement
    return (
        item.name == finding.rule
        and span is not None
        and span.source is statement.source
        and statement.start <= span.start
        and span.end <= statement.end
    )


def _findings(study: program.Program, places: Places, unused: Sequence[Unused]) -> Iterator[Finding]:
    names = Names(study)
    order = Order(names)
    future = Future(names, order)
    for definition in study.definitions:
        if not places.is_own(definition):
            continue
        match definition:
            case program.Cohort():
                yield from cohort_findings(definition, future, places)
            case program.Endpoint():
                yield from endpoint_findings(definition, names, order, places)
    yield from Analyses(study, names, order, places).findings()
    for statement in (*study.definitions, *study.rules, *study.analyses, *study.expectations):
        if places.is_own(statement):
            yield from Conditions(order, places, statement).findings(statement)
    for name in unused:
        hint = "take it out, or use it" if name.kind != "parameter" else "take it out: setting it changes nothing"
        yield Finding("unused_name", f"nothing reads the {name.kind} `{name.name}`", name.span, hint)


__all__ = ["Acknowledged", "Finding", "Linted", "Places", "Unused", "lint"]
