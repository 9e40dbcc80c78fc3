"""Definitions and analyses in plain English, as a protocol would state them; made from the IR alone.

Phrases for values and streams are made by `dsl.words`. What happened to one patient is left to whoever runs a study.
"""

from dataclasses import dataclass, replace
from datetime import date

from dsl import ir, program
from dsl.words import both, clause, counted, either, noun, plain, plural, span, the_event

SUMMARIES = {
    "median": "the median of {}",
    "min": "the smallest value of {}",
    "max": "the largest value of {}",
    "mean": "the mean of {}",
    "sum": "the sum of {}",
    "distinct": "the number of different values of {}",
}
STATISTICS = {
    "median": "the Kaplan-Meier median of {}",
    "midpoint_median": "the Kaplan-Meier median of {} (the middle where the curve lies on one half)",
    "events": "the number of events of {}",
    "survival": "the Kaplan-Meier estimate of {} at {}",
    "at_risk": "the number at risk for {} at {}",
    "cumulative_incidence": "the cumulative incidence (Aalen-Johansen) of {} at {}",
    "follow_up": "the median follow-up (reverse Kaplan-Meier) for {}",
    "completeness": "the completeness of follow-up (Clark's C) for {}",
    "quantile": "the time by which {1} had the event of {0}",
    "restricted_mean": "the restricted mean survival time of {} up to {}",
    "p_value": "the {2} p-value of {0}",
    "chi_square": "the {2} chi-square of {0}",
    "hazard_ratio": "the hazard ratio (Cox) of {}",
}


@dataclass(frozen=True)
class Paragraph:
    """What a name stands for: a heading, and sentences below it; `items` are the numbered ones."""

    heading: str
    sentences: tuple[str, ...]
    items: tuple[str, ...] = ()


def needed(study: program.Program, name: str) -> list[program.Definition]:
    """The definitions that a definition rests on, each after those it needs, itself last."""
    wanted: set[str] = set()
    stack = [name]
    while stack:
        found = study.definition(stack.pop())
        if found is not None and found.name not in wanted:
            wanted.add(found.name)
            stack.extend(references(found))
    return [item for item in study.definitions if item.name in wanted]


def references(node: ir.Node) -> list[str]:
    """The names of the definitions that a node refers to, in the order in which it does."""
    found: dict[str, None] = {}
    for part in node.walk():
        match part:
            case ir.LetRef(name=name) | ir.EventRef(name=name) | ir.CohortRef(name=name):
                found[name] = None
            case ir.EndpointField(endpoint=name):
                found[name] = None
            case program.Subject(endpoint=endpoint, cohort=cohort):
                found.update({endpoint: None, cohort: None})
            case program.Members(cohort=name) | program.Table(cohort=name):
                found[name] = None
            case program.Swimmer(cohort=name) | program.Attrition(cohort=name):
                found[name] = None
    return list(found)


def cohort_steps(cohort: program.Cohort) -> list[str]:
    """The label of each step of a cohort, in the order in which patients fall: base, index day, requirements."""
    labels = [f"from {composition(cohort.base)}"] if cohort.base is not None else []
    labels += ["has an index date"] if cohort.index is not None else []
    return labels + [requirement.label for requirement in cohort.requirements]


def composition(base: ir.Value) -> str:
    """How a cohort is composed of others: `enrolled and not withdrawn`."""
    match base:
        case ir.CohortRef(name=name):
            return name
        case ir.Not(operand=operand):
            return f"not {composition(operand)}"
        case ir.And(operands=operands):
            return " and ".join(composition(operand) for operand in operands)
        case ir.Or(operands=operands):
            return "(" + " or ".join(composition(operand) for operand in operands) + ")"
    return clause(base)


def define(definition: program.Definition) -> Paragraph:
    """A definition as a paragraph."""
    match definition:
        case program.LetEvent(name=name, event=event, doc=doc):
            return Paragraph(_titled(name, doc), (f"{_upper(the_event(event))}.", *_tie(event)))
        case program.LetValue(name=name, value=value, doc=doc):
            return _value(_titled(name, doc), value)
        case program.Cohort():
            return _cohort(definition)
        case program.Endpoint():
            return _endpoint(definition)


