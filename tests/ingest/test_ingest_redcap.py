"""The worked example: a REDCap export through its mapping gives exactly these events."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from dsl.catalog import Catalog
from timeline.ingest import import_file, read_events
from timeline.log import Log

FOLDER = Path(__file__).parents[2] / "fixtures" / "redcap"
EXPORT, MAPPING = FOLDER / "export.csv", FOLDER / "mapping.toml"


def events(catalog: Catalog, patient: str) -> list[tuple[str, dict[str, Any]]]:
    """The event type and what is known of each event of a patient, besides whole-day precisions and the patient."""
    found = []
    for row in read_events(EXPORT, catalog, MAPPING).to_pylist():
        if row["patient"] == patient:
            known = {name: value for name, value in row.items() if value is not None and value != "day"}
            known["source"] = known["source"].removeprefix("export.csv:")
            del known["patient"]
            found.append((known.pop("event"), known))
    return found


def test_the_events_of_a_patient_are_exactly_those_of_the_forms(catalog: Catalog) -> None:
    # Consent is on 2010-01-11; cycles and adverse events are given as days from it.
    assert events(catalog, "RC-01") == [
        (
            "registration",
            {
                "start": date(2010, 1, 11),
                "sex": "male",
                "birth_date": date(1951, 3, 14),
                "centre": "C01",
                "source": "2",
            },
        ),
        (
            "diagnosis",
            {
                "start": date(2009, 12, 2),
                "site": "rectum",
                "histology": "adenocarcinoma",
                "confirmed": "histology",
                "source": "2",
            },
        ),
        ("metastasis", {"start": date(2009, 12, 9), "site": "liver", "source": "2"}),
        (
            "radiotherapy",
            {
                "start": date(2010, 1, 18),
                "end": date(2010, 1, 22),
                "target": "primary",
                "fractions": 5,
                "dose": 25.0,  # 2500 cGy / 100
                "source": "3",
            },
        ),
        (
            "chemotherapy",
            {
                "start": date(2010, 1, 26),  # 11 January + 15 days
                "regimen": "CapeOx-bevacizumab",
                "cycle": 1,
                "oxaliplatin": 130.0,
                "source": "4",
            },
        ),
        (
            "chemotherapy",
            {
                "start": date(2010, 2, 16),  # 11 January + 36 days: 31 - 11 = 20 to the end of the month, then 16
                "regimen": "CapeOx-bevacizumab",
                "cycle": 2,
                "oxaliplatin": 97.5,
                "source": "5",
            },
        ),
        (
            "adverse_event",
            {"start": date(2010, 2, 24), "term": "Neutropenia", "grade": "3", "serious": False, "source": "6"},
        ),
        (
            "surgery",
            {
                "start": date(2010, 6, 15),
                "site": "rectum",
                "intent": "curative",
                "procedure": "resection",
                "r_status": "R0",
                "source": "7",
            },
        ),
        ("pathology", {"start": date(2010, 6, 15), "site": "rectum", "trg": "2", "source": "7"}),
        (
            "surgery",
            {
                "start": date(2010, 6, 15),
                "site": "liver",
                "intent": "curative",
                "procedure": "resection",
                "r_status": "R0",
                "source": "8",
            },
        ),
        ("follow_up", {"start": date(2010, 12, 20), "disease": "none", "source": "9"}),
        ("follow_up", {"start": date(2011, 11, 7), "disease": "present", "source": "10"}),
        (
            "recurrence",
            {"start": date(2011, 10, 15), "start_precision": "month", "site": "liver", "source": "10"},
        ),
        ("death", {"start": date(2012, 7, 1), "start_precision": "year", "cause": "cancer", "source": "11"}),
    ]


def test_each_ticked_box_is_an_event(catalog: Catalog) -> None:
    sites = [known["site"] for event, known in events(catalog, "RC-03") if event == "metastasis"]
    assert sites == ["lung", "peritoneum"]


def test_codes_for_missing_values_leave_the_attribute_empty(catalog: Catalog) -> None:
    [cycle] = [known for event, known in events(catalog, "RC-03") if event == "chemotherapy"]
    assert "oxaliplatin" not in cycle
    visits = [known for event, known in events(catalog, "RC-02") if event == "follow_up"]
    assert [visit.get("disease") for visit in visits] == ["none", None]


def test_text_with_quotation_marks_comes_through(catalog: Catalog) -> None:
    [toxicity] = [known for event, known in events(catalog, "RC-03") if event == "adverse_event"]
    assert toxicity["term"] == 'Ileus, with "septic" shock'
    assert toxicity["serious"] is True


def test_the_import_tells_what_was_filled_in_and_what_gave_nothing(catalog: Catalog, tmp_path: Path) -> None:
    log = Log.create(tmp_path / "store", catalog)
    found = import_file(log, EXPORT, mapping=MAPPING)
    assert found.commit is not None
    # RC-01: 3 at baseline, 1 + 2 + 1, 2 operations with 1 graded, 2 visits, 1 recurrence, 1 death = 14; the other two
    # likewise.
    assert found.commit.rows == 14 + 10 + 7
    assert (found.rows, found.empty, found.without_event) == (21, 1, [18])
    assert found.imputed == 3


def test_the_dictionary_describes_every_field_that_the_mapping_reads() -> None:
    with (FOLDER / "data_dictionary.csv").open(newline="") as file:
        described = {row["Variable / Field Name"] for row in csv.DictReader(file)}
    with EXPORT.open(newline="") as file:
        exported = {name.split("___")[0] for name in next(csv.reader(file))}
    assert {name for name in exported if not name.startswith("redcap_") and not name.endswith("_complete")} == described
