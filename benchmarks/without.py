"""The rules by which a study becomes SQL and is run, and for each how to run without it.

A rule is turned off by replacing the one function in which it stands, for as long as a context lasts; what comes out
has to be the same, and `benchmarks/rules.py` measures what the rule is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from unittest.mock import patch

M1_ROWS = "M1 rows"
"""A workload of this benchmark alone: the patients' rows of W4, compiled and computed, and nothing asked of them."""

Off = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Rule:
    """One rule, with the workload that shows it: one of the suite's, M1_ROWS, or a query of its own."""

    name: str
    words: str
    workload: str
    off: Off
    sizes: tuple[str, ...] = ("usual",)
    """At which numbers of patients it is measured: the `usual` one, `small` (50) or `large`."""
    in_sql: bool = True
    """Whether the rule shows in the SQL; the others are about how SQL is run, or how often."""


def one_scan_each() -> AbstractContextManager[Any]:
    """A scan for each selection, quantifier and aggregate."""
    from dsl.sql.chain import Chain
    from dsl.sql.plan import base_name

    whole = Chain._scan

    def split(chain: Any, level: int, anchor: str | None) -> None:
        before = len(chain._links)
        whole(chain, level, anchor)
        for _, link in chain._links[before:]:
            link.groups = tuple(
                (chain._name(f"{base_name(base)}_{level}"), base, (scan,))
                for _, base, scans in link.groups
                for scan in scans
            )

    return patch.object(Chain, "_scan", split)


def one_step_each() -> AbstractContextManager[Any]:
    """A SELECT for each step of a definition."""
    from dsl.sql.chain import Chain, _Defined

    whole = Chain._define

    def split(chain: Any, level: int) -> None:
        before = len(chain._links)
        whole(chain, level)
        rounds = [link for _, link in chain._links[before:]]
        del chain._links[before:]
        for link in rounds:
            alone: list[Any] = []
            for name, output in link.outputs.items():
                if name in link.comments:
                    alone.append(_Defined([link.steps[len(alone)]], {}, {name: link.comments[name]}))
                alone[-1].outputs[name] = output
            chain._links += [(chain._name(one.steps[0]), one) for one in alone]

    return patch.object(Chain, "_define", split)


def all_columns() -> AbstractContextManager[Any]:
    """Every relation of the chain has all columns, whether anything reads them or not."""
    from dsl.sql.chain import Chain

    wanted_only = Chain._tables
    return patch.object(Chain, "_tables", lambda chain, wanted: wanted_only(chain, wanted | set(chain.columns)))


def held_to_the_end() -> AbstractContextManager[Any]:
    """Every relation of the chain has all columns of those before it that anything after it needs."""
    return patch("dsl.sql.chain.WORTH_A_JOIN", 10**9)


@contextmanager
def each_its_condition() -> Iterator[None]:
    """A condition that all aggregates of a scan have stands at each of them, and so does what is seen as of a day."""
    aggregates = patch("dsl.sql.scans.shared_condition", lambda outputs: None)
    with aggregates, patch("dsl.sql.scans._all_visible", lambda scans, values: None):
        yield


def everyone() -> AbstractContextManager[Any]:
    """Rows of every patient of the log."""
    from dsl.sql.chain import Chain

    anchored = Chain.__init__
    return patch.object(Chain, "__init__", lambda chain, plan, dialect, anchor=None: anchored(chain, plan, dialect))


def order_as_struct() -> AbstractContextManager[Any]:
    """The order of events as a struct of day and position."""
    from dsl.sql import dialects

    return patch.object(dialects, "_key", dialects._struct)


def days_picked() -> AbstractContextManager[Any]:
    """A first or last day picked from its event, as any attribute is."""
    from sqlglot import exp

    from dsl.sql import dialects, scans
    from dsl.sql.values import EVENT, column

    selected = scans._selected

    def picked(output: exp.Expr, condition: exp.Expr | None, dialect: str) -> exp.Expr:
        inner = output.this if isinstance(output, exp.Filter) else output
        if not isinstance(inner, exp.Min | exp.Max):
            return output
        when = condition.copy() if condition is not None else None
        order = (inner.this, column("position", EVENT))
        return dialects.pick(dialect, inner.this.copy(), order, isinstance(inner, exp.Max), when)

    def off(plan: Any, scan: Any, end: exp.Expr, condition: exp.Expr | None, dialect: str) -> list[exp.Expr]:
        return [picked(output, condition, dialect) for output in selected(plan, scan, end, condition, dialect)]

    return patch.object(scans, "_selected", off)


