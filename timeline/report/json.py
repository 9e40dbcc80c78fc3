"""A study's results as JSON: every value of the frozen results under the name of its field.

Arrays become lists, dates ISO texts, and a number that is not one (a limit that does not exist) null.
"""

import json
import math
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from timeline.errors import StudyError
from timeline.study.results import StudyResult

FORMAT = 1
"""Raised when a field changes its meaning or goes."""


def study_json(result: StudyResult) -> str:
    plain = {"format": FORMAT, **_plain(result)}
    plain["reproduced"] = result.reproduced
    return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(result: StudyResult, path: Path) -> None:
    """Write the results to a file. Raises StudyError where it cannot be written."""
    try:
        path.write_text(study_json(result), encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{path}: the results cannot be written: {error.strerror}.") from None


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kind = {"kind": type(value).__name__} if type(value).__name__.endswith("Result") else {}
        return {**kind, **{item.name: _plain(getattr(value, item.name)) for item in fields(value)}}
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
