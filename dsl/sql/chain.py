"""The chain of named relations, one row a patient, each with more columns than the one before it.

It is planned forwards: at each level first what the scans of event types find, then the definitions that this makes
possible, as many side by side as do not read each other. It is written backwards, so that each relation adds only
the columns that something after it reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from dsl import ir
from dsl.sql.definitions import steps
from dsl.sql.plan import Base, Plan, Scan, base_name, base_of
from dsl.sql.scans import LOG, scan_columns, scan_query
from dsl.sql.values import PATIENT, Values, add_join, column, noted, read, relation

Table = tuple[str, exp.Query, str]
"""A name, what is in it, and what that is, for the reader of the SQL."""

WORTH_A_JOIN: Final = 40
"""Columns, times the relations that would have held them, from which on they are fetched by a join in the end."""


@dataclass
class _Scanned:
    """The scans of one level, by what they are scans of, joined to what is known before."""

    groups: tuple[tuple[str, Base, tuple[Scan, ...]], ...]
    """For each base its relation's name, and the scans of it."""
    from_first: bool
    """Whether only the patients that the first scan finds are wanted: nothing was known before."""


@dataclass
class _Defined:
    """Columns computed side by side from those of the relation before."""

    steps: list[str] = field(default_factory=list)
    outputs: dict[str, exp.Expr] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    """By the first column of a step: what the step is."""

    def add(self, name: str, outputs: dict[str, exp.Expr], comment: str) -> None:
        self.steps.append(name)
        self.comments[next(iter(outputs))] = comment
        self.outputs.update(outputs)


