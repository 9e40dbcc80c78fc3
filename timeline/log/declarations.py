"""The declarations that a store keeps: every version of them, as text, in the commit that brought it."""

from __future__ import annotations

from pathlib import Path

import dsl
from dsl.catalog import Catalog
from dsl.diagnostics import LanguageError
from timeline.errors import DamageError, DeclarationError
from timeline.log import commits
from timeline.log.record import Record


class Declarations:
    """Reads a store's declarations; each version is parsed once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parsed: dict[int, Catalog] = {}

    def of(self, record: Record) -> Catalog:
        """The declarations in force when a commit was made, that commit included."""
        if record.declared not in self._parsed:
            stamp = commits.read(self._root, record.declared).stamp
            if stamp is None or stamp.record.declarations is None:
                raise DamageError(f"{self._root}: commit {record.declared} should hold declarations and does not.")
            name = f"{self._root}, declarations of commit {record.declared}"
            try:
                self._parsed[record.declared] = dsl.read_catalog(stamp.record.declarations, name)
            except LanguageError as error:
                raise DamageError(f"The declarations that the store was given cannot be read: {error}") from error
        return self._parsed[record.declared]


def require_readable(catalog: Catalog) -> None:
    """Raises DeclarationError where the declarations, once written, would not be read back as they are.

    Declarations that come from a text always are; those that a program puts together may use a reserved word.
    """
    try:
        same = dsl.read_catalog(catalog.text()) == catalog
    except LanguageError as error:
        raise DeclarationError(f"The declarations cannot be written down: {error}") from error
    if not same:
        raise DeclarationError("The declarations cannot be written down: reading them would give others.")
