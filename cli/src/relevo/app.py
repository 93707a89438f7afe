"""The commands put together, and the one place where errors become a line."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from relevo.commands import batches, data, dataset, dead_letters, kafka, keys, source
from relevo.commands.backup import backup, restore
from relevo.commands.down import down, reset
from relevo.commands.events import events
from relevo.commands.history import history
from relevo.commands.logs import logs
from relevo.commands.models import hold, promote, resume, rollback
from relevo.commands.options import explain
from relevo.commands.sql import sql
from relevo.commands.status import status
from relevo.commands.up import up
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo_contracts import OutageError
from relevo_contracts.errors import first_line
from relevo_operations.errors import OperationError


class OneLineErrors(TyperGroup):
    """A group whose errors are one line on the error stream, and an exit code."""

    def main(self, *args: Any, **options: Any) -> None:
        """Run a command and end the process with its exit code."""
        code = 1
        try:
            code = super().main(*args, **options | {"standalone_mode": False})
        except CommandError as error:
            tell(str(error))
            code = error.code
        except OperationError as error:
            tell(str(error))
        except OutageError as error:
            tell(
                f"{first_line(error)}; `relevo status` shows what runs, and its options"
                " or RELEVO_* name another platform's addresses"
            )
        except TyperException as error:  # asked wrongly: unknown option, missing argument
            command = getattr(getattr(error, "ctx", None), "command_path", "relevo")
            tell(f"{first_line(error)} (`{command} --help` explains)")
            code = error.exit_code
        except typer.Abort:
            tell("stopped")
        except Exception as error:
            if Settings().traceback:
                raise
            kind = type(error).__name__
            tell(f"a fault of relevo's own: {kind}: {first_line(error)}")
            tell("RELEVO_TRACEBACK=1 shows where")
        sys.exit(code if isinstance(code, int) else 0)


def tell(text: str) -> None:
    """One line on the error stream."""
    typer.echo(f"relevo: {text}", err=True)


def start(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", help="which relevo this is")
    ] = False,
) -> None:
    """Without a command: which there are."""
    if show_version:
        typer.echo(f"relevo {version('relevo')}")
        raise typer.Exit
    explain(context)


def build_app() -> typer.Typer:
    """The command `relevo`."""
    app = typer.Typer(
        name="relevo",
        cls=OneLineErrors,
        help="Models retrained and relieved by events: the platform from your terminal.",
        invoke_without_command=True,
        callback=start,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in (up, status, events, sql, logs, history, down, reset, backup, restore):
        app.command()(command)
    for deed in (rollback, promote, hold, resume, batches.replay):
        app.command()(deed)
    app.command(context_settings=kafka.PASSED_THROUGH)(kafka.kafka)
    app.add_typer(batches.app, name="batches")
    app.add_typer(dead_letters.app, name="dead-letters")
    app.add_typer(dataset.app, name="dataset")
    app.add_typer(source.app, name="source")
    app.add_typer(data.app, name="data")
    app.add_typer(keys.app, name="keys")
    # What libraries log would be written into the picture; what matters is told in words.
    logging.getLogger().addHandler(logging.NullHandler())
    return app
