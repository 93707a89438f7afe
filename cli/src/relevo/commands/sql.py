"""`relevo sql`: one statement on the platform's rows, or a prompt for several."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import typer

from relevo.commands.options import State
from relevo.errors import CommandError
from relevo.settings import Settings
from relevo.stored import find_stored
from relevo.view.consoles import wide_console

if TYPE_CHECKING:
    from relevo_sql import Form, Warehouse


Shown = Literal["table", "csv", "parquet", "json"]
Format = Annotated[Shown, typer.Option("--format", help="how the answer is shown")]


def sql(
    state: State,
    statement: Annotated[
        str | None,
        typer.Argument(
            metavar="STATEMENT", help="else statements are asked for", show_default=False
        ),
    ] = None,
    shown: Format = "table",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="where to; parquet needs one", show_default=False
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="rows of a table")] = 1_000,
) -> None:
    """Ask the rows of every stage in SQL; read only.

    A schema per dataset with the views raw, clean, train, validation, test, quarantined,
    batches, verdicts and promotions: docs/sql.md.
    """
    stored = find_stored(Settings(), state=state)
    if shown == "table" and out is not None:
        raise CommandError("--out needs --format csv, parquet or json", code=2)
    if shown == "parquet" and out is None:
        raise CommandError("--format parquet needs --out FILE", code=2)
    if statement is None and shown != "table":
        raise CommandError("the prompt shows tables: --format needs a STATEMENT", code=2)
    with stored.open() as warehouse:
        if statement is None:
            from relevo.prompt import ask

            ask(warehouse, state, limit=limit)
        elif shown == "table":
            show(warehouse, statement, limit=limit)
        else:
            rows = write(warehouse, statement, shown, out)
            if out:
                typer.echo(f"{rows:,} rows in {out}", err=True)


def show(warehouse: "Warehouse", statement: str, *, limit: int) -> None:
    """The answer as a table. Raises CommandError, and OutageError."""
    from relevo.view.answer import table_of
    from relevo_sql import SqlError

    console = wide_console()
    try:
        answer = warehouse.query(statement, limit=limit)
    except SqlError as error:
        raise CommandError(str(error)) from error
    except RuntimeError as error:  # as DuckDB says it when Ctrl-C has come
        raise KeyboardInterrupt from error
    console.print(table_of(answer, width=console.width))


def write(
    warehouse: "Warehouse",
    statement: str,
    form: "Form",
    out: Path | None,
    *,
    seconds: float | None = None,
) -> int:
    """The whole answer into a file, which is not there when it fails; answers its rows.

    out: None is the standard output. Raises CommandError, and OutageError.
    """
    from relevo_sql import SqlError
    from relevo_sql.writing import write as write_rows

    unfinished = out.with_name(f".{out.name}.unfinished") if out else None
    try:
        with ExitStack() as stack:
            result = stack.enter_context(warehouse.run(statement, seconds=seconds))
            file: BinaryIO = sys.stdout.buffer
            if unfinished:
                stack.callback(unfinished.unlink, missing_ok=True)
                file = stack.enter_context(unfinished.open("wb"))
            rows = write_rows(result, file, form)
            file.flush()
            if unfinished and out:
                unfinished.replace(out)
            return rows
    except SqlError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{out or 'the output'} cannot be written: {error}") from error
