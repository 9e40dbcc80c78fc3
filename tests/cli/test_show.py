"""`timeline show`: one patient's history."""

from pathlib import Path

from tests.cli.conftest import Timeline


def test_a_history_is_printed_in_order_of_date_with_attributes_and_ids(m1_store: Path, timeline: Timeline) -> None:
    shown = timeline("show", m1_store, "M1-SYN-001")
    assert shown.returncode == 0
    days = [line[:10] for line in shown.stdout.splitlines() if line[:2] == "20"]
    assert days == sorted(days)
    assert len(days) == int(shown.stdout.split()[1]) == 19
    assert "sex: male" in shown.stdout


def test_a_patient_who_is_not_there_is_told(m1_store: Path, timeline: Timeline) -> None:
    refused = timeline("show", m1_store, "nobody")
    assert refused.returncode == 1
    assert "nobody" in refused.stderr