class Chain:
    """The relations that a plan needs. `columns` are those of the last one besides the patient, if all were kept.

    With `anchor`, an event type, the rows are those of the patients who have such an event.
    """

    def __init__(self, plan: Plan, dialect: str, anchor: str | None = None) -> None:
        self._plan = plan
        self._dialect = dialect
        self._values = Values(plan)
        self._taken: set[str] = set()
        self._first = self._name("patients")
        self._links: list[tuple[str, _Scanned | _Defined]] = []
        self.columns: list[str] = []
        for level in range(plan.depth + 1):
            if level:
                self._scan(level, anchor)
            self._define(level)

    @property
    def last(self) -> str:
        """The name of the relation that holds everything."""
        return self._links[-1][0] if self._links else self._first

    @property
    def anchored(self) -> bool:
        """Whether there are rows of some patients only."""
        return bool(self._links) and isinstance(first := self._links[0][1], _Scanned) and first.from_first

    def beneath(self, query: exp.Select) -> exp.Select:
        """The query of the last relation with all relations that it rests on."""
        wanted = set(read(query))
        tables, reads = self._tables(wanted)
        for name, columns in self._done_early(wanted, reads).items():
            for part in query.find_all(exp.Column):
                if part.name in columns and part.table == PATIENT:
                    part.set("table", exp.to_identifier(name))
            on = column("patient", name).eq(column("patient", PATIENT))
            add_join(query, "LEFT", relation(name), on)
        for name, table, comment in tables:
            query.with_(exp.to_identifier(name), as_=table, copy=False)
            noted(query.ctes[-1], comment)
        return query

    def _done_early(self, wanted: set[str], reads: Sequence[set[str]]) -> dict[str, set[str]]:
        """By relation, the wanted columns to take from there and not from the last one, as nothing after it reads them.

        A relation that scans are joined to is held whole, and so is the next one with all that it has from the first;
        columns that are fetched by a join in the end are held once.
        """
        held = [place for place, (_, link) in enumerate(self._links[1:]) if isinstance(link, _Scanned)]
        made = {part: place for place, (_, link) in enumerate(self._links) for part in self._made(link)}
        last = {part: place for place, parts in enumerate(reads) for part in parts}
        found: dict[str, set[str]] = {}
        waiting: set[str] = set()
        for number, place in enumerate(held):
            done = {part for part in wanted if made.get(part, place + 1) <= place >= last.get(part, 0) - 1}
            waiting = done - {part for parts in found.values() for part in parts}
            if len(waiting) * (len(held) - number - 1) >= WORTH_A_JOIN:
                found[self._links[place][0]] = waiting
        return found

    def _tables(self, wanted: set[str]) -> tuple[list[Table], list[set[str]]]:
        """The relations in their order, the last one with the columns that are wanted; and what each link reads."""
        befores = [self._first, *(name for name, _ in self._links)]
        found: list[Table] = []
        reads: list[set[str]] = []
        for (name, link), before in reversed(list(zip(self._links, befores, strict=False))):
            match link:
                case _Scanned():
                    tables = self._joined(name, link, before, wanted)
                case _Defined():
                    tables = [self._computed(name, link, before, wanted)]
            made = set(self._made(link))
            needed = {part for _, query, _ in tables for part in read(query)}
            wanted = (wanted | needed) - made
            reads.append(needed)
            found += reversed(tables)
        if not self.anchored:
            patients = exp.select(column("patient")).from_(exp.table_("patients", db=LOG))
            found.append((self._first, patients, "every patient of the log"))
        return found[::-1], reads[::-1]

    # --- forwards

    def _name(self, name: str) -> str:
        """A name that no other relation has: definitions copied for a landmark have names with spaces and dots."""
        plain = "".join(character if character.isalnum() else "_" for character in name)
        unique, number = plain, 1
        while unique.casefold() in self._taken:
            number += 1
            unique = f"{plain}_{number}"
        self._taken.add(unique.casefold())
        return unique

    def _scan(self, level: int, anchor: str | None) -> None:
        bases: dict[object, tuple[Base, list[Scan]]] = {}
        for scan in self._plan.scans:
            if self._plan.level(scan) == level:
                base = base_of(scan.stream)[0]
                # Events of one type as of one day are one scan, visible and hidden: the conditions tell them apart.
                key = (base.event.name, base.horizons) if isinstance(base, ir.Events) else base
                bases.setdefault(key, (base, []))[1].append(scan)
        if not bases:
            return
        found = list(bases.values())
        anchored = not self._links and any(_is_of(base, anchor) for base, _ in found)
        if anchored:
            found.sort(key=lambda group: not _is_of(group[0], anchor))
        groups = tuple((self._name(f"{base_name(base)}_{level}"), base, tuple(scans)) for base, scans in found)
        link = _Scanned(groups, anchored)
        self._links.append((self._name(f"selected_{level}"), link))
        self.columns += self._made(link)

    def _define(self, level: int) -> None:
        rounds: list[_Defined] = []
        made: dict[str, int] = {}
        for definition in self._plan.definitions:
            if self._plan.levels[definition.name] != level:
                continue
            for name, outputs, comment in steps(definition, self._values):
                named = {output.alias: output for output in outputs}
                place = max((made[part] + 1 for output in outputs for part in read(output) if part in made), default=0)
                if place == len(rounds):
                    rounds.append(_Defined())
                rounds[place].add(name, named, comment)
                made.update(dict.fromkeys(named, place))
        for link in rounds:
            alone = len(link.steps) == 1
            self._links.append((self._name(link.steps[0] if alone else f"defined_{level}"), link))
        self.columns += made

    def _made(self, link: _Scanned | _Defined) -> list[str]:
        if isinstance(link, _Defined):
            return list(link.outputs)
        return [part for _, _, scans in link.groups for scan in scans for part in scan_columns(self._plan, scan)]

    # --- backwards

    def _joined(self, name: str, link: _Scanned, before: str, wanted: set[str]) -> list[Table]:
        """The scans of which something is wanted, and what was known before with what they found."""
        tables: list[Table] = []
        outputs: list[exp.Expr] = [_everything()]
        first = link.groups[0][0] if link.from_first else before
        joined = exp.select().from_(relation(first, PATIENT), copy=False)
        for table, base, scans in link.groups:
            kept = [part for scan in scans for part in scan_columns(self._plan, scan) if part in wanted]
            if not kept and table != first:
                continue
            query = scan_query(self._plan, base, scans, kept, before, self._dialect, table == first)
            tables.append((table, query, f"one scan of {base_name(base)}"))
            if table == first:
                continue
            outputs += [column(part, table) for part in kept]
            on = column("patient", table).eq(column("patient", PATIENT))
            add_join(joined, "LEFT", relation(table), on)
        tables.append((name, joined.select(*outputs, copy=False), "what the scans found, beside what was known"))
        return tables

    def _computed(self, name: str, link: _Defined, before: str, wanted: set[str]) -> Table:
        kept = {part: output for part, output in link.outputs.items() if part in wanted}
        alone = len(link.steps) == 1
        if not alone:
            for part, comment in link.comments.items():
                if part in kept:
                    noted(kept[part], comment)
        query = exp.select(_everything(), *kept.values(), copy=False).from_(relation(before, PATIENT), copy=False)
        return name, query, next(iter(link.comments.values())) if alone else "definitions that do not read each other"


def _is_of(base: Base, event: str | None) -> bool:
    return isinstance(base, ir.Events) and base.event.name == event


def _everything() -> exp.Expr:
    return exp.Column(this=exp.Star(), table=exp.to_identifier(PATIENT))
