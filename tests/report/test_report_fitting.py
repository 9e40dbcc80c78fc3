"""A table fits the terminal: it is folded between words, or each row becomes a block; nothing is broken or lost."""

import re
from io import StringIO

import pytest
from rich.console import Console

from timeline.report.answers import print_counts, print_rows
from timeline.report.layout import heading
from timeline.report.screen import folded

ROWS = [
    {"patient": "M1-SYN-001", "start": "2006-03-22", "n": 1_234_567, "what it is": "A primary tumour is diagnosed"},
    {"patient": "M1-SYN-002", "start": "2006-03-31", "n": 9_999, "what it is": ""},
]
WORDS = {"M1-SYN-001", "M1-SYN-002", "2006-03-22", "2006-03-31", "1234567", "9999", "primary", "tumour", "diagnosed"}


def printed(width: int, *, counts: bool = False) -> list[str]:
    text = StringIO()
    show = print_counts if counts else print_rows
    show(ROWS, Console(file=text, width=width))
    return text.getvalue().splitlines()


@pytest.mark.parametrize("width", range(24, 90, 3))
def test_no_word_is_broken_or_lost_at_any_width(width: int) -> None:
    lines = printed(width)
    assert max(map(len, lines)) <= width
    assert set(" ".join(lines).split()) >= WORDS


def test_what_has_room_stands_in_one_line() -> None:
    assert re.search(r"M1-SYN-001 +2006-03-22 +1234567 +A primary tumour is diagnosed", "\n".join(printed(90)))


def test_texts_are_folded_before_rows_become_blocks() -> None:
    assert re.search(r"^M1-SYN-001 +2006-03-22 +1234567 +A primary", "\n".join(printed(55)), re.MULTILINE)


def test_a_row_that_cannot_be_folded_becomes_a_block_of_what_it_has() -> None:
    lines = [line.rstrip() for line in printed(30)]
    assert lines[:3] == ["patient     M1-SYN-001", "start       2006-03-22", "n           1234567"]
    second = lines[lines.index("") + 1 :]
    assert second == ["patient     M1-SYN-002", "start       2006-03-31", "n           9999"]


def test_counts_have_commas_from_ten_thousand_on() -> None:
    lines = "\n".join(printed(90, counts=True))
    assert " 1,234,567 " in lines
    assert " 9999 " in lines


def test_a_title_that_is_longer_than_its_line_is_folded_not_cut() -> None:
    text = StringIO()
    heading(Console(file=text, width=30), "Overall survival in enrolled patients (Kaplan-Meier)")
    assert text.getvalue().split() == ["Overall", "survival", "in", "enrolled", "patients", "(Kaplan-Meier)"]


def test_a_message_is_folded_between_words_and_its_source_stays_as_it_is() -> None:
    source = ["  |", "2 |     from first treatmentuntil death and so on, for long", "  |            ^^^^^^^^^^^^^^"]
    message = "\n".join(["error[S001]: `death` does not belong here", *source, "  = expected: `competing` or `until`"])
    lines = folded(message, 30).splitlines()
    assert lines[2:5] == source
    assert lines[:2] == ["error[S001]: `death` does not", "    belong here"]
    assert lines[5:] == ["  = expected: `competing` or", "      `until`"]


def test_colours_take_no_room() -> None:
    message = "  = \x1b[1;34mexpected: \x1b[0ma window"
    assert folded(message, len("  = expected: a window")) == message
    assert folded(message, 17) == "  = \x1b[1;34mexpected: \x1b[0ma\n      window"
