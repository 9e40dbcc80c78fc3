"""`--suppress-below N`, which means the same in every command that shows results."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timeline.study.results import StudyResult


def add_suppression(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--suppress-below", type=_threshold, metavar="N", help="hide numbers of patients from 1 to N - 1 everywhere"
    )


def _threshold(words: str) -> int:
    """Raises ArgumentTypeError for less than 2, below which no number is small."""
    if not words.isdecimal() or int(words) < 2:
        raise argparse.ArgumentTypeError(f"found {words!r}, expected a whole number of at least 2")
    return int(words)


def redacted(result: StudyResult, below: int | None, report: Callable[[str], None]) -> StudyResult:
    """What may be shown, on the terminal and in every file."""
    if below is None:
        return result
    from timeline.report.redaction import redact

    report("hiding small numbers")
    return redact(result, below)
