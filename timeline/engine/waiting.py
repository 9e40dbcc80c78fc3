"""Waits for a database so that Ctrl-C is heard.

DuckDB runs a query without looking at signals, and Python hands them to the main thread only between its own steps. So
a query runs in a thread of its own, and the thread that asked for it does nothing but wait.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


def wait_for(work: Callable[[], _Result], interrupt: Callable[[], None], workers: ThreadPoolExecutor) -> _Result:
    """What `work` gives. What interrupts the waiting (Ctrl-C) interrupts the work, too, and goes on once it ended."""
    running = workers.submit(work)
    try:
        return running.result()
    except BaseException:
        if not running.done():
            interrupt()
            running.exception()
        raise