def analyse(analysis: program.Analysis) -> str:
    """An analysis as one sentence."""
    return (f"{analysis.title}: " if analysis.title else "") + _analysed(analysis)


def _analysed(analysis: program.Analysis) -> str:
    match analysis:
        case program.Estimate(subject=subject, reading=reading, group=group, landmark=landmark):
            by = f" by {group.words}" if group is not None else ""
            said = f"Kaplan-Meier estimate of {subject_words(subject)}{by}{_reading(reading)}"
            return "; ".join([said, *_from_landmark(landmark, group is not None)]) + "."
        case program.Comparison():
            return _comparison(analysis)
        case program.Regression():
            return _regression(analysis)
        case program.Incidence(subject=subject, group=group, at=at):
            by = f" between groups by {group.words} (Gray's test)" if group is not None else ""
            return f"Cumulative incidence (Aalen-Johansen) of {subject_words(subject)}{by}{_at(at)}."
        case program.States(subject=subject, group=group, at=at):
            said = f"Share of the patients in each state (Aalen-Johansen) over the time of {subject_words(subject)}"
            by = f" by {group.words}" if group is not None else ""
            return f"{said}{by}: {_states(analysis)}{_at(at)}."
        case program.Table(cohort=cohort, group=group, shown=shown, extras=extras):
            by = f", by {group.words}" if group is not None else ""
            more = f", with {both([program.TABLE_EXTRAS[name] for name in extras])}" if extras else ""
            return f"Table of {both([item.label for item in shown])} in {cohort}{by}{more}."
        case program.Swimmer():
            return _swimmer(analysis)
        case program.Attrition(cohort=cohort):
            return f"Attrition of {cohort}: how many patients each requirement leaves."


def statistic(found: program.Statistic) -> str:
    """A statistic as a noun phrase."""
    match found:
        case program.CountOf(members=members):
            return f"the number of {members_words(members)}"
        case program.ShareOf(members=program.Members(cohort=cohort, where=where)):
            return f"the share of {cohort}" + (f" for whom {clause(where)}" if where is not None else "")
        case program.Summary(function=function, value=value, members=members):
            return f"{SUMMARIES[function].format(noun(value))} over {members_words(members)}"
        case program.EndpointStatistic():
            return _endpoint_statistic(found)
        case program.StatisticArithmetic(operator=operator, left=left, right=right):
            return f"({statistic(left)}) {operator} ({statistic(right)})"
        case program.StatisticLiteral(value=value, unit=unit):
            return counted(value, unit) if unit not in ("", "%") else f"{value:g}{' %' if unit else ''}"


def _endpoint_statistic(found: program.EndpointStatistic) -> str:
    time = span(found.at) if found.at is not None else f"{100 * (found.share or 0):g} %"
    said = STATISTICS[found.function].format(subject_words(found.subject), time, found.test.words)
    said += f" by {found.group.words}" if found.group is not None else ""
    said += f", of those who had survived {span(found.given)}" if found.given is not None else ""
    said += f", stratified by {both([item.words for item in found.strata])}" if found.strata else ""
    said += ", for trend" if found.trend else ""
    return said + (f", from a landmark at {span(found.landmark)}" if found.landmark is not None else "")


def _comparison(analysis: program.Comparison) -> str:
    tests = [f"{analysis.test.words} test", "Cox's hazard ratio"]
    tests += ["test for trend"] if analysis.trend else []
    tests += ["pairwise tests with Holm's adjustment"] if analysis.pairwise else []
    strata = f", stratified by {both([item.words for item in analysis.strata])}" if analysis.strata else ""
    said = f"Comparison of {subject_words(analysis.subject)} between groups by {analysis.group.words} "
    said += f"({', '.join(tests)}{strata}){_reading(analysis.reading)}"
    return "; ".join([said, *_from_landmark(analysis.landmark, True), *_acknowledged(analysis.acknowledged)]) + "."


