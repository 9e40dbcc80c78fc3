"""Figures on the patients and their treatment: sections A (enrolment), B (disease), C (before surgery), D (surgery)."""

from collections.abc import Callable

import pandas as pd

from .cohort import Cohort, Kind, Result, Spec, having, middle, near, range_of, share, within

WHOLE_PERCENT, TENTH_PERCENT = 0.5, 0.05
NO_COMPLETE_RESPONSE = (2, 3, 4, 5)


def _of_all(
    id: str,
    kind: Kind,
    published: str,
    definition: str,
    members: Callable[[Cohort], pd.DataFrame],
    count: int,
    percent: float,
    tolerance: float = WHOLE_PERCENT,
) -> Spec:
    """A number of patients and its percentage of the enrolled."""
    return Spec(
        id, kind, published, f"{definition}: number, and percent of the enrolled",
        lambda c: share(members(c), c.all, count, percent, tolerance),
    )  # fmt: skip


def _tumour(id: str, count: int, percent: float, t: str, *n: str) -> Spec:
    return _of_all(
        id, "P", f"{count} ({percent:g}%)", f"t_category = {t} and n_category {' or '.join(n)} at diagnosis",
        lambda c: having(c.all[c.all["n_category"].isin(n)], t_category=t), count, percent,
    )  # fmt: skip


def _accrual(c: Cohort) -> Result:
    first, last = c.all["inclusion"].min(), c.all["inclusion"].max()
    months = tuple("" if pd.isna(day) else f"{day:%Y-%m}" for day in (first, last))
    return months, months == ("2006-04", "2010-12")


def _least(value: float, least: float) -> Result:
    return (float(value),), bool(value >= least)


def _continued(c: Cohort) -> Result:
    evaluated = c.all[c.all["evaluation"].notna()]
    progressive = having(evaluated, evaluation="progressive")
    return near((len(evaluated), len(progressive[progressive["cycles"] != 2])), (50, 0))


def _to_surgery(c: Cohort) -> Result:
    low, high = range_of(having(c.all, operated=True)["cycle_to_surgery"])
    return (low, high), low >= 42 and high <= 56


def graded(group: pd.DataFrame, *grades: int) -> pd.DataFrame:
    return group[group["grade"].isin(grades)]


