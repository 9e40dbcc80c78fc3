"""One patient's timeline in the report: a lane of the swimmer plot, whole, for those who ask for single patients."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from tests.report.conftest import FACTS, Run
from timeline.log import Log
from timeline.report.axis import axis
from timeline.report.html.page import report
from timeline.report.html.patient import MOST_EVENTS, timelines
from timeline.study.histories import PastEvent, histories
from timeline.study.results import SwimmerResult, SwimmerRow

DAY = date(2010, 1, 1)


def lanes(run: Run) -> tuple[SwimmerRow, ...]:
    (swimmer,) = [item for item in run.result.analyses if isinstance(item, SwimmerResult)]
    return swimmer.rows


def test_a_timeline_is_there_only_where_single_patients_are_asked_for(m1: Run) -> None:
    assert "Timeline of one patient" not in report(m1.result, m1.checked, FACTS)
    assert "Timeline of one patient" in report(m1.result, m1.checked, FACTS, m1.patients)


def test_every_event_of_a_lane_is_in_its_timeline_in_days(m1: Run) -> None:
    page = report(m1.result, m1.checked, FACTS, m1.patients)
    (chart,) = [
        found
        for text in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
        if "params" in (found := json.loads(text)) and any("bind" in item for item in found["params"])
    ]
    (table,) = [item for item in chart["datasets"].values() if "event_" in item["columns"]]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    first = m1.patients[lanes(m1)[0].patient]
    assert len([row for row in rows if row["lane"] == 1]) == len(first) > 20
    assert {row["lane"] for row in rows} == set(range(1, 36 + 1))
    assert "0 to 4" in [row["day_"] for row in rows if row["lane"] == 1 and row["event_"] == "radiotherapy"]
    assert any("oxaliplatin 130 mg/m2" in row["told_"] for row in rows)


def test_free_texts_and_dates_are_not_handed_on(m1: Run) -> None:
    names = {name for events in m1.patients.values() for event in events for name, _, _ in event.recorded}
    assert "sex" in names
    assert not {"centre", "birth_date", "regimen"} & names


def test_what_happened_after_the_cut_off_is_not_in_a_history(m1: Run) -> None:
    row = lanes(m1)[0]
    assert row.day_zero is not None
    cutoff = row.day_zero + timedelta(days=100)
    result = replace(m1.result, provenance=replace(m1.result.provenance, cutoff=cutoff))
    events = histories(result, Log.open(Path(m1.result.provenance.store)), 1)[row.patient]
    assert [event.start for event in m1.patients[row.patient] if event.start <= cutoff] == [e.start for e in events]
    assert max(event.end for event in events) <= cutoff


def test_lanes_can_be_chosen_as_far_as_the_report_stays_small() -> None:
    rows = tuple(SwimmerRow(name, (), day_zero=DAY) for name in ("a", "b", "c"))
    each = [PastEvent("visit", DAY, DAY)] * (MOST_EVENTS // 2)
    figure = timelines(rows, dict.fromkeys(("a", "b", "c"), each), (), axis(10))
    assert figure is not None
    assert figure.live["params"][0]["bind"]["options"] == [1, 2]
    assert "The first 2 of 3 lanes can be chosen." in figure.caption


def test_a_lane_without_events_makes_no_timeline() -> None:
    assert timelines((SwimmerRow("a", (), day_zero=DAY),), {}, (), axis(10)) is None
