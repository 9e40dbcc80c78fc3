"""What the events say of each patient of the M1 study: one row a patient, nothing estimated.

Every definition that a published figure rests on is here in code and, in words, in `TERMS`. Events are those of the
fixture's CSV, edited or not: whatever is missing comes out missing. Counting and estimating are left to `figures`.
"""

import math
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd

TERMS = {
    "first, last": "by start date; events that start on one day in the order of the file",
    "after": "on a later day; a missing event is before and after nothing",
    "rt": "the first radiotherapy; it ends on its end date, or on its start where it has none",
    "enrolled": "patients with a registration and an rt",
    "inclusion": "start of the first registration",
    "age": "completed years from birth_date (of the first registration), birthdays counted",
    "tumour": "the first diagnosis with site = rectum",
    "liver, lung metastases": "sum of the lesions of metastasis events with that site on or before the start of rt",
    "evaluation": "the first imaging with modality = CT and a known response, 1 to 21 days after the start of the "
    "second chemotherapy",
    "all sites operated": "a curative surgery of the rectum; one of the liver and one of the lung where there is a "
    "metastasis",
    "radical": "all sites operated, and every curative surgery has r_status = R0 (operations for a recurrence are "
    "recurrence_treatment events, so every surgery belongs to the study treatment)",
    "clearance": "start of the last curative surgery",
    "grade": "trg of the first pathology with site = rectum; a complete response is 1, none is 2 to 5",
    "first recurrence": "day of the first recurrence after clearance; its sites are those of all recurrence events on "
    "that day; distant means a site other than the rectum",
    "second recurrence": "day of the first recurrence after the first one",
    "cleared": "a recurrence_treatment with residual = none, on or after the first recurrence and before the second "
    "one where there is one; the first of them counts",
    "last contact": "start of the last follow_up",
    "OS": "days from the start of rt to the first death on or after it, else to the last contact (censored); left out "
    "where neither is known or the last contact is before rt",
    "RFS": "days from clearance to the first recurrence or progression after it; an earlier death censors, else the "
    "last contact does; left out where there is neither, or only before clearance",
    "years, months": "365.25 and 365.25 / 12 = 30.4375 days",
    "KM median": "the smallest time at which the Kaplan-Meier estimate is 0.5 or less",
}
"""The conventions behind every figure, in words."""

DATES = ("start", "end", "birth_date")
NUMBERS = ("lesions", "fractions", "planned", "trg")

Event = dict[str, Any]
"""One row: dates as dates, numbers as numbers, what is missing as None."""


