"""What a value reads that happens after a day: the proof that a group or a cohort was settled when time began.

A value is settled on a day where everything it reads is an event that starts on or before it. Proved so are

- the event that the day is of, through its own last day: a course of radiotherapy counts as one day;
- a selection or a stream that ends by the day: by a window, by the order of selections (`first` of a stream before any
  other of it, anything before the `last` of it), or since a patient has one such event;
- what says who the patient is (`streams.describes_patient`), and the date of birth.

The attributes of an event are taken to be known when it starts, but for its end, and those of a course with its last
day, since events that follow can join it. The index day of a cohort is taken to
lie on or before the origin: whoever is followed is in the study by then. Data can show otherwise, and then do
(`late_entry`).
"""

from collections.abc import Iterator, Sequence

from dsl import ir, program
from dsl.lint.finding import Finding
from dsl.lint.order import Order
from dsl.lint.places import Places
from dsl.lint.question import Count, Entry, Groups
from dsl.lint.streams import Names, describes_patient, event_names, start_of
from dsl.types import Boolean, Code, Date, Integer, Text

_CURVES = (
    "median",
    "midpoint_median",
    "survival",
    "cumulative_incidence",
    "p_value",
    "chi_square",
    "hazard_ratio",
    "quantile",
    "restricted_mean",
)
"""Statistics that take the time from the origin as time at risk; counts of what was seen do not."""


class Future:
    """Finds what values read beyond a day."""

    def __init__(self, names: Names, order: Order) -> None:
        self.names = names
        self.order = order

    def reads(self, value: ir.Node, anchors: Sequence[ir.Value]) -> list[ir.Value]:
        """The days of what a value reads that is not proved to lie on or before one of the anchors."""
        found: dict[ir.Value, None] = {}
        done: set[str] = set()
        stack: list[ir.Node] = [value]
        while stack:
            node = stack.pop()
            match node:
                case ir.LetRef(name=name) | ir.CohortRef(name=name):
                    if name not in done:
                        done.add(name)
                        stack.extend(self.names.definition(name).children())
                    continue
                case ir.EndpointField(name="origin"):
                    stack.append(self.names.day(node))
                    continue
                case ir.EndpointField(endpoint=name):
                    end = ir.EndpointField(name, "end", Date())
                    if not self._settled(end, anchors) or not self._seen_at_once(name, anchors):
                        found[end] = None
                    continue
                case ir.Attribute(type=Date(birth=True)):
                    continue
                case ir.Attribute(event=event) | ir.LastDay(event=event) if self._settles_last(node):
                    selected = self.names.selected(event)
                    if not self._settled(ir.LastDay(selected), anchors) and not describes_patient(selected.stream):
                        found[ir.LastDay(selected)] = None
                case ir.EventRef():
                    stack.append(self.names.selected(node))
                    continue
                case ir.Select():
                    if self._is_anchor(node, anchors):
                        continue
                    if not self._chosen(node, anchors):
                        found[start_of(node)] = None
                case ir.Quantified(stream=stream) | ir.Aggregate(stream=stream):
                    if not self._ends(stream, anchors):
                        found[_deciding(node)] = None
            stack.extend(node.children())
        return list(found)

    def _settles_last(self, node: ir.Attribute | ir.LastDay) -> bool:
        """Whether a value is settled with the last day of its event only: an end, and all but the start of a course."""
        if isinstance(node, ir.LastDay) or node.name == "end":
            return True
        parts = self.names.selected(node.event).stream.walk()
        return node.name != "start" and any(isinstance(part, ir.Courses) for part in parts)

    def _settled(self, day: ir.Value, anchors: Sequence[ir.Value]) -> bool:
        return any(self.order.not_after(day, anchor) for anchor in anchors)

    def _seen_at_once(self, endpoint: str, anchors: Sequence[ir.Value]) -> bool:
        """Whether on the day on which a time ends it can be told that it does: its events have no condition that hangs
        on what follows, as the conditions of courses do."""
        definition = self.names.definition(endpoint)
        assert isinstance(definition, program.Endpoint)
        terms = (*definition.until, *definition.competing, *definition.censor)
        streams = [self.names.selected(term.event).stream for term in terms if term.event is not None]
        parts = [part for stream in streams for part in stream.walk()]
        return not any(
            isinstance(part, ir.Courses) or (isinstance(part, ir.Filter) and self.reads(part.condition, anchors))
            for part in parts
        )

    @staticmethod
    def _is_anchor(selected: ir.Select, anchors: Sequence[ir.Value]) -> bool:
        return start_of(selected) in anchors or ir.LastDay(selected) in anchors

    def _chosen(self, selected: ir.Select, anchors: Sequence[ir.Value]) -> bool:
        """The `first` and the nth are known once they happen; the `last` and the `only` once nothing can follow."""
        if selected.pick in ("first", "nth") and not selected.by_end and self._settled(start_of(selected), anchors):
            return True
        return self._ends(selected.stream, anchors)

    def _ends(self, stream: ir.Stream, anchors: Sequence[ir.Value]) -> bool:
        """Whether the events of a stream are all there by an anchor. Which courses they make hangs on their ends, which
        can come later."""
        if any(isinstance(part, ir.Courses) for part in stream.walk()):
            return False
        return any(self.order.ends_by(stream, anchor) for anchor in anchors)

    def anchors(self, day: ir.Value) -> list[ir.Value]:
        """What counts as on or before a day: the day, and the last day of the event that it is of."""
        found = self.names.day(day)
        if isinstance(found, ir.Attribute) and found.name == "start":
            return [ir.LastDay(self.names.selected(found.event))]
        return [found]

    def index_days(self, cohort: str) -> Iterator[ir.Value]:
        """The index days that every member of a cohort has: its own, and those of the cohorts that it is from."""
        definition = self.names.definition(cohort)
        assert isinstance(definition, program.Cohort)
        if definition.index is not None:
            yield definition.index
        base = definition.base
        parts = base.operands if isinstance(base, ir.And) else (base,)
        for part in parts:
            if isinstance(part, ir.CohortRef):
                yield from self.index_days(part.name)


