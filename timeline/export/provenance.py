"""What a file says of itself: from which query, log and versions it came, and how to make it again.

The keys of a file's metadata; all but the first two are JSON:

- `timeline.format`: the number of this list.
- `timeline.query`: the text of the query file.
- `timeline.provenance`: store, position, head, name and hash of the query, parameters, cut-off, known by, versions.
- `timeline.sources`: name and text of every file that the query uses, in the order in which they are read.
- `timeline.dataset`: name, kind, label, rows, who was left out, and each column's label, unit and definition.
- `timeline.request`: what was asked for, so that `timeline export --verify` can ask again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from dsl.source import Source
from timeline.errors import ExportError
from timeline.library import FOLDERS, SUFFIX

if TYPE_CHECKING:
    from dsl import Checked
    from timeline.export.dataset import Dataset
    from timeline.log import Snapshot

FORMAT: Final = "1"
_PREFIX: Final = "timeline."


@dataclass(frozen=True)
class Request:
    """What was asked for besides the query: the name, the cohort, variables beside it, STUDYID, the file's format."""

    name: str
    cohort: str | None
    beside: tuple[str, ...]
    study_id: str
    format: str
    companion: bool = False

    def of_companion(self) -> Request:
        return replace(self, companion=True)


def file_metadata(
    checked: Checked, store: str, snapshot: Snapshot, dataset: Dataset, request: Request
) -> dict[str, str]:
    """The metadata of a file, as texts by key."""
    from timeline.study.run import provenance

    rests_on = provenance(checked, store, snapshot)
    versions = {"catamnesis": rests_on.version, "duckdb": version("duckdb"), "pyarrow": version("pyarrow")}
    described = {
        "store": rests_on.store,
        "position": rests_on.position,
        "head": rests_on.head,
        "query": rests_on.query,
        "query_hash": rests_on.query_hash,
        "parameters": dict(rests_on.parameters),
        "set": dict(checked.parameters),
        "cutoff": rests_on.cutoff.isoformat() if rests_on.cutoff else None,
        "known_by": rests_on.known_by.isoformat() if rests_on.known_by else None,
        "versions": versions,
        "study": checked.program.title,
        "references": list(checked.program.references),
    }
    *used, _ = [{"name": source.name, "text": source.text} for source in checked.sources]
    return {
        f"{_PREFIX}format": FORMAT,
        f"{_PREFIX}query": checked.source.text,
        f"{_PREFIX}provenance": _json(described),
        f"{_PREFIX}sources": _json(used),
        f"{_PREFIX}dataset": _json(dataset.about()),
        f"{_PREFIX}request": _json(asdict(request)),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=False)


@dataclass(frozen=True)
class Recorded:
    """What a file says of itself, read back."""

    position: int
    head: str
    query: Source
    query_hash: str
    parameters: Mapping[str, str]
    sources: tuple[Source, ...]
    """The files that the query uses, and itself last."""
    request: Request


def read_metadata(metadata: Mapping[str, str], file: str) -> Recorded:
    """Raises ExportError where the file was not written by an export, or by a later version of it."""
    format = metadata.get(f"{_PREFIX}format")
    if format != FORMAT:
        found = "it says nothing of where it came from" if format is None else f"its metadata have the form {format}"
        raise ExportError(f"{file} cannot be verified: {found}.", hint="Was it written by `timeline export`?")
    try:
        rests_on: dict[str, Any] = json.loads(metadata[f"{_PREFIX}provenance"])
        used = [Source(item["text"], item["name"]) for item in json.loads(metadata[f"{_PREFIX}sources"])]
        query = Source(metadata[f"{_PREFIX}query"], rests_on["query"])
        request = json.loads(metadata[f"{_PREFIX}request"])
        return Recorded(
            rests_on["position"],
            rests_on["head"],
            query,
            rests_on["query_hash"],
            rests_on["set"],
            (*used, query),
            Request(**{**request, "beside": tuple(request["beside"])}),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ExportError(f"{file} cannot be verified: its metadata are damaged ({error!r}).") from error


class RecordedFiles:
    """Resolves `use` lines among the texts that a file recorded, in the order in which they were first looked for."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._by_name = {source.name: source for source in sources}

    def __call__(self, path: str, user: Source) -> Source | None:
        wanted = PurePath(path if path.endswith(SUFFIX) else path + SUFFIX)
        own = PurePath(user.name).parent
        for folder in FOLDERS:
            if (found := self._by_name.get(str(own / folder / wanted))) is not None:
                return found
        for folder in FOLDERS:
            for name, source in self._by_name.items():
                if PurePath(name).match(str(PurePath(folder) / wanted)) and name != user.name:
                    return source
        return None

    def names(self, user: Source) -> list[str]:
        return [name for name in self._by_name if name != user.name]
