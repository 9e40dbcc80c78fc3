"""The syntax tree: what was written, with where it was written. Nothing here knows what a name means.

Nodes are frozen; `span` takes no part in equality, so two texts that differ only in layout give equal trees.
"""

from datetime import date, datetime
from inspect import get_annotations
from typing import Any, ClassVar, TypeAlias, dataclass_transform

from dsl.source import Span


@dataclass_transform(frozen_default=True)
class _Record:
    """Makes a class a frozen record of the fields that it annotates, in order.

    Places (`span`, and every field whose name ends so) take no part in equality. Not dataclasses: writing the
    methods of 66 of those costs more time at start than reading a study.
    """

    _fields: ClassVar[tuple[str, ...]] = ()
    _compared: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._fields = (*cls._fields, *get_annotations(cls))
        cls._compared = tuple(name for name in cls._fields if not name.endswith(("span", "spans")))
        cls.__match_args__ = cls._fields  # type: ignore[attr-defined,misc]

    def __init__(self, *values: Any, **named: Any) -> None:
        state = self.__dict__
        state.update(zip(self._fields, values, strict=False))
        state.update(named)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name}: nodes do not change")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(self, name) == getattr(other, name) for name in self._compared)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self._compared)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._compared)
        return f"{type(self).__name__}({shown})"


class Node(_Record):
    """Base of all nodes."""

    span: Span

    def children(self) -> "list[Node]":
        """The nodes directly below this one, in written order."""
        found: list[Node] = []
        for name in self._compared:
            value: Any = getattr(self, name)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(child for child in value if isinstance(child, Node))
        return found


# --- expressions


class Name(Node):
    text: str


class String(Node):
    value: str


class DateLiteral(Node):
    value: date


class MonthLiteral(Node):
    """A month as a paper prints it, `2006-04`; stands only on the published side of an expectation."""

    year: int
    month: int


class TimestampLiteral(Node):
    value: datetime


class Number(Node):
    """A number as written: the digits count, since an expectation holds at the printed precision."""

    text: str


class DurationLiteral(Node):
    text: str
    unit: str
    """`day`, `week`, `month` or `year`."""


class Percent(Node):
    text: str


class CountPercent(Node):
    """`27 (54 %)`: a count and its share, as tables print them."""

    count: str
    percent: str


class Boolean(Node):
    value: bool


class NotReached(Node):
    """`not reached`, said of a median."""


class Group(Node):
    """An expression in parentheses. Kept, since the formatter keeps them and some rules ask for them."""

    inner: "Expr"


class Member(Node):
    of: "Expr"
    name: str
    name_span: Span


class AgeAt(Node):
    at: "Expr"


class When(Node):
    condition: "Expr"
    value: "Expr"


class Case(Node):
    whens: tuple[When, ...]
    otherwise: "Expr | None"


class Negate(Node):
    operand: "Expr"


class Arithmetic(Node):
    left: "Expr"
    operator: str
    right: "Expr"


class Compare(Node):
    left: "Expr"
    operator: str
    right: "Expr"


class Outcome(Node):
    """`censored after 273 days as "died without recurrence"`, in a test."""

    word: str
    after: "Expr | None"
    reason: String | None


class IsKnown(Node):
    operand: "Expr"
    known: bool


class In(Node):
    operand: "Expr"
    items: tuple["Expr", ...]
    negated: bool


class Not(Node):
    operand: "Expr"


class And(Node):
    operands: tuple["Expr", ...]


class Or(Node):
    operands: tuple["Expr", ...]


class Where(Node):
    condition: "Expr"


class Window(Node):
    """A window on the start of an event.

    `relation` is `before`, `after`, `on`, `on or before`, `on or after`, `of` or `between`; `width` is the length of a
    `within`; `until` is the second anchor of a `between`.
    """

    relation: str
    anchor: "Expr"
    width: "Expr | None" = None
    until: "Expr | None" = None


Filter: TypeAlias = Where | Window


class Filtered(Node):
    """An event stream that is narrowed: `surgery where site = liver before 2010-01-01`."""

    source: "Expr"
    filters: tuple[Filter, ...]


