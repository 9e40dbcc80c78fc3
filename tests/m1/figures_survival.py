"""Figures on follow-up and overall survival: section E."""

import pandas as pd

from .cohort import YEAR, Cohort, Result, Spec, having, middle, near, range_of, share, within
from .estimates import Times, log_rank, median, midpoint_median, reverse_median, survival, times

TENTH = 0.05
SHORT_YEAR = 365


def overall(group: pd.DataFrame) -> Times:
    return times(group, "os", "os_event")


def _middle_and_range(days: "pd.Series[float]") -> tuple[float, tuple[float, float]]:
    years = days / YEAR
    return middle(years), range_of(years)


def _reliable(c: Cohort) -> Result:
    least = float((c.alive["closed"] / YEAR).min())
    return (least,), least >= 6


def _disease_free(c: Cohort) -> pd.DataFrame:
    return having(c.alive, disease="none")


SURVIVAL_FIGURES = (
    Spec(
        "E1", "P", "8.1 y", "years from the start of rt to close_out, dead or alive; mean of the middle two of 50",
        lambda c: near(_middle_and_range(c.all["closed"])[0], 8.1, TENTH),
    ),
    Spec(
        "E2", "P", "6.0-9.8 y", "years as in E1: least and greatest",
        lambda c: near(_middle_and_range(c.all["closed"])[1], (6.0, 9.8), TENTH),
    ),
    Spec(
        "E3", "R", "8.1 y",
        "years from the start of rt to the last contact, of those without death: mean of the middle two",
        lambda c: near(_middle_and_range(c.alive["last_contact"])[0], 8.1, TENTH),
    ),
    Spec(
        "E4", "R", "6.0-9.8 y", "years as in E3: least and greatest",
        lambda c: near(_middle_and_range(c.alive["last_contact"])[1], (6.0, 9.8), TENTH),
    ),
    Spec(
        "E5", "R", "8.1 y", "reverse KM median of OS: death censors, the last contact is the event",
        lambda c: near(reverse_median(overall(c.all)) / YEAR, 8.1, TENTH),
    ),
    Spec("E6", "D", ">=6 y", "years as in E1, of those without death: the least is 6 or more", _reliable),
    Spec(
        "E7", "P", "16 (32.0%)", "enrolled without death: number and percent",
        lambda c: share(c.alive, c.all, 16, 32, TENTH),
    ),
    Spec("E8", "D", "34", "enrolled with death: number", lambda c: near(len(having(c.all, dead=True)), 34)),
    Spec(
        "E9", "P", "14 (28%)",
        "without death, and disease = none at the last follow_up: number, and percent of the enrolled",
        lambda c: share(_disease_free(c), c.all, 14, 28, 0.5),
    ),
    Spec(
        "E10", "P", "14", "number as in E9", lambda c: near(len(_disease_free(c)), 14),
    ),
    Spec(
        "E11", "P", "3.8 y", "OS of the enrolled: KM median in years",
        lambda c: near(median(overall(c.all)) / YEAR, 3.8, TENTH),
    ),
    Spec(
        "E12", "P", "0.5-9.4 y", "OS of the enrolled, deaths and censored: least and greatest, in years",
        lambda c: near(range_of(c.all["os"] / YEAR), (0.5, 9.4), TENTH),
    ),
    Spec(
        "E13", "R", "0.5-9.4 y", "OS of the enrolled who died: least and greatest, in years",
        lambda c: near(range_of(having(c.all, os_event=True)["os"] / YEAR), (0.5, 9.4), TENTH),
    ),
    Spec(
        "E14", "P", "37 (74%)",
        "OS, event or censored, longer than 2 years (730.5 days): number, and percent of the enrolled",
        lambda c: share(within(c.all, "os", 731), c.all, 37, 74, 0.5),
    ),
    Spec(
        "E15", "P", "74%", "OS of the enrolled: KM estimate at 2 years (730.5 days), in percent",
        lambda c: near(100 * survival(overall(c.all), 2 * YEAR), 74, 0.5),
    ),
    Spec(
        "E16", "P", "19 (38.0%)",
        "OS, event or censored, longer than 5 years (1826.25 days): number, and percent of the enrolled",
        lambda c: share(within(c.all, "os", 1827), c.all, 19, 38, TENTH),
    ),
    Spec(
        "E17", "P", "38.0%", "OS of the enrolled: KM estimate at 5 years (1826.25 days), in percent",
        lambda c: near(100 * survival(overall(c.all), 5 * YEAR), 38, TENTH),
    ),
    Spec(
        "E18", "R", "32.0%", "OS of the enrolled: KM estimate at 8.1 years (2958.525 days), in percent",
        lambda c: near(100 * survival(overall(c.all), 8.1 * YEAR), 32, TENTH),
    ),
    Spec(
        "E19", "P", "4.4 y", "OS of the radical: KM median in years",
        lambda c: near(median(overall(c.radical)) / YEAR, 4.4, TENTH),
    ),
    Spec(
        "E20", "P", "2.8 y", "OS of the enrolled who are not radical: KM median in years",
        lambda c: near(median(overall(c.not_radical)) / YEAR, 2.8, TENTH),
    ),
    Spec(
        "E21", "P", "0.004", "OS of the radical against the not radical: log-rank p",
        lambda c: near(log_rank(overall(c.radical), overall(c.not_radical)), 0.004, 0.0005),
    ),
    Spec(
        "E22", "P", "36 / 14", "enrolled: radical, not radical",
        lambda c: near((len(c.radical), len(c.not_radical)), (36, 14)),
    ),
    Spec(
        "E23", "R", "3.8 y", "as E11, with the midpoint where the estimate is exactly 0.5, and years of 365 days",
        lambda c: near(midpoint_median(overall(c.all)) / SHORT_YEAR, 3.8, TENTH),
    ),
    Spec(
        "E24", "R", "4.4 y", "as E19, with the midpoint where the estimate is exactly 0.5, and years of 365 days",
        lambda c: near(midpoint_median(overall(c.radical)) / SHORT_YEAR, 4.4, TENTH),
    ),
    Spec(
        "E25", "R", "2.8 y", "as E20, with the midpoint where the estimate is exactly 0.5, and years of 365 days",
        lambda c: near(midpoint_median(overall(c.not_radical)) / SHORT_YEAR, 2.8, TENTH),
    ),
)  # fmt: skip
"""Section E."""
