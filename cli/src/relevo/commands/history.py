"""`relevo history`: what people did, and who was promoted, with who and why."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from relevo.addresses import find
from relevo.commands.options import Json, State
from relevo.operating import open_history
from relevo.settings import Settings
from relevo.view.consoles import wide_console
from relevo.view.history import as_table
from relevo_operations.history import Told, all_told


def history(
    state: State,
    subject: Annotated[
        str | None,
        typer.Argument(metavar="[MODEL]", help="one model's, or one dead letter's"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="the newest so many")] = 50,
    as_one_json: Json = False,
) -> None:
    """What people did, and who was promoted, with who and why."""
    told = asyncio.run(_read(state, subject, limit))
    if as_one_json:
        entries = [
            {"kind": type(each).__name__.lower(), **each.model_dump(mode="json")}
            for each in told
        ]
        typer.echo(json.dumps(entries, indent=1))
    elif told:
        wide_console().print(as_table(told))
    else:
        typer.echo("nothing was promoted yet, and nobody did anything")


async def _read(state: Path, subject: str | None, limit: int) -> list[Told]:
    async with open_history(find(Settings(), state=state)) as catalog:
        return await all_told(catalog, subject=subject, limit=limit)
