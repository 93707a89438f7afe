"""`relevo status`: what runs, how far each batch has come, who serves what."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from relevo.addresses import find, results_of, unseen
from relevo.commands.options import Json, Kafka, State
from relevo.errors import CommandError
from relevo.inside import run_inside
from relevo.settings import Settings
from relevo.stored import find_stored
from relevo.view.addresses import addresses_as_json, for_a_shell
from relevo.view.consoles import wide_console
from relevo.view.scene import Scene
from relevo.view.status import as_json, whole
from relevo_local.places.state import supervisor_pid
from relevo_local.supervising.processes import ProcessStatus, read_processes
from relevo_story.sources.looking import look
from relevo_story.telling.story import Story


def status(
    state: State,
    kafka: Kafka = None,
    as_one_json: Json = False,
    addresses: Annotated[
        bool,
        typer.Option(
            "--addresses", help="store and catalog with their keys, for a shell or pandas"
        ),
    ] = False,
    kubernetes: Annotated[
        bool,
        typer.Option(
            "--kubernetes", help="of the platform in the cluster that kubectl is set up for"
        ),
    ] = False,
) -> None:
    """What runs, where the batches are, who serves what."""
    if kubernetes:
        raise typer.Exit(run_inside("status", *["--json"] * as_one_json))
    if addresses:
        stored = find_stored(Settings(), state=state)
        typer.echo(addresses_as_json(stored) if as_one_json else for_a_shell(stored))
        return
    try:
        where = find(Settings(), state=state, kafka=kafka)
    except CommandError:
        if as_one_json:
            scene = Scene(story=Story(), now=datetime.now(UTC), state=state)
            typer.echo(json.dumps(as_json(scene), indent=1))
        raise
    story, unknown = asyncio.run(look(where, results_of))
    scene = Scene(
        story=story,
        now=datetime.now(UTC),
        state=state,
        where=where,
        processes=running(state),
        unknown=unseen(where) | unknown,
    )
    if as_one_json:
        typer.echo(json.dumps(as_json(scene), indent=1))
    else:
        console = wide_console()
        console.print(whole(scene, width=console.width))


def running(state: Path) -> list[ProcessStatus]:
    """The processes of the platform that runs from here; none when it is another's."""
    return read_processes(state) if supervisor_pid(state) is not None else []
