"""IR to SQL: one query that gives a row for each patient, and small queries over those rows for each analysis.

`compile_study` makes the first as a chain of named steps, each adding columns to the one before: scans of event types,
then the definitions that they make possible, then the next scans. Every statement is built as a sqlglot tree.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from dsl import ir, program
from dsl.rewrite import lower
from dsl.sql.chain import Chain
from dsl.sql.definitions import COHORT_COLUMNS, ENDPOINT_COLUMNS, ENTRY_COLUMN, alias, words_of
from dsl.sql.dialects import adapted
from dsl.sql.plan import Plan, make_plan
from dsl.sql.scans import LOG, scan_columns
from dsl.sql.values import PATIENT, Values, column, literal, relation


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
    anchor: str | None
    """The event type that patients must have to have a row, where there are not rows of all."""

    def sql(self, pretty: bool = False) -> str:
        return self.query.sql(dialect=self.dialect, pretty=pretty)

    def sql_of(self, first: str | None, end: str | None) -> str:
        """The query for the patients whose ids come, in binary order, from `first` on and before `end`: one patient's
        row rests on no other patient's events."""
        if first is None and end is None:
            return self.sql()
        patient = column("patient")
        sides: list[exp.Expr] = []
        if first is not None:
            sides.append(exp.GTE(this=patient, expression=literal(first)))
        if end is not None:
            sides.append(exp.LT(this=patient.copy(), expression=literal(end)))
        query = self.query.copy()
        for view in list(query.find_all(exp.Table)):
            if view.db == LOG:
                rows = exp.select("*").from_(exp.Table(this=view.this.copy(), db=view.args["db"].copy()), copy=False)
                view.replace(rows.where(*sides).subquery(view.alias or view.name))
        return query.sql(dialect=self.dialect)


def compile_study(
    study: program.Program,
    dialect: str = "duckdb",
    names: Iterable[str] | None = None,
    trace: bool = False,
    anchor: str | None = None,
) -> Compiled:
    """The query for what a study asks of each patient, and all its definitions, or those in `names`.

    With `trace`, every column of every step is kept, as an explanation needs them. With `anchor`, an event type, there
    are rows of the patients only who have such an event, if that is possible.
    """

    wanted = None if names is None else set(names)

    def kept(chain: Chain, plan: Plan) -> list[str]:
        found = [item for item in plan.definitions if wanted is None or item.name in wanted]
        return chain.columns if trace else [part for item in found for part in _whole(plan, item)]

    return _compiled(study, dialect, wanted, anchor, kept)


def compile_rows(
    study: program.Program,
    names: Iterable[str],
    dialect: str = "duckdb",
    *,
    events: bool,
    anchor: str | None = None,
) -> Compiled:
    """The query for what the analyses of a study count over: what they ask of each patient, and of the cohorts and
    endpoints in `names` what tells members, attrition, times and outcomes.

    With `events`, the ids of the events that start and end a time are kept, too.
    """
    parts = [part for part in ENDPOINT_COLUMNS if part not in _UNCOUNTED and (events or part not in _EVENTS)]
    wanted = set(names)

    def kept(_: Chain, plan: Plan) -> list[str]:
        found: list[str] = []
        for item in (item for item in plan.definitions if item.name in wanted):
            match item:
                case program.Cohort(name=name):
                    found += (f"{name}{part}" for part in COHORT_COLUMNS)
                case program.Endpoint(name=name, entry=entry):
                    found += (f"{name}{part}" for part in (*parts, *([] if entry is None else [ENTRY_COLUMN])))
        return found

    compiled = _compiled(study, dialect, wanted, anchor, kept)
    if dialect == "duckdb":
        endpoints = (item for item in compiled.plan.definitions if isinstance(item, program.Endpoint))
        words = {name: found for item in endpoints for name, found in words_of(item).items()}
        for output in compiled.query.selects:
            if output.name in words and isinstance(output, exp.Column):
                output.replace(alias(_coded(output.copy(), words[output.name]), output.name))
    return compiled


def _coded(text: exp.Expr, words: Sequence[str]) -> exp.Expr:
    """A text that is one of a few words, as a number of one byte that is shown as the word."""
    type_ = exp.DataType(this=exp.DataType.Type.ENUM, expressions=[exp.Literal.string(word) for word in words])
    return exp.cast(text, type_)


_UNCOUNTED = (".happened", ".outcome")
_EVENTS = (".origin_event", ".end_event")


def _compiled(
    study: program.Program,
    dialect: str,
    names: Iterable[str] | None,
    anchor: str | None,
    kept: Callable[[Chain, Plan], list[str]],
) -> Compiled:
    lowered = lower(study)
    asked = list(dict.fromkeys(values_asked(lowered)))
    plan = make_plan(lowered, asked, names)
    chain = Chain(plan, dialect, anchor)
    columns = {value: _name(plan, value) or f"value {number}" for number, value in enumerate(asked, 1)}
    values = Values(plan)
    given = dict.fromkeys([*kept(chain, plan), *(name for value, name in columns.items() if _name(plan, value))])
    outputs: list[exp.Expr] = [column("patient", PATIENT), *(column(part, PATIENT) for part in given)]
    outputs += [alias(values.of(value), name) for value, name in columns.items() if name not in given]
    query = exp.select(*outputs, copy=False).from_(relation(chain.last, PATIENT), copy=False)
    query = adapted(chain.beneath(query), dialect)
    return Compiled(lowered, query, columns, dialect, plan, anchor if chain.anchored else None)


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


def _whole(plan: Plan, definition: program.Definition) -> list[str]:
    """The columns in which everything is that a definition says."""
    match definition:
        case program.LetValue(name=name):
            return [name]
        case program.LetEvent():
            selected = plan.selected(definition.event)
            return scan_columns(plan, selected) if plan.scans[selected] == definition.name else []
        case program.Cohort(name=name):
            return [f"{name}{part}" for part in COHORT_COLUMNS]
        case program.Endpoint(name=name):
            entry = [] if definition.entry is None else [f"{name}{ENTRY_COLUMN}"]
            return [*(f"{name}{part}" for part in ENDPOINT_COLUMNS), *entry]


__all__ = ["Compiled", "compile_rows", "compile_study", "values_asked"]