class Courses(Node):
    """Episodes: runs of events no further apart than the gap."""

    source: "Expr"
    filters: tuple[Filter, ...]
    gap: "Expr"


class Selection(Node):
    """`pick` is `first`, `last`, `only` or `nth`."""

    pick: str
    number: int | None
    source: "Expr"
    filters: tuple[Filter, ...]


class Quantified(Node):
    """`quantifier` is `any`, `no`, `at least`, `at most` or `all`; `have` is the predicate of `all … have`."""

    quantifier: str
    number: int | None
    source: "Expr"
    filters: tuple[Filter, ...]
    have: "Expr | None" = None


class OfStream(Node):
    """`lesions of recurrence where …`, the argument of `sum`, `mean`, `min`, `max`, `distinct`."""

    value: "Expr"
    source: "Expr"
    filters: tuple[Filter, ...]


class At(Node):
    times: tuple["Expr", ...]


class By(Node):
    """`against` is the group that the others are compared with."""

    value: "Expr"
    against: "Expr | None" = None


class Landmark(Node):
    time: "Expr"


class Acknowledge(Node):
    finding: str
    reason: String
    finding_span: Span


class Titled(Node):
    """`titled "Figure 1a"`: what reports call the analysis."""

    title: String


class Given(Node):
    """`given 1 year`: survival of those who had survived so long."""

    time: "Expr"


class Quantiles(Node):
    shares: tuple["Expr", ...]


class Limits(Node):
    scale: Name


class MeanUpTo(Node):
    """`mean up to 5 years`, of an analysis; `up to 5 years`, of a statistic."""

    time: "Expr"
    worded: bool


class TestBy(Node):
    """`test peto_peto`, `test fleming_harrington(1, 0)`."""

    __test__ = False  # the class is not a pytest test, whatever its name

    name: Name
    powers: tuple[Number, ...]


class Stratified(Node):
    values: tuple["Expr", ...]


class Trend(Node):
    pass


class Pairwise(Node):
    pass


class Covariate(Node):
    """`against` is the reference level; `as_it_happens` whether it becomes true on the day that decides it."""

    value: "Expr"
    as_it_happens: bool
    against: "Expr | None"
    label: String | None


class Covariates(Node):
    covariates: tuple[Covariate, ...]


class Starting(Node):
    """`starting "in treatment"`: what the state at the origin is called."""

    label: String


class Term(Node):
    value: "Expr"
    label: String | None


class Through(Node):
    """The states after the first: each begins on the day of its term."""

    terms: tuple[Term, ...]


class Lanes(Node):
    events: tuple[Name, ...]


class Along(Node):
    endpoint: Name


class Aligned(Node):
    at: "Expr"


Option: TypeAlias = (
    At
    | By
    | Landmark
    | Acknowledge
    | Titled
    | Given
    | Quantiles
    | Limits
    | MeanUpTo
    | TestBy
    | Stratified
    | Trend
    | Pairwise
    | Covariates
    | Starting
    | Through
    | Lanes
    | Along
    | Aligned
)
"""What stands behind the subject of an analysis, in any order."""


class InCohort(Node):
    """`rfs.time in radical where rfs.happened at …`, the argument of a statistic of a cohort."""

    value: "Expr"
    cohort: Name
    where: "Expr | None"
    options: tuple[Option, ...]


class Call(Node):
    function: str
    argument: "Expr"
    function_span: Span


Expr: TypeAlias = (
    Name
    | String
    | DateLiteral
    | MonthLiteral
    | TimestampLiteral
    | Number
    | DurationLiteral
    | Percent
    | CountPercent
    | Boolean
    | NotReached
    | Group
    | Member
    | AgeAt
    | Case
    | Negate
    | Arithmetic
    | Compare
    | Outcome
    | IsKnown
    | In
    | Not
    | And
    | Or
    | Filtered
    | Courses
    | Selection
    | Quantified
    | OfStream
    | InCohort
    | Call
)


# --- statements


