"""Which patients can be members of a cohort at all: those who have an event that its index day is taken from.

Where only members are asked for, the rows of all others need not be made.
"""

from functools import reduce

from dsl import ir, program
from dsl.sql.plan import base_of


def of_members(study: program.Program, cohort: str) -> frozenset[str]:
    """Event types of which every member of a cohort has an event."""
    found = study.cohort(cohort)
    own = of_value(study, found.index) if found.index is not None else frozenset()
    return own | _of_base(study, found.base)


def of_value(study: program.Program, value: ir.Value) -> frozenset[str]:
    """Event types of which a patient for whom a value is known has an event."""
    match value:
        case ir.Attribute(event=event) | ir.LastDay(event=event):
            while isinstance(event, ir.EventRef):
                named = study.definition(event.name)
                assert isinstance(named, program.LetEvent)
                event = named.event
            base, _ = base_of(event.stream)
            return frozenset({base.event.name}) if isinstance(base, ir.Events) else frozenset()
        case ir.Shift(day=day):
            return of_value(study, day)
        case ir.EndpointField(endpoint=endpoint):
            return of_value(study, study.endpoint(endpoint).origin.day)
        case ir.LetRef(name=name):
            named = study.definition(name)
            assert isinstance(named, program.LetValue)
            return of_value(study, named.value)
    return frozenset()


def _of_base(study: program.Program, base: ir.Value | None) -> frozenset[str]:
    match base:
        case ir.CohortRef(name=name):
            return of_members(study, name)
        case ir.And(operands=operands):
            return frozenset().union(*(_of_base(study, operand) for operand in operands))
        case ir.Or(operands=operands):
            return reduce(frozenset.intersection, (_of_base(study, operand) for operand in operands))
    return frozenset()


__all__ = ["of_members", "of_value"]
