"""Imports what takes long while the database works."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread


@contextmanager
def imported_beside(module: str, wanted: bool) -> Iterator[None]:
    """Imports a module in a thread of its own while this thread waits for something else, and is done with the block.

    The block should import nothing: two threads that import modules in a circle can meet one that is half made. What
    goes wrong is left to the import that needs the module.
    """
    if not wanted or module in sys.modules:
        yield
        return

    def work() -> None:
        with suppress(Exception):
            import_module(module)

    thread = Thread(target=work, name=f"import of {module}")
    thread.start()
    try:
        yield
    finally:
        thread.join()
