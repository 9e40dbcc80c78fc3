"""One commit at a time: look at the state, prepare, commit; whoever loses the race looks again.

The lock spares the writers of one machine most races; that a version can be made only once decides all of them.
"""

from __future__ import annotations

from collections.abc import Callable

from timeline.errors import DamageError
from timeline.log.commits import LostRace
from timeline.log.durable import plain_errors, write_lock
from timeline.log.record import Record
from timeline.log.table import Change, Table

Prepare = Callable[[Record], tuple[Record, Change]]
"""From the record of the last commit to the next one and what it changes. It may be called again after a lost race."""


def commit_serially(table: Table, doing: str, prepare: Prepare) -> int:
    """Gives the version of the commit. Raises what `prepare` raises; nothing is then changed."""
    refuse_torn(table, doing)
    with plain_errors(table.root, doing), write_lock(table.root):
        while True:
            table.refresh()
            record, change = prepare(table.record)
            try:
                return table.commit(record.with_head(), change)
            except LostRace:
                continue


def refuse_torn(table: Table, doing: str) -> None:
    """Raises DamageError where the end of the log has to be repaired before anything is added."""
    if table.torn is not None:
        raise DamageError(
            f"{table.root}: {doing} has to wait: commit {table.torn.version} is not whole ({table.torn.reason}).",
            hint=f"Call `timeline verify {table.root} --repair` first.",
        )