def _deciding(scan: ir.Quantified | ir.Aggregate) -> ir.Value:
    """The day of the event that decides: the one that makes up the number, or the last where every one counts."""
    numbers = {"any": 1, "no": 1, "at least": 0, "at most": 1}
    if isinstance(scan, ir.Quantified) and scan.quantifier in numbers:
        number = numbers[scan.quantifier] + (scan.number if scan.quantifier.startswith("at") else 0)
        return start_of(ir.Select("nth", scan.stream, max(1, number)))
    return start_of(ir.Select("last", scan.stream))


class Analyses:
    """Looks at every analysis and statistic of an endpoint in a cohort."""

    def __init__(self, study: program.Program, names: Names, order: Order, places: Places) -> None:
        self.study = study
        self.names = names
        self.future = Future(names, order)
        self.places = places

    def findings(self) -> Iterator[Finding]:
        for analysis in self.study.analyses:
            match analysis:
                case program.Estimate(subject=subject, group=group, landmark=landmark):
                    yield from self._subject(analysis, subject, _groups(group), landmark)
                case program.Comparison(subject=subject, group=group, landmark=landmark, strata=strata):
                    yield from self._subject(analysis, subject, _groups(group, *strata), landmark)
                case program.Incidence(subject=subject, group=group):
                    yield from self._subject(analysis, subject, _groups(group), None)
                case program.Regression(subject=subject, covariates=covariates, strata=strata, landmark=landmark):
                    fixed = [program.Group(item.value, item.label) for item in covariates if item.onset is None]
                    yield from self._subject(analysis, subject, _groups(*fixed, *strata), landmark)
                case program.States(subject=subject, group=group):
                    yield from self._subject(analysis, subject, _groups(group), None)
        for expectation in self.study.expectations:
            for node in expectation.walk():
                if isinstance(node, program.EndpointStatistic) and node.function in _CURVES:
                    groups = _groups(node.group, *node.strata)
                    yield from self._subject(expectation, node.subject, groups, node.landmark)

    def _subject(
        self,
        statement: ir.Node,
        subject: program.Subject,
        groups: Sequence[program.Group],
        landmark: ir.CalendarSpan | None,
    ) -> Iterator[Finding]:
        endpoint = self.names.definition(subject.endpoint)
        assert isinstance(endpoint, program.Endpoint)
        horizons = self.future.anchors(endpoint.origin.day)
        if landmark is not None:
            horizons = [ir.Shift(endpoint.origin.day, landmark)]
        entered = [anchor for day in self.future.index_days(subject.cohort) for anchor in self.future.anchors(day)]
        if endpoint.entry is not None:  # nobody is at risk before it
            entered += self.future.anchors(endpoint.entry.day)
        anchors = [*horizons, *self.future.anchors(endpoint.origin.day), *entered]
        asked: list[tuple[ir.Value, str, program.Group | None]] = [
            (ir.CohortRef(subject.cohort), f"membership of `{subject.cohort}`", None)
        ]
        if subject.where is not None:
            asked.append((subject.where, "the condition behind `where`", None))
        if landmark is None:
            asked += [(group.value, f"the group `{group.words}`", group) for group in groups]
        for value, words, group in asked:
            days = self.future.reads(value, anchors)
            if days:
                count = Count(
                    subject.endpoint,
                    subject.cohort,
                    subject.where,
                    value,
                    group,
                    endpoint.origin.day if landmark is None else horizons[0],
                    horizons[0],
                    tuple(days),
                    at_risk=landmark is not None,
                )
                since = f"the origin of `{subject.endpoint}`" if landmark is None else "the landmark"
                message = f"{words} can depend on what happens after {since}: {_read(days)}"
                span = self.places.inside(value, statement)
                # A number has no groups to count in.
                question = None if group is not None and not isinstance(group.value.type, _COUNTED) else count
                yield Finding("immortal_time", message, span, _hint(endpoint, group is not None), question)
        first = groups[0] if groups and not isinstance(statement, program.Regression) else None
        yield from self._counted(statement, subject, first, landmark)

    def _counted(
        self,
        statement: ir.Node,
        subject: program.Subject,
        group: program.Group | None,
        landmark: ir.CalendarSpan | None,
    ) -> Iterator[Finding]:
        span = self.places.of(statement)
        if group is not None:
            question = Groups(subject, group, landmark)
            yield Finding("tiny_group", f"groups by `{group.words}`", span, question=question)
        endpoint = self.names.definition(subject.endpoint)
        assert isinstance(endpoint, program.Endpoint)
        starts: list[ir.Value] = [ir.EndpointField(subject.endpoint, "origin", Date())]
        starts += [endpoint.entry.day] if endpoint.entry is not None else []
        for index in self.future.index_days(subject.cohort):
            if not any(self.future.order.not_after(index, start) for start in starts):
                entry = Entry(subject.endpoint, subject.cohort, subject.where, index)
                message = f"index day of `{subject.cohort}` after the origin of `{subject.endpoint}`"
                yield Finding("late_entry", message, span, question=entry)