TREATMENT_FIGURES = (
    Spec("A1", "P", "50", "number of enrolled patients", lambda c: near(len(c.all), 50)),
    Spec("A2", "P", "2006-04 / 2010-12", "month of the earliest and of the latest inclusion", _accrual),
    Spec("A3", "P", "7", "distinct centres of the registrations", lambda c: near(c.all["centre"].nunique(), 7)),
    Spec(
        "A4", "D", ">=18", "completed years of age at inclusion: least of the enrolled",
        lambda c: _least(c.all["age_at_inclusion"].min(), 18),
    ),
    Spec(
        "A5", "P", "59 y",
        "completed years of age at the start of the first radiotherapy; mean of the middle two of 50",
        lambda c: near(middle(c.all["age"]), 59, 0.5),
    ),
    Spec("A6", "P", "35-75", "age as in A5: least and greatest", lambda c: near(range_of(c.all["age"]), (35, 75))),
    _of_all("A7", "P", "27 (54%)", "sex = male", lambda c: having(c.all, sex="male"), 27, 54),
    Spec(
        "A8", "D", "50",
        "enrolled, 18 or older, with a diagnosis with site = rectum, histology = adenocarcinoma and confirmed = "
        "histology on or before inclusion, and a metastasis of liver or lung",
        lambda c: near(len(having(c.all, eligible=True)), 50),
    ),
    Spec(
        "A9", "P", "50", "enrolled with a death or a follow_up",
        lambda c: near(int((c.all["dead"] | c.all["last_contact"].notna()).sum()), 50),
    ),
    _tumour("B1", 0, 0, "T2", "N0"),
    _tumour("B2", 4, 8, "T2", "N1"),
    _tumour("B3", 6, 12, "T3", "N0"),
    _tumour("B4", 32, 64, "T3", "N1", "N2"),
    _tumour("B5", 1, 2, "T4", "N0"),
    _tumour("B6", 7, 14, "T4", "N1", "N2"),
    _of_all(
        "B7", "P", "42 (84%)", "metastasis of the liver and none of the lung",
        lambda c: having(within(c.all, "liver", 1), lung=0), 42, 84,
    ),
    _of_all(
        "B8", "P", "5 (10%)", "metastasis of the lung and none of the liver",
        lambda c: having(within(c.all, "lung", 1), liver=0), 5, 10,
    ),
    _of_all(
        "B9", "P", "3 (6%)", "metastasis of the liver and of the lung",
        lambda c: within(within(c.all, "liver", 1), "lung", 1), 3, 6,
    ),
    _of_all("B10", "P", "36 (72%)", "1 to 3 liver metastases", lambda c: within(c.all, "liver", 1, 3), 36, 72),
    _of_all("B11", "P", "9 (18%)", "more than 3 liver metastases", lambda c: within(c.all, "liver", 4), 9, 18),
    _of_all("B12", "P", "5 (10%)", "1 lung metastasis", lambda c: having(c.all, lung=1), 5, 10),
    _of_all("B13", "P", "3 (6%)", "more than 1 lung metastasis", lambda c: within(c.all, "lung", 2), 3, 6),
    Spec(
        "B14", "D", "45 / 8", "enrolled with 1 or more liver metastases; with 1 or more lung metastases",
        lambda c: near((len(within(c.all, "liver", 1)), len(within(c.all, "lung", 1))), (45, 8)),
    ),
    _of_all(
        "C1", "P", "50 (100%)", "fractions = 5 and planned = 5 at rt",
        lambda c: having(c.all, radiotherapy_done=True), 50, 100,
    ),
    Spec(
        "C2", "P", "11 d",
        "days from the end of rt to the start of the first chemotherapy; mean of the middle two of 50",
        lambda c: near(middle(c.all["rest"]), 11, 0.5),
    ),
    Spec("C3", "P", "3-44 d", "days as in C2: least and greatest", lambda c: near(range_of(c.all["rest"]), (3, 44))),
    _of_all("C4", "P", "42 (84%)", "exactly six chemotherapy events", lambda c: having(c.all, cycles=6), 42, 84),
    Spec(
        "C5", "D", "50", "enrolled whose consecutive chemotherapy events all start 21 or more days apart: number",
        lambda c: near(len(having(c.all, cycles_apart=True)), 50),
    ),
    Spec(
        "C6", "D", "50; 2 cycles if progressive",
        "enrolled with an evaluation; those with a progressive one who do not have exactly two chemotherapy events "
        "(none)",
        _continued,
    ),
    Spec(
        "C7", "D", "42-56 d",
        "days from the start of the last chemotherapy to the first surgery of any intent, of all with surgery: "
        "least and greatest are within 42 to 56",
        _to_surgery,
    ),
    Spec(
        "C8", "D", "25 weeks",
        "weeks from the end of rt to the first surgery; mean of the middle two of those with surgery and exactly "
        "six chemotherapy events",
        lambda c: near(middle(c.six_cycles["rt_to_surgery"]) / 7, 25, 0.5),
    ),
    Spec(
        "C9", "X", "50 of 50", "enrolled with 14 days or less as in C2 (contradicted by C3)",
        lambda c: near(len(within(c.all, "rest", 0, 14)), 50),
    ),
    _of_all("D1", "P", "36 (72%)", "radical", lambda c: c.radical, 36, 72),
    Spec(
        "D2", "P", "10", "enrolled, not all sites operated: number",
        lambda c: near(len(having(c.all, all_sites=False)), 10),
    ),
    Spec(
        "D3", "P", "4", "all sites operated, not radical, and a surgery with site = rectum and r_status = R1: number",
        lambda c: near(len(having(c.operated, radical=False, rectum_r1=True)), 4),
    ),
    _of_all(
        "D4", "P", "25 (50.0%)",
        "all sites operated, the first curative surgery of the rectum and the first of liver or lung on one day",
        lambda c: having(c.operated, rectum_to_metastases=0), 25, 50, TENTH_PERCENT,
    ),
    _of_all(
        "D5", "P", "10 (20%)",
        "all sites operated, the first curative surgery of the rectum earlier than the first of liver or lung",
        lambda c: within(c.operated, "rectum_to_metastases", 1), 10, 20,
    ),
    _of_all(
        "D6", "P", "5 (10%)",
        "all sites operated, the first curative surgery of liver or lung earlier than the first of the rectum",
        lambda c: c.operated[c.operated["rectum_to_metastases"] < 0], 5, 10,
    ),
    Spec(
        "D7", "P", "15", "patients as in D5 or D6: number",
        lambda c: near(int((c.operated["rectum_to_metastases"].abs() > 0).sum()), 15),
    ),
    Spec("D8", "P", "40", "all sites operated: number", lambda c: near(len(c.operated), 40)),
    Spec("D9", "P", "43", "any surgery with site = rectum: number", lambda c: near(len(c.resected), 43)),
    Spec(
        "D10", "P", "11 (25.6%)", "grade 1 among those with a surgery of the rectum: number and percent",
        lambda c: share(graded(c.resected, 1), c.resected, 11, 25.6, TENTH_PERCENT),
    ),
    Spec(
        "D11", "P", "7 (16.3%)", "grade 2 among those with a surgery of the rectum: number and percent",
        lambda c: share(graded(c.resected, 2), c.resected, 7, 16.3, TENTH_PERCENT),
    ),
    Spec(
        "D12", "P", "11 / 29", "all sites operated: number with grade 1, number with grades 2 to 5",
        lambda c: near((len(graded(c.operated, 1)), len(graded(c.operated, *NO_COMPLETE_RESPONSE))), (11, 29)),
    ),
)  # fmt: skip
"""Sections A to D."""
