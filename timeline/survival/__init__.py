"""Survival estimation: risk tables in, frozen estimates out.

Arrays only: no SQL, no patients, no files. Which patients form a group, and when their time starts and ends, is decided
before a table gets here; how an estimate is shown is decided after. lifelines is imported on the first estimate.
"""

from timeline.survival.chi_square import ChiSquare
from timeline.survival.curve import KaplanMeier, Quantile, SurvivalAt, kaplan_meier, median_follow_up
from timeline.survival.errors import InvalidInput, NotEstimable, SurvivalError
from timeline.survival.gray import grays_test
from timeline.survival.groups import GroupInTest, RankTest
from timeline.survival.hazard import HazardRatio, ProportionalHazards, cox
from timeline.survival.incidence import CumulativeIncidence, IncidenceAt, cumulative_incidence
from timeline.survival.mean import RestrictedMean, restricted_mean
from timeline.survival.rank_test import log_rank, stratified_log_rank
from timeline.survival.table import RiskTable, Steps

__all__ = [
    "ChiSquare",
    "CumulativeIncidence",
    "GroupInTest",
    "HazardRatio",
    "IncidenceAt",
    "InvalidInput",
    "KaplanMeier",
    "NotEstimable",
    "ProportionalHazards",
    "Quantile",
    "RankTest",
    "RestrictedMean",
    "RiskTable",
    "Steps",
    "SurvivalAt",
    "SurvivalError",
    "cox",
    "cumulative_incidence",
    "grays_test",
    "kaplan_meier",
    "log_rank",
    "median_follow_up",
    "restricted_mean",
    "stratified_log_rank",
]
