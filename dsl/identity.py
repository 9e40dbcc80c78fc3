"""When two things of a study are the same: a hash of what a definition says and of all that it rests on.

How a thing is written, where it stands and in which order definitions come take no part. A cut-off and a landmark do,
once `dsl.rewrite.lower` has made them part of what streams see.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields

from dsl import ir, program
from dsl.explain import references


def identities(study: program.Program) -> dict[str, str]:
    """By name: the hash of each definition with all definitions that it rests on."""
    found: dict[str, str] = {}
    for definition in study.definitions:
        found[definition.name] = identity(definition, found)
    return found


def identity(node: ir.Node, definitions: Mapping[str, str], *, words: bool = False) -> str:
    """The hash of what a node says, where `definitions` are those of all that it refers to (as `identities` gives).

    With `words`, how a thing was put counts too: a report repeats it.
    """
    rests_on = sorted(f"{name} {definitions[name]}" for name in references(node) if name in definitions)
    return hashlib.sha256("\n".join([_content(node, words), *rests_on]).encode()).hexdigest()


def closure(study: program.Program, names: set[str]) -> tuple[program.Definition, ...]:
    """The definitions of these names and all that they rest on, in the order of the study."""
    wanted = set(names)
    for definition in reversed(study.definitions):
        if definition.name in wanted:
            wanted.update(references(definition))
    return tuple(item for item in study.definitions if item.name in wanted)


def _content(item: object, words: bool) -> str:
    if isinstance(item, ir.Node):
        compared = [part.name for part in fields(item) if part.compare or words]  # type: ignore[arg-type]
        return f"{type(item).__name__}({','.join(_content(getattr(item, name), words) for name in compared)})"
    if isinstance(item, tuple):
        return f"[{','.join(_content(part, words) for part in item)}]"
    return repr(item)
