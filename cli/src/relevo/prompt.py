"""The prompt of `relevo sql`: statements until Ctrl-D, with a history."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from relevo.commands.sql import show
from relevo.errors import CommandError
from relevo.view.answer import listing
from relevo.view.consoles import wide_console
from relevo_contracts import OutageError
from relevo_sql import Warehouse, saved_examples

HISTORY_LINES = 1_000
HELP = """\
A statement ends with ; and may have several lines. Ctrl-C stops it, Ctrl-D ends.
.tables [DATASET]  the views and their columns
.examples          statements to begin with
.help              this"""


def ask(warehouse: Warehouse, state: Path, *, limit: int) -> None:
    """Answer statements until the input ends. Raises OutageError before the first."""
    datasets = warehouse.datasets()
    if sys.stdin.isatty():
        typer.echo(f"schemas: {', '.join(datasets)}; .help explains")
    with history(state):
        while True:
            try:
                statement = next_statement()
                answer(warehouse, statement, limit=limit)
            except EOFError:
                return
            except KeyboardInterrupt:
                typer.echo()
            except (CommandError, OutageError) as error:
                typer.echo(f"{error}", err=True)


def answer(warehouse: Warehouse, statement: str, *, limit: int) -> None:
    """What a statement, or a word with a dot, is answered with."""
    word, _, rest = statement.rstrip("; ").partition(" ")
    if word == ".tables":
        wide_console().print(listing(warehouse.tables(), rest.strip() or None))
    elif word == ".examples":
        for example in saved_examples():
            typer.echo(f"-- {example.name}\n{example.sql}\n")
    elif word.startswith("."):
        typer.echo(HELP)
    else:
        show(warehouse, statement, limit=limit)


def next_statement() -> str:
    """Lines until one ends with ;. Raises EOFError where the input ends between two."""
    lines: list[str] = []
    while True:
        mark = ("  ... " if lines else "sql> ") if sys.stdin.isatty() else ""
        try:
            line = input(mark)
        except EOFError:
            if not lines:
                raise
            return "\n".join(lines)
        if line.strip() or lines:
            lines.append(line)
        if line.rstrip().endswith(";") or (len(lines) == 1 and line.startswith(".")):
            return "\n".join(lines)


@contextmanager
def history(state: Path) -> Iterator[None]:
    """The lines of earlier prompts, kept in the state folder where there is one."""
    if not sys.stdin.isatty():
        yield
        return
    import readline

    file = state / "sql-history"
    with suppress(OSError):
        readline.read_history_file(file)
    readline.set_history_length(HISTORY_LINES)
    try:
        yield
    finally:
        with suppress(OSError):
            readline.write_history_file(file)
