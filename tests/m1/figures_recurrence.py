"""Figures on recurrence, its treatment and recurrence-free survival, and on the order of events: sections F and G."""

from collections.abc import Callable

import pandas as pd

from .cohort import MONTH, YEAR, Cohort, Kind, Result, Spec, having, middle, near, share, within
from .estimates import Times, log_rank, median, midpoint_median, survival, times
from .figures_survival import TENTH, overall
from .figures_treatment import NO_COMPLETE_RESPONSE, graded

P_TOLERANCE = 0.0005


def _rfs(group: pd.DataFrame) -> Times:
    return times(group, "rfs", "rfs_event")


def _rfs_or_death(group: pd.DataFrame) -> Times:
    return times(group, "rfs_or_death", "rfs_or_death_event")


def _complete(group: pd.DataFrame) -> pd.DataFrame:
    return graded(group, 1)


def _not_complete(group: pd.DataFrame) -> pd.DataFrame:
    return graded(group, *NO_COMPLETE_RESPONSE)


def _months(id: str, kind: Kind, published: float, definition: str, days: Callable[[Cohort], float]) -> Spec:
    return Spec(
        id, kind, f"{published} months", f"{definition}, in months",
        lambda c: near(days(c) / MONTH, published, TENTH),
    )  # fmt: skip


def _of_radical(
    id: str, count: int, percent: float, definition: str, members: Callable[[Cohort], pd.DataFrame]
) -> Spec:
    """A number of radically treated patients and its percentage of them all."""
    return Spec(
        id, "P", f"{count} ({percent}%)", f"radical, {definition}: number, and percent of the radical",
        lambda c: share(members(c), c.radical, count, percent, TENTH),
    )  # fmt: skip


def _row(id: str, count: int, percent: float, *sites: str) -> Spec:
    """A row of table 2."""
    return _of_radical(
        id, count, percent, f"the sites of the first recurrence are {', '.join(sites)} and no others, the rectum aside",
        lambda c: c.distant_exactly(*sites),
    )  # fmt: skip


def _other_row(c: Cohort) -> pd.DataFrame:
    rows = (("liver",), ("lung",), ("liver", "lung"), ("liver", "lung", "lymph_nodes"))
    return c.distant.drop(index=[patient for row in rows for patient in c.distant_exactly(*row).index])


def _cleared_by(id: str, published: int, modality: str) -> Spec:
    return Spec(
        id, "P", str(published), f"as F21, the clearing treatment with modality = {modality}: number",
        lambda c: near(len(having(c.cleared, cleared_by=modality)), published),
    )  # fmt: skip


def _recurrence_rate(c: Cohort, years: int) -> float:
    return 100 * (1 - survival(_rfs(c.radical), years * YEAR))


def _relapsed_within(c: Cohort, days: int) -> pd.DataFrame:
    return within(having(c.radical, rfs_event=True), "rfs", 0, days)


def _extrahepatic(c: Cohort) -> pd.DataFrame:
    return c.recurring_at(lambda sites: bool(sites - {"liver"}))


def _ablated_in_the_liver(c: Cohort) -> Result:
    ablated = having(c.cleared, cleared_by="RFA")
    return near(sum("liver" in sites for sites in ablated["sites"]), 4)


def _recurrence_and_survival(c: Cohort) -> Result:
    never = c.radical[c.radical["recurrence"].isna()]
    p = log_rank(overall(c.recurring), overall(never))
    return (p,), p > 0.05


def _negative_phases(c: Cohort) -> Result:
    days = c.radical
    negative = (days["clearance"] < 0) | (days["os"] < days["clearance"] + days["recurrence"])
    return near(int(negative.sum()), 0)


def _visits(c: Cohort) -> Result:
    gaps = pd.Series([gap for patient in c.all["visit_gaps"] for gap in patient], dtype=float)
    spacing, most = middle(gaps), float(c.all["visits"].max())
    return (spacing, most), 84 <= spacing <= 98 and most <= 12