class History:
    """The events of one patient, in order."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = sorted((each for each in events if each["start"]), key=lambda each: each["start"])

    def all(self, *kinds: str, **where: str | tuple[str, ...]) -> list[Event]:
        """The events of these kinds whose attributes have these values (one, or any of several)."""
        wanted = {name: (values,) if isinstance(values, str) else values for name, values in where.items()}
        return [
            each
            for each in self.events
            if each["event"] in kinds and all(each[name] in values for name, values in wanted.items())
        ]

    def first(self, column: str, *kinds: str, **where: str | tuple[str, ...]) -> Any:
        """This column of the first such event; None where there is none."""
        return next((each[column] for each in self.all(*kinds, **where)), None)

    def last(self, column: str, *kinds: str, **where: str | tuple[str, ...]) -> Any:
        return next((each[column] for each in reversed(self.all(*kinds, **where))), None)


def patients(events: pd.DataFrame) -> pd.DataFrame:
    """One row for each enrolled patient; days are whole numbers as float, missing ones NaN."""
    histories: dict[str, list[Event]] = {}
    for each in _typed(events):
        histories.setdefault(each["patient"], []).append(each)
    facts = {patient: _facts(History(rows)) for patient, rows in sorted(histories.items())}
    table = pd.DataFrame.from_dict(facts, orient="index", columns=list(_facts(History([]))))
    return table[table["enrolled"].astype(bool)]


def _typed(events: pd.DataFrame) -> list[Event]:
    """The rows, whatever the file was read as; what is no date or no number where one belongs is missing."""
    typed = events.copy()
    for name in DATES:
        days = pd.to_datetime(typed[name].astype("string"), errors="coerce", format="ISO8601")
        typed[name] = [None if pd.isna(day) else day.date() for day in days]
    for name in NUMBERS:
        typed[name] = pd.to_numeric(typed[name], errors="coerce")
    typed = typed.astype(object)
    rows = typed.where(typed.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _facts(history: History) -> dict[str, object]:
    return _at_start(history) | _treatment(history) | _surgery(history) | _outcome(history)


def _at_start(history: History) -> dict[str, object]:
    """Who the patient is, and the disease at diagnosis."""
    inclusion, birth, rt, _ = _anchors(history)
    diagnoses = history.all("diagnosis", site="rectum", histology="adenocarcinoma", confirmed="histology")
    liver, lung = _metastases(history, "liver"), _metastases(history, "lung")
    return {
        "enrolled": inclusion is not None and rt is not None,
        "inclusion": inclusion,
        "sex": history.first("sex", "registration"),
        "centre": history.first("centre", "registration"),
        "age_at_inclusion": _completed_years(birth, inclusion),
        "age": _completed_years(birth, rt),
        "eligible": inclusion is not None
        and any(each["start"] <= inclusion for each in diagnoses)
        and bool(liver or lung)
        and _completed_years(birth, inclusion) >= 18,
        "t_category": history.first("t_category", "diagnosis", site="rectum"),
        "n_category": history.first("n_category", "diagnosis", site="rectum"),
        "liver": float(sum(liver)),
        "lung": float(sum(lung)),
    }


def _treatment(history: History) -> dict[str, object]:
    """Radiotherapy and chemotherapy, and how they are spaced."""
    _, _, _, rt_end = _anchors(history)
    cycles = [each["start"] for each in history.all("chemotherapy")]
    surgery = history.first("start", "surgery")
    scans = history.all("imaging", modality="CT")
    second = cycles[1] if len(cycles) > 1 else None
    return {
        "radiotherapy_done": history.first("fractions", "radiotherapy") == 5
        and history.first("planned", "radiotherapy") == 5,
        "rest": _days(rt_end, cycles[0] if cycles else None),
        "cycles": len(cycles),
        "cycles_apart": all(_days(one, next_one) >= 21 for one, next_one in pairwise(cycles)),
        "evaluation": next(
            (each["response"] for each in scans if each["response"] and 1 <= _days(second, each["start"]) <= 21), None
        ),
        "operated": surgery is not None,
        "cycle_to_surgery": _days(cycles[-1] if cycles else None, surgery),
        "rt_to_surgery": _days(rt_end, surgery),
    }


def _surgery(history: History) -> dict[str, object]:
    """What was operated on, and what the pathologist found."""
    curative = history.all("surgery", intent="curative")
    all_sites = bool(history.all("surgery", intent="curative", site="rectum")) and all(
        history.all("surgery", intent="curative", site=organ) or not sum(_metastases(history, organ))
        for organ in ("liver", "lung")
    )
    return {
        "all_sites": all_sites,
        "radical": all_sites and all(each["r_status"] == "R0" for each in curative),
        "rectum_r1": bool(history.all("surgery", site="rectum", r_status="R1")),
        "rectum_to_metastases": _days(
            history.first("start", "surgery", intent="curative", site="rectum"),
            history.first("start", "surgery", intent="curative", site=("liver", "lung")),
        ),
        "primary_resected": bool(history.all("surgery", site="rectum")),
        "grade": history.first("trg", "pathology", site="rectum"),
    }


def _outcome(history: History) -> dict[str, object]:
    """Follow-up, survival, recurrence and its treatment."""
    _, _, rt, _ = _anchors(history)
    death = next((each["start"] for each in history.all("death") if _days(rt, each["start"]) >= 0), None)
    contact = history.last("start", "follow_up")
    clearance = history.last("start", "surgery", intent="curative")
    recurrences = history.all("recurrence")
    recurrence = _day_after(recurrences, clearance)
    second = _day_after(recurrences, recurrence)
    found = [each for each in recurrences if each["start"] == recurrence]
    cleared = [
        each
        for each in history.all("recurrence_treatment", residual="none")
        if _days(recurrence, each["start"]) >= 0 and not _days(each["start"], second) <= 0
    ]
    relapse = _day_after(history.all("recurrence", "progression"), clearance)
    visits = [each["start"] for each in history.all("follow_up") if 0 <= _days(rt, each["start"]) <= 1095]
    return {
        "closed": _days(rt, history.first("start", "close_out")),
        "last_contact": _days(rt, contact),
        "dead": bool(history.all("death")),
        "disease": history.last("disease", "follow_up"),
        "clearance": _days(rt, clearance),
        "recurrence": _days(clearance, recurrence),
        "sites": frozenset(each["site"] for each in found if each["site"]),
        "distant_lesions": sum(each["lesions"] or 0 for each in found if each["site"] != "rectum"),
        "cleared_by": cleared[0]["modality"] if cleared else None,
        "second_recurrence": second is not None,
        **_time("os", rt, [death], None, contact),
        **_time("rfs", clearance, [relapse], death, contact),
        **_time("rfs_or_death", clearance, [relapse, death], None, contact),
        "visits": len(visits),
        "visit_gaps": [_days(visit, next_visit) for visit, next_visit in pairwise(visits)],
        "seen_after_death": _days(history.first("start", "death"), contact) > 0,
    }


def _anchors(history: History) -> tuple[date | None, date | None, date | None, date | None]:
    """Inclusion, birth, first and last day of rt."""
    rt = history.first("start", "radiotherapy")
    return (
        history.first("start", "registration"),
        history.first("birth_date", "registration"),
        rt,
        history.first("end", "radiotherapy") or rt,
    )


def _day_after(events: list[Event], day: date | None) -> date | None:
    """Start of the first event after this day; None where either is missing."""
    return next((each["start"] for each in events if _days(day, each["start"]) > 0), None)


def _days(start: date | None, end: date | None) -> float:
    """Days from one date to another; NaN, which no comparison holds for, where either is missing."""
    return float((end - start).days) if start and end else math.nan


def _completed_years(birth: date | None, day: date | None) -> float:
    if birth is None or day is None:
        return math.nan
    return float(day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)))


def _metastases(history: History, organ: str) -> list[float]:
    """The numbers of metastases in one organ that were known at the start of treatment."""
    _, _, rt, _ = _anchors(history)
    found = history.all("metastasis", site=organ)
    return [each["lesions"] for each in found if _days(each["start"], rt) >= 0 and each["lesions"] is not None]


def _time(
    name: str, origin: date | None, ends: list[date | None], death: date | None, contact: date | None
) -> dict[str, object]:
    """Days from the origin to the earliest of the ends, and whether it came; else to censoring.

    Death censors, else the last contact does. On one day an end comes before death. NaN where there is no origin, or no
    end, death or contact on or after it.
    """
    end = min((_days(origin, end) for end in ends if _days(origin, end) >= 0), default=math.nan)
    happened = end >= 0 and not _days(origin, death) < end
    days = end if happened else _days(origin, death or contact)
    return {name: days if days >= 0 else math.nan, f"{name}_event": happened}
