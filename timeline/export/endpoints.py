"""Endpoints as CDISC ADaM time-to-event rows: one for each patient who has a time, in the terms of the standard.

AVAL = ADT - STARTDT + 1, as ADaM counts days; DAYS = ADT - STARTDT, from which survival is estimated. CNSR is 0 for the
event of interest; every other way in which time ends has a positive number, in the order in which the endpoint lists
them: competing events, censoring events, the data cut-off, the ends of follow-up. So the numbers follow from the
definition and not from who happens to be in the data.

Source: CDISC ADaM Implementation Guide, time-to-event variables of the Basic Data Structure; imputation flags DATEFL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from dsl import ir, program
from dsl.explain import define
from dsl.sql.analyses import TABLE
from dsl.sql.definitions import CUT_OFF, alias
from dsl.sql.plan import base_of
from dsl.sql.scans import LOG
from dsl.sql.values import EVENT, PATIENT, case, column, days_between, known, literal
from dsl.words import either, noun
from timeline.export.dataset import Column, Dataset, distinct, unit_of
from timeline.export.selection import Rows, Variable

_SOURCE, _ORIGIN = "source", "origin"


@dataclass(frozen=True)
class Ending:
    """A way in which time ends: its number in CNSR, and its words. `competing` tells it from a censoring."""

    code: int
    label: str
    competing: bool
    words: str


def endings(endpoint: program.Endpoint, cutoff: object) -> list[Ending]:
    """Every way in which time can end other than the event of interest, numbered from 1."""
    terms = [(term, True) for term in endpoint.competing] + [(term, False) for term in endpoint.censor]
    days: dict[tuple[str, bool], list[str]] = {}
    for term, competing in terms:
        days.setdefault((term.label, competing), []).append(noun(term.day))
    if cutoff is not None:
        days.setdefault((CUT_OFF, False), []).append(f"the data cut-off, {cutoff}")
    for term in endpoint.last_seen:
        days.setdefault((term.label, False), []).append(noun(term.day))
    return [
        Ending(code, label, competing, either(list(dict.fromkeys(words))))
        for code, ((label, competing), words) in enumerate(days.items(), 1)
    ]


def parameter_codes(study: program.Program) -> dict[str, str]:
    """PARAMCD of each endpoint: at most eight capital letters and digits, beginning with a letter, each once."""
    codes: dict[str, str] = {}
    for item in study.definitions:
        if isinstance(item, program.Endpoint):
            plain = "".join(letter for letter in item.name.upper() if letter.isascii() and letter.isalnum())
            stem = plain.lstrip("0123456789") or "TTE"
            code, number = stem[:8], 1
            while code in codes.values():
                number += 1
                code = f"{stem[: 8 - len(str(number))]}{number}"
            codes[item.name] = code
    return codes


def endpoint_dataset(
    study: program.Program,
    rows: Rows,
    endpoint: program.Endpoint,
    variables: Sequence[Variable],
    cohort: str | None,
    study_id: str,
) -> Dataset:
    """The patients who have a time, of a cohort or of the whole log; its companion holds those who have none."""
    name = endpoint.name
    has_time = known(_part(name, "time"))
    everyone: exp.Expr = column(cohort, PATIENT) if cohort is not None else exp.true()
    columns = distinct([*_subject(study, endpoint, study_id), *_timing(study, endpoint), *_beside(rows, variables)])
    query = _from(study, endpoint, columns).where(everyone, has_time.copy())
    left_out = _left_out(rows, name, everyone)
    companion = None
    if left_out:
        shown = distinct([*_subject(study, endpoint, study_id), *_why_not(endpoint), *_beside(rows, variables)])
        outside = exp.select(*(alias(item.value, item.name) for item in shown)).from_(TABLE.copy())
        outside = outside.where(everyone.copy(), known(_part(name, "excluded"))).order_by(column("patient", PATIENT))
        title = f"{endpoint.label}: patients without a time"
        companion = Dataset(
            f"{name}.without-time", "without time", title, shown, rows.sql(outside), sum(left_out.values())
        )
    count = rows.count(exp.and_(everyone.copy(), has_time))
    return Dataset(name, "endpoint", endpoint.label, columns, rows.sql(query), count, left_out, companion)


def _left_out(rows: Rows, endpoint: str, everyone: exp.Expr) -> dict[str, int]:
    excluded = _part(endpoint, "excluded")
    query = (
        exp.select(alias(excluded, "reason"), alias(exp.Count(this=exp.Star()), "patients"))
        .from_(TABLE.copy())
        .where(everyone.copy(), known(excluded.copy()))
        .group_by(exp.Literal.number(1))
        .order_by(exp.Literal.number(1))
    )
    return {row["reason"]: row["patients"] for row in rows.engine.query(rows.sql(query)).to_pylist()}


def _part(endpoint: str, part: str) -> exp.Expr:
    return column(f"{endpoint}.{part}", PATIENT)


def _subject(study: program.Program, endpoint: program.Endpoint, study_id: str) -> list[Column]:
    meaning = " ".join(define(endpoint).sentences)
    code = parameter_codes(study)[endpoint.name]
    return [
        Column("STUDYID", literal(study_id), "Study Identifier", "", study.title),
        Column("USUBJID", column("patient", PATIENT), "Unique Subject Identifier", "", "the patient's id in the log"),
        Column("PARAM", literal(f"{endpoint.label} (days)"), "Parameter", "", meaning),
        Column("PARAMCD", literal(code), "Parameter Code", "", f"the endpoint {endpoint.name}"),
    ]


def _timing(study: program.Program, endpoint: program.Endpoint) -> list[Column]:
    name = endpoint.name
    origin, end, cause, reason = (_part(name, part) for part in ("origin", "end", "cause", "reason"))
    days = days_between(origin, end)
    found = endings(endpoint, study.cutoff)
    event_of_interest = exp.EQ(this=cause, expression=exp.Literal.number(1))
    started = noun(endpoint.origin.day)
    coded = [f"0: {endpoint.causes[0]}", *(f"{item.code}: {item.label}" for item in found)]
    causes = ["0: censored", *(f"{number}: {cause}" for number, cause in enumerate(endpoint.causes, 1))]
    censor = case(
        [(event_of_interest, exp.Literal.number(0))]
        + [(_ended(name, item), exp.Literal.number(item.code)) for item in found]
    )
    described = case([(_ended(name, item), literal(item.words)) for item in found if not item.competing])
    variable = _by_date(end, _SOURCE, literal("start"), literal("end"))
    ended_on = _by_date(end, _SOURCE, column("start_precision", _SOURCE), column("end_precision", _SOURCE))
    began_on = _by_date(origin, _ORIGIN, column("start_precision", _ORIGIN), column("end_precision", _ORIGIN))
    return [
        Column("STARTDT", origin.copy(), "Time-to-Event Origin Date for Subject", "", started),
        Column("STARTDTF", _flag(began_on), "Origin Date Imputation Flag", "", _FLAGS),
        Column("ADT", end.copy(), "Analysis Date", "", "the day of the event, or of the censoring"),
        Column("ADTF", _flag(ended_on), "Analysis Date Imputation Flag", "", _FLAGS),
        Column("AVAL", _integer(_one_more(days)), "Analysis Value", "days", "ADT - STARTDT + 1"),
        Column("DAYS", _integer(days.copy()), "Days from Origin to End", "days", "ADT - STARTDT, as in survival times"),
        Column("CNSR", _integer(censor), "Censor", "", "; ".join(coded)),
        Column("CAUSE", _integer(cause.copy()), "Cause of the End", "", "; ".join(causes)),
        Column("EVNTDESC", reason, "Event or Censoring Description", "", "what ended the time"),
        Column("CNSDTDSC", described, "Censor Date Description", "", "of a censored time, which day ADT is"),
        Column("SRCDOM", column("domain", _SOURCE), "Source Data", "", "the event type from which ADT comes"),
        Column("SRCVAR", variable, "Source Variable", "", "its date; empty where ADT was computed from it"),
        Column("SRCSEQ", column("position", _SOURCE), "Source Sequence Number", "", "its position in the log"),
        Column("STARTID", _part(name, "origin_event"), "Event Id of the Origin"),
        Column("ADTID", _part(name, "end_event"), "Event Id of the End"),
    ]


_FLAGS = "empty: a whole date; D: the day is imputed; M: the month and the day are"


def _by_date(day: exp.Expr, event: str, start: exp.Expr, end: exp.Expr) -> exp.Expr:
    """One value where a day is the event's start, another where it is its end."""
    return case(
        [
            (exp.EQ(this=day.copy(), expression=column("start", event)), start),
            (exp.EQ(this=day.copy(), expression=column("end", event)), end),
        ]
    )