def _regression(analysis: program.Regression) -> str:
    covariates = []
    for item in analysis.covariates:
        against = f" (against {item.reference})" if item.reference is not None else ""
        changes = f" (true from {onset_words(item.onset)} on)" if item.onset is not None else ""
        covariates.append(f"{item.label}{against}{changes}")
    strata = f", stratified by {both([item.words for item in analysis.strata])}" if analysis.strata else ""
    said = f"{program.MODELS[analysis.model]} of {subject_words(analysis.subject)} on {both(covariates)}{strata}"
    return "; ".join([said, *_from_landmark(analysis.landmark, True), *_acknowledged(analysis.acknowledged)]) + "."


def onset_words(onset: program.Onset) -> str:
    """The day on which a condition becomes true, as a noun phrase."""
    match onset:
        case program.TurnsTrue(day=ir.Case(branches=((condition, day),))):
            first = isinstance(day, ir.Literal) and day.value == date.min
            return f"the beginning if {clause(condition)}" if first else f"{noun(day)} if {clause(condition)}"
        case program.TurnsTrue(day=day):
            return noun(day)
        case program.WhenAll(parts=parts) | program.WhenAny(parts=parts):
            days = list(dict.fromkeys(onset_words(part) for part in parts))
            which = "latest" if isinstance(onset, program.WhenAll) else "earliest"
            return f"the {which} of ({'; '.join(days)})" if days[1:] else days[0]


def _states(analysis: program.States) -> str:
    later = [f"“{term.label}” from {term_words(replace(term, label=''))} on" for term in analysis.through]
    return ", then ".join([f"“{analysis.start}” at first", *later])


def _swimmer(analysis: program.Swimmer) -> str:
    shown = [plain(lane.name) for lane in analysis.lanes]
    said = f"Swimmer plot of {analysis.cohort}: "
    said += f"{both(shown)} of each patient" if shown else "the course of each patient"
    if analysis.phases is not None:
        said += f", along {analysis.phases.subject.endpoint}: {_states(analysis.phases)}"
    return f"{said}; day 0 is {noun(analysis.aligned)}." if analysis.aligned is not None else f"{said}."


def _reading(reading: program.Reading) -> str:
    parts = [_at(reading.at).removeprefix(", ")] if reading.at else []
    parts += [f"given survival of {span(reading.given)}"] if reading.given is not None else []
    if reading.quantiles:
        parts.append(f"times by which {both([f'{100 * share:g} %' for share in reading.quantiles])} had the event")
    parts += [f"mean up to {span(reading.mean_up_to)}"] if reading.mean_up_to is not None else []
    return "".join(f", {part}" for part in parts)


def _from_landmark(landmark: ir.CalendarSpan | None, groups: bool) -> list[str]:
    if landmark is None:
        return []
    if not groups:
        return [f"time counts from {span(landmark)} after the origin, among patients then still at risk"]
    then = f"what had happened {span(landmark)} after the origin"
    return [f"the groups are formed by {then}, among patients then still at risk"]


