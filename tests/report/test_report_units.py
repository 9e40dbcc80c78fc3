"""Times that are shown together are in one unit, and counts are written one way, wherever they stand."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tests.figures.support import comparison, estimate, survived
from timeline.api.display import html
from timeline.report import units, words
from timeline.report.estimates import print_comparison, print_estimate
from timeline.report.figures import survival as survival_figure
from timeline.report.figures.sheet import Page
from timeline.report.html.analyses import Setting, section
from timeline.report.words import DAY, MONTH, YEAR
from timeline.study.results import ComparisonResult, EstimateResult, FollowUp, Survived
from timeline.survival import Quantile, RestrictedMean, RiskTable

SETTING = Setting("a study (reconstructed data)")
MEDIAN = Quantile(0.5, 1026, 680, 1648, 0.95)
"""1026 / 365.25 = 2.81, 680 / 365.25 = 1.86 (or 22.3 months), 1648 / 365.25 = 4.51."""
FOLLOW_UP = FollowUp(Quantile(0.5, 2000, None, None, 0.95), 455, 3192, None, None)
"""455 / 365.25 = 1.25 (or 14.9 months), 3192 / 365.25 = 8.74."""


def of(label: str, median: Quantile) -> Survived:
    made = survived(label, RiskTable([30, 60, 90], [1, 1, 0], [1, 1, 1]))
    return replace(made, median=median, quantiles=(median,), follow_up=FOLLOW_UP)


ALONE = EstimateResult("os", "OS", "all", of("all", MEDIAN), (), groups=(of("all", MEDIAN),))


def printed(result: EstimateResult | ComparisonResult) -> str:
    console = Console(file=io.StringIO(), width=160, force_terminal=False)
    print_comparison(result, console) if isinstance(result, ComparisonResult) else print_estimate(result, console)
    made = console.file
    assert isinstance(made, io.StringIO)
    return made.getvalue()


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        ((730.5, 5), YEAR),  # 2 · 365.25
        ((730, None), MONTH),
        ((60.875,), MONTH),  # 2 · 30.4375
        ((60, 1), DAY),
        ((-800, 3), YEAR),  # a difference counts by its size
        ((None, float("nan"), float("inf"), 800), YEAR),
        ((None, float("inf")), DAY),
        ((), DAY),
    ],
)
def test_the_longest_of_the_times_says_the_unit_of_all(times: tuple[float | None, ...], unit: words.Unit) -> None:
    assert words.unit(times) == unit


def test_a_time_is_written_with_two_decimals_of_a_year_one_of_a_month_and_a_day_as_it_is() -> None:
    assert words.duration(1026, YEAR) == "2.81 y"
    assert words.duration(1026, MONTH) == "33.7 mo"
    assert [words.duration(days, DAY) for days in (45, 45.5, 45.25, None)] == [
        "45 d",
        "45.5 d",
        "45.2 d",
        "not reached",
    ]
    assert words.duration(-0.001, YEAR) == "0.00 y"


def test_a_median_and_its_limits_are_in_one_unit_on_a_terminal() -> None:
    said = printed(ALONE)
    assert "2.81 y   1.86 y to 4.51 y" in said
    assert "1.25 y to 8.74 y" in said
    assert not re.search(r"\d mo\b", said)


def test_a_median_and_its_limits_are_in_one_unit_in_the_report() -> None:
    made = section(ALONE, SETTING)
    assert "median 2.81 y (95 % limits 1.86 y to 4.51 y)" in made.headline
    tables = {grid.caption: grid.rows[0] for grid in made.grids}
    assert tables["Patients, events and median"][4:6] == ("2.81 y", "1.86 y to 4.51 y")
    assert tables["Quantiles"][2:] == ("2.81 y", "1.86 y to 4.51 y")
    assert tables["Follow-up (reverse Kaplan-Meier)"][1:5] == ("5.48 y", "-", "1.25 y", "8.74 y")


def test_the_rows_of_a_table_are_in_one_unit() -> None:
    # 200 days are 6.6 months alone, and 0.55 years beside 2.81 years
    groups = (of("A", MEDIAN), of("B", Quantile(0.5, 200, 100, None, 0.95)))
    result = replace(comparison(2, 40, ("A", "B")), groups=groups, test=None, hazards=None)
    assert "0.55 y   0.27 y to not reached" in printed(result)
    made = section(result, SETTING)
    assert "B: 3 patients, 2 events, median 0.55 y (95 % limits 0.27 y to not reached)" in made.headline
    assert made.grids[0].rows[1][4:6] == ("0.55 y", "0.27 y to not reached")
    assert "0.55 y" in html(result)
    assert not re.search(r"\d mo\b", printed(result) + html(result))


def test_means_are_in_one_unit_with_their_limits_and_errors() -> None:
    means = (RestrictedMean(1826.25, 700, 50, 602, 798, 0.95), RestrictedMean(1826.25, 300, 25, 251, 349, 0.95))
    groups = tuple(replace(of(name, MEDIAN), restricted_mean=mean) for name, mean in zip("AB", means, strict=True))
    assert units.means(groups) == YEAR  # 798 days are 2.18 years
    result = replace(comparison(2, 40, ("A", "B")), groups=groups, test=None, hazards=None)
    # 300, 251 and 349 days of 365.25
    assert "0.82 y   0.69 y to 0.96 y" in printed(result)
    tables = {grid.caption: grid.rows for grid in section(result, SETTING).grids}
    assert tables["Restricted mean survival time"][1][2:4] == ("0.82 y", "0.69 y to 0.96 y")


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Overall survival", "Overall survival"),
        ("Freedom from distant metastases", "Freedom from distant metastases"),
        ("Time to recurrence", "Without the event"),
        ("", "Without the event"),
    ],
)
def test_the_axis_of_a_curve_says_what_share_it_is(label: str, title: str) -> None:
    result = replace(estimate(40), endpoint_label=label)
    assert f"{title} (%)" in [text.get_text() for text in survival_figure.draw(result, Page()).texts]
    assert f"'title': '{title}'" in str(section(result, SETTING).figures[0].live)


def test_counts_have_commas_from_ten_thousand_on() -> None:
    result = estimate(12_000)
    assert result.group is not None
    made = section(replace(result, groups=(result.group,)), SETTING)
    assert "12,000 patients" in made.headline
    assert r"'12,000\n0\n0'" in str(made.figures[0].live)  # at risk on day 0; nobody has left
    assert words.share(12_000, 48_000) == "12,000 (25.0 %)"
    assert [words.count(number) for number in (9_999, 10_000, 1_068_879)] == ["9999", "10,000", "1,068,879"]
    assert "12,000" in html(replace(result, groups=(result.group,)))
