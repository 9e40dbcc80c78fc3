"""A trial of six patients whose every number can be worked out by hand, and a way to run studies on it.

All were registered on 1 January 2010; days count from there. `surgery` and `recurrence` are None where there was none.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import dsl
from dsl.catalog import Catalog
from dsl.source import Source
from timeline.ingest import import_file
from timeline.log import Log
from timeline.study.results import StudyResult
from timeline.study.run import run_study

DECLARATIONS = """
event registration once
    sex    one of female, male
    arm    text
    weight number [kg]
event surgery
    r_status one of R0, R1
event recurrence
event death once
event follow_up
"""
DEFINITIONS = """
cohort all_patients "All patients"
    index    registration
endpoint os "Overall survival"
    from       registration
    until      death
    last seen  follow_up
"""
START = date(2010, 1, 1)


@dataclass(frozen=True)
class Patient:
    sex: str
    arm: str
    weight: str
    surgery: int | None
    recurrence: int | None
    end: int
    dead: bool


PATIENTS = {
    "p1": Patient("female", "A", "60", 100, None, 400, True),
    "p2": Patient("female", "A", "70", None, None, 50, True),
    "p3": Patient("male", "A", "80", 30, 200, 500, False),
    "p4": Patient("male", "B", "90", None, 150, 300, True),
    "p5": Patient("female", "B", "", 60, 60, 600, False),
    "p6": Patient("male", "B", "75", None, None, 350, False),
}

MORE = {
    **PATIENTS,
    "p7": Patient("female", "B", "65", 20, None, 200, True),
    "p8": Patient("male", "A", "68", None, 90, 250, True),
}
"""With two more, so that no covariate separates the dead from the others."""


def day(number: int) -> date:
    return START + timedelta(number)


def make_log(folder: Path, patients: dict[str, Patient]) -> Log:
    lines = ["patient,event,start,sex,arm,weight,r_status"]
    for name, patient in patients.items():
        lines.append(f"{name},registration,{START},{patient.sex},{patient.arm},{patient.weight},")
        if patient.surgery is not None:
            lines.append(f"{name},surgery,{day(patient.surgery)},,,,R0")
        if patient.recurrence is not None:
            lines.append(f"{name},recurrence,{day(patient.recurrence)},,,,")
        lines.append(f"{name},{'death' if patient.dead else 'follow_up'},{day(patient.end)},,,,")
    file = folder / "events.csv"
    file.write_text("\n".join(lines) + "\n")
    log = Log.create(folder / "store", catalog())
    import_file(log, file)
    return log


def catalog() -> Catalog:
    return dsl.read_catalog(DECLARATIONS)


def run(log: Log, text: str) -> StudyResult:
    """The results of a study on the trial: its definitions above, and this text."""
    checked = dsl.check(Source(DEFINITIONS + text, "study.tql"), catalog())
    assert [item.message for item in checked.errors] == []
    return run_study(checked, log)
