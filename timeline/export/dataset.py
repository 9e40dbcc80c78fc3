"""What is exported, before it is a file: a query with described columns, how many rows it has, and who is not in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from dsl.types import Age, Duration, Type

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp


@dataclass(frozen=True)
class Column:
    """A column of an exported file: what it is computed as, and what its reader should know of it.

    `label` is a short title, `definition` the whole meaning in words; `unit` is empty where there is none.
    """

    name: str
    value: exp.Expr
    label: str
    unit: str = ""
    definition: str = ""

    def metadata(self) -> dict[str, str]:
        described = {"label": self.label, "unit": self.unit, "definition": self.definition}
        return {key: text for key, text in described.items() if text}


@dataclass(frozen=True)
class Dataset:
    """Rows to export under a name.

    `rows` is counted before anything is written. `left_out` says how many patients have no row here, and why;
    `companion` holds one row for each of them.
    """

    name: str
    kind: str
    label: str
    columns: tuple[Column, ...]
    sql: str
    rows: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    companion: Dataset | None = None

    def schema(self, computed: pa.Schema, metadata: Mapping[str, str]) -> pa.Schema:
        """The types that the engine computed, with each column's description, and what is said of the whole file."""
        import pyarrow as pa

        fields = [
            pa.field(column.name, computed.field(number).type, metadata=column.metadata())
            for number, column in enumerate(self.columns)
        ]
        return pa.schema(fields, metadata=dict(metadata))

    def about(self) -> dict[str, Any]:
        """What the file says of its own content, ready for JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "label": self.label,
            "rows": self.rows,
            "left_out": dict(self.left_out),
            "columns": {column.name: column.metadata() for column in self.columns},
        }


def distinct(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns with names that differ also where case does not count: a later one of the same name has a number."""
    taken: Counter[str] = Counter()
    found = []
    for column in columns:
        taken[column.name.casefold()] += 1
        number = taken[column.name.casefold()]
        found.append(column if number == 1 else replace(column, name=f"{column.name}_{number}"))
    return tuple(found)


def unit_of(type_: Type) -> str:
    """The unit in which a value of a type is exported; empty where it has none."""
    match type_:
        case Duration():
            return "days"
        case Age():
            return "years"
    return getattr(type_, "unit", None) or ""
