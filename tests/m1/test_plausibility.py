"""The fifty histories could be patients': treatment in order, working days, nothing after death, visits that agree."""

from collections import defaultdict
from datetime import date

import pandas as pd

from .histories import Histories, all_rows, of, start, starts


def test_what_is_planned_is_on_a_weekday(histories: Histories) -> None:
    planned = ("registration", "imaging", "radiotherapy", "chemotherapy", "surgery", "pathology", "follow_up",
               "recurrence_treatment", "close_out")  # fmt: skip
    for row in all_rows(histories):
        if row["event"] in planned:
            assert start(row).weekday() < 5, row


def test_radiotherapy_is_five_working_days(histories: Histories) -> None:
    for rows in histories.values():
        (course,) = of(rows, "radiotherapy")
        days = pd.bdate_range(course["start"], course["end"])
        holidays = [day for day in days if (day.month, day.day) in {(1, 1), (12, 25), (12, 26)}]
        assert len(days) - len(holidays) == int(course["fractions"]) == 5


def test_treatment_follows_the_protocol_in_order(histories: Histories) -> None:
    for rows in histories.values():
        (diagnosis,) = starts(rows, "diagnosis")
        (inclusion,) = starts(rows, "registration")
        (radiotherapy,) = of(rows, "radiotherapy")
        cycles = starts(rows, "chemotherapy")
        assert diagnosis < inclusion < start(radiotherapy) < date.fromisoformat(radiotherapy["end"]) < cycles[0]
        assert [row["cycle"] for row in of(rows, "chemotherapy")] == [str(n) for n in range(1, len(cycles) + 1)]
        assert all(diagnosis <= day <= inclusion for day in starts(rows, "metastasis"))


def test_whoever_is_operated_on_was_imaged_again_before(histories: Histories) -> None:
    for rows in histories.values():
        if operations := starts(rows, "surgery"):
            last_cycle = starts(rows, "chemotherapy")[-1]
            assert last_cycle < operations[0]
            for modality in ("CT", "MRI"):
                restaged = starts(rows, "imaging", modality=modality)
                assert any(last_cycle < day < operations[0] for day in restaged)


def test_every_resection_has_its_pathology_and_no_ablation_has(histories: Histories) -> None:
    for rows in histories.values():
        resected = {(row["site"], row["start"]) for row in of(rows, "surgery", procedure="resection")}
        assert {(row["site"], row["start"]) for row in of(rows, "pathology")} == resected
        for row in of(rows, "pathology"):
            assert bool(row["trg"]) == (row["site"] == "rectum")
            assert (row["ypt"] == "T0") == (row["trg"] == "1")


def test_operations_are_on_the_sites_that_had_tumour(histories: Histories) -> None:
    for rows in histories.values():
        organs = {row["site"] for row in of(rows, "metastasis")}
        assert {row["site"] for row in of(rows, "surgery")} <= organs | {"rectum"}


def test_palliative_surgery_is_of_the_primary_alone(histories: Histories) -> None:
    palliative = [row for row in all_rows(histories) if row["intent"] == "palliative"]
    assert [row["site"] for row in palliative] == ["rectum"] * 3


def test_after_death_there_is_nothing_but_the_close_out(histories: Histories) -> None:
    for rows in histories.values():
        for death in starts(rows, "death"):
            assert {row["event"] for row in rows if start(row) >= death} == {"death", "close_out"}


def test_deaths_have_causes_and_cancer_kills_only_whom_it_left_or_came_back_to(
    histories: Histories,
) -> None:
    for rows in histories.values():
        for death in of(rows, "death"):
            had_tumour = of(rows, "recurrence", "progression")
            assert death["cause"] in ({"cancer", "unknown"} if had_tumour else {"cancer", "other"}), death
            assert had_tumour or death["cause"] == "other" or not of(rows, "surgery", intent="curative")


def test_a_centre_closes_its_file_on_one_day_and_nothing_is_later(histories: Histories) -> None:
    closings = defaultdict(set)
    for rows in histories.values():
        (closing,) = starts(rows, "close_out")
        closings[of(rows, "registration")[0]["centre"]].add(closing)
        assert max(start(row) for row in rows) == closing
    assert [len(days) for days in closings.values()] == [1] * 7


def test_recurrence_comes_after_the_last_operation_and_is_seen_at_a_visit(histories: Histories) -> None:
    for rows in histories.values():
        for found in starts(rows, "recurrence", "progression"):
            curative = starts(rows, "surgery", intent="curative")
            assert not curative or found > curative[-1]
        for found in starts(rows, "recurrence"):
            assert "present" in {row["disease"] for row in of(rows, "follow_up", start=found.isoformat())}


def test_visits_tell_the_state_that_the_other_events_give(histories: Histories) -> None:
    for rows in histories.values():
        states = {starts(rows, "radiotherapy")[0]: "present"}
        if curative := starts(rows, "surgery", intent="curative"):
            states[curative[-1]] = "none"
        states |= dict.fromkeys(starts(rows, "recurrence", "progression"), "present")
        states |= dict.fromkeys(starts(rows, "recurrence_treatment", residual="none"), "none")
        for visit in of(rows, "follow_up"):
            latest = max(day for day in states if day <= start(visit))
            assert visit["disease"] in (states[latest], "unknown"), visit


def test_irresectable_patients_stop_for_a_reason_and_progress(histories: Histories) -> None:
    irresectable = [rows for rows in histories.values() if not of(rows, "surgery", intent="curative")]
    assert len(irresectable) == 10
    for rows in irresectable:
        (ended,) = of(rows, "end_of_treatment")
        assert ended["reason_ended"] in ("progression", "irresectable", "toxicity")
        assert of(rows, "progression")