_COUNTED = Boolean | Code | Text | Integer


def _groups(*groups: program.Group | None) -> list[program.Group]:
    return [group for group in groups if group is not None]


def cohort_findings(cohort: program.Cohort, future: Future, places: Places) -> Iterator[Finding]:
    """Requirements of a cohort with an index day that read what happens after it."""
    if cohort.index is None:
        return
    anchors = future.anchors(cohort.index)
    steps = [(cohort.base, "`from`")] if cohort.base is not None else []
    steps += [(requirement.condition, f"`{requirement.label}`") for requirement in cohort.requirements]
    for value, label in steps:
        entered = [
            anchor for name in _cohorts(value) for day in future.index_days(name) for anchor in future.anchors(day)
        ]
        days = future.reads(value, [*anchors, *entered])
        if days:
            count = Count(None, cohort.name, None, value, None, cohort.index, anchors[0], tuple(days))
            yield Finding(
                "future_condition",
                f"{label} can depend on what happens after the index day of `{cohort.name}`: {_read(days)}",
                places.inside(value, cohort),
                "say up to when it counts, such as `on or before` the index event",
                count,
            )


def _cohorts(value: ir.Value) -> list[str]:
    return [value.name] if isinstance(value, ir.CohortRef) else []


def _read(days: Sequence[ir.Value]) -> str:
    """What is read, by event type and by endpoint."""
    names: dict[str, None] = {}
    for day in days:
        match day:
            case ir.EndpointField(endpoint=endpoint):
                names[f"the end of `{endpoint}`"] = None
            case ir.Attribute(event=ir.Select(stream=stream)):
                names.update((f"`{name}`", None) for name in event_names(stream))
            case ir.LastDay(event=ir.Select(stream=stream)):
                names.update((f"the end of `{name}`", None) for name in event_names(stream))
    words = list(names)
    return ", ".join(words[:4]) + (f" and {len(words) - 4} more" if words[4:] else "")


def _hint(endpoint: program.Endpoint, group: bool) -> str:
    bound = "say up to when it counts (`on or before …`)"
    why = 'or `acknowledge immortal_time "why"`'
    if group:
        remedy = "compare those still at risk at a landmark (`landmark 6 months`)"
        return f"{remedy}, let it change `as it happens` (`cox`), {bound}, {why}"
    return f"start `{endpoint.name}` later, {bound}, {why}"