RECURRENCE_FIGURES = (
    _of_radical("F1", 29, 80.6, "with a first recurrence", lambda c: c.recurring),
    _of_radical("F2", 2, 5.6, "the rectum among the sites of the first recurrence", lambda c: c.local),
    Spec(
        "F3", "P", "1", "radical, the rectum and another site at the first recurrence: number",
        lambda c: near(len(c.local.index.intersection(c.distant.index)), 1),
    ),
    Spec("F4", "P", "28", "radical, a distant first recurrence: number", lambda c: near(len(c.distant), 28)),
    Spec(
        "F5", "X", "29 (80.6%)", "radical, a distant first recurrence: number and percent (contradicted by F1 to F4)",
        lambda c: share(c.distant, c.radical, 29, 80.6, TENTH),
    ),
    _of_radical("F6", 2, 5.6, "as F2", lambda c: c.local),
    _row("F7", 10, 27.8, "liver"),
    _row("F8", 9, 25.0, "lung"),
    _row("F9", 3, 8.3, "liver", "lung"),
    _row("F10", 2, 5.6, "liver", "lung", "lymph_nodes"),
    _of_radical("F11", 4, 11.1, "a distant first recurrence that is none of F7 to F10", _other_row),
    Spec(
        "F12", "D", "30", "sum of the numbers of F6 to F11; one of the 29 patients is counted twice",
        lambda c: near(len(c.local) + len(c.distant), 30),
    ),
    _of_radical("F13", 20, 55.6, "a site other than the liver at the first recurrence, the rectum too", _extrahepatic),
    Spec(
        "F14", "P", "21 (72.4%)",
        "radical, the first recurrence 365 days or less after clearance: number, and percent of those with one",
        lambda c: share(within(c.recurring, "recurrence", 0, 365), c.recurring, 21, 72.4, TENTH),
    ),
    _of_radical(
        "F15", 26, 72.2, "an RFS event within 2 years (730.5 days)", lambda c: _relapsed_within(c, 730),
    ),
    _of_radical(
        "F16", 29, 80.6, "an RFS event within 5 years (1826.25 days)", lambda c: _relapsed_within(c, 1826),
    ),
    Spec(
        "F17", "P", "72.2%", "RFS of the radical: 100 % less the KM estimate at 2 years (730.5 days)",
        lambda c: near(_recurrence_rate(c, 2), 72.2, TENTH),
    ),
    Spec(
        "F18", "P", "80.6%", "RFS of the radical: 100 % less the KM estimate at 5 years (1826.25 days)",
        lambda c: near(_recurrence_rate(c, 5), 80.6, TENTH),
    ),
    Spec(
        "F19", "P", "2",
        "lesions at the distant sites of the first recurrence, added up; mean of the middle two of F4",
        lambda c: near(middle(c.distant["distant_lesions"]), 2),
    ),
    Spec(
        "F20", "P", "2/2", "as F2, with grade 3 or 4: number", lambda c: near(len(graded(c.local, 3, 4)), 2),
    ),
    Spec(
        "F21", "P", "18 (64.3%)", "as F4, and cleared: number, and percent of F4",
        lambda c: share(c.cleared, c.distant, 18, 64.3, TENTH),
    ),
    Spec(
        "F22", "P", "1", "radical, the rectum the only site of the first recurrence, and cleared: number",
        lambda c: near(int(c.distant_exactly()["cleared_by"].notna().sum()), 1),
    ),
    _cleared_by("F23", 11, "surgery"),
    _cleared_by("F24", 4, "RFA"),
    _cleared_by("F25", 3, "stereotactic_radiotherapy"),
    Spec("F26", "D", "4/4", "as F24, the liver among the sites of the first recurrence: number", _ablated_in_the_liver),
    Spec(
        "F27", "P", "14 (77.8%)", "as F21, with a second recurrence: number, and percent of F21",
        lambda c: share(having(c.cleared, second_recurrence=True), c.cleared, 14, 77.8, TENTH),
    ),
    _months("F28", "P", 7.4, "RFS of all sites operated: KM median", lambda c: median(_rfs(c.operated))),
    _months("F29", "R", 7.4, "RFS of the radical: KM median", lambda c: median(_rfs(c.radical))),
    _months(
        "F30", "P", 7.1, "RFS of the radical with an event: the middle of 29",
        lambda c: middle(having(c.radical, rfs_event=True)["rfs"]),
    ),
    _months(
        "F31", "R", 7.1, "RFS of all sites operated with an event: the middle of 33",
        lambda c: middle(having(c.operated, rfs_event=True)["rfs"]),
    ),
    _months(
        "F32", "P", 16.2, "RFS of all sites operated with grade 1: KM median",
        lambda c: median(_rfs(_complete(c.operated))),
    ),
    _months(
        "F33", "P", 6.6, "RFS of all sites operated with grades 2 to 5: KM median",
        lambda c: median(_rfs(_not_complete(c.operated))),
    ),
    Spec(
        "F34", "P", "0.039", "RFS of all sites operated, grade 1 against grades 2 to 5: log-rank p",
        lambda c: near(log_rank(_rfs(_complete(c.operated)), _rfs(_not_complete(c.operated))), 0.039, P_TOLERANCE),
    ),
    _months(
        "F35", "R", 6.6, "RFS of the radical with grades 2 to 5: KM median",
        lambda c: median(_rfs(_not_complete(c.radical))),
    ),
    Spec(
        "F36", "R", "0.039", "RFS of the radical, grade 1 against grades 2 to 5: log-rank p",
        lambda c: near(log_rank(_rfs(_complete(c.radical)), _rfs(_not_complete(c.radical))), 0.039, P_TOLERANCE),
    ),
    _months(
        "F37", "R", 7.4, "as F28, with the midpoint where the estimate is exactly 0.5",
        lambda c: midpoint_median(_rfs(c.operated)),
    ),
    _months(
        "F38", "R", 7.4, "as F29, with the midpoint where the estimate is exactly 0.5",
        lambda c: midpoint_median(_rfs(c.radical)),
    ),
    _months("F39", "R", 7.4, "as F28, with death an event too", lambda c: median(_rfs_or_death(c.operated))),
    Spec(
        "F40", "R", "0.039", "as F34, with death an event too: log-rank p",
        lambda c: near(
            log_rank(_rfs_or_death(_complete(c.operated)), _rfs_or_death(_not_complete(c.operated))), 0.039, P_TOLERANCE
        ),
    ),
    Spec(
        "F41", "D", "p > 0.05", "OS of the radical, with a first recurrence against without: log-rank p",
        _recurrence_and_survival,
    ),
    Spec(
        "F42", "D", "0", "radical, clearance before rt, or the end of OS before the first recurrence: number",
        _negative_phases,
    ),
    Spec(
        "F43", "D", "91 d; <=12",
        "follow_up up to 1095 days from the start of rt: median days between consecutive ones of a patient (84 to 98), "
        "and the most that a patient has (12 or fewer)", _visits,
    ),
    Spec(
        "G1", "D", "0", "enrolled with a follow_up after the first death: number",
        lambda c: near(len(having(c.all, seen_after_death=True)), 0),
    ),
)  # fmt: skip
"""Sections F and G."""
