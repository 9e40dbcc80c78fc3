"""Survival estimation: risk tables and rows in, frozen estimates out.

Arrays only: no SQL, no patients, no files. Which patients form a group, and when their time starts and ends, is decided
before a table gets here; how an estimate is shown is decided after. scipy is imported on the first test.
"""

from timeline.survival.chi_square import ChiSquare
from timeline.survival.concordance import Concordance
from timeline.survival.covariates import Covariate, Factor, Numeric
from timeline.survival.curve import ConditionalSurvival, KaplanMeier, Plateau, Quantile, SurvivalAt, kaplan_meier
from timeline.survival.errors import InvalidInput, NotEstimable, SurvivalError
from timeline.survival.fine_gray import FineGray, fine_gray
from timeline.survival.follow_up import (
    Completeness,
    FollowUp,
    completeness_of_follow_up,
    follow_up,
    median_follow_up,
)
from timeline.survival.gray import grays_test
from timeline.survival.groups import GroupInTest, RankTest
from timeline.survival.hazard import HazardRatio, ProportionalHazards, cox
from timeline.survival.incidence import CumulativeIncidence, IncidenceAt, cumulative_incidence
from timeline.survival.limits import Limits
from timeline.survival.mean import RestrictedMean, restricted_mean
from timeline.survival.mean_contrast import Contrast, RestrictedMeanContrast, contrast_restricted_means
from timeline.survival.proportionality import ProportionalityTest, Transform, proportional_hazards_test
from timeline.survival.rank_pairs import PairTest, pairwise_tests
from timeline.survival.rank_test import log_rank, rank_test, stratified_log_rank
from timeline.survival.rank_trend import TrendTest, trend_test
from timeline.survival.rank_weights import FlemingHarrington, Weights
from timeline.survival.regression import Coefficient, CovariateTest, CoxRegression, cox_regression
from timeline.survival.rows import RegressionRows
from timeline.survival.state_intervals import NEVER, STAYS, StateIntervals
from timeline.survival.states import SharesAt, StateOccupation, state_occupation
from timeline.survival.table import Numbers, RiskTable, Steps

__all__ = [
    "NEVER",
    "STAYS",
    "ChiSquare",
    "Coefficient",
    "Completeness",
    "Concordance",
    "ConditionalSurvival",
    "Contrast",
    "Covariate",
    "CovariateTest",
    "CoxRegression",
    "CumulativeIncidence",
    "Factor",
    "FineGray",
    "FlemingHarrington",
    "FollowUp",
    "GroupInTest",
    "HazardRatio",
    "IncidenceAt",
    "InvalidInput",
    "KaplanMeier",
    "Limits",
    "NotEstimable",
    "Numbers",
    "Numeric",
    "PairTest",
    "Plateau",
    "ProportionalHazards",
    "ProportionalityTest",
    "Quantile",
    "RankTest",
    "RegressionRows",
    "RestrictedMean",
    "RestrictedMeanContrast",
    "RiskTable",
    "SharesAt",
    "StateIntervals",
    "StateOccupation",
    "Steps",
    "SurvivalAt",
    "SurvivalError",
    "Transform",
    "TrendTest",
    "Weights",
    "completeness_of_follow_up",
    "contrast_restricted_means",
    "cox",
    "cox_regression",
    "cumulative_incidence",
    "fine_gray",
    "follow_up",
    "grays_test",
    "kaplan_meier",
    "log_rank",
    "median_follow_up",
    "pairwise_tests",
    "proportional_hazards_test",
    "rank_test",
    "restricted_mean",
    "state_occupation",
    "stratified_log_rank",
    "trend_test",
]