def _acknowledged(acknowledged: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{plain(finding)} is acknowledged: “{reason}”" for finding, reason in acknowledged]


def expectation(item: program.Expectation) -> str:
    """A published figure as a sentence."""
    said = both(
        [f"{statistic(check.statistic)} {check.operator} {published(check.published)}" for check in item.checks]
    )
    place = f" ({item.place})" if item.place else ""
    if item.contradicted is not None:
        return f"Printed{place}, but contradicted by other figures: {said}. {item.contradicted}"
    return f"{'Implied by what is printed' if item.implied else 'Printed'}{place}: {said}."


def published(figure: program.Published) -> str:
    """A printed figure with its unit."""
    share = f" ({figure.percent} %)" if figure.percent is not None else ""
    if figure.unit in ("day", "week", "month", "year"):
        return f"{figure.text} {figure.unit}{'' if figure.text == '1' else 's'}{share}"
    return f"{figure.text} %" if figure.unit == "%" else f"{figure.text}{share}"


def rule(item: program.Rule) -> str:
    return f"Flag {plural(item.stream)}: {item.message or plain(item.name)}."


def subject_words(subject: program.Subject) -> str:
    where = f" for whom {clause(subject.where)}" if subject.where is not None else ""
    return f"{subject.endpoint} in {subject.cohort}{where}"


def members_words(members: program.Members) -> str:
    where = f" for whom {clause(members.where)}" if members.where is not None else ""
    return f"members of {members.cohort}{where}"


def _value(title: str, value: ir.Value) -> Paragraph:
    if not isinstance(value, ir.Case):
        return Paragraph(title, (f"{_upper(noun(value))}.",))
    items = [f"{noun(result)}, if {clause(condition)}" for condition, result in value.branches]
    items.append(f"{noun(value.otherwise) if value.otherwise is not None else 'missing'}, otherwise")
    return Paragraph(title, ("The first of these that applies:",), tuple(items))


def _cohort(cohort: program.Cohort) -> Paragraph:
    title = _titled(f"Cohort {cohort.name}", cohort.label)
    of = "All patients" if cohort.base is None else f"Patients in {composition(cohort.base)}"
    sentences = [f"{of} who meet every requirement below." if cohort.requirements else f"{of}."]
    if cohort.index is not None:
        sentences.append(f"The index date is {noun(cohort.index)}; a patient without one is not a member.")
    items = []
    for requirement in cohort.requirements:
        said = clause(requirement.condition, not requirement.excluding)
        items.append(f"{'excluded: ' if requirement.excluding else ''}“{requirement.label}”: {said}")
    if cohort.requirements:
        sentences.append(
            "A requirement that cannot be decided, for want of a value, is not met; those patients are counted apart."
        )
    return Paragraph(title, tuple(sentences), tuple(items))


def _endpoint(endpoint: program.Endpoint) -> Paragraph:
    sentences = [f"Time runs in days from {noun(endpoint.origin.day)}."]
    earliest = "the earliest of " if len(endpoint.until) > 1 else ""
    if endpoint.entry is not None:
        sentences.append(f"A patient is at risk only from {noun(endpoint.entry.day)} on.")
    sentences.append(f"The event is {earliest}{_terms(endpoint.until)}.")
    if endpoint.competing:
        sentences.append(f"Time also ends, as a competing event, with {_terms(endpoint.competing)}.")
    if endpoint.censor:
        sentences.append(f"Observation is censored earlier by {_terms(endpoint.censor)}.")
    if endpoint.last_seen:
        latest = "the latest of " if len(endpoint.last_seen) > 1 else ""
        days = both([noun(term.day) for term in endpoint.last_seen])
        sentences.append(f"A patient with none of these is censored at the end of follow-up: {latest}{days}.")
    if endpoint.competing or endpoint.censor:
        order = ["the event", *(["the competing event"] if endpoint.competing else [])]
        order += ["the censoring"] if endpoint.censor else []
        sentences.append(f"On one day, {' counts before '.join(order)}.")
    if endpoint.cutoffs:
        days = either([noun(day) for day in endpoint.cutoffs])
        sentences.append(
            f"Nothing after {days} is seen; a patient with an event after it was still observed, and is censored there."
        )
    sentences.append("Days before the origin do not count.")
    sentences.append(
        "A patient without an origin, without follow-up, or last seen before the origin has no time, and is listed."
    )
    return Paragraph(_titled(f"Endpoint {endpoint.name}", endpoint.label), tuple(sentences))


def _terms(terms: tuple[program.Term, ...]) -> str:
    return either([term_words(term) for term in terms])


def term_words(term: program.Term) -> str:
    """A term by its event, or by its day where that is not the start of one; with its label where that says more."""
    said = noun(term.day)
    if term.event is not None and term.day == ir.Attribute(term.event, "start", term.day.type):
        said = the_event(term.event)
    plainly = term.label in said or said.removeprefix("the ") == plain(term.label)
    return said if plainly else f"{said} (“{term.label}”)"


def _at(at: tuple[ir.CalendarSpan, ...]) -> str:
    return f", read at {both([span(time) for time in at])}" if at else ""


def _tie(event: ir.EventValue) -> tuple[str, ...]:
    if isinstance(event, ir.Select) and event.pick == "only":
        return ("A patient with several has none.",)
    return ()


def _titled(name: str, title: str) -> str:
    return f"{name}: {title}" if title else name


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
