"""Runs one entry at a time on a session, and prints what came of it or what was wrong; the session goes on.

Whether entries come from a terminal or through a pipe is left to `loop`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from threading import RLock
from time import perf_counter
from typing import TYPE_CHECKING

from timeline.errors import StudyError, TimelineError
from timeline.repl.entry import COMMAND, entries
from timeline.repl.paging import page
from timeline.repl.vocabulary import Vocabulary, vocabulary
from timeline.report.screen import colour, folded, progress

if TYPE_CHECKING:
    from rich.console import Console

    from timeline.study.session import Session

PROMPT = "<prompt>"
INTERRUPTED = 130
FAILED = 1
MOST_PATIENTS = 50
"""How many ids completion offers at once."""


class Quit(Exception):
    """Asks the loop to end."""


class Shell:
    """A session with its screen. `code` is that of the first entry that failed, 0 as long as none did."""

    def __init__(self, store: Path, query: Path | None = None, *, interactive: bool, paging: bool = True) -> None:
        self.store = store
        self.query = query
        self.interactive = interactive
        self.paging = interactive and paging
        self.code = 0
        self.timed = False
        self.vocabulary = Vocabulary()
        self.lock = RLock()
        self._session: Session | None = None
        self._console: Console | None = None

    @property
    def session(self) -> Session:
        """The session; opened when it is first needed."""
        with self.lock:
            if self._session is None:
                self.open()
            assert self._session is not None
            return self._session

    @property
    def is_open(self) -> bool:
        return self._session is not None

    @property
    def console(self) -> Console:
        if self._console is None:
            from timeline.report.screen import console

            self._console = console()
        return self._console

    def open(self) -> None:
        """Open the store and load the query. Raises StoreError; what is wrong with the query is printed."""
        from timeline.log import Log
        from timeline.study.session import Session

        with self.lock:
            log = Log.open(self.store)
            for notice in log.notices:
                self.tell(f"note: {notice}")
            self._session = Session(log)
            if self.query is not None:
                query = self.query
                self._guarded(lambda: self.load(query))
            self.refresh()

    def warm(self) -> None:
        """Load what the first question will need: the database and the statistics."""
        import timeline.engine.duckdb
        import timeline.report.answers
        import timeline.study.evaluation

        del timeline

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def load(self, path: Path) -> None:
        """Take over the definitions of a file."""
        from timeline.report.answers import print_reply

        with progress() as report:
            reply = self.session.load(path, report)
        print_reply(replace(reply, defined=()), self.console)
        count = len(reply.defined)
        if self.interactive:
            self.console.print(f"{path}: {count} definition{'' if count == 1 else 's'}", style="dim", markup=False)

    def refresh(self) -> None:
        """Let completion see what is defined now."""
        from timeline.library import Library

        session = self.session
        files = Library().names(session.checked.source)
        self.vocabulary = vocabulary(session.study, self._patients, files)

    def execute(self, text: str, name: str = PROMPT, line: int = 1) -> None:
        """Run one entry, which began at a line of a text. Raises Quit, and BrokenPipeError where nobody reads."""
        began = perf_counter()
        self._guarded(lambda: self._run(text, name, line))
        if self.timed:
            self.tell(f"{perf_counter() - began:.3f} s")
        self._guarded(self.refresh)

    def read(self, lines: Iterable[str], name: str) -> None:
        """Run the entries of a text as if they were typed."""
        for line, text in entries(lines):
            self.execute(text, name, line)

    def tell(self, words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    def _run(self, text: str, name: str, line: int) -> None:
        with self.lock:
            if text.lstrip().startswith(COMMAND):
                from timeline.repl.commands import run_command

                return self._paged(lambda: run_command(self, text.strip()))
            from dsl.source import Source
            from timeline.report.answers import print_reply
            from timeline.study.results import FailedResult

            # Empty lines above put the entry where it stands in its text, for the diagnostics.
            source = Source("\n" * (line - 1) + text.rstrip(), name)
            with progress() as report:
                reply = self.session.submit(source, report)
            self._paged(lambda: print_reply(reply, self.console))
            for found in (reply.found, *(found for _, found in reply.again)):
                if found is not None and any(isinstance(item, FailedResult) for item in found.analyses):
                    self._fail(StudyError.exit_code)
                if found is not None and not all(item.passes for item in found.expectations):
                    self._fail(FAILED)
            return None

    def _paged(self, show: Callable[[], None]) -> None:
        if not self.paging:
            show()
            return
        with self.console.capture() as shown:
            show()
        page(shown.get(), self.console)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do something; what goes wrong is printed, and the session stays as it was."""
        from dsl.diagnostics import render

        try:
            work()
        except KeyboardInterrupt:
            self.tell("interrupted; the session is as it was")
            self._fail(INTERRUPTED)
        except TimelineError as error:
            diagnostics = getattr(error, "diagnostics", ())
            shown = "\n\n".join(render(item, colour=colour(sys.stderr)) for item in diagnostics)
            said = shown or f"error: {error}"
            self.tell(folded(said, self.console.width) if self.interactive else said)
            self._fail(error.exit_code)
        except BrokenPipeError:
            raise
        except OSError as error:
            self.tell(f"error: {error.filename or self.store}: {error.strerror or error}")
            self._fail(FAILED)

    def _fail(self, code: int) -> None:
        self.code = self.code or code

    def _patients(self, typed: str) -> list[str]:
        """Ids for completion; none while the session is busy, or where the store does not answer."""
        from timeline.study.counts import patients

        if self._session is None or not self.lock.acquire(blocking=False):
            return []
        try:
            return patients(self._session.engine, typed, MOST_PATIENTS)
        except TimelineError:
            return []
        finally:
            self.lock.release()
