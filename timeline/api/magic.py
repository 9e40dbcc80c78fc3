"""`%%tql`: cells in the language, which share one study for each store.

`%%tql STORE [QUERY]` opens a store; cells after it go on with the last one. `study` in the notebook is the study of the
last cell, so that Python and the language work on the same definitions.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from dsl.source import Source
from timeline.api.display import reply_html
from timeline.api.study import Study
from timeline.errors import QueryError
from timeline.log import Log
from timeline.study.reply import Reply
from timeline.study.session import Session

CELL = "<cell>"
NAME = "study"
"""What the notebook calls the study of the last cell."""


class Shown:
    """What became of a cell, for the notebook to display."""

    def __init__(self, reply: Reply, session: Session) -> None:
        self.reply = reply
        self._html = reply_html(reply, session)

    def __repr__(self) -> str:
        from timeline.api.display import printed
        from timeline.report.answers import print_reply

        return printed(lambda console: print_reply(self.reply, console))

    def _repr_html_(self) -> str:
        return self._html


class Cells:
    """The studies of a notebook, by the stores that they are on."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._studies: dict[Path, Study] = {}
        self._last: Study | None = None

    def tql(self, line: str, cell: str) -> Shown:
        """Run a cell. Raises TextError with its diagnostics, which the notebook shows without a traceback."""
        study = self._study(shlex.split(line))
        reply = study.session.submit(Source(cell, CELL))
        self._shell.user_ns[NAME] = study
        return Shown(reply, study.session)

    def _study(self, given: list[str]) -> Study:
        if len(given) > 2:
            raise QueryError("A cell starts with `%%tql STORE [QUERY]`, or with `%%tql` alone.")
        if not given:
            if self._last is None:
                raise QueryError("No store is open yet.", hint="Start the first cell with `%%tql STORE`.")
            return self._last
        path = Path(given[0]).resolve()
        if path not in self._studies:
            self._studies[path] = Study(Session(Log.open(path)))
            if given[1:]:
                self._studies[path].session.load(given[1])
        self._last = self._studies[path]
        return self._last


def load(shell: Any) -> None:
    """Give a notebook its `%%tql` cells."""
    shell.register_magic_function(Cells(shell).tql, magic_kind="cell", magic_name="tql")
