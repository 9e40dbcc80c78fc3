"""Finds query files: those beside the query that uses them, and those that come with the program."""

from functools import cached_property
from pathlib import Path

from dsl.source import Source
from timeline.errors import QueryError

SUFFIX = ".tql"
FOLDERS = ("", "vocabulary", "endpoints")
"""Where a bare name is looked for, in the folder of the user and then in the standard library."""


def standard_library() -> Path:
    """The folder `queries`: inside the installed package, or at the root of the checkout."""
    inside = Path(__file__).with_name("queries")
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / "queries"


def read_source(path: Path, name: str | None = None) -> Source:
    """The text of a query file. Raises QueryError where it cannot be read as UTF-8 text."""
    try:
        return Source(path.read_text(encoding="utf-8-sig"), name or str(path))
    except UnicodeDecodeError as error:
        raise QueryError(
            f"{path} is not a text in UTF-8: byte {error.start} does not fit.",
            hint="A query file is plain text; was another file meant?",
        ) from None
    except OSError as error:
        raise QueryError(f"{path} cannot be read: {error.strerror}.") from None


class Library:
    """Resolves `use` lines: relative to the file that uses, then in the standard library."""

    def __call__(self, path: str, user: Source) -> Source | None:
        for base in self._bases(user):
            for folder in FOLDERS:
                candidate = base / folder / path
                found = candidate if candidate.suffix == SUFFIX else candidate.with_name(candidate.name + SUFFIX)
                if found.is_file():
                    return read_source(found, self._shown(found))
        return None

    def names(self, user: Source) -> list[str]:
        names: dict[str, None] = {}
        for base in self._bases(user):
            for folder in FOLDERS:
                for file in sorted((base / folder).glob(f"*{SUFFIX}")):
                    names[f"{folder}/{file.stem}" if folder == "endpoints" else file.stem] = None
        names.pop(Path(user.name).stem, None)
        return list(names)

    @cached_property
    def _standard(self) -> Path:
        return standard_library()

    def _bases(self, user: Source) -> list[Path]:
        own = Path(user.name).parent
        return [own, self._standard] if own.is_dir() else [self._standard]

    @staticmethod
    def _shown(path: Path) -> str:
        """One name for one file: relative to the working folder where it lies below it."""
        resolved = path.resolve()
        try:
            return str(resolved.relative_to(Path.cwd()))
        except ValueError:
            return str(resolved)
