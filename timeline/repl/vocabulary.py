"""What can be named at the prompt: taken from a session's study, so that completion never waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsl import program
    from dsl.catalog import EventType
    from dsl.types import Type

Patients = Callable[[str], Sequence[str]]
"""The ids of patients that contain a text, the first ones."""


@dataclass(frozen=True)
class Attribute:
    """`codes` are those of a code, in declared order."""

    about: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """A definition: `kind` is `let`, `event`, `cohort` or `endpoint`; `parts` are what a dot behind it can name."""

    kind: str
    about: str
    parts: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """Event types with their attributes, definitions, and how patients and files are found."""

    events: Mapping[str, Named] = field(default_factory=dict)
    names: Mapping[str, Named] = field(default_factory=dict)
    patients: Patients = lambda text: ()
    files: Sequence[str] = ()

    def of_kind(self, *kinds: str) -> dict[str, str]:
        return {name: named.about for name, named in self.names.items() if named.kind in kinds}


_DAYS = {"start": Attribute("the first day"), "end": Attribute("the last day, where there is one")}


def vocabulary(study: program.Program, patients: Patients = lambda text: (), files: Sequence[str] = ()) -> Vocabulary:
    """The vocabulary of a study."""
    events = {event.name: Named("event", event.doc, _of_event(event)) for event in study.catalog}
    names = {item.name: _named(study, item) for item in study.definitions}
    names |= {item.name: Named("let", item.doc or "a parameter") for item in study.parameters}
    return Vocabulary(events, names, patients, files)


def _of_event(event: EventType) -> dict[str, Attribute]:
    return _DAYS | {item.name: _attribute(item.type, item.doc) for item in event.attributes}


def _attribute(type_: Type, doc: str = "") -> Attribute:
    from dsl.types import describe

    return Attribute(doc or describe(type_), getattr(type_, "codes", ()))


def _named(study: program.Program, item: program.Definition) -> Named:
    from dsl import ir, program
    from dsl.types import describe

    match item:
        case program.Cohort():
            return Named("cohort", item.label)
        case program.Endpoint():
            parts = {name: _attribute(type_) for name, type_ in ir.ENDPOINT_FIELDS.items()}
            return Named("endpoint", item.label, parts)
        case program.LetEvent():
            event = item.event
            while isinstance(event, ir.EventRef):
                behind = study.definition(event.name)
                assert isinstance(behind, program.LetEvent)
                event = behind.event
            attributes = ir.stream_attributes(event.stream)
            return Named("event", item.doc, _DAYS | {name: _attribute(type_) for name, type_ in attributes.items()})
        case program.LetValue():
            return Named("let", item.doc or describe(item.value.type))
