"""Compiles a study so that chosen values of a patient come out as columns, next to what the definitions give.

A test looks at what it expects, an explanation at every condition on the way; both ask here. Running the SQL is left
to them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dsl import ir, program
from dsl.sql import Compiled, compile_study

Row = Mapping[str, Any]
"""The columns of one patient."""


@dataclass(frozen=True)
class Probed:
    """A compiled study, and the name under which each value and each selected event was asked for."""

    compiled: Compiled
    names: Mapping[ir.Node, str]

    def value(self, row: Row, value: ir.Value) -> Any:
        """The value for the patient; None where it is missing or unknown."""
        return row[self.names[value]]

    def event_id(self, row: Row, event: ir.EventValue) -> str | None:
        """The id of the event that a selection found for the patient."""
        plan = self.compiled.plan
        named = plan.study.definition(self.names[event])
        assert isinstance(named, program.LetEvent)
        found: str | None = row[f"{plan.scans[plan.selected(named.event)]}.event_id"]
        return found


def probe(study: program.Program, names: Iterable[str], wanted: Iterable[ir.Value | ir.EventValue]) -> Probed:
    """The definitions in `names`, with what they need, and more values and selections of a patient."""
    # No name of the language has a space in it, so none can be taken already.
    probes = {node: f"probe {number}" for number, node in enumerate(dict.fromkeys(wanted), 1)}
    lets: list[program.Definition] = []
    for node, name in probes.items():
        match node:
            case ir.Select() | ir.EventRef():
                lets.append(program.LetEvent(name, node))
            case _:
                lets.append(program.LetValue(name, node))
    asked = replace(study.asking(), definitions=(*study.definitions, *lets))
    columns: dict[ir.Node, str] = {node: name for node, name in probes.items()}  # noqa: C416  # a wider type of key
    return Probed(compile_study(asked, names=[*names, *probes.values()], trace=True), columns)
