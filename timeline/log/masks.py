"""Masks: for each row whether something holds, as numpy has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def mask(condition: pa.Array) -> Mask:
    """The rows for which an Arrow condition holds; not those for which it is unknown.

    Arrow's own conversion looks at one row after the other, which takes several times as long.
    """
    if condition.null_count:
        condition = condition.fill_null(False)
    first, last = condition.offset, condition.offset + len(condition)
    packed = np.frombuffer(condition.buffers()[1], dtype=np.uint8)[first // 8 : (last + 7) // 8]
    found: Mask = np.unpackbits(packed, bitorder="little")[first % 8 :][: len(condition)].view(np.bool_)
    return found


def present(values: pa.Array) -> Mask:
    """The rows that have a value."""
    return mask(values.is_valid()) if values.null_count else np.ones(len(values), dtype=bool)
