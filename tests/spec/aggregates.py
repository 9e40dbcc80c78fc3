"""Aggregates: numbers and dates over the events of a stream."""

from datetime import date

from tests.spec.record import Chapter, Spec

_CYCLES = """2010-01-01 chemotherapy(cycle: 1, dose: 100, regimen: "CAPOX", ordered: 2009-12-28)
2010-01-22 chemotherapy(cycle: 2, dose: 75.5, regimen: "CAPOX", ordered: 2009-12-28)
2010-02-12 chemotherapy(cycle: 3, regimen: "FOLFIRI")"""

AGGREGATES = Chapter(
    "aggregates",
    (
        Spec("`count` counts events", _CYCLES, "count(chemotherapy)", 3),
        Spec(
            "`count` with a condition counts the events that surely meet it",
            _CYCLES,
            "count(chemotherapy where dose < 90)",
            1,
        ),
        Spec("`count` over no events is 0", "", "count(chemotherapy)", 0),
        Spec("`sum` adds the known values: 100 + 75.5", _CYCLES, "sum(dose of chemotherapy)", 175.5),
        Spec("`sum` over no values is 0", "2010-01-01 chemotherapy", "sum(dose of chemotherapy)", 0),
        Spec("`mean` passes over missing values: (100 + 75.5) / 2", _CYCLES, "mean(dose of chemotherapy)", 87.75),
        Spec(
            "`mean` of whole numbers need not be whole: (1 + 2 + 3 + 4) / 4",
            _CYCLES + "\n2010-03-05 chemotherapy(cycle: 4)",
            "mean(cycle of chemotherapy)",
            2.5,
        ),
        Spec("`mean` over no values is missing", "2010-01-01 chemotherapy", "mean(dose of chemotherapy)", None),
        Spec("`min` is the smallest known value", _CYCLES, "min(dose of chemotherapy)", 75.5),
        Spec("`max` is the largest known value", _CYCLES, "max(cycle of chemotherapy)", 3),
        Spec("`max` over no values is missing", "", "max(cycle of chemotherapy)", None),
        Spec("`max` of a date is the latest", _CYCLES, "max(start of chemotherapy)", date(2010, 2, 12)),
        Spec("`distinct` counts different values", _CYCLES, "distinct(regimen of chemotherapy)", 2),
        Spec("`distinct` passes over missing values", _CYCLES, "distinct(ordered of chemotherapy)", 1),
        Spec("`distinct` over no values is 0", "", "distinct(regimen of chemotherapy)", 0),
        Spec(
            "An aggregate can take a value that is computed of each event: 4 + 25 days",
            _CYCLES,
            "sum(start - ordered of chemotherapy)",
            29,
        ),
        Spec(
            "`sum` of a length of time keeps parts of days: (4 + 25) / 2 days",
            _CYCLES,
            "sum((start - ordered) / 2 of chemotherapy)",
            14.5,
        ),
        Spec(
            "An aggregate takes the events that surely meet the condition",
            _CYCLES,
            "sum(cycle of chemotherapy where dose >= 75)",
            3,
        ),
        Spec(
            "An aggregate can take windows",
            _CYCLES,
            "sum(dose of chemotherapy after (first chemotherapy))",
            75.5,
        ),
    ),
)
