"""The subcommands of `timeline`, one module each, in the order in which `timeline --help` lists them."""

from timeline.commands import (
    batch,
    check,
    compact,
    corrections,
    create,
    declare,
    explain,
    export,
    figure,
    fmt,
    import_file,
    log,
    repl,
    run,
    show,
    sql,
    test,
    validate,
    verify,
)
from timeline.commands.base import Command

COMMANDS: tuple[Command, ...] = (
    create.COMMAND,
    import_file.COMMAND,
    show.COMMAND,
    corrections.AMEND,
    corrections.RETRACT,
    log.COMMAND,
    verify.COMMAND,
    compact.COMMAND,
    declare.COMMAND,
    validate.COMMAND,
    run.COMMAND,
    figure.COMMAND,
    repl.COMMAND,
    check.COMMAND,
    test.COMMAND,
    explain.COMMAND,
    export.COMMAND,
    batch.COMMAND,
    sql.COMMAND,
    fmt.COMMAND,
)

__all__ = ["COMMANDS", "Command"]
