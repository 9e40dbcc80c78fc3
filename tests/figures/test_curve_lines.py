"""Kaplan-Meier curves in characters: their shape is the estimate's, and they fit in the terminal."""

import io

import pytest
from rich.console import Console

from tests.figures.support import NAMES, comparison, survived
from timeline.report.curve import ROWS, curve_lines
from timeline.report.estimates import print_curves
from timeline.survival import RiskTable

HALF = survived("all", RiskTable([100, 200], [1, 0], [1, 1]))
"""1 until day 100, one half from then to day 200."""


def test_letters_stand_where_the_survival_is() -> None:
    lines = curve_lines([HALF], 60, braille=False)
    # 60 columns less 6 for the axis and 4 behind: 50 columns from day 0 to 200, so that 25 have days before 100.
    assert lines[0] == " 100%|" + 25 * "a"
    # From row 0 to one half of 9 rows, rounded to even: row 4, the one of 50 %.
    assert lines[4] == "  50%|" + 25 * " " + 25 * "a"
    assert [line[31:32] for line in lines[1:4]] == ["a", "a", "a"]
    assert lines[9] == "   0%|"


def test_braille_has_two_by_four_dots_a_character() -> None:
    lines = curve_lines([HALF], 60, braille=True)
    # 100 dots from day 0 to 200: 50 before day 100, in the upper row of dots (bits 1 and 8); then the fall begins with
    # the other three dots of a left column (bits 2, 4 and 40).
    assert lines[0] == " 100%┤" + 25 * chr(0x2800 + 0x01 + 0x08) + chr(0x2800 + 0x02 + 0x04 + 0x40)
    # One half of 39 rows of dots is row 20 (19.5 to even): the upper row of dots of the sixth line.
    assert lines[5] == "     ┤" + 25 * " " + 25 * chr(0x2800 + 0x01 + 0x08)


@pytest.mark.parametrize("braille", [True, False])
@pytest.mark.parametrize("width", [40, 57, 80, 120, 160])
@pytest.mark.parametrize("names", ["short", "long"])
@pytest.mark.parametrize("groups", [1, 3, 5])
def test_no_line_is_wider_than_the_terminal(groups: int, names: str, width: int, braille: bool) -> None:
    lines = curve_lines(comparison(groups, 40, NAMES[names]).groups, width, braille)
    assert max(map(len, lines)) <= width
    assert len(lines) >= ROWS + 2


@pytest.mark.parametrize("last", [1, 30, 400, 3000, 40_000])
def test_the_numbers_below_the_axis_stand_apart_and_one_has_the_unit(last: int) -> None:
    group = survived("all", RiskTable([last], [1], [1]))
    below = curve_lines([group], 40, braille=False)[ROWS + 1].split()
    assert below[0] == "0"
    assert len([word for word in below if word in ("days", "months", "years")]) == 1
    numbers = [float(word) for word in below if word[0].isdigit()]
    assert numbers == sorted(set(numbers))


def test_each_group_has_a_letter_at_the_end_of_its_curve_and_its_name_below() -> None:
    lines = curve_lines(comparison(3, 60, NAMES["short"]).groups, 100, braille=True)
    assert lines[-1].split("   ")[-3:] == ["a A", "b B", "c C"]
    for letter in "abc":
        assert sum(line[6:].count(letter) for line in lines[:ROWS]) == 1


def test_a_patient_on_the_day_of_origin_is_no_mistake() -> None:
    assert curve_lines([survived("all", RiskTable([0], [1], [1]))], 40, braille=True)


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "┤"), ("ascii", "|"), ("latin-1", "|")])
def test_a_terminal_that_is_not_utf_8_gets_letters(encoding: str, shown: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    print_curves((HALF,), Console(file=stream, width=80))
    stream.seek(0)
    assert f" 100%{shown}" in stream.read()


def test_nobody_with_a_time_has_no_curve() -> None:
    stream = io.StringIO()
    print_curves((), Console(file=stream, width=80))
    assert stream.getvalue() == ""
