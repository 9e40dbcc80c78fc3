"""A study's results as JSON: every value of the frozen results under the name of its field.

Arrays become lists, dates ISO texts, and a number that is not one (a limit that does not exist) null. What is hidden,
where small numbers are, is `"hidden"`, and null within an array.
"""

import json
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from timeline.errors import StudyError
from timeline.report.shown import HIDDEN, HIDDEN_PATIENTS, HIDDEN_WORD
from timeline.study.results import StudyResult
from timeline.survival import RiskTable

FORMAT = 1
"""Raised when a field changes its meaning or goes."""


def study_json(result: StudyResult) -> str:
    hides = result.suppressed_below is not None
    plain = {"format": FORMAT, **(_hidden(result) if hides else _plain(result))}
    plain["reproduced"] = HIDDEN_WORD if hides else result.reproduced
    return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(result: StudyResult, path: Path) -> None:
    """Write the results to a file. Raises StudyError where it cannot be written."""
    try:
        path.write_text(study_json(result), encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{path}: the results cannot be written: {error.strerror}.") from None


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value, _plain)
    match value:
        case np.ndarray():
            return [_plain(item) for item in value.tolist()]
        case list() | tuple():
            return [_plain(item) for item in value]
        case float():
            return value if math.isfinite(value) else None
        case datetime() | date():
            return value.isoformat()
        case np.generic():
            return _plain(value.item())
    return value


def _hidden(value: Any) -> Any:
    """As `_plain`, of results in which numbers are hidden."""
    match value:
        case RiskTable():
            return HIDDEN_WORD
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _fields(value, _hidden)
        case np.ndarray():
            return [None if item == HIDDEN else _plain(item) for item in value.tolist()]
        case tuple() if value == HIDDEN_PATIENTS:
            return HIDDEN_WORD
        case list() | tuple():
            return [_hidden(item) for item in value]
        case int() if value == HIDDEN:
            return HIDDEN_WORD
        case float() if math.isnan(value):
            return HIDDEN_WORD
    return _plain(value)


def _fields(value: Any, plain: Callable[[Any], Any]) -> dict[str, Any]:
    kind = {"kind": type(value).__name__} if type(value).__name__.endswith("Result") else {}
    return {**kind, **{item.name: plain(getattr(value, item.name)) for item in fields(value)}}
