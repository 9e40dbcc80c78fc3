"""IR to SQL: one query that gives a row for each patient, and small queries over those rows for each analysis.

`compile_study` makes the first as a chain of named steps, each adding columns to the one before: scans of event types,
then the definitions that they make possible, then the next scans. Every statement is built as a sqlglot tree.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from dsl import ir, program
from dsl.rewrite import lower
from dsl.sql.definitions import COHORT_COLUMNS, ENDPOINT_COLUMNS, ENTRY_COLUMN, alias, requirement_columns, steps
from dsl.sql.dialects import adapted
from dsl.sql.plan import Base, Plan, Scan, base_name, base_of, make_plan
from dsl.sql.scans import LOG, scan_columns, scan_query
from dsl.sql.values import PATIENT, Values, column, noted


@dataclass(frozen=True)
class Compiled:
    """The query for the patients' rows, and where in them each thing is.

    Columns: `patient`; for each let its name; for each cohort its name, `.step`, `.unknown` and its requirements; for
    each endpoint the parts of ENDPOINT_COLUMNS, and ENTRY_COLUMN where it has an entry; for each value that an analysis
    asks for, what `columns` says.
    """

    study: program.Program
    query: exp.Select
    columns: dict[ir.Value, str]
    dialect: str
    plan: Plan
    """Which columns hold what was selected, for those who asked for all of them."""

    def sql(self, pretty: bool = False) -> str:
        return self.query.sql(dialect=self.dialect, pretty=pretty)


def compile_study(
    study: program.Program, dialect: str = "duckdb", names: Iterable[str] | None = None, trace: bool = False
) -> Compiled:
    """The query for a whole study, or for the definitions in `names` and what they need.

    With `trace`, every column of every step is kept, as an explanation needs them.
    """
    lowered = lower(study)
    asked = list(dict.fromkeys(values_asked(lowered))) if names is None else []
    plan = make_plan(lowered, asked, names)
    chain = _Chain(plan, dialect)
    chain.build()
    columns = {value: _name(plan, value) or f"value {number}" for number, value in enumerate(asked, 1)}
    return Compiled(lowered, chain.finish(columns, names, trace), columns, dialect, plan)


def values_asked(study: program.Program) -> Iterable[ir.Value]:
    """Values that analyses, expectations and questions read of each patient, besides definitions."""
    for root in (*study.analyses, *study.expectations, *study.questions):
        if isinstance(root, ir.Value):
            yield root
            continue
        for node in root.walk():
            match node:
                case program.Group(value=value) | program.Summary(value=value) | program.Shown(value=value):
                    yield value
                case program.Covariate(value=value, onset=None):
                    yield value
                case program.TurnsTrue(day=day) | program.Term(day=day) | program.Swimmer(aligned=ir.Node() as day):
                    yield day
                case _:
                    pass
            if isinstance(node, program.Subject | program.Members) and node.where is not None:
                yield node.where


def _name(plan: Plan, value: ir.Value) -> str | None:
    """The column that holds a value already because a definition is just that."""
    match value:
        case ir.LetRef(name=name) | ir.CohortRef(name=name):
            return name
        case ir.EndpointField(endpoint=endpoint, name=name):
            return f"{endpoint}.{name}"
    return None


class _Chain:
    """Common table expressions, each adding columns to the one before it."""

    def __init__(self, plan: Plan, dialect: str) -> None:
        self.plan = plan
        self.values = Values(plan)
        self.dialect = dialect
        self.tables: list[tuple[str, exp.Query, str]] = []
        self.taken: set[str] = set()
        patients = exp.select(column("patient")).from_(exp.table_("patients", db=LOG))
        self.last = self._add("patients", patients, "every patient of the log")

    def _add(self, name: str, query: exp.Query, comment: str) -> str:
        unique, number = name, 1
        while unique.casefold() in self.taken:
            number += 1
            unique = f"{name}_{number}"
        self.taken.add(unique.casefold())
        self.tables.append((unique, query, comment))
        return unique

    def build(self) -> None:
        for level in range(self.plan.depth + 1):
            if level:
                self._scan(level)
            for definition in self.plan.definitions:
                if self.plan.levels[definition.name] == level:
                    self._define(definition)

    def _scan(self, level: int) -> None:
        groups: dict[str, dict[Base, list[Scan]]] = {}
        for scan in self.plan.scans:
            if self.plan.level(scan) == level:
                base = base_of(scan.stream)[0]
                # Visible and hidden events of one type are one scan: the conditions tell them apart.
                key = base.event.name if isinstance(base, ir.Events) else repr(base)
                groups.setdefault(key, {}).setdefault(base, []).append(scan)
        before = self.last
        joined: list[tuple[str, list[str]]] = []
        for bases in groups.values():
            scans = [scan for group in bases.values() for scan in group]
            base = next(iter(bases))
            query = scan_query(self.plan, base, scans, before, self.dialect)
            name = self._add(f"{base_name(base)}_{level}", query, f"one scan of {base_name(base)}")
            joined.append((name, [part for scan in scans for part in scan_columns(self.plan, scan)]))
        if not joined:
            return
        outputs: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier(PATIENT))]
        outputs += [column(part, table) for table, parts in joined for part in parts]
        query = exp.select(*outputs).from_(exp.to_table(before).as_(PATIENT))
        for table, _ in joined:
            on = column("patient", table).eq(column("patient", PATIENT))
            query = query.join(exp.to_table(table), on=on, join_type="left")
        self.last = self._add(f"selected_{level}", query, "what the scans found, beside what was known")

    def _define(self, definition: program.Definition) -> None:
        for name, outputs, comment in steps(definition, self.values):
            self._step(_identifier(name), outputs, comment)

    def _step(self, name: str, outputs: list[exp.Expr], comment: str) -> None:
        everything = exp.Column(this=exp.Star(), table=exp.to_identifier(PATIENT))
        query = exp.select(everything, *outputs).from_(exp.to_table(self.last).as_(PATIENT))
        self.last = self._add(name, query, comment)

    def finish(self, columns: dict[ir.Value, str], names: Iterable[str] | None, trace: bool) -> exp.Select:
        extra = [
            alias(self.values.of(value), name) for value, name in columns.items() if _name(self.plan, value) is None
        ]
        if trace:
            outputs = [exp.Column(this=exp.Star(), table=exp.to_identifier(PATIENT)), *extra]
        else:
            wanted = None if names is None else set(names)
            kept = [item for item in self.plan.definitions if wanted is None or item.name in wanted]
            outputs = [column("patient", PATIENT)]
            outputs += [column(part, PATIENT) for definition in kept for part in self._final(definition)]
            outputs += extra
        query = exp.select(*outputs).from_(exp.to_table(self.last).as_(PATIENT))
        for name, table, comment in self.tables:
            query = query.with_(exp.to_identifier(name), as_=table, copy=False)
            noted(query.ctes[-1], comment)
        return adapted(query, self.dialect)

    def _final(self, definition: program.Definition) -> list[str]:
        match definition:
            case program.LetValue(name=name):
                return [name]
            case program.LetEvent():
                selected = self.plan.selected(definition.event)
                return scan_columns(self.plan, selected) if self.plan.scans[selected] == definition.name else []
            case program.Cohort(name=name):
                return [f"{name}{part}" for part in COHORT_COLUMNS] + requirement_columns(definition)
            case program.Endpoint(name=name):
                entry = [] if definition.entry is None else [f"{name}{ENTRY_COLUMN}"]
                return [*(f"{name}{part}" for part in ENDPOINT_COLUMNS), *entry]


def _identifier(name: str) -> str:
    """A name for a step: definitions copied for a landmark have names with spaces and dots."""
    return "".join(character if character.isalnum() else "_" for character in name)


__all__ = ["Compiled", "compile_study", "values_asked"]
