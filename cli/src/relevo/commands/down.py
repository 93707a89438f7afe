"""`relevo down` and `relevo reset`: ends a platform; forgets everything that it holds."""

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from relevo.commands.options import State
from relevo.errors import CommandError
from relevo_local.places.state import AlreadyRunning, hold, is_state, supervisor_pid

PATIENCE_SECONDS = 30.0


def down(state: State) -> None:
    """Stop everything, and wait until it is gone."""
    pid = supervisor_pid(state)
    if not pid:
        typer.echo(f"nothing runs from {state}")
        return
    began = time.monotonic()
    try:
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(pid, signal.SIGTERM)
    except PermissionError as error:
        text = f"process {pid} runs {state} under another account: stop it from there"
        raise CommandError(text) from error
    while supervisor_pid(state):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise CommandError(
                f"process {pid} was asked to end {PATIENCE_SECONDS:g} s ago and still runs"
                f" {state}: see what it says, or end it by `kill -9 {pid}`"
            )
        time.sleep(0.1)
    typer.echo(f"stopped everything from {state} in {time.monotonic() - began:.1f} s")


def reset(
    state: State,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Forget all batches, models, runs and events."""
    if not state.exists():
        typer.echo(f"there is no {state}: nothing to forget")
        return
    check(state)
    question = f"Delete {state} with all its batches, models, runs and events?"
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
    if any(state.iterdir()) and not is_state(state):
        raise CommandError(f"{state} is no state folder of relevo's: nothing was deleted")
