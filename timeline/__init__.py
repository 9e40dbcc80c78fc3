"""An event-sourced store of patients' histories, and the studies that run on it.

    import timeline

    store = timeline.open("trial")
    study = store.study("m1.tql")
    study.endpoint("os", in_="enrolled").to_pandas()

Nothing is imported until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from timeline.api.store import Store


def open(path: str | Path, at: int | date | datetime | None = None) -> Store:
    """Open a store: as it is, as it was at a position of its log, or as it was known on a day (UTC).

    Raises StoreError where there is no store, or where it had not reached that position or day.
    """
    from timeline.api.store import Store

    return Store(path, at)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext timeline`: cells that start with `%%tql STORE`."""
    from timeline.api.magic import load

    load(shell)


__all__ = ["load_ipython_extension", "open"]
