"""Finds the definition that a person named on the command line, or says which one may have been meant."""

from dsl.diagnostics import did_you_mean, listing
from dsl.program import Definition, Program
from timeline.errors import QueryError


def require_definition(study: Program, name: str, file: str) -> Definition:
    """The definition of a name. Raises QueryError, with the nearest name there is, where there is none."""
    found = study.definition(name)
    if found is not None:
        return found
    names = [item.name for item in study.definitions]
    if not names:
        raise QueryError(f"error: {file} defines nothing.", hint="A definition starts with let, cohort or endpoint.")
    nearest = did_you_mean(name, names)
    raise QueryError(
        f"error: {file} has no cohort, endpoint or let `{name}`.", hint=f"hint: {nearest or 'it has ' + listing(names)}"
    )
