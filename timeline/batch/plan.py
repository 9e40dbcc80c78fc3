"""What a batch is to do, read from a TOML file."""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from dsl.diagnostics import did_you_mean, listing
from timeline.errors import Problem, QueryError

_RUN_KEYS: Final = {"name": str, "query": str, "set": dict, "json": str, "report": str, "export": list}
_EXPORT_KEYS: Final = {"names": list, "out": str, "format": str, "in": str, "with": list, "study_id": str}


@dataclass(frozen=True)
class ExportPlan:
    """`out` is a file for one name, and a folder for several or all."""

    out: str
    names: tuple[str, ...] = ()
    format: str | None = None
    cohort: str | None = None
    beside: tuple[str, ...] = ()
    study_id: str | None = None


@dataclass(frozen=True)
class Run:
    """One query with the files that it is to give; their places are below the plan's `out`."""

    name: str
    query: Path
    parameters: tuple[tuple[str, str], ...] = ()
    json: str | None = None
    report: str | None = None
    exports: tuple[ExportPlan, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(path for path in (self.json, self.report, *(export.out for export in self.exports)) if path)


@dataclass(frozen=True)
class Plan:
    """`suppress_below` hides small numbers of patients in the results of all runs."""

    store: Path
    out: Path
    runs: tuple[Run, ...]
    suppress_below: int | None = None

    def suppressed(self, below: int) -> Plan:
        """The same plan with numbers from 1 to `below` - 1 hidden. Raises QueryError where a run exports rows."""
        if exporting := [run.name for run in self.runs if run.exports]:
            raise QueryError(
                f"error: nothing can be hidden in rows of single patients as exported by {', '.join(exporting)}.",
                hint="Give the exports a plan of their own, or leave out --suppress-below.",
            )
        return replace(self, suppress_below=below)


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises QueryError with every problem of it."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise QueryError(f"error: {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise QueryError(f"error: {path} is not TOML: {error}.") from None
    problems: list[Problem] = []
    _check_keys(given, {"store": str, "out": str, "run": list}, ("store", "run"), str(path), problems)
    runs = [_read_run(item, number, str(path), problems) for number, item in enumerate(_tables(given.get("run")), 1)]
    names = Counter(run.name for run in runs if run is not None)
    outputs = Counter(output for run in runs if run is not None for output in run.outputs)
    for what, counts in (("name", names), ("output", outputs)):
        for text, count in counts.items():
            if count > 1:
                problems.append(Problem(f"the {what} {text} {count} times", "each once", file=str(path)))
    if problems:
        raise QueryError(f"error: {path} is no plan.", problems=problems)

    def place(written: str | Path) -> Path:
        return Path(os.path.normpath(path.parent / written))

    placed = tuple(replace(run, query=place(run.query)) for run in runs if run is not None)
    return Plan(place(given["store"]), place(given.get("out", ".")), placed)


def _tables(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _read_run(given: dict[str, Any], number: int, file: str, problems: list[Problem]) -> Run | None:
    before = len(problems)
    place = f"{file}, run {number}"
    _check_keys(given, _RUN_KEYS, ("query",), place, problems)
    exports = _tables(given.get("export"))
    for item in exports:
        _check_keys(item, _EXPORT_KEYS, ("out",), f"{place}, export", problems)
    if len(problems) > before:
        return None
    name = given.get("name") or Path(given["query"]).stem
    planned = tuple(
        ExportPlan(
            item["out"],
            tuple(item.get("names", ())),
            item.get("format"),
            item.get("in"),
            tuple(item.get("with", ())),
            item.get("study_id"),
        )
        for item in exports
    )
    outputs = (given.get("json"), given.get("report"))
    if not any(outputs) and not planned:
        outputs = (f"{name}.json", f"{name}.txt")
    parameters = tuple((key, str(value)) for key, value in given.get("set", {}).items())
    return Run(name, Path(given["query"]), parameters, *outputs, planned)


def _check_keys(
    given: Mapping[str, Any],
    known: Mapping[str, type],
    required: tuple[str, ...],
    place: str,
    problems: list[Problem],
) -> None:
    for key, value in given.items():
        if key not in known:
            hint = did_you_mean(key, known) or f"it may be {listing(known)}"
            problems.append(Problem(f"the key {key}", "a key of a plan", hint, file=place))
        elif not isinstance(value, known[key]):
            expected = {"str": "a text", "list": "a list", "dict": "a table"}[known[key].__name__]
            problems.append(Problem(f"{value!r} for {key}", expected, file=place))
    problems.extend(Problem(f"no {key}", f"a value for {key}", file=place) for key in required if key not in given)