def _flag(precision: exp.Expr) -> exp.Expr:
    """DATEFL: which part of a date is imputed."""
    return case(
        [
            (exp.EQ(this=precision, expression=literal("month")), literal("D")),
            (exp.EQ(this=precision.copy(), expression=literal("year")), literal("M")),
        ],
        exp.cast(exp.null(), "TEXT"),
    )


def _integer(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, "INT")


def _one_more(days: exp.Expr) -> exp.Expr:
    return exp.Add(this=exp.paren(days.copy()), expression=exp.Literal.number(1))


def _ended(endpoint: str, ending: Ending) -> exp.Expr:
    """Whether a patient's time ended in this way."""
    cause, reason = _part(endpoint, "cause"), _part(endpoint, "reason")
    kind = exp.GT if ending.competing else exp.EQ
    return exp.and_(
        kind(this=cause, expression=exp.Literal.number(1 if ending.competing else 0)),
        exp.EQ(this=reason, expression=literal(ending.label)),
    )


def _why_not(endpoint: program.Endpoint) -> list[Column]:
    name = endpoint.name
    started = noun(endpoint.origin.day)
    return [
        Column("STARTDT", _part(name, "origin"), "Time-to-Event Origin Date for Subject", "", started),
        Column("STARTID", _part(name, "origin_event"), "Event Id of the Origin"),
        Column("REASON", _part(name, "excluded"), "Why There Is No Time"),
    ]


