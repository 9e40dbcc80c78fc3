"""What a definition says of each patient, as one SELECT with plain column names.

An endpoint gives patient, `origin`, `end`, `time` (days), `cause` (0 censored, 1 the event, 2 and more competing),
`happened`, `outcome`, `reason`, `excluded` (why there is no time), `origin_event` and `end_event`. A cohort gives
`member`, `index`, `step` (0 for a member, else the first step that is not met) and `unknown`. A let of a value gives
`value`; one of an event gives its `start`, `end` and attributes. There is a row for every patient of the log.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from dsl import ir, program
from dsl.identity import closure
from dsl.sql import compile_study
from dsl.sql.anchor import of_members
from dsl.sql.values import PATIENT, column
from dsl.types import Date, Type

ENDPOINT = (
    "origin",
    "end",
    "time",
    "cause",
    "happened",
    "outcome",
    "reason",
    "excluded",
    "origin_event",
    "end_event",
)
COHORT = {"member": "", "index": ".index_day", "step": ".step", "unknown": ".unknown"}


def select(study: program.Program, name: str, within: str | None = None, beside: Sequence[str] = ()) -> str:
    """The rows of a definition, in no order; `within` keeps the members of a cohort.

    `beside` names values and cohorts whose columns are added under their own names.
    """
    parts = _attributes(study, name)
    names = {name, *beside, *([] if within is None else [within])}
    asking = study.asking(ir.Attribute(ir.EventRef(name), part, type_) for part, type_ in parts.items())
    # Where the rows of members alone are wanted, those who cannot be members need no row.
    anchors = of_members(study, within) if within is not None else frozenset()
    compiled = compile_study(
        replace(asking, definitions=closure(study, names)), names=names, anchor=min(anchors, default=None)
    )
    columns = _columns(study, name)
    for part, value in zip(parts, compiled.study.questions, strict=True):
        assert isinstance(value, ir.Attribute)
        columns[part] = compiled.columns[value]
    columns.update((other, other) for other in beside)
    shown = (column(found, PATIENT).as_(exp.to_identifier(part, quoted=True)) for part, found in columns.items())
    query = exp.select(column("patient", PATIENT), *shown).from_(compiled.query.subquery(exp.to_identifier(PATIENT)))
    if within is not None:
        query = query.where(column(within, PATIENT))
    return query.sql(compiled.dialect)


def _columns(study: program.Program, name: str) -> dict[str, str]:
    match study.definition(name):
        case program.Endpoint():
            return {part: f"{name}.{part}" for part in ENDPOINT}
        case program.Cohort():
            return {shown: f"{name}{part}" for shown, part in COHORT.items()}
        case program.LetEvent():
            return {}
    return {"value": name}


def _attributes(study: program.Program, name: str) -> dict[str, Type]:
    """Of the event that a let names: its days and its attributes."""
    found = study.definition(name)
    if not isinstance(found, program.LetEvent):
        return {}
    event: ir.EventValue = found.event
    while isinstance(event, ir.EventRef):
        named = study.definition(event.name)
        assert isinstance(named, program.LetEvent)
        event = named.event
    return {"start": Date(), "end": Date(), **ir.stream_attributes(event.stream)}
