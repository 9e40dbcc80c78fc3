"""How a large batch flows: one part is worked out while another is written, in memory that is used again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pyarrow as pa


def ahead(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Works each part out in a thread of its own, while the caller still writes the one before it."""
    waiting = iter(parts)
    with ThreadPoolExecutor(max_workers=1) as reader:
        upcoming = reader.submit(next, waiting, None)
        while (rows := upcoming.result()) is not None:
            upcoming = reader.submit(next, waiting, None)
            yield rows


@contextmanager
def memory_kept() -> Iterator[None]:
    """Memory that a part has used serves the next one: Arrow's own choice gives back large pieces, which cost to get.

    Parts are alike in size, so that no more is held than for one of them in each place.
    """
    usual = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)
