"""`relevo reset`: forgets everything that a state folder holds."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from relevo.commands.options import State
from relevo.errors import CommandError
from relevo_local.places.state import AlreadyRunning, hold, supervisor_pid

MARKS = ("lock", "ports.json", "processes.json", "first-start")
"""What shows that a folder is one of ours, and not somebody's home."""


def reset(
    state: State,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Forget all batches, models, runs and events."""
    if not state.exists():
        typer.echo(f"there is no {state}: nothing to forget")
        return
    check(state)
    question = f"Delete {state.resolve()} with all its batches, models, runs and events?"
    if not yes and not agreed(question):
        raise CommandError("nothing was deleted: it takes a `y`, or --yes")
    try:
        with hold(state):
            shutil.rmtree(state)
    except AlreadyRunning as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{state} could not be deleted as a whole: {error}") from error
    typer.echo(f"deleted {state}: `relevo up` begins anew")


def agreed(question: str) -> bool:
    """What the person answers; without a person it is a no."""
    try:
        return typer.confirm(question)
    except typer.Abort:
        typer.echo()
        return False


def check(state: Path) -> None:
    """Raises CommandError for a folder that is in use, or is not one of ours."""
    if (pid := supervisor_pid(state)) is not None:
        raise CommandError(
            f"a platform runs from {state} (process {pid}): stop it first by `relevo down`"
        )
    if any(state.iterdir()) and not any((state / mark).exists() for mark in MARKS):
        raise CommandError(f"{state} is no state folder of relevo's: nothing was deleted")
