"""The terminal: the first prompt before anything slow is loaded, keys, history, and the pipe in place of a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from timeline.errors import QueryError, TimelineError
from timeline.repl.shell import Quit, Shell

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.history import History
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.output import Output

ASK, GO_ON = "timeline> ", "     ...> "
_STYLE = {
    "statement": "bold ansiblue",
    "keyword": "ansiblue",
    "function": "ansicyan",
    "text": "ansigreen",
    "number": "ansimagenta",
    "date": "ansimagenta",
    "remark": "ansibrightblack italic",
    "command": "ansiyellow",
    "bottom-toolbar": "noreverse ansibrightblack",
}


def piped(shell: Shell, lines: Iterable[str]) -> int:
    """Run a text that comes through a pipe to its end; the result is the exit code of the first entry that failed."""
    try:
        shell.read(lines, "<standard input>")
    except Quit:
        pass
    except UnicodeDecodeError as error:
        raise QueryError(f"standard input is not a text in UTF-8: byte {error.start} does not fit.") from None
    return shell.code


def prompting(shell: Shell, input: Input | None = None, output: Output | None = None) -> int:
    """Talk with a person until they leave. Raises StoreError where the store cannot be opened."""
    from prompt_toolkit.patch_stdout import patch_stdout

    session = prompt_session(shell, input, output)
    loading = Thread(target=_load, args=(shell, session), daemon=True)
    while True:
        try:
            with patch_stdout(raw=True):  # what loading has to say goes above the line that is being typed
                text = session.prompt(pre_run=lambda: None if loading.ident else loading.start())
            loading.join()
            shell.execute(text)
        except KeyboardInterrupt:
            continue
        except (EOFError, Quit):
            return 0
        except TimelineError:
            raise
        except BrokenPipeError:
            raise
        except Exception as error:  # a defect of ours must not cost a person their session
            shell.tell(f"{type(error).__name__}: {error}\nThis is a defect of the program; the session goes on.")


def prompt_session(shell: Shell, input: Input | None = None, output: Output | None = None) -> PromptSession[str]:
    """The line editor, with what it completes, colours and keeps."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.output import ColorDepth
    from prompt_toolkit.styles import Style

    from timeline.repl.highlight import QueryLexer

    return PromptSession(
        ASK,
        multiline=True,
        prompt_continuation=lambda width, number, wrapped: GO_ON,
        lexer=QueryLexer(),
        completer=_completer(shell),
        complete_in_thread=True,
        auto_suggest=AutoSuggestFromHistory(),
        history=_history(),
        key_bindings=_keys(),
        style=Style.from_dict(_STYLE),
        color_depth=ColorDepth.DEPTH_1_BIT if "NO_COLOR" in os.environ else None,
        bottom_toolbar=lambda: _toolbar(shell),
        input=input,
        output=output,
    )


def _load(shell: Shell, session: PromptSession[str]) -> None:
    """Open the store while the first entry is typed; what fails ends the prompt with its error."""
    app = session.app
    try:
        if not shell.is_open:
            shell.open()
    except Exception as error:
        failure = error
        if app.loop is not None:
            app.loop.call_soon_threadsafe(lambda: app.exit(exception=failure) if app.is_running else None)
        return
    app.invalidate()
    shell.warm()


def _toolbar(shell: Shell) -> str:
    if not shell.is_open:
        return f"{shell.store}: opening …"
    session = shell.session
    count = len(session.study.definitions)
    return f"{shell.store.name}  as of {session.at}  {count} definition{'' if count == 1 else 's'}  .help"


def _completer(shell: Shell) -> Completer:
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document

    class QueryCompleter(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            from timeline.repl.commands import COMMANDS
            from timeline.repl.complete import completions

            for item in completions(
                document.text_before_cursor, shell.vocabulary, COMMANDS, complete_event.text_inserted
            ):
                yield Completion(item.word, -item.length, display_meta=item.about)

    return QueryCompleter()


def _keys() -> KeyBindings:
    """Enter runs what is complete and starts a new line in what is not; Alt-Enter always starts one."""
    from prompt_toolkit.application import get_app
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings

    from timeline.repl.entry import is_complete

    keys = KeyBindings()
    choosing = Condition(
        lambda: (state := get_app().current_buffer.complete_state) is not None and state.current_completion is not None
    )
    searching = Condition(lambda: get_app().layout.is_searching)

    @keys.add("enter", filter=~searching & ~choosing)
    def enter(event: Any) -> None:
        buffer = event.current_buffer
        text = buffer.text
        if buffer.document.on_last_line and is_complete(text):
            buffer.text = text.rstrip()
            buffer.validate_and_handle()
        else:
            line = buffer.document.current_line
            buffer.insert_text("\n" + (line[: len(line) - len(line.lstrip())] or "    "))

    @keys.add("enter", filter=choosing)
    def choose(event: Any) -> None:
        event.current_buffer.complete_state = None

    @keys.add("tab", filter=~searching)
    def complete(event: Any) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and len(buffer.complete_state.completions) > 1:
            buffer.complete_next()
        elif not buffer.document.current_line_before_cursor.strip() and buffer.document.cursor_position_row:
            buffer.insert_text("    ")
        else:
            # At once, not in the background: a quick hand has typed on before that is done.
            found = list(buffer.completer.get_completions(buffer.document, CompleteEvent(completion_requested=True)))
            if len(found) == 1:
                buffer.apply_completion(found[0])
            else:
                buffer.start_completion(insert_common_part=True)

    @keys.add("escape", "enter")
    def new_line(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    return keys


def _history() -> History:
    """The entries of all sessions, in the person's own folder; of this one only, where that cannot be written."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    try:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "catamnesis"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / "history"
        file.touch(mode=0o600)
        with file.open("a"):
            return FileHistory(str(file))
    except (OSError, RuntimeError):
        return InMemoryHistory()


def lenient_streams() -> None:
    """Read queries as UTF-8, whatever the terminal is in, and have it show a mark for what it lacks."""
    with suppress(AttributeError):
        sys.stdin.reconfigure(encoding="utf-8-sig")  # type: ignore[union-attr]
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