@contextmanager
def last_day_from_two() -> Iterator[None]:
    """An event's last day from its start and its end, each picked."""
    import dsl.sql
    from dsl.sql.plan import LAST_DAY
    from dsl.sql.values import Values, coalesce

    make_plan, part = dsl.sql.make_plan, Values._part

    def planned(*given: Any) -> Any:
        plan = make_plan(*given)
        for fields in plan.fields.values():
            if LAST_DAY in fields:
                del fields[LAST_DAY]
                fields.update(start=None, end=None)
        return plan

    def from_two(values: Any, event: Any, name: str) -> Any:
        if name != LAST_DAY:
            return part(values, event, name)
        return coalesce(part(values, event, "end"), part(values, event, "start"))

    with patch.object(dsl.sql, "make_plan", planned), patch.object(Values, "_part", from_two):
        yield


def nothing_rewritten(rule: str) -> Off:
    return lambda: patch(f"dsl.rewrite.{rule}", lambda study: study)


def hygiene_apart() -> AbstractContextManager[Any]:
    """The rows of what is asked first, then those of what hygiene asks."""
    from timeline.study.evaluation import Evaluation

    at_once = Evaluation._compute

    def twice(evaluation: Any, asked: Any, progress: Any) -> None:
        questions, asked.questions = asked.questions, []
        at_once(evaluation, asked, progress)
        asked.questions = questions
        at_once(evaluation, asked, progress)

    return patch.object(Evaluation, "_compute", twice)


def copies_apart() -> AbstractContextManager[Any]:
    """Each question of hygiene has its own copies of definitions."""
    from dsl.sql import hygiene

    shared, number = hygiene.as_of, count(1)
    return patch.object(
        hygiene, "as_of", lambda study, value, day, suffix: shared(study, value, day, f"{suffix} again {next(number)}")
    )


def words_as_text() -> AbstractContextManager[Any]:
    """Reasons of endpoints are kept as text."""
    return patch("dsl.sql.words_of", lambda endpoint: {})


def undivided() -> AbstractContextManager[Any]:
    """All patients at once, however large the log."""
    from timeline.engine import duckdb

    return patch.object(duckdb, "PART_ENTRIES", 10**12)


def small_optimized() -> AbstractContextManager[Any]:
    """A small log is planned as a large one is."""
    from timeline.engine import sandbox

    return patch.object(sandbox, "SMALL", -1)


def projections_pulled_up() -> AbstractContextManager[Any]:
    """All optimizers work on a large log."""
    from timeline.engine import sandbox

    return patch.object(sandbox, "_IDLE_OPTIMIZERS", "")


RULES = {
    rule.name: rule
    for rule in (
        Rule("one scan", "all that is asked of an event type at a level is one scan", M1_ROWS, one_scan_each),
        Rule("side by side", "definitions that do not read each other are one SELECT", M1_ROWS, one_step_each),
        Rule("columns that are read", "columns that nothing reads are not computed", M1_ROWS, all_columns),
        Rule("held once", "columns that are done are fetched in the end", "W4", held_to_the_end, ("large",)),
        Rule("filtered scan", "the one condition of a scan is a WHERE", "W4", each_its_condition, ("large",)),
        Rule("members only", "rows start from the event that every member must have", "W2", everyone),
        Rule("order as a number", "day and position are one whole number to pick by", M1_ROWS, order_as_struct),
        Rule("days by minimum", "a first or last day is a minimum or maximum", "W2", days_picked, ("large",)),
        Rule("last day at once", "an event's last day is picked once", "W1", last_day_from_two, ("large",)),
        Rule("take_the_first", "the first of several needs no list", "nth.tql", nothing_rewritten("take_the_first")),
        Rule(
            "count_events_once",
            "branches of a union over one event type are one scan",
            "union.tql",
            nothing_rewritten("count_events_once"),
        ),
        Rule("hygiene beside", "hygiene asks of the rows that the study has", "W4", hygiene_apart, in_sql=False),
        Rule(
            "copies shared",
            "questions about one day share what they copy",
            "W4",
            copies_apart,
            ("large",),
            in_sql=False,
        ),
        Rule("words as numbers", "reasons are numbers of one byte", M1_ROWS, words_as_text, ("large",)),
        Rule("parts", "a large log is computed by ranges of patients", M1_ROWS, undivided, ("large",), in_sql=False),
        Rule("small as written", "a small log is planned as written", "W4", small_optimized, ("small",), in_sql=False),
        Rule("no pulling up", "projections are not pulled up", "W4", projections_pulled_up, in_sql=False),
    )
}