def _beside(rows: Rows, variables: Iterable[Variable]) -> list[Column]:
    return [
        Column(item.name, rows.value(item), item.label, unit_of(item.value.type), item.doc or noun(item.value))
        for item in variables
    ]


# --- where the dates come from


def _from(study: program.Program, endpoint: program.Endpoint, columns: Iterable[Column]) -> exp.Select:
    """The rows with the event that each ends with, and with how much of its origin's date is known."""
    name = endpoint.name
    enders = (*endpoint.until, *endpoint.competing, *endpoint.censor, *endpoint.last_seen)
    ends = [_event_rows(event) for event in _event_types(study, enders)]
    starts = [_event_rows(event).where(_imputed()) for event in _event_types(study, [endpoint.origin])]
    return (
        exp.select(*(alias(item.value, item.name) for item in columns))
        .from_(TABLE.copy())
        .join(_union(ends, _SOURCE), on=column("event_id", _SOURCE).eq(_part(name, "end_event")), join_type="left")
        .join(_union(starts, _ORIGIN), on=column("event_id", _ORIGIN).eq(_part(name, "origin_event")), join_type="left")
        .order_by(column("patient", PATIENT))
    )


_EVENT_COLUMNS = {
    "event_id": "TEXT",
    "position": "BIGINT",
    "start": "DATE",
    "end": "DATE",
    "start_precision": "TEXT",
    "end_precision": "TEXT",
}


def _event_rows(event: str) -> exp.Select:
    outputs = [column(part, EVENT) for part in _EVENT_COLUMNS]
    return exp.select(*outputs, alias(literal(event), "domain")).from_(_view(event))


def _imputed() -> exp.Expr:
    """Few events have a date that is partly known, so that joining those alone costs little."""
    dates = [column(f"{part}_precision", EVENT) for part in ("start", "end")]
    return exp.or_(*(exp.NEQ(this=precision, expression=literal("day")) for precision in dates))


def _view(event: str) -> exp.Expr:
    return exp.table_(exp.to_identifier(event, quoted=True), db=LOG).as_(EVENT)


def _union(parts: Sequence[exp.Query], name: str) -> exp.Expr:
    """The rows of all parts under the name of the relation; without parts, a relation without rows."""
    if not parts:
        kinds = {**_EVENT_COLUMNS, "domain": "TEXT"}
        nothing = exp.select(*(alias(exp.cast(exp.null(), kind), part) for part, kind in kinds.items()))
        return nothing.where(exp.false()).subquery(name)
    union = parts[0]
    for part in parts[1:]:
        union = exp.union(union, part, distinct=False)
    return union.subquery(name)


def _event_types(study: program.Program, terms: Iterable[program.Term]) -> list[str]:
    """The types of the events that some terms can select."""
    found: dict[str, None] = {}
    for term in terms:
        event = term.event
        while isinstance(event, ir.EventRef):
            named = study.definition(event.name)
            assert isinstance(named, program.LetEvent)
            event = named.event
        if event is not None:
            found.update(dict.fromkeys(_types(event.stream)))
    return list(found)


def _types(stream: ir.Stream) -> list[str]:
    match base_of(stream)[0]:
        case ir.Events(event=event):
            return [event.name]
        case ir.Union(streams=streams):
            return [name for branch in streams for name in _types(branch)]
        case ir.Courses(stream=inner):
            return _types(inner)
