"""The command line: arguments, exit codes, and mistakes told on standard error. `timeline.commands` does the rest."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence

from timeline.commands import COMMANDS
from timeline.errors import QueryError, TimelineError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the result is the exit code."""
    # A command makes hundreds of thousands of objects that it keeps: looking through them for garbage, as often as
    # Python does by itself, takes a tenth of its time. A study of a hundred definitions stays below this number.
    gc.set_threshold(1_000_000, 20, 20)
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except TimelineError as error:
        print(error if isinstance(error, QueryError) else f"error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted; nothing that was acknowledged is lost", file=sys.stderr)
        return INTERRUPTED
    return code


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    found = argparse.ArgumentParser(
        prog="timeline",
        description="An event-sourced store of patients' histories, with a language for cohorts and endpoints.",
        epilog="timeline COMMAND --help says more, with an example.",
    )
    found.add_argument("--version", action=_Version)
    commands = found.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.summary,
            description=f"{command.summary}. {command.about}".strip(),
            epilog=f"example:\n{command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return found


class _Version(argparse.Action):
    """Prints the version when asked, without looking it up otherwise."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and stop")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"timeline (catamnesis) {version('catamnesis')}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