class Study(Node):
    title: String
    references: tuple[String, ...]


class Use(Node):
    path: str


class AttributeType(Node):
    """`word` is `text`, `boolean`, `integer`, `number`, `date`, `date of birth` or `one of`."""

    word: str
    unit: str | None = None
    codes: tuple[str, ...] = ()
    code_spans: tuple[Span, ...] = ()


class Attribute(Node):
    name: Name
    type: AttributeType
    doc: String | None


class Event(Node):
    name: Name
    once: bool
    doc: String | None
    attributes: tuple[Attribute, ...]


class Parameter(Node):
    name: Name
    value: Expr
    doc: String | None
    acknowledged: tuple[Acknowledge, ...] = ()


class Let(Node):
    name: Name
    value: Expr
    doc: String | None
    acknowledged: tuple[Acknowledge, ...] = ()


class Cutoff(Node):
    day: Expr


class KnownBy(Node):
    moment: Expr


class Require(Node):
    label: String | None
    condition: Expr
    excluding: bool


class CohortFrom(Node):
    base: Expr


class Index(Node):
    value: Expr


class Cohort(Node):
    name: Name
    label: String | None
    parts: tuple["CohortFrom | Index | Require", ...]
    acknowledged: tuple[Acknowledge, ...] = ()


class EndpointPart(Node):
    """`word` is `from`, `entering`, `until`, `competing`, `censor` or `last seen`."""

    word: str
    terms: tuple[Term, ...]


class Endpoint(Node):
    name: Name
    like: Name | None
    label: String | None
    parts: tuple[EndpointPart, ...]
    acknowledged: tuple[Acknowledge, ...] = ()


class Rule(Node):
    name: Name
    message: String | None
    flagged: Expr
    acknowledged: tuple[Acknowledge, ...] = ()


class Analysis(Node):
    """`word` is `estimate`, `compare`, `incidence`, `cox`, `fine_gray` or `states`."""

    word: str
    endpoint: Name
    cohort: Name
    where: Expr | None
    options: tuple[Option, ...]


class Shown(Node):
    value: Expr
    label: String | None


class Show(Node):
    shown: tuple[Shown, ...]


class Extras(Node):
    """`with smd, tests`: what a table has besides its numbers."""

    names: tuple[Name, ...]


class Table(Node):
    cohort: Name
    parts: tuple[Titled | By | Show | Extras | Acknowledge, ...]

    @property
    def shown(self) -> tuple[Shown, ...]:
        return tuple(item for part in self.parts if isinstance(part, Show) for item in part.shown)


class Swimmer(Node):
    cohort: Name
    options: tuple[Option, ...]


class Attrition(Node):
    cohort: Name
    title: Titled | None = None


class Expect(Node):
    claim: Expr
    contradicted: String | None
    because: String | None
    place: String | None
    implied: bool = False
    """Not printed: it follows from what is."""
    acknowledged: tuple[Acknowledge, ...] = ()


class Argument(Node):
    name: Name
    value: Expr


class GivenEvent(Node):
    """An event of a test's patient."""

    start: DateLiteral
    end: DateLiteral | None
    event: Name
    arguments: tuple[Argument, ...]
    recorded: DateLiteral | None


class Test(Node):
    __test__ = False  # the class is not a pytest test, whatever its name

    title: String
    given: tuple[GivenEvent, ...]
    expects: tuple[Expect, ...]


Statement: TypeAlias = (
    Study
    | Use
    | Event
    | Parameter
    | Let
    | Cutoff
    | KnownBy
    | Cohort
    | Endpoint
    | Rule
    | Analysis
    | Table
    | Swimmer
    | Attrition
    | Expect
    | Test
)


ANALYSES = (Analysis, Table, Swimmer, Attrition)
"""The statements that ask for an analysis."""


class Broken(Node):
    """A name whose statement could not be read; `word` is the statement's keyword as it was meant."""

    word: str
    name: str


class File(Node):
    statements: tuple[Statement, ...]
    broken: tuple[Broken, ...] = ()
    """What the statements left out would have defined."""
