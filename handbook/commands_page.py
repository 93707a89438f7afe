"""docs/commands.md: every command of `relevo` with its arguments and options."""

from collections.abc import Iterator
from typing import Any

import typer

from handbook.tables import table
from relevo.app import build_app

PREFACE = """<!-- Made by `make generate` from the command itself; do not edit. -->

# Commands

`./relevo` in a checkout; `relevo COMMAND --help` says the same. An error is one line on
the error stream. Exit codes: 1 it did not work, 2 asked wrongly, 3 nothing runs. Which
platform is meant: the one of the state folder (`--state`, else `RELEVO_STATE`, else
`.relevo`), unless [variables](settings.md#the-command) name another.
"""


def commands_page() -> str:
    """The page as text."""
    command = typer.main.get_command(build_app())
    with command.make_context("relevo", [], resilient_parsing=True) as context:
        sections = list(_sections(command, context))
    return "\n".join([PREFACE, *sections])


def _sections(command: Any, context: Any) -> Iterator[str]:
    """One per command that does something, groups opened, in the order of the help."""
    for name in command.list_commands(context):
        each = command.get_command(context, name)
        with each.make_context(
            name, [], parent=context, resilient_parsing=True
        ) as its_context:
            if hasattr(each, "list_commands"):
                yield from _sections(each, its_context)
            else:
                yield _section(each, its_context)


def _section(command: Any, context: Any) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    text = f"## {context.command_path}\n\n{command.help}\n\n```\n{usage}\n```\n"
    records = [
        parameter.get_help_record(context)
        for parameter in command.get_params(context)
        if parameter.name != "help"
    ]
    rows = [(f"`{record[0]}`", record[1]) for record in records if record]
    return text + (f"\n{table(('argument or option', 'meaning'), rows)}" if rows else "")
