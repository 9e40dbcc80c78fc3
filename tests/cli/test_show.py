"""`timeline show`: one patient's history."""

import csv
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import M1_EVENTS, ROOT, Timeline


def test_a_history_is_printed_in_order_of_date_with_attributes_and_ids(m1_store: Path, timeline: Timeline) -> None:
    with M1_EVENTS.open(encoding="utf-8") as file:
        recorded = [row for row in csv.DictReader(file) if row["patient"] == "M1-SYN-001"]
    (sex,) = {row["sex"] for row in recorded if row["sex"]}
    shown = timeline("show", m1_store, "M1-SYN-001")
    assert shown.returncode == 0
    days = [line[:10] for line in shown.stdout.splitlines() if line[:2] == "20"]
    assert days == sorted(days)
    assert len(days) == int(shown.stdout.split()[1]) == len(recorded)
    assert f"sex: {sex}" in shown.stdout
    assert "dose: 25 Gy" in " ".join(shown.stdout.split())


def test_a_patient_who_is_not_there_is_told(m1_store: Path, timeline: Timeline) -> None:
    refused = timeline("show", m1_store, "nobody")
    assert refused.returncode == 1
    assert "nobody" in refused.stderr


def test_times_of_recording_keep_their_zone_and_no_data_frame_is_needed(m1_store: Path) -> None:
    code = (
        "import sys\n"
        "from timeline.log import Log\n"
        "from timeline.log.rows import as_dictionaries\n"
        f"found = Log.open({str(m1_store)!r}).history('M1-SYN-001', all=True)\n"
        "shown, slow = as_dictionaries(found), 'pandas' in sys.modules\n"
        "print(slow, shown == found.to_pylist(), shown[0]['recorded_at'].tzname())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "False True UTC\n"
